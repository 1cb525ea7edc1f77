using System.CommandLine;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos keys</c>: the keys that content is sealed under.</summary>
static class KeysCommand
{
    public static Command Create() => new("keys", "The keys that content is sealed under: list them, rotate them, keep the unit key in a token.")
    {
        KeysListCommand.Create(),
        KeysRotateCommand.Create(),
        KeysTokenCommand.Create(),
    };
}
