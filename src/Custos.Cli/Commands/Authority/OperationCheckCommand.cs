using System.CommandLine;
using Custos.Authority;

namespace Custos.Cli.Commands.Authority;

/// <summary><c>custos operation check</c>: is a file an authorisation? Everything that is wrong, before anyone signs.</summary>
static class OperationCheckCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The authorisation (docs/formats/authorization.md)." };
        var command = new Command("check", "Check an authorisation file: every fault with its line and field. Nothing is recorded. Exit: 0 valid, 1 could not read, 2 not valid.") { file };
        command.SetAction(parsed => Read(parsed.GetRequiredValue(file), out var reading, out _) is { } failed ? failed : Say(reading!));
        return command;
    }

    /// <summary>Reads the file.</summary>
    /// <returns>An exit code if it cannot be read or is not valid; null if it is.</returns>
    internal static int? Read(string path, out AuthorizationReading? reading, out byte[] bytes)
    {
        reading = null;
        bytes = [];
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Workbench.Fail(Workbench.CouldNotFinish, $"'{path}' could not be read. Nothing was recorded. Check that it is there and may be read.");
        }

        reading = AuthorizationFile.Read(bytes, path);
        if (reading.Valid)
            return null;
        foreach (var fault in reading.Faults)
            System.Console.Error.WriteLine(fault);
        return Workbench.Fail(Workbench.Usage, $"'{path}' is not a valid authorisation: {reading.Faults.Count} to correct. Nothing was recorded.");
    }

    static int Say(AuthorizationReading reading)
    {
        System.Console.WriteLine($"Valid: an authorisation for operation '{reading.Authorization!.Operation}'.");
        return Workbench.Done;
    }
}
