using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class TrainerTests
{
    [Fact]
    public void Training_twice_writes_the_same_model_and_another_seed_another()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveConversations = 40, OtherConversations = 80 }.Write(folder.Path);
        var first = Trainer.Train(corpus.Request(folder.Path), null, CancellationToken.None);
        Trainer.Train(corpus.Request(folder.Path), null, CancellationToken.None).File.ShouldBe(first.File);
        Trainer.Train(corpus.Request(folder.Path, seed: 8), null, CancellationToken.None).File.ShouldNotBe(first.File);
    }

    [Fact]
    public void Talk_that_differs_is_told_apart_on_authors_not_seen()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus().Write(folder.Path);
        var trained = Trainer.Train(corpus.Request(folder.Path), null, CancellationToken.None);
        trained.Model.Header.Folds.ShouldAllBe(f => f.F05 >= 980_000);
        trained.Model.Header.Counts.ShouldBe(new ModelCounts(trained.Model.Header.Counts.Authors, 30, 520, 120, trained.Model.Header.Counts.Messages));
        trained.Model.IsCalibrated.ShouldBeTrue();
    }

    [Fact]
    public void Harmless_talk_drains_a_quarter_of_a_bit_a_message_in_the_mean_or_more()
    {
        using var folder = new ScratchFolder();
        foreach (var corpus in new[] { new NeutralCorpus { CuesElsewhere = 0.1 }, new NeutralCorpus { SideOnly = true, CuesElsewhere = 1, Messages = 20 } })
        {
            var request = corpus.Write(folder.Path).Request(folder.Path);
            var model = Trainer.Train(request, null, CancellationToken.None).Model;
            var survey = new CorpusSurvey(request.Corpora, request.Positives, [], CancellationToken.None);
            var run = new ConversationRun(DetectionEngine.Open(request.Pack, model, new()));
            var sink = new IndicatorSink();
            double author = 0, counterpart = 0;
            long messages = 0;
            foreach (var (conversation, kind, _) in survey.Dialogues(request, AuthorSplit.ByComponents(survey, 3, 7), "", (_, _) => { }, CancellationToken.None))
            {
                if (kind != ConversationKind.Negative)
                    continue;
                run.Begin(conversation);
                foreach (var message in conversation.Messages)
                {
                    run.Observe(message, sink);
                    var (more, moreForOther) = model.Weights!.Sum(run.Tracker.PairSlots);
                    var features = run.Reading.Features + run.Tracker.PairSlots.Length;
                    author += model.S(run.Reading.AuthorSum + more, features, model.Header.AuthorBias);
                    counterpart += model.S(run.Reading.CounterpartSum + moreForOther, features, model.Header.CounterpartBias);
                    messages++;
                }
            }

            (author / messages).ShouldBeLessThanOrEqualTo(-250);
            (counterpart / messages).ShouldBeLessThanOrEqualTo(-250);
        }
    }

    [Fact]
    public void Indicators_weigh_by_how_often_they_are_present_and_keep_the_catalogues_weight_where_nothing_is_known()
    {
        using var folder = new ScratchFolder();
        // A camera is asked for in every positive conversation and one in ten others; nobody asks to be met.
        var corpus = new NeutralCorpus { PositiveConversations = 300, OtherConversations = 600, CuesElsewhere = 0.1 }.Write(folder.Path);
        var weights = Trainer.Train(corpus.Request(folder.Path), null, CancellationToken.None).Model.Header.Indicators;
        var temper = (double)weights["meeting.request"] / IndicatorCatalogue.Find("meeting.request")!.Millibits;
        new[] { 1, 0.5, 0.25 }.ShouldContain(t => Math.Abs(t - temper) < 0.01);
        // Of sides: one of two in a positive conversation against one in twenty others and none of the other side's, less what the catalogue's judgement holds back.
        (weights["camera.request"] / temper).ShouldBeInRange(3_000, 6_500);
        foreach (var (code, weight) in weights)
            weight.ShouldBeInRange(IndicatorCatalogue.Find(code)!.Kind == IndicatorKind.Exculpatory ? -6_000 : 0, IndicatorCatalogue.Find(code)!.Kind == IndicatorKind.Exculpatory ? 0 : 10_000);
    }

    [Fact]
    public void A_model_file_holds_no_word_and_no_name_of_its_corpus()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositiveConversations = 40, OtherConversations = 80, CuesElsewhere = 0.1 }.Write(folder.Path);
        var file = System.Text.Encoding.Latin1.GetString(Trainer.Train(corpus.Request(folder.Path), null, CancellationToken.None).File);
        var said = corpus.Request(folder.Path).Corpora[0].Conversations().SelectMany(c => c.Messages).SelectMany(m => m.Text.Split(' ').Append(m.From.Value)).ToHashSet(StringComparer.Ordinal);
        said.Count.ShouldBeGreaterThan(100);
        said.Where(word => word.Length >= 6).ShouldAllBe(word => !file.Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_only_the_side_differs_the_right_side_is_told()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { SideOnly = true, CuesElsewhere = 1, Messages = 20 }.Write(folder.Path);
        Trainer.Train(corpus.Request(folder.Path), null, CancellationToken.None).Model.Header.Folds.ShouldAllBe(f => f.F05 >= 950_000);
    }

    [Fact]
    public void What_positive_authors_say_among_several_is_never_taken_for_harmless()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositivesElsewhere = true }.Write(folder.Path);
        var request = corpus.Request(folder.Path);
        var survey = new CorpusSurvey(request.Corpora, request.Positives, [], CancellationToken.None);
        Enumerable.Range(0, survey.Conversations).Count(i => survey[i].Kind == ConversationKind.Unlabelled).ShouldBe(40);
        Enumerable.Range(0, survey.Conversations).Count(i => survey[i].Kind == ConversationKind.Positive).ShouldBe(120);
        Enumerable.Range(0, survey.Conversations).Count(i => survey[i].Kind == ConversationKind.Negative).ShouldBe(360);
    }

    [Fact]
    public void Harmless_talk_beside_the_corpus_teaches_what_is_not_meant()
    {
        using var folder = new ScratchFolder();
        // Words that tell in the corpus are ordinary in another place, and so are its cues.
        var request = new NeutralCorpus().Write(folder["a"]).Request(folder["a"]);
        new NeutralCorpus { Seed = 5, Prefix = "h", PositiveAuthors = 1, PositiveConversations = 0, OtherConversations = 300, TellingElsewhere = 0.5, CuesElsewhere = 1 }.Write(folder["h"]);
        var place = new NeutralCorpus { Seed = 6, Prefix = "z", PositiveConversations = 60, OtherConversations = 240, TellingElsewhere = 0.5, CuesElsewhere = 1 }.Write(folder["z"]).Request(folder["z"]);
        var benign = Pan12Corpus.Open(Path.Combine(folder["h"], "corpus.xml"));
        Wrong(request with { Benign = [benign] }).ShouldBeLessThan(Wrong(request) / 2);

        int Wrong(TrainingRequest training)
        {
            var model = Trainer.Train(training, null, CancellationToken.None).Model;
            model.Header.Corpus.Count.ShouldBe(2 + training.Benign.Count);
            var evaluation = Evaluator.Evaluate(new() { Corpora = place.Corpora, Positives = place.Positives, Pack = place.Pack, Model = model, Seed = 5 }, null, CancellationToken.None);
            return evaluation.Flagged - evaluation.TruePositives;
        }
    }

    [Fact]
    public void No_author_is_on_both_sides_of_a_split()
    {
        using var folder = new ScratchFolder();
        var corpus = new NeutralCorpus { PositivesElsewhere = true }.Write(folder.Path);
        var request = corpus.Request(folder.Path);
        var survey = new CorpusSurvey(request.Corpora, request.Positives, [], CancellationToken.None);
        var split = AuthorSplit.ByComponents(survey, 3, 5);
        var foldOf = new Dictionary<string, int>();
        var number = 0;
        foreach (var conversation in request.Corpora[0].Conversations())
        {
            var fold = split.FoldOf(number++);
            foreach (var message in conversation.Messages)
            {
                if (!foldOf.TryAdd(message.From.Value, fold))
                    foldOf[message.From.Value].ShouldBe(fold);
            }
        }

        for (var fold = 0; fold < 3; fold++)
            foldOf.Count(a => a.Value == fold && a.Key.StartsWith('p')).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_random_split_by_conversation_is_refused()
    {
        using var folder = new ScratchFolder();
        var request = new NeutralCorpus().Write(folder.Path).Request(folder.Path);
        var survey = new CorpusSurvey(request.Corpora, request.Positives, [], CancellationToken.None);
        var random = new Random(3);
        var refused = Should.Throw<CorpusException>(() => AuthorSplit.Of(survey, [.. Enumerable.Range(0, survey.Conversations).Select(_ => random.Next(2))], 2));
        refused.Message.ShouldContain("both sides");
    }

    [Fact]
    public void A_corpus_that_teaches_nothing_is_refused()
    {
        using var folder = new ScratchFolder();
        var one = new NeutralCorpus { PositiveAuthors = 1, PositiveConversations = 5, OtherConversations = 5 }.Write(folder.Path);
        Should.Throw<CorpusException>(() => Trainer.Train(one.Request(folder.Path), null, CancellationToken.None)).Message.ShouldContain("two groups");
    }

    [Fact]
    public void A_gate_that_never_opens_is_said_and_no_model_opens_it()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["positives.txt"], "p1\np2\np3\n");
        var conversations = Enumerable.Range(0, 30).Select(i =>
            $"<conversation id='c{i}'><message line='1'><author>{(i < 9 ? "p" + ((i % 3) + 1) : "a" + i)}</author><text>{(i < 9 ? "lantern harbour" : "bread soup")} {i}</text></message>" +
            $"<message line='2'><author>b{i}</author><text>fine weather</text></message></conversation>");
        File.WriteAllText(folder["corpus.xml"], $"<conversations>{string.Concat(conversations)}</conversations>");
        var trained = Trainer.Train(new NeutralCorpus().Request(folder.Path), null, CancellationToken.None);
        trained.Notes.ShouldContain(n => n.Contains("opened the gate", StringComparison.Ordinal));
        trained.Model.Header.Threshold.ShouldBe(500_000);
        trained.Model.Header.Folds.ShouldAllBe(f => f.Recall == 0);
    }

    [Fact]
    public void A_harmless_author_of_the_same_probability_as_a_positive_one_counts_against_a_threshold_though_its_evidence_is_lower()
    {
        UnseenAuthor[] authors = [Author(true, 900), Author(true, 800), Author(true, 707), Author(false, 703), Author(false, 702), Author(false, 701), Author(true, null), Author(false, 300)];
        // By evidence there is a place between 707 and 703; in steps of ten no probability is.
        Trainer.LeastFlagged(authors, e => e).ShouldBe(707);
        Trainer.LeastFlagged(authors, e => e / 10).ShouldBe(800);
        // Three positive authors of one probability are worth a harmless one among them.
        Trainer.LeastFlagged([.. authors.Where(a => a.Best is not (703 or 702)), Author(true, 706), Author(true, 705)], e => e / 10).ShouldBe(701);
    }

    [Fact]
    public void Where_all_are_told_apart_every_positive_author_is_flagged_and_no_other()
    {
        Trainer.LeastFlagged([Author(true, 900), Author(true, 800), Author(true, 700), Author(false, 600), Author(false, null)], e => e).ShouldBe(700);
        Trainer.LeastFlagged([Author(true, 900)], e => e).ShouldBe(900);
    }

    [Fact]
    public void Of_places_that_serve_alike_the_threshold_is_the_highest()
    {
        // Of eight positive authors, one and nobody else serves as well as two and two harmless ones: 1.25 / 3 and 2.5 / 6.
        UnseenAuthor[] authors = [Author(true, 900), Author(true, 600), Author(false, 600), Author(false, 600), .. Enumerable.Repeat(Author(true, null), 6)];
        Trainer.FHalf(2, 2, 8).ShouldBe(Trainer.FHalf(1, 0, 8));
        Trainer.LeastFlagged(authors, e => e).ShouldBe(900);
        Trainer.LeastFlagged([.. authors.Skip(3), .. authors.Take(2)], e => e).ShouldBe(600);
    }

    [Fact]
    public void No_threshold_that_can_be_written_serves_better_than_the_one_chosen()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var authors = Enumerable.Range(0, 60).Select(_ => random.Next(3) == 0).Select(p => Author(p, random.Next(5) == 0 ? null : random.Next(400) + (p ? 150 : 0))).ToList();
            var chosen = Trainer.LeastFlagged(authors, e => e / 20)!.Value;
            Enumerable.Range(0, 30).Max(Served).ShouldBe(Served(chosen / 20));
            // Who has that evidence or more is who reaches the threshold.
            authors.Count(a => a.Best >= chosen).ShouldBe(authors.Count(a => a.Best / 20 >= chosen / 20));

            double Served(int threshold) => Trainer.FHalf(authors.Count(a => a.Positive && a.Best / 20 >= threshold), authors.Count(a => !a.Positive && a.Best / 20 >= threshold), authors.Count(a => a.Positive));
        }
    }

    [Fact]
    public void Where_no_positive_author_can_be_flagged_there_is_no_place_for_a_threshold()
    {
        Trainer.LeastFlagged([Author(true, null), Author(false, 800)], e => e).ShouldBeNull();
        Trainer.LeastFlagged([], e => e).ShouldBeNull();
    }

    static UnseenAuthor Author(bool positive, int? best) => new(0, positive, best);

    [Fact]
    public void A_calibrator_rises_from_end_to_end()
    {
        var random = new Random(5);
        foreach (var positives in new[] { 40, 2_000 })
        {
            var keys = Enumerable.Range(0, positives).Select(i => new CalibrationKey(random.Next(2_000, 14_000), true, i % 5)).Concat(Enumerable.Range(0, 6_000).Select(i => new CalibrationKey(random.Next(4) == 0 ? random.Next(9_000) : 0, false, i % 5))).ToList();
            var knots = Calibration.Fit(keys).Knots;
            for (var i = 1; i < knots.Count; i++)
                (knots[i].Evidence > knots[i - 1].Evidence && knots[i].LogOdds > knots[i - 1].LogOdds).ShouldBeTrue();
            knots[0].Evidence.ShouldBeLessThan(-6_000);
            knots[^1].Evidence.ShouldBeGreaterThan(144_000);
        }
    }
}
