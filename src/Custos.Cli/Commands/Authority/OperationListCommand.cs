using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Spectre.Console;

namespace Custos.Cli.Commands.Authority;

/// <summary><c>custos operation list</c>: the operations of a data folder, from their published logs; no content is opened.</summary>
static class OperationListCommand
{
    internal static Command Create()
    {
        var data = Workbench.Data();
        var json = Workbench.Json();
        var command = new Command("list", "List the operations of a data folder with the size of their logs. No content is opened, so it works beside a running console. Exit: 0 done, 1 could not finish, 2 no data folder.") { data, json };
        command.SetAction((parsed, cancellation) => Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), async workspace =>
        {
            var rows = new List<(string Name, long Exhibits, string Origin, ExhibitNumber? ClosedBy)>();
            foreach (var slug in workspace.Operations())
            {
                await using var store = LogStores.At(Path.Combine(workspace.Folder, "operations", slug.Value));
                if (store is null)
                    continue;
                var reader = new LogReader(store);
                var (checkpoint, _) = await reader.CheckpointAsync(cancellation);
                var last = new ExhibitNumber(checkpoint.Size - 1);
                var closed = checkpoint.Size > 0 && (await reader.EntryAsync(last, cancellation)).Kind == "log.closed";
                rows.Add((slug.Value, checkpoint.Size, checkpoint.Origin, closed ? last : null));
            }

            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject { ["operation"] = row.Name, ["exhibits"] = row.Exhibits, ["origin"] = row.Origin, ["closedBy"] = row.ClosedBy?.ToString() })]).ToJsonString(Workbench.JsonForm));
                return Workbench.Done;
            }

            if (rows.Count == 0)
            {
                System.Console.WriteLine($"There is no operation in '{workspace.Folder}' yet. Open one with 'custos operation open NAME --authorization FILE'.");
                return Workbench.Done;
            }

            var table = new Table { Border = TableBorder.None };
            table.AddColumns("operation", "exhibits", "origin", "state");
            foreach (var row in rows)
                table.AddRow(new Text(row.Name), new Text(row.Exhibits.ToString("N0", CultureInfo.InvariantCulture)), new Text(row.Origin), new Text(row.ClosedBy is { } closing ? $"closed for good by {closing}" : "open"));
            AnsiConsole.Write(table);
            return Workbench.Done;
        }, cancellation));
        return command;
    }
}
