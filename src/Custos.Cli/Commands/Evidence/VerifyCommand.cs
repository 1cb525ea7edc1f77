using System.CommandLine;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Timestamps;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos verify</c>: checks whole logs. With keys it opens contents, and that is on record before the first is read.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A data folder, one operation's folder, or a published tree (checkpoint, tile/).", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "data" };
        var operation = new Option<string?>("--operation") { Description = "Only this operation of a data folder." };
        var policy = new Option<string?>("--policy") { Description = "The keys to trust (C2SP tlog-policy); without it the policy beside the log, which is shown." };
        var roots = new Option<string?>("--roots") { Description = "Root certificates (PEM) by which time-stamps are judged; without it those of the data folder." };
        var keys = new Option<string?>("--keys") { Description = "The key folder: contents are opened and compared with their commitments." };
        var other = new Option<bool>("--any-entries") { Description = "A log of another program: entries are hashed, not read." };
        var reason = new Option<string>("--reason") { Description = "With --keys: why contents are opened, for the custody event.", DefaultValueFactory = _ => "verify the log" };
        var actor = Workbench.Actor();
        var json = new Option<bool>("--json") { Description = "One JSON object a log." };
        var command = new Command(
            "verify",
            "Verify whole logs: signatures, every tile, every entry, every content bundle. Reports all that is wrong.\n"
            + "Without --keys it never writes. With --keys contents are opened: that is recorded in the log first, and the result after; where the log\n"
            + "cannot take it (damaged, a copy, at work elsewhere), in the log 'unit' beside the keys; where that fails too, nothing is opened.\n"
            + "Exit: 0 verified, 1 not verified, 2 wrong use, 3 could not read, or opening could not be recorded.")
        {
            folder, operation, policy, roots, keys, other, reason, actor, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var (verified, read) = (true, true);
                foreach (var log in LogFolder.Find(parsed.GetValue(folder)!, parsed.GetValue(operation)))
                {
                    Task<Verification> VerifyAsync(string? with) => log.VerifyAsync(parsed.GetValue(policy), with, parsed.GetValue(other), TimeProvider.System, cancellation: cancellation, timestamps: TimestampVerifier.For(parsed.GetValue(roots), log.DataFolder));
                    Verification found;
                    try
                    {
                        found = parsed.GetValue(keys) is { } keyFolder
                            ? await RecordedVerification.RunAsync(log, keyFolder, TimeProvider.System, new(ActorId.Parse(parsed.GetRequiredValue(actor)).Value, Workbench.Tool, parsed.GetRequiredValue(reason)), VerifyAsync, cancellation, Workbench.Company)
                            : await VerifyAsync(null);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceLogException or FormatException)
                    {
                        // The others are looked at all the same.
                        await System.Console.Error.WriteLineAsync($"COULD NOT READ the log {log.Name}: {e.Message}");
                        read = false;
                        continue;
                    }

                    verified &= found.Verified;
                    System.Console.WriteLine(parsed.GetValue(json) ? VerificationText.Json(log.Name, found) : VerificationText.Plain(log.Name, found));
                }

                return !verified ? 1 : read ? 0 : 3;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceLogException or FormatException)
            {
                await System.Console.Error.WriteLineAsync($"COULD NOT READ: {e.Message}");
                return 3;
            }
        });
        return command;
    }
}
