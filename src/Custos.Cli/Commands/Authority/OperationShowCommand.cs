using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Authority;
using Custos.Server.Workspaces;
using Spectre.Console;

namespace Custos.Cli.Commands.Authority;

/// <summary><c>custos operation show</c>: what an operation permits, as recorded.</summary>
static class OperationShowCommand
{
    internal static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The operation's name." };
        var data = Workbench.Data();
        var json = Workbench.Json();
        var command = new Command("show", "Show what an operation permits: acts, venues, personas, window, and who signed. Exit: 0 done, 1 could not finish, 2 no such operation.") { name, data, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(name), room =>
        {
            Say(room, parsed.GetValue(json));
            return Task.FromResult(Workbench.Done);
        }, cancellation));
        return command;
    }

    internal static void Say(OperationRoom room, bool json)
    {
        var authorization = room.Authorization;
        if (json)
        {
            System.Console.WriteLine(ToJson(room).ToJsonString(Workbench.JsonForm));
            return;
        }

        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumns("", "");
        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
        Row("operation", room.Slug.Value);
        Row("exhibits", room.Reader.Size.ToString("N0", CultureInfo.InvariantCulture));
        Row("authority", authorization.Authority.Name + (authorization.Authority.Reference is { } reference ? $", {reference}" : ""));
        Row("window", $"{Time(authorization.Window.From)} until {Time(authorization.Window.Until)}");
        if (authorization.Material != authorization.Window)
            Row("material", $"{Time(authorization.Material.From)} until {Time(authorization.Material.Until)}");
        Row("acts", string.Join(", ", authorization.Acts.Select(Acts.Word)));
        Row("venues", string.Join("\n", authorization.Venues.Select(venue => venue.Id.Value)));
        Row("personas", authorization.Personas.Count == 0 ? "none" : string.Join("\n", authorization.Personas.Select(persona => persona.Handle.Value + (persona.StatedAge is { } age ? string.Create(CultureInfo.InvariantCulture, $", states {age}") : ""))));
        Row("signed by", string.Join("\n", authorization.Signatories.Select(signatory => string.Create(CultureInfo.InvariantCulture, $"{signatory.Name}, {signatory.Role}, {signatory.Signed:yyyy-MM-dd}"))));
        AnsiConsole.Write(table);
    }

    static JsonObject ToJson(OperationRoom room)
    {
        var authorization = room.Authorization;
        return new()
        {
            ["operation"] = room.Slug.Value,
            ["exhibits"] = room.Reader.Size,
            ["authority"] = authorization.Authority.Name,
            ["reference"] = authorization.Authority.Reference,
            ["from"] = Time(authorization.Window.From),
            ["until"] = Time(authorization.Window.Until),
            ["materialFrom"] = Time(authorization.Material.From),
            ["materialUntil"] = Time(authorization.Material.Until),
            ["acts"] = new JsonArray([.. authorization.Acts.Select(act => JsonValue.Create(Acts.Word(act)))]),
            ["venues"] = new JsonArray([.. authorization.Venues.Select(venue => JsonValue.Create(venue.Id.Value))]),
            ["personas"] = new JsonArray([.. authorization.Personas.Select(persona => JsonValue.Create(persona.Handle.Value))]),
        };
    }

    static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
