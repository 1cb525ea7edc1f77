// The order of the stages (architecture.md, life of a message):
//   append (the log's group commit) -> acknowledge -> decode and read, in parallel -> track, in order -> index, in batches.
// One road: exhibits just appended and exhibits read back from the log go through the same steps, so a start after a crash,
// a rebuild and an ordinary day run the same code.
using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Detection;
using Custos.Evidence;

namespace Custos.Pipeline;

/// <summary>What the pipeline of one operation is made of.</summary>
/// <param name="Log">The evidence log.</param>
/// <param name="Index">The index.</param>
/// <param name="Decoder">Finds the decoder of a format.</param>
/// <param name="Identity">Reads selectors and proposes subjects at rest; null to leave that out.</param>
/// <param name="Time">The clock by which a failed index is tried again.</param>
/// <param name="Options">How much is held between the steps.</param>
public sealed record PipelineParts(
    EvidenceLog Log,
    IOperationIndex Index,
    Func<string, IMessageDecoder?> Decoder,
    IdentityPass? Identity,
    TimeProvider Time,
    PipelineOptions Options);

/// <summary>The stages in order, behind the face of a log: what is appended here is acknowledged when durable, then detected and indexed.</summary>
public sealed class OperationPipeline : IExhibitLog, ICustodyLog, IAsyncDisposable
{
    // 512 bytes an exhibit on top of its content, as the log counts its own pool (evidence-spec, section 6).
    const int PerExhibit = 512;

    readonly PipelineParts _parts;
    readonly IDetection _detection;
    readonly Throttle _throttle;
    readonly CancellationTokenSource _stop = new();

    // Each step's input. What flows is bounded by the throttle; the channels' own bounds keep the steps near each other.
    readonly Channel<Work> _received = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    readonly Channel<Work> _reading = Channel.CreateBounded<Work>(new BoundedChannelOptions(4) { SingleReader = true, SingleWriter = true });
    readonly Channel<Work> _indexing = Channel.CreateBounded<Work>(new BoundedChannelOptions(8) { SingleReader = true, SingleWriter = true });

    // Guards the order of appends against the order of their answers, and the state of the index.
    readonly Lock _gate = new();
    IndexHealth _health;
    bool _closing;
    TaskCompletionSource _troubled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Owned by the follower.
    long _next;
    bool _stateStands;
    bool _unsettled;
    readonly List<Followed> _chunk = [];
    long _chunkWeight;

    readonly ConcurrentBag<IDetectionReader> _readers = [];

    // Owned by the tracking step.
    readonly Derivation _derivation;
    readonly long _settledUpTo;
    long _passed;

    Task _running = Task.CompletedTask;

    OperationPipeline(PipelineParts parts, IDetection detection, IndexPosition position)
    {
        _parts = parts;
        _detection = detection;
        _throttle = new(parts.Options.Bytes);
        _derivation = new(detection);
        _next = _passed = position.IndexedUpTo;
        _stateStands = position.IndexedUpTo == 0;
        _settledUpTo = position.SettledUpTo;
        _unsettled = position.SettledUpTo < position.IndexedUpTo;
        _health = new(IndexState.Following, position.IndexedUpTo, null, 0);
    }

    /// <summary>How the index stands.</summary>
    public IndexHealth Health
    {
        get
        {
            lock (_gate)
                return _health;
        }
    }

    /// <summary>Why the index was derived again at the start; null if it was not.</summary>
    public string? Rederived { get; private init; }

    internal long Held => _throttle.Used;

    /// <summary>Starts a pipeline. What was recorded and is not in the index yet goes first; an index that something else derived is derived again.</summary>
    public static Task<OperationPipeline> StartAsync(PipelineParts parts, DetectionEngine engine, CancellationToken cancellation) => StartAsync(parts, new EngineDetection(engine, parts.Options), cancellation);

    internal static async Task<OperationPipeline> StartAsync(PipelineParts parts, IDetection detection, CancellationToken cancellation)
    {
        var from = detection.From with { Selectors = parts.Identity?.Version ?? "" };
        var position = await parts.Index.PositionAsync(cancellation);
        var reason = await WhyAgainAsync(parts, position, from, cancellation);
        if (reason is not null)
        {
            await parts.Index.ResetAsync(from, cancellation);
            position = new(0, null, 0, from);
        }

        var pipeline = new OperationPipeline(parts, detection, position) { Rederived = position.IndexedUpTo == 0 && reason?.Length > 0 ? reason : null };
        pipeline.Run(position);
        return pipeline;
    }

    /// <inheritdoc/>
    public async ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation) =>
        (await AppendAsync(new[] { exhibit }, cancellation))[0];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation) =>
        exhibits.IsEmpty ? new([]) : FollowedAsync(WeightOf(exhibits.Span), () => _parts.Log.AppendAsync(exhibits, cancellation).AsTask(), cancellation);

    /// <inheritdoc/>
    public async ValueTask<Exhibit> RecordAsync(CustodyEvent custody, CancellationToken cancellation) =>
        (await FollowedAsync(PerExhibit, async () => [await _parts.Log.RecordAsync(custody, cancellation)], cancellation))[0];

    /// <summary>Indexes what the log recorded by itself, such as a person's opening of an exhibit.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (_health.State == IndexState.Following)
                _received.Writer.TryWrite(Work.LookAtTheLog);
        }
    }

    /// <summary>Waits until everything recorded so far is detected and searchable.</summary>
    /// <exception cref="IndexUnavailableException">The index cannot be written now; everything is recorded, and it catches up later.</exception>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task troubled;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            troubled = _troubled.Task;
            if (_health.State == IndexState.Following)
                _received.Writer.TryWrite(new Work(settled));
        }

        await await Task.WhenAny(settled.Task, troubled).WaitAsync(cancellation);
    }

    /// <summary>Indexes what was appended, if the index can be written, and lets go. Never throws for the index: it catches up at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        bool behind;
        lock (_gate)
        {
            if (_closing)
                return;
            _closing = true;
            // So that the next start finds nothing half done.
            _received.Writer.TryWrite(new Work(new TaskCompletionSource()));
            _received.Writer.TryComplete();
            behind = _health.State != IndexState.Following;
        }

        if (behind)
            await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Why the rows must be derived again; empty if there are none yet; null if they stand.</summary>
    static async ValueTask<string?> WhyAgainAsync(PipelineParts parts, IndexPosition position, DerivedFrom from, CancellationToken cancellation)
    {
        if (position.From is null)
            return "";
        if (position.From != from)
            return string.Create(CultureInfo.InvariantCulture, $"The index was derived by {Name(position.From)}; this program is {Name(from)}. It is derived again from the log.");
        if (position.IndexedUpTo > parts.Log.Size)
            return string.Create(CultureInfo.InvariantCulture, $"The index holds {position.IndexedUpTo} exhibits, the log {parts.Log.Size}. It is derived again from the log.");
        if (position.LastLeaf is { } leaf && Merkle.Leaf((await parts.Log.Reader.EntryAsync(new(position.IndexedUpTo - 1), cancellation)).Bytes.Span) != leaf)
            return "The index is of another log than the one in this folder. It is derived again from the log.";
        return null;
    }

    static string Name(DerivedFrom from) => string.Create(CultureInfo.InvariantCulture, $"{from.Engine}, pack {Short(from.Pack)}, model {Short(from.Model)}, selectors {Short(from.Selectors)}, step {from.Derivation}");

    static string Short(string hash) => hash.StartsWith("sha256:", StringComparison.Ordinal) && hash.Length > 15 ? hash[..15] : hash;

    async ValueTask<IReadOnlyList<Exhibit>> FollowedAsync(long weight, Func<Task<IReadOnlyList<Exhibit>>> append, CancellationToken cancellation) =>
        await await _throttle.EnterAsync(weight, () => Append(weight, append), cancellation);

    // Runs under the throttle's gate and takes this one's inside it; nothing may take them the other way round.
    (Task<IReadOnlyList<Exhibit>> Answer, bool Holds) Append(long weight, Func<Task<IReadOnlyList<Exhibit>>> append)
    {
        lock (_gate)
        {
            if (_closing)
                return (Task.FromException<IReadOnlyList<Exhibit>>(new ObjectDisposedException(nameof(OperationPipeline))), false);
            // Under the gate, so that the order in which the log numbers is the order in which the follower looks.
            var answer = append();
            // An index that cannot be written is handed nothing: it reads the log when it can, and memory does not grow.
            return (answer, _health.State == IndexState.Following && _received.Writer.TryWrite(new Work(answer, weight)));
        }
    }

    static long WeightOf(ReadOnlySpan<NewExhibit> exhibits)
    {
        long weight = 0;
        foreach (var exhibit in exhibits)
            weight += PerExhibit + exhibit.Content.Length;
        return weight;
    }

    void Run(IndexPosition position)
    {
        // What was recorded and not indexed when the last process ended comes first.
        if (position.IndexedUpTo < _parts.Log.Size)
            _received.Writer.TryWrite(Work.LookAtTheLog);
        _running = Task.WhenAll(
            GuardAsync(FollowAsync, _reading.Writer),
            GuardAsync(TrackAsync, _indexing.Writer),
            GuardAsync(IndexAsync, null));
    }

    async Task GuardAsync(Func<CancellationToken, Task> step, ChannelWriter<Work>? output)
    {
        await Task.Yield();
        try
        {
            await step(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Closed while the index was behind: the next start catches up.
        }
#pragma warning disable CA1031 // whatever failed, recording must go on and say so
        catch (Exception e)
#pragma warning restore CA1031
        {
            Trouble(IndexState.Stopped, $"Indexing stopped: {e.GetType().Name}: {e.Message} Everything is recorded; the next start catches up from the log.", e);
            _stop.Cancel();
        }
        finally
        {
            output?.TryComplete();
        }
    }

    // ---- follow: what was appended, in the order of the log; what is missing in between is read back ----
    async Task FollowAsync(CancellationToken cancellation)
    {
        await foreach (var work in _received.Reader.ReadAllAsync(cancellation))
        {
            switch (work.Kind)
            {
                case WorkKind.Appended:
                    await FollowAppendAsync(work, cancellation);
                    break;
                case WorkKind.Look:
                    await ReadBackAsync(_parts.Log.Size, cancellation);
                    break;
                case WorkKind.Settle:
                    await ReadBackAsync(_parts.Log.Size, cancellation);
                    // A process that ended between indexing and settling left this to do.
                    if (_unsettled && !_stateStands)
                        await BringStateAsync(cancellation);
                    _unsettled = false;
                    await PassChunkAsync(cancellation);
                    await _reading.Writer.WriteAsync(work, cancellation);
                    break;
                case WorkKind.Chunk:
                    throw new InvalidOperationException("A chunk is made here.");
            }

            // A chunk grows while more waits, so that it is large under load and prompt when it is quiet.
            if (!_received.Reader.TryPeek(out _))
                await PassChunkAsync(cancellation);
        }

        await PassChunkAsync(cancellation);
    }

    async Task FollowAppendAsync(Work work, CancellationToken cancellation)
    {
        IReadOnlyList<Exhibit> exhibits;
        try
        {
            exhibits = await work.Answer!;
        }
#pragma warning disable CA1031 // its caller was told; here it only means that there is nothing to index
        catch (Exception)
#pragma warning restore CA1031
        {
            _throttle.Leave(work.Weight);
            return;
        }

        var weight = work.Weight;
        foreach (var exhibit in exhibits)
        {
            // A repeated source id answers with an exhibit that was followed before.
            if (exhibit.Number.LeafIndex < _next)
                continue;
            if (exhibit.Number.LeafIndex > _next)
                await ReadBackAsync(exhibit.Number.LeafIndex, cancellation);
            if (!_stateStands && IndexedKinds.NeedsState(exhibit.Entry.Kind))
                await BringStateAsync(cancellation);
            var own = PerExhibit + exhibit.Content.Length;
            weight -= own;
            await AddAsync(Followed.Of(exhibit), own, cancellation);
        }

        if (weight > 0)
            _throttle.Leave(weight);
    }

    /// <summary>Reads from the log what did not come by: recorded before this process, by the log itself, or while the index could not be written.</summary>
    async Task ReadBackAsync(long upTo, CancellationToken cancellation)
    {
        if (_next >= upTo)
            return;
        await foreach (var (number, entry) in _parts.Log.Reader.EntriesAsync(new(_next), upTo - _next, cancellation))
        {
            if (entry.Kind != IndexedKinds.Decrypted)
                break;
            await AddAsync(new(number, entry, null), 0, cancellation);
        }

        if (_next >= upTo)
            return;
        var run = new MachineRun(_parts.Options.Actor, "custos index", "derive the index") { Authority = _parts.Options.Authority };
        await foreach (var exhibit in _parts.Log.ReadAsync(new(_next), upTo - _next, run, cancellation))
        {
            if (!_stateStands && IndexedKinds.NeedsState(exhibit.Entry.Kind))
                await BringStateAsync(cancellation);
            await AddAsync(Followed.Of(exhibit), 0, cancellation);
        }
    }

    async Task AddAsync(Followed followed, long weight, CancellationToken cancellation)
    {
        _chunk.Add(followed);
        _chunkWeight += weight;
        _next = followed.Number.LeafIndex + 1;
        if (_chunk.Count >= _parts.Options.Chunk)
            await PassChunkAsync(cancellation);
    }

    async Task PassChunkAsync(CancellationToken cancellation)
    {
        if (_chunk.Count == 0)
            return;
        var chunk = new Chunk([.. _chunk], _chunkWeight, replay: false);
        _chunk.Clear();
        _chunkWeight = 0;
        await _reading.Writer.WriteAsync(new Work(Task.Run(() => Read(chunk), cancellation)), cancellation);
    }

    /// <summary>Brings conversation state to where the index stands, by observing again what is indexed.</summary>
    async Task BringStateAsync(CancellationToken cancellation)
    {
        _stateStands = true;
        // What waits in the chunk needs no state, or this would have run before.
        await PassChunkAsync(cancellation);
        var run = new MachineRun(_parts.Options.Actor, "custos index", "bring conversation state to where the index stands") { Authority = _parts.Options.Authority };
        var exhibits = new List<Followed>(_parts.Options.Chunk);
        await foreach (var exhibit in _parts.Log.ReadAsync(new(0), _next, run, cancellation))
        {
            exhibits.Add(Followed.Of(exhibit));
            // A chunk ends where settling ended, so that what changed before it is known to be in the index.
            if (exhibits.Count >= _parts.Options.Chunk || exhibit.Number.LeafIndex + 1 == _settledUpTo)
                await PassAsync();
        }

        if (exhibits.Count > 0)
            await PassAsync();

        async Task PassAsync()
        {
            var chunk = new Chunk([.. exhibits], 0, replay: true);
            exhibits.Clear();
            await _reading.Writer.WriteAsync(new Work(Task.Run(() => Read(chunk), cancellation)), cancellation);
        }
    }

    // ---- decode and read: any thread, no state ----
    Chunk Read(Chunk chunk)
    {
        if (!_readers.TryTake(out var reader))
            reader = _detection.NewReader();
        foreach (var followed in chunk.Exhibits)
        {
            if (followed.Entry.Kind != CaptureKinds.Chat)
                continue;
            var exhibit = followed.Exhibit!;
            // Deleted by order: nothing is left to read, and nothing is wrong with it.
            if (exhibit.DeletedBy is not null)
                continue;
            if (!RecordedForm.TryRead(exhibit.Content, out var header, out var received)
                || _parts.Decoder(header!.Format) is not { } decoder
                || decoder.Decode(header, received.Span) is not { } message)
            {
                chunk.Undecoded++;
                continue;
            }

            var start = exhibit.Content.Length - received.Length;
            chunk.Messages.Add(new(exhibit.Number, message, header.Format, header.File, header.Offset, start, received.Length));
            chunk.Readings.Add(reader.Read(new RecordedMessage(exhibit, start, received.Length, message)));
        }

        _readers.Add(reader);
        return chunk;
    }

    // ---- track: one thread, in order ----
    async Task TrackAsync(CancellationToken cancellation)
    {
        await foreach (var work in _reading.Reader.ReadAllAsync(cancellation))
        {
            if (work.Kind == WorkKind.Settle)
            {
                // Where state does not stand, nothing came by that needs it.
                var rows = _derivation.Next == _passed ? _derivation.Settle() : new SettledRows(_passed, [], null);
                await _indexing.Writer.WriteAsync(work with { Rows = rows }, cancellation);
                continue;
            }

            var chunk = await work.Read!;
            if (chunk.Replay)
            {
                _derivation.Observe(chunk);
                if (_derivation.Next == _settledUpTo)
                    _derivation.IsSettled();
                continue;
            }

            var batch = chunk.From == _derivation.Next
                ? _derivation.Observe(chunk)
                : new(chunk.From, chunk.UpTo, [.. chunk.Exhibits.Select(followed => followed.Indexed)], [], []);
            _passed = batch.UpTo;
            await _indexing.Writer.WriteAsync(new Work(batch, chunk.Weight, chunk.Undecoded), cancellation);
        }
    }

    // ---- index: one thread, in batches ----
    async Task IndexAsync(CancellationToken cancellation)
    {
        var batches = new List<IndexBatch>();
        while (await _indexing.Reader.WaitToReadAsync(cancellation))
        {
            long weight = 0;
            var undecoded = 0;
            var count = 0;
            while (count < _parts.Options.Batch && _indexing.Reader.TryPeek(out var work) && work.Kind == WorkKind.Chunk)
            {
                _indexing.Reader.TryRead(out _);
                batches.Add(work.Batch!);
                weight += work.Weight;
                undecoded += work.Undecoded;
                count += work.Batch!.Exhibits.Count;
            }

            if (batches.Count > 0)
            {
                await TryUntilWrittenAsync(() => _parts.Index.WriteAsync(batches, cancellation), cancellation);
                _throttle.Leave(weight);
                lock (_gate)
                    _health = _health with { IndexedUpTo = batches[^1].UpTo, Undecoded = _health.Undecoded + undecoded };
                batches.Clear();
                continue;
            }

            if (_indexing.Reader.TryRead(out var settle))
            {
                await TryUntilWrittenAsync(() => _parts.Index.SettleAsync(settle.Rows!, _parts.Identity, cancellation), cancellation);
                settle.Settled!.TrySetResult();
            }
        }
    }

    async Task TryUntilWrittenAsync(Func<ValueTask> write, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await write();
                Recovered();
                return;
            }
            catch (IndexUnavailableException e)
            {
                Trouble(IndexState.Behind, e.Message, e);
                await Task.Delay(_parts.Options.Retry, _parts.Time, cancellation);
            }
        }
    }

    void Trouble(IndexState state, string sentence, Exception cause)
    {
        bool closing;
        lock (_gate)
        {
            _health = _health with { State = state, Sentence = sentence };
            _troubled.TrySetException(new IndexUnavailableException(sentence, cause));
            // Observed here, so that one nobody waited for is no unobserved exception.
            _ = _troubled.Task.Exception;
            closing = _closing;
        }

        _throttle.Unbound(true);
        // Nobody waits for an index while it closes.
        if (closing)
            _stop.Cancel();
    }

    void Recovered()
    {
        lock (_gate)
        {
            if (_health.State != IndexState.Behind)
                return;
            _health = _health with { State = IndexState.Following, Sentence = null };
            _troubled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            // What was appended meanwhile was not handed over.
            _received.Writer.TryWrite(Work.LookAtTheLog);
        }

        _throttle.Unbound(false);
    }

    enum WorkKind
    {
        Appended,
        Look,
        Settle,
        Chunk,
    }

    // One of the four things that flow; the log's order is their order.
    sealed record Work(WorkKind Kind)
    {
        internal static Work LookAtTheLog { get; } = new(WorkKind.Look);

        internal Work(Task<IReadOnlyList<Exhibit>> answer, long weight)
            : this(WorkKind.Appended) => (Answer, Weight) = (answer, weight);

        internal Work(TaskCompletionSource settled)
            : this(WorkKind.Settle) => Settled = settled;

        internal Work(Task<Chunk> read)
            : this(WorkKind.Chunk) => Read = read;

        internal Work(IndexBatch batch, long weight, int undecoded)
            : this(WorkKind.Chunk) => (Batch, Weight, Undecoded) = (batch, weight, undecoded);

        internal Task<IReadOnlyList<Exhibit>>? Answer { get; }
        internal TaskCompletionSource? Settled { get; }
        internal Task<Chunk>? Read { get; }
        internal IndexBatch? Batch { get; }
        internal long Weight { get; }
        internal int Undecoded { get; }
        internal SettledRows? Rows { get; init; }
    }
}
