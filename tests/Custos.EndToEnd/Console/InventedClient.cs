using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Custos.Console.Client;

namespace Custos.EndToEnd.Console;

/// <summary>A client over invented data: as many alerts as a busy week, and it writes down what was opened.</summary>
sealed class InventedClient : ICustosClient
{
    public const string Operation = "lantern";

    static readonly string[] Script =
    [
        "hi there", "hello", "how old are you", "i am 13", "nice, keep this between us ok", "why", "can you turn on your cam", "no i dont want to",
        "i can pay 20 euro", "i have to go", "write me on the other app, lamp@example.org", "\u202Ebye\u202C now",
    ];

    static readonly (int Line, int Start, int Length, string Code, bool For)[] Marks =
    [
        (2, 0, 15, "age.asked", false), (3, 0, 7, "peer.age", true), (4, 6, 23, "secrecy", false), (6, 0, 24, "camera.request", false),
        (7, 0, 17, "refusal", true), (8, 0, 17, "payment.offer", false), (10, 0, 29, "move.request", false),
    ];

    readonly List<CustodyRow> _custody = [];
    readonly Dictionary<AlertAddress, AlertDecision> _decisions = [];
    readonly List<DecisionRow> _judgements = [];
    ProposalVerdict _verdict;
    long _next = 5_000;

    /// <summary>How many alerts there are.</summary>
    public int Alerts { get; init; } = 412;

    /// <summary>How often the invented talk is repeated in one conversation.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>How many openings were closed again.</summary>
    public int Closed { get; private set; }

    /// <summary>What was opened, and why.</summary>
    public IReadOnlyList<CustodyRow> Custody => _custody;

    /// <summary>Throws, with the words of a chat in the exception, when a venue list is asked for.</summary>
    public bool Breaks { get; init; }

    /// <summary>A trial that goes on until a person stops it; the rest of the vocabulary's page is tested over a real data folder.</summary>
    public IPackDesk Packs { get; } = new InventedPacks();

    public ValueTask<IReadOnlyList<OperationRow>> OperationsAsync(CancellationToken cancellation) => new(Alerts == 0 ? [] : new[]
    {
        new OperationRow(Operation, "Example District Police, youth unit", "Example Code of Procedure, section 12", At(0), At(60 * 24 * 70),
            ["irc://chat.example.net/#lounge", "irc://chat.example.net/#teens", "telegram:example-group"], 18_204, 18_377, Alerts, Exhibit(0)),
    });

    public ValueTask<QueueSlice> QueueAsync(QueueFilter filter, int start, int count, CancellationToken cancellation)
    {
        var all = Enumerable.Range(1, Alerts).Select(Row).Where(r => r.State == filter.State).ToList();
        var shown = all.Where(r => filter.Band is null || r.Band == filter.Band).ToList();
        return new(new QueueSlice([.. shown.Skip(start).Take(count)], shown.Count, [.. Enumerable.Range(1, 4).Select(b => all.Count(r => r.Band == b))]));
    }

    public ValueTask<ConversationReview?> ConversationAsync(AlertAddress alert, CancellationToken cancellation)
    {
        if (!TryNumber(alert, out var number))
            return new((ConversationReview?)null);
        var lines = Said().Select((text, i) => new TranscriptLine(i, Exhibit(100 + i), Spoken(i), i % 2 == 0 ? Row(number).Account : Row(number).Counterpart!,
            i % 2 == 0 ? Side.Account : Side.Counterpart, text.EnumerateRunes().Count(), [.. Marks.Where(m => m.Line == i % Script.Length).Select(m => new TextSpan(m.Start, m.Length, m.Code, m.For))])).ToList();
        var marks = Enumerable.Range(0, Repeats).SelectMany(r => Marks.Select(m => m with { Line = m.Line + (r * Script.Length) }))
            .Select(m => new IndicatorMark(m.Code, m.Line, Spoken(m.Line), m.Line % 2 == 0 ? Side.Account : Side.Counterpart, m.For, "en." + m.Code, Exhibit(100 + m.Line))).ToList();
        return new(new ConversationReview(Row(number), lines, marks, Conduct(), [Proposal()], "detection/1, pack sha256:4f1c0d22, builtin/1"));
    }

    public ValueTask<OpenedText> OpenConversationAsync(AlertAddress alert, string reason, CancellationToken cancellation) =>
        new(new OpenedText(Said(), Record("opened the conversation", reason)));

    public ValueTask DecideAsync(AlertAddress alert, AlertDecision decision, CancellationToken cancellation)
    {
        if (decision.State == AlertState.Waiting)
            _decisions.Remove(alert);
        else
            _decisions[alert] = decision;
        return default;
    }

    public ValueTask<IReadOnlyList<ProposalRow>> ProposalsAsync(string? operation, CancellationToken cancellation) => new(Alerts == 0 ? [] : new[] { Proposal() });

    public ValueTask<SubjectProposal?> ProposalAsync(ProposalAddress proposal, CancellationToken cancellation) => new(proposal.Id != "p-1" ? null : new SubjectProposal(
        Proposal(),
        [new("lampje77", "irc://chat.example.net/#lounge", Spoken(0), Spoken(9), 38, new(Operation, "a-1")), new("nachtlamp", "irc://chat.example.net/#teens", Spoken(3), Spoken(11), 21, null)],
        [
            new("e-mail", "lamp@example.org", "lamp@example.org", "volunteered", "checked", "2 D (3x5x2), proposed", true, "lampje77", false, Exhibit(110)),
            new("e-mail", "lamp@example.org", "lamp at example dot org", "volunteered", "plausible", "2 D (3x5x2), proposed", true, "nachtlamp", true, Exhibit(241)),
        ],
        [new("Both volunteered the e-mail address lamp@example.org", [Exhibit(110), Exhibit(241)])],
        [],
        _judgements));

    public ValueTask JudgeAsync(ProposalAddress proposal, ProposalVerdict verdict, string reason, CancellationToken cancellation)
    {
        _verdict = verdict;
        _judgements.Add(new(At(400), "analyst", verdict switch { ProposalVerdict.Accepted => "one person", ProposalVerdict.Refused => "not one person", _ => "taken back" }, reason, Exhibit(_next++)));
        return default;
    }

    public ValueTask<RecordedExhibit?> ExhibitAsync(ExhibitAddress exhibit, CancellationToken cancellation)
    {
        if (exhibit.Number.LeafIndex >= 18_377 || exhibit.Operation != Operation)
            return new((RecordedExhibit?)null);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(exhibit.ToString())));
        var custody = new List<CustodyRow> { new(At(3), "capture-irc", "joined the log", null, exhibit) };
        custody.AddRange(_custody);
        return new(new RecordedExhibit(exhibit, "chat", "a message as received", At(3), "capture-irc", 61, digest, digest, $"{{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-03-01T19:03:00.000000Z\",\"actor\":\"capture-irc\",\"size\":61,\"sha256\":\"{digest}\"}}",
            [Exhibit(0)], custody, "irc://chat.example.net/#lounge", 18_377, (exhibit.Number.LeafIndex == 0 ? null : Exhibit(exhibit.Number.LeafIndex - 1), Exhibit(exhibit.Number.LeafIndex + 1))));
    }

    public ValueTask<OpenedExhibit> OpenExhibitAsync(ExhibitAddress exhibit, string reason, CancellationToken cancellation) =>
        new(new OpenedExhibit(":lampje77!l@example.net PRIVMSG #lounge :hello there", null, [new("format", "irc"), new("venue", "irc://chat.example.net/#lounge")], Record("opened", reason)));

    public ValueTask CloseAsync(ExhibitAddress opening, CancellationToken cancellation)
    {
        Closed++;
        return default;
    }

    public ValueTask<byte[]?> ProofAsync(ExhibitAddress exhibit, CancellationToken cancellation) =>
        new(exhibit.Operation == Operation ? Encoding.ASCII.GetBytes($"c2sp.org/tlog-proof@v1\nindex {exhibit.Number.LeafIndex}\n") : null);

    public ValueTask<LogHealth?> LogHealthAsync(string operation, CancellationToken cancellation) => new(operation != Operation ? null : new LogHealth(
        operation, "unit.example/custos/lantern", 18_377, "mF2v3mCq0Zc1wE7vJ3hQn6m2b0m4kq0Z5m0x8y1n2c4=", "unit.example/custos/lantern\n18377\nmF2v3mCq0Zc1wE7vJ3hQn6m2b0m4kq0Z5m0x8y1n2c4=\n\n\u2014 unit.example/custos/lantern AAAA\n",
        "unit.example/custos/lantern+1f2e3d4c+AXgk", "/srv/custos/operations/lantern", At(600),
        [
            new(NoteLevel.Good, "The checkpoint is signed by this operation's key and covers every exhibit."),
            new(NoteLevel.Missing, "No witness has cosigned: a copy of the keys at work on another machine cannot be noticed."),
            new(NoteLevel.Missing, "No time-stamp: that the log existed by a given day rests on this computer's clock."),
        ]));

    public ValueTask<VerifyAnswer> VerifyAsync(string operation, CancellationToken cancellation) =>
        new(new VerifyAnswer(true, 18_377, ["72 tiles hash to the root", "18,377 contents match their commitments"], [], At(601), TimeSpan.FromSeconds(0.42)));

    public ValueTask<IReadOnlyList<VenueRow>> VenuesAsync(string? operation, CancellationToken cancellation) => Breaks
        ? throw new InvalidOperationException(Script[6])
        : new(Alerts == 0 ? [] : new[]
        {
            new VenueRow(Operation, "irc://chat.example.net/#lounge", "chat room", 161.4, 9_120, 411, 12, [new("2026-03-02T03:10:00Z", "2026-03-02T03:14:12Z", "the server closed the connection", Exhibit(902))]),
            new VenueRow(Operation, "telegram:example-group", "social network", null, 6_208, 98, 3, []),
        });

    public ValueTask<SearchAnswer> OpenSearchAsync(string words, string? operation, string reason, CancellationToken cancellation) => new(new SearchAnswer(
        [.. Script.Select((text, i) => (text, i)).Where(l => l.text.Contains(words, StringComparison.OrdinalIgnoreCase)).Select(l => new SearchHit(Exhibit(100 + l.i), "irc://chat.example.net/#lounge", "lampje77", Spoken(l.i), l.text, new(Operation, "a-1")))],
        false, [Record("searched", reason)]));

    string[] Said() => [.. Enumerable.Repeat(Script, Repeats).SelectMany(lines => lines)];

    QueueRow Row(int rank)
    {
        var band = rank <= 3 ? 1 : rank <= 24 ? 2 : rank <= 130 ? 3 : 4;
        var address = new AlertAddress(Operation, string.Create(CultureInfo.InvariantCulture, $"a-{rank}"));
        string[] names = ["lampje77", "quiet_river", "dad_joker", "n0rthwind", "kk_marc", "seaside", "mr.t", "воронеж_77", "polder-pete", "tall.grass"];
        string[] others = ["mila13", "tess_xo", "kiwi", "anna2012", "joni", "bo"];
        Reason[] reasons =
        [
            new(band switch { 1 => "A meeting within 14 days with someone who is not our persona", 2 => "The other side is not our persona: it may be a real child", 3 => "Payment offered twice", _ => "Passed the threshold; no other risk fact" }, [Exhibit(100 + rank)]),
            new("Asks for the camera after the age was stated", [Exhibit(106), Exhibit(108)]),
            new("Youngest age stated: 13", [Exhibit(103)]),
            new("Asks to keep it secret", [Exhibit(104)]),
        ];
        Reason[] speaks = rank % 3 == 0 ? [] : rank % 3 == 1 ? [new("Left when the age was stated", [Exhibit(109)])] : [new("Declined because of the age, once", [Exhibit(109)]), new("Never came back in 40 hours heard", [])];
        var decision = _decisions.GetValueOrDefault(address);
        return new(address, rank, band, rank % 4 == 0 ? "irc://chat.example.net/#teens" : "irc://chat.example.net/#lounge", names[rank % names.Length], others[rank % others.Length], rank % 2 == 1, rank == 17,
            Spoken(rank), 12 + (rank * 7 % 60), 14.9 - (rank * 0.01), null, reasons[..(2 + (rank % 3))], speaks, decision?.State ?? AlertState.Waiting, decision?.Reason);
    }

    bool TryNumber(AlertAddress alert, out int number)
    {
        number = 0;
        return alert.Operation == Operation && alert.Id.StartsWith("a-", StringComparison.Ordinal)
            && int.TryParse(alert.Id.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= Alerts;
    }

    ProposalRow Proposal() => new(new(Operation, "p-1"), ["lampje77", "nachtlamp"], "Both volunteered one e-mail address", _verdict, 1);

    ConductView Conduct()
    {
        FactView Known(int line) => new("known", Spoken(line), Exhibit(100 + line), line, null);
        var none = new FactView("none", null, null, null, null);
        var unknown = new FactView("unknown", null, null, null, "a gap lies before it in this thread");
        return new(true, Known(3), none, 3,
        [
            new("age", Known(2), Known(3), "account", 0, 1), new("sexual", none, none, "nobody", 0, 0), new("media", none, none, "nobody", 0, 0),
            new("camera", Known(6 + (Script.Length * (Repeats * 4 / 5))), none, "account", 1, 0), new("payment", Known(8), none, "account", 0, 0), new("move", Known(10), none, "account", 0, 0),
            new("meeting", none, unknown, "unknown", 0, 0), new("secrecy", Known(4), none, "account", 0, 0), new("other-child", none, none, "nobody", 0, 0),
        ],
        [new("The other side says 13", Known(3))],
        [new("The other side refuses", Known(7)), new("The account goes on within 20 messages", Known(8))],
        [new("The age was stated only after the account's second question", Known(3))],
        "The persona wrote 6 of 12 messages; longest run without an answer: 1; inducements: none.");
    }

    ExhibitAddress Record(string what, string reason)
    {
        var exhibit = Exhibit(_next++);
        _custody.Add(new(At(500), "analyst", what, reason, exhibit));
        return exhibit;
    }

    static ExhibitAddress Exhibit(long index) => new(Operation, new(index));

    static DateTimeOffset At(int minutes) => new DateTimeOffset(2026, 3, 1, 19, 0, 0, TimeSpan.Zero).AddMinutes(minutes);

    static string Spoken(int minutes) => At(minutes).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
