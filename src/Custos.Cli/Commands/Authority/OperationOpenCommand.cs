using System.CommandLine;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Authority;

/// <summary><c>custos operation open</c>: makes an operation; its authorisation is the first thing recorded.</summary>
static class OperationOpenCommand
{
    internal static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A neutral code word: 1 to 32 of a-z, 0-9 and '-'." };
        var file = new Option<string>("--authorization") { Description = "The signed authorisation, a YAML file.", Required = true };
        var store = Store();
        var data = Workbench.Data();
        var actor = Workbench.Actor();
        var json = Workbench.Json();
        var command = new Command(
            "open",
            "Open an operation under an authorisation. The file's bytes are recorded first; what it does not permit is refused from then on.\n"
            + "Exit: 0 done, 1 could not finish (there is one of this name), 2 the file is not valid.")
        {
            name, file, store, data, actor, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (OperationCheckCommand.Read(path, out var reading, out var bytes) is { } failed)
                return failed;
            if (reading!.Authorization!.Operation.Value != parsed.GetRequiredValue(name))
                return Workbench.Fail(Workbench.Usage, $"'{path}' authorises the operation '{reading.Authorization.Operation}', not '{parsed.GetRequiredValue(name)}'. Nothing was recorded. Name the operation as the file does.");
            return await Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), async workspace =>
            {
                await using var room = await workspace.CreateOperationAsync(OperationSlug.Parse(parsed.GetRequiredValue(name)), bytes, ActorId.Parse(parsed.GetRequiredValue(actor)), cancellation, Named(parsed.GetValue(store)));
                OperationShowCommand.Say(room, parsed.GetValue(json));
                return Workbench.Done;
            }, cancellation, make: true);
        });
        return command;
    }

    internal static Option<string?> Store() => new("--store") { Description = "Where its log is kept, if not in the data folder: postgres:Host=db.example;Database=custos;Username=custos_log, or the path of a file that says so. No password: it comes from the password file (PGPASSFILE)." };

    /// <summary>The store as it was written, or as the file of that path says.</summary>
    internal static string? Named(string? store) => File.Exists(store) ? File.ReadAllText(store).Trim() : store;
}
