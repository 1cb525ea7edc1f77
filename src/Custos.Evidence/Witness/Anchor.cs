namespace Custos.Evidence;

/// <summary>A checkpoint that someone else has seen: cosigned by witnesses, stamped by authorities.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Note">It with the log's signature and the cosignatures that came in.</param>
/// <param name="CosignedBy">Witnesses that cosigned it, by their names in the policy.</param>
/// <param name="StampedBy">Authorities that stamped it, with the time each states.</param>
/// <param name="Missing">Who did not, and why.</param>
public sealed record Anchor(Checkpoint Checkpoint, SignedNote Note, IReadOnlyList<string> CosignedBy, IReadOnlyList<(string Authority, DateTimeOffset Time)> StampedBy, IReadOnlyList<string> Missing)
{
    /// <summary>Whether anyone but the log has seen it; only then it is kept.</summary>
    public bool IsSeen => CosignedBy.Count + StampedBy.Count > 0;
}

/// <summary>Somebody the log asks, a witness or an authority, as it stands now: what log health shows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsWitness">True for a witness, false for a time-stamping authority.</param>
/// <param name="AnsweredAt">When it last answered as it should, by our clock; null if not since the start.</param>
/// <param name="AnsweredSize">For which size.</param>
/// <param name="Failure">Why its last answer did not count; null if it did, or if it was not asked yet.</param>
public sealed record NeighbourState(string Name, bool IsWitness, DateTimeOffset? AnsweredAt, long AnsweredSize, string? Failure);

/// <summary>One whom the log asks, and how patiently: after a failure again after 1 s, doubling to 5 minutes (evidence-spec, section 12).</summary>
sealed class Neighbour(string name, WitnessClient? witness, ITimestampAuthority? authority)
{
    static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(5);

    TimeSpan _pause = First;
    volatile NeighbourState _state = new(name, witness is not null, null, 0, null);

    public WitnessClient? Witness { get; } = witness;

    public ITimestampAuthority? Authority { get; } = authority;

    public NeighbourState State => _state;

    /// <summary>When it is asked again after a failure; null if it did not fail.</summary>
    public DateTimeOffset? AgainAt { get; private set; }

    public void Answered(long size, DateTimeOffset now)
    {
        (_pause, AgainAt) = (First, null);
        _state = _state with { AnsweredAt = now, AnsweredSize = size, Failure = null };
    }

    public void Failed(string why, DateTimeOffset now)
    {
        AgainAt = now + _pause;
        _pause = _pause * 2 < Longest ? _pause * 2 : Longest;
        _state = _state with { Failure = why };
    }
}
