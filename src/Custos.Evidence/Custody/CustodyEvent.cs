// Custody events (evidence-spec, section 11): an exhibit of kind custody.*, its content UTF-8 JSON with the fields below.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Custos.Evidence;

/// <summary>Where custody events are recorded.</summary>
public interface ICustodyLog
{
    /// <summary>Records a custody event and answers when it is durable and published.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped; the message says what is safe and what to do.</exception>
    ValueTask<Exhibit> RecordAsync(CustodyEvent custody, CancellationToken cancellation);
}

/// <summary>The kinds of custody events, without <c>custody.</c> in front.</summary>
public static class CustodyKind
{
    /// <summary>A file was taken in.</summary>
    public const string Imported = "imported";

    /// <summary>Live capture began.</summary>
    public const string CaptureStarted = "capture-started";

    /// <summary>Live capture ended.</summary>
    public const string CaptureEnded = "capture-ended";

    /// <summary>A clock's offset, or a step of our own.</summary>
    public const string Clock = "clock";

    /// <summary>A person opened content.</summary>
    public const string Viewed = "viewed";

    /// <summary>A person closed it again.</summary>
    public const string ViewEnded = "view-ended";

    /// <summary>A program read content.</summary>
    public const string Decrypted = "decrypted";

    /// <summary>A derivative was made.</summary>
    public const string Derived = "derived";

    /// <summary>A redacted derivative was made.</summary>
    public const string Redacted = "redacted";

    /// <summary>Content left.</summary>
    public const string Exported = "exported";

    /// <summary>Content was handed to someone.</summary>
    public const string Transferred = "transferred";

    /// <summary>Content came from someone.</summary>
    public const string Received = "received";

    /// <summary>Content came back.</summary>
    public const string Returned = "returned";

    /// <summary>A person's look-up showed this operation's data.</summary>
    public const string Consulted = "consulted";

    /// <summary>A person searched this operation's data.</summary>
    public const string Searched = "searched";

    /// <summary>A person listed this operation's data.</summary>
    public const string Listed = "listed";

    /// <summary>Something was sealed.</summary>
    public const string Sealed = "sealed";

    /// <summary>A key was rotated.</summary>
    public const string Rotated = "rotated";

    /// <summary>The log was verified.</summary>
    public const string Verified = "verified";

    /// <summary>Content is to be deleted; only the log says so.</summary>
    public const string DeletionOrdered = "deletion-ordered";

    /// <summary>Content was deleted; only the log says so.</summary>
    public const string Deleted = "deleted";

    /// <summary>An earlier event is corrected.</summary>
    public const string Corrected = "corrected";

    internal static IReadOnlySet<string> ByCallers { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        Imported, CaptureStarted, CaptureEnded, Clock, Viewed, ViewEnded, Decrypted, Derived, Redacted, Exported, Transferred, Received, Returned, Consulted, Searched, Listed, Sealed, Rotated, Verified, Corrected,
    };
}

/// <summary>A person in a custody event.</summary>
public sealed record CustodyPerson
{
    /// <summary>Pseudonym, as in the entry's actor: 1 to 32 of a-z, 0-9 and hyphen.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Role in the operation.</summary>
    public string? Role { get; init; }

    /// <summary>Unit.</summary>
    public string? Unit { get; init; }
}

/// <summary>Under what authority something was done.</summary>
public sealed record CustodyAuthority
{
    /// <summary>Reference of the order or authorisation.</summary>
    public string? Ref { get; init; }

    /// <summary>From when it holds.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when it holds.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>Whether it held when the act was done.</summary>
    public bool? ValidThen { get; init; }
}

/// <summary>When, by which clock.</summary>
public sealed record CustodyTime
{
    /// <summary>The time.</summary>
    public DateTimeOffset? Utc { get; init; }

    /// <summary>Whose clock.</summary>
    public string? Source { get; init; }

    /// <summary>That clock's offset, in milliseconds.</summary>
    public double? OffsetMs { get; init; }

    /// <summary>Its uncertainty, in milliseconds.</summary>
    public double? UncertaintyMs { get; init; }

    /// <summary>Size of the newest anchored checkpoint.</summary>
    public long? AnchorSize { get; init; }
}

/// <summary>Where.</summary>
public sealed record CustodyPlace
{
    /// <summary>The site.</summary>
    public string? Site { get; init; }

    /// <summary>The machine.</summary>
    public string? Host { get; init; }
}

/// <summary>With which program.</summary>
public sealed record CustodyTool
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public string? Version { get; init; }

    /// <summary>Hash of the program.</summary>
    public string? BuildSha256 { get; init; }

    /// <summary>Hash of its settings.</summary>
    public string? SettingsSha256 { get; init; }
}

/// <summary>What went in or came out.</summary>
public sealed record CustodyObject
{
    /// <summary>Its hash.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its length, in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Its declared type.</summary>
    public string? Mime { get; init; }
}

/// <summary>An unavoidable change.</summary>
public sealed record CustodyChange
{
    /// <summary>What changed.</summary>
    public required string What { get; init; }

    /// <summary>Why.</summary>
    public string? Why { get; init; }
}

/// <summary>To whom something went.</summary>
public sealed record CustodyRecipient
{
    /// <summary>The receiver.</summary>
    public required string Name { get; init; }

    /// <summary>How it was sent.</summary>
    public string? Method { get; init; }

    /// <summary>What the receiver gave for it.</summary>
    public string? Receipt { get; init; }
}

/// <summary>What a verification found.</summary>
public sealed record CustodyVerification
{
    /// <summary>Leaves of the tree that was verified.</summary>
    public long? TreeSize { get; init; }

    /// <summary>The result, in a word.</summary>
    public string? Result { get; init; }
}

/// <summary>A stretch of the log, both ends inside.</summary>
public sealed record CustodyRange
{
    /// <summary>Leaf index of the first exhibit.</summary>
    public required long From { get; init; }

    /// <summary>Leaf index of the last.</summary>
    public required long Through { get; init; }

    /// <summary>Whether an exhibit is inside.</summary>
    public bool Holds(long index) => index >= From && index <= Through;
}

/// <summary>How something was looked at.</summary>
public sealed record CustodyViewing
{
    /// <summary>How long.</summary>
    public double? Seconds { get; init; }

    /// <summary>Whether what is blurred by default was revealed.</summary>
    public bool? Revealed { get; init; }
}

/// <summary>One act upon exhibits: who, when, where, why, under which authority, with what.</summary>
public sealed record CustodyEvent
{
    /// <summary>One of <see cref="CustodyKind"/>; stands in the entry, not in the content.</summary>
    [JsonIgnore]
    public string Kind { get; init; } = "";

    /// <summary>The exhibits concerned, by leaf index. The first sixteen stand in the entry too.</summary>
    public IReadOnlyList<long>? Exhibits { get; init; }

    /// <summary>The exhibits concerned, where they are a stretch of the log and not a list.</summary>
    public CustodyRange? Range { get; init; }

    /// <summary>The first exhibit of the thing.</summary>
    public long? RootExhibit { get; init; }

    /// <summary>The case.</summary>
    public string? Case { get; init; }

    /// <summary>Who did it.</summary>
    public required CustodyPerson Actor { get; init; }

    /// <summary>Who else had to agree.</summary>
    public CustodyPerson? SecondPerson { get; init; }

    /// <summary>Under what authority.</summary>
    public CustodyAuthority? Authority { get; init; }

    /// <summary>Why.</summary>
    public string? Purpose { get; init; }

    /// <summary>When, where the log's own time is not enough.</summary>
    public CustodyTime? Time { get; init; }

    /// <summary>Where.</summary>
    public CustodyPlace? Place { get; init; }

    /// <summary>With which program.</summary>
    public CustodyTool? Tool { get; init; }

    /// <summary>What went in.</summary>
    public IReadOnlyList<CustodyObject>? Input { get; init; }

    /// <summary>What came out.</summary>
    public IReadOnlyList<CustodyObject>? Output { get; init; }

    /// <summary>The root exhibit's last custody event.</summary>
    public long? Previous { get; init; }

    /// <summary>What was unavoidably changed.</summary>
    public CustodyChange? Change { get; init; }

    /// <summary>To whom it went.</summary>
    public CustodyRecipient? Recipient { get; init; }

    /// <summary>What was verified.</summary>
    public CustodyVerification? Verification { get; init; }

    /// <summary>How it was looked at.</summary>
    public CustodyViewing? Viewing { get; init; }

    /// <summary>Under which disclosure rule.</summary>
    public string? Disclosure { get; init; }

    /// <summary>What was deleted, and what had left before.</summary>
    public CustodyDeletion? Deletion { get; init; }

    /// <summary>The event that this one corrects.</summary>
    public long? Corrects { get; init; }

    /// <summary>The content of the exhibit: UTF-8 JSON.</summary>
    public byte[] ToContent() => JsonSerializer.SerializeToUtf8Bytes(this, CustodyJson.Default.CustodyEvent);

    /// <summary>Reads a custody event.</summary>
    /// <exception cref="FormatException">The exhibit is none, or its content is malformed.</exception>
    public static CustodyEvent Parse(Exhibit exhibit)
    {
        ArgumentNullException.ThrowIfNull(exhibit);
        if (!exhibit.Entry.Kind.StartsWith("custody.", StringComparison.Ordinal))
            throw new FormatException($"{exhibit.Number} is of kind {exhibit.Entry.Kind}, not a custody event.");
        try
        {
            return Parse(exhibit.Content.Span, exhibit.Entry.Kind[8..]) ?? throw new FormatException($"{exhibit.Number} holds no custody event.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"{exhibit.Number} holds no custody event: its JSON breaks off at byte {e.BytePositionInLine}.", e);
        }
    }

    /// <summary>Reads the content of a custody event that was taken from the log before.</summary>
    /// <param name="content">UTF-8 JSON.</param>
    /// <param name="kind">Its kind, without <c>custody.</c>.</param>
    /// <returns>Null if the content is the word null.</returns>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public static CustodyEvent? Parse(ReadOnlySpan<byte> content, string kind) =>
        JsonSerializer.Deserialize(content, CustodyJson.Default.CustodyEvent) is { } parsed ? parsed with { Kind = kind } : null;

    internal NewExhibit ToExhibit(long size)
    {
        var about = (Exhibits ?? []).Concat(Corrects is { } c ? [c] : []).Where(index => index >= 0 && index < size).Distinct().Order().Take(EntryText.MaxAbout);
        return new("custody." + Kind, Actor.Id, ToContent()) { About = [.. about.Select(index => new ExhibitNumber(index))] };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CustodyEvent))]
sealed partial class CustodyJson : JsonSerializerContext;
