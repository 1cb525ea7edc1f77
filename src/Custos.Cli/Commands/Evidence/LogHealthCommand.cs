using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Timestamps;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log health</c>: who signed a log, who has seen it, who stamped it, and what is missing.</summary>
static class LogHealthCommand
{
    internal static Command Create()
    {
        var data = Workbench.Data();
        var operation = new Option<string?>("--operation") { Description = "Only this operation." };
        var json = Workbench.Json();
        var command = new Command(
            "health",
            "Show who signed the logs, which witnesses have seen them, which authorities stamped them, and what is missing.\n"
            + "Reads files only, so it works beside a running capture or console. Exit: 0 shown, 1 something is wrong, 2 wrong use, 3 could not read.")
        {
            data, operation, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var wrong = false;
                foreach (var log in LogFolder.Find(parsed.GetRequiredValue(data), parsed.GetValue(operation)))
                    wrong |= await ShowAsync(log, parsed.GetValue(json), cancellation);
                return wrong ? Workbench.CouldNotFinish : Workbench.Done;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceLogException or FormatException)
            {
                return Workbench.Fail(3, $"COULD NOT READ: {e.Message}");
            }
        });
        return command;
    }

    static async Task<bool> ShowAsync(LogFolder log, bool json, CancellationToken cancellation)
    {
        var notes = await LogStanding.ReadAsync(log, OperationLog.PolicyOf(log.Path), TimestampVerifier.Beside(log.DataFolder), TimeProvider.System, Workbench.Marks, [.. TimestampSettings.Read(log.DataFolder).Select(authority => authority.Name)], cancellation);
        await using var store = LogStores.At(log.Path)!;
        var (checkpoint, _) = await new LogReader(store).CheckpointAsync(cancellation);
        if (json)
        {
            System.Console.WriteLine(new JsonObject
            {
                ["log"] = log.Name,
                ["origin"] = checkpoint.Origin,
                ["size"] = checkpoint.Size,
                ["notes"] = new JsonArray([.. notes.Select(note => (JsonNode)new JsonObject { ["level"] = Word(note.Level), ["sentence"] = note.Sentence })]),
            }.ToJsonString(Workbench.JsonForm));
        }
        else
        {
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"log {log.Name}: {checkpoint.Size:N0} exhibits, {checkpoint.Origin}"));
            foreach (var note in notes)
                System.Console.WriteLine($"  {Word(note.Level),-8} {note.Sentence}");
        }

        return notes.Any(note => note.Level == StandingLevel.Wrong);
    }

    static string Word(StandingLevel level) => level switch
    {
        StandingLevel.Good => "good",
        StandingLevel.Missing => "missing",
        StandingLevel.Wrong => "WRONG",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };
}
