using Custos.Authority;
using Custos.Evidence;
using Custos.Pipeline;

namespace Custos.Server.Workspaces;

/// <summary>Names the operation's authorisation in every custody event that names none, so that each act says under which authority it was done.</summary>
sealed class RoomCustody(Authorization authorization, EvidenceLog evidence, OperationPipeline pipeline) : ICustodyLog, IExhibitReader
{
    public long Size => evidence.Size;

    // The window is for what was said and done in the rooms; whether it still covers a later reading is for a lawyer, so nothing is said of that.
    internal CustodyAuthority Authority { get; } = AuthorityOf(authorization);

    internal static CustodyAuthority AuthorityOf(Authorization authorization) => new()
    {
        Ref = authorization.Authority.Reference ?? authorization.Operation.Value,
        ValidFrom = authorization.Window.From,
        ValidTo = authorization.Window.Until,
    };

    public ValueTask<Exhibit> RecordAsync(CustodyEvent custody, CancellationToken cancellation) =>
        pipeline.RecordAsync(custody.Authority is null ? custody with { Authority = Authority } : custody, cancellation);

    public IAsyncEnumerable<Exhibit> ReadAsync(ExhibitNumber from, long count, MachineRun run, CancellationToken cancellation) =>
        evidence.ReadAsync(from, count, run.Authority is null ? run with { Authority = Authority } : run, cancellation);

    internal Access Under(Access access) => access.Authority is null ? access with { Authority = Authority } : access;
}
