using System.CommandLine;
using System.Globalization;
using Custos.Pipeline;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Pipeline;

/// <summary><c>custos rebuild</c>: makes the index again from the logs.</summary>
static class RebuildCommand
{
    const string Help =
        "Deletes the index and derives it again from the logs: messages, findings, conversations, selectors, proposals, exposure; and which packs were published, from the unit's own log. The logs gain one custody event each, for the reading.\n" +
        "The index may be deleted at any time; this is how it comes back.\n" +
        "Exit codes: 0 done; 1 could not finish; 2 usage; 3 done, but an operation was left out, which is named; 4 refused.";

    static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        var data = Workbench.Data();
        var operation = new Option<string?>("--operation") { Description = "One operation; all of them if not given" };
        var command = new Command("rebuild", Help) { data, operation };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(data), parsed.GetValue(operation), cancellation));
        return command;
    }

    static async Task<int> RunAsync(string data, string? operation, CancellationToken cancellation)
    {
        try
        {
            if (operation is null)
                Workspace.DeleteIndex(data);
        }
        catch (Exception fault) when (fault is WorkspaceException or IndexException)
        {
            return Workbench.Fail(fault is WorkspaceException ? Workbench.Usage : Workbench.CouldNotFinish, fault.Message);
        }

        return await Workbench.InWorkspaceAsync(data, async workspace =>
        {
            var leftOut = 0;
            try
            {
                if (operation is null)
                    await workspace.RebuildPublishedAsync(cancellation);
            }
            catch (WorkspaceException fault) when (fault.Fault is WorkspaceFault.OperationHeld)
            {
                leftOut++;
                System.Console.Error.WriteLine($"Which packs were published was not looked up. {fault.Message}");
            }

            foreach (var slug in operation is null ? workspace.Operations() : [OperationSlug.Parse(operation)])
            {
                try
                {
                    await RebuildAsync(workspace, slug, cancellation);
                }
                catch (WorkspaceException fault) when (operation is null && fault.Fault is WorkspaceFault.OperationHeld or WorkspaceFault.NoAuthorization)
                {
                    leftOut++;
                    System.Console.Error.WriteLine($"'{slug}' was left out. {fault.Message}");
                }
            }

            return leftOut == 0 ? Workbench.Done : Workbench.PartsLeftOut;
        }, cancellation);
    }

    static async Task RebuildAsync(Workspace workspace, OperationSlug slug, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var room = await workspace.OpenOperationAsync(slug, cancellation, rebuild: true);
        var size = room.Evidence.Size;
        var settled = room.SettleAsync(cancellation);
        while (await Task.WhenAny(settled, Task.Delay(Between, cancellation)) != settled)
        {
            cancellation.ThrowIfCancellationRequested();
            var done = room.Health.IndexedUpTo;
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            var rate = done / seconds;
            var left = rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, size - done) / rate) : TimeSpan.Zero;
            System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slug}: {done:N0} of {size:N0} exhibits, {rate:N0}/s, {left:hh\\:mm\\:ss} left"));
        }

        try
        {
            await settled;
        }
        catch (IndexUnavailableException e)
        {
            throw new IOException(e.Message, e);
        }

        var counts = await room.Index.CountAsync(cancellation);
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slug}: {counts.Exhibits:N0} exhibits, {counts.Messages:N0} messages, {counts.Findings:N0} findings, {counts.Alerts:N0} alerts; {TimeProvider.System.GetElapsedTime(started).TotalSeconds:N1} s."));
    }
}
