using System.CommandLine;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log</c>: what an operation's log holds of its own exhibits.</summary>
static class LogCommand
{
    public static Command Create() => new("log", "An operation's log: who held, opened, exported or deleted an exhibit; who has seen the log; its published tree.")
    {
        LogCustodyCommand.Create(),
        LogCorrectCommand.Create(),
        LogHandOverCommand.Create(),
        LogWriteTilesCommand.Create(),
        LogHealthCommand.Create(),
        LogAnchorCommand.Create(),
        LogSucceedCommand.Create(),
    };
}
