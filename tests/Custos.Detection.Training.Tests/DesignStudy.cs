using System.Globalization;
using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class DesignStudy
{
    /// <summary>Run by hand: on harder and harder made-up corpora, what the two sides of a pair and the features of a conversation are worth, beside a method of two steps (first the conversation, then which side), and what the product makes of it.</summary>
    /// <remarks>The variants are judged on whole conversations of groups of authors not seen, by the best F0.5 of any threshold over sides of conversations: no gate, no scale, no drift. The product is judged over authors, message by message, with the gate.</remarks>
    [Fact(Explicit = true)]
    public void Says_what_each_part_of_the_design_is_worth_on_harder_and_harder_corpora()
    {
        foreach (var hardness in (Environment.GetEnvironmentVariable("CUSTOS_STUDY") ?? "0,1,2,3").Split(',').Select(int.Parse))
        {
            using var folder = new ScratchFolder();
            new HardCorpus(hardness, 21 + hardness).Write(folder["a"]);
            var request = new NeutralCorpus().Request(folder["a"]);
            var survey = new CorpusSurvey(request.Corpora, request.Positives, [], CancellationToken.None);
            var split = AuthorSplit.ByComponents(survey, 3, 7);
            var examples = Examples.Read(request, DetectionEngine.Open(request.Pack, new("training", new() { Threshold = 500_000 }, ModelWeights.Zero), new()), survey, split, (_, _) => { }, CancellationToken.None).All;
            // Both sides of a positive conversation have weight 1, the others less.
            var inPositive = examples.Select(e => e.Weight >= 1).ToArray();
            var author = Best(Scores(Only(examples, s => !Pair.Contains(s), both: false)), examples);
            var sides = Best(Scores(Only(examples, s => !Pair.Contains(s), both: true)), examples);
            var whole = Best(Scores(Only(examples, _ => true, both: true)), examples);
            // First the conversation, whoever says it; then, learned from positive conversations alone, which side.
            var first = Scores([.. examples.Select((e, i) => e with { Own = Merged(e.Own, e.Others), Others = SaidSide.Nothing, Positive = inPositive[i] })]);
            var second = Scores(Only(examples, _ => true, both: true), e => e.Weight >= 1);
            var two = Best([.. first.Select((s, i) => second[i] > 0 ? s : s - 1_000)], examples);
            var trained = Trainer.Train(request, null, CancellationToken.None);
            new HardCorpus(hardness, 1_021 + hardness, "z") { Conversations = 12_000, PositiveAuthors = 120 }.Write(folder["b"]);
            var testing = new NeutralCorpus().Request(folder["b"]);
            var e = Evaluator.Evaluate(new() { Corpora = testing.Corpora, Positives = testing.Positives, Pack = testing.Pack, Model = trained.Model, Seed = 5 }, null, CancellationToken.None);
            var builtin = Evaluator.Evaluate(new() { Corpora = testing.Corpora, Positives = testing.Positives, Pack = testing.Pack, Model = DetectionModel.Builtin, Seed = 5 }, null, CancellationToken.None);
            TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
                $"hardness {hardness}: author alone {author:F3}, both sides {sides:F3}, with the conversation's features {whole:F3}, two steps {two:F3}; product over authors: P {e.Precision.Value:F3} R {e.Recall.Value:F3} F0.5 {e.F05.Value:F3} ({e.F05.Low:F3} to {e.F05.High:F3}), false {e.FalseAuthorsPerMillionMessages.Value:F1} a million, median {e.MedianMessagesToAlert}, ECE {e.Ece.Value:F4} (perfect {e.EceFloor.Value:F4}); builtin/1 P {builtin.Precision.Value:F3} R {builtin.Recall.Value:F3} F0.5 {builtin.F05.Value:F3}"));
        }
    }

    static readonly HashSet<int> Pair =
        [.. new[] { ModelFeatures.Token.Position, ModelFeatures.Token.Share, ModelFeatures.Token.Questions, ModelFeatures.Token.ChildAge, ModelFeatures.Token.Counterparts }.SelectMany(t => Enumerable.Range(0, 33).Select(b => ModelFeatures.Slot(t, b)))];

    // Of every example, by a regression that did not see its authors.
    static double[] Scores(List<Example> examples, Func<Example, bool>? learns = null)
    {
        var space = Regression.LayOut(examples);
        var slotOf = Enumerable.Range(0, space.ColumnOf.Length).Where(s => space.ColumnOf[s] >= 0).ToArray();
        var scores = new double[examples.Count];
        for (var fold = 0; fold < 3; fold++)
        {
            var weights = Regression.Fit(examples, space, e => e.Fold != fold && (learns?.Invoke(e) ?? true), 0.1, 7);
            for (var i = 0; i < examples.Count; i++)
            {
                if (examples[i].Fold == fold)
                    scores[i] = Sum(examples[i].Own, 0) + Sum(examples[i].Others, 1);
            }

            // Values are scaled already, and so are weights.
            double Sum(SaidSide side, int of) => Enumerable.Range(0, side.Count).Sum(i => (double)weights[(2 * slotOf[side.SlotAt(i)]) + of] / space.Scale[slotOf[side.SlotAt(i)]] * side.ValueAt(i));
        }

        return scores;
    }

    // Each side is the own one of one example and the other one of its neighbour: one copy serves both.
    static List<Example> Only(List<Example> examples, Func<int, bool> keeps, bool both)
    {
        var copies = examples.Select(e => e.Own).ToDictionary(own => own, own =>
        {
            var at = Enumerable.Range(0, own.Count).Where(i => keeps(own.SlotAt(i))).ToArray();
            return SaidSide.Of([.. at.Select(own.SlotAt)], [.. at.Select(own.ValueAt)]);
        });
        return [.. examples.Select(e => e with { Own = copies[e.Own], Others = both ? copies[e.Others] : SaidSide.Nothing })];
    }

    static SaidSide Merged(SaidSide one, SaidSide another)
    {
        var sums = new SortedDictionary<int, float>();
        foreach (var side in new[] { one, another })
        {
            for (var i = 0; i < side.Count; i++)
                sums[side.SlotAt(i)] = sums.GetValueOrDefault(side.SlotAt(i)) + side.ValueAt(i);
        }

        return SaidSide.Of([.. sums.Keys], [.. sums.Values]);
    }

    static double Best(double[] scores, List<Example> examples)
    {
        int hits = 0, wrong = 0, positives = examples.Count(e => e.Positive);
        double best = 0;
        foreach (var i in Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]))
        {
            (hits, wrong) = examples[i].Positive ? (hits + 1, wrong) : (hits, wrong + 1);
            best = Math.Max(best, Trainer.FHalf(hits, wrong, positives));
        }

        return best;
    }
}
