using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Custos.Vocabulary;

namespace Custos.Capture.Import;

enum Repeat
{
    /// <summary>The id is new.</summary>
    First,

    /// <summary>The id was there with the same bytes: dropped and counted.</summary>
    Duplicate,

    /// <summary>The id was there with other bytes: both are kept.</summary>
    Edit,
}

/// <summary>Notes, in one pass and a fixed number of bits, which ids may come twice, so that the next pass need only remember those.</summary>
sealed class RepeatSurvey
{
    readonly ulong[] _bits;
    readonly ulong _mask;

    internal RepeatSurvey(long fileBytes)
    {
        // A message takes at least some sixty bytes of a file: an eighth of the file in bits gives each about eight,
        // and at most 256 MiB whatever the file. A false alarm costs an entry in the set, nothing else.
        var bits = (ulong)Math.Clamp(fileBytes / 8, 1 << 16, 1L << 31);
        bits = System.Numerics.BitOperations.RoundUpToPowerOf2(bits);
        _bits = new ulong[bits / 64];
        _mask = bits - 1;
    }

    /// <summary>Ids that may come more than once.</summary>
    internal HashSet<UInt128> Suspects { get; } = [];

    internal void Add(ChatMessage message)
    {
        var name = RepeatFinder.Name(message);
        var (a, b) = unchecked(((ulong)(name >> 64), (ulong)name));
        var seen = true;
        for (var i = 0UL; i < 4; i++)
        {
            // Four places from two independent words: Kirsch and Mitzenmacher, "Less hashing, same performance" (2006).
            var place = unchecked(a + (i * b)) & _mask;
            var bit = 1UL << (int)(place & 63);
            seen &= (_bits[place >> 6] & bit) != 0;
            _bits[place >> 6] |= bit;
        }

        if (seen)
            Suspects.Add(name);
    }
}

/// <summary>Tells a repeated id from a new one, exactly: by SHA-256, which nobody can make collide.</summary>
/// <param name="suspects">The only ids that may repeat; null if any may.</param>
sealed class RepeatFinder(HashSet<UInt128>? suspects)
{
    readonly HashSet<UInt128> _ids = [];
    readonly HashSet<UInt128> _lines = [];

    internal Repeat Find(ChatMessage message, ReadOnlySpan<byte> bytes)
    {
        var name = Name(message);
        if (suspects is not null && !suspects.Contains(name))
            return Repeat.First;
        var newId = _ids.Add(name);
        var newLine = _lines.Add(name ^ Hash(bytes));
        return newId ? Repeat.First : newLine ? Repeat.Edit : Repeat.Duplicate;
    }

    internal static UInt128 Name(ChatMessage message)
    {
        var text = $"{message.Venue.Value}\0{message.Thread}\0{message.Id}";
        Span<byte> few = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(text, few, out var length) ? Hash(few[..length]) : Hash(Encoding.UTF8.GetBytes(text));
    }

    static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
