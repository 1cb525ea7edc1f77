// RFC 1459, RFC 2812, IRCv3: the protocol is in IrcSession. Here: connect, read, record, send, and come back.
using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Irc;

/// <summary>Hears one room and records every line as received, gaps and connection events included. It says nothing in the room.</summary>
/// <param name="options">How.</param>
/// <param name="authorization">May we? Asked before each connection and each second while connected, for the act <c>observe</c>.</param>
/// <param name="log">Where it is recorded.</param>
/// <param name="time">Our clock.</param>
/// <param name="observed">Told of each event as it happens, before it is durable; null if nobody listens.</param>
public sealed class IrcCapture(
    IrcOptions options,
    Authorization authorization,
    IExhibitLog log,
    TimeProvider time,
    Action<CaptureEvent>? observed = null)
{
    readonly ExhibitQueue _queue = new(log, options.PendingBytes);
    readonly Random _chance = new(options.Seed);

    // Owned by the loop that runs the capture; Counts reads them from other threads, a moment late.
    string _capture = "";
    string _nick = options.Nick;
    Task _writing = Task.CompletedTask;
    volatile IrcState _state;
    int _connection, _gaps;
    long _lines, _lineOfConnection, _chatLines, _flagged, _otherRoom, _bytes, _appended;
    long _heardTicks, _hearingSinceTicks;
    DateTimeOffset _started, _now;
    DateTimeOffset? _gapFrom;
    GapCause _gapCause;
    bool _everJoined, _rateLimited;

    // Set by the writer once the gap's beginning is durable; -1 until then.
    long _gapBegan = -1;

    /// <summary>How far it is; may be asked at any time, from any thread.</summary>
    public IrcCounts Counts
    {
        get
        {
            var since = Interlocked.Read(ref _hearingSinceTicks);
            var heard = Interlocked.Read(ref _heardTicks) + (since == 0 ? 0 : Math.Max(0, time.GetUtcNow().UtcTicks - since));
            return new()
            {
                State = _state,
                Nick = Volatile.Read(ref _nick),
                Lines = Interlocked.Read(ref _lines),
                ChatLines = Interlocked.Read(ref _chatLines),
                FlaggedLines = Interlocked.Read(ref _flagged),
                OtherRoomLines = Interlocked.Read(ref _otherRoom),
                Bytes = Interlocked.Read(ref _bytes),
                Connections = Volatile.Read(ref _connection),
                Gaps = Volatile.Read(ref _gaps),
                Heard = new(heard),
                Appended = Interlocked.Read(ref _appended),
                Durable = _queue.Durable,
                LastDurable = _queue.Last < 0 ? null : new ExhibitNumber(_queue.Last),
            };
        }
    }

    /// <summary>The most that waited for the log at any time, in bytes.</summary>
    internal long PeakPendingBytes => _queue.PeakBytes;

    /// <summary>Hears the room until asked to stop, until its time is up, or until it is refused; answers when everything received is durable.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped; <see cref="Counts"/> says how much was not acknowledged.</exception>
    /// <exception cref="ArgumentException">The options cannot be sent as they are.</exception>
    public async Task<IrcOutcome> RunAsync(CancellationToken stop)
    {
        options.Check();
        _started = _now = time.GetUtcNow();
        _capture = string.Create(CultureInfo.InvariantCulture, $"{_started.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{_chance.Next(0x10000):x4}");
        using var timer = options.For is { } length ? new CancellationTokenSource(length, time) : new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);

        // A refusal before the first step leaves no trace in the log: nothing was captured, and the log may not be ours to write.
        if (NotPermitted(_started) is { } refused)
        {
            _state = IrcState.Stopped;
            return new(refused.Stop, refused.Sentence, Counts);
        }

        _writing = _queue.RunAsync();
        IrcRefusal ended;
        try
        {
            await HappenedAsync(new(CaptureEventName.Started, new Dictionary<string, string> { ["nick"] = options.Nick, ["actor"] = options.Actor.Value }));
            ended = await HearAsync(ending.Token)
                ?? new(stop.IsCancellationRequested ? IrcStop.Asked : IrcStop.TimeUp, 0, stop.IsCancellationRequested ? "Stopped as asked." : "Stopped: its time was up.");
            await HappenedAsync(new(CaptureEventName.Stopped, new Dictionary<string, string>
            {
                ["reason"] = Name(ended.Stop),
                ["sentence"] = ended.Sentence,
                ["lines"] = Text(_lines),
                ["bytes"] = Text(_bytes),
            }));
            EndHearing(_now);
        }
        finally
        {
            _state = IrcState.Stopped;
            _queue.Complete();
            await _writing;
        }

        return new(ended.Stop, ended.Sentence, Counts);
    }

    IrcRefusal? NotPermitted(DateTimeOffset at)
    {
        // Nobody speaks, so no persona is asked for: the name we show is a name at a door.
        var answer = Scope.Check(authorization, Act.Observe, options.Address.Venue, persona: null, at);
        return answer.Permitted ? null : new(IrcStop.NotPermitted, 0, string.Join(" ", answer.Missing));
    }

    // Connects, hears, and connects again, until stopped (null) or refused.
    async Task<IrcRefusal?> HearAsync(CancellationToken ending)
    {
        var pauses = new Backoff(options.FirstPause, options.LongestPause, _chance);
        while (true)
        {
            _now = time.GetUtcNow();
            if (NotPermitted(_now) is { } missing)
                return missing;

            var heardBefore = Counts.Heard;
            _state = IrcState.Connecting;
            try
            {
                if (await ConnectAndHearAsync(ending) is { } refusal)
                    return refusal;
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return null;
            }

            _now = time.GetUtcNow();
            if (ending.IsCancellationRequested)
                return null;
            if (Counts.Heard - heardBefore > options.LongestPause)
                pauses.Reset();
            _state = IrcState.Pausing;
            try
            {
                var pause = Task.Delay(_rateLimited ? pauses.Longest() : pauses.Next(), time, ending);
                await await Task.WhenAny(pause, _writing);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                _now = time.GetUtcNow();
                return null;
            }
        }
    }

    async Task<IrcRefusal?> ConnectAndHearAsync(CancellationToken ending)
    {
        IrcConnection connection;
        try
        {
            using var limit = new CancellationTokenSource(options.AnswerWithin, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ending);
            connection = await IrcConnection.OpenAsync(options, either.Token);
        }
        catch (IrcCertificateException e) when (!_everJoined)
        {
            return new(IrcStop.CertificateRefused, 0, e.Message);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !ending.IsCancellationRequested))
        {
            _now = time.GetUtcNow();
            await HappenedAsync(new(CaptureEventName.NotReached, new Dictionary<string, string>
            {
                ["reason"] = e is OperationCanceledException ? "no answer in time" : e.Message,
            }));
            await BeginGapAsync(_started, GapCause.Unreachable);
            return null;
        }

        await using (connection)
        {
            _now = time.GetUtcNow();
            _connection++;
            _lineOfConnection = 0;
            await HappenedAsync(new(CaptureEventName.Connected, connection.Facts));
            return await ReadAsync(connection.Stream, ending);
        }
    }

    async Task<IrcRefusal?> ReadAsync(Stream stream, CancellationToken ending)
    {
        _state = IrcState.Entering;
        var session = new IrcSession(options, _chance, _now);
        var frames = new IrcFrameReader();
        // Bounded by what the frame reader leaves behind: never more than one frame and one read.
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: IrcFrameReader.MaxFrame, minimumReadSize: 1_024, leaveOpen: true));
        using var abandoned = new CancellationTokenSource();
        using var tick = new PeriodicTimer(Least(TimeSpan.FromSeconds(1), Least(options.AskAfter, options.GoodbyeWithin) / 4), time);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ending.Register(() => asked.TrySetResult());
        Task<bool>? ticking = null;
        Task<ReadResult>? reading = null;
        IrcRefusal? refusal = null;
        DateTimeOffset? goodbyeUntil = null;
        var cause = GapCause.ClosedByServer;
        var lastReceived = _now;
        // What was received of a line that is not complete: kept should the connection break.
        byte[] unfinished = [];
        try
        {
            session.Begin();
            await SendAsync(stream, session);
            while (true)
            {
                reading ??= reader.ReadAsync(abandoned.Token).AsTask();
                ticking ??= tick.WaitForNextTickAsync(CancellationToken.None).AsTask();
                // What has arrived comes first: after a wait for the log a server must not be called silent while its lines lie here.
                if (!reading.IsCompleted)
                    await (goodbyeUntil is null ? Task.WhenAny(reading, ticking, _writing, asked.Task) : Task.WhenAny(reading, ticking, _writing));

                // The writer ends before the capture does only when the log has stopped: then nothing more is worth hearing.
                if (_writing.IsCompleted)
                    await _writing;

                _now = time.GetUtcNow();
                if (reading.IsCompleted)
                {
                    var read = await reading;
                    reading = null;
                    // What arrives after the window is not looked at: no authorisation covers it.
                    if (NotPermitted(_now) is { } over)
                    {
                        refusal = over;
                        reader.AdvanceTo(read.Buffer.Start);
                        session.Leave();
                        await SendAsync(stream, session);
                        break;
                    }

                    lastReceived = _now;
                    session.Received(_now);
                    var buffer = read.Buffer;
                    while (frames.TryRead(ref buffer, read.IsCompleted, out var frame))
                        await TakeAsync(session, frame);
                    unfinished = buffer.IsEmpty ? [] : buffer.ToArray();
                    reader.AdvanceTo(buffer.Start, buffer.End);
                    if (read.IsCompleted)
                        break;
                }

                if (ticking.IsCompleted)
                {
                    ticking = null;
                    session.Tick(_now);
                    await RecordEventsAsync(session);
                    if (NotPermitted(_now) is { } over)
                    {
                        refusal = over;
                        session.Leave();
                        await SendAsync(stream, session);
                        break;
                    }

                    if (session.Dead)
                    {
                        cause = GapCause.NoAnswer;
                        break;
                    }

                    if (goodbyeUntil is { } until && _now >= until)
                    {
                        // No answer in time: we quit, and the server has as long again to say goodbye.
                        if (session.HasLeft)
                            break;
                        session.Leave();
                        goodbyeUntil = _now + options.GoodbyeWithin;
                    }
                }

                refusal ??= session.Refused;
                if (goodbyeUntil is null && (refusal is not null || asked.Task.IsCompleted))
                {
                    goodbyeUntil = _now + options.GoodbyeWithin;
                    session.TakeLeave();
                }

                await SendAsync(stream, session);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException)
        {
            cause = e is TimeoutException ? GapCause.NoAnswer : GapCause.ConnectionLost;
            _now = time.GetUtcNow();
        }
        finally
        {
            await abandoned.CancelAsync();
            await QuietlyAsync(reading);
            await reader.CompleteAsync();
        }

        refusal ??= session.Refused;
        if (unfinished.Length > 0)
        {
            // It arrived with the last bytes, not now.
            var noticed = _now;
            _now = lastReceived;
            await TakeAsync(session, frames.Unfinished(unfinished));
            _now = noticed;
        }

        await HappenedAsync(new(CaptureEventName.Disconnected, new Dictionary<string, string>
        {
            ["lines"] = Text(_lineOfConnection),
            ["asked"] = goodbyeUntil is null && refusal is null ? "no" : "yes",
        }, cause));

        // A stream that ended in order was heard to its end; one that broke, only until its last bytes.
        if ((goodbyeUntil is null && refusal is null) || !session.Hearing)
        {
            if (session.Hearing)
                await BeginGapAsync(cause == GapCause.ClosedByServer ? _now : lastReceived, cause);
            else
                await BeginGapAsync(_started, refusal?.Stop == IrcStop.RoomRefused ? GapCause.NotAdmitted : GapCause.Unreachable);
        }

        _rateLimited = session.RateLimited;
        return refusal;
    }

    async ValueTask TakeAsync(IrcSession session, IrcFrame frame)
    {
        Interlocked.Add(ref _bytes, frame.Bytes.Length);
        _lineOfConnection++;
        var isWhole = (frame.Flags & LineFlags.Piece) == 0;
        var kind = new LineClass(CaptureKinds.Line);
        var source = SourceId.None;
        if (isWhole && IrcLine.TryParse(frame.Bytes.Span, out var line))
        {
            kind = session.Classify(line);
            source = Source(line);
        }

        if (kind.OtherRoom)
        {
            // Said where no authorisation lets us listen. Counted, not kept.
            Interlocked.Increment(ref _otherRoom);
        }
        else
        {
            Interlocked.Increment(ref _lines);
            if (kind.Kind == CaptureKinds.Chat)
                Interlocked.Increment(ref _chatLines);
            if (frame.Flags != LineFlags.None)
                Interlocked.Increment(ref _flagged);
            await AppendAsync(new(kind.Kind, options.Actor.Value, RecordedForm.Write(Header(session, kind, frame.Flags), frame.Bytes.Span)) { Source = source });
        }

        if (isWhole && IrcLine.TryParse(frame.Bytes.Span, out line))
            session.Act(line, _now);
        Volatile.Write(ref _nick, session.Nick);
        if (session.Events.Count > 0)
            await RecordEventsAsync(session);
    }

    // A server that tells a message again after a gap (IRCv3 "chathistory") gives it the same id: the log then returns the
    // first exhibit. The words are part of the name, or a server could hide a message behind the id of another.
    SourceId Source(in IrcLine line)
    {
        var id = line.Tag("msgid"u8);
        if (string.IsNullOrEmpty(id))
            return SourceId.None;
        using var name = new MemoryStream();
        foreach (var part in new[] { options.Address.Venue.Value, options.Actor.Value, id })
        {
            name.Write(Encoding.UTF8.GetBytes(part));
            name.WriteByte(0);
        }

        name.Write(line.Untagged);
        return SourceId.Of(name.GetBuffer().AsSpan(0, (int)name.Length));
    }

    CaptureHeader Header(IrcSession session, LineClass kind, LineFlags flags)
    {
        var context = new Dictionary<string, string>(3, StringComparer.Ordinal) { ["capture"] = _capture, ["nick"] = session.Nick };
        if (IrcFrameReader.Names(flags) is { } names)
            context["flags"] = names;
        if (kind.Replayed)
            context["replayed"] = "yes";
        return new()
        {
            Format = IrcDecoder.FormatName,
            Venue = options.Address.Venue.Value,
            Thread = kind.Thread,
            Id = string.Create(CultureInfo.InvariantCulture, $"{_capture}.{_connection}/{_lineOfConnection}"),
            At = SpokenAt.Utc(_now).ToString(),
            Direction = kind.Direction,
            Context = context,
        };
    }

    async ValueTask SendAsync(Stream stream, IrcSession session)
    {
        if (session.Outbox.Count == 0)
            return;
        using var limit = new CancellationTokenSource(options.AnswerWithin, time);
        foreach (var line in session.Outbox)
        {
            await AppendAsync(new(CaptureKinds.Sent, options.Actor.Value, RecordedForm.Write(
                Header(session, new(CaptureKinds.Sent), LineFlags.None) with { Format = "irc-sent", Id = null, Direction = Direction.Out }, line.RecordedAs.Span)));
            try
            {
                await stream.WriteAsync(line.Bytes, limit.Token);
            }
            catch (OperationCanceledException e) when (limit.IsCancellationRequested)
            {
                throw new TimeoutException("The server takes nothing.", e);
            }
        }

        session.Outbox.Clear();
    }

    async ValueTask RecordEventsAsync(IrcSession session)
    {
        foreach (var happened in session.Events)
        {
            switch (happened.Name)
            {
                case CaptureEventName.GapBegan:
                    await BeginGapAsync(_everJoined ? _now : _started, happened.Cause ?? GapCause.Removed);
                    break;
                case CaptureEventName.Joined:
                    _everJoined = true;
                    _state = IrcState.Hearing;
                    Interlocked.Exchange(ref _hearingSinceTicks, _now.UtcTicks);
                    await HappenedAsync(happened);
                    await EndGapAsync();
                    break;
                default:
                    await HappenedAsync(happened);
                    break;
            }
        }

        session.Events.Clear();
    }

    // One gap however many attempts fail within it.
    async ValueTask BeginGapAsync(DateTimeOffset from, GapCause cause)
    {
        EndHearing(from);
        if (_gapFrom is not null)
            return;
        if (_state == IrcState.Hearing)
            _state = IrcState.Entering;
        _gapFrom = from;
        _gapCause = cause;
        Interlocked.Increment(ref _gaps);
        Interlocked.Exchange(ref _gapBegan, -1);
        var began = Event(new(CaptureEventName.GapBegan, null, cause)) with { From = from };
        observed?.Invoke(began);
        await AppendAsync(began.ToExhibit(options.Actor.Value), exhibit => Interlocked.Exchange(ref _gapBegan, exhibit.Number.LeafIndex));
    }

    async ValueTask EndGapAsync()
    {
        if (_gapFrom is not { } from)
            return;
        _gapFrom = null;
        var ended = Event(new(CaptureEventName.GapEnded, new Dictionary<string, string> { ["seconds"] = Seconds(_now - from) }, _gapCause)) with { From = from };
        observed?.Invoke(ended);
        var began = Interlocked.Read(ref _gapBegan);
        await AppendAsync(began < 0 ? ended.ToExhibit(options.Actor.Value) : ended.ToExhibit(options.Actor.Value, new ExhibitNumber(began)));
    }

    void EndHearing(DateTimeOffset until)
    {
        var since = Interlocked.Exchange(ref _hearingSinceTicks, 0);
        if (since != 0)
            Interlocked.Add(ref _heardTicks, Math.Max(0, until.UtcTicks - since));
    }

    async ValueTask HappenedAsync(SessionEvent happened)
    {
        var recorded = Event(happened);
        observed?.Invoke(recorded);
        await AppendAsync(recorded.ToExhibit(options.Actor.Value));
    }

    CaptureEvent Event(SessionEvent happened) => new()
    {
        Venue = options.Address.Venue.Value,
        Capture = _capture,
        Connection = _connection,
        Event = happened.Name,
        At = _now,
        Nick = _connection == 0 ? null : _nick,
        Cause = happened.Cause,
        Detail = happened.Detail,
    };

    ValueTask AppendAsync(NewExhibit exhibit, Action<Exhibit>? durable = null)
    {
        Interlocked.Increment(ref _appended);
        return _queue.AddAsync(exhibit, durable);
    }

    static async Task QuietlyAsync(Task? task)
    {
        if (task is null)
            return;
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Seconds(TimeSpan length) => length.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    static string Name(IrcStop stop) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(stop.ToString());
}
