using CsCheck;
using Custos.Vocabulary;

namespace Custos.Detection.Tests.Scores;

public class ConversationTrackerTests
{
    static Told Solicited() => new Told()
        .Says("ann", "hi how old are you")
        .Says("bob", "im 14")
        .Says("ann", "thats fine")
        .Says("ann", "add me on skype")
        .Says("ann", "can you turn on your cam, ill give you $50");

    // Detection-spec, section 7: the worked vector, from the words on.
    [Fact]
    public void The_worked_conversation_alerts_with_every_span_exact()
    {
        var told = Solicited();
        told.Findings.Where(f => f.Kind == FindingKind.Indicator && f.Author == "ann").Select(f => f.Score!.Value.Millibits).Distinct().ShouldBe([991, 2_477, 3_972, 14_893]);
        var alert = told.Alerts.Single();
        alert.Scope.ShouldBe(FindingScope.Pair);
        (alert.Author, alert.Counterpart, alert.MessageId).ShouldBe(("ann", "bob", "m5"));
        (alert.Score!.Value.Millibits, alert.Probability!.Value.Millionths).ShouldBe((14_893, 968_065));
        alert.Indicators.Select(i => i.Code).ShouldBe(["age.asked", "age.stated", "age.acknowledged", "move.request", "continued.after-age", "camera.request", "payment.offer"]);
        alert.Indicators.Where(i => !i.Rule.StartsWith("derived/", StringComparison.Ordinal)).Select(told.Cited)
            .ShouldBe(["how old are you", "im 14", "thats fine", "add me on skype", "turn on your cam", "ill give you $50"]);
    }

    [Fact]
    public void An_alert_comes_once_and_stays()
    {
        var told = Solicited().Says("ann", "turn on your cam").Says("ann", "you are too young").Says("ann", "give you $60");
        told.Alerts.Count().ShouldBe(1);
    }

    [Fact]
    public void Two_words_of_one_family_raise_no_alert()
    {
        var told = new Told(NewEngine("0.4")).Says("ann", "hi").Says("bob", "hi");
        for (var i = 0; i < 20; i++)
            told.Says("ann", "turn on your cam");
        told.Alerts.ShouldBeEmpty();
    }

    static DetectionEngine NewEngine(string prior) => new(TestBook.NewBuilder().Build(), "sha256:test", DetectionModel.Builtin, new() { Prior = prior });

    [Fact]
    public void The_childs_age_beside_one_core_family_opens_the_gate()
    {
        var told = new Told(NewEngine("0.4")).Says("ann", "turn on your cam").Says("bob", "hello").Says("ann", "turn on your cam");
        told.Alerts.ShouldBeEmpty();
        told.Says("bob", "im 14");
        var alert = told.Alerts.Single();
        (alert.Author, alert.Counterpart, alert.MessageId).ShouldBe(("ann", "bob", "m4"));
    }

    [Fact]
    public void Words_that_overlap_do_not_corroborate_each_other()
    {
        var evidence = new Evidence();
        evidence.Add(Family.Camera, 6_000, 1, new("camera.request", "m1", 5, 10, "r", [], [], new(0)), 1);
        evidence.Add(Family.Media, 6_000, 1, new("media.request", "m1", 9, 10, "r", [], [], new(0)), 1);
        evidence.GateIsOpen(childAgeFact: false).ShouldBeFalse();
        evidence.Add(Family.Media, 6_000, 1, new("media.request", "m2", 9, 10, "r", [], [], new(1)), 2);
        evidence.GateIsOpen(childAgeFact: false).ShouldBeTrue();
    }

    [Fact]
    public void Exculpatory_indicators_are_in_every_alert()
    {
        var told = new Told()
            .Says("ann", "hi how old are you").Says("bob", "im 14").Says("ann", "you are too young")
            .Says("ann", "thats fine. dont tell anyone").Says("ann", "can you turn on your cam, ill give you $50. add me on skype");
        told.Alerts.Single().Exculpatory.Select(i => i.Code).ShouldBe(["age.declined"]);
    }

    [Fact]
    public void An_account_that_left_when_the_age_was_stated_has_no_alert_and_a_record_that_says_so()
    {
        var told = new Told()
            .Says("ann", "hi how old are you", direction: Direction.In).Says("bob", "im 14", direction: Direction.Out)
            .Says("ann", "you are too young", direction: Direction.In).Says("bob", "ok", direction: Direction.Out);
        told.Alerts.ShouldBeEmpty();
        var record = told.Tracker.Conduct(new("net/#room", "t1", "ann", "bob"))!;
        record.RefusalsAndExits.ShouldHaveSingleItem().Code.ShouldBe("age.declined");
        record.RefusalsAndExits[0].ByAccount.ShouldBeTrue();
        record.Exculpatory.Select(i => i.Code).ShouldBe(["age.declined"]);
        record.MessagesToNextCore.ShouldBeNull();
    }

    [Fact]
    public void A_persona_is_never_scored()
    {
        var told = new Told();
        told.Says("ann", "hello", direction: Direction.In);
        for (var i = 0; i < 5; i++)
            told.Says("kim", "turn on your cam, ill give you $50. dont tell anyone. can we meet", direction: Direction.Out);
        told.Alerts.ShouldBeEmpty();
        told.Findings.ShouldAllBe(f => f.Role == AuthorRole.Persona && f.Score == null && f.Probability == null);
    }

    [Fact]
    public void The_pair_is_open_until_the_second_speaks_and_takes_that_name()
    {
        var told = new Told()
            .Says("ann", "how old are you. turn on your cam, ill give you $50. add me on skype");
        told.Findings.ShouldAllBe(f => f.Counterpart == null);
        told.Says("bob", "im 14");
        told.Alerts.Single().Counterpart.ShouldBe("bob");
    }

    [Fact]
    public void In_a_room_the_name_a_line_begins_with_is_addressed()
    {
        var told = new Told().Says("bob", "hello all", thread: "").Says("cat", "hi", thread: "").Says("ann", "bob: how old are you", thread: "").Says("ann", "dora, how old are you", thread: "");
        told.Findings.Select(f => f.Counterpart).ShouldBe(["bob", null]);
    }

    [Fact]
    public void An_account_talking_to_itself_has_no_pair()
    {
        var told = new Told().Says("ann", "how old are you", to: "ann");
        told.Findings.Single().Scope.ShouldBe(FindingScope.Place);
        told.Tracker.Pairs().ShouldBeEmpty();
    }

    [Fact]
    public void A_question_stays_open_for_six_messages_of_the_other_side_and_no_longer()
    {
        Told Answered(int before)
        {
            var told = new Told().Says("ann", "how old are you");
            for (var i = 0; i < 30; i++)
                told.Says("ann", "hello?");
            for (var i = 0; i < before; i++)
                told.Says("bob", "well");
            return told.Says("bob", "14");
        }

        Answered(5).Indicators.Select(i => i.Code).ShouldContain("age.stated");
        Answered(6).Indicators.Select(i => i.Code).ShouldNotContain("age.stated");
    }

    [Fact]
    public void Asking_again_after_a_refusal_is_a_repeat()
    {
        var told = new Told().Says("ann", "turn on your cam").Says("bob", "i dont want to").Says("ann", "turn on your cam");
        told.Codes("m3").ShouldContain("repeat.after-refusal");
        var late = new Told().Says("ann", "turn on your cam").Says("bob", "i dont want to");
        for (var i = 0; i < 20; i++)
            late.Says("bob", "bla");
        late.Says("ann", "turn on your cam").Indicators.Select(i => i.Code).ShouldNotContain("repeat.after-refusal");
        new Told().Says("ann", "can we meet").Says("bob", "i dont want to").Says("ann", "turn on your cam").Codes("m3").ShouldNotContain("repeat.after-refusal");
    }

    [Fact]
    public void Coming_back_after_leaving_is_said()
    {
        var told = new Told().Says("ann", "how old are you").Says("bob", "im 14").Says("ann", "i have to go now bye").Says("ann", "hi again").Says("ann", "turn on your cam");
        told.Codes("m3").ShouldBe(["withdrawal"]);
        told.Codes("m4").ShouldBeEmpty();
        told.Codes("m5").ShouldContain("return.after-withdrawal");
    }

    [Fact]
    public void One_ask_to_five_counterparts_is_a_broadcast_of_the_place()
    {
        var told = new Told();
        for (var i = 0; i < 7; i++)
            told.Says("ann", "turn on your cam", thread: "t" + i, to: "b" + i);
        var broadcast = told.Findings.Single(f => f.Indicators[0].Code == "broadcast");
        (broadcast.Scope, broadcast.Counterpart, broadcast.MessageId).ShouldBe((FindingScope.Place, null, "m5"));
        told.Says("ann", "dont tell anyone", thread: "t0", to: "b0");
        told.Alerts.ShouldHaveSingleItem().Scope.ShouldBe(FindingScope.Place);
    }

    [Fact]
    public void A_place_is_not_alerted_where_a_pair_of_it_has_been()
    {
        var told = Solicited();
        for (var i = 0; i < 7; i++)
            told.Says("ann", "turn on your cam, ill give you $50", thread: "", to: "b" + i);
        told.Alerts.ShouldAllBe(f => f.Scope == FindingScope.Pair);
    }

    [Fact]
    public void A_second_age_contradicts_the_first()
    {
        var told = new Told().Says("ann", "im 14").Says("bob", "hi").Says("ann", "im nineteen");
        var contradicted = told.Indicators.Single(i => i.Code == "age.contradicted");
        contradicted.Attributes.Select(a => (a.Name, a.Value)).ShouldBe([("years", "19"), ("earlier", "14")]);
    }

    [Fact]
    public void Two_children_are_marked_as_peers_until_money_appears()
    {
        var told = new Told(NewEngine("0.4")).Says("ann", "im 15").Says("bob", "im 14").Says("ann", "turn on your cam. dont tell anyone. turn on your cam");
        told.Alerts.Single().Peer.ShouldBeTrue();
        told.Alerts.Single().Exculpatory.Select(i => i.Code).ShouldContain("peer.age");
        var paid = new Told(NewEngine("0.4")).Says("ann", "im 15").Says("bob", "im 14").Says("ann", "turn on your cam, ill give you $50. dont tell anyone");
        paid.Alerts.Single().Peer.ShouldBeFalse();
    }

    [Fact]
    public void A_quoted_line_is_not_said_by_its_author() => new Told().Says("ann", "> turn on your cam").Findings.ShouldBeEmpty();

    [Fact]
    public void A_pasted_log_is_not_said_by_its_author() => new Told().Says("ann", "[19:04:05] <bob> turn on your cam").Findings.ShouldBeEmpty();

    static readonly string[] Lines =
    [
        "hello", "how are things", "how old are you", "im 14", "im 15", "thats fine", "turn on your cam", "ill give you $50", "dont tell anyone", "can we meet", "i dont want to",
        "you are too young", "add me on skype", "im nineteen", "the weather and so on",
    ];

    static readonly string[] Risky = ["turn on your cam", "ill give you $50", "dont tell anyone", "can we meet", "add me on skype", "how old are you"];

    static readonly Gen<(int Who, int Line)[]> Talk = Gen.Select(Gen.Int[0, 1], Gen.Int[0, Lines.Length - 1]).Array[1, 40];

    // From the words on: an incriminating message of the account, put anywhere, lowers none of its later scores. No line here is an age only as an answer:
    // a question that brings out a child's age lets a later "you are too young" speak for the account (docs/decisions/2026-11-25-an-answer-may-let-a-farewell-count.md).
    [Fact]
    public void Adding_a_risky_message_never_lowers_a_score() =>
        Gen.Select(Talk, Gen.Int[0, 40], Gen.Int[0, Risky.Length - 1]).Sample((talk, at, risky) =>
        {
            var place = Math.Min(at, talk.Length);
            var (without, with) = (new Told(), new Told());
            foreach (var told in new[] { without, with })
                told.Says("ann", "hi").Says("bob", "hi");
            for (var i = 0; i <= talk.Length; i++)
            {
                if (i == place)
                    with.Says("ann", Risky[risky]);
                if (i == talk.Length)
                    break;
                var who = talk[i].Who == 0 ? "ann" : "bob";
                without.Says(who, Lines[talk[i].Line]);
                with.Says(who, Lines[talk[i].Line]);
                if (i >= place && Score(with) < Score(without))
                    return false;
            }

            return true;

            static int Score(Told told) => told.Tracker.ScoreOf(new("net/#room", "t1", "ann", "bob"))?.Millibits ?? 0;
        });

    [Fact]
    public void One_reader_and_four_find_the_same()
    {
        var engine = TestBook.NewEngine();
        var texts = Enumerable.Range(0, 400).Select(i => Lines[i * 7 % Lines.Length]).ToArray();
        List<string> Run(int readers)
        {
            var told = new Told(engine);
            told.SaysAll(texts, readers);
            return [.. told.Findings.Select(f => $"{f.Kind} {f.MessageId} {f.Author} {f.Score?.Millibits} {string.Join(',', f.Indicators.Select(i => i.Code))}")];
        }

        Run(4).ShouldBe(Run(1));
    }
}
