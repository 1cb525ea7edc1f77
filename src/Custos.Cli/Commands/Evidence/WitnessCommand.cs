using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Evidence.Ed25519;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos witness</c>: sees the checkpoints of other people's logs, and cosigns those that continue what it saw.</summary>
static class WitnessCommand
{
    internal static Command Create() => new("witness", "Be a witness for logs of others: make a key, name the logs, serve (C2SP tlog-witness). Best run by another body than the log's own.")
    {
        new Command("key", "The witness's key.") { NewKey() },
        new Command("log", "The logs that the witness knows.") { AddLog(), ListLogs() },
        WitnessServeCommand.Create(),
    };

    internal static Option<string> Folder() => new("--folder") { Description = "The witness's folder: its key, the logs it knows, what it cosigned last.", DefaultValueFactory = _ => Path.Combine("data", "keys", "witness") };

    static Command NewKey()
    {
        var name = new Argument<string>("NAME") { Description = "The witness's name, a schemeless URL such as witness.example/w1." };
        var folder = Folder();
        var command = new Command("new", "Make the witness's key. What is printed goes into the policies of those who trust the witness; the secret stays in the folder. Exit: 0 done, 1 could not, 2 not a name.") { name, folder };
        command.SetAction(parsed => Try(() =>
        {
            var path = parsed.GetRequiredValue(folder);
            var key = WitnessFolder.Create(path, parsed.GetRequiredValue(name), TimeProvider.System);
            System.Console.WriteLine($"The key is in '{path}'. Nobody else needs it; a copy of it elsewhere would be a second witness of the same name.");
            System.Console.WriteLine("Give this line to whoever keeps a log, with the address of the witness behind it:");
            System.Console.WriteLine();
            System.Console.WriteLine($"witness NAME {key} URL");
        }));
        return command;
    }

    static Command AddLog()
    {
        var key = new Argument<string>("VKEY") { Description = "The log's public key, name+id+key, as its policy file names it." };
        var folder = Folder();
        var command = new Command("add", "Name a log that the witness is to know. Get its key from its unit by a way that you trust. A witness that is serving reads it at its next start. Exit: 0 done, 1 could not, 2 not a key.") { key, folder };
        command.SetAction(parsed => Try(() =>
        {
            var log = VerifierKey.Parse(parsed.GetRequiredValue(key));
            WitnessFolder.AddLog(parsed.GetRequiredValue(folder), log);
            System.Console.WriteLine($"The witness knows '{log.Name}' from its next start.");
        }));
        return command;
    }

    static Command ListLogs()
    {
        var folder = Folder();
        var json = Workbench.Json();
        var command = new Command("list", "List the logs that the witness knows, with the size it cosigned last. Exit: 0 done, 1 could not, 2 the list is malformed.") { folder, json };
        command.SetAction(parsed => Try(() =>
        {
            using var witness = WitnessFolder.Open(parsed.GetRequiredValue(folder), TimeProvider.System);
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(new JsonObject
                {
                    ["key"] = witness.Key.ToString(),
                    ["logs"] = new JsonArray([.. witness.Logs.Select(log => (JsonNode)new JsonObject { ["origin"] = log.Origin, ["size"] = log.Size })]),
                }.ToJsonString(Workbench.JsonForm));
                return;
            }

            System.Console.WriteLine(witness.Key);
            if (witness.Logs.Count == 0)
                System.Console.WriteLine("It knows no log yet. Name one with 'custos witness log add VKEY'.");
            foreach (var (origin, size) in witness.Logs)
                System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{origin}  {(size == 0 ? "nothing cosigned yet" : $"cosigned up to size {size:N0}")}"));
        }));
        return command;
    }

    static int Try(Action act)
    {
        try
        {
            act();
            return Workbench.Done;
        }
        catch (FormatException e)
        {
            return Workbench.Fail(Workbench.Usage, e.Message);
        }
        catch (Exception e) when (e is EvidenceLogException or IOException or UnauthorizedAccessException)
        {
            return Workbench.Fail(Workbench.CouldNotFinish, e.Message);
        }
    }
}
