// Group commit (evidence-spec, section 6): pool, sequence, keys, integrate, mark, sign, publish, acknowledge, tidy.
// Two threads. The sequencer owns the tail of the tree and prepares the next batch while the committer writes the last one;
// a batch is handed over only when the committer is idle, so it holds all that arrived meanwhile, and there is no timer.
using System.Globalization;

namespace Custos.Evidence;

/// <summary>What a log is doing.</summary>
public enum EvidenceLogState
{
    /// <summary>It takes exhibits.</summary>
    Open,

    /// <summary>A write failed: nothing more is taken in this process.</summary>
    Stopped,

    /// <summary>It was closed, in this process or for good.</summary>
    Closed,
}

/// <summary>One operation's log: records exhibits, durably and in order, and proves it.</summary>
public sealed partial class EvidenceLog : IExhibitLog, IExhibitReader, ICustodyLog, IAsyncDisposable
{
    // Below this a batch that could be handed over still takes what waits; above it the committer should not stand idle.
    const int Enough = 2_048;

    // Sealed at once between two looks at the committer.
    const int Increment = 1_024;

    // Of one bundle, by one worker: small enough that two cores end together.
    const int Piece = 32;

    readonly EvidenceLogOptions _options;
    readonly ILogStore _store;
    readonly KeyRing _ring;
    readonly IDisposable _keyLock;
    readonly string _markPath;
    readonly Crew _sealers;
    readonly SealWorker[] _workers;
    readonly Thread _sequencer;
    readonly Thread _committer;
    readonly Lazy<Task> _closed;
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards what follows, up to the next comment; Monitor, because both threads wait on it.
    readonly object _gate = new();
    readonly Queue<Call> _pool = new();
    readonly Queue<Call> _outside = new();
    long _poolBytes;
    long _poolExhibits;
    Batch? _handed;
    bool _committing;
    bool _closing;
    bool _sequencerDone;
    EvidenceLogState _state;
    EvidenceLogException? _stopped;

    // Owned by the sequencer.
    readonly TreeEdge _edge;
    readonly TreeHasher _hasher = new();
    readonly SourceIds _sources;
    readonly byte[][] _buffers = [[], []];
    byte[] _tailEntries;
    byte[]? _tailKey;
    LogState _planned;
    int _turn;

    // Written by the committer, read by all.
    volatile Published _published;
    LogMark? _mark;
    LogMark? _outsideMark;

    EvidenceLog(EvidenceLogOptions options, Opening opening)
    {
        _options = options;
        _store = options.Store;
        _ring = opening.Ring;
        _keyLock = opening.KeyLock;
        _markPath = options.Keys.PathOf(KeyFolder.SlugOf(options.Origin), "head");
        _mark = opening.Mark;
        _outsideMark = opening.OutsideMark;
        _edge = opening.Edge;
        _planned = opening.State;
        _published = new(new(options.Origin, opening.State.Size, opening.State.Root), opening.Note);
        _tailEntries = opening.TailEntries;
        _tailKey = opening.TailKey;
        _sources = opening.Sources;
        Reader = new(_store);
        _sealers = new("custos seal", options.SealHelpers ?? Math.Max(0, Environment.ProcessorCount - 1));
        var prefix = SealContext.ContentPrefix(options.Origin);
        _workers = [.. Enumerable.Range(0, _sealers.Workers).Select(_ => new SealWorker(prefix))];
        _sequencer = new(Sequence) { IsBackground = true, Name = "custos sequence" };
        _committer = new(Commit) { IsBackground = true, Name = "custos commit" };
        _closed = new(CloseAsync);
        _sequencer.Start();
        _committer.Start();
        StartAnchoring();
    }

    /// <summary>What the log is doing.</summary>
    public EvidenceLogState State
    {
        get
        {
            lock (_gate)
                return _final && _state == EvidenceLogState.Open && ClosedBy is not null ? EvidenceLogState.Closed : _state;
        }
    }

    /// <summary>The newest published checkpoint.</summary>
    public Checkpoint Checkpoint => _published.Checkpoint;

    /// <summary>The newest published checkpoint, signed.</summary>
    public SignedNote SignedCheckpoint => _published.Note;

    /// <summary>Exhibits recorded and published.</summary>
    public long Size => _published.Checkpoint.Size;

    /// <summary>The log's name.</summary>
    public string Origin => _options.Origin;

    /// <summary>Reads entries and proofs.</summary>
    public LogReader Reader { get; }

    /// <summary>True if a second mark outside the data folder guards against a restored backup.</summary>
    public bool NoticesRestoredBackup => _options.OutsideMark is not null;

    /// <summary>Bytes in the pool, and calls that wait for room in it.</summary>
    internal (long Pooled, int Outside) Waiting
    {
        get
        {
            lock (_gate)
                return (_poolBytes, _outside.Count);
        }
    }

    /// <summary>Records a thing and answers when it is durable and published. Its content must not be changed until then.</summary>
    /// <exception cref="ArgumentException">Kind, actor, size or what it is about is not allowed; nothing was recorded.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped; the message says what is safe and what to do.</exception>
    public async ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation)
    {
        Check(exhibit, reserved: false);
        return (await JoinAsync([exhibit], cancellation))[0];
    }

    /// <summary>Records things in order and answers, in the same order, when all are durable and published.</summary>
    /// <exception cref="ArgumentException">Kind, actor, size or what it is about is not allowed; nothing was recorded.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped; the message says what is safe and what to do.</exception>
    public async ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
    {
        if (exhibits.IsEmpty)
            return [];
        foreach (var exhibit in exhibits.Span)
            Check(exhibit, reserved: false);
        return await JoinAsync(exhibits.ToArray(), cancellation);
    }

    /// <summary>Writes what waits, then lets go of the log.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }

        await _ended.Task;
        await _closed.Value;
    }

    async Task CloseAsync()
    {
        await EndAnchoringAsync();
        lock (_gate)
        {
            _state = EvidenceLogState.Closed;
        }

        _sealers.Dispose();
        foreach (var worker in _workers)
            worker.Dispose();
        _hasher.Dispose();
        _ring.Dispose();
        await _store.DisposeAsync();
        _keyLock.Dispose();
    }

    void Check(NewExhibit exhibit, bool reserved)
    {
        ArgumentNullException.ThrowIfNull(exhibit);
        if (!EntryText.IsKind(exhibit.Kind))
            throw new ArgumentException("A kind is lower-case words joined by dots, at most 48 bytes. Nothing was recorded.", nameof(exhibit));
        if (!reserved && EntryText.IsReserved(exhibit.Kind))
            throw new ArgumentException($"The kind '{exhibit.Kind}' is the log's own. Nothing was recorded.", nameof(exhibit));
        if (!EntryText.IsActor(exhibit.Actor))
            throw new ArgumentException("An actor is 1 to 32 of a-z, 0-9 and hyphen. Nothing was recorded.", nameof(exhibit));
        if (exhibit.Content.Length > EntryText.MaxContent)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The content has {exhibit.Content.Length} bytes; an exhibit takes {EntryText.MaxContent}. Nothing was recorded. Record it in parts."), nameof(exhibit));
        if (exhibit.About.Count == 0)
            return;
        if (exhibit.About.Count > EntryText.MaxAbout)
            throw new ArgumentException("An exhibit speaks of at most 16 others; a longer list stands in its content. Nothing was recorded.", nameof(exhibit));
        for (var i = 0; i < exhibit.About.Count; i++)
        {
            if (exhibit.About[i].LeafIndex < 0 || exhibit.About[i].LeafIndex >= Size || (i > 0 && exhibit.About[i] <= exhibit.About[i - 1]))
                throw new ArgumentException($"An exhibit speaks of published ones, in ascending order; {exhibit.About[i]} is not. Nothing was recorded.", nameof(exhibit));
        }
    }

    async Task<Exhibit[]> JoinAsync(NewExhibit[] exhibits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var call = new Call(exhibits, cancellation);
        lock (_gate)
        {
            NeedOpen_NeedsGate();
            if (_outside.Count > 0 || !Fits_NeedsGate(call))
                _outside.Enqueue(call);
            else
                Admit_NeedsGate(call);
            Monitor.PulseAll(_gate);
        }

        if (!cancellation.CanBeCanceled)
            return await call.Answer;
        await using var registration = cancellation.UnsafeRegister(static (state, _) =>
        {
            var (log, call) = ((EvidenceLog, Call))state!;
            log.Cancel(call);
        }, (this, call));
        return await call.Answer;
    }

    void Cancel(Call call)
    {
        lock (_gate)
        {
            // Once sequenced it will be in the log, so the answer is delivered.
            if (call.Sequenced > 0 || call.Cancelled)
                return;
            call.Cancelled = true;
        }

        call.Cancel();
    }

    void NeedOpen_NeedsGate(bool last = false)
    {
        if (_state == EvidenceLogState.Stopped)
            throw new EvidenceLogException(EvidenceFault.Stopped, $"The log stopped earlier: {_stopped!.Message}", _stopped.DurableCount, _stopped);
        ObjectDisposedException.ThrowIf(_closing || _state == EvidenceLogState.Closed, this);
        if (_final && !last)
            throw new EvidenceLogException(EvidenceFault.Closed, $"The operation '{Origin}' was closed for good{(ClosedBy is { } by ? $" by {by}" : "")}: nothing is recorded in it any more, and so nothing of it is opened. It can be verified (custos verify).", Size);
    }

    bool Fits_NeedsGate(Call call) => _pool.Count == 0 || _poolBytes + call.Bytes <= _options.PoolBytes;

    void Admit_NeedsGate(Call call)
    {
        call.JoinedAt = _options.Time.GetUtcNow();
        _poolBytes += call.Bytes;
        _poolExhibits += call.Exhibits.Length;
        _pool.Enqueue(call);
    }

    /// <summary>Stops for good: after a failed write nothing is known of what reached the disk, and a second try may lie.</summary>
    void Stop(EvidenceLogException why)
    {
        List<Call> waiting;
        lock (_gate)
        {
            if (_state != EvidenceLogState.Open)
                return;
            (_state, _stopped) = (EvidenceLogState.Stopped, why);
            waiting = [.. _pool, .. _outside];
            _pool.Clear();
            _outside.Clear();
            Monitor.PulseAll(_gate);
        }

        foreach (var call in waiting)
            call.Fail(why);
    }

    EvidenceLogException Explain(Exception e)
    {
        var safe = Size;
        var kept = safe == 0 ? "No exhibit was recorded yet." : $"Exhibits up to {new ExhibitNumber(safe - 1)} are safe; those after it were not acknowledged.";
        return e switch
        {
            EvidenceLogException known => known,
            LogStoreException { Fault: EvidenceFault.DiskFull } full => new(full.Fault, $"The log could not write: {full.Message}. {kept} Free space and start again: what was not acknowledged is sent again.", safe, e),
            LogStoreException { Fault: EvidenceFault.HeadMoved } moved => new(moved.Fault, $"{moved.Message} {kept} Find the other writer of this log and stop it before starting again.", safe, e),
            LogStoreException { Fault: not EvidenceFault.Io } store => new(store.Fault, $"{store.Message} {kept}", safe, e),
            IOException or UnauthorizedAccessException => new(EvidenceFault.Io, $"The log could not read or write: {e.Message}. {kept} Check its storage and start again: what was not acknowledged is sent again.", safe, e),
            _ => new(EvidenceFault.Io, $"The log stopped on an unexpected error ({e.GetType().Name}). {kept} Start again, and report the error.", safe, e),
        };
    }

    sealed record Published(Checkpoint Checkpoint, SignedNote Note);
}
