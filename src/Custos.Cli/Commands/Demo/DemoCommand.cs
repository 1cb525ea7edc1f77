using System.CommandLine;
using Custos.Cli.Commands.Console;
using Custos.Server.Workspaces;

namespace Custos.Cli.Commands.Demo;

/// <summary><c>custos demo</c>: the main job on invented samples, then the console.</summary>
static class DemoCommand
{
    const string Help =
        "Do the main job once, on invented samples: three venues in three formats, nearly all of it harmless talk in six languages.\n" +
        "Opens an operation under its authorisation, imports, detects, links, writes dossiers and a count, exports a transcript, verifies the log, and says what it did.\n" +
        "Then it serves the console on 127.0.0.1 until Ctrl-C; --no-serve ends before that. Run again, it adds nothing that is recorded already.\n" +
        "Exit: 0 done; 1 could not finish, or the log did not verify.";

    internal static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The data folder; a new one, or one of an earlier demo.", DefaultValueFactory = _ => Path.Combine("data", "demo") };
        var noServe = new Option<bool>("--no-serve") { Description = "End before the console." };
        var port = new Option<int?>("--port") { Description = "The console's port on 127.0.0.1; 0 takes a free one." };
        var json = Workbench.Json();
        var command = new Command("demo", Help) { data, noServe, port, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(data));
            var asJson = parsed.GetValue(json);
            var code = await Workbench.InWorkspaceAsync(folder, workspace => RunAsync(workspace, asJson, cancellation), cancellation, make: true);
            if (code != Workbench.Done || parsed.GetValue(noServe))
                return code;
            return await Serving.RunAsync(new(folder, new("demo")) { Port = parsed.GetValue(port) ?? ServeCommand.DefaultPort, OpenBrowser = true }, cancellation);
        });
        return command;
    }

    static async Task<int> RunAsync(Workspace workspace, bool json, CancellationToken cancellation)
    {
        var run = new DemoRun(workspace, TimeProvider.System, json ? null : System.Console.Error);
        var report = await run.RunAsync(cancellation);
        if (json)
            System.Console.WriteLine(report.ToJson().ToJsonString(Workbench.JsonForm));
        else
            report.Show();
        return report.Verified ? Workbench.Done : Workbench.CouldNotFinish;
    }
}
