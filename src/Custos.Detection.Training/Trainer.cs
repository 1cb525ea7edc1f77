using System.Globalization;

namespace Custos.Detection.Training;

/// <summary>What a model is trained from.</summary>
public sealed record TrainingRequest
{
    /// <summary>Corpora whose outcome is known.</summary>
    public required IReadOnlyList<ICorpus> Corpora { get; init; }

    /// <summary>Their positive authors.</summary>
    public required PositiveAuthors Positives { get; init; }

    /// <summary>Talk known to be harmless.</summary>
    public IReadOnlyList<ICorpus> Benign { get; init; } = [];

    /// <summary>The vocabulary the model will stand beside.</summary>
    public required Pack Pack { get; init; }

    /// <summary>Of everything drawn.</summary>
    public long Seed { get; init; }

    internal IEnumerable<ICorpus> AllCorpora() => Corpora.Concat(Benign);
}

/// <summary>A model as trained.</summary>
/// <param name="File">The bytes of its <c>.custosmodel</c> file.</param>
/// <param name="Model">The same, read.</param>
/// <param name="Notes">What a person should know before using it.</param>
/// <param name="Ece">The expected calibration error at one half: each part by a model and a calibrator fitted on the others.</param>
/// <param name="EceFloor">What it would come to on as many conversations if every bin had said exactly its own share.</param>
public sealed record TrainedModel(byte[] File, DetectionModel Model, IReadOnlyList<string> Notes, double? Ece, double? EceFloor);

/// <summary>Trains a model (detection-spec, section 13): regression on the sums of conversations, then weights of indicators, calibrator and threshold on groups of authors the regression never saw.</summary>
public static class Trainer
{
    // Of the squares of the regression's weights, on all parts but one. On all of them it is as much larger as they are:
    // the same per example, or the model that is written would speak louder than those it was calibrated on.
    const double Penalty = 0.1;

    // Least drift of detection-spec, section 13.
    const int LeastDrift = 250;

    // How much of the regression's bits a message gives, and how much of an indicator's rate: chosen on unseen authors, coarsely, so that the choice itself learns little.
    static readonly double[] Scales = [1, 0.5, 0.25, 0.125, 0.0625];
    static readonly double[] Tempers = [1, 0.5, 0.25];

    // Drift in standard deviations of what a harmless message gives: what one message adds by chance, the next few take away.
    static readonly double[] Drifts = [0, 0.5, 1, 1.5];

    /// <summary>Trains; one thread, seeded, so that the same input gives the same bytes on the same machine.</summary>
    /// <param name="request">From what.</param>
    /// <param name="progress">Told what is being done and how many messages are behind; may be null.</param>
    /// <param name="cancellation">Stops it; nothing is written before the end.</param>
    /// <exception cref="CorpusException">The corpus or the positives cannot be used.</exception>
    public static TrainedModel Train(TrainingRequest request, Action<string, long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        progress ??= (_, _) => { };
        progress("reading who speaks with whom", 0);
        var survey = new CorpusSurvey(request.Corpora, request.Positives, request.Benign, cancellation);
        var groups = survey.PositiveComponents().Count();
        var folds = groups >= 15 ? 5 : groups >= 3 ? 3 : groups;
        if (folds < 2)
            throw new CorpusException("The positive authors all speak with each other, or there is only one: no group of authors can be kept aside to check what was learned. Nothing was written. Train on a corpus with two groups or more.");
        var split = AuthorSplit.ByComponents(survey, folds, (ulong)request.Seed);
        // Weights of no say: the product's own code makes the features and nothing follows.
        var engine = DetectionEngine.Open(request.Pack, new("training", new() { Threshold = 500_000, PlaceMargin = 2_000 }, ModelWeights.Zero), new());
        var examples = Examples.Read(request, engine, survey, split, progress, cancellation);
        if (examples.Positives.Sum() == 0)
            throw new CorpusException("No positive author speaks with exactly one other in any conversation: there is nothing to learn from. Nothing was written. Check that the positives belong to the corpus.");
        if (examples.Others.Any(n => n == 0))
            throw new CorpusException("A part of the corpus has no conversation but those of positive authors: there is nothing to tell them apart from. Nothing was written. Add ordinary conversations, or --benign.");

        var space = Regression.LayOut(examples.All);
        var weights = new float[folds][];
        for (var fold = 0; fold < folds; fold++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress(string.Create(CultureInfo.InvariantCulture, $"fitting without part {fold + 1} of {folds}"), survey.Messages);
            weights[fold] = Regression.Fit(examples.All, space, e => e.Fold != fold, Penalty, request.Seed);
        }

        progress("fitting the whole", survey.Messages);
        var whole = Regression.Fit(examples.All, space, _ => true, Penalty * folds / (folds - 1), request.Seed);
        var indicators = Enumerable.Range(-1, folds + 1).Select(without => IndicatorRates.Weights(examples, without)).ToArray();
        examples.All.Clear();

        var unseen = Unseen.Trace(request, engine, survey, split, weights, indicators, progress, cancellation);
        var (scale, temper, drift) = Choose(unseen);
        var (authorBias, counterpartBias) = unseen.Centre(scale);
        var header = new ModelHeader
        {
            AuthorBias = authorBias,
            CounterpartBias = counterpartBias,
            Drift = drift,
            Threshold = 500_000,
            PlaceMargin = 2_000,
            EngineFloor = DetectionEngine.EngineNumber,
            Seed = request.Seed,
            Corpus = [.. request.AllCorpora().Select(c => c.Digest), request.Positives.Digest],
            Counts = new(survey.Authors, request.Positives.Count, survey.Conversations, Enumerable.Range(0, survey.Conversations).Count(i => survey[i].Kind == ConversationKind.Positive), survey.Messages),
        };

        var models = Enumerable.Range(0, folds)
            .Select(f => new DetectionModel("training", header with { Indicators = IndicatorRates.Tempered(indicators[f + 1], temper) }, Quantised(weights[f], scale))).ToArray();
        var exact = UnseenScores.Score(request, engine, survey, split, models, progress, cancellation);
        progress("fitting percentages", survey.Messages);
        var (knots, without) = Calibration.Fit(exact.Keys);
        var (error, floor) = Reliability.Of([.. exact.Keys.Select(k => (ScoreTables.Millionths(without[k.Fold].Calibrate(k.Evidence)), k.Positive))], request.Seed);
        header = header with { Indicators = IndicatorRates.Tempered(indicators[0], temper), Knots = knots };
        var notes = new List<string>();
        header = Threshold(engine, header, exact, folds, notes);
        if (survey.PositiveComponents().Count() < 50)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Only {groups} groups of positive authors: the threshold and the calibrator rest on few. Figures from this model have wide intervals."));
        var file = ModelFile.Write(header, Quantised(whole, scale));
        return new(file, ModelFile.Read("the new model", file), notes, error.Value, floor.Value);
    }

    static ModelWeights Quantised(float[] bits, double scale)
    {
        var slots = new int[ModelFeatures.Slots];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = ModelWeights.Pack(Millibits(bits[i * 2]), Millibits(bits[(i * 2) + 1]));
        return new(slots);

        short Millibits(float weight) => (short)Math.Clamp(Math.Round(weight * 1000 * scale), short.MinValue, short.MaxValue);
    }

    // By F0.5 over unseen authors to the hundredth, then by how well the evidence tells conversations apart.
    static (double Scale, double Temper, int Drift) Choose(Unseen unseen)
    {
        (double Scale, double Temper, int Drift, double F, double Loss) best = (0, 0, 0, -1, double.MaxValue);
        foreach (var scale in Scales)
        {
            foreach (var drift in Drifts.Select(d => (int)Math.Max(LeastDrift, d * scale * unseen.Deviation)).Distinct())
            {
                var parts = unseen.ModelParts(scale, drift);
                foreach (var temper in Tempers)
                {
                    var evidence = unseen.Evidence(parts, temper);
                    var f = Math.Round(unseen.F(evidence), 2);
                    if (f < best.F)
                        continue;
                    var loss = unseen.Loss(evidence);
                    if (f > best.F || loss < best.Loss)
                        best = (scale, temper, drift, f, loss);
                }
            }
        }

        return (best.Scale, best.Temper, best.Drift);
    }

    // The threshold that serves F0.5 best over authors the fold's model had not seen.
    static ModelHeader Threshold(DetectionEngine opened, ModelHeader header, UnseenScores exact, int folds, List<string> notes)
    {
        var model = new DetectionModel("training", header, ModelWeights.Zero);
        var engine = opened.With(model, new() { Prior = header.DeploymentPrior });
        if (LeastFlagged(exact.Authors, e => engine.ProbabilityOf(e).Millionths) is not { } least)
        {
            notes.Add("No conversation of a positive author opened the gate: the packs find no two things to cite in it, and no model raises an alert without them. The threshold stays at 0.5. Add the corpus's own vocabulary to packs/local.");
            return header with { Folds = [.. Enumerable.Range(0, folds).Select(f => exact.FoldOf(f, int.MaxValue))] };
        }

        return header with { Threshold = Math.Clamp(engine.ProbabilityOf(least).Millionths, 1, 999_999), Folds = [.. Enumerable.Range(0, folds).Select(f => exact.FoldOf(f, least))] };
    }

    /// <summary>The lowest evidence among the authors flagged, where flagging all of its probability and above serves F0.5 best; of places that serve alike the highest; null where no positive author can be flagged.</summary>
    /// <param name="authors">All authors, positive ones never scored among them.</param>
    /// <param name="probability">Of evidence, in millionths, never falling. A threshold is written as one, so authors of one probability are flagged together, however their evidence differs.</param>
    internal static int? LeastFlagged(IReadOnlyCollection<UnseenAuthor> authors, Func<int, int> probability)
    {
        var positives = authors.Count(a => a.Positive);
        var (best, least) = (0.0, (int?)null);
        int hits = 0, wrong = 0;
        foreach (var alike in authors.Where(a => a.Best is not null).GroupBy(a => probability(a.Best!.Value)).OrderByDescending(g => g.Key))
        {
            hits += alike.Count(a => a.Positive);
            wrong += alike.Count(a => !a.Positive);
            var f = FHalf(hits, wrong, positives);
            if (f > best)
                (best, least) = (f, alike.Min(a => a.Best));
        }

        return least;
    }

    internal static double FHalf(int hits, int wrong, int positives) => hits == 0 ? 0 : 1.25 * hits / ((1.25 * hits) + wrong + (0.25 * (positives - hits)));
}
