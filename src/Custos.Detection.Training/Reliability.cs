// Expected calibration error in bins of equal mass: M. Naeini, G. Cooper and M. Hauskrecht, AAAI 2015; K. Nguyen and B. O'Connor, EMNLP 2015.
// That the estimate is above zero for a perfect model, and by how much at a given size: R. Roelofs et al., "Mitigating bias in calibration error estimation", AISTATS 2022.
namespace Custos.Detection.Training;

/// <summary>How far probabilities lie from what was, with both classes reweighted to a prior.</summary>
static class Reliability
{
    internal const int Bins = 15;
    const int FloorDraws = 200;

    /// <summary>A bin: from one atom of equal probability to before another, with its mass and of that what was said and what was.</summary>
    internal readonly record struct Bin(int From, int To, double Mass, double Predicted, double Observed);

    /// <summary>Bins of equal mass; sides of one probability are never parted. Empty where a class is missing.</summary>
    /// <param name="positive">Positive sides by atom.</param>
    /// <param name="negative">The others.</param>
    /// <param name="probability">Of each atom at the prior, ascending.</param>
    /// <param name="prior">What the classes are reweighted to.</param>
    internal static List<Bin> Table(double[] positive, double[] negative, double[] probability, double prior)
    {
        double positives = positive.Sum(), negatives = negative.Sum();
        var bins = new List<Bin>(Bins);
        if (positives == 0 || negatives == 0)
            return bins;
        var bin = new Bin(0, 0, 0, 0, 0);
        for (var a = 0; a < probability.Length; a++)
        {
            double p = positive[a] * prior / positives, n = negative[a] * (1 - prior) / negatives;
            bin = new(bin.From, a + 1, bin.Mass + p + n, bin.Predicted + ((p + n) * probability[a]), bin.Observed + p);
            if (bin.Mass < 1.0 / Bins && a + 1 < probability.Length)
                continue;
            bins.Add(bin);
            bin = new(a + 1, a + 1, 0, 0, 0);
        }

        return bins;
    }

    /// <summary>The expected calibration error; null where a class is missing.</summary>
    internal static double? Error(double[] positive, double[] negative, double[] probability, double prior) =>
        Table(positive, negative, probability, prior) is { Count: > 0 } bins ? bins.Sum(b => Math.Abs(b.Predicted - b.Observed)) : null;

    /// <summary>What the error would come to if every bin had said exactly its own share: outcomes drawn at the shares seen, as many as there are. Mean, and where 95 of 100 draws lie.</summary>
    /// <param name="positive">Positive sides by atom.</param>
    /// <param name="negative">The others.</param>
    /// <param name="even">Probability of each atom at a prior of one half, ascending.</param>
    /// <param name="seed">Of the draws.</param>
    internal static Measured Floor(double[] positive, double[] negative, double[] even, long seed)
    {
        // A bin is one atom that says its own share.
        var bins = Table(positive, negative, even, 0.5);
        if (bins.Count == 0)
            return new(null, null, null);
        double[] said = [.. bins.Select(b => b.Observed / b.Mass)], of = [.. bins.Select(b => positive[b.From..b.To].Sum())], others = [.. bins.Select(b => negative[b.From..b.To].Sum())];
        var chance = new Seeded((ulong)seed ^ 0xF100);
        var errors = new List<double>(FloorDraws);
        for (var d = 0; d < FloorDraws; d++)
        {
            var (drawn, rest) = (new double[said.Length], new double[said.Length]);
            for (var b = 0; b < said.Length; b++)
            {
                var count = of[b] + others[b];
                var share = of[b] / count;
                for (var i = 0; i < count; i++)
                    drawn[b] += chance.Share() < share ? 1 : 0;
                rest[b] = count - drawn[b];
            }

            double positives = drawn.Sum(), negatives = rest.Sum();
            if (positives > 0 && negatives > 0)
                errors.Add(said.Select((s, b) => Math.Abs((s * ((0.5 * drawn[b] / positives) + (0.5 * rest[b] / negatives))) - (0.5 * drawn[b] / positives))).Sum());
        }

        errors.Sort();
        return errors.Count == 0 ? new(null, null, null) : new(errors.Average(), errors[(int)(0.025 * errors.Count)], errors[Math.Min(errors.Count - 1, (int)(0.975 * errors.Count))]);
    }

    /// <summary>Error and floor of keys, each with the probability it was given at a prior of one half.</summary>
    internal static (Measured Error, Measured Floor) Of(IReadOnlyList<(int Millionths, bool Positive)> keys, long seed)
    {
        var atoms = keys.GroupBy(k => k.Millionths).OrderBy(g => g.Key).ToList();
        double[] positive = [.. atoms.Select(a => (double)a.Count(k => k.Positive))], negative = [.. atoms.Select(a => (double)a.Count(k => !k.Positive))], even = [.. atoms.Select(a => a.Key / 1e6)];
        return (new(Error(positive, negative, even, 0.5), null, null), Floor(positive, negative, even, seed));
    }
}
