using System.Text;
using Custos.Fixtures;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Pipeline.Tests;

/// <summary>A data folder of one test.</summary>
sealed class DataFolder : IDisposable
{
    internal const string Venue = "https://lantern-chat.example/rooms";

    internal static readonly OperationSlug Lantern = new("op-lantern");

    internal string Root { get; } = Directory.CreateTempSubdirectory("custos-pipeline-").FullName;

    internal string Data => Path.Combine(Root, "data");

    internal static string Sample => Path.Combine(Checkout.Root, "samples", "demo", "lantern-chat.transcript.jsonl");

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Root, recursive: true);
    }

    internal static byte[] Authorization(string operation = "op-lantern", string venue = Venue) => Encoding.UTF8.GetBytes(
        $"""
        authorization-format: 1
        operation: {operation}
        authority:
          name: an invented unit
        legal-basis:
          - law: an invented law
        window:
          from: 2026-01-01T00:00:00Z
          until: 2099-01-01T00:00:00Z
          zone: UTC
        material:
          from: 2020-01-01T00:00:00Z
          until: 2099-01-01T00:00:00Z
        venues:
          - id: {venue}
            kind: chat-room
        acts: [observe, import]
        signatories:
          - name: someone invented
            role: supervisor
            signed: 2026-01-01

        """);

    internal Task<Workspace> OpenAsync() => Workspace.OpenAsync(Data, TimeProvider.System, TestContext.Current.CancellationToken);

    internal string Write(string name, byte[] content)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>The program itself, as a person starts it.</summary>
    internal static ChildProgram Custos(params string[] arguments) =>
        ChildProgram.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "custos.dll"), .. arguments]);
}
