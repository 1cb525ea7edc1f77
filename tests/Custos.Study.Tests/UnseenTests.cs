using CsCheck;

namespace Custos.Study.Tests;

public class UnseenTests
{
    static readonly Gen<FrequencyCounts> AnyCounts =
        Gen.Select(Gen.Long[0, 60], Gen.Long[0, 40], Gen.Long[0, 20], Gen.Long[0, 9], (f1, f2, f3, f9) => new FrequencyCounts([(1, f1), (2, f2), (3, f3), (9, f9)]));

    [Fact]
    public void No_estimate_is_below_those_seen_or_no_number_and_no_interval_starts_below_them() => AnyCounts.Sample(
        counts =>
        {
            foreach (var form in Enum.GetValues<Chao1Form>())
            {
                var estimate = Unseen.Chao1(counts, form);
                if ((estimate.Value is null) == (estimate.RefusedBecause is null))
                    return false;
                if (estimate.Value is { } value && (!double.IsFinite(value) || value < counts.Observed))
                    return false;
                if (estimate.Interval is { } interval && (interval.Lower < counts.Observed || interval.Upper < estimate.Value - 1e-9 || interval.Lower > estimate.Value + 1e-9))
                    return false;
            }

            foreach (var estimate in (Estimate[])[Unseen.SecondOrderBound(counts), Unseen.Ace(counts), Unseen.Zelterman(counts), Unseen.Coverage(counts)])
            {
                if ((estimate.Value is null) == (estimate.RefusedBecause is null) || estimate.Value is { } value && (!double.IsFinite(value) || value < 0))
                    return false;
            }

            return true;
        },
        iter: 5_000, seed: "0000KZ5e8Wy2");

    [Fact]
    public void No_overlap_is_undefined_not_infinity() => Unseen.LincolnPetersen(30, 40, 0).RefusedBecause.ShouldBe("no person on both lists: undefined");

    [Fact]
    public void Nobody_seen_once_is_nobody_unseen_not_an_error()
    {
        var counts = new FrequencyCounts([(2, 10), (3, 4)]);
        Unseen.Chao1(counts, Chao1Form.Classic).Value.ShouldBe(14);
        Unseen.Coverage(counts).Value.ShouldBe(1);
    }

    [Fact]
    public void A_subsample_as_large_as_the_sample_gives_the_sample_and_a_larger_one_is_refused()
    {
        var counts = new FrequencyCounts([(1, 60), (2, 20), (3, 9)]);
        var whole = Unseen.Rarefied(counts, counts.Observations);
        whole.Value.ShouldBe(89);
        whole.StandardError.ShouldBe(0);
        Unseen.Rarefied(counts, counts.Observations + 1).RefusedBecause.ShouldNotBeNull();
        Unseen.Rarefied(counts, 1).Value!.Value.ShouldBe(1, 1e-9);
    }

    [Fact]
    public void Missed_links_raise_Chao1()
    {
        var linked = new FrequencyCounts([(1, 60), (2, 40), (3, 20)]);
        // Ten persons seen twice become twenty seen once when their records are not linked.
        var missed = new FrequencyCounts([(1, 80), (2, 30), (3, 20)]);
        Unseen.Chao1(missed, Chao1Form.BiasCorrected).Value!.Value.ShouldBeGreaterThan(Unseen.Chao1(linked, Chao1Form.BiasCorrected).Value!.Value);
    }

    [Fact]
    public void A_bound_that_falls_below_those_seen_is_refused_not_printed() =>
        Unseen.SecondOrderBound(new([(1, 60), (2, 2), (3, 9)])).RefusedBecause.ShouldBe("it falls below those seen: no unseen shown");

    [Fact]
    public void Counts_that_cannot_be_are_refused()
    {
        Should.Throw<ArgumentException>(() => new FrequencyCounts([(1, 2), (1, 3)]));
        Should.Throw<ArgumentException>(() => new FrequencyCounts([(0, 2)]));
        Should.Throw<ArgumentOutOfRangeException>(() => Unseen.Chapman(5, 4, 5));
    }
}
