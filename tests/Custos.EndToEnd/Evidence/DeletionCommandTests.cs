using System.Text;
using System.Text.Json;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary><c>custos keys</c>, <c>hold</c>, <c>delete</c> and <c>operation close</c>, as a person types them.</summary>
public class DeletionCommandTests
{
    const string Authorization = """
        authorization-format: 1
        operation: op-lantern
        authority:
          name: an invented unit
        legal-basis:
          - law: an invented law
        window:
          from: 2020-01-01T00:00:00Z
          until: 2099-01-01T00:00:00Z
          zone: UTC
        venues:
          - id: https://lantern-chat.example/rooms
            kind: chat-room
        acts: [observe, import]
        signatories:
          - name: someone invented
            role: supervisor
            signed: 2026-01-01

        """;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Task<(int Code, string Output, string Error)> CustosAsync(params string[] arguments) => VerifyProgramsTests.CustosAsync(arguments);

    static string Order(string folder, params string[] exhibits)
    {
        var path = Path.Combine(folder, "order.yaml");
        File.WriteAllText(path, $"deletion-format: 1\noperation: op-lantern\nexhibits: [{string.Join(", ", exhibits)}]\nreason: words of a bystander\nauthority: ORDER-5\ncarried-out-by:\n  id: officer-7\nagreed-by:\n  id: super-1\n");
        return path;
    }

    [Fact]
    public async Task What_rested_on_deleted_messages_is_gone_and_transcript_dossier_and_detection_say_by_which_order()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        string Sample(string name) => Path.Combine(Checkout.Root, "samples", "demo", name);
        var shared = (string[])["--operation", "lantern", "--data", data];
        (await CustosAsync("operation", "open", "lantern", "--authorization", Sample("authorization.yaml"), "--data", data)).Code.ShouldBe(0);
        (await CustosAsync(["import", Sample("lantern-chat.transcript.jsonl"), .. shared])).Code.ShouldBe(0);
        List<ExhibitNumber> said;
        await using (var log = await OperationLog.OpenAsync(data, "lantern", TimeProvider.System, Stop))
            said = await log.Reader.EntriesAsync(new(0), log.Size, Stop).Where(found => found.Entry.Kind == "chat").Select(found => found.Number).ToListAsync(Stop);

        async Task<(string Order, string Day)> DeleteAsync(IEnumerable<ExhibitNumber> exhibits)
        {
            var order = Order(Path.GetDirectoryName(data)!, [.. exhibits.Select(exhibit => exhibit.ToString())]);
            await File.WriteAllTextAsync(order, (await File.ReadAllTextAsync(order, Stop)).Replace("operation: op-lantern", "operation: lantern", StringComparison.Ordinal), Stop);
            var deleted = await CustosAsync("delete", order, "--data", data, "--json");
            deleted.Code.ShouldBe(0, deleted.Error);
            return (JsonDocument.Parse(deleted.Output).RootElement.GetProperty("order").GetString()!, $"{DateTimeOffset.UtcNow:yyyy-MM-dd}");
        }

        var (order, day) = await DeleteAsync(said.Take(2));
        var transcript = await CustosAsync(["export", "transcript", "--output", folder["t.jsonl"], .. shared]);
        transcript.Code.ShouldBe(0, transcript.Error);
        transcript.Output.ShouldContain($"Not in it: 2 messages deleted by order {order} of {day}.");
        var detected = await CustosAsync(["detect", "--output", folder["findings.jsonl"], .. shared]);
        detected.Code.ShouldBe(0, detected.Error);
        detected.Error.ShouldContain("2 messages were deleted by order");
        var dossier = await CustosAsync(["dossier", "write", "--account", "k.harrow", "--output", folder["d.html"], .. shared, "--json"]);
        dossier.Code.ShouldBeOneOf(0, 3);
        var named = JsonDocument.Parse(dossier.Output).RootElement.GetProperty("deleted")[0];
        (named.GetProperty("order").GetString(), named.GetProperty("authority").GetString(), named.GetProperty("exhibits").GetInt64()).ShouldBe((order, "ORDER-5", 2));
        var page = await File.ReadAllTextAsync(folder["d.html"], Stop);
        page.ShouldContain("<h3>Deleted by order</h3>");
        page.ShouldContain(order);

        var table = await CustosAsync(["study", "table", .. shared]);
        table.Output.ShouldContain($"Deleted by order {order} of {day}: 2 exhibits. What rested only on those is in none of these counts.");

        var (second, _) = await DeleteAsync(said.Skip(2));
        JsonDocument.Parse((await CustosAsync(["study", "table", .. shared, "--json"])).Output).RootElement.GetProperty("deleted").EnumerateArray().Select(row => row.GetProperty("order").GetString()).ShouldBe([order, second]);
        var gone = await CustosAsync(["dossier", "write", "--account", "k.harrow", "--output", folder["gone.html"], .. shared]);
        gone.Code.ShouldBe(2);
        gone.Error.ShouldContain($"Deleted by order {order} of");
        gone.Error.ShouldContain($"Deleted by order {second} of");
        gone.Error.ShouldContain("What rested only on those is gone with them.");
        var empty = JsonDocument.Parse((await CustosAsync(["export", "transcript", "--output", folder["t.jsonl"], .. shared, "--json"])).Output).RootElement;
        (empty.GetProperty("messages").GetInt64(), empty.GetProperty("unknown").GetInt64(), empty.GetProperty("deleted").GetArrayLength()).ShouldBe((0, 0, 2));
    }

    [Fact]
    public async Task Held_is_refused_lifted_is_deleted_rotated_opens_and_closed_for_good_still_verifies()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        File.WriteAllText(folder["authorization.yaml"], Authorization);
        (await CustosAsync("operation", "open", "op-lantern", "--authorization", folder["authorization.yaml"], "--data", data)).Code.ShouldBe(0);
        ExhibitNumber first;
        await using (var log = await OperationLog.OpenAsync(data, "op-lantern", TimeProvider.System, Stop))
            first = (await log.AppendAsync(Enumerable.Range(0, 3).Select(i => new NewExhibit("note", "officer-7", Encoding.UTF8.GetBytes($"line {i}"))).ToArray(), Stop))[0].Number;

        var hold = await CustosAsync("hold", "set", first.ToString(), "--operation", "op-lantern", "--data", data, "--reason", "the defence", "--authority", "COURT-1", "--actor", "super-1");
        hold.Code.ShouldBe(0, hold.Error);
        var order = Order(Path.GetDirectoryName(data)!, first.ToString());
        (await CustosAsync("delete", order, "--check", "--data", data)).Output.ShouldContain("1 exhibit of 'op-lantern', under ORDER-5");
        var refused = await CustosAsync("delete", order, "--data", data);
        (refused.Code, refused.Error.Contains("COURT-1", StringComparison.Ordinal)).ShouldBe((4, true));

        var number = hold.Output.Split(' ')[0];
        (await CustosAsync("hold", "lift", number, "--operation", "op-lantern", "--data", data, "--reason", "over", "--authority", "COURT-1", "--actor", "super-1")).Code.ShouldBe(0);
        var deleted = await CustosAsync("delete", order, "--data", data, "--json");
        deleted.Code.ShouldBe(0, deleted.Error);
        JsonDocument.Parse(deleted.Output).RootElement.GetProperty("deleted").GetInt32().ShouldBe(1);

        var rotated = await CustosAsync("keys", "rotate", "--unit", "--data", data, "--reason", "after a deletion", "--actor", "officer-7");
        rotated.Code.ShouldBe(0, rotated.Error);
        (await CustosAsync("keys", "list", "--data", data, "--json")).Output.ShouldContain("\"versions\":[2]");
        var verified = await CustosAsync("verify", data, "--operation", "op-lantern", "--keys", Path.Combine(data, "keys"));
        verified.Code.ShouldBe(0, verified.Error + verified.Output);

        (await CustosAsync("operation", "close", "op-lantern", "--data", data, "--reason", "over", "--authority", "ORDER-9", "--actor", "officer-7", "--destroy-key")).Code.ShouldBe(4);
        var closed = await CustosAsync("operation", "close", "op-lantern", "--data", data, "--reason", "over", "--authority", "ORDER-9", "--actor", "officer-7", "--destroy-key", "--second", "super-1");
        closed.Code.ShouldBe(0, closed.Error);
        (await CustosAsync("operation", "show", "op-lantern", "--data", data)).Error.ShouldContain("was closed for good");
        (await CustosAsync("keys", "list", "--data", data)).Output.ShouldContain("destroyed");
        (await CustosAsync("verify", data, "--operation", "op-lantern")).Code.ShouldBe(0);
        // What opens keys is recorded; a closed log takes no record, so the unit's own does.
        var opened = await CustosAsync("verify", data, "--operation", "op-lantern", "--keys", Path.Combine(data, "keys"));
        (opened.Code, opened.Output.Contains("in the log 'unit'", StringComparison.Ordinal)).ShouldBe((0, true), opened.Error);
    }
}
