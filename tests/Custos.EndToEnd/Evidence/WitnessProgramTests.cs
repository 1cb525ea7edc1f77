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

    static string Custos => Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");

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
