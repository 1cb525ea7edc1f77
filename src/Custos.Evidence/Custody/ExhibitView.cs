namespace Custos.Evidence;

/// <summary>A person's reason to open content.</summary>
/// <param name="Person">Who.</param>
/// <param name="Purpose">Why.</param>
/// <param name="Authority">Under which authority, if one is cited.</param>
public sealed record Access(CustodyPerson Person, string Purpose, CustodyAuthority? Authority = null)
{
    /// <summary>The case in which it is opened.</summary>
    public string? Case { get; init; }

    /// <summary>Whether what is blurred by default is revealed.</summary>
    public bool? Revealed { get; init; }
}

/// <summary>An exhibit that a person has open. Disposing records that it was closed.</summary>
public sealed class ExhibitView : IAsyncDisposable
{
    readonly Func<ExhibitView, ValueTask> _close;
    bool _closed;

    internal ExhibitView(Exhibit exhibit, Exhibit opening, Access access, Func<ExhibitView, ValueTask> close)
    {
        Exhibit = exhibit;
        Opening = opening;
        Access = access;
        _close = close;
    }

    /// <summary>The exhibit, content included.</summary>
    public Exhibit Exhibit { get; }

    /// <summary>The custody event that was durable before the content was opened.</summary>
    public Exhibit Opening { get; }

    /// <summary>Who opened it, and why.</summary>
    public Access Access { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        _closed = true;
        await _close(this);
    }
}
