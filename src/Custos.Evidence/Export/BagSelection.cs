namespace Custos.Evidence;

/// <summary>What goes into a bag, for whom, and who answers for it.</summary>
public sealed record BagSelection
{
    /// <summary>The operations cited, each with its exhibits.</summary>
    public required IReadOnlyList<BagOperation> Operations { get; init; }

    /// <summary>Who exports.</summary>
    public required CustodyPerson Person { get; init; }

    /// <summary>With which program.</summary>
    public required string Tool { get; init; }

    /// <summary>Why it leaves.</summary>
    public required string Purpose { get; init; }

    /// <summary>To whom it goes, and how.</summary>
    public required CustodyRecipient Recipient { get; init; }

    /// <summary>Under which authority; null if none is cited.</summary>
    public CustodyAuthority? Authority { get; init; }

    /// <summary>The unit, for <c>bag-info.txt</c>.</summary>
    public string Organization { get; init; } = "unknown";

    /// <summary>The receiver's written instruction to send the bytes of recordings, by its reference. Without one no recording's bytes are in the bag.</summary>
    public string? MediaInstruction { get; init; }

    /// <summary>Whether the whole log of each operation goes with it: time, kind and size of every exhibit, and no content.</summary>
    public bool WholeLog { get; init; }

    /// <summary>Files of the host, below <c>data/</c>: the dossier under <c>case/</c>, a program to check with.</summary>
    public IReadOnlyList<BagFile> Files { get; init; } = [];

    /// <summary>How the unit's program reads a content, for people; null for what it cannot read. The content beside it is the evidence.</summary>
    public Func<Exhibit, string?>? Rendering { get; init; }

    /// <summary>Verifiers of keys, for the check before the bag leaves.</summary>
    public required Func<VerifierKey, INoteVerifier?> Verifier { get; init; }

    /// <summary>The clock of <c>Bagging-Date</c>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What of one operation goes into a bag.</summary>
/// <param name="Log">Its log.</param>
/// <param name="Custody">Where custody events are recorded: the log, or the pipeline in front of it.</param>
/// <param name="Folder">The operation's folder: its policy and its anchors are taken from there.</param>
/// <param name="Exhibits">The exhibits. A recording is named by the exhibit that opened it.</param>
public sealed record BagOperation(EvidenceLog Log, ICustodyLog Custody, string Folder, IReadOnlyList<ExhibitNumber> Exhibits);

/// <summary>A file of the host.</summary>
/// <param name="Path">Below <c>data/</c>, with forward slashes; not below <c>operations/</c> or <c>certificates/</c>.</param>
/// <param name="Content">Its bytes.</param>
public sealed record BagFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>A bag that was written.</summary>
/// <param name="Folder">Where.</param>
/// <param name="Verification">What the check before it got its name found.</param>
/// <param name="Exported">The custody event in each operation's log.</param>
/// <param name="ManifestSha256">SHA-256 of <c>manifest-sha256.txt</c>, as the events cite it.</param>
public sealed record WrittenBag(string Folder, BagVerification Verification, IReadOnlyList<(string Operation, ExhibitNumber Event)> Exported, Sha256Digest ManifestSha256);
