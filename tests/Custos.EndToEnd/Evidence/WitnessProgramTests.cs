#pragma warning disable CA1416 // key folders have modes, and the programs run where modes are
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary><c>custos witness</c> as a stranger runs it, killed where it hurts.</summary>
public class WitnessProgramTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static string Custos => Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");

    static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Custos, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output + await error);
    }

    static async Task<(ChildProgram Program, Uri Address)> ServeAsync(string folder)
    {
        var program = ChildProgram.Start(Custos, ["witness", "serve", "--folder", folder, "--listen", "127.0.0.1:0"]);
        await program.PrintsAsync(" until Ctrl-C");
        return (program, new(program.Output.Split("serves ")[1].Split(' ')[0]));
    }

    static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient http, Uri witness, long old, IReadOnlyList<Sha256Digest> proof, SignedNote note)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {old}\n");
        foreach (var hash in proof)
            text.Append(Convert.ToBase64String(hash.ToArray())).Append('\n');
        using var content = new ByteArrayContent([.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. note.ToBytes()]);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var answer = await http.PostAsync(new Uri(witness, "add-checkpoint"), content, Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_witness_killed_at_any_moment_remembers_what_it_answered_and_answers_409_with_it()
    {
        using var folder = new ScratchFolder();
        var (data, keys) = (folder["data"], folder["witness"]);
        await using var log = await OperationLog.OpenOrCreateAsync(data, "op-lantern", TimeProvider.System, cancellation: Stop);
        var made = await RunAsync("witness", "key", "new", "witness.example/w1", "--folder", keys);
        made.Code.ShouldBe(0, made.Output);
        (await RunAsync("witness", "key", "new", "witness.example/w1", "--folder", keys)).Code.ShouldBe(1);
        (await RunAsync("witness", "log", "add", "no key", "--folder", keys)).Code.ShouldBe(2);
        (await RunAsync("witness", "serve", "--folder", folder["nowhere"])).Code.ShouldBe(1);
        (await RunAsync("witness", "serve", "--folder", keys, "--listen", "here")).Code.ShouldBe(2);
        var known = await RunAsync("witness", "log", "add", OperationLog.PolicyOf(Path.Combine(data, "operations", "op-lantern")).Logs[0].ToString(), "--folder", keys);
        known.Code.ShouldBe(0, known.Output);

        using var http = new HttpClient();
        var chance = new Random(20261203);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(log.Origin)));
        long answered = 0;
        for (var round = 0; round < 6; round++)
        {
            var (program, address) = await ServeAsync(keys);
            await using (program)
            {
                using var shown = await http.GetAsync(new Uri(address, $"{hash}/checkpoint"), Stop);
                var size = shown.StatusCode == HttpStatusCode.OK ? Checkpoint.Parse(SignedNote.Parse(await shown.Content.ReadAsByteArrayAsync(Stop)).Text).Size : 0;
                size.ShouldBeGreaterThanOrEqualTo(answered);
                if (size > 0)
                    (await AskAsync(http, address, 0, [], log.SignedCheckpoint)).ShouldBe((HttpStatusCode.Conflict, $"{size}\n"));
                // The kill comes while submissions are under way: some answered, one perhaps kept and not answered.
                var wanted = chance.Next(1, 6);
                while (true)
                {
                    await log.AppendAsync(new NewExhibit("chat", "irc-1", "a line"u8.ToArray()), Stop);
                    var asking = AskAsync(http, address, size, await log.Reader.ConsistencyAsync(size, log.Size, Stop), log.SignedCheckpoint);
                    if (--wanted == 0)
                    {
                        program.Kill();
                        try
                        {
                            if ((await asking).Status == HttpStatusCode.OK)
                                answered = log.Size;
                        }
                        catch (HttpRequestException)
                        {
                            // Killed before it answered.
                        }

                        break;
                    }

                    (await asking).Status.ShouldBe(HttpStatusCode.OK);
                    answered = size = log.Size;
                }

                await program.EndAsync();
            }
        }

        answered.ShouldBeGreaterThan(5);
    }

    static async Task<string> AuthorizeAsync(ScratchFolder folder, string operation)
    {
        var path = folder[operation + ".yaml"];
        await File.WriteAllTextAsync(path, VerifyProgramsTests.Authorization(operation, "record"), Stop);
        return path;
    }

    static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Copy(path, target);
        }
    }

    [Fact]
    public async Task A_restored_copy_of_everything_is_refused_because_of_its_witness_and_succeeded_by_a_log_that_names_what_the_witness_saw()
    {
        using var folder = new ScratchFolder();
        var (data, keys) = (folder["data"], folder["witness"]);
        async Task<(int Code, string Output)> LogAsync(params string[] words) => await RunAsync(["log", .. words, "--data", data]);
        (await RunAsync("operation", "open", "lantern", "--authorization", await AuthorizeAsync(folder, "lantern"), "--data", data)).Code.ShouldBe(0);
        (await RunAsync("witness", "key", "new", "witness.example/w1", "--folder", keys)).Code.ShouldBe(0);
        var policy = Path.Combine(data, "operations", "lantern", "policy");
        var log = OperationLog.PolicyOf(Path.GetDirectoryName(policy)!).Logs[0].ToString();
        (await RunAsync("witness", "log", "add", log, "--folder", keys)).Code.ShouldBe(0);
        var (program, address) = await ServeAsync(keys);
        await using (program)
        {
            var witness = program.Output.Split('\n')[0].Trim();
            await File.WriteAllTextAsync(policy, $"log {log}\nwitness oversight {witness} {address}\nquorum oversight\n", Stop);
            var seen = await LogAsync("anchor", "lantern");
            seen.Code.ShouldBe(0, seen.Output);
            seen.Output.ShouldContain("cosigned by oversight");
            var health = await LogAsync("health");
            health.Output.ShouldContain("The witness 'oversight' cosigned size");
            health.Output.ShouldNotContain("WRONG");
            Copy(data, folder["backup"]);
            var later = await LogAsync("anchor", "lantern", "--json");
            later.Code.ShouldBe(0, later.Output);
            var size = System.Text.Json.JsonDocument.Parse(later.Output).RootElement.GetProperty("size").GetInt64();
            (await RunAsync("verify", data, "--policy", policy)).Code.ShouldBe(0);

            // The disk is lost; the backup is of before. A reason does not go past what the witness shows.
            Directory.Delete(data, recursive: true);
            Copy(folder["backup"], data);
            foreach (var words in (string[][])[["anchor", "lantern"], ["anchor", "lantern", "--without-witnesses", "in a hurry"]])
            {
                var refused = await LogAsync(words);
                refused.Code.ShouldBe(1);
                refused.Output.ShouldContain("the witness 'oversight' shows a checkpoint of size");
                refused.Output.ShouldContain("custos log succeed");
            }

            (await LogAsync("succeed", "lantern", "lantern-b", "--reason", "the disk was lost", "--authorization", await AuthorizeAsync(folder, "lantern"))).Code.ShouldNotBe(0);
            var made = await LogAsync("succeed", "lantern", "lantern-b", "--reason", "the disk was lost", "--authorization", await AuthorizeAsync(folder, "lantern-b"), "--json");
            made.Code.ShouldBe(0, made.Output);
            var json = System.Text.Json.JsonDocument.Parse(made.Output).RootElement;
            json.GetProperty("source").GetString().ShouldBe("the witness 'oversight'");
            json.GetProperty("size").GetInt64().ShouldBeGreaterThanOrEqualTo(size);

            await using (var next = await OperationLog.OpenAsync(data, "lantern-b", TimeProvider.System, Stop))
            {
                await using var first = await next.OpenExhibitAsync(new(0), new(new() { Id = "a-1" }, "reading"), Stop);
                first.Exhibit.Entry.Kind.ShouldBe("log.succeeded");
                var named = System.Text.Json.JsonDocument.Parse(first.Exhibit.Content).RootElement;
                (named.GetProperty("origin").GetString(), named.GetProperty("why").GetString()).ShouldBe(("unit.example/custos/lantern", "the disk was lost"));
                (named.GetProperty("size").GetInt64(), named.GetProperty("root").GetString()).ShouldBe((json.GetProperty("size").GetInt64(), json.GetProperty("root").GetString()));
                using var http = new HttpClient();
                var shown = Checkpoint.Parse(SignedNote.Parse(await http.GetByteArrayAsync(new Uri(address, WitnessClient.HashOf("unit.example/custos/lantern") + "/checkpoint"), Stop)).Text);
                (shown.Size, Convert.ToBase64String(shown.Root.ToArray())).ShouldBe((named.GetProperty("size").GetInt64(), named.GetProperty("root").GetString()!));
            }

            // The old log is read and verified as it stands.
            var old = await RunAsync("verify", data, "--operation", "lantern");
            old.Code.ShouldBe(0, old.Output);
        }
    }

    [Fact]
    public async Task A_request_that_is_too_long_or_of_an_unknown_log_is_answered_and_the_witness_goes_on()
    {
        using var folder = new ScratchFolder();
        var keys = folder["witness"];
        (await RunAsync("witness", "key", "new", "witness.example/w1", "--folder", keys)).Code.ShouldBe(0);
        var (program, address) = await ServeAsync(keys);
        await using (program)
        {
            using var http = new HttpClient();
            using var tooLong = new ByteArrayContent(new byte[1_000_001]);
            (await http.PostAsync(new Uri(address, "add-checkpoint"), tooLong, Stop)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            using var log = Ed25519Signer.Generate("unit.example/custos/op-unknown");
            (await AskAsync(http, address, 0, [], SignedNote.Sign(new Checkpoint(log.Name, 0, Merkle.EmptyRoot).ToText(), log))).Status.ShouldBe(HttpStatusCode.NotFound);
            (await http.GetAsync(new Uri(address, new string('0', 64) + "/checkpoint"), Stop)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            program.Interrupt();
            (await program.EndAsync()).ShouldBe(0);
        }
    }
}
