using System.Globalization;
using System.Text.Json;
using Custos.Fixtures;

namespace Custos.Study.Tests;

/// <summary>Every example of <c>stats/worked-examples.json</c>: held within its tolerance, or listed here as not implemented.</summary>
public class WorkedExamplesTests
{
    // What this version does not compute; the list must name every statistic of the file that is not checked below.
    static readonly HashSet<string> NotImplemented =
    [
        "closed-capture-hare/*",
        "one-list-truncated-counts/M0-Poisson", "one-list-truncated-counts/Mh-Poisson2", "one-list-truncated-counts/Mh-Darroch", "one-list-truncated-counts/Mh-Gamma3.5",
        "chao1-ace-abundance/ace standard error",
    ];

    [Fact]
    public void Every_example_is_held_within_its_tolerance_or_listed_as_not_implemented()
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Checkout.TestData, "stats", "worked-examples.json")));
        var examples = file.RootElement.GetProperty("examples").EnumerateArray().ToDictionary(example => example.GetProperty("id").GetString()!);
        examples.Count.ShouldBe(7);
        var held = 0;
        foreach (var (id, example) in examples)
        {
            if (NotImplemented.Contains(id + "/*"))
                continue;
            var expected = example.GetProperty("expected");
            if (id == "binomial-intervals")
            {
                foreach (var row in expected.GetProperty("rows").EnumerateArray())
                    held += Proportion(row, expected.GetProperty("tolerance").GetDouble());
                continue;
            }

            foreach (var row in expected.EnumerateArray())
            {
                var statistic = row.GetProperty("statistic").GetString()!;
                if (!NotImplemented.Contains($"{id}/{statistic}"))
                    held += Hold(id, statistic, example.GetProperty("input"), row);
            }
        }

        held.ShouldBe(49);
    }

    static int Hold(string id, string statistic, JsonElement input, JsonElement row)
    {
        var tolerance = row.GetProperty("tolerance").GetDouble();
        var estimate = statistic switch
        {
            "chao1-bias-corrected" => Unseen.Chao1(Counts(input), Chao1Form.BiasCorrected),
            "ace" => Unseen.Ace(Counts(input), row.GetProperty("rareThreshold").GetInt32()),
            "expected-classes" => Unseen.Rarefied(Counts(Sample(input, row)), row.GetProperty("subsampleSize").GetInt64()),
            "chao-lower-bound" => Unseen.Chao1(Counts(input), Chao1Form.Classic),
            "chao-lower-bound-bias-corrected" => Unseen.Chao1(Counts(input), Chao1Form.BiasCorrected),
            "zelterman" => Unseen.Zelterman(Counts(input)),
            "coverage" => Unseen.Coverage(Counts(Sample(input, row))),
            "chao1-classic-finite" => Unseen.Chao1(Counts(Sample(input, row)), Chao1Form.ClassicFinite),
            "lincoln-petersen" => TwoLists(input, row, Unseen.LincolnPetersen),
            "chapman" => TwoLists(input, row, Unseen.Chapman),
            _ => throw new InvalidOperationException($"{id}/{statistic} is neither checked nor listed as not implemented"),
        };
        var held = 1;
        var where = $"{id}/{statistic} {row}";
        if (row.GetProperty("value").ValueKind == JsonValueKind.Null)
        {
            estimate.Value.ShouldBeNull(where);
            estimate.RefusedBecause.ShouldBe(row.GetProperty("refuse").GetString());
            return held;
        }

        estimate.RefusedBecause.ShouldBeNull();
        estimate.Value!.Value.ShouldBe(row.GetProperty("value").GetDouble(), tolerance, where);
        if (row.TryGetProperty("standardError", out var error) && !NotImplemented.Contains($"{id}/{statistic} standard error"))
        {
            estimate.StandardError!.Value.ShouldBe(error.GetDouble(), tolerance, where);
            held++;
        }

        if (row.TryGetProperty("interval95", out var interval))
        {
            estimate.Interval!.Value.Lower.ShouldBe(interval[0].GetDouble(), tolerance, where);
            estimate.Interval!.Value.Upper.ShouldBe(interval[1].GetDouble(), tolerance, where);
            held++;
        }

        if (row.TryGetProperty("warn", out var warning))
            estimate.Warning.ShouldBe(warning.GetString());
        return held;
    }

    static int Proportion(JsonElement row, double tolerance)
    {
        var (successes, trials) = (row.GetProperty("successes").GetInt64(), row.GetProperty("trials").GetInt64());
        foreach (var (name, interval) in new[] { ("wilson", Wilson.Of(successes, trials)), ("wilsonContinuity", Wilson.WithContinuity(successes, trials)), ("clopperPearson", Exact.Proportion(successes, trials)) })
        {
            interval.Lower.ShouldBe(row.GetProperty(name)[0].GetDouble(), tolerance, $"{name} {successes}/{trials}");
            interval.Upper.ShouldBe(row.GetProperty(name)[1].GetDouble(), tolerance, $"{name} {successes}/{trials}");
        }

        return 3;
    }

    static Estimate TwoLists(JsonElement input, JsonElement row, Func<long, long, long, Estimate> estimator)
    {
        var list = input.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == row.GetProperty("case").GetString());
        return estimator(list.GetProperty("list1").GetInt64(), list.GetProperty("list2").GetInt64(), list.GetProperty("both").GetInt64());
    }

    static JsonElement Sample(JsonElement input, JsonElement row) =>
        input.GetProperty("samples").EnumerateArray().Single(sample => sample.GetProperty("name").GetString() == row.GetProperty("sample").GetString());

    static FrequencyCounts Counts(JsonElement input) =>
        new(input.GetProperty("frequencyOfCounts").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt64())));

    [Fact]
    public void The_hand_check_of_the_specification_holds()
    {
        var counts = new FrequencyCounts([(1, 60), (2, 20), (3, 9), (4, 4), (5, 2)]);
        counts.Observed.ShouldBe(95);
        counts.Observations.ShouldBe(153);
        Unseen.Chao1(counts, Chao1Form.BiasCorrected).Value!.Value.ShouldBe(179.285714, 1e-6);
        Unseen.Ace(counts).Value!.Value.ShouldBe(178.314256, 1e-6);
        Unseen.Zelterman(counts).Value!.Value.ShouldBe(195.239092, 1e-6);
        Unseen.Coverage(counts).Value!.Value.ShouldBe(0.609556, 1e-6);
        Unseen.LincolnPetersen(120, 90, 27).Value.ShouldBe(400);
        var chapman = Unseen.Chapman(120, 90, 27);
        chapman.Value!.Value.ShouldBe(392.25, 1e-9);
        chapman.StandardError!.Value.ShouldBe(53.268210, 1e-6);
    }

    [Theory]
    [InlineData(0, 0.0, 3.6888794541139363)]
    [InlineData(1, 0.025317807984289897, 5.571643390938898)]
    [InlineData(7, 2.814363051519863, 14.422675361702378)]
    [InlineData(100, 81.36399125092322, 121.62679379242638)]
    public void An_exact_Poisson_interval_is_Garwoods(long count, double lower, double upper)
    {
        // By bisection over sums of the Poisson probabilities themselves, in another program.
        var interval = Exact.Poisson(count);
        interval.Lower.ShouldBe(lower, 1e-10);
        interval.Upper.ShouldBe(upper, 1e-10);
    }

    [Fact]
    public void A_large_count_has_a_finite_interval_around_it()
    {
        var interval = Exact.Poisson(1_000_000);
        interval.Lower.ShouldBeInRange(998_000, 999_000);
        interval.Upper.ShouldBeInRange(1_001_000, 1_002_000);
    }

    [Fact]
    public void One_thousand_of_20172_is_4_666_to_5_266_percent()
    {
        var interval = Wilson.Of(1_000, 20_172);
        (interval.Lower * 100).ToString("F3", CultureInfo.InvariantCulture).ShouldBe("4.666");
        (interval.Upper * 100).ToString("F3", CultureInfo.InvariantCulture).ShouldBe("5.266");
    }

    [Fact]
    public void A_share_of_nothing_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Wilson.Of(0, 0)).Message.ShouldContain("share of nothing");
        Should.Throw<ArgumentOutOfRangeException>(() => Wilson.Of(2, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Exact.Poisson(-1));
    }

    [Fact]
    public void None_of_ten_starts_at_exactly_nothing_and_all_of_ten_end_at_exactly_one()
    {
        Wilson.Of(0, 10).Lower.ShouldBe(0.0);
        Wilson.Of(10, 10).Upper.ShouldBe(1.0);
    }
}
