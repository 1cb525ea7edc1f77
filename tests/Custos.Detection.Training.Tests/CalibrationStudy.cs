using System.Diagnostics;
using System.Globalization;
using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class CalibrationStudy
{
    static NeutralCorpus Noisy { get; } = new() { PositiveAuthors = 400, PositiveConversations = 1_600, OtherConversations = 2_400, TellingShare = 0.26, TellingElsewhere = 0.1, CuesElsewhere = 0.9, Messages = 8 };

    /// <summary>Run by hand: trains and judges every kind of invented corpus under several seeds (CUSTOS_STUDY: kinds and seeds, e.g. <c>noisy-1,pan-2</c>) and says how far percentages are off.</summary>
    [Fact(Explicit = true)]
    public void Says_how_far_percentages_are_off_on_every_kind_of_invented_corpus()
    {
        var wanted = Environment.GetEnvironmentVariable("CUSTOS_STUDY") ?? "apart-1,noisy-1,few-1,rare-1,elsewhere-1,side-1,pan-1";
        foreach (var name in wanted.Split(','))
        {
            using var folder = new ScratchFolder();
            var seed = int.Parse(name.AsSpan(name.IndexOf('-', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
            Write(name[..name.IndexOf('-', StringComparison.Ordinal)], seed, folder["a"], folder["b"]);
            var clock = Stopwatch.StartNew();
            var trained = Trainer.Train(new NeutralCorpus().Request(folder["a"]), null, CancellationToken.None);
            var testing = new NeutralCorpus().Request(folder["b"]);
            var e = Evaluator.Evaluate(new() { Corpora = testing.Corpora, Positives = testing.Positives, Pack = testing.Pack, Model = trained.Model, Seed = 5 }, null, CancellationToken.None);
            TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
                $"{name}: parts {trained.Ece:F4} (perfect {trained.EceFloor:F4}), other corpus {e.Ece.Value:F4} ({e.Ece.Low:F4} to {e.Ece.High:F4}; perfect {e.EceFloor.Value:F4}, {e.EceFloor.Low:F4} to {e.EceFloor.High:F4}), F0.5 {e.F05.Value:F3}, {string.Join(" ", e.Reliability.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Predicted:F2}/{b.Observed:F2}")))}, {clock.Elapsed.TotalSeconds:F0} s"));
        }
    }

    static void Write(string kind, int seed, string training, string testing)
    {
        switch (kind)
        {
            case "pan":
                (PanShapedCorpus.Training with { Seed = seed }).Smaller(4).Write(training);
                (PanShapedCorpus.Testing with { Seed = seed + 1_000 }).Smaller(4).Write(testing);
                return;
            case "full":
                (PanShapedCorpus.Training with { Seed = seed }).Write(training);
                (PanShapedCorpus.Testing with { Seed = seed + 1_000 }).Write(testing);
                return;
        }

        var large = Noisy with { PositiveConversations = 2_400, PositiveAuthors = 600, OtherConversations = 3_600 };
        var (learned, judged) = kind switch
        {
            "apart" => (new NeutralCorpus { PositiveAuthors = 100, PositiveConversations = 400, OtherConversations = 1_200 }, new NeutralCorpus { PositiveAuthors = 100, PositiveConversations = 400, OtherConversations = 1_200 }),
            "noisy" => (Noisy, large),
            "few" => (Noisy with { PositiveAuthors = 60, PositiveConversations = 240, OtherConversations = 1_400 }, large),
            "rare" => (Noisy with { TellingShare = 0.22, PositiveAuthors = 200, PositiveConversations = 1_100, OtherConversations = 1_500 }, Noisy with { TellingShare = 0.22, PositiveAuthors = 50, PositiveConversations = 200, OtherConversations = 2_800 }),
            "elsewhere" => (Noisy with { TellingShare = 0.3, CuesElsewhere = 0.6, PositivesElsewhere = true }, large with { TellingShare = 0.3, CuesElsewhere = 0.6, PositivesElsewhere = true }),
            "side" => (Noisy with { SideOnly = true, CuesElsewhere = 1 }, large with { SideOnly = true, CuesElsewhere = 1 }),
            _ => throw new ArgumentException("CUSTOS_STUDY knows apart, noisy, few, rare, elsewhere, side, pan and full, each with a seed: noisy-1.", nameof(kind)),
        };
        (learned with { Seed = seed }).Write(training);
        (judged with { Seed = seed + 1_000, Prefix = "z" }).Write(testing);
    }
}
