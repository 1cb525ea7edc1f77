// Isotonic regression by pooling adjacent violators: M. Ayer et al., Annals of Mathematical Statistics 26 (1955).
// Logistic calibration with smoothed targets: J. Platt (1999), in the Newton form of H.-T. Lin, C.-J. Lin and R. C. Weng, Machine Learning 68 (2007).
namespace Custos.Detection.Training;

/// <summary>From evidence to log2 of the odds, fitted with both classes made equally heavy: the prior is 1/2.</summary>
static class Calibration
{
    // Isotonic needs many to be steadier than a straight line: detection-spec, section 8.
    internal const int IsotonicFrom = 1_000;

    // Beyond any evidence there is: seventeen families and a model, each at its cap, and all that speaks for an account.
    const int Low = -6_001, High = 144_001;

    internal static List<ModelKnot> Fit(IReadOnlyList<(int Evidence, bool Positive)> keys)
    {
        var positives = keys.Count(k => k.Positive);
        var negatives = keys.Count - positives;
        if (positives == 0 || negatives == 0)
            throw new CorpusException("The corpus has no positive or no other conversation between two authors: nothing can be calibrated. Nothing was written.");
        return Rising(positives >= IsotonicFrom ? Isotonic(keys, positives, negatives) : Platt(keys, positives, negatives));
    }

    static List<(double Evidence, double LogOdds)> Isotonic(IReadOnlyList<(int Evidence, bool Positive)> keys, int positives, int negatives)
    {
        double ofPositive = 0.5 / positives, ofNegative = 0.5 / negatives;
        var blocks = new List<(double Positive, double Negative, double Moment)>();
        foreach (var atom in keys.GroupBy(k => k.Evidence).OrderBy(g => g.Key))
        {
            double p = atom.Count(k => k.Positive) * ofPositive, n = atom.Count(k => !k.Positive) * ofNegative;
            blocks.Add((p, n, (p + n) * atom.Key));
            // A block is at least a two-hundredth of the mass, so that one conversation makes no step of its own.
            while (blocks.Count > 1 && (Rate(blocks[^2]) >= Rate(blocks[^1]) || Mass(blocks[^2]) < 0.005))
            {
                var (a, b) = (blocks[^2], blocks[^1]);
                blocks.RemoveAt(blocks.Count - 1);
                blocks[^1] = (a.Positive + b.Positive, a.Negative + b.Negative, a.Moment + b.Moment);
            }
        }

        // Half a conversation of either class more in every block: no rate is 0 or 1.
        return [.. blocks.Select(b => (b.Moment / Mass(b), Math.Log2((b.Positive + (0.5 * ofPositive)) / (b.Negative + (0.5 * ofNegative)))))];

        static double Mass((double Positive, double Negative, double Moment) block) => block.Positive + block.Negative;

        static double Rate((double Positive, double Negative, double Moment) block) => block.Positive / Mass(block);
    }

    static List<(double Evidence, double LogOdds)> Platt(IReadOnlyList<(int Evidence, bool Positive)> keys, int positives, int negatives)
    {
        double high = (positives + 1.0) / (positives + 2.0), low = 1.0 / (negatives + 2.0), ofPositive = 0.5 / positives, ofNegative = 0.5 / negatives;
        double slope = 1, offset = 0;
        for (var iteration = 0; iteration < 100; iteration++)
        {
            double gSlope = 0, gOffset = 0, hSlope = 1e-9, hBoth = 0, hOffset = 1e-9;
            foreach (var (evidence, positive) in keys)
            {
                var x = evidence / 1000.0;
                var p = 1 / (1 + Math.Exp(-((slope * x) + offset)));
                var weight = positive ? ofPositive : ofNegative;
                var error = weight * (p - (positive ? high : low));
                var curve = weight * p * (1 - p);
                (gSlope, gOffset) = (gSlope + (error * x), gOffset + error);
                (hSlope, hBoth, hOffset) = (hSlope + (curve * x * x), hBoth + (curve * x), hOffset + curve);
            }

            var determinant = (hSlope * hOffset) - (hBoth * hBoth);
            if (determinant < 1e-18)
                break;
            var stepSlope = Math.Clamp(((hOffset * gSlope) - (hBoth * gOffset)) / determinant, -1, 1);
            var stepOffset = Math.Clamp(((hSlope * gOffset) - (hBoth * gSlope)) / determinant, -2, 2);
            (slope, offset) = (slope - stepSlope, offset - stepOffset);
            if (Math.Abs(stepSlope) + Math.Abs(stepOffset) < 1e-9)
                break;
        }

        if (!(slope > 0.001))
            throw new CorpusException("On authors it has not seen, the evidence is no higher in positive conversations than in others: there is nothing to learn here. Nothing was written. Check that the positives belong to the corpus.");
        // Bits of odds for thousandths of evidence; a straight line up to twenty bits either way.
        var (a, b) = (slope / Math.Log(2), offset / Math.Log(2));
        return [((-20 - b) / a * 1000, -20), ((20 - b) / a * 1000, 20)];
    }

    static List<ModelKnot> Rising(List<(double Evidence, double LogOdds)> points)
    {
        var knots = new List<ModelKnot>();
        foreach (var (evidence, logOdds) in points)
        {
            var knot = new ModelKnot((int)Math.Round(Math.Clamp(evidence, -900_000, 900_000)), (int)Math.Round(Math.Clamp(logOdds * 1000, -20_000, 20_000)));
            if (knots.Count > 0)
                knot = new(Math.Max(knot.Evidence, knots[^1].Evidence + 1), Math.Max(knot.LogOdds, knots[^1].LogOdds + 1));
            knots.Add(knot);
        }

        if (knots[0].Evidence > Low)
            knots.Insert(0, new(Low, knots[0].LogOdds - 1));
        if (knots[^1].Evidence < High)
            knots.Add(new(High, knots[^1].LogOdds + 1));
        return knots;
    }
}
