// Closing an operation for good (evidence-spec, section 10): `log.closed` is the last entry there will ever be, and with it the operation's
// key may be destroyed: then nothing opens, and everything still verifies.
namespace Custos.Evidence;

/// <summary>Who closes an operation for good, and why.</summary>
public sealed record ClosingOrder
{
    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Under which authority; its reference is required.</summary>
    public required CustodyAuthority Authority { get; init; }

    /// <summary>Who closes it.</summary>
    public required CustodyPerson Actor { get; init; }

    /// <summary>Who else agreed; another person. Needed to destroy the key.</summary>
    public CustodyPerson? SecondPerson { get; init; }

    /// <summary>Whether the operation's key is destroyed, so that no content of it ever opens again.</summary>
    public bool DestroyKey { get; init; }

    /// <summary>With which program.</summary>
    public CustodyTool? Tool { get; init; }
}

public sealed partial class EvidenceLog
{
    const string KeyDestroyed = "operation key destroyed";
    const string KeyKept = "operation key kept";

    // Guarded by the gate: set from when the closing joins the pool, so that nothing joins behind it.
    bool _final;

    /// <summary>The exhibit that closed the operation for good; null while it is open.</summary>
    public ExhibitNumber? ClosedBy { get; private set; }

    /// <summary>Closes the operation for good: nothing is recorded in it any more, by any program.</summary>
    /// <param name="order">Why, under which authority, by whom, and whether its key is destroyed.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <returns>The last exhibit.</returns>
    /// <exception cref="ArgumentException">The order lacks something, or a recording is under way; nothing was recorded.</exception>
    /// <exception cref="EvidenceLogException">A legal hold forbids to destroy the key, and nothing was recorded; or the log has stopped or is closed.</exception>
    public async ValueTask<Exhibit> CloseAsync(ClosingOrder order, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (string.IsNullOrWhiteSpace(order.Reason) || string.IsNullOrWhiteSpace(order.Authority.Ref))
            throw new ArgumentException("Closing an operation needs a reason and the reference of an authority. Nothing was recorded.");
        if (order.DestroyKey && (order.SecondPerson is not { } second || second.Id == order.Actor.Id || !EntryText.IsActor(second.Id)))
            throw new ArgumentException("Destroying the operation's key needs a second person. Nothing was recorded.");
        var custody = new CustodyEvent
        {
            Actor = order.Actor,
            SecondPerson = order.SecondPerson,
            Authority = order.Authority,
            Purpose = order.Reason,
            Tool = order.Tool,
            Change = new() { What = order.DestroyKey ? KeyDestroyed : KeyKept, Why = order.Reason },
        };
        var exhibit = new NewExhibit("log.closed", order.Actor.Id, custody.ToContent());
        Check(exhibit, reserved: true);
        await _upkeep.WaitAsync(cancellation);
        try
        {
            var (underWay, announced) = await _store.OpenRecordingsAsync(cancellation);
            if (underWay.Count > 0 || announced.Count > 0)
                throw new ArgumentException("A recording is under way. Nothing was recorded. Close it first.");
            if (order.DestroyKey && (await HoldsAsync(cancellation)).FirstOrDefault(hold => hold.LiftedBy is null) is { } held)
                throw new EvidenceLogException(EvidenceFault.Held, $"A legal hold forbids it: {held.Number}, set under {held.Authority.Ref}. Nothing was recorded or destroyed. Close the operation without destroying its key, or have the hold lifted first.", Size);
            var closing = await JoinLastAsync(exhibit);
            ClosedBy = closing.Number;
            if (order.DestroyKey)
                await AloneAsync(() => _ring.Destroy(closing.Number), last: true);
            return closing;
        }
        catch (IOException e)
        {
            throw Explain(e);
        }
        finally
        {
            _upkeep.Release();
        }
    }

    /// <summary>At start-up: a closed log takes nothing more, and a key that was to be destroyed is.</summary>
    async Task FinishClosingAsync()
    {
        if (Size == 0 || await Reader.EntryAsync(new(Size - 1)) is not { Kind: "log.closed" })
        {
            if (_ring.DestroyedBy is { } by)
                throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The operation's key was destroyed when {by} closed it, and the log goes on after that. Nothing was changed. Run the verifier over it.", Size);
            return;
        }

        ClosedBy = new ExhibitNumber(Size - 1);
        lock (_gate)
            _final = true;
        // A crash may have come between the last exhibit and the end of its key.
        if (_ring.DestroyedBy is not null || CustodyEvent.Parse((await FindAsync(Size - 1)).Content.Span, "closed")?.Change?.What == KeyDestroyed)
            await AloneAsync(() => _ring.Destroy(ClosedBy.Value), last: true);
    }

    async Task<Exhibit> JoinLastAsync(NewExhibit exhibit)
    {
        var call = new Call([exhibit], CancellationToken.None);
        lock (_gate)
        {
            NeedOpen_NeedsGate();
            _final = true;
            if (_outside.Count > 0 || !Fits_NeedsGate(call))
                _outside.Enqueue(call);
            else
                Admit_NeedsGate(call);
            Monitor.PulseAll(_gate);
        }

        return (await call.Answer)[0];
    }
}
