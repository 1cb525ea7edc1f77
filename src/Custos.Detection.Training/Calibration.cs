// A rising curve through knots, fitted by penalised logistic likelihood: P. Eilers and B. Marx, "Flexible smoothing with B-splines and penalties", Statistical Science 11 (1996), with first-degree splines held monotone.
// Without bend it is the straight line of J. Platt (1999), whose smoothed targets it keeps; free to bend, it nears isotonic regression. How far it may bend is chosen on authors kept aside.
namespace Custos.Detection.Training;

/// <summary>The evidence of one side of a conversation, from a model that had not seen its authors.</summary>
/// <param name="Evidence">At its end, in millibits.</param>
/// <param name="Positive">Whether it is a positive author's.</param>
/// <param name="Fold">Of its authors.</param>
readonly record struct CalibrationKey(int Evidence, bool Positive, int Fold);

/// <summary>From evidence to log2 of the odds, fitted with both classes made equally heavy: the prior is 1/2.</summary>
static class Calibration
{
    // Beyond any evidence there is: seventeen families and a model, each at its cap, and all that speaks for an account.
    const int Low = -6_001, High = 144_001;

    // Knots by mass: fine enough for a jump where the first indicator counts, few enough to be solved at once.
    const int Knots = 24;

    // From a nearly straight line to a nearly free one.
    static readonly double[] Penalties = [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];
    const double Middle = 1e-3;

    /// <summary>Fits the curve to all keys, and one for each fold to the keys of the others; how far they bend is what serves the folds left out best.</summary>
    internal static (List<ModelKnot> Knots, Dictionary<int, DetectionModel> Without) Fit(IReadOnlyList<CalibrationKey> keys)
    {
        var all = Atoms(keys, _ => true);
        var folds = keys.Select(k => k.Fold).Distinct().Order().Select(f => (Fold: f, Others: Atoms(keys, k => k.Fold != f), Kept: Atoms(keys, k => k.Fold == f))).ToList();
        var judges = folds.Where(f => f.Others.Usable && f.Kept.Usable).ToList();
        var penalty = judges.Count < 2 ? Middle : Penalties.MinBy(p => judges.Sum(f => Curve.Fit(f.Others, p).Loss(f.Kept) * f.Kept.Positives));
        return (Rising(Curve.Fit(all, penalty)), folds.ToDictionary(f => f.Fold, f => Read(Rising(Curve.Fit(f.Others.Usable ? f.Others : all, penalty)))));
    }

    /// <summary>How badly the evidence tells conversations apart, in bits: log-loss with both classes equally heavy, of a reading of it at one penalty. One bit tells nothing.</summary>
    internal static double Loss(IReadOnlyList<CalibrationKey> keys)
    {
        var atoms = Atoms(keys, _ => true);
        return Curve.Fit(atoms, Middle).Loss(atoms) / Math.Log(2);
    }

    static DetectionModel Read(List<ModelKnot> knots) => new("training", new() { Knots = knots }, null);

    static AtomSet Atoms(IReadOnlyList<CalibrationKey> keys, Func<CalibrationKey, bool> keeps)
    {
        int positives = 0, negatives = 0;
        var counts = new SortedDictionary<int, (int Positive, int Negative)>();
        foreach (var key in keys)
        {
            if (!keeps(key))
                continue;
            var (p, n) = counts.GetValueOrDefault(key.Evidence);
            counts[key.Evidence] = key.Positive ? (p + 1, n) : (p, n + 1);
            positives += key.Positive ? 1 : 0;
            negatives += key.Positive ? 0 : 1;
        }

        return new(
            [.. counts.Keys.Select(e => e / 1000.0)], [.. counts.Values.Select(c => positives == 0 ? 0 : 0.5 * c.Positive / positives)], [.. counts.Values.Select(c => negatives == 0 ? 0 : 0.5 * c.Negative / negatives)],
            positives, negatives);
    }

    // Keys of equal evidence together: evidence in bits, mass of either class, each one half in all.
    sealed record AtomSet(double[] Evidence, double[] Positive, double[] Negative, int Positives, int Negatives)
    {
        internal bool Usable => Positives > 0 && Negatives > 0;
    }

    // Log-odds, in natural units, at knots of evidence; straight between them.
    sealed class Curve(double[] knots, double[] values)
    {
        internal IEnumerable<(double Evidence, double LogOdds)> Points => knots.Zip(values, (k, v) => (k * 1000, v / Math.Log(2)));

        internal static Curve Fit(AtomSet atoms, double penalty)
        {
            if (!atoms.Usable)
                throw new CorpusException("The corpus has no positive or no other conversation between two authors: nothing can be calibrated. Nothing was written.");
            var knots = KnotsOf(atoms);
            var n = knots.Length;
            // Where each atom lies: its segment and the share of the way to the segment's end.
            var segment = new int[atoms.Evidence.Length];
            var along = new double[segment.Length];
            for (int i = 0, s = 0; i < segment.Length; i++)
            {
                while (s + 2 < n && atoms.Evidence[i] >= knots[s + 1])
                    s++;
                (segment[i], along[i]) = (s, (atoms.Evidence[i] - knots[s]) / (knots[s + 1] - knots[s]));
            }

            // Steps from knot to knot, none below zero; the first is the value at the first knot and free.
            var steps = new double[n];
            var (values, loss) = (new double[n], 0.0);
            var (gradient, hessian) = (new double[n], new double[n, n]);
            loss = Measure(steps, true);
            for (var iteration = 0; iteration < 200; iteration++)
            {
                var free = Enumerable.Range(0, n).Where(j => j == 0 || steps[j] > 0 || gradient[j] < 0).ToArray();
                if (free.All(j => Math.Abs(gradient[j]) < 1e-9))
                    break;
                var direction = Solve(hessian, gradient, free);
                // Newton's direction, bent where a step would go below zero; shorter until it gains.
                var (share, gained) = (1.0, false);
                var tried = new double[n];
                while (share > 1e-12)
                {
                    double descent = 0;
                    for (var j = 0; j < n; j++)
                    {
                        tried[j] = j == 0 ? steps[j] - (share * direction[j]) : Math.Max(0, steps[j] - (share * direction[j]));
                        descent += gradient[j] * (steps[j] - tried[j]);
                    }

                    var less = Measure(tried, false);
                    gained = less < loss - (1e-4 * descent) && loss - less > 1e-13;
                    if (gained)
                        break;
                    share /= 2;
                }

                if (!gained)
                    break;
                tried.CopyTo(steps, 0);
                loss = Measure(steps, true);
            }

            Measure(steps, false);
            return new(knots, values);

            double Measure(double[] by, bool curves)
            {
                values[0] = by[0];
                for (var j = 1; j < n; j++)
                    values[j] = values[j - 1] + by[j];
                double[] slope = new double[n], diagonal = new double[n], beside = new double[n];
                double high = (atoms.Positives + 1.0) / (atoms.Positives + 2.0), low = 1.0 / (atoms.Negatives + 2.0), sum = 0;
                for (var i = 0; i < segment.Length; i++)
                {
                    var (s, t) = (segment[i], along[i]);
                    var odds = ((1 - t) * values[s]) + (t * values[s + 1]);
                    double mass = atoms.Positive[i] + atoms.Negative[i], target = (atoms.Positive[i] * high) + (atoms.Negative[i] * low);
                    sum += (mass * Softplus(odds)) - (target * odds);
                    if (!curves)
                        continue;
                    var p = 1 / (1 + Math.Exp(-odds));
                    var (error, curve) = ((mass * p) - target, mass * p * (1 - p));
                    slope[s] += error * (1 - t);
                    slope[s + 1] += error * t;
                    diagonal[s] += curve * (1 - t) * (1 - t);
                    diagonal[s + 1] += curve * t * t;
                    beside[s] += curve * t * (1 - t);
                }

                var square = new double[n, n];
                for (var j = 0; j < n && curves; j++)
                {
                    square[j, j] += diagonal[j] + 1e-12;
                    if (j + 1 < n)
                        square[j, j + 1] = square[j + 1, j] = beside[j];
                }

                // The bend at an inner knot: how much the slope changes there.
                for (var j = 1; j + 1 < n; j++)
                {
                    double before = knots[j] - knots[j - 1], after = knots[j + 1] - knots[j];
                    double[] by3 = [1 / before, -(1 / before) - (1 / after), 1 / after];
                    var weight = penalty / ((before + after) / 2);
                    var bend = (by3[0] * values[j - 1]) + (by3[1] * values[j]) + (by3[2] * values[j + 1]);
                    sum += weight * bend * bend;
                    for (var a = 0; a < 3 && curves; a++)
                    {
                        slope[j - 1 + a] += 2 * weight * bend * by3[a];
                        for (var b = 0; b < 3; b++)
                            square[j - 1 + a, j - 1 + b] += 2 * weight * by3[a] * by3[b];
                    }
                }

                if (!curves)
                    return sum;
                // A step moves its knot and all after it.
                double running = 0;
                for (var j = n - 1; j >= 0; j--)
                    gradient[j] = running += slope[j];
                for (var a = n - 1; a >= 0; a--)
                {
                    for (var b = n - 1; b >= 0; b--)
                        hessian[a, b] = square[a, b] + (a + 1 < n ? hessian[a + 1, b] : 0) + (b + 1 < n ? hessian[a, b + 1] : 0) - (a + 1 < n && b + 1 < n ? hessian[a + 1, b + 1] : 0);
                }

                return sum;
            }
        }

        // log(1 + e^x) without a large exponent.
        static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

        // At equal steps of mass, the first and the last evidence among them.
        static double[] KnotsOf(AtomSet atoms)
        {
            var knots = new List<double>();
            double mass = 0;
            for (var i = 0; i < atoms.Evidence.Length; i++)
            {
                if (mass >= (double)knots.Count / Knots)
                    knots.Add(atoms.Evidence[i]);
                mass += atoms.Positive[i] + atoms.Negative[i];
            }

            if (atoms.Evidence[^1] > knots[^1])
                knots.Add(atoms.Evidence[^1]);
            if (knots.Count == 1)
                knots.Add(knots[0] + 1);
            return [.. knots];
        }

        // Gaussian elimination with the largest pivot first, of the free ones.
        static double[] Solve(double[,] hessian, double[] gradient, int[] free)
        {
            var n = free.Length;
            var rows = new double[n][];
            for (var a = 0; a < n; a++)
            {
                rows[a] = new double[n + 1];
                for (var b = 0; b < n; b++)
                    rows[a][b] = hessian[free[a], free[b]] + (a == b ? 1e-10 : 0);
                rows[a][n] = gradient[free[a]];
            }

            for (var c = 0; c < n; c++)
            {
                var pivot = c;
                for (var r = c + 1; r < n; r++)
                    pivot = Math.Abs(rows[r][c]) > Math.Abs(rows[pivot][c]) ? r : pivot;
                (rows[c], rows[pivot]) = (rows[pivot], rows[c]);
                for (var r = c + 1; r < n; r++)
                {
                    var factor = rows[r][c] / rows[c][c];
                    for (var b = c; b <= n; b++)
                        rows[r][b] -= factor * rows[c][b];
                }
            }

            var direction = new double[gradient.Length];
            var solved = new double[n];
            for (var r = n - 1; r >= 0; r--)
            {
                var left = rows[r][n];
                for (var b = r + 1; b < n; b++)
                    left -= rows[r][b] * solved[b];
                direction[free[r]] = solved[r] = left / rows[r][r];
            }

            return direction;
        }

        double At(double evidence)
        {
            if (evidence <= knots[0])
                return values[0];
            if (evidence >= knots[^1])
                return values[^1];
            var after = Array.BinarySearch(knots, evidence);
            if (after >= 0)
                return values[after];
            after = ~after;
            return values[after - 1] + ((evidence - knots[after - 1]) / (knots[after] - knots[after - 1]) * (values[after] - values[after - 1]));
        }

        internal double Loss(AtomSet atoms)
        {
            double loss = 0;
            for (var i = 0; i < atoms.Evidence.Length; i++)
            {
                var odds = At(atoms.Evidence[i]);
                loss += (atoms.Positive[i] * Softplus(-odds)) + (atoms.Negative[i] * Softplus(odds));
            }

            return loss;
        }
    }

    static List<ModelKnot> Rising(Curve curve)
    {
        var knots = new List<ModelKnot>();
        foreach (var (evidence, logOdds) in curve.Points)
        {
            var knot = new ModelKnot((int)Math.Round(Math.Clamp(evidence, Low + 1, High - 1)), (int)Math.Round(Math.Clamp(logOdds * 1000, -20_000, 20_000)));
            if (knots.Count > 0)
                knot = new(Math.Max(knot.Evidence, knots[^1].Evidence + 1), Math.Max(knot.LogOdds, knots[^1].LogOdds + 1));
            knots.Add(knot);
        }

        if (!(knots[^1].LogOdds - knots[0].LogOdds > 100))
            throw new CorpusException("On authors it has not seen, the evidence is no higher in positive conversations than in others: there is nothing to learn here. Nothing was written. Check that the positives belong to the corpus.");
        // Flat beyond what was seen.
        knots.Insert(0, new(Low, knots[0].LogOdds - 1));
        knots.Add(new(High, knots[^1].LogOdds + 1));
        return knots;
    }
}
