using Custos.Capture.Gaps;
using Custos.Detection;
using Custos.Evidence;

namespace Custos.Pipeline;

/// <summary>The part of deriving that goes in the order of the log: conversation state, exposure, which conversations exist.</summary>
/// <remarks>Given the same exhibits from the first on, it stands at the same place: that is what catching up and rebuilding rest on.</remarks>
sealed class Derivation(IDetection detection) : IFindingSink
{
    readonly IDetectionTracker _tracker = detection.NewTracker();
    readonly ExposureReader _exposure = new();
    readonly List<IndexedFinding> _found = [];
    readonly Dictionary<ConversationKey, Conversation> _conversations = [];

    // Whose messages change a conversation: the account's and the counterpart's, in the thread or, for a place, anywhere in the venue.
    readonly Dictionary<(string Venue, string? Thread, string Handle), List<Conversation>> _members = [];
    readonly HashSet<Conversation> _changed = [];
    long _findings;
    bool _exposureChanged;

    /// <summary>The next exhibit to be observed.</summary>
    internal long Next { get; private set; }

    /// <summary>Observes a chunk; what it yields is for the index, unless it is a replay.</summary>
    internal IndexBatch Observe(Chunk chunk)
    {
        var exhibits = new IndexedExhibit[chunk.Exhibits.Count];
        _found.Clear();
        var message = 0;
        for (var i = 0; i < exhibits.Length; i++)
        {
            var followed = chunk.Exhibits[i];
            if (followed.Number.LeafIndex != Next)
                throw new InvalidOperationException($"Deriving expected {new ExhibitNumber(Next)} and was given {followed.Number}.");
            Next++;
            exhibits[i] = followed.Indexed;
            if (!IndexedKinds.NeedsState(followed.Entry.Kind))
                continue;
            _exposure.Add(followed.Exhibit!);
            if (followed.Entry.Kind == CaptureKinds.Gap)
                ObserveGap(followed.Exhibit!);
            var imported = false;
            if (message < chunk.Messages.Count && chunk.Messages[message].Exhibit == followed.Number)
            {
                _tracker.Observe(chunk.Readings[message], this);
                Touch(chunk.Messages[message]);
                imported = chunk.Messages[message].Source is not null;
                message++;
            }

            // A live line also says until when its capture was hearing.
            _exposureChanged |= !imported;
        }

        return new(chunk.From, Next, exhibits, chunk.Messages, [.. _found]);
    }

    /// <summary>Takes what changed since the last time.</summary>
    internal SettledRows Settle()
    {
        var conversations = new List<IndexedConversation>(_changed.Count);
        foreach (var conversation in _changed.OrderBy(conversation => conversation.Place))
            conversations.Add(Row(conversation));
        _changed.Clear();
        var exposure = _exposureChanged ? _exposure.Read() : null;
        _exposureChanged = false;
        return new(Next, conversations, exposure);
    }

    /// <summary>Forgets what changed: the index has it.</summary>
    internal void IsSettled()
    {
        _changed.Clear();
        _exposureChanged = false;
    }

    void IFindingSink.Add(Finding finding, ExhibitNumber exhibit)
    {
        var place = _findings++;
        _found.Add(new(finding, exhibit));
        var persona = finding.Role == AuthorRole.Persona;
        // A conversation is named for the account, whoever spoke: what our persona raised stands in the account's conduct record.
        if (persona && (finding.Scope == FindingScope.Place || finding.Counterpart is null))
            return;
        var key = finding.Scope == FindingScope.Place ? new ConversationKey(FindingScope.Place, finding.Venue, "", finding.Author, null)
            : persona ? new ConversationKey(FindingScope.Pair, finding.Venue, finding.Thread, finding.Counterpart!, finding.Author)
            : new ConversationKey(FindingScope.Pair, finding.Venue, finding.Thread, finding.Author, finding.Counterpart);
        if (!_conversations.TryGetValue(key, out var conversation))
        {
            conversation = new(key, _conversations.Count);
            _conversations.Add(key, conversation);
            var thread = key.Scope == FindingScope.Pair ? key.Thread : null;
            Join((key.Venue, thread, key.Account), conversation);
            if (key.Counterpart is { } counterpart)
                Join((key.Venue, thread, counterpart), conversation);
        }

        _changed.Add(conversation);
        if (persona)
            return;
        conversation.Score = finding.Score;
        conversation.Probability = finding.Probability;
        conversation.Peer |= finding.Peer;
        if (finding.Kind == FindingKind.Alert)
            conversation.Alert ??= place;
        else
            conversation.Indicators++;
    }

    // Across a gap it is not known who raised what first: the conduct records of the venue change.
    void ObserveGap(Exhibit exhibit)
    {
        if (!CaptureEvent.TryParse(exhibit.Content.Span, out var happened) || happened.Event != CaptureEventName.GapBegan)
            return;
        _tracker.ObserveGap(new(happened.Venue));
        _changed.UnionWith(_conversations.Values.Where(conversation => conversation.Key.Venue == happened.Venue));
    }

    void Join((string Venue, string? Thread, string Handle) member, Conversation conversation)
    {
        if (!_members.TryGetValue(member, out var list))
            _members.Add(member, list = []);
        list.Add(conversation);
    }

    void Touch(in IndexedMessage message)
    {
        if (_members.Count == 0)
            return;
        var (venue, handle) = (message.Message.Venue.Value, message.Message.From.Value);
        if (_members.TryGetValue((venue, message.Message.Thread, handle), out var pairs))
            _changed.UnionWith(pairs);
        if (_members.TryGetValue((venue, null, handle), out var places))
            _changed.UnionWith(places);
    }

    IndexedConversation Row(Conversation conversation)
    {
        var key = conversation.Key;
        var pair = key is { Scope: FindingScope.Pair, Counterpart: { } counterpart } ? new PairKey(key.Venue, key.Thread, key.Account, counterpart) : null;
        return new(
            conversation.Place, key.Scope, key.Venue, key.Thread, key.Account, key.Counterpart, conversation.Indicators,
            conversation.Score, conversation.Probability, conversation.Peer, conversation.Alert,
            pair is null ? null : _tracker.Conduct(pair),
            pair is null ? [] : _tracker.RiskFacts(pair));
    }

    readonly record struct ConversationKey(FindingScope Scope, string Venue, string Thread, string Account, string? Counterpart);

    sealed class Conversation(ConversationKey key, long place)
    {
        internal ConversationKey Key { get; } = key;
        internal long Place { get; } = place;
        internal int Indicators { get; set; }
        internal Score? Score { get; set; }
        internal Probability? Probability { get; set; }
        internal bool Peer { get; set; }
        internal long? Alert { get; set; }
    }
}
