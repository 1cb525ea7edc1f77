// What the log asks of an RFC 3161 time-stamping authority; the guest assembly Custos.Evidence.Timestamps answers it.
namespace Custos.Evidence;

/// <summary>A time-stamp as it is kept: request, reply, and the chain it was judged by.</summary>
/// <param name="Query">The request, DER.</param>
/// <param name="Reply">The whole reply, DER.</param>
/// <param name="Chain">The signer's certificate and those above it up to the root, PEM.</param>
/// <param name="Time">The time it states.</param>
public sealed record StampedToken(byte[] Query, byte[] Reply, string Chain, DateTimeOffset Time);

/// <summary>What came of asking an authority. A value: an authority that is away or errs is part of the world.</summary>
/// <param name="Token">A token that counts, or null.</param>
/// <param name="Failure">Why there is none.</param>
public sealed record StampReport(StampedToken? Token, string? Failure);

/// <summary>A time-stamping authority.</summary>
public interface ITimestampAuthority
{
    /// <summary>Its name, 1 to 32 of a-z, 0-9 and hyphen: the name of its files.</summary>
    string Name { get; }

    /// <summary>Asks for a time-stamp over bytes, and judges it before it is handed out.</summary>
    Task<StampReport> StampAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);
}

/// <summary>What a verifier finds in a stored time-stamp.</summary>
/// <param name="Time">The time it states; null if it cannot be read.</param>
/// <param name="Wrong">Which check fails, in a sentence; null if all hold.</param>
/// <param name="Rooted">Whether the chain was followed to a root that the verifier was given; false if it was given none.</param>
public sealed record StampFinding(DateTimeOffset? Time, string? Wrong, bool Rooted);

/// <summary>Judges stored time-stamps.</summary>
public interface ITimestampVerifier
{
    /// <summary>Judges a stored time-stamp.</summary>
    /// <param name="authority">The authority's name.</param>
    /// <param name="bytes">What was stamped.</param>
    /// <param name="query">The request, DER.</param>
    /// <param name="reply">The reply, DER.</param>
    StampFinding Verify(string authority, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> query, ReadOnlySpan<byte> reply);
}
