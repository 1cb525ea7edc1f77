using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Spectre.Console;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos keys list</c>: which version of its key each operation is under, and which unit key that is under. No key is opened.</summary>
static class KeysListCommand
{
    public static Command Create()
    {
        var (data, json) = (Workbench.Data(), Workbench.Json());
        var command = new Command("list", "List the operations' key versions and the unit key each is under. No key is opened, so it works beside a running console. Exit: 0 done, 1 could not finish.") { data, json };
        command.SetAction(parsed => Workbench.WithKeys(parsed.GetRequiredValue(data), keys => List(keys, parsed.GetValue(json))));
        return command;
    }

    static int List(KeyFolder keys, bool json)
    {
        var rows = keys.UnitKeyIds().Select(operation => (operation.Slug, Versions: keys.KeyVersions(operation.Slug), operation.Ids)).ToList();
        if (json)
        {
            System.Console.WriteLine(new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
            {
                ["operation"] = row.Slug,
                ["versions"] = new JsonArray([.. row.Versions.Select(version => JsonValue.Create(version))]),
                ["unitKeys"] = new JsonArray([.. row.Ids.Select(id => JsonValue.Create(id))]),
            })]).ToJsonString(Workbench.JsonForm));
            return Workbench.Done;
        }

        var table = new Table { Border = TableBorder.None };
        table.AddColumns("operation", "key version", "unit key");
        foreach (var row in rows)
        {
            var versions = row.Versions.Count switch
            {
                0 => "destroyed",
                1 => row.Versions[0].ToString(CultureInfo.InvariantCulture),
                _ => string.Join(" and ", row.Versions) + " (a rotation is not finished)",
            };
            table.AddRow(new Text(row.Slug), new Text(versions), new Text(string.Join(" and ", row.Ids)));
        }

        AnsiConsole.Write(table);
        return Workbench.Done;
    }
}
