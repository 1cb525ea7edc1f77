using System.Text;
using Custos.Capture.Import;
using Custos.Console.Client;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Server.Client;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.EndToEnd.Console;

/// <summary>A data folder made the way the program makes one: an authorisation, an import of the invented sample, detection, index.</summary>
sealed class RecordedFolder : IAsyncDisposable
{
    public const string Operation = "lantern";

    const string Authorization =
        """
        authorization-format: 1
        operation: lantern
        authority:
          name: Example Regional Police
          unit: Child Protection Unit
          reference: AUTH-2026-014
        legal-basis:
          - law: Example Code of Criminal Procedure
            provision: section 12
        window:
          from: 2026-11-01T00:00:00
          until: 2026-12-01T00:00:00
          zone: Europe/Amsterdam
        venues:
          - id: https://lantern-chat.example/rooms
            kind: social-network
        acts: [observe, import]
        signatories:
          - name: A. Example
            role: public prosecutor
            signed: 2026-10-30
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("custos-console-").FullName;
    Workspace? _workspace;

    internal OperationDesk Desk { get; private set; } = null!;

    internal string Folder => _folder;

    internal WorkspaceClient Client(string actor = "analyst") => new(Desk, actor, TimeProvider.System);

    internal static async Task<RecordedFolder> MakeAsync()
    {
        var made = new RecordedFolder();
        var cancel = TestContext.Current.CancellationToken;
        made._workspace = await Workspace.OpenAsync(made._folder, TimeProvider.System, cancel);
        await using (var room = await made._workspace.CreateOperationAsync(new(Operation), Encoding.UTF8.GetBytes(Authorization), ActorId.Parse("supervisor"), cancel))
        {
            var ledger = new LogImportLedger(room.Reader, new MachineRun("importer", "custos", "find what is recorded"));
            var importer = new TranscriptImporter(room.Authorization, room.Log, room.Custody, ledger, ActorId.Parse("importer"));
            await importer.ImportAsync(Path.Combine(Checkout.Root, "samples/demo/lantern-chat.transcript.jsonl"), new(), allowUndated: false, null, cancel);
            await room.SettleAsync(cancel);
        }

        made.Desk = new(made._workspace, TimeProvider.System);
        return made;
    }

    /// <summary>The alert at the top of the queue.</summary>
    internal static async Task<QueueRow> FirstAsync(ICustosClient client) =>
        (await client.QueueAsync(new(), 0, 1, TestContext.Current.CancellationToken)).Rows.ShouldHaveSingleItem();

    internal async Task SettleAsync()
    {
        await using var lease = await Desk.EnterAsync(Operation, TestContext.Current.CancellationToken);
        await lease.Room.SettleAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Lets go of the folder, so that another process can work on it.</summary>
    internal async Task ReleaseAsync()
    {
        if (Desk is not null)
            await Desk.DisposeAsync();
        if (_workspace is not null)
            await _workspace.DisposeAsync();
        (Desk, _workspace) = (null!, null);
    }

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
