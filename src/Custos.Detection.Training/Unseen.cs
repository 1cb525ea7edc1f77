namespace Custos.Detection.Training;

/// <summary>One side of one pair, seen through the model of a fold that did not hold it.</summary>
/// <param name="Author">The account.</param>
/// <param name="Positive">Whether it is a positive author in a conversation of two.</param>
/// <param name="Rules">What the indicators come to, in millibits.</param>
/// <param name="Gate">True once the gate was open.</param>
/// <param name="From">First of its messages' values.</param>
/// <param name="Count">How many.</param>
readonly record struct UnseenKey(string Author, bool Positive, int Rules, bool Gate, int From, int Count);

/// <summary>What each message of each pair would give, before scale and drift are chosen: one pass serves every choice.</summary>
sealed class Unseen
{
    readonly List<UnseenKey> _keys = [];
    readonly List<float> _values = [];
    // True for a message whose indicators keep it from draining.
    readonly List<bool> _floors = [];
    double _authorSum, _authorSquares, _counterpartSum;
    long _authorCount, _counterpartCount;
    readonly List<bool> _ofAuthor = [];

    internal static Unseen Trace(
        TrainingRequest request, DetectionEngine engine, CorpusSurvey survey, AuthorSplit split, float[][] weights, double[][] indicators, Action<string, long> progress, CancellationToken cancellation)
    {
        var unseen = new Unseen();
        var runs = Enumerable.Range(0, split.Folds).Select(f => new ConversationRun(engine.With(
            new("training", engine.Model.Header with { Indicators = IndicatorRates.Tempered(indicators[f + 1], 1) }, ModelWeights.Zero), new()))).ToArray();
        var sink = new IndicatorSink();
        var gates = new Gates();
        foreach (var (conversation, kind, fold) in survey.Dialogues(request, split, "scoring authors not seen", progress, cancellation))
            unseen.Conversation(conversation, kind, runs[fold], weights[fold], sink, gates, request.Positives);

        return unseen;
    }

    void Conversation(CorpusConversation conversation, ConversationKind kind, ConversationRun run, float[] weights, IndicatorSink sink, Gates gates, PositiveAuthors positives)
    {
        var pairs = new Dictionary<ModelPair, (List<(float, bool, bool)> OfA, List<(float, bool, bool)> OfB)>();
        sink.Begin();
        gates.Clear();
        run.Begin(conversation, gates);
        foreach (var message in conversation.Messages)
        {
            sink.BeginMessage();
            run.Observe(message, sink);
            if (run.Tracker.LastPair is not { } pair)
                continue;
            float author = 0, counterpart = 0;
            Sum(run.Reader.Slots(run.Reading));
            Sum(run.Tracker.PairSlots);
            var one = 1000 / MathF.Sqrt(run.Reading.Features + run.Tracker.PairSlots.Length);
            (author, counterpart) = (author * one, counterpart * one);
            if (!pairs.TryGetValue(pair, out var sides))
                pairs.Add(pair, sides = ([], []));
            var (own, others) = pair.A == message.From.Value ? (sides.OfA, sides.OfB) : (sides.OfB, sides.OfA);
            own.Add((author, sink.Incriminates, true));
            others.Add((counterpart, false, false));
            if (kind == ConversationKind.Negative)
            {
                (_authorSum, _authorSquares, _authorCount) = (_authorSum + author, _authorSquares + ((double)author * author), _authorCount + 1);
                (_counterpartSum, _counterpartCount) = (_counterpartSum + counterpart, _counterpartCount + 1);
            }

            void Sum(ReadOnlySpan<int> slots)
            {
                foreach (var slot in slots)
                {
                    author += weights[slot * 2];
                    counterpart += weights[(slot * 2) + 1];
                }
            }
        }

        foreach (var (pair, sides) in pairs)
        {
            if (pair.B is null)
                continue;
            Take(pair.A, pair.B, sides.OfA);
            Take(pair.B, pair.A, sides.OfB);
        }

        void Take(string account, string other, List<(float S, bool Floor, bool OfAuthor)> values)
        {
            var first = conversation.Messages[0];
            var rules = run.Tracker.ScoreOf(new(first.Venue.Value, first.Thread, account, other))?.Millibits ?? 0;
            _keys.Add(new(account, kind == ConversationKind.Positive && positives.Contains(account), rules, gates.WasOpen(account, other), _values.Count, values.Count));
            foreach (var (s, floor, ofAuthor) in values)
            {
                _values.Add(s);
                _floors.Add(floor);
                _ofAuthor.Add(ofAuthor);
            }
        }
    }

    /// <summary>What has to be added so that harmless talk of authors not seen gives nothing in the mean, in millibits.</summary>
    internal (int Author, int Counterpart) Centre(double scale) =>
        ((int)Math.Round(-scale * _authorSum / Math.Max(1, _authorCount)), (int)Math.Round(-scale * _counterpartSum / Math.Max(1, _counterpartCount)));

    /// <summary>The standard deviation of what a harmless message of authors not seen gives its author, in millibits at scale 1.</summary>
    internal double Deviation => _authorCount == 0 ? 0 : Math.Sqrt(Math.Max(0, (_authorSquares / _authorCount) - (_authorSum / _authorCount * (_authorSum / _authorCount))));

    /// <summary>The model's part of every key at a scale, as detection would have it.</summary>
    internal int[] ModelParts(double scale, int drift)
    {
        var (author, counterpart) = Centre(scale);
        var parts = new int[_keys.Count];
        for (var k = 0; k < parts.Length; k++)
        {
            var evidence = new ModelEvidence();
            for (var i = _keys[k].From; i < _keys[k].From + _keys[k].Count; i++)
            {
                var s = (int)Math.Clamp((_values[i] * scale) + (_ofAuthor[i] ? author : counterpart) - drift, -4_000, 6_000);
                evidence.Add(_floors[i] ? Math.Max(0, s) : s, null);
            }

            parts[k] = evidence.Part;
        }

        return parts;
    }

    /// <summary>The evidence of every key, in millibits.</summary>
    internal int[] Evidence(int[] parts, double temper)
    {
        var evidence = new int[parts.Length];
        for (var k = 0; k < parts.Length; k++)
            evidence[k] = (int)(_keys[k].Rules * temper) + parts[k];
        return evidence;
    }

    /// <summary>The best F0.5 over authors of any threshold.</summary>
    internal double F(int[] evidence)
    {
        var best = new Dictionary<string, int>(StringComparer.Ordinal);
        var positives = new HashSet<string>(StringComparer.Ordinal);
        for (var k = 0; k < evidence.Length; k++)
        {
            var key = _keys[k];
            if (key.Positive)
                positives.Add(key.Author);
            if (key.Gate && (!best.TryGetValue(key.Author, out var known) || evidence[k] > known))
                best[key.Author] = evidence[k];
        }

        int hits = 0, wrong = 0;
        double f = 0;
        var ranked = best.OrderByDescending(b => b.Value).ToList();
        for (var i = 0; i < ranked.Count; i++)
        {
            hits += positives.Contains(ranked[i].Key) ? 1 : 0;
            wrong += positives.Contains(ranked[i].Key) ? 0 : 1;
            if (i + 1 == ranked.Count || ranked[i + 1].Value != ranked[i].Value)
                f = Math.Max(f, Trainer.FHalf(hits, wrong, positives.Count));
        }

        return f;
    }

    /// <summary>How badly the evidence tells conversations apart, in bits.</summary>
    internal double Loss(int[] evidence) => Calibration.Loss([.. evidence.Select((e, k) => new CalibrationKey(e, _keys[k].Positive, 0))]);

    // Where the gate was open, once.
    sealed class Gates : IScoreTrace
    {
        readonly HashSet<(string, string)> _open = [];

        internal void Clear() => _open.Clear();

        internal bool WasOpen(string account, string counterpart) => _open.Contains((account, counterpart));

        public void Scored(string thread, string account, string? counterpart, int score, bool gate)
        {
            if (gate && counterpart is not null)
                _open.Add((account, counterpart));
        }
    }
}

/// <summary>An author as flagged by the models of folds that did not hold it.</summary>
/// <param name="Fold">Its fold.</param>
/// <param name="Positive">Whether it is a positive author.</param>
/// <param name="Best">The highest evidence, in millibits, that any of its keys had with the gate open; null if none ever had.</param>
sealed record UnseenAuthor(int Fold, bool Positive, int? Best);

/// <summary>The product's own scores of authors not seen, of every conversation.</summary>
sealed class UnseenScores
{
    readonly int[] _conversations;

    UnseenScores(int folds) => _conversations = new int[folds];

    /// <summary>Evidence at the end of each conversation between two, by side.</summary>
    internal List<CalibrationKey> Keys { get; } = [];

    internal List<UnseenAuthor> Authors { get; } = [];

    internal static UnseenScores Score(TrainingRequest request, DetectionEngine engine, CorpusSurvey survey, AuthorSplit split, DetectionModel[] models, Action<string, long> progress, CancellationToken cancellation)
    {
        var scores = new UnseenScores(split.Folds);
        var runs = models.Select(m => new ConversationRun(engine.With(m, new()))).ToArray();
        var best = new BestScores();
        var sink = new IndicatorSink();
        var authors = new Dictionary<string, UnseenAuthor>(StringComparer.Ordinal);
        var number = 0;
        long messages = 0;
        foreach (var (corpus, benign) in request.Corpora.Select(c => (c, false)).Concat(request.Benign.Select(c => (c, true))))
        {
            foreach (var conversation in corpus.Conversations())
            {
                cancellation.ThrowIfCancellationRequested();
                var kind = survey[number].Kind;
                var fold = split.FoldOf(number++);
                messages += conversation.Messages.Count;
                scores._conversations[fold]++;
                progress("calibrating on authors not seen", messages);
                best.Clear();
                runs[fold].Begin(conversation, best);
                var pairs = new HashSet<ModelPair>();
                var spoke = new HashSet<string>(StringComparer.Ordinal);
                foreach (var message in conversation.Messages)
                {
                    var name = benign ? corpus.Digest + "\n" + message.From.Value : message.From.Value;
                    if (!authors.ContainsKey(name))
                        authors.Add(name, new(fold, !benign && request.Positives.Contains(name), null));
                    spoke.Add(message.From.Value);
                    runs[fold].Observe(message, sink);
                    if (runs[fold].Tracker.LastPair is { } pair)
                        pairs.Add(pair);
                }

                foreach (var (account, score) in best.All)
                {
                    var name = benign ? corpus.Digest + "\n" + account : account;
                    if (authors.TryGetValue(name, out var author) && (author.Best is not { } known || score > known))
                        authors[name] = author with { Best = score };
                }

                // Positive conversations are those of two: harmless ones among several would be another, easier kind, and every percentage too high.
                if (kind == ConversationKind.Unlabelled || spoke.Count != 2)
                    continue;
                foreach (var pair in pairs)
                {
                    if (pair.B is null)
                        continue;
                    Take(pair, pair.A, pair.B);
                    Take(pair, pair.B, pair.A);
                }

                void Take(ModelPair pair, string account, string other)
                {
                    var first = conversation.Messages[0];
                    var evidence = runs[fold].Tracker.ScoreOf(new(first.Venue.Value, first.Thread, account, other))?.Millibits ?? pair.Of(account).Evidence.Part;
                    scores.Keys.Add(new(evidence, !benign && kind == ConversationKind.Positive && request.Positives.Contains(account), fold));
                }
            }
        }

        scores.Authors.AddRange(authors.Values);
        return scores;
    }

    internal ModelFold FoldOf(int fold, int threshold)
    {
        var positives = Authors.Count(a => a.Fold == fold && a.Positive);
        var hits = Authors.Count(a => a.Fold == fold && a.Positive && a.Best >= threshold);
        var wrong = Authors.Count(a => a.Fold == fold && !a.Positive && a.Best >= threshold);
        return new(positives, _conversations[fold], Millionths(hits, hits + wrong), Millionths(hits, positives), (int)Math.Round(Trainer.FHalf(hits, wrong, positives) * 1e6));

        static int Millionths(int part, int whole) => whole == 0 ? 0 : (int)(1_000_000L * part / whole);
    }

    // The highest score with the gate open, by account.
    sealed class BestScores : IScoreTrace
    {
        internal Dictionary<string, int> All { get; } = new(StringComparer.Ordinal);

        internal void Clear() => All.Clear();

        public void Scored(string thread, string account, string? counterpart, int score, bool gate)
        {
            if (gate && (!All.TryGetValue(account, out var known) || score > known))
                All[account] = score;
        }
    }
}
