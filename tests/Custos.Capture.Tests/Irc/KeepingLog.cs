using System.Runtime.CompilerServices;
using System.Text;
using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Irc;

/// <summary>A log that keeps what it is given and can be told to wait or to fail.</summary>
sealed class KeepingLog : IExhibitLog, IExhibitReader
{
    readonly ScratchLog _numbers = new(TimeProvider.System);
    readonly Lock _gate = new();
    readonly List<Exhibit> _kept = [];
    readonly Dictionary<SourceId, Exhibit> _sources = [];
    readonly List<(Func<Exhibit, bool> Wanted, TaskCompletionSource<Exhibit> Seen)> _awaited = [];
    TaskCompletionSource? _held;
    Exception? _failure;

    public IReadOnlyList<Exhibit> Kept
    {
        get
        {
            lock (_gate)
                return [.. _kept];
        }
    }

    public long Size => Kept.Count;

    public async IAsyncEnumerable<Exhibit> ReadAsync(ExhibitNumber from, long count, MachineRun run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var exhibit in Kept.Skip((int)from.LeafIndex))
        {
            if (count-- == 0)
                yield break;
            yield return exhibit;
        }

        await Task.CompletedTask;
    }

    public void Hold()
    {
        lock (_gate)
            _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Release()
    {
        lock (_gate)
        {
            _held?.SetResult();
            _held = null;
        }
    }

    public void FailWith(Exception failure)
    {
        lock (_gate)
            _failure = failure;
    }

    public Task<Exhibit> RecordsAsync(Func<Exhibit, bool> wanted)
    {
        lock (_gate)
        {
            if (_kept.Find(exhibit => wanted(exhibit)) is { } kept)
                return Task.FromResult(kept);
            var seen = new TaskCompletionSource<Exhibit>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((wanted, seen));
            return seen.Task.WaitAsync(Limits.Patience);
        }
    }

    public async ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation) =>
        (await AppendAsync(new[] { exhibit }, cancellation))[0];

    public async ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
    {
        Task? held;
        lock (_gate)
            held = _held?.Task;
        if (held is not null)
            await held;
        lock (_gate)
        {
            if (_failure is not null)
                throw _failure;
            var recorded = new Exhibit[exhibits.Length];
            for (var i = 0; i < recorded.Length; i++)
            {
                // As the operation's log does: the same source again is the same exhibit.
                var source = exhibits.Span[i].Source;
                if (source != SourceId.None && _sources.TryGetValue(source, out var first))
                {
                    recorded[i] = first;
                    continue;
                }

                recorded[i] = _numbers.Append(exhibits.Span[i]);
                _kept.Add(recorded[i]);
                if (source != SourceId.None)
                    _sources[source] = recorded[i];
                for (var j = _awaited.Count - 1; j >= 0; j--)
                {
                    if (!_awaited[j].Wanted(recorded[i]))
                        continue;
                    _awaited[j].Seen.TrySetResult(recorded[i]);
                    _awaited.RemoveAt(j);
                }
            }

            return recorded;
        }
    }
}

static class Limits
{
    /// <summary>How long a test waits for what must happen before it fails. Nothing is measured by it.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);
}

/// <summary>What was recorded, as a test looks at it.</summary>
static class Recorded
{
    internal static (CaptureHeader Header, string Line) Line(Exhibit exhibit)
    {
        RecordedForm.TryRead(exhibit.Content, out var header, out var received).ShouldBeTrue();
        return (header!, Encoding.Latin1.GetString(received.Span));
    }

    /// <summary>When it arrived, by our clock.</summary>
    internal static DateTimeOffset ArrivedAt(Exhibit exhibit)
    {
        SpokenAt.TryParse(Line(exhibit).Header.At, out var at).ShouldBeTrue();
        return at.Instant!.Value;
    }

    internal static byte[] Bytes(Exhibit exhibit)
    {
        RecordedForm.TryRead(exhibit.Content, out _, out var received).ShouldBeTrue();
        return received.ToArray();
    }

    internal static IEnumerable<Exhibit> OfKind(this IEnumerable<Exhibit> exhibits, params string[] kinds) =>
        exhibits.Where(exhibit => kinds.Contains(exhibit.Entry.Kind));

    /// <summary>The lines received, in order, whatever kind they are.</summary>
    internal static IEnumerable<Exhibit> Received(this IEnumerable<Exhibit> exhibits) =>
        exhibits.OfKind(CaptureKinds.Chat, CaptureKinds.Presence, CaptureKinds.Line);

    internal static IReadOnlyList<CaptureEvent> Events(this IEnumerable<Exhibit> exhibits) =>
        [.. exhibits.OfKind(CaptureKinds.Connection, CaptureKinds.Gap).Select(exhibit =>
        {
            CaptureEvent.TryParse(exhibit.Content.Span, out var happened).ShouldBeTrue();
            return happened!;
        })];
}
