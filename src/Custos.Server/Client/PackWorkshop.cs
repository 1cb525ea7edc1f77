using Custos.Console.Client;
using Custos.Detection;
using Custos.Evidence;
using Custos.Server.Workspaces;

namespace Custos.Server.Client;

/// <summary>What everyone at one console shares of the vocabulary: one change at a time, and one trial.</summary>
sealed class PackWorkshop : IAsyncDisposable
{
    readonly Lock _gate = new();

    // Guarded by the gate. A folder is read again when its files are others.
    readonly Dictionary<string, Pack> _packs = new(StringComparer.Ordinal);
    PackTrialView? _trial;
    CancellationTokenSource? _stop;
    Task _running = Task.CompletedTask;

    /// <summary>Held while the changed pack is written or published.</summary>
    internal SemaphoreSlim Changing { get; } = new(1);

    internal PackTrialView? Trial
    {
        get
        {
            lock (_gate)
                return _trial;
        }
    }

    /// <summary>A pack, read once for each state of its files.</summary>
    internal Pack Load(string directory)
    {
        var hash = Pack.HashOf(directory);
        lock (_gate)
        {
            if (_packs.TryGetValue(hash, out var known))
                return known;
        }

        var pack = Pack.Load(directory);
        lock (_gate)
        {
            // The pack in force and the changed one, now and before the last change.
            if (_packs.Count >= 4)
                _packs.Clear();
            _packs[pack.Hash] = pack;
        }

        return pack;
    }

    internal void Start(OperationDesk desk, string operation, Pack inForce, Pack candidate, MachineRun run)
    {
        lock (_gate)
        {
            if (_trial is { State: PackTrialState.Running })
                throw new RefusedException("A trial is under way. Nothing was started. Stop it first.");
            _stop?.Dispose();
            _stop = new();
            _trial = new(operation, candidate.Hash, PackTrialState.Running, 0, 0, null, null, [], 0);
            _running = Task.Run(() => RunAsync(desk, operation, inForce, candidate, run, _stop.Token));
        }
    }

    internal void Stop()
    {
        lock (_gate)
            _stop?.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _running;
        _stop?.Dispose();
        Changing.Dispose();
    }

    async Task RunAsync(OperationDesk desk, string operation, Pack inForce, Pack candidate, MachineRun run, CancellationToken cancellation)
    {
        try
        {
            await using var lease = await desk.EnterAsync(operation, cancellation);
            var trial = new PackTrialRun(inForce, candidate, lease.Room, run);
            var report = await trial.RunAsync((read, of) => Tell(view => view with { Read = read, Of = of }), cancellation);
            Tell(view => view with { State = PackTrialState.Done, Report = report, Rules = ByRule(report), Days = trial.Days });
        }
        catch (OperationCanceledException)
        {
            Tell(view => view with { State = PackTrialState.Stopped });
        }
        catch (Exception e) when (e is RefusedException or EvidenceLogException or ObjectDisposedException)
        {
            Tell(view => view with { State = PackTrialState.Failed, Trouble = e is ObjectDisposedException ? "The console was stopped." : e.Message });
        }
    }

    void Tell(Func<PackTrialView, PackTrialView> change)
    {
        lock (_gate)
            _trial = change(_trial!);
    }

    static List<PackTrialRule> ByRule(PackShadowReport report) =>
    [
        .. report.Rules.Select(rule => rule.Rule).Concat(report.Gained.Concat(report.Lost).SelectMany(alert => alert.Rules)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(id => new PackTrialRule(
                id, report.Rules.FirstOrDefault(rule => rule.Rule == id)?.Published ?? 0, report.Rules.FirstOrDefault(rule => rule.Rule == id)?.Candidate ?? 0,
                report.Gained.Count(alert => alert.Rules.Contains(id, StringComparer.Ordinal)), report.Lost.Count(alert => alert.Rules.Contains(id, StringComparer.Ordinal)))),
    ];
}
