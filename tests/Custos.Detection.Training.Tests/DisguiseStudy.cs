using System.Diagnostics;
using System.Globalization;
using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class DisguiseStudy
{
    /// <summary>Run by hand: what disguised words cost a trained model on every kind of invented corpus (CUSTOS_STUDY: kinds and seeds, e.g. <c>hard0-1,pan-2</c>). No message of the training is disguised.</summary>
    [Fact(Explicit = true)]
    public void Says_what_each_disguise_costs_a_trained_model()
    {
        foreach (var name in (Environment.GetEnvironmentVariable("CUSTOS_STUDY") ?? "hard0-1,hard1-1,pan-1,neutral-1").Split(','))
        {
            using var folder = new ScratchFolder();
            var seed = int.Parse(name.AsSpan(name.IndexOf('-', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
            Write(name[..name.IndexOf('-', StringComparison.Ordinal)], seed, folder["a"], folder["b"]);
            var clock = Stopwatch.StartNew();
            var trained = Trainer.Train(new NeutralCorpus().Request(folder["a"]), null, CancellationToken.None);
            var learned = clock.Elapsed.TotalSeconds;
            var testing = new NeutralCorpus().Request(folder["b"]);
            var e = Evaluator.Evaluate(new() { Corpora = testing.Corpora, Positives = testing.Positives, Pack = testing.Pack, Model = trained.Model, Seed = 5 }, null, CancellationToken.None);
            var evaluation = new EvaluationRequest { Corpora = testing.Corpora, Positives = testing.Positives, Pack = testing.Pack, Model = trained.Model, Seed = 5 };
            var survey = new CorpusSurvey(testing.Corpora, testing.Positives, [], CancellationToken.None);
            var engine = DetectionEngine.Open(testing.Pack, trained.Model, new());
            var wanted = Environment.GetEnvironmentVariable("CUSTOS_DISGUISES")?.Split(',');
            var lost = string.Join(", ", Obfuscator.All.Where(o => wanted?.Contains(o.Name) ?? true).Select(o =>
            {
                var pass = EvaluationPass.Run(evaluation, survey, engine, o, FoldStep.None, (_, _) => { }, "", CancellationToken.None);
                int hits = pass.Authors.Count(a => a.Positive && a.Flagged), wrong = pass.Authors.Count(a => !a.Positive && a.Flagged);
                return string.Create(CultureInfo.InvariantCulture, $"{o.Name} {100 * (e.Recall.Value - ((double)hits / e.Positives)):F1} ({1e6 * wrong / pass.Messages:F0})");
            }));
            TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
                $"{name}: P {e.Precision.Value:F3} R {e.Recall.Value:F3} F0.5 {e.F05.Value:F3} ({e.F05.Low:F3} to {e.F05.High:F3}), false {e.FalseAuthorsPerMillionMessages.Value:F1} a million, median {e.MedianMessagesToAlert}, ECE {e.Ece.Value:F4} (perfect {e.EceFloor.Value:F4}), parts {trained.Ece:F4} (perfect {trained.EceFloor:F4}); points lost (false authors a million): {lost}; {learned:F0} s, {clock.Elapsed.TotalSeconds - learned:F0} s"));
        }
    }

    static void Write(string kind, int seed, string training, string testing)
    {
        switch (kind)
        {
            case "hard0" or "hard1" or "hard2":
                var hardness = kind[^1] - '0';
                new HardCorpus(hardness, 20 + seed).Write(training);
                new HardCorpus(hardness, 1_020 + seed, "z") { Conversations = 5_000, PositiveAuthors = 150 }.Write(testing);
                return;
            case "pan":
                (PanShapedCorpus.Training with { Seed = seed }).Smaller(6).Write(training);
                (PanShapedCorpus.Testing with { Seed = seed + 1_000, Conversations = 6_000, PositiveConversations = 400, PositiveAuthors = 100 }).Write(testing);
                return;
            case "neutral":
                var noisy = new NeutralCorpus { Seed = seed, PositiveAuthors = 200, PositiveConversations = 800, OtherConversations = 1_600, TellingShare = 0.3, TellingElsewhere = 0.08, CuesElsewhere = 0.6, Messages = 10 };
                noisy.Write(training);
                (noisy with { Seed = seed + 1_000, Prefix = "z" }).Write(testing);
                return;
            default:
                throw new ArgumentException("CUSTOS_STUDY knows hard0, hard1, hard2, pan and neutral, each with a seed: hard0-1.", nameof(kind));
        }
    }
}
