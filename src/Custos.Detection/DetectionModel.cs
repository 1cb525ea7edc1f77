namespace Custos.Detection;

/// <summary>What turns evidence into odds. A model holds numbers only: never text, never code.</summary>
public sealed class DetectionModel
{
    DetectionModel(string hash, bool calibrated, int threshold, int placeMargin, int trainingLogit)
    {
        Hash = hash;
        IsCalibrated = calibrated;
        Threshold = threshold;
        PlaceMargin = placeMargin;
        TrainingLogit = trainingLogit;
    }

    /// <summary>No trained model: the evidence of the indicators is the odds, uncalibrated (detection-spec, section 8).</summary>
    public static DetectionModel Builtin { get; } = new("builtin/1", calibrated: false, threshold: 500_000, placeMargin: 2_000, trainingLogit: 0);

    /// <summary><c>builtin/1</c>, or <c>sha256:</c> and the hash of the file.</summary>
    public string Hash { get; }

    /// <summary>True once fitted on a corpus whose outcome is known; false for the built-in one, whose percentages are no frequencies.</summary>
    public bool IsCalibrated { get; }

    /// <summary>The threshold the model was made for, in millionths.</summary>
    internal int Threshold { get; }

    /// <summary>By how many millibits a place must clear the threshold.</summary>
    internal int PlaceMargin { get; }

    /// <summary>Logarithmic odds of the prior the model was trained at, in millibits.</summary>
    internal int TrainingLogit { get; }
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
