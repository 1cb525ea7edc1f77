// The entry of evidence-spec, section 2: one form, no spaces, no escapes, this key order, at most 1,024 bytes:
// {"v":1,"kind":K,"at":T,"actor":A[,"about":[N,...]],"size":S,"sha256":H}
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>What the log itself holds of an exhibit: the bytes of its leaf, never re-serialised.</summary>
public sealed class LogEntry
{
    /// <summary>The longest entry, in bytes.</summary>
    public const int MaxBytes = 1_024;

    LogEntry(byte[] bytes, string kind, DateTimeOffset recordedAt, string actor, IReadOnlyList<ExhibitNumber> about, int size, Sha256Digest commitment)
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

    internal static LogEntry Create(string kind, DateTimeOffset at, string actor, IReadOnlyList<ExhibitNumber> about, int size, Sha256Digest commitment)
    {
        var text = new StringBuilder(192);
        text.Append("{\"v\":1,\"kind\":\"").Append(kind)
            .Append("\",\"at\":\"").Append(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture))
            .Append("\",\"actor\":\"").Append(actor).Append('"');
        if (about.Count > 0)
        {
            text.Append(",\"about\":[");
            for (var i = 0; i < about.Count; i++)
                text.Append(i == 0 ? "" : ",").Append(about[i].LeafIndex.ToString(CultureInfo.InvariantCulture));
            text.Append(']');
        }

        text.Append(",\"size\":").Append(size.ToString(CultureInfo.InvariantCulture))
            .Append(",\"sha256\":\"").Append(commitment.ToString()).Append("\"}");
        var cut = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return new(Encoding.ASCII.GetBytes(text.ToString()), kind, cut, actor, about, size, commitment);
    }
}
