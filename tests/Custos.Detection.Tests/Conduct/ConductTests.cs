using System.Buffers;
using System.Text;
using Custos.Vocabulary;

namespace Custos.Detection.Tests.Conduct;

public class ConductTests
{
    static readonly PairKey Pair = new("net/#room", "t1", "ann", "kim");

    static Told WithPersona() => new Told()
        .Says("ann", "how old are you", direction: Direction.In, at: "2026-03-01T10:00:00Z")
        .Says("kim", "im 14", direction: Direction.Out, at: "2026-03-01T10:00:30Z")
        .Says("ann", "thats fine", direction: Direction.In, at: "2026-03-01T10:01:00Z")
        .Says("ann", "can you turn on your cam", direction: Direction.In, at: "2026-03-01T10:02:00Z")
        .Says("kim", "i dont want to", direction: Direction.Out, at: "2026-03-01T10:03:00Z")
        .Says("ann", "turn on your cam, ill give you $50", direction: Direction.In, at: "2026-03-01T10:04:00Z");

    static TopicFirst Topic(ConductRecord record, string topic) => record.Topics.Single(t => t.Topic == topic);

    [Fact]
    public void The_record_says_who_raised_what_first()
    {
        var told = WithPersona();
        var record = told.Tracker.Conduct(Pair)!;
        record.HasPersona.ShouldBeTrue();
        record.Messages.ShouldBe(6);
        record.Topics.Select(t => t.Topic).ShouldBe(["age", "sexual", "media", "camera", "payment", "move", "meeting", "secrecy", "other-child"]);
        Topic(record, "camera").First.ShouldBe("account");
        Topic(record, "camera").ByAccount.Where!.MessageId.ShouldBe("m4");
        Topic(record, "camera").LaterByAccount.ShouldBe(1);
        Topic(record, "camera").ByPersona.State.ShouldBe(FactState.None);
        Topic(record, "meeting").First.ShouldBe("nobody");
        record.AgeStatedByCounterpart.Where!.MessageId.ShouldBe("m2");
        record.AgeAcknowledged.Where!.MessageId.ShouldBe("m3");
        record.MessagesToNextCore.ShouldBe(2);
        record.RefusalsAndExits.ShouldHaveSingleItem().ByAccount.ShouldBeFalse();
        record.RefusalsAndExits[0].Next.Select(p => p.MessageId).ShouldBe(["m6"]);
        record.Pressure.ShouldBe(new(2, 6, 1, 0) { OpeningsOfAll = 1 });
        record.Deviations.ShouldBeEmpty();
    }

    [Fact]
    public void A_first_behind_a_gap_is_unknown()
    {
        var told = new Told().Says("ann", "how old are you", direction: Direction.In).Says("kim", "im 14", direction: Direction.Out);
        told.Tracker.ObserveGap(new("net/#room"), null);
        told.Says("ann", "turn on your cam", direction: Direction.In);
        var record = told.Tracker.Conduct(Pair)!;
        Topic(record, "camera").ByAccount.State.ShouldBe(FactState.Unknown);
        Topic(record, "camera").ByAccount.Where!.MessageId.ShouldBe("m3");
        Topic(record, "camera").First.ShouldBe("unknown");
        Topic(record, "age").First.ShouldBe("account");
        Topic(record, "payment").ByAccount.State.ShouldBe(FactState.Unknown);
        Topic(record, "payment").First.ShouldBe("unknown");
    }

    [Fact]
    public void A_gap_in_one_thread_leaves_the_others_known()
    {
        var told = new Told();
        told.Tracker.ObserveGap(new("net/#room"), "t2");
        told.Says("ann", "turn on your cam", direction: Direction.In).Says("kim", "im 14", direction: Direction.Out).Says("ann", "turn on your cam", direction: Direction.In);
        Topic(told.Tracker.Conduct(Pair)!, "camera").First.ShouldBe("account");
    }

    [Fact]
    public void What_the_persona_did_is_listed_for_the_supervisor()
    {
        var told = new Told()
            .Says("ann", "hi", direction: Direction.In)
            .Says("kim", "can we meet", direction: Direction.Out)
            .Says("ann", "i dont want to", direction: Direction.In)
            .Says("kim", "meet me", direction: Direction.Out)
            .Says("kim", "hello", direction: Direction.Out)
            .Says("kim", "hello", direction: Direction.Out)
            .Says("ann", "turn on your cam", direction: Direction.In)
            .Says("kim", "im 14", direction: Direction.Out)
            .Says("kim", "im nineteen", direction: Direction.Out);
        var record = told.Tracker.Conduct(Pair)!;
        record.Deviations.Select(d => (d.Code, d.Topic, d.Where!.MessageId)).ShouldBe(
        [
            ("persona-first", "meeting", "m2"), ("renewed-after-refusal", "meeting", "m4"), ("unanswered-run", null, "m6"), ("age-not-stated", null, "m7"), ("age-contradicted", null, "m9"),
        ], ignoreOrder: false);
    }

    [Fact]
    public void Writing_to_an_account_that_has_left_is_listed()
    {
        var told = new Told()
            .Says("ann", "how old are you", direction: Direction.In).Says("kim", "im 14", direction: Direction.Out)
            .Says("ann", "you are too young", direction: Direction.In).Says("kim", "hello?", direction: Direction.Out);
        told.Tracker.Conduct(Pair)!.Deviations.Select(d => (d.Code, d.Where!.MessageId)).ShouldBe([("re-contact-after-withdrawal", "m4")]);
    }

    [Fact]
    public void An_account_that_says_nothing_more_has_left_in_silence()
    {
        var told = new Told().Says("ann", "how old are you", direction: Direction.In).Says("kim", "im 14", direction: Direction.Out);
        told.Tracker.Conduct(Pair)!.RefusalsAndExits.Select(r => (r.Code, r.ByAccount)).ShouldBe([("silent-withdrawal", true)]);
        told.Alerts.ShouldBeEmpty();
        told.Says("ann", "hm", direction: Direction.In);
        told.Tracker.Conduct(Pair)!.RefusalsAndExits.ShouldBeEmpty();
    }

    [Fact]
    public void The_record_of_a_dialogue_counts_what_was_said_before_it_was_kept()
    {
        var told = new Told().Says("ann", "hello").Says("kim", "hello").Says("ann", "fine day").Says("ann", "turn on your cam");
        told.Tracker.Conduct(Pair)!.Messages.ShouldBe(4);
    }

    [Fact]
    public void The_record_holds_no_conclusion()
    {
        var output = new ArrayBufferWriter<byte>();
        var told = WithPersona();
        ConductJson.Write(output, told.Tracker.Conduct(Pair)!);
        foreach (var finding in told.Findings)
            FindingWriter.Write(output, finding, withExhibits: true);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        foreach (var word in new[] { "entrap", "guilty", "predator", "groomer", "suspect", "clean" })
            text.ShouldNotContain(word, Case.Insensitive);
        foreach (var said in told.Texts.Values)
            text.ShouldNotContain(said);
    }

    [Fact]
    public void Risk_is_told_in_facts_with_their_places()
    {
        var told = WithPersona().Says("ann", "ill give you $80", direction: Direction.In);
        var facts = told.Tracker.RiskFacts(Pair);
        facts.Select(f => f.Code).ShouldBe(["payments", "amount.rising", "counterparts.child-age", "youngest-age", "counterpart.persona"]);
        facts[0].Value.ShouldBe(2);
        facts[0].Where.Select(w => w.MessageId).ShouldBe(["m6", "m7"]);
        facts[3].Value.ShouldBe(14);
        facts.ShouldAllBe(f => RiskFactCodes.All.Contains(f.Code));
    }

    [Fact]
    public void Nothing_is_kept_of_two_who_only_talked()
    {
        var told = new Told().Says("ann", "hello").Says("bob", "hello");
        told.Tracker.Conduct(new("net/#room", "t1", "ann", "bob")).ShouldBeNull();
        told.Tracker.RiskFacts(new("net/#room", "t1", "ann", "bob")).ShouldBeEmpty();
        told.Tracker.Pairs().ShouldBeEmpty();
    }
}
