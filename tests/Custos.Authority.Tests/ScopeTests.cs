using Custos.Vocabulary;

namespace Custos.Authority.Tests;

public class ScopeTests
{
    static readonly Authorization Signed = AuthorizationFileTests.Read(AuthorizationFileTests.Whole).Authorization!;
    static readonly VenueId Lighthouse = new("irc://irc1.example.net/#lighthouse");
    static readonly DateTimeOffset Inside = new(2026, 11, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_the_authorisation_names_is_permitted()
    {
        Scope.Check(Signed, Act.Observe, Lighthouse, null, Inside).Permitted.ShouldBeTrue();
        Scope.Check(Signed, Act.Converse, Lighthouse, new Handle("lampje"), Inside).Permitted.ShouldBeTrue();
    }

    [Fact]
    public void Every_missing_clause_is_named_with_who_can_grant_it()
    {
        var answer = Scope.Check(Signed, Act.Record, new("irc://irc1.example.net/#other"), new Handle("nobody"), Inside.AddYears(1));
        answer.Permitted.ShouldBeFalse();
        answer.Missing.Select(missing => missing.Clause).ShouldBe([Clause.Acts, Clause.Venues, Clause.Personas, Clause.Window]);
        answer.Missing.ShouldAllBe(missing => missing.GrantedBy == "A. Example, public prosecutor, for Example Regional Police");
        answer.Missing[1].ToString().ShouldContain("'irc://irc1.example.net/#other'");
    }

    [Fact]
    public void The_window_begins_inside_and_ends_outside()
    {
        Scope.Check(Signed, Act.Observe, Lighthouse, null, Signed.Window.From).Permitted.ShouldBeTrue();
        Scope.Check(Signed, Act.Observe, Lighthouse, null, Signed.Window.From.AddTicks(-1)).Permitted.ShouldBeFalse();
        Scope.Check(Signed, Act.Observe, Lighthouse, null, Signed.Window.Until.AddTicks(-1)).Permitted.ShouldBeTrue();
        Scope.Check(Signed, Act.Observe, Lighthouse, null, Signed.Window.Until).Permitted.ShouldBeFalse();
    }

    [Fact]
    public void Material_has_a_window_of_its_own_for_import_and_for_nothing_else()
    {
        var signed = AuthorizationFileTests.Read(AuthorizationFileTests.Whole + "\nmaterial:\n  from: 2026-01-01T00:00:00\n  until: 2026-12-01T00:00:00\n").Authorization!;
        var spring = new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
        Scope.Check(signed, Act.Import, Lighthouse, null, spring).Permitted.ShouldBeTrue();
        Scope.Check(signed, Act.Observe, Lighthouse, null, spring).Permitted.ShouldBeFalse();
        Scope.Check(signed, Act.Import, Lighthouse, null, spring.AddYears(-1)).Missing.ShouldHaveSingleItem().Sentence.ShouldContain("clause 'material'");
    }

    [Fact]
    public void A_venue_is_compared_exactly() =>
        Scope.Check(Signed, Act.Observe, new("irc://irc1.example.net/#Lighthouse"), null, Inside).Missing.ShouldHaveSingleItem().Clause.ShouldBe(Clause.Venues);
}
