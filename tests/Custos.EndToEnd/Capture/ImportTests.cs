using System.Text;
using System.Text.Json;
using Custos.Fixtures;

namespace Custos.EndToEnd.Capture;

/// <summary>The program itself: an operation is opened, filled by import, and exported, each as a child process.</summary>
public class ImportTests
{
    const string Authorization = """
        authorization-format: 1
        operation: lantern
        authority:
          name: Example Regional Police
        legal-basis:
          - law: Example Code
        window:
          from: 2026-11-01T00:00:00
          until: 2026-12-01T00:00:00
          zone: Europe/Amsterdam
        venues:
          - id: "irc://irc1.example.net/#lighthouse"
            kind: chat-room
          - id: https://lantern-chat.example/rooms
            kind: social-network
        acts: [import]
        signatories:
          - name: A. Example
            role: public prosecutor
            signed: 2026-10-30
        """;

    const string Venue = "irc://irc1.example.net/#lighthouse";

    static readonly string Program = Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");

    static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        await using var program = ChildProgram.Start(Program, arguments);
        var code = await program.EndAsync();
        return (code, program.Output);
    }

    static async Task<ScratchFolder> OperationAsync()
    {
        var folder = new ScratchFolder();
        await File.WriteAllTextAsync(folder["auth.yaml"], Authorization);
        var (code, output) = await RunAsync("operation", "open", "lantern", "--authorization", folder["auth.yaml"], "--data", folder["data"]);
        code.ShouldBe(0, output);
        return folder;
    }

    static Task<(int Code, string Output)> ImportAsync(ScratchFolder folder, params string[] arguments) =>
        RunAsync(["import", .. arguments, "--operation", "lantern", "--data", folder["data"]]);

    static JsonElement Json(string output) => JsonDocument.Parse(output.Split('\n').Single(line => line.StartsWith('{'))).RootElement;

    static string Line(int n, string text = "the tide is at") =>
        $$"""{"venue":"https://lantern-chat.example/rooms","thread":"d{{n % 9}}","id":"m{{n}}","at":"2026-11-0{{1 + (n % 9)}}T10:00:00Z","from":"h{{n % 5}}","text":"{{text}} {{n}}"}""";

    static async Task<string> TranscriptAsync(ScratchFolder folder, int count)
    {
        var text = new StringBuilder("{\"format\":\"custos-transcript/1\"}\n");
        for (var n = 0; n < count; n++)
            text.Append(Line(n)).Append('\n');
        await File.WriteAllTextAsync(folder["chat.jsonl"], text.ToString());
        return folder["chat.jsonl"];
    }

    [Fact]
    public async Task What_is_imported_is_exported_byte_for_byte_and_twice_adds_nothing()
    {
        using var folder = await OperationAsync();
        var file = await TranscriptAsync(folder, 700);

        var (code, output) = await ImportAsync(folder, file, "--json");
        code.ShouldBe(0, output);
        Json(output).GetProperty("added").GetInt64().ShouldBe(700);
        Json(output).GetProperty("exhibits").GetProperty("from").GetInt64().ShouldBeGreaterThan(1);

        (code, output) = await ImportAsync(folder, file, "--json");
        code.ShouldBe(0, output);
        Json(output).GetProperty("added").GetInt64().ShouldBe(0);
        Json(output).GetProperty("files")[0].GetProperty("outcome").GetString().ShouldBe("already-recorded");

        (code, output) = await RunAsync("export", "transcript", "--operation", "lantern", "--data", folder["data"], "--output", folder["out.jsonl"], "--json");
        code.ShouldBe(0, output);
        Json(output).GetProperty("messages").GetInt64().ShouldBe(700);
        SameBytes(folder["out.jsonl"], file).ShouldBeTrue();
        (code, output) = await RunAsync("verify", folder["data"]);
        code.ShouldBe(0, output);
    }

    [Fact]
    public async Task Ctrl_C_and_a_kill_leave_what_the_same_command_completes()
    {
        using var folder = await OperationAsync();
        var file = await TranscriptAsync(folder, 20_000);
        foreach (var end in (Action<ChildProgram>[])[program => program.Interrupt(), program => program.Kill()])
        {
            await using var program = ChildProgram.Start(Program, ["import", file, "--operation", "lantern", "--data", folder["data"]]);
            var before = Published(folder["data"]);
            while (Published(folder["data"]) < before + 2_000 && !program.Output.Contains("messages", StringComparison.Ordinal))
                await Task.Yield();
            end(program);
            (await program.EndAsync()).ShouldNotBe(0);
        }

        var (code, output) = await ImportAsync(folder, file, "--json");
        code.ShouldBe(0, output);
        Json(output).GetProperty("files")[0].GetProperty("outcome").GetString().ShouldBe("completed");
        Json(output).GetProperty("added").GetInt64().ShouldBeLessThan(20_000);
        (code, output) = await RunAsync("export", "transcript", "--operation", "lantern", "--data", folder["data"], "--output", folder["out.jsonl"]);
        code.ShouldBe(0, output);
        SameBytes(folder["out.jsonl"], file).ShouldBeTrue();
    }

    [Fact]
    public async Task The_exit_code_says_whether_to_choose_to_ask_or_to_look()
    {
        using var folder = await OperationAsync();
        var log = Path.Combine(Checkout.Root, "samples", "clients", "irssi", "#lighthouse.log");

        (await ImportAsync(folder, folder["none"])).Code.ShouldBe(1);
        (await ImportAsync(folder, folder.Path)).Code.ShouldBe(1);
        var (code, output) = await ImportAsync(folder, log, "--venue", Venue);
        code.ShouldBe(2);
        output.ShouldContain("--zone Europe/Amsterdam");
        (code, output) = await ImportAsync(folder, log, "--venue", "irc://irc1.example.net/#elsewhere", "--zone", "UTC");
        code.ShouldBe(4);
        output.ShouldContain("(clause 'venues'). It can be granted by A. Example, public prosecutor, for Example Regional Police.");
        (await ImportAsync(folder, log, "--venue", Venue, "--zone", "UTC")).Code.ShouldBe(0);

        await File.WriteAllTextAsync(folder["broken.jsonl"], Line(1) + "\n{\"venue\":1}\n", TestContext.Current.CancellationToken);
        (code, output) = await ImportAsync(folder, folder["broken.jsonl"]);
        code.ShouldBe(3);
        output.ShouldContain("line 2 could not be read: the field 'venue' has the wrong type");
        // One after the other: the second is not held back by what is wrong with the first.
        (code, output) = await ImportAsync(folder, folder["none"], await TranscriptAsync(folder, 10), "--json");
        code.ShouldBe(1);
        Json(output).GetProperty("added").GetInt64().ShouldBe(10);
        (await RunAsync("import", log, "--operation", "nowhere", "--data", folder["data"])).Code.ShouldBe(2);
    }

    [Fact]
    public async Task A_table_is_read_by_its_map_and_a_wrong_map_is_refused_at_its_line()
    {
        using var folder = await OperationAsync();
        await File.WriteAllTextAsync(folder["chat.csv"], "No;Author;Date;Content\n1;Anouk;13/11/2026 09:05;hello\n2;Elske;14/11/2026 09:06;\"two; parts\"\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["map.yaml"], "from: Author\ntext: Content\nat: Date\nid: \"1\"\ndelimiter: semicolon\nheader: yes\ntime: date\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["wrong.yaml"], "from: Author\ntext: Content\ndelimiter: dot\n", TestContext.Current.CancellationToken);

        var (code, output) = await ImportAsync(folder, folder["chat.csv"], "--columns", folder["wrong.yaml"], "--venue", Venue, "--zone", "UTC");
        code.ShouldBe(2);
        output.ShouldContain("wrong.yaml:3:");
        (code, output) = await ImportAsync(folder, folder["chat.csv"], "--columns", folder["map.yaml"], "--venue", Venue, "--zone", "UTC", "--json");
        code.ShouldBe(0, output);
        Json(output).GetProperty("files")[0].GetProperty("earliest").GetString().ShouldBe("2026-11-13T09:05:00Z");
    }

    [Fact]
    public async Task An_authorisation_that_is_not_valid_opens_nothing_and_every_fault_is_named()
    {
        using var folder = new ScratchFolder();
        await File.WriteAllTextAsync(folder["auth.yaml"], Authorization.Replace("[import]", "[import, raise-camera]", StringComparison.Ordinal).Replace("chat-room", "chatroom", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, output) = await RunAsync("operation", "open", "lantern", "--authorization", folder["auth.yaml"], "--data", folder["data"]);
        code.ShouldBe(2);
        output.ShouldContain("auth.yaml:13:11: venues[1].kind");
        output.ShouldContain("can never be permitted");
        Directory.Exists(folder["data"]).ShouldBeFalse();
        (await RunAsync("operation", "check", folder["auth.yaml"])).Code.ShouldBe(2);
    }

    [Fact]
    public async Task Operations_are_listed_and_shown()
    {
        using var folder = await OperationAsync();
        var (code, output) = await RunAsync("operation", "list", "--data", folder["data"], "--json");
        code.ShouldBe(0, output);
        output.ShouldContain("\"operation\":\"lantern\"");
        (code, output) = await RunAsync("operation", "show", "lantern", "--data", folder["data"]);
        code.ShouldBe(0, output);
        output.ShouldContain("A. Example, public prosecutor");
        (await RunAsync("operation", "open", "lantern", "--authorization", folder["auth.yaml"], "--data", folder["data"])).Code.ShouldBe(1);
        (await RunAsync("operation", "open", "beacon", "--authorization", folder["auth.yaml"], "--data", folder["data"])).Code.ShouldBe(2);
    }

    static bool SameBytes(string one, string other) => File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other));

    // The second line of a checkpoint is the size of the log (C2SP tlog-checkpoint).
    static long Published(string data) =>
        long.Parse(File.ReadAllLines(Path.Combine(data, "operations", "lantern", "log", "checkpoint"))[1], System.Globalization.CultureInfo.InvariantCulture);
}
