namespace Custos.Detection;

/// <summary>A pack, a model and options, opened once: makes readers (any number, one a thread) and trackers (one for the venues it is fed in order).</summary>
public sealed class DetectionEngine
{
    /// <summary>Rises with any change that alters a finding.</summary>
    public const string EngineName = "detection/4";

    /// <summary>The n of <see cref="EngineName"/>.</summary>
    internal const int EngineNumber = 4;

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

    /// <summary>The same pack, which is compiled once, with another model or other options; for training and measuring.</summary>
    internal DetectionEngine With(DetectionModel model, DetectionOptions options) => new(Book, PackHash, model, options);

    /// <summary>A reader: pure, for one thread at a time.</summary>
    public MessageReader NewReader() => new(Book, Model.Weights);

    /// <summary>A tracker: fed the messages of its venues in order. It keeps all conversations in memory.</summary>
    public ConversationTracker NewTracker() => new(this, null, 0);

    /// <summary>A tracker that keeps conversations in memory up to a budget, and the rest in a store. Findings are the same for any budget.</summary>
    /// <param name="store">Takes what was touched longest ago. States of another engine, pack, model or threshold in it are void.</param>
    /// <param name="memory">Bytes of conversation state kept in memory; beyond it only what the message at hand needs. 0 keeps nothing between two messages.</param>
    public ConversationTracker NewTracker(IConversationStore store, long memory)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfNegative(memory);
        return new(this, store, memory);
    }

    /// <summary>What saved conversation state depends on: under any other it is void.</summary>
    internal string StateMaker => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"state/1 {EngineName} {PackHash} {Model.Hash} threshold {_threshold} shift {_shift}");

    // Without a trained model the evidence is the logarithm of the odds itself.
    internal Probability ProbabilityOf(int evidence) => new(ScoreTables.Millionths(Model.Calibrate(evidence) + _shift));

    internal bool Passes(int evidence) => ProbabilityOf(evidence).Millionths >= _threshold;
}
