using Custos.Detection;

namespace Custos.Identity.Tests;

public class StatementTests
{
    [Fact]
    public void What_an_account_says_of_itself_is_proposed_as_untested_and_not_known()
    {
        var statement = StatementBook.Of(Scene.Of("marlow@lantern-demo.org")).Single();
        statement.Basis.ShouldBe(StatementBasis.Volunteered);
        statement.Grade.ToString().ShouldBe("3x5x2: 2 D");
        statement.GradeProposed.ShouldBeTrue();
        statement.Grade.Handling.ShouldBeNull();
    }

    [Fact]
    public void Quoted_and_persona_values_make_no_statement()
    {
        var scene = new Scene().PersonaSays("lampje@lantern-demo.org").Says("lampje@lantern-demo.org").Says("<dune> dune@lantern-demo.org");
        StatementBook.Of(scene.Read()).ShouldBeEmpty();
    }

    [Fact]
    public void Two_runs_name_a_statement_alike_and_another_place_otherwise()
    {
        var first = StatementBook.Of(Scene.Of("marlow@lantern-demo.org")).Single();
        var second = StatementBook.Of(Scene.Of("marlow@lantern-demo.org")).Single();
        second.Id.ShouldBe(first.Id);
        (first with { Where = new FactPlace(first.Where.Exhibit, first.Where.MessageId, null, 1, first.Where.Length) }).Id.ShouldNotBe(first.Id);
        first.Id.Length.ShouldBe(64);
    }

    [Fact]
    public void A_description_of_a_statement_contains_no_value() =>
        StatementBook.Of(Scene.Of("marlow@lantern-demo.org")).Single().ToString().ShouldBe("e-mail address EX-00000100");

    [Theory]
    [InlineData(GradeScheme.ThreeFiveTwo, "1", "B", "C", "3x5x2: 1 B C")]
    [InlineData(GradeScheme.Admiralty, "F", "6", null, "Admiralty: F 6")]
    [InlineData(GradeScheme.EuropolFourFour, "X", "4", "H1", "Europol 4x4: X 4 H1")]
    public void A_grade_comes_out_in_the_scheme_it_came_in(GradeScheme scheme, string source, string information, string? handling, string printed) =>
        Grade.Of(scheme, source, information, handling).ToString().ShouldBe(printed);

    [Fact]
    public void A_grade_says_in_words_what_its_letters_mean() =>
        Grade.Of(GradeScheme.Admiralty, "B", "2", null).InWords.ShouldBe("source usually reliable, information probably true");

    [Theory]
    [InlineData(GradeScheme.ThreeFiveTwo, "4", "A", null)]
    [InlineData(GradeScheme.ThreeFiveTwo, "1", "F", null)]
    [InlineData(GradeScheme.Admiralty, "A", "1", "P")]
    [InlineData(GradeScheme.EuropolFourFour, "D", "1", null)]
    [InlineData(GradeScheme.AsReceived, "A", "1", null)]
    public void A_value_the_scheme_does_not_have_is_refused(GradeScheme scheme, string source, string information, string? handling) =>
        Should.Throw<ArgumentException>(() => Grade.Of(scheme, source, information, handling));

    [Fact]
    public void Another_scheme_is_kept_as_received() => Grade.AsReceived("5x5x5", "B", "2", "3").ToString().ShouldBe("5x5x5: B 2 3");
}
