using System.Text;
using Custos.Evidence.Ed25519;

namespace Custos.Evidence.Tests;

/// <summary>A data folder of its own, removed afterwards.</summary>
sealed class Folder : IDisposable
{
    public Folder() => Path = Directory.CreateTempSubdirectory("custos-evidence-").FullName;

    public string Path { get; }

    public string Operation => System.IO.Path.Combine(Path, "operations", "op-lantern");

    public Task<EvidenceLog> OpenAsync(TimeProvider? time = null) =>
        OperationLog.OpenOrCreateAsync(Path, "op-lantern", time ?? TimeProvider.System, cancellation: TestContext.Current.CancellationToken);

    public static NewExhibit Chat(string text) => new("chat", "irc-1", Encoding.UTF8.GetBytes(text));

    public static NewExhibit[] Chats(int count, int from = 0) => [.. Enumerable.Range(from, count).Select(i => Chat($"line {i}"))];

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // What is left lies in the machine's folder for temporary files.
        }
    }
}
