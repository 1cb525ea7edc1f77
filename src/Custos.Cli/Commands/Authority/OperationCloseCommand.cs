using System.CommandLine;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Authority;

/// <summary><c>custos operation close</c>: closes an operation for good.</summary>
static class OperationCloseCommand
{
    const string Help =
        "Close an operation for good: log.closed is the last thing recorded in it, and nothing of it is opened any more, since an opening could not be recorded.\n" +
        "With --destroy-key its key is destroyed as well, and its index forgets it: no content of it ever opens again, and everything still verifies. That cannot be undone.\n" +
        "Exit: 0 done (or closed before); 1 could not finish; 2 usage; 4 refused: a legal hold, no second person, a recording under way. Nothing was changed then.";

    internal static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The operation's name." };
        var reason = new Option<string>("--reason") { Description = "Why, as it will stand in the log.", Required = true };
        var authority = new Option<string>("--authority") { Description = "The order it is done on.", Required = true };
        var destroy = new Option<bool>("--destroy-key") { Description = "Destroy the operation's key: nothing of it opens any more." };
        var second = new Option<string?>("--second") { Description = "Who else agreed; needed with --destroy-key." };
        var (data, actor, json) = (Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var command = new Command("close", Help) { name, reason, authority, destroy, second, data, actor, json };
        command.SetAction((parsed, cancellation) => Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), async workspace =>
        {
            var order = new ClosingOrder
            {
                Reason = parsed.GetRequiredValue(reason),
                Authority = new() { Ref = parsed.GetRequiredValue(authority) },
                Actor = new() { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value },
                SecondPerson = parsed.GetValue(second) is { } other ? new() { Id = ActorId.Parse(other).Value } : null,
                DestroyKey = parsed.GetValue(destroy),
                Tool = new() { Name = Workbench.Tool },
            };
            try
            {
                var slug = OperationSlug.Parse(parsed.GetRequiredValue(name));
                var closing = await workspace.CloseOperationAsync(slug, order, cancellation);
                System.Console.WriteLine(parsed.GetValue(json)
                    ? new JsonObject { ["operation"] = slug.Value, ["closedBy"] = closing.ToString() }.ToJsonString(Workbench.JsonForm)
                    : $"'{slug}' is closed by {closing}. It can be verified: custos verify --operation {slug}");
                return Workbench.Done;
            }
            catch (EvidenceLogException fault) when (fault.Fault == EvidenceFault.Held)
            {
                return Workbench.Fail(Workbench.Refused, fault.Message);
            }
            catch (ArgumentException fault)
            {
                return Workbench.Fail(Workbench.Refused, fault.Message);
            }
        }, cancellation));
        return command;
    }
}
