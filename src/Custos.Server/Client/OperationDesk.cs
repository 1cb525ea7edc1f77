using System.Collections.Concurrent;
using Custos.Authority;
using Custos.Console.Client;
using Custos.Evidence;
using Custos.Pipeline;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Server.Client;

/// <summary>Opens operations when a page needs them and lets go of those that none has needed for a while, so that an import can run beside the console.</summary>
public sealed class OperationDesk : IAsyncDisposable
{
    // Long enough that a reader at work is not slowed by opening, short enough that an import need not wait long.
    static readonly TimeSpan IdleRelease = TimeSpan.FromSeconds(20);

    readonly Workspace _workspace;
    readonly TimeProvider _time;
    readonly ITimer _sweep;
    readonly SemaphoreSlim _gate = new(1);

    readonly ConcurrentDictionary<string, OperationIndex> _indexes = new(StringComparer.Ordinal);

    readonly ConcurrentDictionary<string, AlertBoard> _boards = new(StringComparer.Ordinal);

    // The first exhibit of an operation never changes.
    readonly ConcurrentDictionary<string, Authorization> _authorizations = new(StringComparer.Ordinal);

    // Guarded by the gate.
    readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    bool _closed;

    int _disposed;

    readonly CancellationTokenSource _closing = new();
    Task _behind = Task.CompletedTask;

    /// <summary>A desk over a data folder, which stays the caller's.</summary>
    public OperationDesk(Workspace workspace, TimeProvider time)
    {
        _workspace = workspace;
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    internal Workspace Workspace => _workspace;

    internal PackWorkshop Packs { get; } = new();

    internal IReadOnlyList<string> Operations() => [.. _workspace.Operations().Select(slug => slug.Value)];

    /// <summary>The index of an operation, to read: the operation need not be free for that.</summary>
    internal OperationIndex Index(string operation) => _indexes.GetOrAdd(operation, name => _workspace.Index(new(name)));

    /// <summary>The alerts of an operation.</summary>
    internal ValueTask<IReadOnlyList<StoredAlert>> AlertsAsync(string operation, CancellationToken cancellation) =>
        _boards.GetOrAdd(operation, name => new(Index(name), new(_workspace.Folder, _time))).ReadAsync(cancellation);

    /// <summary>What is permitted in an operation, or why it cannot be said now.</summary>
    internal async ValueTask<(Authorization? Authorization, string? Note)> AuthorizationAsync(string operation, CancellationToken cancellation)
    {
        if (_authorizations.TryGetValue(operation, out var known))
            return (known, null);
        try
        {
            await using var lease = await EnterAsync(operation, cancellation);
            return (_authorizations[operation] = lease.Room.Authorization, null);
        }
        catch (RefusedException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Opens every operation once, so that its index catches up with its log; one that another process holds is left to it.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        foreach (var operation in Operations())
        {
            try
            {
                await using var lease = await EnterAsync(operation, cancellation);
                _authorizations[operation] = lease.Room.Authorization;
                await lease.Room.SettleAsync(cancellation);
                await AlertsAsync(operation, cancellation);
            }
            catch (Exception e) when (e is RefusedException or IndexUnavailableException or OperationCanceledException)
            {
                // The pages say so where it matters: the index is behind, or the operation is at work elsewhere.
            }
        }
    }

    /// <summary>The same, while pages go on: after a pack was published.</summary>
    internal void CatchUpBehind() => _behind = Task.WhenAll(_behind, Task.Run(() => CatchUpAsync(_closing.Token)));

    internal async Task<OperationLease> EnterAsync(string operation, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            // Another pack was published since: nobody is in there, so it is opened again, and derived again with it.
            if (_places.TryGetValue(operation, out var place) && place.Leases == 0 && place.Room.PackHash != _workspace.Packs.InForce().Hash)
            {
                _places.Remove(operation);
                await place.Room.DisposeAsync();
                place = null;
            }

            if (place is null)
            {
                if (!OperationSlug.TryParse(operation, out var slug))
                    throw new RefusedException("There is no operation of that name. Nothing was changed.");
                place = new(await _workspace.OpenOperationAsync(slug, cancellation));
                _places.Add(operation, place);
            }

            place.Leases++;
            return new(place.Room, () => Leave(place));
        }
        catch (Exception e) when (e is WorkspaceException or EvidenceLogException)
        {
            throw new RefusedException(e.Message, e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets go of every operation.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _sweep.DisposeAsync();
        await _closing.CancelAsync();
        await Packs.DisposeAsync();
        await _behind;
        _closing.Dispose();
        await _gate.WaitAsync();
        try
        {
            _closed = true;
            foreach (var place in _places.Values)
                await place.Room.DisposeAsync();
            _places.Clear();
            foreach (var board in _boards.Values)
                board.Dispose();
            foreach (var index in _indexes.Values)
                index.Dispose();
        }
        finally
        {
            _gate.Release();
        }
    }

    async ValueTask Leave(Place place)
    {
        await _gate.WaitAsync();
        place.Leases--;
        place.LastLeft = _time.GetTimestamp();
        _gate.Release();
    }

    async void Sweep()
    {
        // A sweep that finds the desk at work leaves it for the next one.
        if (!await _gate.WaitAsync(0))
            return;
        try
        {
            foreach (var (operation, place) in _places.Where(p => p.Value.Leases == 0 && _time.GetElapsedTime(p.Value.LastLeft) >= IdleRelease).ToList())
            {
                _places.Remove(operation);
                await place.Room.DisposeAsync();
            }
        }
        catch (EvidenceLogException)
        {
            // It stopped earlier, and whoever appended was told; the next opening finds what is there.
        }
        finally
        {
            _gate.Release();
        }
    }

    sealed class Place(OperationRoom room)
    {
        internal OperationRoom Room { get; } = room;

        internal int Leases { get; set; }

        internal long LastLeft { get; set; }
    }
}

/// <summary>An operation, in use until disposed.</summary>
sealed class OperationLease(OperationRoom room, Func<ValueTask> leave) : IAsyncDisposable
{
    internal OperationRoom Room { get; } = room;

    public ValueTask DisposeAsync() => leave();
}
