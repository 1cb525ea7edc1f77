namespace Custos.Study;

/// <summary>How many were not seen. The functions compute whatever is defined and refuse the rest; what a report prints is decided elsewhere, and more is refused there.</summary>
public static class Unseen
{
    /// <summary>Chao's lower bound for how many there are. Links between records of one person that were missed push it up.</summary>
    /// <remarks>Chao, Scandinavian Journal of Statistics 11 (1984), 265-270; interval after Chao, Biometrics 43 (1987), 783-791.</remarks>
    public static Estimate Chao1(FrequencyCounts counts, Chao1Form form)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double s = counts.Observed, f1 = counts[1], f2 = counts[2], n = counts.Observations;
        var name = form switch
        {
            Chao1Form.BiasCorrected => "Chao1, bias-corrected: S + f1(f1-1)/(2(f2+1))",
            Chao1Form.Classic => "Chao1, classic: S + f1^2/(2 f2)",
            Chao1Form.ClassicFinite => "Chao1, classic with (n-1)/n: S + ((n-1)/n) f1^2/(2 f2)",
            _ => throw new ArgumentOutOfRangeException(nameof(form)),
        };
        if (s == 0)
            return Estimate.Refused(name, "nobody was seen");
        if (f1 == 0)
            return new(name, s, 0, new(s, s), null, "nobody unseen expected: no one was seen only once");
        if (f2 == 0 && form != Chao1Form.BiasCorrected)
            return Estimate.Refused(name, "nobody was seen exactly twice: this form is undefined");

        // The factor (n-1)/n is 1 in the forms without it; the variance is that of each form.
        var a = form == Chao1Form.ClassicFinite ? (n - 1) / n : 1;
        double value, variance;
        if (form == Chao1Form.BiasCorrected)
        {
            value = s + (f1 * (f1 - 1) / (2 * (f2 + 1)));
            // The delta method over the cells seen once, seen twice, seen more often and not seen: the formula usually quoted is the
            // one of the classic form with terms replaced, and differs in the fourth digit.
            var (d1, d2) = (((2 * f1) - 1) / (2 * (f2 + 1)), -f1 * (f1 - 1) / (2 * (f2 + 1) * (f2 + 1)));
            var g = (d1 * f1) + (d2 * f2);
            var unseen = value - s;
            variance = (s * unseen / value) + (2 * g * unseen / value) + (d1 * d1 * f1) + (d2 * d2 * f2) - (g * g / value);
        }
        else
        {
            var r = f1 / f2;
            value = s + (a * f1 * f1 / (2 * f2));
            variance = f2 * ((a * r * r / 2) + (a * a * r * r * r) + (a * a * r * r * r * r / 4));
        }

        return new(name, value, Math.Sqrt(Math.Max(0, variance)), LogInterval(s, value, variance), null);
    }

    /// <summary>The bound from those seen twice and three times: beside Chao1, because persons that were not linked inflate f1.</summary>
    public static Estimate SecondOrderBound(FrequencyCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        const string Form = "bound from f2 and f3: S - f1 + f1' + f0', f1' = 2 f2^2/(3 f3), f0' = 2 f2^3/(9 f3^2)";
        double s = counts.Observed, f1 = counts[1], f2 = counts[2], f3 = counts[3];
        if (f3 == 0)
            return Estimate.Refused(Form, "nobody was seen exactly three times: undefined");
        var value = s - f1 + (2 * f2 * f2 / (3 * f3)) + (2 * f2 * f2 * f2 / (9 * f3 * f3));
        return value < s
            ? Estimate.Refused(Form, "it falls below those seen: no unseen shown")
            : new(Form, value, null, null, null);
    }

    /// <summary>The abundance-based coverage estimator.</summary>
    /// <param name="counts">The counts.</param>
    /// <param name="rare">Persons seen at most this often are rare.</param>
    /// <remarks>Chao and Lee, JASA 87 (1992), 210-217. Its standard error is not implemented.</remarks>
    public static Estimate Ace(FrequencyCounts counts, int rare = 10)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var form = $"ACE, rare at most {rare}";
        double abundant = counts.Pairs.Where(pair => pair.Times > rare).Sum(pair => pair.Persons);
        double sRare = counts.Pairs.Where(pair => pair.Times <= rare).Sum(pair => pair.Persons);
        double nRare = counts.Pairs.Where(pair => pair.Times <= rare).Sum(pair => pair.Times * pair.Persons);
        double f1 = counts[1];
        if (nRare == 0)
            return Estimate.Refused(form, "nobody was seen rarely");
        var coverage = 1 - (f1 / nRare);
        if (coverage <= 0)
            return Estimate.Refused(form, "all that were seen rarely were seen once: coverage is 0");
        var sum = counts.Pairs.Where(pair => pair.Times <= rare).Sum(pair => (double)pair.Times * (pair.Times - 1) * pair.Persons);
        var gamma = nRare <= 1 ? 0 : Math.Max(0, (sRare / coverage * sum / (nRare * (nRare - 1))) - 1);
        return new(form, abundant + (sRare / coverage) + (f1 / coverage * gamma), null, null, null);
    }

    /// <summary>Zelterman's estimator: robust to high counts, not to false singletons.</summary>
    /// <remarks>Zelterman, Journal of Statistical Planning and Inference 18 (1988), 225-237.</remarks>
    public static Estimate Zelterman(FrequencyCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        const string Form = "Zelterman: S/(1 - exp(-2 f2/f1))";
        double s = counts.Observed, f1 = counts[1], f2 = counts[2];
        if (f1 == 0 && s > 0)
            return new(Form, s, null, null, null, "nobody unseen expected: no one was seen only once");
        if (f1 == 0 || f2 == 0)
            return Estimate.Refused(Form, "nobody was seen exactly twice: undefined");
        return new(Form, s / (1 - Math.Exp(-2 * f2 / f1)), null, null, null);
    }

    /// <summary>Lincoln and Petersen's estimator from two lists.</summary>
    /// <param name="first">Persons on the first list.</param>
    /// <param name="second">Persons on the second list.</param>
    /// <param name="both">Persons on both.</param>
    public static Estimate LincolnPetersen(long first, long second, long both)
    {
        const string Form = "Lincoln-Petersen: M C / R; closed population, independence and perfect matching assumed";
        CheckLists(first, second, both);
        return both == 0
            ? Estimate.Refused(Form, "no person on both lists: undefined")
            : new(Form, (double)first * second / both, null, null, null);
    }

    /// <summary>Chapman's estimator from two lists.</summary>
    /// <param name="first">Persons on the first list.</param>
    /// <param name="second">Persons on the second list.</param>
    /// <param name="both">Persons on both.</param>
    /// <remarks>Chapman, University of California Publications in Statistics 1 (1951), 131-160; standard error after Seber (1982).</remarks>
    public static Estimate Chapman(long first, long second, long both)
    {
        const string Form = "Chapman: (M+1)(C+1)/(R+1) - 1; closed population, independence and perfect matching assumed";
        CheckLists(first, second, both);
        double m = first, c = second, r = both;
        var variance = (m + 1) * (c + 1) * (m - r) * (c - r) / ((r + 1) * (r + 1) * (r + 2));
        return new(Form, ((m + 1) * (c + 1) / (r + 1)) - 1, Math.Sqrt(variance), null, null, both == 0 ? "no overlap: the estimate carries no information" : null);
    }

    /// <summary>Good and Turing's sample coverage, as Chao and Jost have it.</summary>
    /// <remarks>Good, Biometrika 40 (1953), 237-264; Chao and Jost, Ecology 93 (2012), 2533-2547.</remarks>
    public static Estimate Coverage(FrequencyCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        const string Form = "coverage: 1 - (f1/n)((n-1) f1/((n-1) f1 + 2 f2))";
        double n = counts.Observations, f1 = counts[1], f2 = counts[2];
        if (n == 0)
            return Estimate.Refused(Form, "nobody was seen");
        if (f1 == 0)
            return new(Form, 1, null, null, null);
        var below = ((n - 1) * f1) + (2 * f2);
        return below == 0
            ? Estimate.Refused(Form, "one observation says nothing of coverage")
            : new(Form, 1 - (f1 / n * ((n - 1) * f1 / below)), null, null, null);
    }

    /// <summary>How many persons a smaller sample would have shown: for comparing venues at equal encounters.</summary>
    /// <param name="counts">The sample.</param>
    /// <param name="subsample">Observations in the smaller sample; refused if more than the sample has.</param>
    /// <remarks>Hurlbert, Ecology 52 (1971), 577-586; variance after Heck, van Belle and Simberloff, Ecology 56 (1975), 1459-1461.</remarks>
    public static Estimate Rarefied(FrequencyCounts counts, long subsample)
    {
        ArgumentNullException.ThrowIfNull(counts);
        const string Form = "rarefaction, Hurlbert; variance after Heck";
        var n = counts.Observations;
        if (subsample < 0 || subsample > n)
            return Estimate.Refused(Form, $"a subsample of {subsample} cannot be drawn from {n} observations");
        if (subsample == n)
            return new(Form, counts.Observed, 0, null, null);
        var all = SpecialFunctions.LogChoose(n, subsample);
        // Unseen(i): the probability that someone seen i times is not in the subsample; the binomials themselves would overflow.
        double Unseen(long times) => Math.Exp(SpecialFunctions.LogChoose(n - times, subsample) - all);
        var pairs = counts.Pairs.Select(pair => (pair.Times, pair.Persons, Miss: Unseen(pair.Times))).ToList();
        var value = pairs.Sum(pair => pair.Persons * (1 - pair.Miss));
        var variance = 0.0;
        foreach (var (times, persons, miss) in pairs)
        {
            variance += persons * miss * (1 - miss);
            foreach (var (other, others, missOther) in pairs)
            {
                // Ordered pairs of two different persons.
                var together = persons * (other == times ? others - 1 : others);
                if (together > 0)
                    variance += together * (Unseen((long)times + other) - (miss * missOther));
            }
        }

        return new(Form, value, Math.Sqrt(Math.Max(0, variance)), null, null);
    }

    static Interval LogInterval(double s, double value, double variance)
    {
        var t = value - s;
        if (t <= 0 || variance <= 0)
            return new(s, Math.Max(s, value));
        var k = Math.Exp(SpecialFunctions.TwoSidedNormal(0.95) * Math.Sqrt(Math.Log(1 + (variance / (t * t)))));
        return new(s + (t / k), s + (t * k));
    }

    static void CheckLists(long first, long second, long both)
    {
        if (first < 0 || second < 0 || both < 0 || both > Math.Min(first, second))
            throw new ArgumentOutOfRangeException(nameof(both), "No list has fewer than nobody, and both have no more in common than the shorter one holds.");
    }
}
