// NFKC_Casefold and NFC of Unicode 15.0.0 (UAX 15; UAX 44, section 5.7.5; The Unicode Standard, 3.12 for Hangul), from tables that
// eng/unicode writes. string.Normalize, ToLowerInvariant and ICU are not called: they differ between machines.
using System.Buffers.Binary;

namespace Custos.Detection;

/// <summary>What the reader knows of a code point.</summary>
static class UnicodeTables
{
    internal const string Version = "15.0.0";
    internal const string ConfusablesVersion = "17.0.0";

    const uint MappingMask = 0xFFFF;
    const uint WordBit = 1u << 24, EmojiBit = 1u << 25, MarkBit = 1u << 26, MaybeBit = 1u << 27, DigitBit = 1u << 28, LetterBit = 1u << 29;
    const int HangulBase = 0xAC00, HangulCount = 11_172, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;

    static readonly ushort[] Stage1;
    static readonly uint[] Main;
    static readonly ushort[] Fold;
    static readonly ushort[] MapAt;
    static readonly int[] MapTo;
    static readonly ulong[] Pairs;
    static readonly uint[] Digits;

    static UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode.tables")
            ?? throw new InvalidOperationException("The Unicode tables are missing from the program: build it again.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        if (!bytes.AsSpan(0, 8).SequenceEqual("CUSTUCD2"u8))
            throw new InvalidOperationException("The Unicode tables are of another format: run eng/unicode/generate.py and build again.");
        var at = 8;
        Stage1 = Take(bytes, ref at, 2, BinaryPrimitives.ReadUInt16LittleEndian);
        Main = Take(bytes, ref at, 4, BinaryPrimitives.ReadUInt32LittleEndian);
        Fold = Take(bytes, ref at, 2, BinaryPrimitives.ReadUInt16LittleEndian);
        MapAt = Take(bytes, ref at, 2, BinaryPrimitives.ReadUInt16LittleEndian);
        MapTo = Take(bytes, ref at, 4, BinaryPrimitives.ReadInt32LittleEndian);
        Pairs = Take(bytes, ref at, 8, BinaryPrimitives.ReadUInt64LittleEndian);
        Digits = Take(bytes, ref at, 4, BinaryPrimitives.ReadUInt32LittleEndian);
    }

    delegate T Reader<T>(ReadOnlySpan<byte> bytes);

    static T[] Take<T>(byte[] bytes, ref int at, int size, Reader<T> read)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        at += 4;
        var values = new T[count];
        for (var i = 0; i < count; i++, at += size)
            values[i] = read(bytes.AsSpan(at, size));
        return values;
    }

    internal static uint Record(int c) => Main[(Stage1[c >> 7] << 7) | (c & 127)];

    internal static int CombiningClass(uint record) => (int)((record >> 16) & 0xFF);

    internal static bool IsWord(uint record) => (record & WordBit) != 0;

    internal static bool IsEmoji(uint record) => (record & EmojiBit) != 0;

    internal static bool IsMark(uint record) => (record & MarkBit) != 0;

    internal static bool IsLetter(uint record) => (record & LetterBit) != 0;

    internal static bool IsDigit(uint record) => (record & DigitBit) != 0;

    internal static bool MapsToItself(uint record) => (record & MappingMask) == 0;

    /// <summary>Starts nothing and changes nothing: neither maps, nor combines, nor may compose with what stands before.</summary>
    internal static bool IsInert(uint record) => (record & (MappingMask | 0xFF0000 | MaybeBit)) == 0;

    /// <summary>NFD(NFKC_CF(c)) of a code point that does not map to itself.</summary>
    internal static ReadOnlySpan<int> Mapping(uint record)
    {
        var index = (int)(record & MappingMask);
        return MapTo.AsSpan(MapAt[index], MapAt[index + 1] - MapAt[index]);
    }

    /// <summary>The ASCII letter or digit whose UTS 39 prototype is the same; 0 if none.</summary>
    internal static byte LooksLike(int c) => (byte)(Fold[(Stage1[c >> 7] << 7) | (c & 127)] & 0xFF);

    /// <summary>0 for common and inherited, 1 for Latin, else a number a script.</summary>
    internal static byte Script(int c) => (byte)(Fold[(Stage1[c >> 7] << 7) | (c & 127)] >> 8);

    internal static bool IsHangulSyllable(int c) => c is >= HangulBase and < HangulBase + HangulCount;

    internal static int DigitValue(int c)
    {
        if (c < 0x80)
            return c - '0';
        var at = Array.BinarySearch(Digits, (uint)c << 8);
        if (at < 0)
            at = ~at;
        return at < Digits.Length && Digits[at] >> 8 == (uint)c ? (int)(Digits[at] & 0xFF) : -1;
    }

    internal static int DecomposeHangul(int c, Span<int> into)
    {
        var s = c - HangulBase;
        into[0] = LBase + (s / (VCount * TCount));
        into[1] = VBase + (s % (VCount * TCount) / TCount);
        var t = s % TCount;
        if (t == 0)
            return 2;
        into[2] = TBase + t;
        return 3;
    }

    /// <summary>The primary composite of two code points; -1 if they have none.</summary>
    internal static int Compose(int first, int second)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            return HangulBase + ((((first - LBase) * VCount) + (second - VBase)) * TCount);
        if (IsHangulSyllable(first) && (first - HangulBase) % TCount == 0 && second is > TBase and < TBase + TCount)
            return first + (second - TBase);
        var key = ((ulong)(uint)first << 42) | ((ulong)(uint)second << 21);
        var at = Array.BinarySearch(Pairs, key);
        if (at < 0)
            at = ~at;
        return at < Pairs.Length && Pairs[at] >> 21 == key >> 21 ? (int)(Pairs[at] & 0x1FFFFF) : -1;
    }
}
