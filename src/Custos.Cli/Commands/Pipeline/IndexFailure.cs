using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Storage;

namespace Custos.Cli.Commands.Pipeline;

/// <summary>How the commands on the index fail: a sentence on standard error, and a code.</summary>
static class IndexFailure
{
    internal static int Tell(int code, string sentence)
    {
        System.Console.Error.WriteLine(sentence);
        return code;
    }

    internal static async Task<int> GuardAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (WorkspaceException e)
        {
            return Tell(e.Fault is WorkspaceFault.NoSuchOperation or WorkspaceFault.NotADataFolder ? 2 : e.Fault is WorkspaceFault.NewerFormat or WorkspaceFault.NoAuthorization ? 4 : 1, e.Message);
        }
        catch (FormatException e)
        {
            return Tell(2, e.Message);
        }
        catch (Exception e) when (e is EvidenceLogException or IndexException)
        {
            return Tell(1, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Tell(1, "Stopped. What was recorded stays recorded; the index goes on from where it is next time.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Tell(1, $"The machine could not read or write: {e.Message} What was recorded stays recorded.");
        }
    }
}
