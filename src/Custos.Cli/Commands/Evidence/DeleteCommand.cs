using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Authority;
using Custos.Evidence;
using Custos.Server.Workspaces;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos delete</c>: lawful deletion. The content goes for good; entry, proof and order remain.</summary>
static class DeleteCommand
{
    const string Help =
        "Delete the content of exhibits for good, under an order that two persons signed (docs/formats/deletion.md).\n" +
        "Their entries and proofs remain, with the order. What a legal hold names is refused. The index forgets them too: it is made again.\n" +
        "Interrupted, the deletion is finished at the operation's next start.\n" +
        "Exit: 0 done; 1 could not finish; 2 the order is not valid; 4 refused: a legal hold, or what cannot be deleted. Nothing was deleted then.";

    public static Command Create()
    {
        var file = new Argument<string>("ORDER") { Description = "The order, a YAML file." };
        var check = new Option<bool>("--check") { Description = "Only read the order and say what it names." };
        var (data, json) = (Workbench.Data(), Workbench.Json());
        var command = new Command("delete", Help) { file, check, data, json };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(check), parsed.GetRequiredValue(data), parsed.GetValue(json), cancellation));
        return command;
    }

    static async Task<int> RunAsync(string path, bool check, string data, bool json, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(path, cancellation);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Workbench.Fail(Workbench.CouldNotFinish, $"'{path}' could not be read. Nothing was deleted. Check that it is there and may be read.");
        }

        var (order, faults) = DeletionOrderFile.Read(bytes, path);
        if (order is null)
        {
            foreach (var fault in faults)
                await System.Console.Error.WriteLineAsync(fault.ToString());
            return Workbench.Fail(Workbench.Usage, $"'{path}' is not a valid order: {faults.Count} to correct. Nothing was deleted.");
        }

        if (check)
        {
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Valid: an order to delete the content of {order.Exhibits.Count:N0} {(order.Exhibits.Count == 1 ? "exhibit" : "exhibits")} of '{order.Operation}', under {order.Authority}."));
            return Workbench.Done;
        }

        return await Workbench.InWorkspaceAsync(data, workspace => DeleteAsync(workspace, order, json, cancellation), cancellation);
    }

    static async Task<int> DeleteAsync(Workspace workspace, OrderedDeletion order, bool json, CancellationToken cancellation)
    {
        DeletionResult result;
        IReadOnlyList<ExhibitNumber> originals;
        try
        {
            (result, originals) = await workspace.DeleteAsync(
                order.Operation,
                new()
                {
                    Exhibits = [.. order.Exhibits.Select(index => new ExhibitNumber(index))],
                    Reason = order.Reason,
                    Authority = new() { Ref = order.Authority },
                    Actor = Person(order.CarriedOutBy),
                    SecondPerson = Person(order.AgreedBy),
                    KeyCopies = order.KeyCopies ?? "unknown",
                    Tool = new() { Name = Workbench.Tool },
                },
                cancellation);
        }
        catch (EvidenceLogException fault) when (fault.Fault == EvidenceFault.Held)
        {
            return Workbench.Fail(Workbench.Refused, fault.Message);
        }
        catch (ArgumentException fault)
        {
            return Workbench.Fail(Workbench.Refused, fault.Message);
        }

        var done = result.Done;
        if (json)
        {
            System.Console.WriteLine(new JsonObject
            {
                ["operation"] = order.Operation.Value,
                ["order"] = result.Order.ToString(),
                ["recorded"] = result.Recorded.Number.ToString(),
                ["deleted"] = done.Count,
                ["bundles"] = done.Bundles?.Count ?? 0,
                ["recordings"] = done.Recordings?.Count ?? 0,
                ["earlierExports"] = new JsonArray([.. (done.EarlierExports ?? []).Select(index => JsonValue.Create(new ExhibitNumber(index).ToString()))]),
                ["originals"] = new JsonArray([.. originals.Select(original => JsonValue.Create(original.ToString()))]),
                ["keyCopies"] = done.KeyCopies,
            }.ToJsonString(Workbench.JsonForm));
            return Workbench.Done;
        }

        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Deleted the content of {done.Count:N0} {(done.Count == 1 ? "exhibit" : "exhibits")}, ordered in {result.Order}, done in {result.Recorded.Number}. Entries and proofs remain; the index was made again without it."));
        if (done.EarlierExports is { Count: > 0 } exports)
            System.Console.WriteLine($"Some of it had left before: tell the receivers named in {string.Join(", ", exports.Select(index => new ExhibitNumber(index)))}.");
        if (originals.Count > 0)
            System.Console.WriteLine($"They were read from files that are exhibits of their own and still hold them: {string.Join(", ", originals)}, with the file.part exhibits that follow each. If the order covers those, name them in one.");
        if (done.KeyCopies == "unknown")
            System.Console.WriteLine("Copies of the key folder made before this still open it, with a copy of the operation's folder: destroy them, and rotate the key (custos keys rotate).");
        return Workbench.Done;
    }

    static CustodyPerson Person(OrderPerson person) => new() { Id = person.Id.Value, Name = person.Name, Role = person.Role };
}
