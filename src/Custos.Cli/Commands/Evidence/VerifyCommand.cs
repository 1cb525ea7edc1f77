using System.CommandLine;
using Custos.Evidence;
using Custos.Evidence.Ed25519;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos verify</c>: checks whole logs, and never writes.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A data folder, one operation's folder, or a published tree (checkpoint, tile/).", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "data" };
        var operation = new Option<string?>("--operation") { Description = "Only this operation of a data folder." };
        var policy = new Option<string?>("--policy") { Description = "The keys to trust (C2SP tlog-policy); without it the policy beside the log, which is shown." };
        var keys = new Option<string?>("--keys") { Description = "The key folder: contents are opened and compared with their commitments." };
        var other = new Option<bool>("--any-entries") { Description = "A log of another program: entries are hashed, not read." };
        var json = new Option<bool>("--json") { Description = "One JSON object a log." };
        var command = new Command("verify", "Verify whole logs: signatures, every tile, every entry, every content bundle. Reports all that is wrong. Exit: 0 verified, 1 not verified, 2 wrong use, 3 could not read.")
        {
            folder, operation, policy, keys, other, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var verified = true;
                foreach (var log in LogFolder.Find(parsed.GetValue(folder)!, parsed.GetValue(operation)))
                {
                    var found = await log.VerifyAsync(parsed.GetValue(policy), parsed.GetValue(keys), parsed.GetValue(other), TimeProvider.System, cancellation: cancellation);
                    verified &= found.Verified;
                    System.Console.WriteLine(parsed.GetValue(json) ? VerificationText.Json(log.Name, found) : VerificationText.Plain(log.Name, found));
                }

                return verified ? 0 : 1;
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
