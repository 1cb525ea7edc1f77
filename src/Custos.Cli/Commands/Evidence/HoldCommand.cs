using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;
using Spectre.Console;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos hold</c>: legal holds. What is held is not deleted, whoever asks.</summary>
static class HoldCommand
{
    public static Command Create() => new("hold", "Legal holds: set one, lift one, list them. What is held is not deleted, whoever asks.") { Set(), Lift(), List() };

    static Command Set()
    {
        var exhibits = new Argument<string[]>("EXHIBIT") { Description = "What is held, as in EX-00000007; without any, everything in the operation.", Arity = ArgumentArity.ZeroOrMore };
        var (operation, data, actor, reason, authority) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Reason(), Authority());
        var command = new Command("set", "Put exhibits, or the whole operation, under a legal hold; recorded as hold.set. Exit: 0 done; 1 could not finish; 2 usage.") { exhibits, operation, data, reason, authority, actor };
        command.SetAction((parsed, cancellation) => InAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var named = (parsed.GetValue(exhibits) ?? []).Select(ExhibitNumber.Parse).ToList();
            var hold = await room.Evidence.HoldAsync(
                new()
                {
                    Exhibits = named.Count == 0 ? null : named,
                    Reason = parsed.GetRequiredValue(reason),
                    Authority = new() { Ref = parsed.GetRequiredValue(authority) },
                    Actor = new() { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value },
                },
                cancellation);
            System.Console.WriteLine($"{hold.Number} holds {(named.Count == 0 ? "everything in the operation" : string.Join(", ", named))}. Lift it with: custos hold lift {hold.Number}");
        }, cancellation));
        return command;
    }

    static Command Lift()
    {
        var hold = new Argument<string>("HOLD") { Description = "The exhibit that set it." };
        var (operation, data, actor, reason, authority) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Reason(), Authority());
        var command = new Command("lift", "End a legal hold; recorded as hold.lifted. Exit: 0 done; 1 could not finish; 2 usage, or no such hold.") { hold, operation, data, reason, authority, actor };
        command.SetAction((parsed, cancellation) => InAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var lifted = await room.Evidence.LiftHoldAsync(
                ExhibitNumber.Parse(parsed.GetRequiredValue(hold)), parsed.GetRequiredValue(reason), new() { Ref = parsed.GetRequiredValue(authority) },
                new() { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value }, cancellation);
            System.Console.WriteLine($"{parsed.GetRequiredValue(hold)} is lifted, recorded in {lifted.Number}.");
        }, cancellation));
        return command;
    }

    static Command List()
    {
        var (operation, data, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Json());
        var command = new Command("list", "List the legal holds of an operation, lifted ones too. Exit: 0 done; 1 could not finish; 2 usage.") { operation, data, json };
        command.SetAction((parsed, cancellation) => InAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var holds = await room.Evidence.HoldsAsync(cancellation);
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(new JsonArray([.. holds.Select(hold => (JsonNode)new JsonObject
                {
                    ["hold"] = hold.Number.ToString(),
                    ["since"] = hold.Since.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    ["exhibits"] = hold.Exhibits is null ? null : new JsonArray([.. hold.Exhibits.Select(index => JsonValue.Create(new ExhibitNumber(index).ToString()))]),
                    ["reason"] = hold.Reason,
                    ["authority"] = hold.Authority.Ref,
                    ["setBy"] = hold.SetBy.Id,
                    ["liftedBy"] = hold.LiftedBy?.ToString(),
                })]).ToJsonString(Workbench.JsonForm));
                return;
            }

            if (holds.Count == 0)
            {
                System.Console.WriteLine("There is no legal hold.");
                return;
            }

            var table = new Table { Border = TableBorder.None };
            table.AddColumns("hold", "since", "holds", "authority", "reason", "lifted by");
            foreach (var hold in holds)
            {
                var what = hold.Exhibits is null ? "everything" : string.Join(", ", hold.Exhibits.Take(3).Select(index => new ExhibitNumber(index))) + (hold.Exhibits.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $" and {hold.Exhibits.Count - 3} more") : "");
                table.AddRow(new Text(hold.Number.ToString()), new Text(hold.Since.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)), new Text(what), new Text(hold.Authority.Ref ?? ""), new Text(hold.Reason), new Text(hold.LiftedBy?.ToString() ?? "in force"));
            }

            AnsiConsole.Write(table);
        }, cancellation));
        return command;
    }

    static Task<int> InAsync(string data, string operation, Func<OperationRoom, Task> work, CancellationToken cancellation) =>
        Workbench.InOperationAsync(data, operation, async room =>
        {
            try
            {
                await work(room);
                await room.SettleAsync(cancellation);
                return Workbench.Done;
            }
            catch (ArgumentException fault)
            {
                return Workbench.Fail(Workbench.Usage, fault.Message);
            }
        }, cancellation);

    static Option<string> Reason() => new("--reason") { Description = "Why, as it will stand in the log.", Required = true };

    static Option<string> Authority() => new("--authority") { Description = "The order it is done on.", Required = true };
}
