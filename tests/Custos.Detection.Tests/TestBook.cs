using Custos.Evidence;
using Custos.Vocabulary;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Detection.Tests;

/// <summary>A small rule book of invented rules, so that the engine is tested apart from the packs.</summary>
static class TestBook
{
    internal static RuleBookBuilder NewBuilder()
    {
        var b = new RuleBookBuilder();
        var en = b.Language("en");
        Terms(b, "second-person", "you", "your", "u", "ur");
        Terms(b, "third-person", "he", "she", "they", "said");
        Terms(b, "negation", "dont", "not", "never");
        Terms(b, "question-word", "how", "can you");
        Terms(b, "asked", "how old are you", "asl");
        Terms(b, "im", "im", "i am");
        Terms(b, "fine", "thats fine", "ok with me");
        Terms(b, "move-verb", "add me on", "come to");
        Terms(b, "cam-ask", "turn on", "switch on", "show");
        Terms(b, "device", "cam", "webcam", "video call");
        b.AddMasked(b.List("en", "device"));
        Terms(b, "give", "ill give you", "i give you", "give you");
        Terms(b, "secret", "dont tell anyone", "our secret");
        Terms(b, "meet", "can we meet", "meet me");
        Terms(b, "no", "i dont want to", "no way");
        Terms(b, "bye", "you are too young", "too young for me");
        Terms(b, "leave", "i have to go now bye");
        Terms(b, "kind-word", "kind");
        Terms(b, "lonely", "i have no friends");
        Terms(b, "advice", "talk to your parents");
        Terms(b, "flatter", "so mature");
        Terms(b, "years-ago", "years ago");
        b.AddTerms(b.List("", "unit"), ["years of", "minutes", "mb", "years ago"]);
        b.AddNumber("fourteen", 14);
        b.AddNumber("nineteen", 19);
        b.AddFunctionWords("en", ["the", "and", "what"]);
        b.AddService("skype", ["skype"]);
        b.AddPaymentChannel("paypal", ["paypal"]);
        foreach (var (name, code) in new[] { ("$", "USD"), ("€", "EUR"), ("usd", "USD"), ("euro", "EUR"), ("pesos", "PHP") })
            b.AddCurrency(name, code);
        var technical = b.List("", "context:technical");
        b.AddTerms(technical, ["driver", "linux"]);
        var photography = b.List("", "context:photography");
        b.AddTerms(photography, ["lens"]);
        BookContext[] shaped =
        [
            new(ContextShape.Negated, -1, 0, ContextEffect.Drop), new(ContextShape.Quoted, -1, 0, ContextEffect.Drop), new(ContextShape.Reported, -1, 0, ContextEffect.Drop),
            new(ContextShape.Words, technical, 0, ContextEffect.Drop), new(ContextShape.Words, photography, 0, ContextEffect.Weaken),
        ];
        Rule(b, "en.age.asked", "age.asked", SayKind.Any, ["asked"]);
        Rule(b, "en.age.stated", "age.stated", SayKind.FirstThen, ["im", "age"], within: 2);
        Rule(b, "en.age.bare", "age.stated", SayKind.Any, ["age"], needs: RuleNeeds.Open, open: "age.asked");
        Rule(b, "en.age.sex", "age.stated", SayKind.Any, ["age-sex"], needs: RuleNeeds.Open, open: "age.asked");
        Rule(b, "en.age.fine", "age.acknowledged", SayKind.Any, ["fine"], needs: RuleNeeds.ChildAge);
        Rule(b, "en.move.ask", "move.request", SayKind.FirstThen, ["move-verb", "service"], within: 2);
        Rule(b, "en.camera.ask", "camera.request", SayKind.FirstThen, ["cam-ask", "device"], within: 3, needs: RuleNeeds.SecondPerson, unless: shaped);
        Rule(b, "en.payment.offer", "payment.offer", SayKind.FirstThen, ["give", "money"], within: 3);
        Rule(b, "en.secrecy", "secrecy", SayKind.Any, ["secret"]);
        Rule(b, "en.meeting", "meeting.request", SayKind.Any, ["meet"]);
        Rule(b, "en.refusal", "refusal", SayKind.Any, ["no"]);
        Rule(b, "en.declined", "age.declined", SayKind.Any, ["bye"], needs: RuleNeeds.ChildAge);
        Rule(b, "en.withdrawal", "withdrawal", SayKind.Any, ["leave"], needs: RuleNeeds.ChildAge);
        Terms(b, "born", "born in");
        Rule(b, "en.age.born", "age.stated", SayKind.FirstThen, ["born", "birth-year"], within: 1);
        Rule(b, "en.lonely", "vulnerability", SayKind.Any, ["lonely"]);
        Rule(b, "en.advice", "advice.safety", SayKind.Any, ["advice"]);
        Rule(b, "en.flatter", "flattery.age", SayKind.Any, ["flatter"]);
        Rule(b, "en.kind", "secrecy", SayKind.Any, ["kind-word"], needs: RuleNeeds.Language);
        return b;
    }

    static void Terms(RuleBookBuilder b, string list, params string[] terms) => b.AddTerms(b.List("en", list), terms);

    static void Rule(RuleBookBuilder b, string id, string code, SayKind kind, string[] lists, int within = 0, RuleNeeds needs = 0, string? open = null, BookContext[]? unless = null) =>
        b.Add(new()
        {
            Id = id,
            Definition = IndicatorCatalogue.Find(code)!,
            Language = b.Language("en"),
            Kind = kind,
            Lists = [.. lists.Select(l => b.List(RuleLanguage.ReservedLists.Contains(l) ? "" : "en", l))],
            Within = within,
            Strength = RuleStrength.Plain,
            Needs = needs,
            OpenCode = open is null ? -1 : IndicatorCatalogue.NumberOf(open),
            Unless = unless ?? [],
            Filled = PackCompiler.FilledBy(code),
        });

    internal static DetectionEngine NewEngine() => new(NewBuilder().Build(), "sha256:test", DetectionModel.Builtin, new());
}

/// <summary>A conversation written down line by line, recorded in a scratch log, and what detection made of it.</summary>
sealed class Told : IFindingSink
{
    readonly ScratchLog _log = new(new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)));
    readonly MessageReader _reader;
    readonly MessageReading _reading = new();
    int _id;

    internal Told(DetectionEngine? engine = null, IConversationStore? store = null, long memory = 0)
    {
        Engine = engine ?? TestBook.NewEngine();
        _reader = Engine.NewReader();
        Tracker = store is null ? Engine.NewTracker() : Engine.NewTracker(store, memory);
    }

    internal DetectionEngine Engine { get; }

    internal ConversationTracker Tracker { get; private set; }

    internal List<Finding> Findings { get; } = [];

    internal Dictionary<string, string> Texts { get; } = new(StringComparer.Ordinal);

    internal IEnumerable<Finding> Alerts => Findings.Where(f => f.Kind == FindingKind.Alert);

    internal IEnumerable<Indicator> Indicators => Findings.Where(f => f.Kind == FindingKind.Indicator).Select(f => f.Indicators[0]);

    public void Add(Finding finding, ExhibitNumber exhibit) => Findings.Add(finding);

    internal Told Says(string from, string text, string thread = "t1", string? to = null, string? at = null, Direction direction = Direction.None, string venue = "net/#room", string? typedBy = "officer-1")
    {
        var id = "m" + ++_id;
        Texts[id] = text;
        SpokenAt? spoken = SpokenAt.TryParse(at, out var parsed) ? parsed : null;
        var exhibit = _log.Append(new("chat", "test", System.Text.Encoding.UTF8.GetBytes(text)));
        _reader.Read(new(exhibit, 0, 0, new(new(venue), thread, id, spoken, new(from), to is null ? null : new(to), text, direction) { TypedBy = direction == Direction.Out ? typedBy : null }), _reading);
        Tracker.Observe(_reading, this);
        return this;
    }

    /// <summary>The process ends here and another goes on from the store.</summary>
    internal void Restart(IConversationStore store, long memory)
    {
        Tracker.Flush();
        Tracker = Engine.NewTracker(store, memory);
    }

    /// <summary>Lines of two in turn, read by several readers side by side.</summary>
    internal void SaysAll(string[] texts, int readers)
    {
        var readings = new MessageReading[texts.Length];
        var messages = new RecordedMessage[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            var exhibit = _log.Append(new("chat", "test", System.Text.Encoding.UTF8.GetBytes(texts[i])));
            messages[i] = new(exhibit, 0, 0, new(new("net/#room"), "t1", "m" + (i + 1), null, new(i % 2 == 0 ? "ann" : "bob"), null, texts[i], Direction.None));
        }

        Parallel.For(0, readers, reader =>
        {
            var own = Engine.NewReader();
            for (var i = reader; i < texts.Length; i += readers)
                readings[i] = own.Read(messages[i]);
        });
        foreach (var reading in readings)
            Tracker.Observe(reading, this);
    }

    /// <summary>The words a citation points to, cut by code points as the specification counts them.</summary>
    internal string Cited(Indicator indicator)
    {
        var runes = Texts[indicator.MessageId].EnumerateRunes().ToList();
        return string.Concat(runes.Skip(indicator.Start).Take(indicator.Length).Select(r => r.ToString()));
    }

    internal IEnumerable<string> Codes(string messageId) => Indicators.Where(i => i.MessageId == messageId).Select(i => i.Code);
}
