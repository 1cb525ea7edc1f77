// Percentile bootstrap over groups: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993). Zero in n is given as at most 3 / n: B. Jovanovic and P. Levy, The American Statistician 51 (1997).
namespace Custos.Detection.Training;

/// <summary>Draws groups of authors again, a thousand times, from a seed: authors who speak with each other are not independent.</summary>
sealed class Bootstrap
{
    internal const int Draws = 1_000;

    readonly int _groups;
    readonly long[] _messages;
    readonly (int Group, int Messages, bool Positive, bool Early, bool Judged)[] _flagged;
    readonly int[] _positives;
    readonly (int Atom, bool Positive, int Group)[] _keys;
    readonly double[] _even, _atPrior;
    readonly double _prior;

    /// <summary>Everything that is resampled.</summary>
    /// <param name="groups">Messages of each group.</param>
    /// <param name="positives">Positive authors of each group.</param>
    /// <param name="flagged">Authors flagged: group, messages to the alert, positive, alerted too early, and whether that can be judged.</param>
    /// <param name="keys">Sides of conversations by atom of equal probability.</param>
    /// <param name="even">Probability of each atom at a prior of one half, ascending.</param>
    /// <param name="atPrior">The same at the prior in use.</param>
    /// <param name="prior">That prior.</param>
    internal Bootstrap(
        long[] groups, int[] positives, (int Group, int Messages, bool Positive, bool Early, bool Judged)[] flagged, (int Atom, bool Positive, int Group)[] keys, double[] even, double[] atPrior, double prior)
    {
        (_groups, _messages, _positives, _keys, _even, _atPrior, _prior) = (groups.Length, groups, positives, keys, even, atPrior, prior);
        _flagged = [.. flagged.OrderBy(f => f.Messages)];
    }

    /// <summary>Every measure of one draw.</summary>
    internal sealed record Draw(double? Precision, double Recall, double F1, double F05, double FalsePerMillion, double FLatency, double? TooEarly, double? Ece, double? EceAtPrior, double? Brier);

    internal Draw Observed() => Measure(Enumerable.Repeat(1, _groups).ToArray());

    internal List<Draw> Resampled(long seed) => [.. Drawn(seed).Select(Measure)];

    /// <summary>Recall, and false authors a million messages, of other readings of the same corpus, each with its interval.</summary>
    /// <param name="flagged">Of each reading, the groups of the authors flagged, positive ones and others, once an author.</param>
    /// <param name="seed">The same draws as of <see cref="Resampled"/>.</param>
    internal List<(Measured Recall, Measured FalsePerMillion)> Of(IReadOnlyList<(List<int> Right, List<int> Wrong)> flagged, long seed)
    {
        var once = Enumerable.Repeat(1, _groups).ToArray();
        var draws = Drawn(seed).Select(Rates).ToList();
        return [.. Rates(once).Select((r, row) => (Interval(r.Recall, draws.Select(d => (double?)d[row].Recall)), Interval(r.False, draws.Select(d => (double?)d[row].False))))];

        (double Recall, double False)[] Rates(int[] weights)
        {
            long messages = 0, positives = 0;
            for (var g = 0; g < weights.Length; g++)
                (messages, positives) = (messages + (weights[g] * _messages[g]), positives + (weights[g] * (long)_positives[g]));
            return [.. flagged.Select(f => (positives == 0 ? 0 : (double)f.Right.Sum(g => weights[g]) / positives, messages == 0 ? 0 : 1e6 * f.Wrong.Sum(g => weights[g]) / messages))];
        }
    }

    // How often each group is drawn; one array, written again for every draw.
    IEnumerable<int[]> Drawn(long seed)
    {
        var chance = new Seeded((ulong)seed ^ 0xB007);
        var weights = new int[_groups];
        for (var d = 0; d < Draws; d++)
        {
            Array.Clear(weights);
            for (var i = 0; i < _groups; i++)
                weights[chance.Below(_groups)]++;
            yield return weights;
        }
    }

    internal static Measured Interval(double? value, IEnumerable<double?> draws)
    {
        var known = draws.OfType<double>().Order().ToArray();
        return value is null || known.Length == 0 ? new(value, null, null) : new(value, known[(int)(0.025 * known.Length)], known[Math.Min(known.Length - 1, (int)(0.975 * known.Length))]);
    }

    Draw Measure(int[] weights)
    {
        long messages = 0, positives = 0, hits = 0, wrong = 0, early = 0, judged = 0;
        for (var g = 0; g < weights.Length; g++)
        {
            messages += weights[g] * _messages[g];
            positives += weights[g] * (long)_positives[g];
        }

        foreach (var f in _flagged)
        {
            var weight = weights[f.Group];
            hits += f.Positive ? weight : 0;
            wrong += f.Positive ? 0 : weight;
            judged += f.Judged ? weight : 0;
            early += f.Early ? weight : 0;
        }

        var recall = positives == 0 ? 0 : (double)hits / positives;
        double? precision = hits + wrong == 0 ? null : (double)hits / (hits + wrong);
        var f1 = F(precision, recall, 1);
        var (ece, brier) = Calibrated(weights, 0.5, _even);
        var (atPrior, brierAtPrior) = Calibrated(weights, _prior, _atPrior);
        return new(
            precision, recall, f1, F(precision, recall, 0.25), messages == 0 ? 0 : 1e6 * wrong / messages, f1 * Speed(weights, hits), judged == 0 ? null : (double)early / judged, ece, atPrior,
            brierAtPrior);
    }

    // beta squared: 1 for F1, a quarter for F0.5.
    static double F(double? precision, double recall, double square) => precision is not { } p || (square * p) + recall == 0 ? 0 : (1 + square) * p * recall / ((square * p) + recall);

    // One less the median penalty of F. Sadeque, S. Rodrigues, F. Cruz Silva Rodrigues and S. Bethard, WSDM 2018, at p = 0.0078.
    double Speed(int[] weights, long hits)
    {
        if (hits == 0)
            return 0;
        long passed = 0;
        foreach (var f in _flagged)
        {
            passed += f.Positive ? weights[f.Group] : 0;
            if (2 * passed >= hits && f.Positive)
                return 1 - Penalty(f.Messages);
        }

        return 0;
    }

    internal static double Penalty(int messages) => -1 + (2 / (1 + Math.Exp(-0.0078 * (messages - 1))));

    // Both classes reweighted to the prior.
    (double? Ece, double? Brier) Calibrated(int[] weights, double prior, double[] probability)
    {
        var (positive, negative) = Counts(weights);
        double positives = positive.Sum(), negatives = negative.Sum(), brier = 0;
        if (positives == 0 || negatives == 0)
            return (null, null);
        for (var a = 0; a < probability.Length; a++)
        {
            double p = positive[a] * prior / positives, n = negative[a] * (1 - prior) / negatives;
            brier += (p * (1 - probability[a]) * (1 - probability[a])) + (n * probability[a] * probability[a]);
        }

        return (Reliability.Error(positive, negative, probability, prior), brier);
    }

    // Sides of conversations by atom, each as often as its group was drawn; null: once.
    (double[] Positive, double[] Negative) Counts(int[]? weights)
    {
        var (positive, negative) = (new double[_even.Length], new double[_even.Length]);
        foreach (var (atom, isPositive, group) in _keys)
            (isPositive ? positive : negative)[atom] += weights?[group] ?? 1;
        return (positive, negative);
    }

    /// <summary>The reliability table behind the calibration error at one half.</summary>
    internal List<ReliabilityBin> Table()
    {
        var (positive, negative) = Counts(null);
        var ratio = negative.Sum() / Math.Max(1, positive.Sum());
        return [.. Reliability.Table(positive, negative, _even, 0.5).Select(b =>
        {
            double of = positive[b.From..b.To].Sum(), others = negative[b.From..b.To].Sum();
            var (low, high) = Wilson(of, of + others);
            return new ReliabilityBin(b.Predicted / b.Mass, b.Observed / b.Mass, Even(low), Even(high), (int)(of + others), (int)of);
        })];

        // Of a share in the corpus, what it is with both classes equally frequent.
        double Even(double share) => share * ratio / ((share * ratio) + 1 - share);
    }

    // E. B. Wilson, Journal of the American Statistical Association 22 (1927): 95 % for a share of so many.
    static (double Low, double High) Wilson(double hits, double of)
    {
        const double Z = 1.96;
        double share = hits / of, middle = share + (Z * Z / (2 * of)), half = Z * Math.Sqrt((share * (1 - share) / of) + (Z * Z / (4 * of * of))), scale = 1 + (Z * Z / of);
        return (Math.Max(0, (middle - half) / scale), Math.Min(1, (middle + half) / scale));
    }

    /// <summary>What the calibration error at one half would come to if every bin had said its own share.</summary>
    internal Measured Floor(long seed)
    {
        var (positive, negative) = Counts(null);
        return Reliability.Floor(positive, negative, _even, seed);
    }
}
