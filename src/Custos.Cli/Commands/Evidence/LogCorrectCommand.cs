using System.CommandLine;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log correct</c>: a custody event that corrects an earlier one, which stands.</summary>
static class LogCorrectCommand
{
    const string Help =
        "Correct a custody event: a new event says what was wrong and why. The old one stands, and every page shows both.\n"
        + "Exit: 0 recorded; 1 could not finish; 2 usage, or the exhibit is no custody event.";

    internal static Command Create()
    {
        var corrected = new Argument<string>("EVENT") { Description = "The custody event that is wrong, EX-00001234." };
        var what = new Option<string>("--what") { Description = "What is right, in a sentence.", Required = true };
        var why = new Option<string>("--why") { Description = "Why the event was wrong, in a sentence.", Required = true };
        var (operation, data, actor, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var command = new Command("correct", Help) { corrected, operation, what, why, data, actor, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            if (LogCustodyCommand.Find(room, parsed.GetRequiredValue(corrected)) is not { } number)
                return LogCustodyCommand.Missing(room, parsed.GetRequiredValue(corrected));
            var entry = await room.Evidence.Reader.EntryAsync(number, cancellation);
            if (!entry.Kind.StartsWith("custody.", StringComparison.Ordinal))
                return Workbench.Fail(Workbench.Usage, $"{number} is of kind {entry.Kind}, not a custody event. Nothing was recorded.");
            var recorded = await room.Custody.RecordAsync(
                new()
                {
                    Kind = CustodyKind.Corrected,
                    Exhibits = [.. entry.About.Select(about => about.LeafIndex)],
                    Corrects = number.LeafIndex,
                    Actor = new() { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value },
                    Purpose = $"correction of {number}",
                    Change = new() { What = parsed.GetRequiredValue(what), Why = parsed.GetRequiredValue(why) },
                    Tool = new() { Name = Workbench.Tool },
                },
                cancellation);
            System.Console.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["operation"] = room.Slug.Value, ["corrects"] = number.ToString(), ["recorded"] = recorded.Number.ToString() }.ToJsonString(Workbench.JsonForm)
                : $"recorded as {recorded.Number}; {number} stands beside it.");
            return Workbench.Done;
        }, cancellation));
        return command;
    }
}
