using Custos.Evidence;

namespace Custos.Detection.Training;

/// <summary>An author as an evaluation keeps it.</summary>
sealed class EvaluatedAuthor(int component, bool positive)
{
    internal readonly int Component = component;
    internal readonly bool Positive = positive;

    /// <summary>Messages of both sides up to its first alert; 0 if it has none.</summary>
    internal int MessagesToAlert;
    internal long AlertAt = long.MaxValue, LineAt = long.MaxValue, CoreAt = long.MaxValue;

    /// <summary>The highest evidence with the gate open; null if it never was.</summary>
    internal int? Best;

    internal bool Flagged => MessagesToAlert > 0;
}

/// <summary>One pass of a corpus through the product's own code.</summary>
sealed class EvaluationPass : IFindingSink, IScoreTrace
{
    readonly Dictionary<string, EvaluatedAuthor> _authors = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _said = new(StringComparer.Ordinal);
    long _number;

    internal IReadOnlyCollection<EvaluatedAuthor> Authors => _authors.Values;

    /// <summary>Evidence at the end of every conversation between two, by side.</summary>
    internal List<(int Evidence, bool Positive, int Component)> Keys { get; } = [];

    /// <summary>Messages by component.</summary>
    internal Dictionary<int, long> MessagesOf { get; } = [];

    internal long Messages => _number;

    internal int Conversations { get; private set; }

    internal double Seconds { get; private set; }

    internal static EvaluationPass Run(
        EvaluationRequest request, CorpusSurvey survey, DetectionEngine engine, Obfuscation? disguise, FoldStep off, Action<string, long> progress, string step, CancellationToken cancellation)
    {
        var pass = new EvaluationPass();
        var run = new ConversationRun(engine);
        run.Reader.Off = off;
        var started = TimeProvider.System.GetTimestamp();
        foreach (var conversation in request.Corpora.SelectMany(c => c.Conversations()))
        {
            cancellation.ThrowIfCancellationRequested();
            pass.Read(conversation, request, survey, run, disguise);
            progress(step, pass._number);
        }

        pass.Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        return pass;
    }

    void Read(CorpusConversation conversation, EvaluationRequest request, CorpusSurvey survey, ConversationRun run, Obfuscation? disguise)
    {
        var kind = survey[Conversations].Kind;
        var component = survey.ComponentOf(Conversations);
        Conversations++;
        _said.Clear();
        run.Begin(conversation, this);
        ModelPair? pair = null;
        foreach (var message in conversation.Messages)
        {
            _number++;
            var name = message.From.Value;
            var author = AuthorOf(name, component, request.Positives);
            _said[name] = _said.GetValueOrDefault(name) + 1;
            if (request.Lines?.Contains(conversation.Id, message.Id) ?? false)
                author.LineAt = Math.Min(author.LineAt, _number);
            run.Observe(disguise is null ? message : message with { Text = Obfuscator.Disguise(disguise, message.Text, request.Seed, _number) }, this);
            pair = run.Tracker.LastPair ?? pair;
        }

        if (component >= 0)
            MessagesOf[component] = MessagesOf.GetValueOrDefault(component) + conversation.Messages.Count;
        if (kind == ConversationKind.Unlabelled || _said.Count != 2)
            return;
        var first = conversation.Messages[0];
        var (a, b) = (_said.Keys.First(), _said.Keys.Last());
        Take(a, b);
        Take(b, a);

        void Take(string account, string other) => Keys.Add((
            run.Tracker.ScoreOf(new(first.Venue.Value, first.Thread, account, other))?.Millibits ?? pair?.Of(account).Evidence.Part ?? 0, kind == ConversationKind.Positive && request.Positives.Contains(account), component));
    }

    EvaluatedAuthor AuthorOf(string name, int component, PositiveAuthors positives)
    {
        if (!_authors.TryGetValue(name, out var author))
            _authors.Add(name, author = new(component, positives.Contains(name)));
        return author;
    }

    public void Add(Finding finding, ExhibitNumber exhibit)
    {
        var author = _authors[finding.Author];
        if (finding.Kind == FindingKind.Indicator)
        {
            if (finding.Role == AuthorRole.Account && IndicatorCatalogue.Find(finding.Indicators[0].Code)!.IsCore)
                author.CoreAt = Math.Min(author.CoreAt, _number);
            return;
        }

        if (author.Flagged)
            return;
        author.AlertAt = _number;
        author.MessagesToAlert = _said[finding.Author] + (finding.Counterpart is { } other ? _said.GetValueOrDefault(other) : 0);
    }

    public void Scored(string thread, string account, string? counterpart, int score, bool gate)
    {
        if (gate && _authors.TryGetValue(account, out var author) && (author.Best is not { } known || score > known))
            author.Best = score;
    }
}

/// <summary>Harmless talk through the product's own code, in order, with state that lasts.</summary>
sealed class BenignPass : IFindingSink, IScoreTrace
{
    readonly Dictionary<(string Venue, string Thread, string Account, string? Counterpart), (int Venue, int Score)> _best = [];
    readonly Dictionary<string, int> _venues = new(StringComparer.Ordinal);
    readonly List<long> _messages = [];
    string _venue = "";
    int _number;

    internal static BenignPass Run(ICorpus corpus, DetectionEngine engine, Action<string, long> progress, CancellationToken cancellation)
    {
        var pass = new BenignPass();
        var run = new ConversationRun(engine);
        run.Begin(pass);
        long count = 0;
        foreach (var message in corpus.Messages())
        {
            cancellation.ThrowIfCancellationRequested();
            pass._venue = message.Venue.Value;
            if (!pass._venues.TryGetValue(pass._venue, out pass._number))
            {
                pass._venues.Add(pass._venue, pass._number = pass._messages.Count);
                pass._messages.Add(0);
            }

            pass._messages[pass._number]++;
            run.Observe(message, pass);
            progress("reading harmless talk", ++count);
        }

        return pass;
    }

    /// <summary>Messages and the highest scores of keys, by venue in the order they first appear.</summary>
    internal IEnumerable<(long Messages, IReadOnlyList<int> Scores)> Venues() =>
        _messages.Select((m, v) => (m, (IReadOnlyList<int>)[.. _best.Values.Where(b => b.Venue == v).Select(b => b.Score)]));

    public void Add(Finding finding, ExhibitNumber exhibit)
    {
    }

    public void Scored(string thread, string account, string? counterpart, int score, bool gate)
    {
        var key = (_venue, thread, account, counterpart);
        if (gate && (!_best.TryGetValue(key, out var known) || score > known.Score))
            _best[key] = (_number, score);
    }
}
