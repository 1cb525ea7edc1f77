// Client side of RFC 1459 and RFC 2812; IRCv3: capability-negotiation (302), sasl 3.1/3.2, server-time, message-tags,
// echo-message, batch, account-tag, extended-join, account-notify, chghost, setname. CTCP is never answered.
using Custos.Capture.Gaps;
using Custos.Vocabulary;

namespace Custos.Capture.Irc;

/// <summary>What a line is for the record.</summary>
readonly record struct LineClass(string Kind, string Thread = "", Direction Direction = Direction.None, bool OtherRoom = false, bool Replayed = false);

/// <summary>Something that happened in a session, for the record.</summary>
sealed record SessionEvent(CaptureEventName Name, IReadOnlyDictionary<string, string>? Detail = null, GapCause? Cause = null);

/// <summary>The protocol of one connection, without the connection: lines go in, lines and events come out. No I/O and no clock of its own.</summary>
/// <remarks>Owned by the loop that reads the connection; nothing here is shared.</remarks>
sealed class IrcSession
{
    // Names that each cost memory are kept up to this many; a flood of new ones costs the memory of an old one and no more.
    internal const int MaxNames = 4_096;
    const string LeaveToken = "leaving";
    const int MaxNickAttempts = 6;
    const int RemovalsAllowed = 3;
    static readonly TimeSpan RemovalsForgottenAfter = TimeSpan.FromMinutes(10);

    static readonly string[] Wanted =
    [
        "server-time", "message-tags", "echo-message", "batch", "account-tag", "account-notify", "extended-join", "chghost", "setname", "cap-notify",
    ];

    readonly IrcOptions _options;
    readonly Backoff _rejoin;
    readonly List<string> _offered = [];
    readonly SortedSet<string> _enabled = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _threads = new(StringComparer.Ordinal);
    readonly HashSet<string> _replays = new(StringComparer.Ordinal);
    readonly Dictionary<string, HashSet<string>> _splits = new(StringComparer.Ordinal);
    int _splitNames;

    CaseMapping _case = CaseMapping.Rfc1459;
    int _nickAttempts;
    bool _saslOffered, _authenticated, _asked, _registered, _joinAsked;
    string? _account, _network;
    int _removals;
    DateTimeOffset _stageSince, _lastReceived, _joinAt, _removedAt;
    DateTimeOffset? _joinDue;
    TimeSpan? _offset;
    DateTimeOffset _offsetAt;

    internal IrcSession(IrcOptions options, Random chance, DateTimeOffset now)
    {
        _options = options;
        _rejoin = new(options.FirstPause * 5, options.LongestPause, chance);
        Nick = options.Nick;
        _stageSince = _lastReceived = now;
    }

    /// <summary>The name we show, as the server last gave it.</summary>
    internal string Nick { get; private set; }

    /// <summary>We are in the room.</summary>
    internal bool Hearing { get; private set; }

    /// <summary>Was in the room at any time.</summary>
    internal bool HasHeard { get; private set; }

    /// <summary>Why this capture cannot go on, now or after connecting again.</summary>
    internal IrcRefusal? Refused { get; private set; }

    /// <summary>The server does not answer any more.</summary>
    internal bool Dead { get; private set; }

    /// <summary>The server's last ERROR speaks of too many connections, or it asked us to wait.</summary>
    internal bool RateLimited { get; private set; }

    /// <summary>We have quit: the server's last words may still come.</summary>
    internal bool HasLeft { get; private set; }

    /// <summary>To send, in order. The reader of the connection empties it.</summary>
    internal List<OutgoingLine> Outbox { get; } = [];

    /// <summary>To record, in order. The reader of the connection empties it.</summary>
    internal List<SessionEvent> Events { get; } = [];

    string Room => _options.Address.Room;

    /// <summary>What a client says first.</summary>
    internal void Begin()
    {
        if (_options.ServerPassword is { } password)
            Outbox.Add(OutgoingLine.Pass(password));
        Outbox.Add(OutgoingLine.CapList());
        Outbox.Add(OutgoingLine.Nick(Nick));
        Outbox.Add(OutgoingLine.User(_options.User, _options.RealName));
    }

    /// <summary>
    /// Takes leave: asks once more and quits when the answer is there, because a server that is told QUIT may drop what it
    /// still had for us. <see cref="Leave"/> quits without waiting.
    /// </summary>
    internal void TakeLeave()
    {
        if (_registered)
            Outbox.Add(OutgoingLine.Ping(LeaveToken));
        else
            Leave();
    }

    internal void Leave()
    {
        if (HasLeft)
            return;
        HasLeft = true;
        Outbox.Add(OutgoingLine.Quit());
    }

    /// <summary>Time passes: asks a silent server, gives up on a dead one, joins again when the pause is over.</summary>
    internal void Tick(DateTimeOffset now)
    {
        var silent = now - _lastReceived;
        if (silent >= _options.AskAfter + _options.AnswerWithin || (!_registered && now - _stageSince >= _options.AnswerWithin))
        {
            Dead = true;
            return;
        }

        if (!_registered)
            return;
        if (_joinDue is { } due && now >= due)
            Join(now);
        else if (_joinAsked && !Hearing && _joinDue is null && now - _joinAt >= _options.AnswerWithin)
            Dead = true;

        if (silent >= _options.AskAfter && !_asked)
        {
            _asked = true;
            Outbox.Add(OutgoingLine.Ping("custos"));
        }
    }

    /// <summary>Something was received: the server is there.</summary>
    internal void Received(DateTimeOffset now)
    {
        _lastReceived = now;
        _asked = false;
    }

    /// <summary>What a line is for the record: called before <see cref="Act"/>, which may change what the names mean.</summary>
    internal LineClass Classify(in IrcLine line)
    {
        var kind = ClassifyLine(line);
        return _replays.Count > 0 && line.Tag("batch"u8) is { } batch && _replays.Contains(batch) ? kind with { Replayed = true } : kind;
    }

    LineClass ClassifyLine(in IrcLine line)
    {
        if (line.Is("PRIVMSG"u8) || line.Is("NOTICE"u8))
            return ClassifyWords(line);
        if (line.Is("QUIT"u8) || line.Is("NICK"u8) || line.Is("ACCOUNT"u8) || line.Is("CHGHOST"u8) || line.Is("SETNAME"u8))
            return new(CaptureKinds.Presence);
        if (line.Is("JOIN"u8) || line.Is("PART"u8) || line.Is("KICK"u8) || line.Is("TOPIC"u8) || line.Is("MODE"u8))
        {
            var place = IrcText.Decode(line[0]);
            return IsRoom(place) ? new(CaptureKinds.Presence)
                : LooksLikeRoom(place) && !IsUs(line.SourceNick) ? new(CaptureKinds.Line, OtherRoom: true)
                : new(CaptureKinds.Line);
        }

        // Names and topic of a room we were put into (RPL_NAMREPLY and the like) are not ours to keep either.
        if (line.Numeric is >= 300 and < 400 && !IsRoom(IrcText.Decode(line[1])) && !IsRoom(IrcText.Decode(line[2]))
            && (line[1].StartsWith("#"u8) || line[2].StartsWith("#"u8)))
        {
            return new(CaptureKinds.Line, OtherRoom: true);
        }

        return new(CaptureKinds.Line);
    }

    LineClass ClassifyWords(in IrcLine line)
    {
        var place = IrcText.Decode(line[0].TrimStart("~&@%+"u8));
        // What is not from a person is the server's own notice; a CTCP other than ACTION is one program asking another.
        var words = line[1];
        var kind = !line.IsFromPerson || (!words.IsEmpty && words[0] == 1 && !words.StartsWith("\u0001ACTION "u8)) ? CaptureKinds.Line : CaptureKinds.Chat;
        var ours = IsUs(line.SourceNick);
        if (IsRoom(place) || IsRoom(IrcText.Decode(line[0])))
            return new(kind, Direction: ours ? Direction.Out : Direction.None);
        if (LooksLikeRoom(place) || LooksLikeRoom(IrcText.Decode(line[0])))
            return new(kind, OtherRoom: true);
        if (kind == CaptureKinds.Line)
            return new(kind);
        if (ours)
            return new(kind, ThreadOf(place), Direction.Out);
        return new(kind, ThreadOf(IrcText.Decode(line.SourceNick)), Direction.In);
    }

    /// <summary>Does what the protocol asks for. The line is recorded before this is called.</summary>
    internal void Act(in IrcLine line, DateTimeOffset now)
    {
        if (line.Tag("time"u8) is { } time && (line.Tag("batch"u8) is not { } batch || !_replays.Contains(batch)))
            Compare(time, now);

        var numeric = line.Numeric;
        if (numeric >= 0)
            ActOnReply(line, numeric, now);
        else if (line.Is("PING"u8))
            Outbox.Add(OutgoingLine.Pong(line[0]));
        else if (line.Is("PONG"u8) && line[line.Count - 1].SequenceEqual("leaving"u8))
            Leave();
        else if (line.Is("CAP"u8))
            ActOnCapabilities(line);
        else if (line.Is("AUTHENTICATE"u8))
            Authenticate(line);
        else if (line.Is("JOIN"u8))
            ActOnJoin(line, now);
        else if (line.Is("PART"u8) && IsUs(line.SourceNick) && IsRoom(IrcText.Decode(line[0])))
            Removed(now);
        else if (line.Is("KICK"u8) && IsRoom(IrcText.Decode(line[0])) && IsUs(line[1]))
            Removed(now);
        else if (line.Is("NICK"u8))
            ActOnNick(line);
        else if (line.Is("QUIT"u8))
            ActOnQuit(line);
        else if (line.Is("BATCH"u8))
            ActOnBatch(line);
        else if (line.Is("ERROR"u8))
            ActOnError(line);
    }

    // IRCv3 "batch" and "chathistory": what a server tells again was said before it arrived.
    void ActOnBatch(in IrcLine line)
    {
        var reference = IrcText.Decode(line[0]);
        if (reference.StartsWith('+') && line[1].SequenceEqual("chathistory"u8) && _replays.Count < 64)
            _replays.Add(reference[1..]);
        else if (reference.StartsWith('-'))
            _replays.Remove(reference[1..]);
    }

    void ActOnReply(in IrcLine line, int numeric, DateTimeOffset now)
    {
        switch (numeric)
        {
            case IrcReplies.Welcome when !_registered:
                Register(line, now);
                return;
            case IrcReplies.Features:
                for (var i = 1; i < line.Count; i++)
                {
                    if (line[i].StartsWith("CASEMAPPING="u8))
                        _case = CaseMapping.Named(line[i]["CASEMAPPING=".Length..]);
                    else if (line[i].StartsWith("NETWORK="u8))
                        _network = IrcText.Decode(line[i]["NETWORK=".Length..]);
                }

                return;
            case IrcReplies.LoggedIn:
                _account = IrcText.Decode(line[2]);
                return;
            case IrcReplies.SaslSuccess:
                _authenticated = true;
                EndNegotiation();
                return;
            case IrcReplies.UnknownCommand:
                return;
            case IrcReplies.TryAgain or IrcReplies.TooFast:
                RateLimit("reply", numeric);
                if (_joinAsked && !Hearing)
                    JoinLater(now);
                return;
            default:
                break;
        }

        if (IrcReplies.IsSaslRefused(numeric) && !_authenticated)
            Refuse(new(IrcStop.AccountRefused, numeric, "The server did not accept our account."));
        else if (IrcReplies.ServerRefused.TryGetValue(numeric, out var server) && !Hearing)
            Refuse(new(IrcStop.ServerRefused, numeric, $"The server refused us: {server}."));
        else if (!_registered && IrcReplies.IsNickRefused(numeric))
            TakeAnotherNick(numeric);
        else if (_joinAsked && !Hearing && IrcReplies.RoomRefused.TryGetValue(numeric, out var room) && IsRoom(IrcText.Decode(line[1])))
            NotAdmitted(numeric, room.Meaning, room.Retried, now);
    }

    void Register(in IrcLine line, DateTimeOffset now)
    {
        if (_options.Credentials is not null && !_authenticated)
        {
            Refuse(new(IrcStop.AccountRefused, 0, "The server does not offer SASL PLAIN, so our account could not be used."));
            return;
        }

        _registered = true;
        // Servers cut a name that is too long for them without a word; the welcome says what is left of it.
        if (line[0].Length > 0 && OutgoingLine.IsWord(IrcText.Decode(line[0])))
            Nick = IrcText.Decode(line[0]);
        var detail = new Dictionary<string, string>(StringComparer.Ordinal) { ["server"] = Short(IrcText.Decode(line.Source)) };
        if (_enabled.Count > 0)
            detail["capabilities"] = string.Join(' ', _enabled);
        if (_account is { } account)
            detail["account"] = Short(account);
        if (!_enabled.Contains("server-time"))
            detail["clock"] = "the server gives no time; ours is used";
        Events.Add(new(CaptureEventName.Registered, detail));
        Join(now);
    }

    void Join(DateTimeOffset now)
    {
        _joinDue = null;
        _joinAsked = true;
        _joinAt = now;
        Outbox.Add(OutgoingLine.Join(Room));
    }

    void JoinLater(DateTimeOffset now) => _joinDue = now + _rejoin.Next();

    void NotAdmitted(int numeric, string meaning, bool retried, DateTimeOffset now)
    {
        if (retried)
        {
            Events.Add(new(CaptureEventName.Refused, Detail(("reply", Text(numeric)), ("meaning", meaning))));
            Events.Add(new(CaptureEventName.GapBegan, null, GapCause.NotAdmitted));
            JoinLater(now);
        }
        else
        {
            Refuse(new(IrcStop.RoomRefused, numeric, $"The room cannot be heard: {meaning}."));
        }
    }

    void Refuse(IrcRefusal refusal)
    {
        if (Refused is not null)
            return;
        Refused = refusal;
        Events.Add(new(CaptureEventName.Refused, Detail(("reply", Text(refusal.Reply)), ("meaning", refusal.Sentence))));
    }

    void TakeAnotherNick(int numeric)
    {
        if (++_nickAttempts > MaxNickAttempts)
        {
            Refuse(new(IrcStop.NickRefused, numeric, $"The server takes neither '{_options.Nick}' nor {MaxNickAttempts} names like it."));
            return;
        }

        // Nine characters is all that RFC 2812, section 1.2.1, promises.
        var root = _options.Nick.Length > 7 ? _options.Nick[..7] : _options.Nick;
        Nick = _nickAttempts == 1 && _options.Nick.Length < 9 ? _options.Nick + "_" : $"{root}_{_nickAttempts}";
        Events.Add(new(CaptureEventName.Refused, Detail(("reply", Text(numeric)), ("meaning", "the name was not free; another of ours is shown"), ("nick", Nick))));
        Outbox.Add(OutgoingLine.Nick(Nick));
    }

    void ActOnCapabilities(in IrcLine line)
    {
        // CAP <client> <subcommand> [*] :<capabilities>
        var sub = line[1];
        var more = line.Count > 3 && line[2].SequenceEqual("*"u8);
        var list = IrcText.Decode(line[line.Count - 1]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (sub.SequenceEqual("LS"u8) && !_registered)
        {
            Offer(list);
            if (!more)
                Request();
        }
        else if (sub.SequenceEqual("NEW"u8))
        {
            _offered.Clear();
            Offer(list);
            if (_registered && _offered.Count > 0)
                Outbox.Add(OutgoingLine.CapRequest(_offered));
        }
        else if (sub.SequenceEqual("DEL"u8))
        {
            foreach (var name in list)
                _enabled.Remove(name);
        }
        else if (sub.SequenceEqual("ACK"u8))
        {
            foreach (var name in list)
            {
                if (Wanted.Contains(name) || name == "sasl")
                    _enabled.Add(name);
            }

            if (_registered)
                return;
            if (_enabled.Contains("sasl") && !_authenticated)
                Outbox.Add(OutgoingLine.AuthenticatePlain());
            else
                EndNegotiation();
        }
        else if (sub.SequenceEqual("NAK"u8) && !_registered)
        {
            EndNegotiation();
        }
    }

    void Offer(string[] list)
    {
        // Only names we know are kept, so a server's list of any length costs nothing.
        foreach (var capability in list)
        {
            var equals = capability.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? capability : capability[..equals];
            if (name == "sasl")
                _saslOffered = equals < 0 || capability[(equals + 1)..].Split(',').Contains("PLAIN", StringComparer.OrdinalIgnoreCase);
            else if (Wanted.Contains(name) && !_offered.Contains(name))
                _offered.Add(name);
        }
    }

    void Request()
    {
        if (_options.Credentials is not null && !_saslOffered)
        {
            Refuse(new(IrcStop.AccountRefused, 0, "The server does not offer SASL PLAIN, so our account could not be used."));
            return;
        }

        List<string> request = [.. _offered];
        if (_options.Credentials is not null)
            request.Add("sasl");
        if (request.Count > 0)
            Outbox.Add(OutgoingLine.CapRequest(request));
        else
            EndNegotiation();
    }

    void EndNegotiation()
    {
        if (!_registered)
            Outbox.Add(OutgoingLine.CapEnd());
    }

    void Authenticate(in IrcLine line)
    {
        if (_options.Credentials is { } credentials && _enabled.Contains("sasl") && !_authenticated && line[0].SequenceEqual("+"u8))
            Outbox.AddRange(OutgoingLine.Authenticate(credentials.Account, credentials.Password));
    }

    void ActOnJoin(in IrcLine line, DateTimeOffset now)
    {
        var room = IrcText.Decode(line[0]);
        if (!IsUs(line.SourceNick))
        {
            if (IsRoom(room))
                BackFromSplit(IrcText.Decode(line.SourceNick));
            return;
        }

        if (IsRoom(room))
        {
            if (Hearing)
                return;
            Hearing = HasHeard = true;
            _joinDue = null;
            _rejoin.Reset();
            var detail = _network is { } network ? Detail(("network", Short(network))) : null;
            Events.Add(new(CaptureEventName.Joined, detail));
            _joinAt = now;
        }
        else if (OutgoingLine.IsWord(room))
        {
            Events.Add(new(CaptureEventName.OtherRoomLeft));
            Outbox.Add(OutgoingLine.Part(room));
        }
    }

    void Removed(DateTimeOffset now)
    {
        if (!Hearing)
            return;
        Hearing = false;
        _joinAsked = false;
        Events.Add(new(CaptureEventName.GapBegan, null, GapCause.Removed));
        _removals = now - _removedAt > RemovalsForgottenAfter ? 1 : _removals + 1;
        _removedAt = now;
        if (_removals > RemovalsAllowed)
            Refuse(new(IrcStop.Removed, 0, $"We were removed from the room {_removals} times. It is not entered again."));
        else
            JoinLater(now);
    }

    void ActOnNick(in IrcLine line)
    {
        var from = IrcText.Decode(line.SourceNick);
        var to = IrcText.Decode(line[0]);
        if (IsUs(line.SourceNick))
        {
            if (OutgoingLine.IsWord(to))
                Nick = to;
            return;
        }

        // A dialogue keeps its name when the other side changes theirs. Only dialogues that exist are followed.
        if (_threads.Remove(_case.Fold(from), out var thread))
            _threads[_case.Fold(to)] = thread;
    }

    void ActOnQuit(in IrcLine line)
    {
        // "server.one server.two": how servers say that they lost each other (RFC 1459, section 4.1.6; modern.ircdocs.horse, "QUIT").
        var reason = IrcText.Decode(line[0]);
        if (!IsSplit(reason))
            return;
        if (!_splits.TryGetValue(reason, out var names))
        {
            if (_splits.Count >= 64)
                return;
            _splits[reason] = names = new(StringComparer.Ordinal);
            var servers = reason.Split(' ');
            Events.Add(new(CaptureEventName.SplitBegan, Detail(("near", servers[0]), ("far", servers[1]))));
        }

        if (_splitNames < MaxNames && names.Add(_case.Fold(IrcText.Decode(line.SourceNick))))
            _splitNames++;
    }

    void BackFromSplit(string nick)
    {
        if (_splits.Count == 0)
            return;
        var folded = _case.Fold(nick);
        foreach (var (servers, names) in _splits)
        {
            if (!names.Contains(folded))
                continue;
            var pair = servers.Split(' ');
            Events.Add(new(CaptureEventName.SplitEnded, Detail(("near", pair[0]), ("far", pair[1]), ("left", Text(names.Count)))));
            _splitNames -= names.Count;
            _splits.Remove(servers);
            return;
        }
    }

    static bool IsSplit(string reason)
    {
        var space = reason.IndexOf(' ', StringComparison.Ordinal);
        return reason.Length <= 200 && space > 0 && IsServerName(reason.AsSpan(0, space)) && IsServerName(reason.AsSpan(space + 1));

        static bool IsServerName(ReadOnlySpan<char> name)
        {
            foreach (var c in name)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '*' or '_'))
                    return false;
            }

            return name.Contains('.') && name[0] != '.' && name[^1] != '.';
        }
    }

    void ActOnError(in IrcLine line)
    {
        // There is no number for this; the words are what servers have sent for decades.
        var reason = IrcText.Decode(line[0]);
        if (reason.Contains("throttl", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("too fast", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("too many", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("flood", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("sendq", StringComparison.OrdinalIgnoreCase))
        {
            RateLimit("error", 0);
        }
    }

    void RateLimit(string said, int numeric)
    {
        RateLimited = true;
        Events.Add(new(CaptureEventName.RateLimited, numeric > 0 ? Detail((said, Text(numeric))) : Detail((said, "closing"))));
    }

    void Compare(string time, DateTimeOffset now)
    {
        if (!SpokenAt.TryParse(time, out var said) || said.Instant is not { } theirs)
            return;
        var offset = theirs - now;
        // The first is recorded, then what moved by two seconds, once a minute at most: a server that plays with its clock fills no log.
        if (_offset is { } known && ((offset - known).Duration() < TimeSpan.FromSeconds(2) || now - _offsetAt < TimeSpan.FromMinutes(1)))
            return;
        _offset = offset;
        _offsetAt = now;
        Events.Add(new(CaptureEventName.ClockOffset, Detail(("milliseconds", Text((long)offset.TotalMilliseconds)))));
    }

    string ThreadOf(string nick)
    {
        var folded = _case.Fold(nick);
        if (_threads.TryGetValue(folded, out var thread))
            return thread;
        // Beyond that many, a dialogue is named by the name of the moment and is not followed through changes.
        if (_threads.Count < MaxNames)
            _threads[folded] = folded;
        return folded;
    }

    bool IsRoom(string place) => _case.Same(place, Room);

    bool IsUs(ReadOnlySpan<byte> nick) => _case.Same(IrcText.Decode(nick), Nick);

    static bool LooksLikeRoom(string place) => place.Length > 0 && place[0] is '#' or '&' or '+' or '!';

    // A server's own words are kept in the line's exhibit; an event repeats no more of them than a name.
    static string Short(string text) => text.Length <= 100 ? text : text[..100];

    static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static Dictionary<string, string> Detail(params ReadOnlySpan<(string Name, string Value)> facts)
    {
        var detail = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in facts)
            detail[name] = value;
        return detail;
    }
}
