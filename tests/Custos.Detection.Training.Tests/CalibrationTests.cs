using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

/// <summary>Percentages against outcomes drawn from known ones.</summary>
public class CalibrationTests
{
    public static TheoryData<string, int> Shapes => new()
    {
        { "straight", 400 }, { "straight", 4_000 }, { "jump", 400 }, { "jump", 4_000 }, { "levels", 400 }, { "levels", 4_000 }, { "apart", 400 }, { "apart", 4_000 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_percentage_nears_the_true_share_whatever_the_rising_shape(string shape, int positives)
    {
        var keys = Drawn(shape, positives, 3);
        var fitted = new DetectionModel("test", new() { Knots = Calibration.Fit(keys).Knots }, null);
        // Judged at fresh evidence against the truth itself, so nothing of the distance is chance of the judging.
        var fresh = Drawn(shape, 4_000, 4);
        Distance(fitted).ShouldBeLessThanOrEqualTo(positives >= 4_000 ? 0.02 : 0.05);

        double Distance(DetectionModel model)
        {
            double mass = 0, distance = 0;
            double p = 0.5 / fresh.Count(k => k.Positive), n = 0.5 / fresh.Count(k => !k.Positive);
            // Of the share as drawn, what it is with both classes equally frequent.
            double Even(double share) => share * p / ((share * p) + ((1 - share) * n));
            foreach (var key in fresh)
            {
                var weight = key.Positive ? p : n;
                mass += weight;
                distance += weight * Math.Abs((ScoreTables.Millionths(model.Calibrate(key.Evidence)) / 1e6) - Even(Share(shape, key.Evidence)));
            }

            return distance / mass;
        }
    }

    [Fact]
    public void What_is_told_apart_entirely_has_percentages_too()
    {
        var random = new Random(1);
        var keys = Enumerable.Range(0, 3_000).Select(i => new CalibrationKey(i < 500 ? random.Next(9_000, 12_000) : random.Next(0, 3_000), i < 500, i % 5)).ToList();
        var model = new DetectionModel("test", new() { Knots = Calibration.Fit(keys).Knots }, null);
        ScoreTables.Millionths(model.Calibrate(500)).ShouldBeLessThan(20_000);
        ScoreTables.Millionths(model.Calibrate(11_000)).ShouldBeGreaterThan(980_000);
        // Never certain: five hundred cases cannot show it.
        ScoreTables.Millionths(model.Calibrate(12_000)).ShouldBeLessThan(999_900);
    }

    [Fact]
    public void Evidence_that_tells_nothing_loses_a_bit_and_is_refused()
    {
        var random = new Random(2);
        var keys = Enumerable.Range(0, 2_000).Select(i => new CalibrationKey(i % 2 == 0 ? random.Next(5_000, 9_000) : random.Next(9_000), i % 2 == 1, i % 5)).ToList();
        Calibration.Loss(keys).ShouldBe(1, 0.001);
        Should.Throw<CorpusException>(() => Calibration.Fit(keys)).Message.ShouldContain("nothing to learn");
    }

    [Fact]
    public void A_perfect_reading_errs_as_much_as_chance_does_and_a_wrong_one_more()
    {
        var random = new Random(9);
        List<(int, bool)> Keys(Func<double, double> reading) => [.. Enumerable.Range(0, 2_000).Select(_ => random.NextDouble()).Select(p => ((int)(reading(p) * 1e6), random.NextDouble() < p))];
        var (right, floor) = Reliability.Of(Keys(p => p), 1);
        floor.Value!.Value.ShouldBeInRange(0.01, 0.03);
        right.Value!.Value.ShouldBeInRange(floor.Low!.Value * 0.8, floor.High!.Value * 1.2);
        var (wrong, bias) = Reliability.Of(Keys(p => Math.Sqrt(p)), 1);
        wrong.Value!.Value.ShouldBeGreaterThan(4 * bias.High!.Value);
    }

    [Fact]
    public void Twice_as_many_conversations_have_a_lower_floor()
    {
        var random = new Random(4);
        List<(int, bool)> Keys(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble()).Select(p => ((int)(p * 1e6), random.NextDouble() < p))];
        Reliability.Of(Keys(8_000), 1).Floor.Value!.Value.ShouldBeLessThan(Reliability.Of(Keys(1_000), 1).Floor.Value!.Value / 2);
    }

    [Fact]
    public void A_corpus_in_the_proportions_of_pan_is_calibrated_on_authors_not_seen()
    {
        using var folder = new ScratchFolder();
        PanShapedCorpus.Training.Smaller(6).Write(folder["a"]);
        PanShapedCorpus.Testing.Smaller(6).Write(folder["b"]);
        var trained = Trainer.Train(new NeutralCorpus().Request(folder["a"]), null, CancellationToken.None);
        var testing = new NeutralCorpus().Request(folder["b"]);
        var evaluation = Evaluator.Evaluate(new() { Corpora = testing.Corpora, Positives = testing.Positives, Pack = testing.Pack, Model = trained.Model, Seed = 5 }, null, CancellationToken.None);
        // What was learned from few is as uncertain as what is judged by few: no more is asked than chance makes of both.
        evaluation.Ece.Value!.Value.ShouldBeLessThanOrEqualTo(evaluation.EceFloor.Value!.Value + trained.EceFloor!.Value);
        trained.Ece!.Value.ShouldBeLessThanOrEqualTo(2 * trained.EceFloor.Value);
    }

    // Of positive ones at a piece of evidence, as drawn.
    static double Share(string shape, int evidence) => shape switch
    {
        "straight" => 1 / (1 + Math.Pow(2, 4 - (evidence / 1000.0))),
        "jump" => evidence < 2_000 ? 0.05 + (evidence / 40_000.0) : 1 / (1 + Math.Pow(2, 0.5 - (0.3 * evidence / 1000.0))),
        "levels" => evidence < 3_000 ? 0.02 : evidence < 7_000 ? 0.55 : 0.97,
        _ => evidence < 5_000 ? 0.001 : 0.999,
    };

    static List<CalibrationKey> Drawn(string shape, int positives, int seed)
    {
        var random = new Random(seed);
        var (drawn, left) = (new List<CalibrationKey>(), positives);
        while (left > 0)
        {
            // Low evidence is most frequent, as in any corpus.
            var evidence = (int)(12_000 * Math.Pow(random.NextDouble(), 2));
            var positive = random.NextDouble() < Share(shape, evidence);
            left -= positive ? 1 : 0;
            drawn.Add(new(evidence, positive, drawn.Count % 5));
        }

        return drawn;
    }
}
