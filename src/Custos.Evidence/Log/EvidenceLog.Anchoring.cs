// Anchoring (evidence-spec, section 12): every minute with new exhibits, at closing and on demand, others are asked to see the newest
// checkpoint. It runs beside the log's two threads and holds neither up but for putting a finished note in place, between two commits.
using System.Globalization;

namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    // By how much an authority's time may differ from ours before that is put on record (evidence-spec, section 12).
    static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(10);

    readonly SemaphoreSlim _anchoring = new(1);
    readonly SemaphoreSlim _anchorWake = new(0);
    readonly CancellationTokenSource _anchorStop = new();
    readonly Dictionary<string, TimeSpan> _clocks = new(StringComparer.Ordinal);
    IReadOnlyList<Neighbour> _neighbours = [];
    Task _anchorLoop = Task.CompletedTask;
    long _anchoredSize;

    // Owned by whoever holds _anchoring: what was anchored last, for those who were away.
    Published? _round;

    /// <summary>The witnesses and authorities that the log asks, and how each stands.</summary>
    public IReadOnlyList<NeighbourState> Neighbours => [.. _neighbours.Select(neighbour => neighbour.State)];

    /// <summary>Has the newest checkpoint seen by others, now: witnesses cosign it, authorities stamp it, and it is kept.</summary>
    /// <returns>Who saw it, and who did not. With nobody to ask, or nobody who answered, nothing is kept.</returns>
    /// <exception cref="EvidenceLogException">The log has stopped, or a witness shows another history of it.</exception>
    public async Task<Anchor> AnchorAsync(CancellationToken cancellation)
    {
        lock (_gate)
            NeedOpen_NeedsGate();
        await _anchoring.WaitAsync(cancellation);
        try
        {
            return await AskAsync(_published, _neighbours, cancellation);
        }
        finally
        {
            _anchoring.Release();
            // Whoever did not answer now is asked again by the loop, which has to look anew when.
            _anchorWake.Release();
        }
    }

    void StartAnchoring()
    {
        _neighbours =
        [
            .. WitnessRound.Clients(_options).Select(witness => new Neighbour(witness.Name, witness, null)),
            .. _options.Authorities.Select(authority => new Neighbour(authority.Name, null, authority)),
        ];
        if (_neighbours.Count == 0)
            return;
        _anchoredSize = _options.Anchors?.Sizes() is [.., var newest] ? newest : 0;
        _anchorLoop = AnchorLoopAsync(_anchorStop.Token);
    }

    async Task AnchorLoopAsync(CancellationToken stop)
    {
        var due = _options.Time.GetUtcNow() + _options.AnchorEvery;
        try
        {
            while (true)
            {
                var next = _neighbours.Select(neighbour => neighbour.AgainAt ?? due).Append(due).Min();
                var wait = next - _options.Time.GetUtcNow();
                if (wait > TimeSpan.Zero)
                    await WaitAsync(wait, stop);
                if (State != EvidenceLogState.Open)
                    return;
                await _anchoring.WaitAsync(stop);
                try
                {
                    var now = _options.Time.GetUtcNow();
                    var again = _neighbours.Where(neighbour => neighbour.AgainAt <= now).ToList();
                    if (now >= due)
                    {
                        due = now + _options.AnchorEvery;
                        // Those who are away keep their own pace; the others see the log's growth.
                        if (_published.Checkpoint.Size > _anchoredSize)
                            await AskAsync(_published, [.. _neighbours.Where(neighbour => neighbour.AgainAt is not { } at || at <= now)], stop);
                        else if (again.Count > 0)
                            await AskAsync(_round ?? _published, again, stop);
                    }
                    else if (again.Count > 0)
                    {
                        await AskAsync(_round ?? _published, again, stop);
                    }
                }
                catch (IOException)
                {
                    // The anchors cannot be read just now; the log has its own files, and the next round tries again.
                }
                finally
                {
                    _anchoring.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
        catch (EvidenceLogException)
        {
            // The log has been stopped, and says why to the next who asks.
        }
        catch (ObjectDisposedException)
        {
            // Closing, while a clock's distance was to be put on record.
        }
    }

    async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(Task.Delay(wait, _options.Time, either.Token), _anchorWake.WaitAsync(either.Token));
        await either.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Ends the loop, and at closing lets others see what came since. The log's threads have ended.</summary>
    async Task EndAnchoringAsync()
    {
        await _anchorStop.CancelAsync();
        await _anchorLoop;
        await _anchoring.WaitAsync();
        try
        {
            if (State == EvidenceLogState.Open && _neighbours.Count > 0 && _published.Checkpoint.Size > _anchoredSize)
                await AskAsync(_published, _neighbours, CancellationToken.None);
        }
        catch (Exception e) when (e is EvidenceLogException or IOException)
        {
            // Closing goes on; the next start asks the witnesses first, and is told the same.
        }

        _anchorStop.Dispose();
    }

    /// <summary>Asks some of those who are to see a checkpoint, and keeps what they gave. The caller holds <c>_anchoring</c>.</summary>
    async Task<Anchor> AskAsync(Published published, IReadOnlyList<Neighbour> asked, CancellationToken cancellation)
    {
        var (checkpoint, note) = (published.Checkpoint, published.Note);
        var missing = new List<string>();
        var reports = await Task.WhenAll(asked.Where(neighbour => neighbour.Witness is not null).Select(async neighbour =>
            (Neighbour: neighbour, Report: await neighbour.Witness!.CosignAsync(note, (old, stop) => Reader.ConsistencyAsync(old, checkpoint.Size, stop), cancellation))));
        var cosigned = note;
        foreach (var (neighbour, report) in reports)
        {
            switch (report)
            {
                case WitnessReport.Cosigned { Line: var line }:
                    cosigned = SignedNote.Of(cosigned.Text, [.. cosigned.Signatures.Where(known => (known.Name, known.KeyId) != (line.Name, line.KeyId)), line]);
                    neighbour.Answered(checkpoint.Size, _options.Time.GetUtcNow());
                    break;
                case WitnessReport.Seen { Shown: { } shown } when await WitnessRound.ContradictsAsync(_store, Now, shown, cancellation):
                    var why = WitnessRound.Contradicted(neighbour.Witness!.Name, Now, shown);
                    Stop(why);
                    throw why;
                case WitnessReport.Seen seen:
                    Missed(neighbour, string.Create(CultureInfo.InvariantCulture, $"it says that it has seen size {seen.Size}, does not cosign size {checkpoint.Size}, and shows nothing that this log signed"), missing);
                    break;
                case WitnessReport.Failed failed:
                    Missed(neighbour, failed.Why, missing);
                    break;
            }
        }

        // What was anchored at this size before stays as it is: stamps are over its bytes.
        var kept = _options.Anchors?.Read(checkpoint.Size)?.Checkpoint;
        var bytes = kept ?? cosigned.ToBytes();
        var stamps = await Task.WhenAll(asked.Where(neighbour => neighbour.Authority is not null).Select(async neighbour => (Neighbour: neighbour, Report: await neighbour.Authority!.StampAsync(bytes, cancellation))));
        var stamped = new List<(string, DateTimeOffset)>();
        var anchor = new Anchor(checkpoint, cosigned, _options.Policy?.Judge(cosigned, _options.Verifiers).SignedBy ?? [], stamped, missing);
        foreach (var (neighbour, report) in stamps)
        {
            if (report.Token is { } token)
                stamped.Add((neighbour.Authority!.Name, token.Time));
            else
                Missed(neighbour, report.Failure!, missing);
        }

        if (anchor.IsSeen)
            Keep(anchor, bytes, stamps);
        _round = new(checkpoint, cosigned);
        _anchoredSize = Math.Max(_anchoredSize, checkpoint.Size);
        if (cosigned.Signatures.Count > note.Signatures.Count)
            await PutInPlaceAsync(cosigned);
        foreach (var (neighbour, report) in stamps)
            await CompareClocksAsync(neighbour, report.Token);
        return anchor;
    }

    LogState Now => new(_published.Checkpoint.Size, _published.Checkpoint.Root);

    void Missed(Neighbour neighbour, string why, List<string> missing)
    {
        neighbour.Failed(why, _options.Time.GetUtcNow());
        missing.Add($"{neighbour.State.Name}: {why}");
    }

    // A disk that takes no anchor leaves the log as it is: the anchor is made again with the next one.
    void Keep(Anchor anchor, byte[] bytes, IReadOnlyList<(Neighbour Neighbour, StampReport Report)> stamps)
    {
        var size = anchor.Checkpoint.Size;
        try
        {
            _options.Anchors?.Keep(size, bytes);
            foreach (var (neighbour, report) in stamps)
            {
                if (report.Token is not { } token)
                    continue;
                _options.Anchors?.Keep(size, neighbour.Authority!.Name, token);
                neighbour.Answered(size, _options.Time.GetUtcNow());
            }
        }
        catch (DiskException e)
        {
            foreach (var (neighbour, report) in stamps.Where(stamp => stamp.Report.Token is not null))
                neighbour.Failed($"its stamp could not be kept ({e.Message})", _options.Time.GetUtcNow());
        }
    }

    /// <summary>If its size is still the newest, the cosigned note becomes the published one, between two commits.</summary>
    async Task PutInPlaceAsync(SignedNote cosigned)
    {
        if (_ended.Task.IsCompleted)
        {
            Replace(cosigned);
            return;
        }

        try
        {
            await AloneAsync(() => Replace(cosigned));
        }
        catch (ObjectDisposedException)
        {
            // Closing, which has a newer one seen and put in place.
        }
    }

    void Replace(SignedNote cosigned)
    {
        if (!cosigned.Text.SequenceEqual(_published.Note.Text))
            return;
        Wait(_store.PublishAsync(cosigned.ToBytes(), CancellationToken.None));
        _published = new(_published.Checkpoint, cosigned);
    }

    /// <summary>An authority's time that is far from ours is kept, and put on record: once, and again when the distance changes.</summary>
    async Task CompareClocksAsync(Neighbour neighbour, StampedToken? token)
    {
        if (token is null || _ended.Task.IsCompleted)
            return;
        var name = neighbour.Authority!.Name;
        var offset = token.Time - _options.Time.GetUtcNow();
        if (offset.Duration() <= ClockTolerance || (_clocks.TryGetValue(name, out var known) && (known - offset).Duration() < TimeSpan.FromMinutes(1)))
            return;
        _clocks[name] = offset;
        await RecordAsync(
            new()
            {
                Kind = CustodyKind.Clock,
                Actor = new() { Id = _options.Actor },
                Time = new() { Utc = token.Time, Source = name, OffsetMs = Math.Round(offset.TotalMilliseconds), AnchorSize = _anchoredSize },
            },
            CancellationToken.None);
    }
}
