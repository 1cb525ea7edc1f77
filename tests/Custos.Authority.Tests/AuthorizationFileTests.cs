using System.Text;
using Custos.Vocabulary;

namespace Custos.Authority.Tests;

public class AuthorizationFileTests
{
    internal const string Whole = """
        authorization-format: 1
        operation: lantern
        authority:
          name: Example Regional Police
          unit: Child Protection Unit
          reference: AUTH-2026-014
        legal-basis:
          - law: Example Code of Criminal Procedure
            provision: section 12
        window:
          from: 2026-11-01T00:00:00
          until: 2026-12-01T00:00:00
          zone: Europe/Amsterdam
        venues:
          - id: "irc://irc1.example.net/#lighthouse"
            kind: chat-room
          - id: https://lantern-chat.example/rooms
            kind: social-network
        personas:
          - id: p1
            handle: lampje
            stated-age: 13
        acts: [observe, import, converse]
        signatories:
          - name: A. Example
            role: public prosecutor
            signed: 2026-10-30
        """;

    internal static AuthorizationReading Read(string text) => AuthorizationFile.Read(Encoding.UTF8.GetBytes(text), "auth.yaml");

    [Fact]
    public void A_signed_file_says_who_where_when_as_whom_and_what()
    {
        var reading = Read(Whole);
        reading.Faults.ShouldBeEmpty();
        var authorization = reading.Authorization.ShouldNotBeNull();
        authorization.Operation.Value.ShouldBe("lantern");
        authorization.Authority.ShouldBe(new GrantingAuthority("Example Regional Police", "Child Protection Unit", "AUTH-2026-014"));
        authorization.LegalBasis.ShouldBe([new LegalBasis("Example Code of Criminal Procedure", "section 12")]);
        authorization.Window.From.ShouldBe(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(1)));
        authorization.Window.Until.ShouldBe(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(1)));
        authorization.Material.ShouldBe(authorization.Window);
        authorization.Venues.ShouldBe([new Venue(new("irc://irc1.example.net/#lighthouse"), VenueKind.ChatRoom), new Venue(new("https://lantern-chat.example/rooms"), VenueKind.SocialNetwork)]);
        authorization.Personas.ShouldBe([new Persona("p1", new("lampje"), 13)]);
        authorization.Acts.ShouldBe([Act.Observe, Act.Import, Act.Converse]);
        authorization.Signatories.ShouldBe([new Signatory("A. Example", "public prosecutor", new(2026, 10, 30))]);
    }

    [Fact]
    public void Every_error_is_named_with_its_line_and_field_not_just_the_first()
    {
        var text = Whole
            .Replace("operation: lantern", "operation: Lantern!", StringComparison.Ordinal)
            .Replace("kind: chat-room", "kind: chatroom", StringComparison.Ordinal)
            .Replace("stated-age: 13", "stated-age: thirteen", StringComparison.Ordinal)
            .Replace("zone: Europe/Amsterdam", "zone: Europe/Atlantis", StringComparison.Ordinal)
            .Replace("    role: public prosecutor\n", "", StringComparison.Ordinal)
            .Replace("reference:", "refrence:", StringComparison.Ordinal);
        var reading = Read(text);
        reading.Valid.ShouldBeFalse();
        reading.Faults.Select(fault => (fault.Line, fault.Field)).ShouldBe(
        [
            (2, "operation"), (6, "authority.refrence"), (13, "window.zone"), (16, "venues[1].kind"), (22, "personas[1].stated-age"), (25, "signatories[1].role"),
        ]);
        reading.Faults[0].ToString().ShouldStartWith("auth.yaml:2:12: operation: ");
    }

    [Theory]
    [InlineData("raise-sex")]
    [InlineData("raise-camera")]
    [InlineData("offer-payment")]
    [InlineData("webcam")]
    [InlineData("Payment")]
    public void No_file_can_permit_raising_sex_payment_or_a_camera_first(string act)
    {
        var reading = Read(Whole.Replace("acts: [observe, import, converse]", $"acts: [observe, import, converse, {act}]", StringComparison.Ordinal));
        reading.Valid.ShouldBeFalse();
        reading.Faults.ShouldHaveSingleItem().Problem.ShouldContain("can never be permitted");
        reading.Faults[0].Field.ShouldBe("acts[4]");
    }

    [Fact]
    public void A_field_of_another_name_cannot_permit_it_either()
    {
        var reading = Read(Whole + "\nmay-raise-camera: yes\n");
        reading.Faults.ShouldHaveSingleItem().Problem.ShouldContain("can never be permitted");
    }

    [Fact]
    public void An_act_outside_the_closed_list_is_refused_with_the_list()
    {
        var reading = Read(Whole.Replace("[observe, import, converse]", "[observe, hack]", StringComparison.Ordinal));
        reading.Faults.ShouldHaveSingleItem().Problem.ShouldContain("observe, import, record, converse, deter, move-platform, agree-to-meet, propose-meeting");
    }

    [Theory]
    [InlineData("authorization-format: 1", "authorization-format: 2", "authorization-format")]
    [InlineData("until: 2026-12-01T00:00:00", "until: 2026-10-01T00:00:00", "window.until")]
    [InlineData("from: 2026-11-01T00:00:00", "from: 2026-10-25T02:30:00", "window.from")]
    [InlineData("from: 2026-11-01T00:00:00", "from: 1 November", "window.from")]
    [InlineData("signed: 2026-10-30", "signed: yesterday", "signatories[1].signed")]
    [InlineData("https://lantern-chat.example/rooms", "\"irc://irc1.example.net/#lighthouse\"", "venues[2].id")]
    [InlineData("acts: [observe, import, converse]", "acts: []", "acts")]
    [InlineData("acts: [observe, import, converse]", "acts: observe", "acts")]
    [InlineData("acts: [observe, import, converse]", "acts: [observe, move-platform]", "acts")]
    [InlineData("operation: lantern\n", "", "operation")]
    public void A_fault_names_its_field(string from, string to, string field) =>
        Read(Whole.Replace(from, to, StringComparison.Ordinal)).Faults.ShouldHaveSingleItem().Field.ShouldBe(field);

    [Fact]
    public void Speaking_needs_a_persona()
    {
        var text = Whole.Remove(Whole.IndexOf("personas:", StringComparison.Ordinal), Whole.IndexOf("acts:", StringComparison.Ordinal) - Whole.IndexOf("personas:", StringComparison.Ordinal));
        Read(text).Faults.ShouldHaveSingleItem().Field.ShouldBe("personas");
        Read(text.Replace(", converse", "", StringComparison.Ordinal)).Valid.ShouldBeTrue();
    }

    [Fact]
    public void A_file_that_is_no_yaml_text_or_too_long_is_refused_at_its_place()
    {
        Read("operation: [unclosed").Faults.ShouldHaveSingleItem().Line.ShouldBe(1);
        AuthorizationFile.Read([0xFF, 0xFE, 0x00], "auth.yaml").Faults.ShouldHaveSingleItem().Problem.ShouldContain("UTF-8");
        AuthorizationFile.Read(new byte[AuthorizationFile.LongestFile + 1], "auth.yaml").Valid.ShouldBeFalse();
        Read("- a list").Valid.ShouldBeFalse();
        Read("").Valid.ShouldBeFalse();
    }
}
