using System.CommandLine;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos record</c>: recordings, sealed while they arrive.</summary>
static class RecordCommand
{
    public static Command Create() => new("record", "Seal recordings. They are never decoded, indexed or shown unless a permitted person opens them.")
    {
        RecordAddCommand.Create(),
    };
}
