namespace Custos.Evidence;

/// <summary>What is wrong (evidence-spec, section 15).</summary>
public enum DiscrepancyKind
{
    /// <summary>The checkpoint's note is not in the form of a note.</summary>
    NoteMalformed,

    /// <summary>A known key's signature does not hold.</summary>
    SignatureWrong,

    /// <summary>No known key signed.</summary>
    NoKnownSignature,

    /// <summary>Too few of the witnesses that the policy asks for have signed.</summary>
    QuorumMissing,

    /// <summary>The checkpoint's text is malformed.</summary>
    CheckpointMalformed,

    /// <summary>The checkpoint belongs to another log.</summary>
    OriginDiffers,

    /// <summary>There is no checkpoint.</summary>
    CheckpointMissing,

    /// <summary>A tile or an entry bundle is missing.</summary>
    TileMissing,

    /// <summary>A tile has more or fewer hashes than its name says.</summary>
    TileSize,

    /// <summary>A tile's hash does not follow from what is below it.</summary>
    TileWrong,

    /// <summary>The root does not follow from the leaves.</summary>
    RootWrong,

    /// <summary>An entry bundle or a content bundle is not in its form.</summary>
    BundleMalformed,

    /// <summary>An entry does not hash to its leaf.</summary>
    EntryWrong,

    /// <summary>An entry is not in the one form.</summary>
    EntryMalformed,

    /// <summary>Content is gone, and no order accounts for it.</summary>
    ContentMissing,

    /// <summary>Content does not open, or does not match its commitment.</summary>
    ContentWrong,

    /// <summary>An order to delete lacks what an order needs, or a hold forbade it.</summary>
    OrderWrong,

    /// <summary>The key of a bundle is missing.</summary>
    KeyMissing,

    /// <summary>The key of a bundle is another one.</summary>
    KeyWrong,

    /// <summary>The mark is not the log's, or behind it.</summary>
    MarkWrong,

    /// <summary>A proof does not prove what it should.</summary>
    ProofWrong,

    /// <summary>A file of a bag is missing, extra, changed, or where it may not be.</summary>
    BagWrong,

    /// <summary>What a bag says of custody is not what its exhibits say.</summary>
    CustodyWrong,

    /// <summary>A checkpoint that others have seen is no beginning of the log, or not the log's.</summary>
    AnchorWrong,

    /// <summary>A time-stamp does not count; the sentence says which check fails.</summary>
    TimestampWrong,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">The file, relative to the operation; null if none.</param>
/// <param name="Exhibit">The exhibit; null if none.</param>
/// <param name="Sentence">What was found, never content.</param>
public sealed record Discrepancy(DiscrepancyKind Kind, string? Path, ExhibitNumber? Exhibit, string Sentence)
{
    /// <summary>Kind, place and sentence.</summary>
    public override string ToString() => $"{Kind}{(Exhibit is { } number ? $" {number}" : "")}{(Path is null ? "" : $" {Path}")}: {Sentence}";
}

/// <summary>What the verifier found in a whole log: all of it, not the first.</summary>
public sealed record Verification
{
    /// <summary>True if nothing is wrong.</summary>
    public bool Verified => Discrepancies.Count == 0;

    /// <summary>The checkpoint that was verified, or null if it could not be read.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Entries that were hashed.</summary>
    public long Entries { get; init; }

    /// <summary>Contents that were opened and match their commitment; 0 without keys.</summary>
    public long Opened { get; init; }

    /// <summary>Contents that were deleted under an order.</summary>
    public long Deleted { get; init; }

    /// <summary>Entries that the policy's quorum of witnesses has seen; 0 if it asks for none.</summary>
    public long Witnessed { get; init; }

    /// <summary>What is wrong.</summary>
    public required IReadOnlyList<Discrepancy> Discrepancies { get; init; }

    /// <summary>What is worth saying and is not wrong.</summary>
    public required IReadOnlyList<string> Notices { get; init; }

    /// <summary>The result in one sentence.</summary>
    public string Sentence
    {
        get
        {
            if (Checkpoint is null)
                return $"NOT VERIFIED: {Discrepancies[0].Sentence}";
            var content = Opened > 0 ? $", {Opened} contents opened and match" : "";
            return Verified
                ? $"Verified: {Entries} entries of {Checkpoint.Origin} follow to the signed root{content}."
                : $"NOT VERIFIED: {Discrepancies.Count} {(Discrepancies.Count == 1 ? "thing is" : "things are")} wrong in the {Checkpoint.Size} entries of {Checkpoint.Origin}.";
        }
    }
}

/// <summary>How a log is verified.</summary>
public sealed record VerificationOptions
{
    /// <summary>Keys to open content with, or null to check the log without it.</summary>
    public KeyRing? Keys { get; init; }

    /// <summary>The folder that holds the mark, or null.</summary>
    public KeyFolder? Marks { get; init; }

    /// <summary>The checkpoints that others have seen, or null if they are not at hand.</summary>
    public AnchorFolder? Anchors { get; init; }

    /// <summary>Judges their time-stamps, or null to count them only.</summary>
    public ITimestampVerifier? Timestamps { get; init; }

    /// <summary>True for a log of another program, whose entries are not in our form.</summary>
    public bool OtherEntries { get; init; }
}
