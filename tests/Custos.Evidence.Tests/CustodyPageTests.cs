using System.Text;
using System.Text.Json;

namespace Custos.Evidence.Tests;

/// <summary>The chain of custody as it is put before a court: nothing that was recorded is missing from the page.</summary>
public class CustodyPageTests
{
    static readonly DateTimeOffset At = new(2026, 12, 3, 10, 0, 0, TimeSpan.Zero);

    static LogEntry Entry(string kind, string about = "") =>
        LogEntry.Parse(Encoding.ASCII.GetBytes($$"""{"v":1,"kind":"{{kind}}","at":"2026-12-03T14:05:09.000000Z","actor":"irc-1"{{about}},"size":5,"sha256":"{{Sha256Digest.Of("x"u8)}}"}"""));

    static CustodyStep Step(CustodyEvent? custody, CustodyReach why = CustodyReach.Exhibit, string kind = CustodyKind.Exported, long number = 20) => new(new(number), Entry("custody." + kind), custody, why, []);

    static CustodyChain Chain(params CustodyStep[] steps) => new()
    {
        Exhibit = new(7),
        Entry = Entry("chat"),
        Checkpoint = new(Machine.Origin, 30, Merkle.EmptyRoot),
        State = ContentState.Sealed,
        Steps = steps,
        Related = [],
    };

    static CustodyEvent Plain => new() { Actor = new() { Id = "officer-7" } };

    // What stands below an event's heading, name and value.
    static List<string> Details(CustodyStep step) =>
        [.. CustodyPage.Text(Chain(step)).Split('\n').SkipWhile(line => !line.StartsWith("1. ", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith("   ", StringComparison.Ordinal)).Select(line => $"{line[3..22].TrimEnd()}: {line[22..]}")];

    [Fact]
    public void Every_field_of_an_event_stands_on_the_page_under_its_name()
    {
        var full = new CustodyEvent
        {
            Exhibits = [7, 8, 9],
            Case = "C-1",
            Actor = new() { Id = "officer-7", Name = "N. Example", Role = "examiner", Unit = "unit 3" },
            SecondPerson = new() { Id = "super-1" },
            Authority = new() { Ref = "AUTH-1", ValidFrom = At, ValidTo = At.AddDays(1), ValidThen = true },
            Purpose = "referral",
            Time = new() { Utc = At, Source = "ntp.example", OffsetMs = 1.5, UncertaintyMs = 0.5, AnchorSize = 12 },
            Place = new() { Site = "office", Host = "host-1" },
            Tool = new() { Name = "custos", Version = "0.1.0", BuildSha256 = "aa", SettingsSha256 = "bb" },
            Input = [new() { Sha256 = "cc", Size = 5, Mime = "text/plain" }],
            Output = [new() { Size = 6 }],
            Previous = 4,
            Change = new() { What = "line ends", Why = "mail" },
            Recipient = new() { Name = "prosecutor", Method = "by hand", Receipt = "R-9" },
            Verification = new() { TreeSize = 11, Result = "verified" },
            Viewing = new() { Seconds = 30, Revealed = false },
            Disclosure = "art. 25",
            Deletion = new() { Order = 3, Count = 2, EarlierExports = [1, 2], KeyCopies = "none were made" },
            Corrects = 5,
        };
        Details(Step(full) with { CorrectedBy = [new(21), new(22)] }).ShouldBe(
        [
            "by: officer-7, N. Example, examiner, unit 3", "with: super-1", "why: referral", "case: C-1", "authority: AUTH-1, from 2026-12-03T10:00:00.000000Z, until 2026-12-04T10:00:00.000000Z, valid then",
            "corrects: EX-00000005", "corrected by: EX-00000021, EX-00000022", "change: line ends, because: mail", "to: prosecutor, by hand, receipt R-9", "tool: custos, 0.1.0, build SHA-256 aa, settings SHA-256 bb",
            "place: office, host-1", "time of the act: 2026-12-03T10:00:00.000000Z, ntp.example, offset 1.5 ms, uncertain by 0.5 ms, newest anchor 12", "went in: text/plain, 5 bytes, SHA-256 cc", "came out: 6 bytes",
            "verification: verified, at size 11", "viewing: 30 s, blurred", "disclosure: art. 25", "deletion: ordered by EX-00000003, 2 contents destroyed, older copies of the keys: none were made, had left before: EX-00000001, EX-00000002",
            "exhibits: EX-00000007, EX-00000008, EX-00000009", "event before: EX-00000004",
        ]);

        // What the text says, the page for a browser says too.
        var html = System.Net.WebUtility.HtmlDecode(CustodyPage.Html(Chain(Step(full))));
        foreach (var detail in Details(Step(full)))
            html.ShouldContain(detail[(detail.IndexOf(':', StringComparison.Ordinal) + 2)..]);
    }

    [Fact]
    public void What_is_not_recorded_is_left_out_and_a_missing_authority_is_said()
    {
        Details(Step(Plain)).ShouldBe(["by: officer-7", "authority: none recorded"]);
        Details(Step(Plain with { Authority = new() { ValidThen = false }, Viewing = new() { Revealed = true }, Exhibits = [7] })).ShouldBe(["by: officer-7", "authority: no reference, NOT valid then", "viewing: revealed"]);
        Details(Step(null)).ShouldBe(["by: irc-1", "content: not readable by this program; the entry and its proof stand"]);
        Details(Step(Plain with { Exhibits = [.. Enumerable.Range(3, 16).Select(i => (long)i)] }))[^1].ShouldStartWith("exhibits: EX-00000003, EX-00000004, ");
        Details(Step(Plain with { Exhibits = [.. Enumerable.Range(3, 17).Select(i => (long)i)] }))[^1].ShouldBe("exhibits: 17 in all, between EX-00000003 and EX-00000019");
    }

    [Theory]
    [InlineData(CustodyReach.Exhibit, null)]
    [InlineData(CustodyReach.Whole, "a part of the whole that the event names")]
    [InlineData(CustodyReach.Range, "one of EX-00000002 to EX-00000009")]
    [InlineData(CustodyReach.Correction, "a correction of an event above")]
    [InlineData(CustodyReach.Sequel, "what came of an event above")]
    public void How_an_event_reaches_the_exhibit_is_said_where_it_does_not_name_it(CustodyReach why, string? says) =>
        Details(Step(Plain with { Range = new() { From = 2, Through = 9 } }, why)).SingleOrDefault(detail => detail.StartsWith("reaches it as", StringComparison.Ordinal)).ShouldBe(says is null ? null : "reaches it as: " + says);

    [Theory]
    [InlineData(CustodyKind.CaptureStarted, "Capture began")]
    [InlineData(CustodyKind.CaptureEnded, "Capture ended")]
    [InlineData(CustodyKind.Imported, "Taken in")]
    [InlineData(CustodyKind.Clock, "Clock compared")]
    [InlineData(CustodyKind.Viewed, "Opened by a person")]
    [InlineData(CustodyKind.ViewEnded, "Closed again")]
    [InlineData(CustodyKind.Decrypted, "Read by a program")]
    [InlineData(CustodyKind.Derived, "A derivative was made")]
    [InlineData(CustodyKind.Redacted, "A redacted derivative was made")]
    [InlineData(CustodyKind.Exported, "Exported: a copy left")]
    [InlineData(CustodyKind.Transferred, "Handed over")]
    [InlineData(CustodyKind.Received, "Received")]
    [InlineData(CustodyKind.Returned, "Came back")]
    [InlineData(CustodyKind.Consulted, "Looked up")]
    [InlineData(CustodyKind.Searched, "Shown by a search")]
    [InlineData(CustodyKind.Listed, "Listed")]
    [InlineData(CustodyKind.Sealed, "Sealed")]
    [InlineData(CustodyKind.Rotated, "Key changed")]
    [InlineData(CustodyKind.Verified, "Verified")]
    [InlineData(CustodyKind.Corrected, "Correction")]
    [InlineData("deletion-ordered", "Deletion ordered")]
    [InlineData("deleted", "Content deleted")]
    [InlineData("of-another-program", "of-another-program")]
    public void Each_kind_of_event_is_called_what_it_is(string kind, string called)
    {
        var chain = Chain(Step(Plain, kind: kind));
        CustodyPage.Text(chain).ShouldContain($"\n1. 2026-12-03T14:05:09.000000Z  {called}  (EX-00000020)\n");
        CustodyPage.Html(chain).ShouldContain(called);
    }

    [Theory]
    [InlineData(ContentState.Sealed, "sealed in the operation's content", "sealed")]
    [InlineData(ContentState.SealedPart, "sealed as a part of a recording", "sealed-part")]
    [InlineData(ContentState.Deleted, "deleted under the order EX-00000019; entry and proof remain", "deleted")]
    public void The_exhibit_is_described_by_what_the_log_holds_of_it(ContentState state, string says, string word)
    {
        var chain = Chain() with { State = state, DeletedBy = state == ContentState.Deleted ? new(19) : null, Entry = Entry("chat", ",\"about\":[2,3]"), Related = [(new(9), Entry("custody.corrected"))] };
        var text = CustodyPage.Text(chain);
        text.ShouldStartWith(
            $"""
            CHAIN OF CUSTODY OF EX-00000007
            unit.example/custos/op-lantern, 30 exhibits

            Exhibit               EX-00000007 of unit.example/custos/op-lantern
            Kind                  chat
            Recorded              2026-12-03T14:05:09.000000Z
            Recorded by           irc-1
            Size                  5 bytes
            Commitment (SHA-256)  {Sha256Digest.Of("x"u8)}
            Leaf hash (RFC 6962)  {Merkle.Leaf(chain.Entry.Bytes.Span)}
            Content               {says}
            Speaks of             EX-00000002, EX-00000003
            Log's root hash       47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= at size 30

            EVENTS (0)

            No custody event names this exhibit.

            OTHER EXHIBITS THAT SPEAK OF IT
            EX-00000009  2026-12-03T14:05:09.000000Z  custody.corrected  by irc-1

            WHAT THIS PAGE IS
            - 
            """);
        CustodyPage.Html(chain).ShouldContain("No custody event names this exhibit.");
        var json = JsonDocument.Parse(CustodyPage.Json(chain)).RootElement.GetRawText();
        json.ShouldContain($"\"{word}\"");
        (state == ContentState.Deleted).ShouldBe(json.Contains("\"deletedBy\":\"EX-00000019\"", StringComparison.Ordinal));
        CustodyPage.Text(chain with { Entry = Entry("chat"), Related = [] }).ShouldNotContain("peaks of");
    }
}
