using System.Globalization;

namespace Custos.Detection.Training;

/// <summary>Measures detection on a corpus whose outcome is known (detection-spec, section 14), through the product's own code.</summary>
public static class Evaluator
{
    static readonly double[] AllowedPerMillion = [0.1, 1, 5, 20, 100];

    static readonly (FoldStep Step, string Name)[] Steps = NormalizedText.StepNames;

    /// <summary>Evaluates; everything but the speed is the same for the same input and seed.</summary>
    /// <param name="request">What, on what.</param>
    /// <param name="progress">Told what is being done and how many messages are behind; may be null.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="CorpusException">The corpus or the positives cannot be used.</exception>
    public static Evaluation Evaluate(EvaluationRequest request, Action<string, long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        progress ??= (_, _) => { };
        CorpusSurvey.EachOnce(request.Corpora.Concat(request.Benign));
        progress("reading who speaks with whom", 0);
        var survey = new CorpusSurvey(request.Corpora, request.Positives, [], cancellation);
        var engine = DetectionEngine.Open(request.Pack, request.Model, request.Options);
        var pass = EvaluationPass.Run(request, survey, engine, null, FoldStep.None, progress, "measuring", cancellation);
        progress("drawing intervals", pass.Messages);
        var groups = Groups(pass);
        var bootstrap = Resampling(request, pass, groups, engine);
        var observed = bootstrap.Observed();
        var draws = bootstrap.Resampled(request.Seed);
        var hits = pass.Authors.Where(a => a.Positive && a.Flagged).Select(a => a.MessagesToAlert).Order().ToList();
        var flagged = pass.Authors.Count(a => a.Flagged);
        var positives = pass.Authors.Count(a => a.Positive);
        var judged = pass.Authors.Count(a => a.Positive && a.Flagged && Judged(request, a));
        Measured Of(Func<Bootstrap.Draw, double?> measure) => Bootstrap.Interval(measure(observed), draws.Select(measure));
        var (expected, wrongly) = FalseAlerts(request, pass, engine);
        var (disguised, without) = Disguised(request, survey, pass, engine, groups, bootstrap, progress, cancellation);
        return new()
        {
            Authors = pass.Authors.Count,
            Positives = positives,
            Conversations = pass.Conversations,
            Messages = pass.Messages,
            Flagged = flagged,
            TruePositives = hits.Count,
            Reachable = pass.Authors.Count(a => a.Positive && a.Best is not null),
            Precision = Bounded(Of(d => d.Precision), flagged),
            Recall = Bounded(Of(d => d.Recall), positives),
            F1 = Of(d => d.F1),
            F05 = Of(d => d.F05),
            FalseAuthorsPerMillionMessages = ZeroIsABound(Of(d => d.FalsePerMillion), pass.Messages),
            FLatency = Of(d => d.FLatency),
            MedianMessagesToAlert = hits.Count == 0 ? null : hits[(hits.Count - 1) / 2],
            P90MessagesToAlert = hits.Count == 0 ? null : hits[(int)((hits.Count - 1) * 0.9)],
            TooEarlyRate = Bounded(Of(d => d.TooEarly), judged),
            TooEarlyBasis = request.Lines is null ? "indicators" : "lines",
            Ece = Of(d => d.Ece),
            EceFloor = bootstrap.Floor(request.Seed),
            EceAtPrior = Of(d => d.EceAtPrior),
            Brier = Of(d => d.Brier),
            RecallAt = At(request, pass, groups, engine, bootstrap, progress, cancellation),
            Disguised = disguised,
            Without = without,
            MessagesPerSecond = pass.Seconds > 0 ? pass.Messages / pass.Seconds : 0,
            Threshold = engine.ThresholdMillionths / 1e6,
            Prior = request.Options.Prior,
            Split = SplitOf(request),
            Seed = request.Seed,
            BenignWasLearned = request.Benign.Any(b => request.Model.Header.Corpus.Contains(b.Digest)),
            Corpus = [.. request.Corpora.Select(c => c.Digest)],
            Labels = [request.Positives.Digest, .. request.Lines is { } lines ? [lines.Digest] : Array.Empty<string>()],
            Benign = [.. request.Benign.Select(b => b.Digest)],
            Engine = engine.Engine,
            Pack = engine.PackHash,
            Model = request.Model.Hash,
            Calibrated = request.Model.IsCalibrated,
            Reliability = bootstrap.Table(),
            MessagesToAlert = hits,
            ExpectedFalseAlerts = expected,
            ObservedFalseAlerts = wrongly,
        };
    }

    // What the model was trained on is in its header: a figure from the same file is no figure about another.
    static string SplitOf(EvaluationRequest request) =>
        request.Model.Header.Corpus.Count == 0 ? "none" : request.Corpora.Any(c => request.Model.Header.Corpus.Contains(c.Digest)) ? "training" : "official";

    static bool Judged(EvaluationRequest request, EvaluatedAuthor author) => request.Lines is null ? author.CoreAt < long.MaxValue : author.LineAt < long.MaxValue;

    static Dictionary<int, int> Groups(EvaluationPass pass) => pass.MessagesOf.Keys.Order().Select((component, number) => (component, number)).ToDictionary(p => p.component, p => p.number);

    static Bootstrap Resampling(EvaluationRequest request, EvaluationPass pass, Dictionary<int, int> groups, DetectionEngine engine)
    {
        var messages = new long[groups.Count];
        foreach (var (component, count) in pass.MessagesOf)
            messages[groups[component]] = count;
        var positives = new int[groups.Count];
        foreach (var author in pass.Authors.Where(a => a.Positive))
            positives[groups[author.Component]]++;
        var flagged = pass.Authors.Where(a => a.Flagged).Select(a => (
            groups[a.Component], a.MessagesToAlert, a.Positive, a.Positive && Judged(request, a) && a.AlertAt < (request.Lines is null ? a.CoreAt : a.LineAt), a.Positive && Judged(request, a))).ToArray();
        var even = engine.With(request.Model, request.Options with { Prior = "0.5" });
        var atoms = pass.Keys.Select(k => k.Evidence).Distinct().GroupBy(e => even.ProbabilityOf(e).Millionths).OrderBy(g => g.Key).ToList();
        var atomOf = atoms.SelectMany((g, i) => g.Select(e => (e, i))).ToDictionary(p => p.e, p => p.i);
        return new(
            messages, positives, flagged, [.. pass.Keys.Select(k => (atomOf[k.Evidence], k.Positive, groups[k.Component]))], [.. atoms.Select(g => g.Key / 1e6)],
            [.. atoms.Select(g => engine.ProbabilityOf(g.First()).Millionths / 1e6)], double.Parse(request.Options.Prior, CultureInfo.InvariantCulture));
    }

    // Of the sides of conversations that reach the threshold, with the prior at the corpus's own share: how many should be of others, and how many are.
    static (double Expected, int Observed) FalseAlerts(EvaluationRequest request, EvaluationPass pass, DetectionEngine engine)
    {
        var share = (double)pass.Keys.Count(k => k.Positive) / Math.Max(1, pass.Keys.Count);
        var prior = share.ToString("F9", CultureInfo.InvariantCulture);
        if (!DetectionOptions.IsPrior(prior))
            return (0, 0);
        var natural = engine.With(request.Model, request.Options with { Prior = prior });
        var reached = pass.Keys.Where(k => engine.Passes(k.Evidence)).ToList();
        return (reached.Sum(k => 1 - (natural.ProbabilityOf(k.Evidence).Millionths / 1e6)), reached.Count(k => !k.Positive));
    }

    static Measured Bounded(Measured measured, int count) => measured.Value switch
    {
        0 when count > 0 => measured with { High = Math.Min(1, Math.Max(measured.High ?? 0, 3.0 / count)) },
        1 when count > 0 => measured with { Low = Math.Max(0, Math.Min(measured.Low ?? 1, 1 - (3.0 / count))) },
        _ => measured,
    };

    static Measured ZeroIsABound(Measured measured, long messages) => measured.Value == 0 && messages > 0 ? measured with { Low = 0, High = 3e6 / messages } : measured;

    static List<RecallAt>? At(EvaluationRequest request, EvaluationPass pass, Dictionary<int, int> groups, DetectionEngine engine, Bootstrap bootstrap, Action<string, long> progress, CancellationToken cancellation)
    {
        var venues = request.Benign.SelectMany(b => BenignPass.Run(b, engine, progress, cancellation).Venues()).ToList();
        if (venues.Count == 0)
            return null;
        // Venues that appear first, up to half of the messages; of a single venue there is no other half.
        if (venues.Count == 1)
            throw new CorpusException("--benign holds one venue: the threshold is fixed on some venues and reported on others. Nothing was written. Add talk of another venue.");
        var total = venues.Sum(v => v.Messages);
        var split = 1;
        for (var held = venues[0].Messages; split < venues.Count - 1 && held + venues[split].Messages <= total / 2; split++)
            held += venues[split].Messages;
        var first = venues.Take(split).SelectMany(v => v.Scores).OrderDescending().ToList();
        var second = venues.Skip(split).SelectMany(v => v.Scores).ToList();
        long inFirst = venues.Take(split).Sum(v => v.Messages), inSecond = total - inFirst;
        // The lowest evidence that no more than the allowed number of keys of the first half reach.
        var least = AllowedPerMillion.Select(allowed => (int)Math.Min(first.Count, Math.Floor(allowed * inFirst / 1e6))).Select(alerts => first.Count > alerts ? first[alerts] + 1 : int.MinValue).ToList();
        var recalls = bootstrap.Of([.. least.Select(l => (pass.Authors.Where(a => a.Positive && a.Best >= l).Select(a => groups[a.Component]).ToList(), new List<int>()))], request.Seed);
        return [.. AllowedPerMillion.Select((allowed, i) =>
        {
            var wrong = second.Count(s => s >= least[i]);
            var recall = Bounded(recalls[i].Recall, pass.Authors.Count(a => a.Positive));
            return new RecallAt(allowed, least[i] == int.MinValue ? 0 : engine.ProbabilityOf(least[i]).Millionths / 1e6, recall, wrong, inSecond, PerMillion(wrong, inSecond));
        })];
    }

    // Byar's approximation to the exact Poisson interval: N. Breslow and N. Day, "Statistical Methods in Cancer Research" II (1987).
    static Measured PerMillion(int count, long messages)
    {
        if (messages == 0)
            return new(null, null, null);
        if (count == 0)
            return new(0, 0, 3e6 / messages);
        double low = count * Math.Pow(1 - (1 / (9.0 * count)) - (1.96 / (3 * Math.Sqrt(count))), 3), high = (count + 1) * Math.Pow(1 - (1 / (9.0 * (count + 1))) + (1.96 / (3 * Math.Sqrt(count + 1))), 3);
        return new(1e6 * count / messages, 1e6 * low / messages, 1e6 * high / messages);
    }

    static (List<ObfuscationMeasure>? Disguised, List<ObfuscationMeasure>? Without) Disguised(
        EvaluationRequest request, CorpusSurvey survey, EvaluationPass pass, DetectionEngine engine, Dictionary<int, int> groups, Bootstrap bootstrap, Action<string, long> progress, CancellationToken cancellation)
    {
        if (!request.Obfuscate)
            return (null, null);
        var passes = Obfuscator.All.Select(kind => (kind.Name, Flagged: Run(kind, FoldStep.None, $"disguised: {kind.Name}")))
            .Concat(Steps.Select(step => (step.Name, Flagged: Run(null, step.Step, $"without {step.Name}")))).ToList();
        // Drawn as those of the words as written are: what is the same has the same interval.
        var rows = bootstrap.Of([.. passes.Select(p => p.Flagged)], request.Seed)
            .Select((m, i) => new ObfuscationMeasure(passes[i].Name, Bounded(m.Recall, pass.Authors.Count(a => a.Positive)), ZeroIsABound(m.FalsePerMillion, pass.Messages))).ToList();
        return (rows[..Obfuscator.All.Count], rows[Obfuscator.All.Count..]);

        (List<int> Right, List<int> Wrong) Run(Obfuscation? disguise, FoldStep off, string step)
        {
            var flagged = EvaluationPass.Run(request, survey, engine, disguise, off, progress, step, cancellation).Authors.Where(a => a.Flagged).ToLookup(a => a.Positive, a => groups[a.Component]);
            return ([.. flagged[true]], [.. flagged[false]]);
        }
    }
}
