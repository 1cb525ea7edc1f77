using Custos.Authority;
using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Casework.Tests;

public class AuthorisedLinesTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    static Authorization Signed(string venue = "net/#room", string persona = "kim", int fromHour = -1, int untilHour = 5) => new()
    {
        Operation = OperationSlug.Parse("lantern"),
        Authority = new("District unit (invented)", null, null),
        LegalBasis = [new("Written order (invented)", null)],
        Window = new(Noon.AddHours(fromHour), Noon.AddHours(untilHour), "UTC"),
        Material = new(Noon.AddHours(fromHour), Noon.AddHours(untilHour), "UTC"),
        Venues = [new(new(venue), VenueKind.ChatRoom)],
        Personas = [new("k", new(persona), 13)],
        Acts = [Act.Import, Act.Converse],
        Signatories = [],
    };

    static FactPlace At(int hour, string id) => new(new(hour), id, SpokenAt.Utc(Noon.AddHours(hour)), 0, 5);

    static readonly ConductRecord Record = new(
        new("net/#room", "t1", "ann", "kim"), true, 4, [], [], new(FactState.None, null, null), new(FactState.None, null, null), null, [], [], new(2, 4, 1, 0), [])
    {
        FirstOwn = At(0, "m1"),
        LastOwn = At(3, "m7"),
    };

    static string Outside(Authorization? signed, ConductRecord? record = null) =>
        string.Join(' ', AuthorisedLines.Review(record ?? Record, signed).Deviations.Select(d => $"{d.Code} {d.Where!.MessageId}"));

    [Fact]
    public void A_line_that_what_was_signed_covers_is_no_deviation() => Outside(Signed()).ShouldBeEmpty();

    [Fact]
    public void A_place_or_a_persona_that_is_not_named_is_shown_at_the_first_line()
    {
        Outside(Signed(venue: "net/#other")).ShouldBe("outside-authorisation m1");
        Outside(Signed(persona: "tim")).ShouldBe("outside-authorisation m1");
    }

    [Fact]
    public void A_line_before_or_after_the_window_is_shown_itself()
    {
        Outside(Signed(fromHour: 1)).ShouldBe("outside-authorisation m1");
        Outside(Signed(untilHour: 2)).ShouldBe("outside-authorisation m7");
    }

    [Fact]
    public void Where_no_line_is_ours_or_nothing_signed_is_at_hand_none_is_outside()
    {
        Outside(null).ShouldBeEmpty();
        Outside(Signed(venue: "net/#other"), Record with { FirstOwn = null, LastOwn = null }).ShouldBeEmpty();
    }

    [Fact]
    public void A_line_of_unknown_time_is_not_held_to_be_outside() =>
        Outside(Signed(fromHour: 4), Record with { FirstOwn = At(0, "m1") with { At = null }, LastOwn = At(0, "m2") with { At = null } }).ShouldBeEmpty();
}
