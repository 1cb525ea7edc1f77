using System.Text;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection.Training;

/// <summary>Runs conversations through the product's own reader and tracker, each with state of its own.</summary>
sealed class ConversationRun(DetectionEngine engine)
{
    readonly ScratchLog _log = new(TimeProvider.System);
    readonly byte[] _content = new byte[65_536];

    // No state crosses venues, so one tracker serves conversations in venues of their own; a new one now and then keeps memory bounded.
    const int Venues = 256;
    readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    internal MessageReader Reader { get; } = engine.NewReader();

    internal MessageReading Reading { get; } = new();

    internal ConversationTracker Tracker { get; private set; } = engine.NewTracker();

    /// <summary>Begins a conversation that nothing said before belongs to.</summary>
    internal void Begin(CorpusConversation conversation, IScoreTrace? trace = null)
    {
        var venue = conversation.Messages.Count == 0 ? "" : conversation.Messages[0].Venue.Value;
        if (_seen.Contains(venue) || _seen.Count == Venues)
        {
            Tracker = engine.NewTracker();
            _seen.Clear();
        }

        _seen.Add(venue);

        Tracker.Trace = trace;
    }

    /// <summary>Begins talk whose state lasts.</summary>
    internal void Begin(IScoreTrace trace) => Tracker.Trace = trace;

    internal void Observe(ChatMessage message, IFindingSink sink)
    {
        // A scratch log keeps nothing, so one buffer serves every message; a longer one is numbered by its beginning.
        Encoding.UTF8.GetEncoder().Convert(message.Text, _content, flush: true, out _, out var length, out _);
        Reader.Read(new(_log.Append(new("chat", "training", _content.AsMemory(0, length))), 0, length, message), Reading);
        Tracker.Observe(Reading, sink);
    }
}

/// <summary>Which indicators were seen of whom, and whether the message at hand incriminates.</summary>
sealed class IndicatorSink : IFindingSink
{
    readonly Dictionary<(string, string), ulong> _codes = [];
    static readonly Dictionary<string, int> Numbers = IndicatorCatalogue.All.Select((d, i) => (d.Code, i)).ToDictionary(p => p.Code, p => p.i, StringComparer.Ordinal);

    internal bool Incriminates { get; private set; }

    internal void Begin() => _codes.Clear();

    internal void BeginMessage() => Incriminates = false;

    /// <summary>A bit for each code of the catalogue that the account said to the counterpart.</summary>
    internal ulong CodesOf(string account, string counterpart) => _codes.GetValueOrDefault((account, counterpart));

    public void Add(Finding finding, ExhibitNumber exhibit)
    {
        if (finding.Kind != FindingKind.Indicator || finding.Role != AuthorRole.Account)
            return;
        var number = Numbers[finding.Indicators[0].Code];
        Incriminates |= IndicatorCatalogue.All[number].Kind == IndicatorKind.Incriminating;
        if (finding.Counterpart is { } counterpart)
            _codes[(finding.Author, counterpart)] = _codes.GetValueOrDefault((finding.Author, counterpart)) | (1UL << number);
    }
}
