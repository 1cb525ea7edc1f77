// The one form of an entry (evidence-spec, section 2), written and read byte by byte: what is hashed is never re-serialised.
using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

static class EntryText
{
    public const int MaxKind = 48;
    public const int MaxAbout = 16;
    public const int MaxContent = 65_536;

    // Every digit of 16 indices, the longest kind and actor included, stays below LogEntry.MaxBytes.
    static readonly SearchValues<char> KindInner = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static bool IsKind(ReadOnlySpan<char> kind)
    {
        if (kind.Length is 0 or > MaxKind)
            return false;
        var first = true;
        foreach (var c in kind)
        {
            if (first ? !char.IsAsciiLetterLower(c) : !(KindInner.Contains(c) || c == '.'))
                return false;
            first = c == '.';
        }

        return !first;
    }

    public static bool IsActor(ReadOnlySpan<char> actor) => actor.Length is > 0 and <= 32 && !actor.ContainsAnyExcept(KindInner);

    public static bool IsSlug(ReadOnlySpan<char> slug) => slug.Length is > 0 and <= 64 && slug[0] != '-' && !slug.ContainsAnyExcept(KindInner);

    public static bool IsReserved(string kind) =>
        kind.StartsWith("log.", StringComparison.Ordinal) || kind.StartsWith("custody.", StringComparison.Ordinal) || kind.StartsWith("recording.", StringComparison.Ordinal)
        || kind.StartsWith("hold.", StringComparison.Ordinal);

    public static int Write(Span<byte> destination, string kind, DateTimeOffset at, string actor, IReadOnlyList<ExhibitNumber> about, int size, in Sha256Digest commitment)
    {
        var length = 0;
        Put(destination, "{\"v\":1,\"kind\":\""u8, ref length);
        length += Encoding.ASCII.GetBytes(kind, destination[length..]);
        Put(destination, "\",\"at\":\""u8, ref length);
        Time(destination, at.UtcTicks, ref length);
        Put(destination, "\",\"actor\":\""u8, ref length);
        length += Encoding.ASCII.GetBytes(actor, destination[length..]);
        destination[length++] = (byte)'"';
        if (about.Count > 0)
        {
            Put(destination, ",\"about\":["u8, ref length);
            for (var i = 0; i < about.Count; i++)
            {
                if (i > 0)
                    destination[length++] = (byte)',';
                Number(destination, about[i].LeafIndex, ref length);
            }

            destination[length++] = (byte)']';
        }

        Put(destination, ",\"size\":"u8, ref length);
        Number(destination, size, ref length);
        Put(destination, ",\"sha256\":\""u8, ref length);
        Span<byte> hash = stackalloc byte[32];
        commitment.CopyTo(hash);
        Convert.TryToHexStringLower(hash, destination[length..], out var written);
        length += written;
        Put(destination, "\"}"u8, ref length);
        return length;
    }

    /// <summary>Reads an entry; the answer is null, or says what is wrong with it.</summary>
    public static string? Read(ReadOnlySpan<byte> entry, out string kind, out DateTimeOffset at, out string actor, out ExhibitNumber[] about, out int size, out Sha256Digest commitment)
    {
        (kind, at, actor, about, size, commitment) = ("", default, "", [], 0, default);
        if (entry.Length > LogEntry.MaxBytes)
            return "it has more than 1,024 bytes";
        var rest = entry;
        if (!Skip(ref rest, "{\"v\":1,\"kind\":\""u8))
            return "it does not begin with version 1 and a kind";
        if (!Quoted(ref rest, out var word) || Word(word, ref t_kind, IsKind) is not { } knownKind)
            return "its kind is malformed";
        kind = knownKind;
        if (!Skip(ref rest, ",\"at\":\""u8))
            return "its time does not follow its kind";
        if (!Quoted(ref rest, out word) || !Time(word, out at))
            return "its time is not UTC with microseconds";
        if (!Skip(ref rest, ",\"actor\":\""u8))
            return "its actor does not follow its time";
        if (!Quoted(ref rest, out word) || Word(word, ref t_actor, IsActor) is not { } knownActor)
            return "its actor is malformed";
        actor = knownActor;
        if (Skip(ref rest, ",\"about\":["u8))
        {
            var numbers = new List<ExhibitNumber>();
            do
            {
                if (!Decimal(ref rest, out var number) || numbers.Count == MaxAbout || (numbers.Count > 0 && number <= numbers[^1].LeafIndex))
                    return "what it is about is not 1 to 16 ascending leaf indices";
                numbers.Add(new(number));
            }
            while (Skip(ref rest, ","u8));
            if (!Skip(ref rest, "]"u8))
                return "what it is about is not closed";
            about = [.. numbers];
        }

        if (!Skip(ref rest, ",\"size\":"u8) || !Decimal(ref rest, out var length) || length > int.MaxValue)
            return "its size is malformed";
        size = (int)length;
        if (!Skip(ref rest, ",\"sha256\":\""u8) || !Quoted(ref rest, out word))
            return "its commitment does not follow its size";
        if (!Sha256Digest.TryParse(word, out commitment))
            return "its commitment is not 64 lower-case hex digits";
        return rest.SequenceEqual("}"u8) ? null : "something follows its commitment";
    }

    static void Put(Span<byte> destination, ReadOnlySpan<byte> text, ref int length)
    {
        text.CopyTo(destination[length..]);
        length += text.Length;
    }

    // Entries of one second share all but six digits, and formatting a date costs more than hashing the entry.
    static void Time(Span<byte> destination, long ticks, ref int length)
    {
        var text = t_second ??= new byte[20];
        var second = ticks / TimeSpan.TicksPerSecond;
        if (second != t_secondIs)
        {
            new DateTime(second * TimeSpan.TicksPerSecond).TryFormat(text, out _, "yyyy-MM-dd'T'HH:mm:ss'.'", CultureInfo.InvariantCulture);
            t_secondIs = second;
        }

        text.CopyTo(destination[length..]);
        length += text.Length;
        var micros = (int)(ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        for (var digit = 5; digit >= 0; digit--, micros /= 10)
            destination[length + digit] = (byte)('0' + (micros % 10));
        length += 6;
        destination[length++] = (byte)'Z';
    }

    [ThreadStatic]
    static byte[]? t_second;

    [ThreadStatic]
    static long t_secondIs;

    static void Number(Span<byte> destination, long value, ref int length)
    {
        Utf8Formatter.TryFormat(value, destination[length..], out var written);
        length += written;
    }

    static bool Skip(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> text)
    {
        if (!rest.StartsWith(text))
            return false;
        rest = rest[text.Length..];
        return true;
    }

    // Up to the closing quote; a backslash or a byte outside ASCII fails the grammar of each field by itself.
    static bool Quoted(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        word = default;
        var end = rest.IndexOf((byte)'"');
        if (end < 0 || end > 64)
            return false;
        word = rest[..end];
        rest = rest[(end + 1)..];
        return true;
    }

    delegate bool Grammar(ReadOnlySpan<char> word);

    // Entries in a row are mostly of one kind and one actor: the last one is remembered, so that reading ten million makes few strings.
    static string? Word(ReadOnlySpan<byte> bytes, ref (byte[] Bytes, string Text) last, Grammar grammar)
    {
        if (last.Text is not null && bytes.SequenceEqual(last.Bytes))
            return last.Text;
        var text = Encoding.Latin1.GetString(bytes);
        if (!grammar(text))
            return null;
        last = (bytes.ToArray(), text);
        return text;
    }

    // YYYY-MM-DDTHH:MM:SS.ffffffZ
    static bool Time(ReadOnlySpan<byte> text, out DateTimeOffset at)
    {
        at = default;
        if (text.Length != 27 || text[19] != (byte)'.' || text[26] != (byte)'Z')
            return false;
        if (t_read is null || !text[..19].SequenceEqual(t_read))
        {
            if (!DateTime.TryParseExact(Encoding.Latin1.GetString(text[..19]), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var second))
                return false;
            (t_read, t_readIs) = (text[..19].ToArray(), second.Ticks);
        }

        long micros = 0;
        foreach (var digit in text[20..26])
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            micros = (micros * 10) + (digit - '0');
        }

        at = new(t_readIs + (micros * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return true;
    }

    [ThreadStatic]
    static (byte[] Bytes, string Text) t_kind;

    [ThreadStatic]
    static (byte[] Bytes, string Text) t_actor;

    [ThreadStatic]
    static byte[]? t_read;

    [ThreadStatic]
    static long t_readIs;

    static bool Decimal(ref ReadOnlySpan<byte> rest, out long value)
    {
        value = 0;
        var digits = 0;
        while (digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9')
            digits++;
        if (digits is 0 or > 18 || (digits > 1 && rest[0] == '0'))
            return false;
        foreach (var digit in rest[..digits])
            value = (value * 10) + (digit - '0');
        rest = rest[digits..];
        return true;
    }
}
