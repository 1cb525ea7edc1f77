using Custos.Evidence;

namespace Custos.Detection;

/// <summary>An alert that one pack raises and the other does not.</summary>
/// <param name="Scope">Pair or place.</param>
/// <param name="Venue">The venue.</param>
/// <param name="Thread">The thread of the message that passed the threshold.</param>
/// <param name="Account">Whose.</param>
/// <param name="Counterpart">The other side; null for a place.</param>
/// <param name="MessageId">The message that passed the threshold.</param>
/// <param name="Rules">The rules that contributed, each once, in order of their ids.</param>
public sealed record ShadowAlert(FindingScope Scope, string Venue, string Thread, string Account, string? Counterpart, string MessageId, IReadOnlyList<string> Rules);

/// <summary>How often a rule fired under each pack.</summary>
/// <param name="Rule">The rule's id, or <c>derived/code</c>.</param>
/// <param name="Published">Indicators under the published pack.</param>
/// <param name="Candidate">Indicators under the changed one.</param>
public sealed record ShadowRule(string Rule, long Published, long Candidate);

/// <summary>What a changed pack would change.</summary>
/// <param name="Messages">Messages read with both.</param>
/// <param name="PublishedHash">The published pack.</param>
/// <param name="CandidateHash">The changed pack.</param>
/// <param name="PublishedAlerts">Alerts under the published pack.</param>
/// <param name="CandidateAlerts">Alerts under the changed pack.</param>
/// <param name="Gained">Alerts that only the changed pack raises.</param>
/// <param name="Lost">Alerts that only the published pack raises.</param>
/// <param name="Rules">Every rule whose count differs, by id.</param>
public sealed record PackShadowReport(
    long Messages,
    string PublishedHash,
    string CandidateHash,
    int PublishedAlerts,
    int CandidateAlerts,
    IReadOnlyList<ShadowAlert> Gained,
    IReadOnlyList<ShadowAlert> Lost,
    IReadOnlyList<ShadowRule> Rules);

/// <summary>Runs a changed pack beside the published one over the same messages. What it finds reaches no queue.</summary>
public sealed class PackShadow
{
    // Conversation state of each side that stays unpacked, in bytes; findings do not depend on it.
    const long Memory = 128 << 20;

    readonly string _publishedHash;
    readonly string _candidateHash;
    readonly Side _published;
    readonly Side _candidate;
    long _messages;

    /// <summary>Opens both packs with the same model and options.</summary>
    /// <param name="published">The pack that counts.</param>
    /// <param name="candidate">The changed one.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Threshold and prior.</param>
    /// <param name="findings">Takes the changed pack's findings, to be written with <c>"shadow":true</c>; null if nobody wants them.</param>
    public PackShadow(Pack published, Pack candidate, DetectionModel model, DetectionOptions options, IFindingSink? findings = null)
    {
        ArgumentNullException.ThrowIfNull(published);
        ArgumentNullException.ThrowIfNull(candidate);
        (_publishedHash, _candidateHash) = (published.Hash, candidate.Hash);
        _published = new(DetectionEngine.Open(published, model, options), null);
        _candidate = new(DetectionEngine.Open(candidate, model, options), findings);
    }

    /// <summary>Reads the next message of its venue with both packs.</summary>
    public void Read(in RecordedMessage message)
    {
        _messages++;
        _published.Read(message);
        _candidate.Read(message);
    }

    /// <summary>What differs so far.</summary>
    public PackShadowReport Report() => new(
        _messages,
        _publishedHash,
        _candidateHash,
        _published.Alerts.Count,
        _candidate.Alerts.Count,
        Only(_candidate, _published),
        Only(_published, _candidate),
        [.. _published.Rules.Keys.Union(_candidate.Rules.Keys, StringComparer.Ordinal)
            .Select(rule => new ShadowRule(rule, _published.Rules.GetValueOrDefault(rule), _candidate.Rules.GetValueOrDefault(rule)))
            .Where(rule => rule.Published != rule.Candidate)
            .OrderBy(rule => rule.Rule, StringComparer.Ordinal)]);

    static List<ShadowAlert> Only(Side of, Side without) => [.. of.Alerts.Where(alert => !without.Alerts.ContainsKey(alert.Key)).OrderBy(alert => alert.Value.Order).Select(alert => alert.Value.Alert)];

    readonly record struct AlertKey(FindingScope Scope, string Venue, string Thread, string Account, string? Counterpart);

    sealed class Side(DetectionEngine engine, IFindingSink? findings) : IFindingSink
    {
        readonly MessageReader _reader = engine.NewReader();
        readonly MessageReading _reading = new();
        readonly ConversationTracker _tracker = engine.NewTracker(new PackedConversationStore(), Memory);

        internal Dictionary<AlertKey, (int Order, ShadowAlert Alert)> Alerts { get; } = [];

        internal Dictionary<string, long> Rules { get; } = new(StringComparer.Ordinal);

        internal void Read(in RecordedMessage message)
        {
            _reader.Read(message, _reading);
            _tracker.Observe(_reading, this);
        }

        public void Add(Finding finding, ExhibitNumber exhibit)
        {
            findings?.Add(finding, exhibit);
            if (finding.Kind == FindingKind.Indicator)
            {
                foreach (var indicator in finding.Indicators)
                    Rules[indicator.Rule] = Rules.GetValueOrDefault(indicator.Rule) + 1;
                return;
            }

            // A place has one alert in a venue, whatever the thread.
            var key = new AlertKey(finding.Scope, finding.Venue, finding.Scope == FindingScope.Pair ? finding.Thread : "", finding.Author, finding.Counterpart);
            Alerts.TryAdd(key, (Alerts.Count, new(
                finding.Scope, finding.Venue, finding.Thread, finding.Author, finding.Counterpart, finding.MessageId,
                [.. finding.Indicators.Select(i => i.Rule).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)])));
        }
    }
}
