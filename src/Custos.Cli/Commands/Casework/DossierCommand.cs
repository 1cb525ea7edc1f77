using System.CommandLine;

namespace Custos.Cli.Commands.Casework;

/// <summary><c>custos dossier</c>: what is signed and handed over.</summary>
static class DossierCommand
{
    internal static Command Create() => new("dossier", "Gather what was recorded into a file that a prosecutor can read.") { DossierWriteCommand.Create() };
}
