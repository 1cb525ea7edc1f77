using Custos.Vocabulary;

namespace Custos.Detection.Tests.Conduct;

public class DraftCheckTests
{
    static readonly PairKey Pair = new("net/#room", "t1", "ann", "kim");

    static (DraftCheck Check, ConductRecord Record, Told Told) Talk(params (string From, string Text)[] lines)
    {
        var told = new Told();
        foreach (var (from, text) in lines)
            told.Says(from, text, direction: from == "kim" ? Direction.Out : Direction.In);
        return (new(told.Engine), told.Tracker.Conduct(Pair)!, told);
    }

    [Fact]
    public void A_draft_that_would_raise_a_topic_first_is_held()
    {
        var (check, record, _) = Talk(("ann", "hi"), ("kim", "hi"));
        var look = check.Look("can we meet? turn on your cam", record);
        look.Firsts.ShouldBe(["meeting", "camera"]);
        look.Holds.ShouldBeTrue();
        check.Look("hello there", record).Holds.ShouldBeFalse();
        check.Look("can we meet", null).Firsts.ShouldBe(["meeting"]);
    }

    [Fact]
    public void A_topic_the_account_has_raised_is_no_first_and_after_its_refusal_a_repeat()
    {
        var (check, record, told) = Talk(("ann", "can we meet"), ("kim", "hm"));
        check.Look("meet me", record).Holds.ShouldBeFalse();
        told.Says("ann", "i dont want to", direction: Direction.In);
        check.Look("meet me", told.Tracker.Conduct(Pair)).Repeats.ShouldBe(["meeting"]);
    }

    [Fact]
    public void Stating_an_age_is_expected_and_money_is_an_inducement()
    {
        var (check, record, _) = Talk(("ann", "ill give you $50"), ("kim", "hm"));
        check.Look("im 14", record).Holds.ShouldBeFalse();
        check.Look("give you $20", record).Inducements.ShouldBe(["payment.offer"]);
    }

    [Fact]
    public void Looking_keeps_nothing()
    {
        var (check, record, told) = Talk(("ann", "hi"), ("kim", "hi"));
        check.Look("can we meet", record);
        told.Findings.ShouldBeEmpty();
        told.Tracker.Conduct(Pair)!.Topics.ShouldAllBe(t => t.First == "nobody");
    }
}
