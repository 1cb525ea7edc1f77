using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;
using Custos.Server.Workspaces;
using Microsoft.Extensions.Time.Testing;

namespace Custos.EndToEnd.Evidence;

/// <summary>The programs themselves: <c>custos verify</c>, <c>custos-verify</c>, <c>custos record add</c>, with their exit codes.</summary>
public class VerifyProgramsTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static string Program(string project, string name) => Path.Combine(Checkout.Root, "artifacts", "bin", project, "release", name);

    internal static async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output, await error);
    }

    internal static Task<(int Code, string Output, string Error)> CustosAsync(params string[] arguments) => RunAsync(Program("Custos.Cli", "custos"), arguments);

    internal static Task<(int Code, string Output, string Error)> VerifierAsync(params string[] arguments) => RunAsync(Program("Custos.Verify", "custos-verify"), arguments);

    static async Task<(string Proof, string Entry)> RecordedAsync(string data)
    {
        await using var log = await OperationLog.OpenOrCreateAsync(data, "op-lantern", TimeProvider.System, cancellation: Stop);
        await log.AppendAsync(Enumerable.Range(0, 300).Select(i => new NewExhibit("chat", "irc-1", Encoding.UTF8.GetBytes($"line {i}"))).ToArray(), Stop);
        var (proof, entry) = (Path.Combine(data, "proof"), Path.Combine(data, "entry"));
        await File.WriteAllBytesAsync(proof, (await log.Reader.ProofAsync(new(7), Stop)).ToBytes(), Stop);
        await File.WriteAllBytesAsync(entry, (await log.Reader.EntryAsync(new(7), Stop)).Bytes.ToArray(), Stop);
        return (proof, entry);
    }

    [Fact]
    public async Task Both_verifiers_answer_0_1_2_and_3_and_name_what_is_wrong()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        var (proof, entry) = await RecordedAsync(data);
        var (operation, keys) = (Path.Combine(data, "operations", "op-lantern"), Path.Combine(data, "keys"));
        // 'custos verify --keys' puts its opening and its result on record, 'custos-verify' never writes: one entry more when the contents are read, two at the next look.
        var entries = 302;
        foreach (var verify in (Func<string[], Task<(int Code, string Output, string Error)>>[])[words => CustosAsync(["verify", .. words]), words => VerifierAsync(["log", .. words])])
        {
            (await verify([data])).Code.ShouldBe(0);
            (await verify([operation])).Code.ShouldBe(0);
            (await verify([Path.Combine(operation, "log")])).Code.ShouldBe(0);
            var whole = await verify([data, "--operation", "op-lantern", "--keys", keys, "--json"]);
            whole.Code.ShouldBe(0, whole.Error);
            var json = JsonDocument.Parse(whole.Output).RootElement;
            (json.GetProperty("verified").GetBoolean(), json.GetProperty("entries").GetInt64(), json.GetProperty("opened").GetInt64()).ShouldBe((true, entries, entries));
            entries = 303;

            var tile = Path.Combine(operation, "log", "tile", "0", "000");
            var bytes = await File.ReadAllBytesAsync(tile, Stop);
            bytes[9 * 32] ^= 1;
            await File.WriteAllBytesAsync(tile, bytes, Stop);
            var wrong = await verify([data]);
            wrong.Code.ShouldBe(1);
            wrong.Output.ShouldContain("TileWrong EX-00000009 log/tile/0/000");
            wrong.Output.TrimEnd().Split('\n')[^1].ShouldStartWith("NOT VERIFIED");
            bytes[9 * 32] ^= 1;
            await File.WriteAllBytesAsync(tile, bytes, Stop);

            (await verify([Path.Combine(data, "nowhere")])).Code.ShouldBe(3);
            (await verify([data, "--operation", "op-other"])).Code.ShouldBe(3);
            (await verify([data, "--unheard-of"])).Code.ShouldBeOneOf(1, 2);
        }

        var policy = Path.Combine(operation, "policy");
        (await VerifierAsync("proof", proof, "--entry", entry, "--policy", policy)).Output.ShouldContain("Verified: the entry is number 7");
        (await VerifierAsync("proof", proof)).Code.ShouldBe(2);
        (await VerifierAsync("proof", entry, "--entry", proof)).Code.ShouldBe(3);
        await File.AppendAllTextAsync(entry, " ", Stop);
        (await VerifierAsync("proof", proof, "--entry", entry, "--policy", policy)).Code.ShouldBe(1);
        (await VerifierAsync()).Code.ShouldBe(2);
    }

    /// <summary>An operation 'lantern' whose authorisation permits one act in one room for the next hour.</summary>
    internal static async Task CreateLanternAsync(string data, string act)
    {
        await using var workspace = await Workspace.OpenAsync(data, TimeProvider.System, Stop);
        await (await workspace.CreateOperationAsync(new("lantern"), Encoding.UTF8.GetBytes(Authorization("lantern", act)), new("a-1"), Stop)).DisposeAsync();
    }

    /// <summary>An authorisation of one act in one room for the next hour.</summary>
    internal static string Authorization(string operation, string act)
    {
        var now = TimeProvider.System.GetUtcNow();
        return $"""
            authorization-format: 1
            operation: {operation}
            authority:
              name: Example Unit
            legal-basis:
              - law: Example Act
            window:
              from: "{now.AddHours(-1):yyyy-MM-dd'T'HH:mm:ss}"
              until: "{now.AddHours(1):yyyy-MM-dd'T'HH:mm:ss}"
              zone: UTC
            venues:
              - id: "irc://irc.example.org/#room"
                kind: chat-room
            acts:
              - {act}
            signatories:
              - name: A. Example
                role: supervisor
                signed: "{now:yyyy-MM-dd}"
            """;
    }

    [Fact]
    public async Task Memory_stays_within_its_bound_at_300_000_entries_under_a_64_MiB_heap_limit()
    {
        using var folder = new ScratchFolder();
        Directory.CreateDirectory(folder["bench"]);
        var start = new ProcessStartInfo(Program("Custos.Cli", "custos"), ["bench", "log", "--entries", "300000", "--path", folder["bench"], "--json"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x4000000";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        process.ExitCode.ShouldBe(0, output + await error);
        var measured = JsonDocument.Parse(output).RootElement;
        (measured.GetProperty("entries").GetInt64(), measured.GetProperty("verified").GetBoolean()).ShouldBe((300_000, true));
        measured.GetProperty("peakAboveStartBytes").GetInt64().ShouldBeLessThan(64 << 20);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_keeps_no_other_from_being_verified()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        await RecordedAsync(data);
        await using (await OperationLog.OpenOrCreateAsync(data, "op-beacon", TimeProvider.System, cancellation: Stop))
        {
        }

        await File.WriteAllTextAsync(Path.Combine(data, "operations", "op-beacon", "policy"), "junk\n", Stop);
        foreach (var verify in (Func<string[], Task<(int Code, string Output, string Error)>>[])[words => CustosAsync(["verify", .. words]), words => VerifierAsync(["log", .. words])])
        {
            var (code, output, error) = await verify([data]);
            code.ShouldBe(3, error);
            error.ShouldContain("COULD NOT READ the log op-beacon: The policy is malformed");
            output.ShouldContain("entries of unit.example/custos/op-lantern follow to the signed root.");
        }
    }

    [Fact]
    public async Task A_recording_is_sealed_where_the_authorisation_permits_it_and_refused_elsewhere()
    {
        using var folder = new ScratchFolder();
        var (data, file) = (folder["data"], folder["colour-bars.webm"]);
        await CreateLanternAsync(data, "record");
        var bars = Enumerable.Range(0, (Recording.MaxPartBytes * 2) + 1_000).Select(i => (byte)(i / 640 & 255)).ToArray();
        await File.WriteAllBytesAsync(file, bars, Stop);

        var refused = await CustosAsync("record", "add", file, "--operation", "lantern", "--data", data, "--venue", "irc://irc.example.org/#other");
        refused.Code.ShouldBe(4);
        refused.Error.ShouldContain("clause 'venues'");
        var done = await CustosAsync("record", "add", file, "--operation", "lantern", "--data", data, "--venue", "irc://irc.example.org/#room", "--mime", "video/webm", "--json");
        done.Code.ShouldBe(0, done.Error);
        var json = JsonDocument.Parse(done.Output).RootElement;
        (json.GetProperty("parts").GetInt32(), json.GetProperty("bytes").GetInt64()).ShouldBe((3, bars.Length));

        await using (var log = await OperationLog.OpenAsync(data, "lantern", TimeProvider.System, Stop))
        {
            var joined = new MemoryStream();
            for (var index = ExhibitNumber.Parse(json.GetProperty("opened").GetString()!).LeafIndex + 1; index < ExhibitNumber.Parse(json.GetProperty("closed").GetString()!).LeafIndex; index++)
            {
                await using var view = await log.OpenExhibitAsync(new(index), new(new() { Id = "a-1" }, "joining"), Stop);
                if (view.Exhibit.Entry.Kind == "recording.part")
                    joined.Write(view.Exhibit.Content.Span);
            }

            joined.ToArray().AsSpan().SequenceEqual(bars).ShouldBeTrue();

            // Which place it is of stands in its opening, in case nothing comes after that; its hash stands in the event that it was taken in.
            var opened = ExhibitNumber.Parse(json.GetProperty("opened").GetString()!);
            await using (var opening = await log.OpenExhibitAsync(opened, new(new() { Id = "a-1" }, "joining"), Stop))
                JsonDocument.Parse(opening.Exhibit.Content).RootElement.GetProperty("source").GetString().ShouldBe("colour-bars.webm, of irc://irc.example.org/#room");
            var imported = new List<CustodyEvent>();
            await foreach (var exhibit in log.ReadAsync(opened, log.Size, new("a-1", "test", "look"), Stop))
            {
                if (exhibit.Entry.Kind == "custody.imported")
                    imported.Add(CustodyEvent.Parse(exhibit));
                if (exhibit.Entry.Kind == "custody.decrypted" && exhibit.Entry.Actor == "custos-index")
                    CustodyEvent.Parse(exhibit).Authority.ShouldNotBeNull();
            }

            imported.Single().Output!.Single().Sha256.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bars)));
        }

        (await CustosAsync("verify", data, "--keys", Path.Combine(data, "keys"))).Code.ShouldBe(0);
    }

    [Fact]
    public async Task What_arrives_is_sealed_while_it_arrives_and_a_kill_costs_at_most_the_last_part()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        await CreateLanternAsync(data, "record");
        var sent = Enumerable.Range(0, 200_000).Select(i => (byte)(i / 640 & 255)).ToArray();
        using (var adding = Process.Start(new ProcessStartInfo(Program("Custos.Cli", "custos"), ["record", "add", "-", "--operation", "lantern", "--data", data, "--venue", "irc://irc.example.org/#room"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            await adding.StandardInput.BaseStream.WriteAsync(sent, Stop);
            await adding.StandardInput.BaseStream.FlushAsync(Stop);
            // Nobody closed the pipe: only the age of its first byte ends the part.
            while (!Directory.EnumerateFiles(Path.Combine(data, "operations", "lantern"), "000000", SearchOption.AllDirectories).Any(path => path.Contains("EX-", StringComparison.Ordinal)))
            {
                adding.HasExited.ShouldBeFalse();
                await Task.Delay(100, Stop);
            }

            // Entry and part are both there once the next part has begun.
            await adding.StandardInput.BaseStream.WriteAsync(sent, Stop);
            await adding.StandardInput.BaseStream.FlushAsync(Stop);
            while (!Directory.EnumerateFiles(Path.Combine(data, "operations", "lantern"), "000001", SearchOption.AllDirectories).Any(path => path.Contains("EX-", StringComparison.Ordinal)))
            {
                adding.HasExited.ShouldBeFalse();
                await Task.Delay(100, Stop);
            }

            adding.Kill();
            await adding.WaitForExitAsync(Stop);
        }

        await using (var log = await OperationLog.OpenAsync(data, "lantern", TimeProvider.System, Stop))
        {
            var joined = new MemoryStream();
            var interrupted = false;
            for (var index = 0L; index < log.Size; index++)
            {
                var kind = (await log.Reader.EntryAsync(new(index), Stop)).Kind;
                interrupted |= kind == "recording.closed";
                if (kind != "recording.part")
                    continue;
                await using var view = await log.OpenExhibitAsync(new(index), new(new() { Id = "a-1" }, "joining"), Stop);
                joined.Write(view.Exhibit.Content.Span);
            }

            interrupted.ShouldBeTrue();
            joined.Length.ShouldBeGreaterThanOrEqualTo(sent.Length);
            joined.ToArray().ShouldBe([.. sent, .. sent.Take((int)joined.Length - sent.Length)]);
        }

        (await CustosAsync("verify", data, "--operation", "lantern", "--keys", Path.Combine(data, "keys"))).Code.ShouldBe(0);
    }

    [Theory]
    [InlineData("no-such-verb")]
    [InlineData("verify", "--no-such-option")]
    [InlineData("import")]
    [InlineData("detect", "-", "--threads", "many")]
    [InlineData("packs", "lint", "--without-witnesses", "away")]
    public async Task Wrong_words_are_wrong_use(params string[] words) => (await CustosAsync(words)).Code.ShouldBe(2);

    [Fact]
    public async Task A_log_that_was_written_with_tomorrows_clock_is_opened_only_by_who_says_why()
    {
        using var folder = new ScratchFolder();
        var data = folder["data"];
        await CreateLanternAsync(data, "import");
        var tomorrow = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(1));
        await using (var log = await OperationLog.OpenAsync(data, "lantern", tomorrow, Stop))
            await log.AppendAsync(new NewExhibit("note", "officer-7", "line 1"u8.ToArray()), Stop);

        var shared = (string[])["hold", "set", "1", "--operation", "lantern", "--data", data, "--reason", "asked for", "--authority", "COURT-1", "--actor", "super-1"];
        var refused = await CustosAsync(shared);
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("This machine's clock went back");
        refused.Error.ShouldContain("--clock-behind REASON");
        var held = await CustosAsync([.. shared, "--clock-behind", "the clock was a day ahead until this morning"]);
        held.Code.ShouldBe(0, held.Error);
        var verified = await CustosAsync("verify", data, "--operation", "lantern");
        verified.Code.ShouldBe(0, verified.Error);
        verified.Output.ShouldContain("The log's clock went back 1 times");
    }
}
