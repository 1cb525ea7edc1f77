using System.Globalization;

namespace Custos.Study;

/// <summary>A lower and an upper end.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lower:G6} to {Upper:G6}");
}

/// <summary>Intervals for a proportion after Wilson.</summary>
/// <remarks>Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.</remarks>
public static class Wilson
{
    /// <summary>The score interval.</summary>
    /// <param name="successes">0 to <paramref name="trials"/>.</param>
    /// <param name="trials">At least 1: a share of nothing is refused.</param>
    /// <param name="level">Two-sided, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A share of nothing, more successes than trials, or no level.</exception>
    public static Interval Of(long successes, long trials, double level = 0.95)
    {
        Check(successes, trials, level);
        var z = SpecialFunctions.TwoSidedNormal(level);
        var p = (double)successes / trials;
        var square = z * z / trials;
        var centre = p + (square / 2);
        var half = Math.Sqrt((p * (1 - p) * square) + (square * square / 4));
        // The ends are exactly 0 and 1 where they must be, never a rounding away from them.
        return new(successes == 0 ? 0 : (centre - half) / (1 + square), successes == trials ? 1 : (centre + half) / (1 + square));
    }

    /// <summary>The score interval with continuity correction.</summary>
    /// <remarks>Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), 857-872, method 4.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A share of nothing, more successes than trials, or no level.</exception>
    public static Interval WithContinuity(long successes, long trials, double level = 0.95)
    {
        Check(successes, trials, level);
        var z = SpecialFunctions.TwoSidedNormal(level);
        double n = trials;
        var p = successes / n;
        var q = 1 - p;
        var below = ((2 * n * p) + (z * z) - 1 - (z * Math.Sqrt((z * z) - 2 - (1 / n) + (4 * p * ((n * q) + 1))))) / (2 * (n + (z * z)));
        var above = ((2 * n * p) + (z * z) + 1 + (z * Math.Sqrt((z * z) + 2 - (1 / n) + (4 * p * ((n * q) - 1))))) / (2 * (n + (z * z)));
        return new(successes == 0 ? 0 : Math.Max(0, below), successes == trials ? 1 : Math.Min(1, above));
    }

    internal static void Check(long successes, long trials, double level)
    {
        if (trials < 1)
            throw new ArgumentOutOfRangeException(nameof(trials), "A share of nothing is no number: there must be at least one trial.");
        if (successes < 0 || successes > trials)
            throw new ArgumentOutOfRangeException(nameof(successes), "There cannot be fewer than no successes, or more of them than trials.");
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), "A level lies between 0 and 1, such as 0.95.");
    }
}

/// <summary>Exact intervals.</summary>
public static class Exact
{
    /// <summary>For a proportion, after Clopper and Pearson.</summary>
    /// <remarks>Clopper and Pearson, Biometrika 26 (1934), 404-413.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A share of nothing, more successes than trials, or no level.</exception>
    public static Interval Proportion(long successes, long trials, double level = 0.95)
    {
        Wilson.Check(successes, trials, level);
        var tail = (1 - level) / 2;
        var lower = successes == 0 ? 0 : SpecialFunctions.Inverse(x => SpecialFunctions.BetaI(successes, trials - successes + 1, x), tail, 0, 1);
        var upper = successes == trials ? 1 : SpecialFunctions.Inverse(x => SpecialFunctions.BetaI(successes + 1, trials - successes, x), 1 - tail, 0, 1);
        return new(lower, upper);
    }

    /// <summary>For the mean of a Poisson count, after Garwood.</summary>
    /// <param name="count">What was counted.</param>
    /// <param name="level">Two-sided, in (0, 1).</param>
    /// <remarks>Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936), 437-442.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A count below none, or no level.</exception>
    public static Interval Poisson(long count, double level = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), "A level lies between 0 and 1, such as 0.95.");
        var tail = (1 - level) / 2;
        // Beyond this the upper end cannot lie: ten standard deviations and a constant for small counts.
        var most = count + (20 * Math.Sqrt(count + 1)) + 100;
        var lower = count == 0 ? 0 : SpecialFunctions.Inverse(x => SpecialFunctions.GammaP(count, x), tail, 0, most);
        var upper = SpecialFunctions.Inverse(x => SpecialFunctions.GammaP(count + 1, x), 1 - tail, 0, most);
        return new(lower, upper);
    }
}
