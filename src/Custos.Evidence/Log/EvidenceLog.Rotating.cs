// Rotating the operation key (evidence-spec, sections 8 and 11): slots are wrapped under a new version, and `custody.rotated` says who
// and why. The event's content stands in the key file until it is published, so that a crash can neither lose nor double it.
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>Who changes an operation's key, and why.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="Authority">On whose order, if one is cited.</param>
public sealed record KeyChange(CustodyPerson Actor, string Reason, CustodyAuthority? Authority = null)
{
    /// <summary>The unit key to wrap it under from now on; null for the one it is under.</summary>
    public IUnitKey? Under { get; init; }

    /// <summary>With which program.</summary>
    public CustodyTool? Tool { get; init; }
}

/// <summary>What a rotation did.</summary>
/// <param name="Version">The version that everything is under now.</param>
/// <param name="UnitKey">The id of the unit key that it is under.</param>
/// <param name="Recorded">The custody event.</param>
public sealed record KeyRotation(uint Version, string UnitKey, Exhibit Recorded);

public sealed partial class EvidenceLog
{
    /// <summary>Makes a new version of the operation key and wraps every content and recording key under it. Content is not touched.</summary>
    /// <param name="change">Who and why, and under which unit key.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    /// <exception cref="ArgumentException">No reason is given, or the actor is malformed; nothing was changed.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped. Everything still opens; the next start finishes the rotation.</exception>
    public async ValueTask<KeyRotation> RotateKeyAsync(KeyChange change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (string.IsNullOrWhiteSpace(change.Reason))
            throw new ArgumentException("A rotation needs a reason. Nothing was changed.");
        await _upkeep.WaitAsync(cancellation);
        try
        {
            var under = change.Under ?? _options.UnitKey.Named(_ring.UnitKeyId) ?? _options.UnitKey;
            var before = _ring.Version;
            var units = under.Id == _ring.UnitKeyId ? "" : $"; from unit key {_ring.UnitKeyId} to {under.Id}";
            var custody = new CustodyEvent
            {
                Kind = CustodyKind.Rotated,
                Actor = change.Actor,
                Authority = change.Authority,
                Purpose = change.Reason,
                Tool = change.Tool,
                Change = new() { What = string.Create(CultureInfo.InvariantCulture, $"operation key, from version {before} to {before + 1}{units}"), Why = change.Reason },
            };
            Check(custody.ToExhibit(Size), reserved: true);
            await AloneAsync(() => _ring.BeginRotation(under, custody.ToContent()));
            var recorded = await FinishRotationAsync();
            return new(_ring.Version, _ring.UnitKeyId, recorded!);
        }
        finally
        {
            _upkeep.Release();
        }
    }

    /// <summary>Does what is left of a rotation, at start-up too; null if none is under way.</summary>
    async Task<Exhibit?> FinishRotationAsync()
    {
        if (_ring.Rotating is not { } content)
            return null;
        await AloneAsync(_ring.Rewrap);
        var custody = CustodyEvent.Parse(content, CustodyKind.Rotated)!;
        var name = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"custos/rotated/v1\0{_ring.Version}"));
        var recorded = (await JoinAsync([custody.ToExhibit(Size) with { Content = content, Source = SourceId.Of(name) }], CancellationToken.None))[0];
        await AloneAsync(_ring.EndRotation);
        return recorded;
    }
}
