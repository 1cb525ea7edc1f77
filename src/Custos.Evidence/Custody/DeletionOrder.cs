namespace Custos.Evidence;

/// <summary>An order to delete content (evidence-spec, section 10). Its entry, its proof and the order itself remain.</summary>
public sealed record DeletionOrder
{
    /// <summary>The most exhibits of one order, so that order and account fit into an exhibit each.</summary>
    public const int MostExhibits = 4_000;

    /// <summary>Whose content is deleted. A recording is named by the exhibit that opened it, and goes whole.</summary>
    public required IReadOnlyList<ExhibitNumber> Exhibits { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Under which authority; its reference is required.</summary>
    public required CustodyAuthority Authority { get; init; }

    /// <summary>Who carries it out.</summary>
    public required CustodyPerson Actor { get; init; }

    /// <summary>Who else agreed; another person than the actor.</summary>
    public required CustodyPerson SecondPerson { get; init; }

    /// <summary>What was done with copies of the key folder that are older than the deletion: with one of the operation's folder they open the content again.</summary>
    public string KeyCopies { get; init; } = "unknown";

    /// <summary>With which program.</summary>
    public CustodyTool? Tool { get; init; }

    internal CustodyEvent ToCustody() => new()
    {
        Kind = CustodyKind.DeletionOrdered,
        Exhibits = [.. Exhibits.Select(exhibit => exhibit.LeafIndex).Distinct().Order()],
        Actor = Actor,
        SecondPerson = SecondPerson,
        Authority = Authority,
        Purpose = Reason,
        Tool = Tool,
        Deletion = new() { KeyCopies = KeyCopies },
    };

    /// <summary>What an order lacks, as given or as recorded; null if nothing.</summary>
    internal static string? Lacks(CustodyEvent order) =>
        order.Exhibits is not { Count: > 0 } exhibits ? "names no exhibit"
        : exhibits.Count > MostExhibits ? $"names more than {MostExhibits} exhibits; give several orders"
        : string.IsNullOrWhiteSpace(order.Purpose) ? "gives no reason"
        : string.IsNullOrWhiteSpace(order.Authority?.Ref) ? "cites no authority"
        : order is not { Actor.Id: { } first, SecondPerson.Id: { } second } || first == second ? "names no second person: who carries it out and who agreed must be two"
        : !EntryText.IsActor(first) || !EntryText.IsActor(second) ? "names a person by something else than 1 to 32 of a-z, 0-9 and hyphen"
        : null;
}

/// <summary>What a deletion did: part of <c>custody.deleted</c>.</summary>
public sealed record CustodyDeletion
{
    /// <summary>The exhibit that ordered it.</summary>
    public long? Order { get; init; }

    /// <summary>Exhibits whose content is gone, parts of recordings included.</summary>
    public long? Count { get; init; }

    /// <summary>Recordings whose key was destroyed, by the exhibit that opened them.</summary>
    public IReadOnlyList<long>? Recordings { get; init; }

    /// <summary>Content bundles that were sealed anew.</summary>
    public IReadOnlyList<long>? Bundles { get; init; }

    /// <summary>For each of them the generation whose key was destroyed.</summary>
    public IReadOnlyList<uint>? Generations { get; init; }

    /// <summary>Custody events by which some of it had left before: their receivers must be told.</summary>
    public IReadOnlyList<long>? EarlierExports { get; init; }

    /// <summary>What was done with older copies of the key folder.</summary>
    public string? KeyCopies { get; init; }
}

/// <summary>What a deletion did.</summary>
/// <param name="Order">The exhibit that orders it.</param>
/// <param name="Recorded">The exhibit that says it was done.</param>
/// <param name="Done">What was done.</param>
public sealed record DeletionResult(ExhibitNumber Order, Exhibit Recorded, CustodyDeletion Done);
