using System.CommandLine;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos keys rotate</c>: new versions of the operations' keys, or of the unit key over them. Content is not touched.</summary>
static class KeysRotateCommand
{
    const string Help =
        "Make a new version of an operation's key and wrap every content key and recording key under it; content is not touched.\n" +
        "Recorded in the operation's log as custody.rotated. Interrupted, everything still opens, and the next start finishes it.\n" +
        "With --unit a new unit key is made first, every operation is moved under it, and the old one is forgotten when none is left;\n" +
        "where 'custos keys token' has named a token, its key takes the place of the one in a file.\n" +
        "Copies of the key folder made before still open what they opened: destroy them.\n" +
        "Exit: 0 done; 1 could not finish (what was done stays; run it again); 2 usage.";

    public static Command Create()
    {
        var operation = new Option<string?>("--operation") { Description = "Only this operation; without it, all of the data folder." };
        var reason = new Option<string>("--reason") { Description = "Why, as it will stand in the log.", Required = true };
        var authority = new Option<string?>("--authority") { Description = "The order it is done on." };
        var unit = new Option<bool>("--unit") { Description = "Make a new unit key as well, or move under the token's." };
        var (data, actor, json) = (Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var command = new Command("rotate", Help) { operation, reason, authority, unit, data, actor, json };
        command.SetAction((parsed, cancellation) => Workbench.WithKeysAsync(parsed.GetRequiredValue(data), async keys =>
        {
            if (parsed.GetValue(unit) && parsed.GetValue(operation) is not null)
                return Workbench.Fail(Workbench.Usage, "A new unit key is for all operations. Nothing was changed. Leave out --operation.");
            var folder = parsed.GetRequiredValue(data);
            var slugs = parsed.GetValue(operation) is { } one ? [OperationSlug.Parse(one).Value] : keys.Slugs();
            var change = new KeyChange(
                new() { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value },
                parsed.GetRequiredValue(reason),
                parsed.GetValue(authority) is { } reference ? new() { Ref = reference } : null)
            {
                Tool = new() { Name = Workbench.Tool },
                Under = !parsed.GetValue(unit) ? null : keys.ReadDevice() is null ? FileUnitKey.Change(keys) : UnitKeys.Open(keys, create: false),
            };
            return await RotateAsync(folder, keys, slugs, change, parsed.GetValue(json), cancellation);
        }));
        return command;
    }

    static async Task<int> RotateAsync(string data, KeyFolder keys, IReadOnlyList<string> slugs, KeyChange change, bool json, CancellationToken cancellation)
    {
        var done = new JsonArray();
        var left = 0;
        foreach (var slug in slugs)
        {
            cancellation.ThrowIfCancellationRequested();
            if (keys.KeyVersions(slug).Count == 0)
                continue;
            try
            {
                await using var log = await OperationLog.OpenAsync(data, slug, TimeProvider.System, Workbench.Company, cancellation);
                var rotation = await log.RotateKeyAsync(change, CancellationToken.None);
                done.Add(new JsonObject { ["operation"] = slug, ["version"] = rotation.Version, ["unitKey"] = rotation.UnitKey, ["recorded"] = rotation.Recorded.Number.ToString() });
                if (!json)
                    System.Console.WriteLine($"{slug}: key version {rotation.Version}, under unit key {rotation.UnitKey}; recorded as {rotation.Recorded.Number}");
            }
            catch (EvidenceLogException fault)
            {
                // The others are not to wait for one that another process holds.
                left++;
                await System.Console.Error.WriteLineAsync($"{slug}: {fault.Message}");
            }
        }

        var still = change.Under switch { null => [], FileUnitKey => FileUnitKey.Retire(keys), var device => UnitKeys.RetireFile(keys, device) };
        if (json)
            System.Console.WriteLine(new JsonObject { ["rotated"] = done, ["unitKeyInUse"] = new JsonArray([.. still.Select(slug => JsonValue.Create(slug))]) }.ToJsonString(Workbench.JsonForm));
        if (still.Count > 0)
            return Workbench.Fail(Workbench.CouldNotFinish, $"The old unit key is kept: {string.Join(", ", still)} {(still.Count == 1 ? "is" : "are")} still under it. Everything opens. Run the same command again when nothing holds them.");
        return left == 0 ? Workbench.Done : Workbench.CouldNotFinish;
    }
}
