using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log write-tiles</c>: the published tree of a log as files, wherever the log is kept.</summary>
static class LogWriteTilesCommand
{
    const string Help =
        "Write the published tree of a log (checkpoint, tile/...: C2SP tlog-tiles) to a folder, so that programs that are not ours check it. No content is in it.\n"
        + "In a folder that holds an older tree of the same log only what it lacks is written. No lock is taken: it works beside a capture.\n"
        + "Exit: 0 done; 1 could not finish; 2 usage, or no such operation.";

    internal static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "An empty folder, one to be made, or one with an older tree of the same log." };
        var (operation, data, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Json());
        var command = new Command("write-tiles", Help) { folder, operation, data, json };
        command.SetAction((parsed, cancellation) => Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), async workspace =>
        {
            var slug = OperationSlug.Parse(parsed.GetRequiredValue(operation)).Value;
            await using var store = LogStores.At(Path.Combine(workspace.Folder, "operations", slug));
            if (store is null)
                return Workbench.Fail(Workbench.Usage, $"There is no operation '{slug}' in '{workspace.Folder}'. Nothing was written. 'custos operation list' names those that are there.");
            var target = parsed.GetRequiredValue(folder);
            var (checkpoint, files) = await TreeCopy.WriteAsync(store, target, System.Console.IsErrorRedirected ? null : new Line(), cancellation);
            System.Console.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["origin"] = checkpoint.Origin, ["size"] = checkpoint.Size, ["root"] = Convert.ToBase64String(checkpoint.Root.ToArray()), ["files"] = files, ["folder"] = Path.GetFullPath(target) }.ToJsonString(Workbench.JsonForm)
                : string.Create(CultureInfo.InvariantCulture, $"{target}: {checkpoint.Origin} at size {checkpoint.Size:N0}, {files:N0} files. Check it with: custos verify {target} --policy {Path.Combine(workspace.Folder, "operations", slug, "policy")}"));
            return Workbench.Done;
        }, cancellation));
        return command;
    }

    /// <summary>One line on standard error that counts up.</summary>
    sealed class Line : IProgress<long>
    {
        const long Step = 65_536;

        public void Report(long value)
        {
            if (value % Step == 0)
                System.Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{value:N0} entries"));
        }
    }
}
