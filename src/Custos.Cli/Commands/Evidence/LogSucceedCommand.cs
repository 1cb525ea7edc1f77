using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Cli.Commands.Authority;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log succeed</c>: a new log that names the one it continues, when that one must not go on.</summary>
static class LogSucceedCommand
{
    internal static Command Create()
    {
        var old = new Argument<string>("OLD") { Description = "The operation whose log must not be continued." };
        var name = new Argument<string>("NEW") { Description = "The new operation: a neutral code word, 1 to 32 of a-z, 0-9 and '-'." };
        var reason = new Option<string>("--reason") { Description = "Why the old log is not continued; recorded.", Required = true };
        var file = new Option<string>("--authorization") { Description = "The authorisation of the new operation, a YAML file.", Required = true };
        var store = OperationOpenCommand.Store();
        var data = Workbench.Data();
        var actor = Workbench.Actor();
        var json = Workbench.Json();
        var command = new Command(
            "succeed",
            "Make a new operation whose first exhibit names the old log, the largest size and root known of it, and the reason.\n"
            + "Looked at: the mark beside the key, the checkpoint, the anchors, and what the witnesses show. The old log stays as it is, to be read and verified.\n"
            + "Exit: 0 done, 1 could not finish, 2 no such operation or the file is not valid.")
        {
            old, name, reason, file, store, data, actor, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (OperationCheckCommand.Read(path, out _, out var bytes) is { } failed)
                return failed;
            if (string.IsNullOrWhiteSpace(parsed.GetRequiredValue(reason)))
                return Workbench.Fail(Workbench.Usage, "A succession needs a reason. Nothing was made.");
            return await Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), async workspace =>
            {
                if (!workspace.Operations().Contains(OperationSlug.Parse(parsed.GetRequiredValue(old))))
                    return Workbench.Fail(Workbench.Usage, $"There is no operation '{parsed.GetRequiredValue(old)}' in '{workspace.Folder}'. Nothing was made.");
                using var http = WitnessClient.NewHttp();
                var known = await LogSuccession.OfAsync(workspace.Folder, parsed.GetRequiredValue(old), TimeProvider.System, http, cancellation, Workbench.Marks);
                await using var room = await workspace.CreateOperationAsync(OperationSlug.Parse(parsed.GetRequiredValue(name)), bytes, ActorId.Parse(parsed.GetRequiredValue(actor)), cancellation, OperationOpenCommand.Named(parsed.GetValue(store)), succeeds: new(known.Origin, known.State, parsed.GetRequiredValue(reason)));
                if ((await room.Evidence.Reader.EntryAsync(new(0), cancellation)).Kind != "log.succeeded")
                    return Workbench.Fail(Workbench.CouldNotFinish, $"The operation '{room.Slug}' was begun before and does not name '{known.Origin}'. Choose another name.");
                Say(known, room.Evidence.Origin, parsed.GetValue(json));
                return Workbench.Done;
            }, cancellation);
        });
        return command;
    }

    static void Say(LogSuccession old, string origin, bool json)
    {
        if (json)
        {
            System.Console.WriteLine(new JsonObject
            {
                ["origin"] = origin,
                ["succeeds"] = old.Origin,
                ["size"] = old.State.Size,
                ["root"] = Convert.ToBase64String(old.State.Root.ToArray()),
                ["source"] = old.Source,
                ["notes"] = new JsonArray([.. old.Notes.Select(note => JsonValue.Create(note))]),
            }.ToJsonString(Workbench.JsonForm));
            return;
        }

        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{origin} succeeds {old.Origin}, known up to size {old.State.Size:N0} by {old.Source}."));
        foreach (var note in old.Notes)
            System.Console.WriteLine($"  {note}");
        System.Console.WriteLine("The old log stays as it is: 'custos verify' reads it, nothing is added to it.");
    }
}
