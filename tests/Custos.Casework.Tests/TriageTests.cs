using Custos.Detection;
using Custos.Yaml;

namespace Custos.Casework.Tests;

public class TriageTests
{
    static readonly DateTimeOffset AsOf = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    static readonly RiskFact Persona = new("counterpart.persona", null, []);

    [Fact]
    public void Coercion_of_someone_who_is_not_our_persona_is_band_one()
    {
        Rank(Fact("coercion")).Band.ShouldBe(1);
        Rank(Fact("coercion"), Persona).Band.ShouldBe(3);
    }

    [Fact]
    public void A_child_near_with_a_live_performance_or_a_request_for_pictures_is_band_one()
    {
        Rank(Fact("child.access"), Fact("live.direction"), Persona).Band.ShouldBe(1);
        Rank(Fact("child.access"), Fact("media.request"), Persona).Band.ShouldBe(1);
        Rank(Fact("child.access"), Persona).Band.ShouldBe(2);
    }

    [Theory]
    [InlineData("2026-03-10", 1)]
    [InlineData("2026-03-24", 1)]
    [InlineData("2026-03-25", 2)]
    [InlineData("2026-03-09", 2)]
    public void A_meeting_within_fourteen_days_with_someone_who_is_not_our_persona_is_band_one(string date, int band)
    {
        var alert = Alert([Fact("meeting.request"), Fact("meeting.dated")]) with { Indicators = [InventedCase.Indicator("meeting.request", 5, 0, 5, new IndicatorAttribute("date", date, false))] };
        TriageRules.BuiltIn.Rank(alert, AsOf).Band.ShouldBe(band);
    }

    [Fact]
    public void Somebody_who_may_be_a_child_is_band_two() => Rank().Band.ShouldBe(2);

    [Theory]
    [InlineData("third.child", 2)]
    [InlineData("media.claimed", 2)]
    [InlineData("travel.plan", 2)]
    [InlineData("live.direction", 3)]
    [InlineData("return.after-withdrawal", 3)]
    [InlineData("meeting.request", 4)]
    [InlineData("vulnerability", 4)]
    public void Towards_our_persona_each_fact_has_its_band(string fact, int band) => Rank(Fact(fact), Persona).Band.ShouldBe(band);

    [Fact]
    public void One_payment_never_lifts_a_band_and_two_do()
    {
        Rank(Fact("payments", 1), Persona).Band.ShouldBe(4);
        Rank(Fact("payments", 2), Persona).Band.ShouldBe(3);
    }

    [Fact]
    public void Two_counterparts_with_a_childs_age_are_band_three() => Rank(Fact("counterparts.child-age", 2), Persona).Band.ShouldBe(3);

    [Theory]
    [InlineData("coercion", null, 5)]
    [InlineData("live.direction", null, 5)]
    [InlineData("child.access", null, 5)]
    [InlineData("third.child", null, 4)]
    [InlineData("meeting.dated", null, 4)]
    [InlineData("media.claimed", null, 4)]
    [InlineData("counterparts.child-age", 5L, 5)]
    [InlineData("counterparts.child-age", 4L, 3)]
    [InlineData("counterparts.child-age", 1L, 0)]
    [InlineData("payments", 2L, 3)]
    [InlineData("payments", 1L, 0)]
    [InlineData("amount.rising", null, 2)]
    [InlineData("youngest-age", 10L, 3)]
    [InlineData("youngest-age", 12L, 2)]
    [InlineData("youngest-age", 13L, 0)]
    [InlineData("peer", 15L, -3)]
    public void Points_are_those_of_the_specification(string fact, long? value, int points) => Rank(Fact(fact, value), Persona).Points.ShouldBe(points);

    [Fact]
    public void Every_reason_is_a_sentence_with_its_exhibits()
    {
        var answer = Rank(Fact("payments", 3), Fact("youngest-age", 11), Persona);
        answer.Reasons.Select(reason => reason.Sentence).ShouldBe(["offered or claimed payment 3 times", "payment offered or claimed more than once (3)", "the youngest age stated to it is 11"]);
        answer.Reasons.ShouldAllBe(reason => reason.Where.Count > 0);
    }

    [Fact]
    public void A_score_never_moves_an_alert()
    {
        var low = Alert([Fact("payments", 2), Persona], exhibit: 5) with { Score = new(1_000) };
        var high = Alert([Persona], exhibit: 6) with { Score = new(90_000), Probability = new(999_999) };
        Order(high, low).ShouldBe([5L, 6L]);
    }

    [Fact]
    public void The_queue_is_ordered_by_band_points_date_first_seen_and_exhibit()
    {
        var dated = Alert([Fact("meeting.dated"), Persona], 4) with { Indicators = [InventedCase.Indicator("travel.plan", 4, 0, 5, new IndicatorAttribute("date", "2026-05-01", false))] };
        var laterDate = dated with { Alert = dated.Alert with { Exhibit = new(3) }, Indicators = [InventedCase.Indicator("travel.plan", 3, 0, 5, new IndicatorAttribute("date", "2026-06-01", false))] };
        var older = Alert([Persona], 9) with { FirstSeen = AsOf.AddDays(-9) };
        var newer = Alert([Persona], 8) with { FirstSeen = AsOf.AddDays(-1) };
        var same = newer with { Alert = newer.Alert with { Exhibit = new(7) } };
        var child = Alert([], 99);
        Order(newer, same, laterDate, older, child, dated).ShouldBe([99L, 4L, 3L, 9L, 7L, 8L]);
    }

    [Fact]
    public void The_order_of_arrival_changes_nothing()
    {
        var alerts = Enumerable.Range(0, 12).Select(i => Alert(i % 3 == 0 ? [] : [Persona, Fact("payments", i)], 100 - i)).ToList();
        var forward = Order([.. alerts]);
        alerts.Reverse();
        Order([.. alerts]).ShouldBe(forward);
    }

    [Fact]
    public void A_shadow_rule_changes_no_order_and_stands_beside()
    {
        var rules = TriageRules.Load(Rule("when: {all: [vulnerability]}", "band: 1", "mode: shadow"), "t.yaml");
        var answer = rules.Rank(Alert([Fact("vulnerability")]), AsOf);
        answer.Band.ShouldBe(4);
        answer.Reasons.ShouldBeEmpty();
        answer.Shadow.Single().Band.ShouldBe(1);
    }

    [Theory]
    [InlineData("when: {all: [paymentz]}", "points: 1", "mode: live", "'paymentz' is no fact")]
    [InlineData("when: {all: [payments > 2]}", "points: 1", "mode: live", "'>=' or '<='")]
    [InlineData("when: {all: [payments >= two]}", "points: 1", "mode: live", "whole number")]
    [InlineData("when: {some: [payments]}", "points: 1", "mode: live", "'some' is not known here")]
    [InlineData("when: {all: [payments]}", "band: 5", "mode: live", "A band is 1, 2, 3 or 4")]
    [InlineData("when: {all: [payments]}", "band: 3", "mode: live", "one payment alone")]
    [InlineData("when: {all: [payments >= 1]}", "band: 3", "mode: live", "one payment alone")]
    [InlineData("when: {all: [coercion]}", "colour: red", "mode: live", "'colour' is not known here")]
    [InlineData("when: {all: [coercion]}", "points: 1", "mode: maybe", "'live' or 'shadow'")]
    public void A_rule_that_cannot_be_meant_is_refused_with_its_line(string when, string effect, string mode, string problem)
    {
        var text = Rule(when, effect, mode);
        var error = Should.Throw<StrictYamlException>(() => TriageRules.Load(text, "t.yaml"));
        error.Message.ShouldStartWith("t.yaml:");
        error.Problem.ShouldContain(problem);
        error.Line.ShouldBeInRange(3, 8);
    }

    [Fact]
    public void A_rule_needs_a_band_or_points_and_not_both()
    {
        Should.Throw<StrictYamlException>(() => TriageRules.Load(Rule("when: {all: [coercion]}", "band: 1\n    points: 2", "mode: live"), "t.yaml")).Problem.ShouldContain("either 'band' or 'points'");
        Should.Throw<StrictYamlException>(() => TriageRules.Load("triage-format: 2\nrules:\n  - id: x\n", "t.yaml")).Problem.ShouldContain("triage-format 1");
    }

    [Fact]
    public void Two_rules_of_one_name_are_refused()
    {
        var rule = Rule("when: {all: [coercion]}", "points: 1", "mode: live");
        Should.Throw<StrictYamlException>(() => TriageRules.Load(rule + rule[rule.IndexOf("  - id", StringComparison.Ordinal)..], "t.yaml")).Problem.ShouldContain("twice");
    }

    [Fact]
    public void The_built_in_rules_have_one_hash()
    {
        TriageRules.BuiltIn.Sha256.Length.ShouldBe(64);
        TriageRules.BuiltIn.Ids.ShouldContain("coercion-of-a-child");
    }

    static string Rule(string when, string effect, string mode) =>
        $"triage-format: 1\nrules:\n  - id: one\n    owner: unit\n    {when}\n    {effect}\n    because: a reason\n    {mode}\n";

    static TriageAnswer Rank(params RiskFact[] facts) => TriageRules.BuiltIn.Rank(Alert(facts), AsOf);

    static IEnumerable<long> Order(params WaitingAlert[] alerts) => TriageQueue.Order(alerts, TriageRules.BuiltIn, AsOf).Select(ranked => ranked.Waiting.Alert.Exhibit.LeafIndex);

    static RiskFact Fact(string code, long? value = null) => new(code, value, [InventedCase.Place(40, 3)]);

    static WaitingAlert Alert(IReadOnlyList<RiskFact> facts, long exhibit = 50) => new(
        new AlertAddress(FindingScope.Pair, "v", "t", "a", "b", new(exhibit)), facts, AsOf.AddDays(-3), new Score(5_000), null, [], [], false);
}
