using System.CommandLine;

namespace Custos.Cli.Commands.Capture;

/// <summary><c>custos export</c>: what leaves an operation as a file.</summary>
static class ExportCommand
{
    internal static Command Create() => new("export", "Export what was recorded. Each export is itself recorded as a custody event.")
    {
        ExportTranscriptCommand.Create(),
        Evidence.ExportBagCommand.Create(),
    };
}
