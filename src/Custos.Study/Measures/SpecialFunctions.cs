// Incomplete gamma and beta functions by series and continued fraction, and the log-gamma they need.
// Abramowitz and Stegun, Handbook of Mathematical Functions, 6.5.29, 6.5.31, 26.5.8; log-gamma by Stirling's series, 6.1.41.
namespace Custos.Study;

/// <summary>The functions that exact intervals are made of.</summary>
static class SpecialFunctions
{
    const int MostTerms = 100_000;
    const double Tiny = 1e-300;
    const double Enough = 1e-16;

    /// <summary>log Γ(x), x &gt; 0.</summary>
    internal static double LogGamma(double x)
    {
        // The series is good to 1e-16 from about 15; smaller arguments climb there by Γ(x + 1) = x Γ(x).
        var shift = 0.0;
        while (x < 15)
        {
            shift -= Math.Log(x);
            x += 1;
        }

        var square = 1 / (x * x);
        var series = (1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1_260) - (square * ((1.0 / 1_680) - (square * ((1.0 / 1_188) - (square * (691.0 / 360_360))))))))));
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + (series / x);
    }

    /// <summary>log C(n, k); negative infinity where k is outside 0..n.</summary>
    internal static double LogChoose(double n, double k) =>
        k < 0 || k > n ? double.NegativeInfinity : LogGamma(n + 1) - LogGamma(k + 1) - LogGamma(n - k + 1);

    /// <summary>The regularised lower incomplete gamma function P(a, x).</summary>
    internal static double GammaP(double a, double x)
    {
        if (x <= 0)
            return 0;
        var front = Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
        if (x < a + 1)
        {
            var term = 1 / a;
            var sum = term;
            for (var n = 1; n < MostTerms && Math.Abs(term) > Math.Abs(sum) * Enough; n++)
            {
                term *= x / (a + n);
                sum += term;
            }

            return front * sum;
        }

        var b = x + 1 - a;
        var c = 1 / Tiny;
        var d = 1 / b;
        var fraction = d;
        for (var n = 1; n < MostTerms; n++)
        {
            var step = -n * (n - a);
            b += 2;
            d = (step * d) + b;
            d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
            c = b + (step / c);
            if (Math.Abs(c) < Tiny)
                c = Tiny;
            var change = d * c;
            fraction *= change;
            if (Math.Abs(change - 1) < Enough)
                break;
        }

        return 1 - (front * fraction);
    }

    /// <summary>The regularised incomplete beta function I_x(a, b).</summary>
    internal static double BetaI(double a, double b, double x)
    {
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a : 1 - (front * BetaFraction(b, a, 1 - x) / b);
    }

    /// <summary>The x at which an increasing function reaches a level.</summary>
    internal static double Inverse(Func<double, double> increasing, double level, double least, double most)
    {
        for (var i = 0; i < 200 && most - least > 0; i++)
        {
            var middle = least + ((most - least) / 2);
            if (middle == least || middle == most)
                break;
            if (increasing(middle) < level)
                least = middle;
            else
                most = middle;
        }

        return least + ((most - least) / 2);
    }

    /// <summary>The z with P(|Z| &lt; z) = level for a standard normal Z: z²/2 is the same quantile of a gamma with shape one half.</summary>
    internal static double TwoSidedNormal(double level) => Math.Sqrt(2 * Inverse(x => GammaP(0.5, x), level, 0, 200));

    static double BetaFraction(double a, double b, double x)
    {
        var c = 1.0;
        var d = 1 - ((a + b) * x / (a + 1));
        d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
        var fraction = d;
        for (var m = 1; m < MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2.0 * m) - 1) * (a + (2.0 * m)));
            d = 1 + (even * d);
            d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
            c = 1 + (even / c);
            if (Math.Abs(c) < Tiny)
                c = Tiny;
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2.0 * m)) * (a + (2.0 * m) + 1));
            d = 1 + (odd * d);
            d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
            c = 1 + (odd / c);
            if (Math.Abs(c) < Tiny)
                c = Tiny;
            var change = d * c;
            fraction *= change;
            if (Math.Abs(change - 1) < Enough)
                break;
        }

        return fraction;
    }
}
