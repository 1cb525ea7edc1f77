using System.Text;
using Custos.Evidence;
using Custos.Storage;

namespace Custos.Server.Workspaces;

/// <summary>A deletion that was ordered and done, as the index holds it.</summary>
/// <param name="Order">The exhibit of the order.</param>
/// <param name="At">When the order was recorded.</param>
/// <param name="Authority">The reference it cites.</param>
/// <param name="Exhibits">Exhibits whose content is gone, parts of recordings included.</param>
public sealed record RecordedDeletion(ExhibitNumber Order, DateTimeOffset At, string Authority, long Exhibits)
{
    /// <summary>Every deletion of an operation, in the order of the log.</summary>
    /// <param name="room">The operation.</param>
    /// <param name="cancel">Stops.</param>
    public static async ValueTask<IReadOnlyList<RecordedDeletion>> OfAsync(OperationRoom room, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(room);
        var orders = (await room.Index.ActsAsync("custody." + CustodyKind.DeletionOrdered, cancel)).ToDictionary(act => act.Exhibit);
        var deletions = new List<RecordedDeletion>();
        foreach (var done in await room.Index.ActsAsync("custody." + CustodyKind.Deleted, cancel))
        {
            // What the index holds of a custody event is its content, as the log wrote it (docs/formats/deletion.md).
            if (Event(done)?.Deletion is not { Order: { } number } deletion || !orders.TryGetValue(new(number), out var order))
                continue;
            deletions.Add(new(order.Exhibit, order.At, Event(order)?.Authority?.Ref ?? "unknown", deletion.Count ?? 0));
        }

        return deletions;

        static CustodyEvent? Event(StoredAct act) => act.Custody is { } content ? CustodyEvent.Parse(Encoding.UTF8.GetBytes(content), act.Kind["custody.".Length..]) : null;
    }
}
