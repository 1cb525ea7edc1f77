using System.Runtime.CompilerServices;
using Custos.Evidence.Ed25519;

namespace Custos.EndToEnd;

/// <summary>The programs that tests start leave nothing in the home of whoever runs the tests; a test of the second marks names a folder of its own.</summary>
static class NoMarks
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable(OutsideMarks.Variable, "none");
}
