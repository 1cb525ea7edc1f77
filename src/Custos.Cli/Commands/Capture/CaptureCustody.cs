using Custos.Evidence;

namespace Custos.Cli.Commands.Capture;

/// <summary>A live capture in the chain of custody (evidence-spec, section 11): its beginning is on record before its first exhibit, its end with the stretch of the log that it filled.</summary>
/// <remarks>A capture that records nothing, because it is not permitted or was never let in, leaves no event. A beginning without an end is a crash.</remarks>
/// <param name="log">Where the capture records.</param>
/// <param name="custody">Where its custody is recorded.</param>
/// <param name="what">Who captures, with what, what.</param>
sealed class CaptureCustody(IExhibitLog log, ICustodyLog custody, CustodyEvent what) : IExhibitLog
{
    // One queue appends, one call after the other: no lock.
    ExhibitNumber? _began;
    ExhibitNumber? _first;
    ExhibitNumber? _last;

    public async ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation) => (await AppendAsync(new[] { exhibit }, cancellation))[0];

    public async ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
    {
        _began ??= (await custody.RecordAsync(what with { Kind = CustodyKind.CaptureStarted }, cancellation)).Number;
        var recorded = await log.AppendAsync(exhibits, cancellation);
        if (recorded.Count > 0)
            (_first, _last) = (_first ?? recorded[0].Number, recorded[^1].Number);
        return recorded;
    }

    /// <summary>Puts the end on record, once the last exhibit is durable.</summary>
    /// <param name="why">Why it ended, in a word.</param>
    internal async Task EndAsync(string why)
    {
        if (_began is not { } began)
            return;
        await custody.RecordAsync(
            what with
            {
                Kind = CustodyKind.CaptureEnded,
                Purpose = $"{what.Purpose}; ended: {why}",
                Range = _first is { } first && _last is { } last ? new() { From = first.LeafIndex, Through = last.LeafIndex } : null,
                Previous = began.LeafIndex,
            },
            CancellationToken.None);
    }
}
