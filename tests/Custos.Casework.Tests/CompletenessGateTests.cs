using Custos.Detection;
using Custos.Identity;

namespace Custos.Casework.Tests;

public class CompletenessGateTests
{
    [Fact]
    public void Every_requirement_is_answered_in_order() =>
        CompletenessGate.Check(InventedCase.Dossier).Findings.Select(finding => finding.Id).ShouldBe(["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11"]);

    [Fact]
    public void What_only_a_person_can_answer_is_never_met()
    {
        var answer = CompletenessGate.Check(InventedCase.Dossier with { Recipient = "example-national-unit" });
        foreach (var id in (string[])["A1", "A7", "A9", "A10"])
            State(answer, id).ShouldBe(GateState.Open);
        answer.Result.ShouldBe(GateResult.Refused);
    }

    [Fact]
    public void A_dossier_without_a_value_to_act_on_says_so()
    {
        State(CompletenessGate.Check(InventedCase.Dossier), "A2").ShouldBe(GateState.Met);
        State(CompletenessGate.Check(InventedCase.Thin), "A2").ShouldBe(GateState.Missing);
    }

    [Fact]
    public void A_found_value_is_no_value_the_account_volunteered()
    {
        var found = InventedCase.Dossier with { Statements = [InventedCase.Dossier.Statements[0] with { Basis = StatementBasis.Found }] };
        State(CompletenessGate.Check(found), "A2").ShouldBe(GateState.Missing);
    }

    [Fact]
    public void The_accounts_own_word_alone_is_no_country_basis()
    {
        var claimed = InventedCase.Dossier with { Recipient = "x", Countries = new(InventedCase.Dossier.Countries.Claimed, [], []) };
        State(CompletenessGate.Check(claimed), "A3").ShouldBe(GateState.Missing);
        State(CompletenessGate.Check(InventedCase.Dossier with { Recipient = "x" }), "A3").ShouldBe(GateState.Met);
        State(CompletenessGate.Check(InventedCase.Dossier), "A3").ShouldBe(GateState.Open);
    }

    [Fact]
    public void No_age_statement_is_missing_and_marks_every_page()
    {
        var answer = CompletenessGate.Check(InventedCase.Thin);
        State(answer, "A4").ShouldBe(GateState.Missing);
        answer.AgeStated.ShouldBeFalse();
        CompletenessGate.Check(InventedCase.Dossier).AgeStated.ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, false, GateState.Open)]
    [InlineData(false, true, GateState.Missing)]
    [InlineData(true, false, GateState.Missing)]
    [InlineData(true, true, GateState.Met)]
    public void A_proof_needs_a_check_and_an_anchor(bool? verified, bool anchored, GateState state) =>
        State(CompletenessGate.Check(InventedCase.Dossier with { Recording = InventedCase.Dossier.Recording with { Verified = verified, Anchored = anchored } }), "A5").ShouldBe(state);

    [Fact]
    public void An_unreviewed_deviation_is_missing()
    {
        State(CompletenessGate.Check(InventedCase.Dossier), "A6").ShouldBe(GateState.Met);
        var conversation = InventedCase.Dossier.Conversations[0];
        var deviating = conversation with { Conduct = conversation.Conduct with { Deviations = [new Deviation("persona-first", "camera", InventedCase.Place(1300, 3))] } };
        var answer = CompletenessGate.Check(InventedCase.Dossier with { Conversations = [deviating] });
        State(answer, "A6").ShouldBe(GateState.Missing);
        answer.Findings.Single(finding => finding.Id == "A6").Exhibits.Single().LeafIndex.ShouldBe(1300);
    }

    [Fact]
    public void Our_lines_without_an_authorisation_are_missing() =>
        State(CompletenessGate.Check(InventedCase.Dossier with { Authorization = null }), "A6").ShouldBe(GateState.Missing);

    [Fact]
    public void A_proposed_grade_is_no_grade()
    {
        State(CompletenessGate.Check(InventedCase.Dossier), "A8").ShouldBe(GateState.Missing);
        var graded = InventedCase.Dossier with { Statements = [.. InventedCase.Dossier.Statements.Select(statement => statement with { Grade = Grade.Of(GradeScheme.ThreeFiveTwo, "2", "D", "P"), GradeProposed = false })] };
        State(CompletenessGate.Check(graded), "A8").ShouldBe(GateState.Open);
    }

    [Fact]
    public void A_judgement_that_keeps_accounts_apart_stops_the_identity()
    {
        var held = InventedCase.Dossier with { Held = [new(InventedCase.Dossier.Accounts[0], InventedCase.Dossier.Accounts[1], "kept apart", new(77))] };
        State(CompletenessGate.Check(held), "A7").ShouldBe(GateState.Missing);
    }

    static GateState State(GateAnswer answer, string id) => answer.Findings.Single(finding => finding.Id == id).State;
}
