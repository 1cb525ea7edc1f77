// Content bundle (evidence-spec, section 5): 64-byte header = "CUSTOSB1", u64 N, u32 generation, 12 zero bytes, SHA-256(origin);
// then one record per exhibit in leaf order: u8 type, 16-byte source id, u32 body length, body.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>What a record of a content bundle holds.</summary>
enum ContentType : byte
{
    Sealed = 1,
    SealedOutside = 2,
    Deleted = 3,
}

/// <summary>One record: where its body stands in the bundle.</summary>
readonly record struct ContentRecord(ContentType Type, SourceId Source, int Offset, int Length);

static class ContentBundle
{
    public const int HeaderBytes = 64;
    public const int RecordHeaderBytes = 21;

    public static byte[] Header(string origin, long number, uint generation)
    {
        var header = new byte[HeaderBytes];
        "CUSTOSB1"u8.CopyTo(header);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(8), number);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(16), generation);
        Sha256Digest.Of(Encoding.UTF8.GetBytes(origin)).CopyTo(header.AsSpan(32));
        return header;
    }

    public static uint Generation(ReadOnlySpan<byte> bundle) => BinaryPrimitives.ReadUInt32BigEndian(bundle[16..]);

    public static void WriteRecordHeader(Span<byte> destination, ContentType type, SourceId source, int length)
    {
        destination[0] = (byte)type;
        BinaryPrimitives.WriteUInt128BigEndian(destination[1..], source.Value);
        BinaryPrimitives.WriteInt32BigEndian(destination[17..], length);
    }

    /// <summary>Finds the records of a bundle; the answer is null, or says what is wrong after those found.</summary>
    /// <param name="bundle">The file's bytes.</param>
    /// <param name="origin">The log's name.</param>
    /// <param name="number">The bundle's number.</param>
    /// <param name="most">Records wanted; what follows them is not looked at.</param>
    /// <param name="records">Those found.</param>
    /// <param name="end">Where they end.</param>
    public static string? Scan(ReadOnlySpan<byte> bundle, string origin, long number, int most, List<ContentRecord> records, out int end)
    {
        records.Clear();
        end = HeaderBytes;
        if (bundle.Length < HeaderBytes)
            return "it is shorter than its header";
        var header = Header(origin, number, Generation(bundle));
        if (!bundle[..HeaderBytes].SequenceEqual(header))
            return "its header belongs to another bundle or log";
        while (records.Count < most && end < bundle.Length)
        {
            var rest = bundle[end..];
            if (rest.Length < RecordHeaderBytes)
                return Invariant($"record {records.Count} ends within its header");
            var type = (ContentType)rest[0];
            if (type is < ContentType.Sealed or > ContentType.Deleted)
                return Invariant($"record {records.Count} has the unknown type {rest[0]}");
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest[17..]);
            if (length > rest.Length - RecordHeaderBytes)
                return Invariant($"record {records.Count} reaches past the end");
            records.Add(new(type, new(BinaryPrimitives.ReadUInt128BigEndian(rest[1..])), end + RecordHeaderBytes, (int)length));
            end += RecordHeaderBytes + (int)length;
        }

        return records.Count < most ? Invariant($"it holds {records.Count} records where {most} are needed") : null;
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Entry bundle (C2SP tlog-tiles): uint16 length || entry, repeated.</summary>
static class EntryBundle
{
    /// <summary>Parts a bundle; null if it does not hold exactly this many entries, or more when it may be cut.</summary>
    public static ReadOnlyMemory<byte>[]? Split(ReadOnlyMemory<byte> bundle, int count, bool cut)
    {
        var entries = new ReadOnlyMemory<byte>[count];
        var rest = bundle;
        for (var i = 0; i < count; i++)
        {
            if (rest.Length < 2)
                return null;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
            if (rest.Length - 2 < length)
                return null;
            entries[i] = rest.Slice(2, length);
            rest = rest[(2 + length)..];
        }

        return cut || rest.IsEmpty ? entries : null;
    }
}
