namespace Custos.Detection.Training;

/// <summary>What is evaluated, on what.</summary>
public sealed record EvaluationRequest
{
    /// <summary>Corpora whose outcome is known.</summary>
    public required IReadOnlyList<ICorpus> Corpora { get; init; }

    /// <summary>Their positive authors.</summary>
    public required PositiveAuthors Positives { get; init; }

    /// <summary>Lines a judge found telling, if there are any.</summary>
    public LabelledLines? Lines { get; init; }

    /// <summary>Talk known to be harmless, for recall at a number of false alerts.</summary>
    public IReadOnlyList<ICorpus> Benign { get; init; } = [];

    /// <summary>The vocabulary.</summary>
    public required Pack Pack { get; init; }

    /// <summary>The model.</summary>
    public required DetectionModel Model { get; init; }

    /// <summary>Threshold and prior.</summary>
    public DetectionOptions Options { get; init; } = new();

    /// <summary>Whether words are disguised, in every way.</summary>
    public bool Obfuscate { get; init; }

    /// <summary>Of everything drawn.</summary>
    public long Seed { get; init; } = 1;
}

/// <summary>A measure with its 95 % interval; null where nothing was there to measure.</summary>
/// <param name="Value">The measure.</param>
/// <param name="Low">From.</param>
/// <param name="High">To.</param>
public sealed record Measured(double? Value, double? Low, double? High);

/// <summary>Recall at so many false alerts in a million harmless messages: the threshold is fixed on one half of them and reported on the other.</summary>
/// <param name="PerMillion">Allowed on the first half.</param>
/// <param name="Threshold">As a probability.</param>
/// <param name="Recall">On the corpus, at that threshold.</param>
/// <param name="FalseAlerts">On the second half.</param>
/// <param name="Messages">Of the second half.</param>
/// <param name="FalseAlertsPerMillion">On the second half.</param>
public sealed record RecallAt(double PerMillion, double Threshold, Measured Recall, long FalseAlerts, long Messages, Measured FalseAlertsPerMillion);

/// <summary>What is left of recall, and how many are wrongly flagged, once words are disguised or a step of reading is switched off.</summary>
/// <param name="Name">The disguise, or the step that is off.</param>
/// <param name="Recall">Of positive authors.</param>
/// <param name="FalseAuthorsPerMillionMessages">Others flagged.</param>
public sealed record ObfuscationMeasure(string Name, Measured Recall, Measured FalseAuthorsPerMillionMessages);

/// <summary>A bin of the reliability table: conversations of like probability.</summary>
/// <param name="Predicted">Mean probability at a prior of one half.</param>
/// <param name="Observed">Share of positive ones, both classes equally heavy.</param>
/// <param name="Low">Of that share, from; 95 %, each conversation by itself.</param>
/// <param name="High">To.</param>
/// <param name="Conversations">How many sides of conversations.</param>
/// <param name="Positives">How many of them of positive authors.</param>
public sealed record ReliabilityBin(double Predicted, double Observed, double Low, double High, int Conversations, int Positives);

/// <summary>An evaluation: the keys of detection-spec, section 14, and what the page shows beside them.</summary>
public sealed record Evaluation
{
    /// <summary>Authors who speak in the corpus.</summary>
    public int Authors { get; init; }

    /// <summary>Positive authors among them.</summary>
    public int Positives { get; init; }

    /// <summary>Conversations read.</summary>
    public int Conversations { get; init; }

    /// <summary>Messages read.</summary>
    public long Messages { get; init; }

    /// <summary>Authors of whom any key was an alert.</summary>
    public int Flagged { get; init; }

    /// <summary>Positive authors among the flagged.</summary>
    public int TruePositives { get; init; }

    /// <summary>Positive authors of whom the gate was ever open: recall can be no higher at any threshold, whatever the model.</summary>
    public int Reachable { get; init; }

    /// <summary>Share of the flagged that is positive.</summary>
    public required Measured Precision { get; init; }

    /// <summary>Share of the positive that is flagged.</summary>
    public required Measured Recall { get; init; }

    /// <summary>2 P R / (P + R); 0 where precision is undefined.</summary>
    public required Measured F1 { get; init; }

    /// <summary>1.25 P R / (0.25 P + R); 0 where precision is undefined.</summary>
    public required Measured F05 { get; init; }

    /// <summary>10^6 x flagged authors who are not positive / messages.</summary>
    public required Measured FalseAuthorsPerMillionMessages { get; init; }

    /// <summary>F1 x (1 - median of (-1 + 2 / (1 + exp(-0.0078 (k - 1))))), k the messages to the alert.</summary>
    public required Measured FLatency { get; init; }

    /// <summary>Median of k over positive authors flagged; null if none is.</summary>
    public int? MedianMessagesToAlert { get; init; }

    /// <summary>The ninetieth percentile of k.</summary>
    public int? P90MessagesToAlert { get; init; }

    /// <summary>Share of positive authors flagged whose alert precedes what it should follow.</summary>
    public required Measured TooEarlyRate { get; init; }

    /// <summary>lines, or indicators where the corpus came without judged lines.</summary>
    public required string TooEarlyBasis { get; init; }

    /// <summary>Expected calibration error in fifteen bins of equal mass, both classes at one half.</summary>
    public required Measured Ece { get; init; }

    /// <summary>What <see cref="Ece"/> would come to if every bin had said exactly its own share: outcomes drawn at the shares seen, each conversation by itself, as many as there are. It is never zero.</summary>
    public required Measured EceFloor { get; init; }

    /// <summary>The same as <see cref="Ece"/> at the prior in use.</summary>
    public required Measured EceAtPrior { get; init; }

    /// <summary>Mean squared error of the probability at the prior in use, classes reweighted to it.</summary>
    public required Measured Brier { get; init; }

    /// <summary>Null without harmless talk.</summary>
    public IReadOnlyList<RecallAt>? RecallAt { get; init; }

    /// <summary>Null if not asked for.</summary>
    public IReadOnlyList<ObfuscationMeasure>? Disguised { get; init; }

    /// <summary>With each step of reading switched off; null if not asked for.</summary>
    public IReadOnlyList<ObfuscationMeasure>? Without { get; init; }

    /// <summary>On one core, reading the file included; the one figure that another run changes.</summary>
    public double MessagesPerSecond { get; init; }

    /// <summary>The probability from which a conversation is an alert.</summary>
    public double Threshold { get; init; }

    /// <summary>As a decimal fraction.</summary>
    public required string Prior { get; init; }

    /// <summary>none: nothing was trained; training: on this corpus; official: on another file.</summary>
    public required string Split { get; init; }

    /// <summary>Of everything drawn.</summary>
    public long Seed { get; init; }

    /// <summary>True if the model was trained on harmless talk that false alerts are counted on here: <see cref="RecallAt"/> is too good then.</summary>
    public bool BenignWasLearned { get; init; }

    /// <summary>SHA-256 of each corpus, as hexadecimal digits.</summary>
    public required IReadOnlyList<string> Corpus { get; init; }

    /// <summary>Of the list of positive authors, and of the judged lines where there were any.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Of each log of harmless talk.</summary>
    public IReadOnlyList<string> Benign { get; init; } = [];

    /// <summary>As findings carry it.</summary>
    public required string Engine { get; init; }

    /// <summary>As findings carry it.</summary>
    public required string Pack { get; init; }

    /// <summary>As findings carry it.</summary>
    public required string Model { get; init; }

    /// <summary>False for the built-in weights.</summary>
    public bool Calibrated { get; init; }

    /// <summary>The reliability table behind <see cref="Ece"/>.</summary>
    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];

    /// <summary>Messages to the alert, of every positive author that was flagged.</summary>
    public IReadOnlyList<int> MessagesToAlert { get; init; } = [];

    /// <summary>Of the sides of conversations that reach the threshold, how many the probabilities say are of others, with the prior at the corpus's own share; and how many are.</summary>
    public double ExpectedFalseAlerts { get; init; }

    /// <summary>How many are.</summary>
    public int ObservedFalseAlerts { get; init; }
}
