namespace Custos.Detection;

/// <summary>A pack, a model and options, opened once: makes readers (any number, one a thread) and trackers (one for the venues it is fed in order).</summary>
public sealed class DetectionEngine
{
    /// <summary>Rises with any change that alters a finding.</summary>
    public const string EngineName = "detection/1";

    /// <summary>The n of <see cref="EngineName"/>.</summary>
    internal const int EngineNumber = 1;

    readonly int _shift;
    readonly int _threshold;

    internal DetectionEngine(RuleBook book, string packHash, DetectionModel model, DetectionOptions options)
    {
        Book = book;
        PackHash = packHash;
        Model = model;
        _shift = ScoreTables.LogitMillibits(options.Prior) - model.TrainingLogit;
        _threshold = options.ThresholdMillionths ?? model.Threshold;
    }

    internal RuleBook Book { get; }

    /// <summary><c>detection/n</c>.</summary>
    public string Engine { get; } = EngineName;

    /// <summary>The pack's hash, as findings carry it.</summary>
    public string PackHash { get; }

    /// <summary>The model.</summary>
    public DetectionModel Model { get; }

    /// <summary>The version of the Unicode Character Database and of the table of look-alikes the reader uses.</summary>
    public static (string Database, string Confusables) Unicode => (UnicodeTables.Version, UnicodeTables.ConfusablesVersion);

    /// <summary>The threshold in force, in millionths.</summary>
    public int ThresholdMillionths => _threshold;

    /// <summary>Compiles a pack.</summary>
    /// <param name="pack">The vocabulary.</param>
    /// <param name="model">What turns evidence into odds.</param>
    /// <param name="options">Threshold and prior.</param>
    /// <exception cref="FormatException">The prior is no decimal fraction between 0 and 1.</exception>
    public static DetectionEngine Open(Pack pack, DetectionModel model, DetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        return new(PackCompiler.Compile(pack), pack.Hash, model, options);
    }

    /// <summary>A reader: pure, for one thread at a time.</summary>
    public MessageReader NewReader() => new(Book, Model.Weights);

    /// <summary>A tracker: fed the messages of its venues in order.</summary>
    public ConversationTracker NewTracker() => new(this);

    // Without a trained model the evidence is the logarithm of the odds itself.
    internal Probability ProbabilityOf(int evidence) => new(ScoreTables.Millionths(Model.Calibrate(evidence) + _shift));

    internal bool Passes(int evidence) => ProbabilityOf(evidence).Millionths >= _threshold;
}
