using CsCheck;

namespace Custos.Detection.Tests.Scores;

public class EvidenceTests
{
    static Indicator Cite(int start) => new("test", "m", start, 1, "rule", [], [], new(0));

    [Fact]
    public void The_tables_are_the_published_ones()
    {
        ScoreTables.DigestOf(ScoreTables.T).ShouldBe(ScoreTables.TDigest);
        ScoreTables.DigestOf(ScoreTables.S).ShouldBe(ScoreTables.SDigest);
    }

    [Theory]
    [InlineData("0.001", -9_964)]
    [InlineData("0.5", 0)]
    [InlineData("0.25", -1_585)]
    [InlineData("0.75", 1_585)]
    [InlineData("0.01", -6_629)]
    public void A_prior_becomes_odds_without_floating_point(string prior, int millibits) => ScoreTables.LogitMillibits(prior).ShouldBe(millibits);

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("1.5")]
    [InlineData("-0.1")]
    [InlineData("1e-3")]
    [InlineData("")]
    public void What_is_no_probability_is_refused(string prior) => DetectionOptions.IsPrior(prior).ShouldBeFalse();

    // Detection-spec, section 7: the worked vector.
    [Fact]
    public void The_worked_vector_comes_out_to_the_millibit()
    {
        var engine = TestBook.NewEngine();
        var evidence = new Evidence();
        evidence.Add(Family.Age, 1_000, 20_000, Cite(0), 1);
        (evidence.Score(), engine.ProbabilityOf(evidence.Score()).Millionths).ShouldBe((991, 1_992));
        evidence.Add(Family.Age, 2_000, 20_000, Cite(0), 2);
        (evidence.Score(), engine.ProbabilityOf(evidence.Score()).Millionths).ShouldBe((2_477, 5_553));
        evidence.Add(Family.Move, 1_500, 20_000, Cite(0), 3);
        (evidence.Score(), engine.ProbabilityOf(evidence.Score()).Millionths).ShouldBe((3_972, 15_550));
        evidence.GateIsOpen(childAgeFact: true).ShouldBeFalse();
        evidence.Add(Family.Camera, 4_000, 20_000, Cite(0), 4);
        evidence.Add(Family.Payment, 4_000, 20_000, Cite(5), 4);
        evidence.Add(Family.Persistence, 3_000, 20_000, Cite(0), 4);
        (evidence.Score(), engine.ProbabilityOf(evidence.Score()).Millionths).ShouldBe((14_893, 968_065));
        evidence.GateIsOpen(childAgeFact: false).ShouldBeTrue();
        evidence.AddAgainst(-4_000, Cite(0));
        (evidence.Score(), engine.ProbabilityOf(evidence.Score()).Millionths).ShouldBe((10_893, 654_526));
    }

    // docs/decisions/2026-11-26-a-weak-indicator-opens-no-gate.md
    [Fact]
    public void A_weak_indicator_opens_no_gate()
    {
        var evidence = new Evidence();
        for (var i = 0; i < 4; i++)
        {
            evidence.Add(Family.Camera, 1_333, 20_000 + i, Cite(i), i, opens: false);
            evidence.Add(Family.Media, 1_333, 20_000 + i, Cite(10 + i), i, opens: false);
            evidence.Add(Family.Age, 1_000, 20_000 + i, Cite(20 + i), i);
        }

        evidence.GateIsOpen(childAgeFact: false).ShouldBeFalse();
        evidence.GateIsOpen(childAgeFact: true).ShouldBeFalse();
        evidence.Add(Family.Camera, 4_000, 20_004, Cite(0), 5);
        evidence.GateIsOpen(childAgeFact: false).ShouldBeTrue();
        // Four weak ones push the plain one out of the four that are kept, months later; the gate stays open.
        for (var i = 0; i < 4; i++)
            evidence.Add(Family.Camera, 1_333, 20_140 + i, Cite(i), 6 + i, opens: false);
        evidence.GateIsOpen(childAgeFact: false).ShouldBeTrue();
    }

    [Fact]
    public void After_64_days_half_of_it_is_left()
    {
        var engine = TestBook.NewEngine();
        var evidence = new Evidence();
        evidence.Add(Family.Age, 1_000, 20_000, Cite(0), 1);
        evidence.Add(Family.Age, 2_000, 20_000, Cite(0), 2);
        evidence.Add(Family.Move, 1_500, 20_000, Cite(0), 3);
        evidence.Add(Family.Camera, 4_000, 20_000, Cite(0), 4);
        evidence.Add(Family.Payment, 4_000, 20_000, Cite(5), 4);
        evidence.Add(Family.Persistence, 3_000, 20_000, Cite(0), 4);
        evidence.SeeDay(20_064);
        (evidence.Score(), engine.ProbabilityOf(evidence.Score()).Millionths).ShouldBe((7_444, 148_844));
    }

    // Detection-spec, section 7: Roblox Sentinel's aggregate (mean - median) / deviation, side by side.
    [Theory]
    [InlineData(9, 3, 1.0, 0.0, 5_233)]
    [InlineData(100, 5, 0.11, 0.2294, 615)]
    [InlineData(100, 5, 1.0, 0.2294, 5_606)]
    [InlineData(100, 1, 1.0, 0.1005, 2_991)]
    [InlineData(100, 20, 1.0, 0.5, 5_606)]
    [InlineData(100, 49, 1.0, 0.9802, 5_606)]
    [InlineData(100, 51, 1.0, -0.9802, 5_606)]
    [InlineData(100, 80, 1.0, -0.5, 5_606)]
    [InlineData(100, 100, 1.0, 0.0, 5_606)]
    public void Where_a_skewness_falls_the_evidence_holds(int messages, int raised, double score, double sentinel, int millibits)
    {
        var scores = Enumerable.Range(0, messages).Select(i => i < raised ? score : 0.0).ToArray();
        Skewness(scores).ShouldBe(sentinel, 0.0001);
        var evidence = new Evidence();
        for (var i = 0; i < messages; i++)
        {
            if (i < raised)
                evidence.Add(Family.Camera, (int)(3_000 * score), 0, Cite(0), i);
        }

        evidence.Score().ShouldBe(millibits);
    }

    static double Skewness(double[] scores)
    {
        // The vector for nine messages shows that so few give zero whatever they hold.
        if (scores.Length < 10)
            return 0;
        var sorted = scores.Order().ToArray();
        var median = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
        var mean = scores.Average();
        var deviation = Math.Sqrt(scores.Select(s => (s - mean) * (s - mean)).Average());
        return deviation == 0 ? 0 : (mean - median) / deviation;
    }

    [Fact]
    public void What_came_before_any_day_was_known_takes_the_first_that_becomes_known()
    {
        var early = new Evidence();
        early.Add(Family.Camera, 4_000, null, Cite(0), 1);
        early.SeeDay(500);
        early.SeeDay(564);
        var dated = new Evidence();
        dated.Add(Family.Camera, 4_000, 500, Cite(0), 1);
        dated.SeeDay(564);
        early.Score().ShouldBe(dated.Score());
    }

    [Fact]
    public void A_core_indicator_voids_what_spoke_before_it_in_the_score_and_not_in_the_record()
    {
        var evidence = new Evidence();
        evidence.Add(Family.Camera, 4_000, 1, Cite(0), 1);
        var before = evidence.Score();
        evidence.AddAgainst(-4_000, Cite(0));
        evidence.Score().ShouldBe(before - 4_000);
        evidence.VoidAgainst(false);
        evidence.Score().ShouldBe(before);
        evidence.Exculpatory.Count.ShouldBe(1);
    }

    [Fact]
    public void What_speaks_for_an_account_takes_six_bits_at_most()
    {
        var evidence = new Evidence();
        for (var i = 0; i < 5; i++)
            evidence.AddAgainst(-4_000, Cite(i));
        evidence.Score().ShouldBe(-6_000);
    }

    readonly record struct Seen(int Family, int Weight, int Day);

    // Adding an incriminating message anywhere, its time between its neighbours', never lowers a later E.
    [Fact]
    public void Adding_a_risky_message_never_lowers_a_score() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, Evidence.FamilyCount - 1], Gen.Int[300, 9_000], Gen.Int[0, 3]).Array[1, 30],
            Gen.Int[0, 30], Gen.Int[0, Evidence.FamilyCount - 1], Gen.Int[300, 9_000])
        .Sample((observed, at, family, weight) =>
        {
            var place = Math.Min(at, observed.Length);
            var (without, with) = (new Evidence(), new Evidence());
            var day = 100;
            for (var i = 0; i <= observed.Length; i++)
            {
                if (i == place)
                    with.Add((Family)family, weight, day, Cite(0), -1);
                if (i == observed.Length)
                    break;
                var (f, w, step) = observed[i];
                day += step * 20;
                // One in six speaks for the account instead.
                if (f % 6 == 5)
                {
                    without.SeeDay(day);
                    with.SeeDay(day);
                    without.AddAgainst(-w % 4_000, Cite(0));
                    with.AddAgainst(-w % 4_000, Cite(0));
                }
                else
                {
                    without.Add((Family)f, w, day, Cite(0), i);
                    with.Add((Family)f, w, day, Cite(0), i);
                }

                if (i >= place && with.Score() < without.Score())
                    return false;
            }

            return with.Score() >= without.Score();
        });
}
