using System.CommandLine;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log hand-over</c>: exhibits left or came back outside the program.</summary>
static class LogHandOverCommand
{
    const string Help =
        "Record that exhibits were handed to somebody, received, or came back: acts the program cannot see. Nothing is sent.\n"
        + "Exit: 0 recorded; 1 could not finish; 2 usage, or no such exhibit.";

    static readonly string[] Kinds = [CustodyKind.Transferred, CustodyKind.Received, CustodyKind.Returned];

    internal static Command Create()
    {
        var exhibits = new Argument<string[]>("EXHIBITS") { Description = "EX-00001234, or bare numbers.", Arity = ArgumentArity.OneOrMore };
        var kind = new Option<string>("--kind") { Description = "transferred, received or returned.", DefaultValueFactory = _ => CustodyKind.Transferred };
        kind.AcceptOnlyFromAmong(Kinds);
        var to = new Option<string>("--party") { Description = "To or from whom.", Required = true };
        var method = new Option<string>("--method") { Description = "How: by hand against signature, by courier.", Required = true };
        var receipt = new Option<string?>("--receipt") { Description = "The other side's receipt, by its number." };
        var (operation, data, actor, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var reason = new Option<string>("--reason") { Description = "Why, for the custody event.", Required = true };
        var command = new Command("hand-over", Help) { exhibits, operation, kind, to, method, receipt, reason, data, actor, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var numbers = new List<long>();
            foreach (var text in parsed.GetRequiredValue(exhibits))
            {
                if (LogCustodyCommand.Find(room, text) is not { } number)
                    return LogCustodyCommand.Missing(room, text);
                numbers.Add(number.LeafIndex);
            }

            var recorded = await room.Custody.RecordAsync(
                new()
                {
                    Kind = parsed.GetRequiredValue(kind),
                    Exhibits = [.. numbers.Distinct().Order()],
                    RootExhibit = numbers.Min(),
                    Actor = new() { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value },
                    Purpose = parsed.GetRequiredValue(reason),
                    Recipient = new() { Name = parsed.GetRequiredValue(to), Method = parsed.GetRequiredValue(method), Receipt = parsed.GetValue(receipt) },
                    Tool = new() { Name = Workbench.Tool },
                },
                cancellation);
            System.Console.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["operation"] = room.Slug.Value, ["recorded"] = recorded.Number.ToString() }.ToJsonString(Workbench.JsonForm)
                : $"recorded as {recorded.Number}.");
            return Workbench.Done;
        }, cancellation));
        return command;
    }
}
