using System.CommandLine;
using Custos.Cli.Commands.Detection;
using Custos.Cli.Commands.Evidence;
using Custos.Cli.Commands.Pipeline;

namespace Custos.Cli.Commands;

/// <summary><c>custos bench</c>: what this machine carries.</summary>
static class BenchCommand
{
    public static Command Create() => new("bench", "Measure what this machine carries.")
    {
        BenchLogCommand.Create(),
        BenchDetectCommand.Create(),
        BenchStateCommand.Create(),
        BenchPipelineCommand.Create(),
        BenchMatchCommand.Create(),
    };
}
