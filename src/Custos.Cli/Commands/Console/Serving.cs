using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Custos.Evidence;
using Custos.Server;
using Custos.Server.Client;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Console;

/// <summary>How the console is served from a terminal.</summary>
/// <param name="DataFolder">The data folder.</param>
/// <param name="Actor">The reader's pseudonym in the log.</param>
sealed record ServingOptions(string DataFolder, ActorId Actor)
{
    public int Port { get; init; } = ServeCommand.DefaultPort;

    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(30);

    public bool OpenBrowser { get; init; }
}

/// <summary>Serves the console until Ctrl-C: <c>custos serve</c>, and the end of <c>custos demo</c>.</summary>
static class Serving
{
    /// <returns>The exit code: 0 stopped, 1 could not serve.</returns>
    internal static async Task<int> RunAsync(ServingOptions options, CancellationToken cancellation)
    {
        try
        {
            await using var workspace = await Workspace.OpenAsync(options.DataFolder, TimeProvider.System, cancellation, company: Workbench.Company);
            await using var desk = new OperationDesk(workspace, TimeProvider.System);
            await using var web = await CustosWeb.StartAsync(
                new(options.Actor.Value, reader => new WorkspaceClient(desk, reader.Actor, TimeProvider.System))
                {
                    Port = options.Port,
                    IdleLimit = options.IdleLimit,
                    Log = System.Console.Error,
                },
                cancellation);
            // Behind the link: what was recorded since the last start becomes searchable while a reader signs in.
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var catchingUp = desk.CatchUpAsync(stopping.Token);
            var link = web.NewSignInLink();
            System.Console.WriteLine($"Custos serves {workspace.Folder} on this computer alone.");
            Show(link);
            var opener = options.OpenBrowser ? Open(link) : null;
            var keys = System.Console.IsInputRedirected ? "Ctrl-C stops." : "Enter makes a new link; Ctrl-C stops.";
            System.Console.WriteLine(keys);
            await WaitAsync(web, cancellation);
            opener?.Delete();
            await stopping.CancelAsync();
            await catchingUp;
            System.Console.WriteLine("Stopped. The logs are released.");
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (IOException e) when (e.GetType().Name == "AddressInUseException" || e.InnerException?.GetType().Name == "AddressInUseException")
        {
            await System.Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Port {options.Port} on 127.0.0.1 is taken by another program. Nothing was changed. Use --port 0 for a free one."));
            return 1;
        }
        catch (Exception e) when (e is WorkspaceException or IndexException or EvidenceLogException or IOException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    static void Show(Uri link)
    {
        System.Console.WriteLine();
        System.Console.WriteLine($"  {link.AbsoluteUri}");
        System.Console.WriteLine();
        System.Console.WriteLine("The link signs in once, within an hour.");
    }

    static async Task WaitAsync(CustosWeb web, CancellationToken cancellation)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() => stopped.TrySetResult());
        if (!System.Console.IsInputRedirected)
        {
            // A thread of its own: a read from a terminal cannot be called off, and ends with the program.
            var reader = new Thread(() =>
            {
                while (System.Console.ReadLine() is not null && !cancellation.IsCancellationRequested)
                    Show(web.NewSignInLink());
            })
            { IsBackground = true, Name = "custos terminal" };
            reader.Start();
        }

        await stopped.Task;
    }

    // The link is not given to the opener as an argument: on a shared machine anyone can read those. A file that only its owner may read leads on to it.
    static FileInfo? Open(Uri link)
    {
        var program = OperatingSystem.IsWindows() ? "explorer" : OperatingSystem.IsMacOS() ? "open" : "xdg-open";
        if (OperatingSystem.IsLinux() && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY")) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY")))
            return null;
        var file = new FileInfo(Path.Combine(Path.GetTempPath(), $"custos-{link.Port.ToString(CultureInfo.InvariantCulture)}-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.html"));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var writer = new StreamWriter(file.FullName, options))
                writer.Write($"<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"0;url={link.AbsoluteUri}\"><title>Custos</title>");
            using var started = Process.Start(new ProcessStartInfo(program, file.FullName) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            // No such program, or no place for the file: the link stands in the terminal.
        }

        return file;
    }
}
