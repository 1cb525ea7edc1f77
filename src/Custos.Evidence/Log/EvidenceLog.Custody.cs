// What the log tells of one exhibit (evidence-spec, section 11): itself a look-up, so it is recorded before anything is opened.
namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    /// <summary>The chain of custody of one exhibit. That it was looked up is recorded, as <c>custody.consulted</c>, before an event is opened.</summary>
    /// <param name="number">The exhibit.</param>
    /// <param name="access">Who asks, and why.</param>
    /// <param name="cancellation">Stops between bundles.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such exhibit.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped or is damaged.</exception>
    public async ValueTask<CustodyChain> CustodyOfAsync(ExhibitNumber number, Access access, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentOutOfRangeException.ThrowIfNegative(number.LeafIndex, nameof(number));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number.LeafIndex, Size, nameof(number));
        await RecordAsync(
            new()
            {
                Kind = CustodyKind.Consulted,
                Exhibits = [number.LeafIndex],
                RootExhibit = number.LeafIndex,
                Actor = access.Person,
                Authority = access.Authority,
                Purpose = access.Purpose,
                Case = access.Case,
            },
            cancellation);
        // The look-up itself stands in the chain, so that the page accounts for itself.
        var checkpoint = Checkpoint;
        await using var opener = OpenBundles(parts: false);
        var book = await CustodyBook.ReadAsync(Reader, opener, number.LeafIndex, checkpoint.Size, cancellation);
        return await ChainAsync(book, opener, number.LeafIndex, checkpoint, cancellation);
    }

    internal BundleOpener OpenBundles(bool parts) => new(_store, _ring, _options.Origin, parts);

    internal static async ValueTask<CustodyChain> ChainAsync(CustodyBook book, BundleOpener opener, long index, Checkpoint checkpoint, CancellationToken cancellation)
    {
        // Its record is read for what became of the content, which stays closed.
        var (entry, state, order) = await opener.StateAsync(index, checkpoint.Size, cancellation);
        return new()
        {
            Exhibit = new(index),
            Entry = entry,
            Checkpoint = checkpoint,
            State = state,
            DeletedBy = order is { } deletedBy ? new ExhibitNumber(deletedBy) : null,
            Steps = book.StepsOf(index, entry),
            Related = book.RelatedTo(index),
        };
    }
}
