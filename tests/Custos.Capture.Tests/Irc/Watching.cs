using Custos.Authority;
using Custos.Capture.Gaps;
using Custos.Capture.Irc;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Irc;

/// <summary>A capture that runs beside a test, and whose events the test can wait for.</summary>
sealed class Watching : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Lock _gate = new();
    readonly List<CaptureEvent> _seen = [];
    readonly List<(CaptureEventName Name, int Count, TaskCompletionSource<CaptureEvent> Seen)> _awaited = [];

    internal Watching(IrcOptions options, IExhibitLog? log = null, Authorization? authorization = null)
    {
        Log = log as KeepingLog ?? new KeepingLog();
        Capture = new(options, authorization ?? Permitting(options.Address), log ?? Log, TimeProvider.System, Observe);
        Ended = Capture.RunAsync(_stop.Token);
    }

    internal KeepingLog Log { get; }

    internal IrcCapture Capture { get; }

    internal Task<IrcOutcome> Ended { get; }

    /// <summary>An authorisation that covers the room, for an hour around now or until a moment of the test's choosing.</summary>
    internal static Authorization Permitting(IrcAddress address, DateTimeOffset? until = null, Act act = Act.Observe) => new()
    {
        Operation = new("op-lantern"),
        Authority = new("Example Unit", null, null),
        LegalBasis = [new("Example Act", "section 1")],
        Window = new(TimeProvider.System.GetUtcNow().AddHours(-1), until ?? TimeProvider.System.GetUtcNow().AddHours(1), "UTC"),
        Material = new(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1), "UTC"),
        Venues = [new(address.Venue, VenueKind.ChatRoom)],
        Personas = [],
        Acts = [act],
        Signatories = [new("A. Example", "supervisor", new(2026, 11, 25))],
    };

    internal static IrcOptions Options(int port, string room = "#room", string nick = "watcher") => new()
    {
        Address = new("127.0.0.1", port, false, room),
        Nick = nick,
        Actor = new("irc-1"),
        Seed = 7,
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>Waits until an event has happened so many times.</summary>
    internal Task<CaptureEvent> HappensAsync(CaptureEventName name, int count = 1)
    {
        lock (_gate)
        {
            var all = _seen.FindAll(happened => happened.Event == name);
            if (all.Count >= count)
                return Task.FromResult(all[count - 1]);
            var seen = new TaskCompletionSource<CaptureEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((name, count, seen));
            return seen.Task.WaitAsync(Limits.Patience);
        }
    }

    internal async Task<IrcOutcome> StopAsync()
    {
        await _stop.CancelAsync();
        return await EndsAsync();
    }

    internal Task<IrcOutcome> EndsAsync() => Ended.WaitAsync(Limits.Patience);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    void Observe(CaptureEvent happened)
    {
        lock (_gate)
        {
            _seen.Add(happened);
            for (var i = _awaited.Count - 1; i >= 0; i--)
            {
                if (_awaited[i].Name != happened.Event || _seen.Count(seen => seen.Event == happened.Event) < _awaited[i].Count)
                    continue;
                _awaited[i].Seen.TrySetResult(happened);
                _awaited.RemoveAt(i);
            }
        }
    }
}
