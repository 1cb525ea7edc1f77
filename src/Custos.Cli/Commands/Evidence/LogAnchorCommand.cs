using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log anchor</c>: has witnesses and authorities see the newest checkpoint now.</summary>
static class LogAnchorCommand
{
    internal static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The operation's name." };
        var data = Workbench.Data();
        var json = Workbench.Json();
        var command = new Command("anchor", "Have the witnesses cosign and the authorities stamp the newest checkpoint, now. Exit: 0 all of them did, 1 some did not or the log could not be opened, 2 no such operation.") { name, data, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(name), async room =>
        {
            var anchor = await room.Evidence.AnchorAsync(cancellation);
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(new JsonObject
                {
                    ["size"] = anchor.Checkpoint.Size,
                    ["cosignedBy"] = new JsonArray([.. anchor.CosignedBy.Select(witness => JsonValue.Create(witness))]),
                    ["stampedBy"] = new JsonArray([.. anchor.StampedBy.Select(stamp => (JsonNode)new JsonObject { ["authority"] = stamp.Authority, ["time"] = stamp.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) })]),
                    ["missing"] = new JsonArray([.. anchor.Missing.Select(missing => JsonValue.Create(missing))]),
                }.ToJsonString(Workbench.JsonForm));
                return anchor.Missing.Count == 0 ? Workbench.Done : Workbench.CouldNotFinish;
            }

            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"size {anchor.Checkpoint.Size:N0} of {anchor.Checkpoint.Origin}"));
            foreach (var witness in anchor.CosignedBy)
                System.Console.WriteLine($"  cosigned by {witness}");
            foreach (var (authority, time) in anchor.StampedBy)
                System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  stamped by {authority} at {time:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
            foreach (var missing in anchor.Missing)
                System.Console.WriteLine($"  not by {missing}");
            if (!anchor.IsSeen && anchor.Missing.Count == 0)
                System.Console.WriteLine("There is nobody to ask: name witnesses in the policy beside the log, or authorities with 'custos timestamp add'.");
            return anchor.Missing.Count == 0 ? Workbench.Done : Workbench.CouldNotFinish;
        }, cancellation));
        return command;
    }
}
