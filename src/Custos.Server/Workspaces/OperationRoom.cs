using Custos.Authority;
using Custos.Evidence;
using Custos.Pipeline;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Server.Workspaces;

/// <summary>One operation, open for work: its log, its index and the pipeline between them. One process at a time.</summary>
public sealed class OperationRoom : IAsyncDisposable
{
    readonly OperationPipeline _pipeline;
    readonly RoomCustody _custody;

    internal OperationRoom(OperationSlug slug, Authorization authorization, EvidenceLog evidence, OperationIndex index, OperationPipeline pipeline)
    {
        Slug = slug;
        Authorization = authorization;
        Evidence = evidence;
        Index = index;
        _pipeline = pipeline;
        _custody = new(authorization, evidence, pipeline);
    }

    /// <summary>The operation's name.</summary>
    public OperationSlug Slug { get; }

    /// <summary>The pack it is read with.</summary>
    public string PackHash { get; internal init; } = "";

    /// <summary>What is permitted in it, as recorded in its first exhibits.</summary>
    public Authorization Authorization { get; }

    /// <summary>Where capture and people's decisions are appended: it answers when they are durable, and passes them on to detection and the index.</summary>
    public IExhibitLog Log => _pipeline;

    /// <summary>Where custody events are recorded, and passed on to the index. An event that names no authority gets the operation's authorisation.</summary>
    public ICustodyLog Custody => _custody;

    /// <summary>The log behind the pipeline: its checkpoint, its proofs.</summary>
    public EvidenceLog Evidence { get; }

    /// <summary>Where a machine reads what was recorded, under the operation's authorisation if it names no other.</summary>
    public IExhibitReader Reader => _custody;

    /// <summary>The operation's authorisation as a custody event names it.</summary>
    public CustodyAuthority Authority => _custody.Authority;

    /// <summary>What was derived from the log.</summary>
    public OperationIndex Index { get; }

    /// <summary>How the index stands to the log.</summary>
    public IndexHealth Health => _pipeline.Health;

    /// <summary>Why the index was derived again when the operation was opened; null if it was not.</summary>
    public string? Rederived => _pipeline.Rederived;

    /// <summary>Opens an exhibit for a person: the opening is recorded and durable before its content is read.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped, or the content cannot be opened.</exception>
    public async ValueTask<ExhibitView> OpenExhibitAsync(ExhibitNumber number, Access access, CancellationToken cancellation)
    {
        var view = await Evidence.OpenExhibitAsync(number, _custody.Under(access), cancellation);
        _pipeline.Look();
        return view;
    }

    /// <summary>The chain of custody of one exhibit; that it was looked up is recorded first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such exhibit.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped or is damaged.</exception>
    public async ValueTask<CustodyChain> CustodyOfAsync(ExhibitNumber number, Access access, CancellationToken cancellation)
    {
        var chain = await Evidence.CustodyOfAsync(number, _custody.Under(access), cancellation);
        _pipeline.Look();
        return chain;
    }

    /// <summary>Waits until everything recorded so far is detected, linked and searchable.</summary>
    /// <exception cref="IndexUnavailableException">The index cannot be written now; everything is recorded, and it catches up later.</exception>
    public Task SettleAsync(CancellationToken cancellation) => _pipeline.SettleAsync(cancellation);

    /// <summary>Finishes what was appended and releases the operation.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync();
        Index.Dispose();
        await Evidence.DisposeAsync();
    }
}
