using System.Text;
using System.Text.Json;
using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class EvaluatorTests
{
    [Fact]
    public void Talk_that_differs_is_found_in_a_corpus_of_other_authors_and_twice_the_same()
    {
        using var folder = new ScratchFolder();
        var model = Trained(new NeutralCorpus(), folder["a"]);
        var corpus = new NeutralCorpus { Seed = 2, Prefix = "z" }.Write(folder["b"]);
        var request = Request(corpus, folder["b"], model) with { Lines = LabelledLines.Read(Path.Combine(folder["b"], "lines.txt")) };
        var evaluation = Evaluator.Evaluate(request, null, CancellationToken.None);
        evaluation.F1.Value!.Value.ShouldBeGreaterThanOrEqualTo(0.98);
        evaluation.F1.Low!.Value.ShouldBeLessThanOrEqualTo(evaluation.F1.Value.Value);
        evaluation.Split.ShouldBe("official");
        evaluation.TooEarlyBasis.ShouldBe("lines");
        evaluation.TooEarlyRate.Value.ShouldNotBeNull();
        evaluation.MedianMessagesToAlert!.Value.ShouldBeInRange(3, 15);
        Json(Evaluator.Evaluate(request, null, CancellationToken.None) with { MessagesPerSecond = 0 }).ShouldBe(Json(evaluation with { MessagesPerSecond = 0 }));
    }

    [Fact]
    public void An_evaluation_on_the_training_corpus_says_so()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveConversations = 40, OtherConversations = 80 };
        var model = Trained(corpus, folder["a"]);
        var evaluation = Evaluator.Evaluate(Request(corpus, folder["a"], model), null, CancellationToken.None);
        evaluation.Split.ShouldBe("training");
        EvaluationPage.Write(evaluation, DateTimeOffset.UnixEpoch).ShouldContain("trained on this very corpus");
    }

    [Fact]
    public void The_keys_are_the_ones_of_the_contract()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveAuthors = 10, PositiveConversations = 20, OtherConversations = 30 }.Write(folder["a"]);
        var evaluation = Evaluator.Evaluate(Request(corpus, folder["a"], DetectionModel.Builtin) with { Obfuscate = true }, null, CancellationToken.None);
        using var json = JsonDocument.Parse(Json(evaluation));
        json.RootElement.EnumerateObject().Select(p => p.Name).Where(n => !n.EndsWith("Interval", StringComparison.Ordinal)).ShouldBe(
        [
            "authors", "positives", "conversations", "messages", "flagged", "precision", "recall", "f1", "f05", "falseAuthorsPerMillionMessages", "fLatency", "latencyP", "medianMessagesToAlert",
            "p90MessagesToAlert", "tooEarlyRate", "tooEarlyBasis", "ece", "eceFloor", "eceAtPrior", "brier", "recallAt", "obfuscation", "messagesPerSecond", "threshold", "seed", "split", "corpus", "labels", "benign", "engine", "pack", "model",
        ]);
        json.RootElement.GetProperty("split").GetString().ShouldBe("none");
        var obfuscation = json.RootElement.GetProperty("obfuscation");
        obfuscation.GetProperty("disguised").EnumerateArray().Select(r => r.GetProperty("kind").GetString()).ShouldBe(Obfuscator.All.Select(o => o.Name));
        obfuscation.GetProperty("without").EnumerateArray().Select(r => r.GetProperty("step").GetString()).ShouldBe(NormalizedText.StepNames.Select(s => s.Name));
        foreach (var row in obfuscation.EnumerateObject().SelectMany(p => p.Value.EnumerateArray()))
        {
            foreach (var rate in new[] { "recall", "falseAuthorsPerMillionMessages" })
                row.GetProperty(rate).GetDouble().ShouldBeInRange(row.GetProperty(rate + "Interval")[0].GetDouble(), row.GetProperty(rate + "Interval")[1].GetDouble());
        }
    }

    [Fact]
    public void Nothing_flagged_leaves_precision_unknown_and_f_at_zero()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveAuthors = 10, PositiveConversations = 20, OtherConversations = 30 }.Write(folder["a"]);
        var evaluation = Evaluator.Evaluate(Request(corpus, folder["a"], DetectionModel.Builtin) with { Options = new() { ThresholdMillionths = 999_999 } }, null, CancellationToken.None);
        (evaluation.Precision.Value, evaluation.Recall.Value, evaluation.F1.Value, evaluation.F05.Value, evaluation.FLatency.Value).ShouldBe((null, 0, 0, 0, 0));
        evaluation.MedianMessagesToAlert.ShouldBeNull();
        // That they could have been is said: the packs find the cues in all of them.
        evaluation.Reachable.ShouldBe(10);
        // None in n is at most 3 / n.
        evaluation.FalseAuthorsPerMillionMessages.High!.Value.ShouldBe(3e6 / evaluation.Messages, 1e-9);
        EvaluationPage.Write(evaluation, DateTimeOffset.UnixEpoch).ShouldContain("No positive author was flagged");
    }

    [Fact]
    public void The_penalty_of_a_late_alert_is_the_published_one()
    {
        (1 - Bootstrap.Penalty(10)).ShouldBe(0.965, 0.0005);
        (1 - Bootstrap.Penalty(50)).ShouldBe(0.811, 0.0005);
        (1 - Bootstrap.Penalty(141)).ShouldBe(0.502, 0.0005);
    }

    [Fact]
    public void A_noisy_corpus_is_calibrated_on_authors_not_seen()
    {
        using var folder = new ScratchFolder();
        var noisy = new NeutralCorpus { PositiveAuthors = 400, PositiveConversations = 1_600, OtherConversations = 2_400, TellingShare = 0.26, TellingElsewhere = 0.1, CuesElsewhere = 0.9, Messages = 8 };
        var model = Trained(noisy, folder["a"]);
        var other = (noisy with { Seed = 3, Prefix = "z", PositiveConversations = 2_400, PositiveAuthors = 600, OtherConversations = 3_600 }).Write(folder["b"]);
        var evaluation = Evaluator.Evaluate(Request(other, folder["b"], model), null, CancellationToken.None);
        // Not told apart perfectly, or it would prove nothing.
        evaluation.F1.Value!.Value.ShouldBeInRange(0.3, 0.97);
        evaluation.Ece.Value!.Value.ShouldBeLessThanOrEqualTo(0.02);
    }

    [Fact]
    public void Another_prior_moves_the_percentages_and_they_stay_right()
    {
        using var folder = new ScratchFolder();
        var noisy = new NeutralCorpus { PositiveAuthors = 200, PositiveConversations = 1_100, OtherConversations = 1_500, TellingShare = 0.22, TellingElsewhere = 0.1, CuesElsewhere = 0.9, Messages = 8 };
        var model = Trained(noisy, folder["a"]);
        // One positive side in thirty, where training had more than one in five.
        var rare = (noisy with { Seed = 4, Prefix = "z", PositiveConversations = 200, PositiveAuthors = 50, OtherConversations = 2_800 }).Write(folder["b"]);
        var request = Request(rare, folder["b"], model);
        var survey = new CorpusSurvey(request.Corpora, request.Positives, [], CancellationToken.None);
        // There are 200. Told the share, it expects that within a third; told another, several times as many or a fraction.
        Expected("0.0333333333").ShouldBeInRange(134, 266);
        Expected("0.2115").ShouldBeGreaterThan(400);
        Expected("0.001").ShouldBeLessThan(100);

        double Expected(string prior)
        {
            var engine = DetectionEngine.Open(request.Pack, model, new() { Prior = prior });
            var pass = EvaluationPass.Run(request, survey, engine, null, FoldStep.None, (_, _) => { }, "", CancellationToken.None);
            return pass.Keys.Sum(k => engine.ProbabilityOf(k.Evidence).Millionths / 1e6);
        }
    }

    [Fact]
    public void Recall_at_a_number_of_false_alerts_is_fixed_on_some_venues_and_told_of_others()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveConversations = 40, OtherConversations = 40 }.Write(folder["a"]);
        // Harmless talk in which every third conversation holds the same cues.
        new NeutralCorpus { Seed = 9, Prefix = "h", PositiveAuthors = 1, PositiveConversations = 0, OtherConversations = 300 }.Write(folder["h"]);
        var request = Request(corpus, folder["a"], DetectionModel.Builtin) with { Benign = [Pan12Corpus.Open(Path.Combine(folder["h"], "corpus.xml"))] };
        var evaluation = Evaluator.Evaluate(request, null, CancellationToken.None);
        var at = evaluation.RecallAt!;
        // Nothing on the second half is no rate of zero.
        using var json = JsonDocument.Parse(Json(evaluation));
        foreach (var (row, written) in at.Zip(json.RootElement.GetProperty("recallAt").EnumerateArray()))
        {
            written.TryGetProperty("bound", out var bound).ShouldBe(row.FalseAlerts == 0);
            if (row.FalseAlerts > 0)
                continue;
            bound.GetString().ShouldBe($"<= 3/{row.Messages}");
            row.FalseAlertsPerMillion.High!.Value.ShouldBe(3e6 / row.Messages, 1e-9);
        }

        at.ShouldContain(r => r.FalseAlerts == 0);
        at.Select(r => r.PerMillion).ShouldBe([0.1, 1, 5, 20, 100]);
        at.Select(r => r.Recall.Value!.Value).ShouldBe(at.Select(r => r.Recall.Value!.Value).Order());
        at.ShouldAllBe(r => r.Messages > 1_000 && r.Messages < 2_600);
        var one = new NeutralCorpus { Seed = 9, Prefix = "o", PositiveAuthors = 1, PositiveConversations = 0, OtherConversations = 1 };
        one.Write(folder["o"]);
        Should.Throw<CorpusException>(() => Evaluator.Evaluate(request with { Benign = [Pan12Corpus.Open(Path.Combine(folder["o"], "corpus.xml"))] }, null, CancellationToken.None)).Message.ShouldContain("one venue");
    }

    [Fact]
    public void No_error_and_no_page_holds_a_word_of_the_corpus()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveAuthors = 10, PositiveConversations = 20, OtherConversations = 30 }.Write(folder["a"]);
        var evaluation = Evaluator.Evaluate(Request(corpus, folder["a"], DetectionModel.Builtin), null, CancellationToken.None);
        var written = Json(evaluation) + EvaluationPage.Write(evaluation, DateTimeOffset.UnixEpoch);
        foreach (var cue in NeutralCorpus.Cues)
            written.ShouldNotContain(cue);
        written.ShouldNotContain("p00000001");
    }

    [Theory]
    [InlineData("look-alikes-50", "can you turn on the camera")]
    [InlineData("zero-width", "can you turn on the camera")]
    [InlineData("leet", "can you turn on the camera")]
    [InlineData("repeats", "can you turn on the camera")]
    [InlineData("emoji", "can you turn on the camera")]
    [InlineData("all", "im 14, see https://example.org and @nick at 10:30")]
    public void A_disguise_is_the_same_for_a_seed_and_leaves_numbers_and_links(string name, string text)
    {
        var kind = Obfuscator.All.Single(o => o.Name == name);
        var once = Obfuscator.Disguise(kind, text, 5, 17);
        once.ShouldBe(Obfuscator.Disguise(kind, text, 5, 17));
        Enumerable.Range(0, 20).Select(i => Obfuscator.Disguise(kind, text, 5, i)).Distinct().Count().ShouldBeGreaterThan(3);
        foreach (var kept in text.Split(' ').Where(w => !w.Trim(',').All(char.IsLetter)))
            once.ShouldContain(kept);
    }

    static DetectionModel Trained(NeutralCorpus corpus, string folder) => Trainer.Train(corpus.Write(folder).Request(folder), null, CancellationToken.None).Model;

    static EvaluationRequest Request(NeutralCorpus corpus, string folder, DetectionModel model)
    {
        var training = corpus.Request(folder);
        return new() { Corpora = training.Corpora, Positives = training.Positives, Pack = training.Pack, Model = model, Seed = 5 };
    }

    static string Json(Evaluation evaluation)
    {
        using var stream = new MemoryStream();
        EvaluationJson.Write(stream, evaluation);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
