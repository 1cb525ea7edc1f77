using Custos.Casework;
using Custos.Pipeline;
using Custos.Storage;

namespace Custos.Server.Client;

/// <summary>The alerts of one operation, kept as long as nothing was recorded that could change them.</summary>
/// <remarks>Reading two thousand from the index takes seconds on a small machine, and every stretch of the queue that scrolls into view asks for them.</remarks>
sealed class AlertBoard(OperationIndex index, LogFiles files) : IDisposable
{
    // Looking at so many entries is quicker than reading the alerts again.
    const int MostEntries = 512;

    readonly SemaphoreSlim _gate = new(1);

    // Guarded by the gate.
    IReadOnlyList<StoredAlert>? _alerts;
    (long Indexed, long Settled, DerivedFrom? From) _asOf;

    internal async ValueTask<IReadOnlyList<StoredAlert>> ReadAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            // Asked first: what is indexed while the alerts are read makes them old, never the reverse.
            var position = await index.PositionAsync(cancellation);
            var now = (position.IndexedUpTo, position.SettledUpTo, position.From);
            var since = _alerts is null ? Since.Anything : now == _asOf ? Since.NothingOfUse : await SinceAsync(now, cancellation);
            _alerts = since switch
            {
                Since.NothingOfUse => _alerts!,
                Since.Decisions => Decide(_alerts!, await index.DecisionsAsync(cancellation)),
                _ => await index.AlertsAsync(cancellation),
            };
            _asOf = now;
            return _alerts;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    // Reading content is recorded, and changes no alert; a decision changes what became of one; everything else may make new ones.
    async ValueTask<Since> SinceAsync((long Indexed, long Settled, DerivedFrom? From) now, CancellationToken cancellation)
    {
        // From what was settled, not only indexed: what was between the two then is part of the alerts only now.
        var from = Math.Min(_asOf.Indexed, _asOf.Settled);
        // Of another vocabulary they are other alerts, even where the index stands at the same exhibit.
        if (now.From != _asOf.From || now.Indexed < _asOf.Indexed || now.Indexed - from > MostEntries)
            return Since.Anything;
        var since = Since.NothingOfUse;
        await foreach (var entry in files.EntriesAsync(index.Operation.Value, new(from), now.Indexed - from, cancellation))
        {
            if (IndexedKinds.IsDecision(entry.Kind))
                since = Since.Decisions;
            else if (!IndexedKinds.IsCustody(entry.Kind))
                return Since.Anything;
        }

        return since;
    }

    static List<StoredAlert> Decide(IReadOnlyList<StoredAlert> alerts, IReadOnlyList<StoredDecision> decisions)
    {
        var last = new Dictionary<AlertAddress, StoredDecision>();
        foreach (var decision in decisions)
        {
            IReadOnlyList<AlertAddress> about = decision.Decision switch
            {
                AlertDismissed dismissed => [dismissed.Alert],
                AlertDeferred deferred => [deferred.Alert],
                AlertReopened reopened => [reopened.Alert],
                CaseOpened opened => opened.Alerts,
                _ => [],
            };
            foreach (var alert in about)
                last[alert] = decision;
        }

        return [.. alerts.Select(alert => last.TryGetValue(alert.Address, out var decision) ? alert with { Decided = decision } : alert)];
    }

    enum Since
    {
        NothingOfUse,
        Decisions,
        Anything,
    }
}
