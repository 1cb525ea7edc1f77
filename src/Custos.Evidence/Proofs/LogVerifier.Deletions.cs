// Lawful deletion, as the verifier sees it (evidence-spec, section 10): what is gone was ordered, by two persons, with a reason and under
// an authority, and no hold forbade it. What an order and a hold say is sealed: without keys only their entries are looked at.
using System.Text.Json;

namespace Custos.Evidence;

public sealed partial class LogVerifier
{
    const string Ordered = "custody." + CustodyKind.DeletionOrdered;

    readonly HashSet<long> _orders = [];
    readonly SortedDictionary<long, CustodyEvent> _ordered = [];
    readonly List<(long Index, long Order, long Owner)> _deleted = [];
    readonly List<(long Index, IReadOnlyList<long>? Exhibits)> _holds = [];
    readonly Dictionary<long, long> _lifted = [];

    /// <summary>A record without content: under an order that may delete it, which is looked at when all orders are known.</summary>
    void Deleted(long index, long order, string path, ReadOnlyMemory<byte>? entry)
    {
        var owner = index;
        if (entry is { } leaf && EntryText.Read(leaf.Span, out var kind, out _, out _, out var about, out _, out _) is null)
        {
            if (kind is "recording.part" or "recording.closed" && about.Length == 1)
                owner = about[0].LeafIndex;
            else if (EntryText.IsReserved(kind) && kind != "recording.opened")
                Wrong(DiscrepancyKind.ContentMissing, path, new(index), $"the content is gone, and no order may delete what is of kind {kind}");
        }

        _deleted.Add((index, order, owner));
    }

    void Order(long index, ReadOnlySpan<byte> content)
    {
        CustodyEvent? order = null;
        try
        {
            order = CustodyEvent.Parse(content, CustodyKind.DeletionOrdered);
        }
        catch (JsonException)
        {
            // Said below.
        }

        if (order is null)
            Wrong(DiscrepancyKind.ContentWrong, null, new(index), "the order cannot be read");
        else
            _ordered[index] = order;
    }

    void Hold(long index, string kind, ReadOnlySpan<byte> content)
    {
        if (HoldContent.TryParse(content) is not { } hold)
            Wrong(DiscrepancyKind.ContentWrong, null, new(index), "the hold cannot be read, so it is not known what it held");
        else if (kind == HoldContent.Set)
            _holds.Add((index, hold.Exhibits));
        else if (hold.Hold is { } lifted)
            _lifted.TryAdd(lifted, index);
    }

    void Orders()
    {
        foreach (var (index, order, owner) in _deleted)
        {
            var path = "content/" + TilePath.NumberPath(index >> 8);
            if (!_orders.Contains(order) || order < index)
                Wrong(DiscrepancyKind.ContentMissing, path, new(index), $"the content is gone, and {new ExhibitNumber(order)} is no order for it");
            else if (_ordered.TryGetValue(order, out var custody) && custody.Exhibits?.Contains(owner) != true)
                Wrong(DiscrepancyKind.ContentMissing, path, new(index), $"the content is gone, and the order {new ExhibitNumber(order)} does not list it");
            else if (_holds.Find(hold => hold.Index < order && !(_lifted.TryGetValue(hold.Index, out var lifting) && lifting > hold.Index && lifting < order) && Holds(hold.Exhibits, index, owner)) is { Index: > 0 } held)
                Wrong(DiscrepancyKind.OrderWrong, path, new(index), $"the content is gone under the order {new ExhibitNumber(order)}, while the hold {new ExhibitNumber(held.Index)} forbade it");
        }

        foreach (var (order, custody) in _ordered)
        {
            if (DeletionOrder.Lacks(custody) is { } lacking)
                Wrong(DiscrepancyKind.OrderWrong, null, new(order), $"the order to delete {lacking}");
        }

        // What is gone and accounted for is said by order, so that a reader can go and look who gave it.
        foreach (var order in _deleted.GroupBy(record => record.Order).OrderBy(group => group.Key))
            _notices.Add(Text($"{order.Count()} contents were deleted under the order {new ExhibitNumber(order.Key)}; their entries and proofs remain."));
        var gone = _deleted.Select(record => record.Index).ToHashSet();
        foreach (var (order, custody) in _ordered)
        {
            if (custody.Exhibits?.Any(index => !gone.Contains(index)) == true)
                _notices.Add($"The order {new ExhibitNumber(order)} is not carried out whole: its next start finishes it.");
        }

        if (_deleted.Count > 0 && _keys is null)
            _notices.Add("Without keys it was not read what the orders to delete say, nor whether a hold forbade them.");
        if (_options.Keys?.DestroyedBy is { } closing)
            _notices.Add($"The operation's key was destroyed when {closing} closed it: contents were counted, and nothing opens them.");
    }

    static bool Holds(IReadOnlyList<long>? held, long index, long owner) => held is null || held.Contains(index) || held.Contains(owner);
}
