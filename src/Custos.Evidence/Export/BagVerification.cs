namespace Custos.Evidence;

/// <summary>What a verifier of bags trusts.</summary>
public sealed record BagTrust
{
    /// <summary>The keys to trust, or null.</summary>
    public TrustPolicy? Policy { get; init; }

    /// <summary>Whether the policy in the bag is believed where none was given.</summary>
    public bool AcceptPolicyInBag { get; init; }

    /// <summary>Verifiers of keys; null for a key of a type that cannot be verified, which counts as unknown.</summary>
    public required Func<VerifierKey, INoteVerifier?> Verifier { get; init; }

    /// <summary>Judges time-stamps, or null to name them only.</summary>
    public ITimestampVerifier? Timestamps { get; init; }
}

/// <summary>What was found of one operation in a bag.</summary>
/// <param name="Slug">Its folder.</param>
/// <param name="Checkpoint">The checkpoint that proofs lead to; null if it cannot be read.</param>
/// <param name="PolicyInBag">The log keys that the bag itself names.</param>
/// <param name="Proofs">Entries whose proof holds.</param>
/// <param name="Contents">Contents that match their commitment, parts of recordings included.</param>
/// <param name="Deleted">Exhibits whose content was deleted under an order that is in the bag.</param>
/// <param name="Events">Custody events.</param>
/// <param name="Elsewhere">Parts of recordings whose bytes are not in the bag.</param>
public sealed record BagLog(string Slug, Checkpoint? Checkpoint, IReadOnlyList<VerifierKey> PolicyInBag, long Proofs, long Contents, long Deleted, long Events, long Elsewhere);

/// <summary>What the verifier found in a bag: all of it, not the first.</summary>
public sealed record BagVerification
{
    /// <summary>True if nothing is wrong.</summary>
    public bool Verified => Discrepancies.Count == 0;

    /// <summary>The bag's folder name.</summary>
    public required string Bag { get; init; }

    /// <summary>Payload files.</summary>
    public long Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The operations in it.</summary>
    public required IReadOnlyList<BagLog> Logs { get; init; }

    /// <summary>What is wrong; paths are relative to the bag.</summary>
    public required IReadOnlyList<Discrepancy> Discrepancies { get; init; }

    /// <summary>What is worth saying and is not wrong.</summary>
    public required IReadOnlyList<string> Notices { get; init; }

    /// <summary>The result in one sentence.</summary>
    public string Sentence => Verified
        ? $"Verified: {Files} files are as they were bagged; {Logs.Sum(log => log.Proofs)} entries follow to the signed root of {(Logs.Count == 1 ? Logs[0].Checkpoint!.Origin : $"{Logs.Count} logs")}, {Logs.Sum(log => log.Contents)} contents match{(Logs.Sum(log => log.Deleted) is > 0 and var deleted ? $", {deleted} were deleted under an order" : "")}."
        : $"NOT VERIFIED: {Discrepancies.Count} {(Discrepancies.Count == 1 ? "thing is" : "things are")} wrong in the bag {Bag}.";
}
