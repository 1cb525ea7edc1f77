using Custos.Evidence;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Server.Workspaces;

/// <summary>One operation, open for work: its log, its index and the pipeline between them. One process at a time.</summary>
public sealed class OperationRoom : IAsyncDisposable
{
    internal OperationRoom(OperationSlug slug, ReadOnlyMemory<byte> authorizationYaml, IExhibitLog log, IExhibitReader reader, OperationIndex index)
    {
        Slug = slug;
        AuthorizationYaml = authorizationYaml;
        Log = log;
        Reader = reader;
        Index = index;
    }

    /// <summary>The operation's name.</summary>
    public OperationSlug Slug { get; }

    /// <summary>The authorisation as recorded.</summary>
    public ReadOnlyMemory<byte> AuthorizationYaml { get; }

    /// <summary>Where capture and people's decisions are appended: it answers when they are durable, and passes them on to detection and the index.</summary>
    public IExhibitLog Log { get; }

    /// <summary>Where a machine reads what was recorded.</summary>
    public IExhibitReader Reader { get; }

    /// <summary>What was derived from the log.</summary>
    public OperationIndex Index { get; }

    /// <summary>Waits until everything appended so far is detected, linked and searchable.</summary>
    public Task SettleAsync(CancellationToken cancellation) => cancellation.IsCancellationRequested ? Task.FromCanceled(cancellation) : Task.CompletedTask;

    /// <summary>Finishes what was appended and releases the operation.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
