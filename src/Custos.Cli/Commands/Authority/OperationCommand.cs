using System.CommandLine;

namespace Custos.Cli.Commands.Authority;

/// <summary><c>custos operation</c>: what may be done, and under whose authority.</summary>
static class OperationCommand
{
    internal static Command Create() => new("operation", "Operations: open one under an authorisation, list them, show what one permits, close one for good.")
    {
        OperationOpenCommand.Create(),
        OperationListCommand.Create(),
        OperationShowCommand.Create(),
        OperationCheckCommand.Create(),
        OperationCloseCommand.Create(),
    };
}
