using System.Text;
using System.Text.Json;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary><c>custos log custody</c>, <c>correct</c>, <c>hand-over</c>, and what <c>custos verify --keys</c> leaves on record.</summary>
public class CustodyCommandTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Task<(int Code, string Output, string Error)> CustosAsync(params string[] arguments) => VerifyProgramsTests.CustosAsync(arguments);

    static async Task<List<(string Kind, CustodyEvent Event)>> EventsAsync(string data, string slug)
    {
        var events = new List<(string, CustodyEvent)>();
        await using var log = await OperationLog.OpenAsync(data, slug, TimeProvider.System, Stop);
        await foreach (var exhibit in log.ReadAsync(new(0), long.MaxValue, new("tester", "tests", "reading back"), Stop))
        {
            if (exhibit.Entry.Kind.StartsWith("custody.", StringComparison.Ordinal))
                events.Add((exhibit.Entry.Kind, CustodyEvent.Parse(exhibit)));
        }

        return events;
    }

    [Fact]
    public async Task Verifying_with_keys_is_on_record_before_and_after_and_without_keys_writes_nothing()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        await using (var log = await OperationLog.OpenOrCreateAsync(data, "op-lantern", TimeProvider.System, cancellation: Stop))
            await log.AppendAsync(Enumerable.Range(0, 3).Select(i => new NewExhibit("chat", "irc-1", Encoding.UTF8.GetBytes($"line {i}"))).ToArray(), Stop);
        var keys = Path.Combine(data, "keys");

        (await CustosAsync("verify", data)).Code.ShouldBe(0);
        var done = await CustosAsync("verify", data, "--keys", keys, "--actor", "expert-1", "--reason", "before the hearing");
        done.Code.ShouldBe(0, done.Error);
        done.Output.ShouldContain("recorded as EX-00000004, the result as EX-00000005");
        var events = await EventsAsync(data, "op-lantern");
        events.Select(found => found.Kind).ShouldBe(["custody.decrypted", "custody.verified"]);
        (events[0].Event.Actor.Id, events[0].Event.Purpose, events[0].Event.Range!.Through).ShouldBe(("expert-1", "before the hearing (all contents)", 3));
        (events[1].Event.Previous, events[1].Event.Verification!.Result, events[1].Event.Verification!.TreeSize).ShouldBe((4, "verified; 5 contents opened and match", 5));
    }

    [Fact]
    public async Task Where_the_log_cannot_take_the_record_the_units_own_log_does_and_where_neither_can_nothing_is_opened()
    {
        using var folder = new ScratchFolder();
        var (data, copy) = (folder["data"], folder["copy"]);
        await using (var log = await OperationLog.OpenOrCreateAsync(data, "op-lantern", TimeProvider.System, cancellation: Stop))
            await log.AppendAsync(new[] { new NewExhibit("chat", "irc-1", "line"u8.ToArray()) }, Stop);
        var keys = Path.Combine(data, "keys");
        CopyFolder(Path.Combine(data, "operations", "op-lantern"), copy);

        // A copy elsewhere must not be written to: that would be a second history.
        var ofCopy = await CustosAsync("verify", copy, "--keys", keys, "--actor", "expert-1");
        ofCopy.Code.ShouldBe(0, ofCopy.Error);
        ofCopy.Output.ShouldContain("in the log 'unit' beside the keys");
        var events = await EventsAsync(data, "unit");
        events.Select(found => (found.Kind, found.Event.Case)).ShouldBe([("custody.decrypted", "copy"), ("custody.verified", "copy")]);

        await using (await OperationLog.OpenAsync(data, "op-lantern", TimeProvider.System, Stop))
        await using (await OperationLog.OpenAsync(data, "unit", TimeProvider.System, Stop))
        {
            var refused = await CustosAsync("verify", data, "--operation", "op-lantern", "--keys", keys);
            refused.Code.ShouldBe(3);
            refused.Error.ShouldContain("Nothing was opened");
            refused.Output.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task The_chain_of_an_exhibit_prints_as_text_json_and_a_page_with_the_correction_beside_what_it_corrects()
    {
        using var folder = new ScratchFolder();
        var (data, page) = (folder["data"], folder["chain.html"]);
        await VerifyProgramsTests.CreateLanternAsync(data, "record");
        var shared = (string[])["--operation", "lantern", "--data", data, "--actor", "officer-7"];

        var handed = await CustosAsync(["log", "hand-over", "EX-00000001", "--party", "desk A", "--method", "by hand", "--reason", "referral R-1", .. shared, "--json"]);
        handed.Code.ShouldBe(0, handed.Error);
        var wrong = JsonDocument.Parse(handed.Output).RootElement.GetProperty("recorded").GetString()!;
        (await CustosAsync(["log", "correct", wrong, "--what", "it was desk B", "--why", "misread label", .. shared])).Code.ShouldBe(0);

        var text = await CustosAsync(["log", "custody", "EX-00000001", "--reason", "for the defence", .. shared]);
        text.Code.ShouldBe(0, text.Error);
        foreach (var word in (string[])["CHAIN OF CUSTODY OF EX-00000001", "Handed over", "desk A", "corrected by", "it was desk B", "for the defence", "Looked up", "authority          lantern, from", "authorization"])
            text.Output.ShouldContain(word);
        var json = JsonDocument.Parse((await CustosAsync(["log", "custody", "1", .. shared, "--json"])).Output).RootElement;
        json.GetProperty("events").EnumerateArray().Select(found => found.GetProperty("kind").GetString()).ShouldContain("custody.corrected");

        var written = await CustosAsync(["log", "custody", "EX-00000001", "--html", page, .. shared]);
        written.Code.ShouldBe(0, written.Error);
        (await File.ReadAllTextAsync(page, Stop)).ShouldContain("it was desk B");
        (await EventsAsync(data, "lantern")).Where(found => found.Kind == "custody.exported").ShouldHaveSingleItem().Event.Authority!.Ref.ShouldBe("lantern");

        (await CustosAsync(["log", "custody", "EX-00009999", .. shared])).Code.ShouldBe(2);
        (await CustosAsync(["log", "correct", "EX-00000001", "--what", "x", "--why", "y", .. shared])).Code.ShouldBe(2);
        (await CustosAsync(["log", "custody", "EX-00000001", "--html", Path.Combine(folder["nowhere"], "x.html"), .. shared])).Code.ShouldBe(1);
    }

    static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
    }
}
