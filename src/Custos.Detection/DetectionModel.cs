namespace Custos.Detection;

/// <summary>What turns evidence into odds. A model holds numbers only: never text, never code.</summary>
public sealed class DetectionModel
{
    readonly ModelHeader _header;
    readonly int[] _millibits;

    internal DetectionModel(string hash, ModelHeader header, ModelWeights? weights)
    {
        Hash = hash;
        _header = header;
        Weights = weights;
        _millibits = [.. IndicatorCatalogue.All.Select(d => header.Indicators.TryGetValue(d.Code, out var learned) ? learned : d.Millibits)];
        TrainingLogit = ScoreTables.LogitMillibits(header.TrainingPrior);
    }

    /// <summary>No trained model: the evidence of the indicators is the odds, uncalibrated (detection-spec, section 8).</summary>
    public static DetectionModel Builtin { get; } = new("builtin/1", new() { Threshold = 500_000, PlaceMargin = 2_000 }, null);

    /// <summary><c>builtin/1</c>, or <c>sha256:</c> and the hash of the file.</summary>
    public string Hash { get; }

    /// <summary>True once fitted on a corpus whose outcome is known; false for the built-in one, whose percentages are no frequencies.</summary>
    public bool IsCalibrated => _header.Knots.Count > 0;

    /// <summary>What the file says of itself: what it was trained on and how it did there; empty for the built-in one.</summary>
    public ModelHeader Header => _header;

    /// <summary>Reads a <c>.custosmodel</c> file (docs/formats/custosmodel.md).</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelException">It is damaged, or of another version; nothing of it is used.</exception>
    /// <exception cref="IOException">It could not be read.</exception>
    public static DetectionModel Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ModelFile.Read(path, File.ReadAllBytes(path));
    }

    /// <summary>The threshold the model was made for, in millionths.</summary>
    internal int Threshold => _header.Threshold;

    /// <summary>By how many millibits a place must clear the threshold.</summary>
    internal int PlaceMargin => _header.PlaceMargin;

    /// <summary>Logarithmic odds of the prior the model was trained at, in millibits: 0 at one half.</summary>
    internal int TrainingLogit { get; }

    /// <summary>Null without a trained model.</summary>
    internal ModelWeights? Weights { get; }

    /// <summary>The weight of an indicator at strength plain, in millibits; what adds never adds nothing, so that no model closes the gate.</summary>
    internal int WeightOf(IndicatorDefinition definition)
    {
        if (Weights is null)
            return definition.Millibits;
        var weight = _millibits[IndicatorCatalogue.NumberOf(definition.Code)];
        return definition.Kind == IndicatorKind.Incriminating ? Math.Max(1, weight) : weight;
    }

    /// <summary>The weight of an indicator as a rule said it: weak one third, strong half as much again.</summary>
    internal int WeightOf(BookRule rule, RuleStrength strength)
    {
        if (Weights is null)
            return rule.WeightOf(strength);
        var plain = _millibits[rule.Code];
        var weight = strength switch
        {
            RuleStrength.Weak => plain / 3,
            RuleStrength.Plain => plain,
            RuleStrength.Strong => plain * 3 / 2,
            _ => throw new ArgumentOutOfRangeException(nameof(strength)),
        };
        return rule.Definition.Kind == IndicatorKind.Incriminating ? Math.Max(1, weight) : weight;
    }

    /// <summary>What a message gives one side (detection-spec, section 13), in millibits.</summary>
    /// <param name="sum">Of the weights of its features.</param>
    /// <param name="features">How many; a message without words may have none.</param>
    /// <param name="bias">Of that side.</param>
    internal int S(long sum, int features, int bias) =>
        (int)Math.Clamp((64 * sum / ModelFeatures.Root(4096L * Math.Max(1, features))) + bias - _header.Drift, -4_000, 6_000);

    /// <summary>Evidence as logarithmic odds at the training prior, in millibits: piecewise linear between knots, flat beyond the last.</summary>
    internal int Calibrate(int evidence)
    {
        var knots = _header.Knots;
        if (knots.Count == 0)
            return evidence;
        if (evidence <= knots[0].Evidence)
            return knots[0].LogOdds;
        var high = knots.Count - 1;
        if (evidence >= knots[high].Evidence)
            return knots[high].LogOdds;
        var low = 0;
        while (high - low > 1)
        {
            var middle = (low + high) >>> 1;
            if (knots[middle].Evidence <= evidence)
                low = middle;
            else
                high = middle;
        }

        var (from, to) = (knots[low], knots[high]);
        return from.LogOdds + (int)((long)(evidence - from.Evidence) * (to.LogOdds - from.LogOdds) / (to.Evidence - from.Evidence));
    }
}

/// <summary>A point of the calibrator.</summary>
/// <param name="Evidence">E, in millibits.</param>
/// <param name="LogOdds">log2 of the odds at the training prior, in millibits.</param>
public readonly record struct ModelKnot(int Evidence, int LogOdds);

/// <summary>How the model did on one fold of its corpus that it had not seen, in millionths.</summary>
/// <param name="Positives">Positive authors in it.</param>
/// <param name="Conversations">Conversations in it.</param>
/// <param name="Precision">Of flagged authors, the share that is positive.</param>
/// <param name="Recall">Of positive authors, the share that is flagged.</param>
/// <param name="F05">Both, precision counting double.</param>
public sealed record ModelFold(int Positives, int Conversations, int Precision, int Recall, int F05);

/// <summary>What a <c>.custosmodel</c> file says of itself, as numbers.</summary>
public sealed record ModelHeader
{
    /// <summary>The least <c>n</c> of <c>detection/n</c> that can use it.</summary>
    public int EngineFloor { get; init; } = 1;

    /// <summary>Which features it was trained on.</summary>
    public int FeatureVersion { get; init; } = ModelFeatures.Version;

    /// <summary>Added to every message of the author, and of whom it is said to, in millibits.</summary>
    public int AuthorBias { get; init; }

    /// <summary>The other side's.</summary>
    public int CounterpartBias { get; init; }

    /// <summary>Taken from every message, so that harmless talk drains what was gathered, in millibits.</summary>
    public int Drift { get; init; }

    /// <summary>The calibrator; empty for none.</summary>
    public IReadOnlyList<ModelKnot> Knots { get; init; } = [];

    /// <summary>Learned weights of indicators, by code, in millibits; the catalogue's where a code is not named.</summary>
    public IReadOnlyDictionary<string, int> Indicators { get; init; } = new Dictionary<string, int>();

    /// <summary>The share of positive conversations the calibrator answers for, as a decimal fraction.</summary>
    public string TrainingPrior { get; init; } = "0.5";

    /// <summary>The prior the threshold was chosen at, as a decimal fraction.</summary>
    public string DeploymentPrior { get; init; } = "0.001";

    /// <summary>The probability from which a conversation waits for a person, in millionths.</summary>
    public int Threshold { get; init; }

    /// <summary>By how many millibits a place must clear it.</summary>
    public int PlaceMargin { get; init; }

    /// <summary>SHA-256 of each file it was trained on, positives and harmless talk included, as hexadecimal digits.</summary>
    public IReadOnlyList<string> Corpus { get; init; } = [];

    /// <summary>Seen in training: authors, positive ones, conversations, positive ones, messages.</summary>
    public ModelCounts Counts { get; init; } = new(0, 0, 0, 0, 0);

    /// <summary>The seed of everything drawn.</summary>
    public long Seed { get; init; }

    /// <summary>How it did on each fold.</summary>
    public IReadOnlyList<ModelFold> Folds { get; init; } = [];
}

/// <summary>What a model was trained on.</summary>
public sealed record ModelCounts(long Authors, long Positives, long Conversations, long PositiveConversations, long Messages);

/// <summary>A model that is refused, whole; the built-in one never takes its place unasked. Commands end with exit code 4.</summary>
#pragma warning disable CA1032 // Without its file it would help nobody.
public sealed class ModelException : Exception
#pragma warning restore CA1032
{
    internal ModelException(string path, string why)
        : base($"The model '{path}' is refused, and nothing of it is used: {why}")
    {
    }
}

/// <summary>What an operation sets of detection.</summary>
public sealed record DetectionOptions
{
    /// <summary>The probability from which a conversation waits for a person, in millionths; null = the model's own.</summary>
    public int? ThresholdMillionths { get; init; }

    /// <summary>The share of conversations of this kind expected before anything is read, as a decimal fraction between 0 and 1.</summary>
    /// <remarks>One conversation in a thousand, unless the operation knows better; it is printed in every report.</remarks>
    public string Prior { get; init; } = "0.001";

    /// <summary>Reads a decimal fraction between 0 and 1 as millionths, rounded down; null if the text is none.</summary>
    public static int? Millionths(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!ScoreTables.TryReadFraction(text, out var numerator, out var denominator))
            return null;
        var millionths = (int)(numerator * 1_000_000 / denominator);
        return millionths is 0 ? null : millionths;
    }

    /// <summary>True if the text is a prior that <see cref="Prior"/> takes.</summary>
    public static bool IsPrior(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ScoreTables.TryReadFraction(text, out _, out _);
    }
}
