// The entry of evidence-spec, section 2: one form, no spaces, no escapes, this key order, at most 1,024 bytes:
// {"v":1,"kind":K,"at":T,"actor":A[,"about":[N,...]],"size":S,"sha256":H}
namespace Custos.Evidence;

/// <summary>What the log itself holds of an exhibit: the bytes of its leaf, never re-serialised.</summary>
public sealed class LogEntry
{
    /// <summary>The longest entry, in bytes.</summary>
    public const int MaxBytes = 1_024;

    LogEntry(ReadOnlyMemory<byte> bytes, string kind, DateTimeOffset recordedAt, string actor, IReadOnlyList<ExhibitNumber> about, int size, Sha256Digest commitment)
    {
        Bytes = bytes;
        Kind = kind;
        RecordedAt = recordedAt;
        Actor = actor;
        About = about;
        Size = size;
        Commitment = commitment;
    }

    /// <summary>The leaf's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What the exhibit is.</summary>
    public string Kind { get; }

    /// <summary>When it joined the log, by the log's clock: UTC, microseconds.</summary>
    public DateTimeOffset RecordedAt { get; }

    /// <summary>Pseudonym of the person or capture.</summary>
    public string Actor { get; }

    /// <summary>Earlier exhibits this one speaks of, ascending.</summary>
    public IReadOnlyList<ExhibitNumber> About { get; }

    /// <summary>Length of the content, in bytes.</summary>
    public int Size { get; }

    /// <summary>SHA-256 over salt and content.</summary>
    public Sha256Digest Commitment { get; }

    /// <summary>Reads an entry.</summary>
    /// <exception cref="FormatException">It is not in the one form; the message says where it departs from it.</exception>
    public static LogEntry Parse(ReadOnlySpan<byte> entry)
    {
        var wrong = EntryText.Read(entry, out var kind, out var at, out var actor, out var about, out var size, out var commitment);
        return wrong is null ? new(entry.ToArray(), kind, at, actor, about, size, commitment) : throw new FormatException($"The entry is malformed: {wrong}.");
    }

    /// <summary>Reads an entry.</summary>
    /// <returns>False if it is not in the one form.</returns>
    public static bool TryParse(ReadOnlySpan<byte> entry, out LogEntry? parsed)
    {
        var wrong = EntryText.Read(entry, out var kind, out var at, out var actor, out var about, out var size, out var commitment);
        parsed = wrong is null ? new(entry.ToArray(), kind, at, actor, about, size, commitment) : null;
        return wrong is null;
    }

    internal static LogEntry Create(string kind, DateTimeOffset at, string actor, IReadOnlyList<ExhibitNumber> about, int size, in Sha256Digest commitment)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        var length = EntryText.Write(bytes, kind, at, actor, about, size, commitment);
        var cut = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return new(bytes[..length].ToArray(), kind, cut, actor, about, size, commitment);
    }
}
