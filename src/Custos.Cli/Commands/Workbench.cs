using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Custos.Capture.Import;
using Custos.Detection;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Cli.Commands;

/// <summary>What commands that work on an operation share: their options, how they open it, how they fail.</summary>
static class Workbench
{
    internal const int Done = 0;
    internal const int CouldNotFinish = 1;
    internal const int Usage = 2;
    internal const int PartsLeftOut = 3;
    internal const int Refused = 4;

    internal static string Tool { get; } = "custos " + (typeof(Workbench).Assembly.GetName().Version?.ToString(3) ?? "0");

    // Read by programs and by people on a terminal, never put into a page.
    internal static JsonSerializerOptions JsonForm { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Why a person goes on where opening a log would be refused: read once, at the start of the program, for whatever command opens one.</summary>
    internal static LogCompany Reasons { private get; set; } = new();

    /// <summary>Who and what takes part when a log is opened.</summary>
    internal static LogCompany Company => Reasons with { Marks = Marks };

    /// <summary>Where the logs' second marks are kept, outside the data folder; null for none.</summary>
    internal static OutsideMarks? Marks => OutsideMarks.Find(Environment.GetEnvironmentVariable);

    internal static Option<string> Data() => new("--data") { Description = "The data folder.", DefaultValueFactory = _ => "data" };

    internal static Option<string> Operation() => new("--operation") { Description = "The operation's name.", Required = true };

    internal static Option<string> Actor() => new("--actor") { Description = "Your pseudonym in the log: 1 to 32 of a-z, 0-9 and '-'.", DefaultValueFactory = _ => "local" };

    internal static Option<bool> Json() => new("--json") { Description = "One JSON object instead of text." };

    /// <summary>Opens an operation, does something, and closes it; every way to fail becomes a sentence and an exit code.</summary>
    internal static Task<int> InOperationAsync(string data, string operation, Func<OperationRoom, Task<int>> work, CancellationToken cancellation) =>
        InWorkspaceAsync(data, async workspace =>
        {
            await using var room = await workspace.OpenOperationAsync(OperationSlug.Parse(operation), cancellation);
            return await work(room);
        }, cancellation);

    /// <summary>Opens a data folder, does something, and closes it. A folder that is none is refused, and made into one only where that is what the command is for.</summary>
    internal static async Task<int> InWorkspaceAsync(string data, Func<Workspace, Task<int>> work, CancellationToken cancellation, bool make = false)
    {
        try
        {
            await using var workspace = await Workspace.OpenAsync(data, TimeProvider.System, cancellation, make, Company);
            return await work(workspace);
        }
        catch (ImportException fault)
        {
            return Fail(fault.IsChoice ? Usage : CouldNotFinish, fault.Message);
        }
        catch (WorkspaceException fault)
        {
            foreach (var line in fault.Authorization)
                System.Console.Error.WriteLine(line);
            return Fail(fault.Fault is WorkspaceFault.NoSuchOperation or WorkspaceFault.NotADataFolder ? Usage : CouldNotFinish, fault.Message);
        }
        catch (FormatException fault)
        {
            return Fail(Usage, fault.Message);
        }
        catch (Exception fault) when (fault is EvidenceLogException or IndexException or PackException)
        {
            return Fail(CouldNotFinish, fault.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail(CouldNotFinish, "Stopped. What was acknowledged is recorded.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Fail(CouldNotFinish, $"The machine could not read or write: {fault.Message} What was acknowledged is recorded.");
        }
    }

    /// <summary>Does something with the keys of a data folder; every way to fail becomes a sentence and an exit code.</summary>
    internal static async Task<int> WithKeysAsync(string data, Func<KeyFolder, Task<int>> work)
    {
        try
        {
            return await work(KeyFolder.Open(Path.Combine(data, "keys"), create: false));
        }
        catch (FormatException fault)
        {
            return Fail(Usage, fault.Message);
        }
        catch (Exception fault) when (fault is EvidenceLogException or ArgumentException)
        {
            return Fail(CouldNotFinish, fault.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail(CouldNotFinish, "Stopped. What was done is recorded and stays; run the command again for the rest.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Fail(CouldNotFinish, $"The machine could not read or write: {fault.Message} What was recorded stays.");
        }
    }

    internal static int WithKeys(string data, Func<KeyFolder, int> work) => WithKeysAsync(data, keys => Task.FromResult(work(keys))).GetAwaiter().GetResult();

    internal static int Fail(int code, string sentence)
    {
        System.Console.Error.WriteLine(sentence);
        return code;
    }
}
