using System.Buffers;
using System.Collections.Frozen;

namespace Custos.Detection;

/// <summary>What a word of a message is.</summary>
enum WordKind : byte
{
    Link = 1,
    Email = 2,
    Phone = 3,
    Handle = 4,
    Room = 5,
    Money = 6,
    Clock = 7,
    Date = 8,
    Version = 9,
    OwnName = 10,
    Letters,
    Digits,
    Mixed,
    Emoji,
}

/// <summary>A stretch of the message that is no word: taken out before anything is folded.</summary>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="End">After the last.</param>
/// <param name="Kind">What it is.</param>
readonly record struct Atom(int Start, int End, WordKind Kind);

/// <summary>Locates atoms (detection-spec, section 3). It locates only: validating and keying belongs to Identity.</summary>
static class Atoms
{
    static readonly SearchValues<char> Triggers = SearchValues.Create("0123456789@#/");
    static readonly SearchValues<char> Trailing = SearchValues.Create(".,;:!?)]}>'\"*_~");

    // The generic names and the country codes that people type without a scheme; a closed list keeps "foo.bar" two words.
    static readonly FrozenSet<string> TopLevel = new[]
    {
        "com", "net", "org", "info", "biz", "io", "me", "tv", "gg", "ly", "co", "app", "dev", "xyz", "edu", "gov", "mil", "int", "invalid", "test", "example",
        "nl", "be", "de", "at", "ch", "fr", "es", "ph", "uk", "us", "ca", "au", "nz", "eu", "it", "pt", "br", "mx", "ar", "pl", "ru", "ua", "se", "no", "dk", "fi",
        "jp", "cn", "in", "id", "my", "sg", "th", "vn", "kr", "za", "ie", "ro", "cz", "gr", "tr", "lu",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> TopLevels = TopLevel.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Atoms of a text in order, none overlapping.</summary>
    internal static int Scan(string text, string? own, string? addressed, Currencies currencies, ref Atom[] atoms)
    {
        var count = 0;
        if (text.AsSpan().ContainsAny(Triggers) || HasInnerStop(text))
            ScanTriggered(text, currencies, ref atoms, ref count);
        if (own is { Length: >= 3 })
            MaskName(text, own, ref atoms, ref count);
        if (addressed is { Length: >= 3 } && !string.Equals(addressed, own, StringComparison.Ordinal))
            MaskName(text, addressed, ref atoms, ref count);
        return count;
    }

    // A full stop with a letter behind it: "example.org", and "c.a.m".
    static bool HasInnerStop(string text)
    {
        for (var at = text.IndexOf('.', StringComparison.Ordinal); at >= 0 && at + 1 < text.Length; at = text.IndexOf('.', at + 1))
        {
            if (char.IsAsciiLetter(text[at + 1]))
                return true;
        }

        return false;
    }

    static void ScanTriggered(string text, Currencies currencies, ref Atom[] atoms, ref int count)
    {
        var i = 0;
        var afterWord = false;
        // Only where one of these stands can a word be the beginning of an address, or be followed by a number.
        var addresses = text.AsSpan().ContainsAny('@', '/') || HasInnerStop(text);
        while (i < text.Length)
        {
            var c = text[i];
            if (!afterWord && char.IsAsciiLetter(c) && !addresses && !NumberFollows(text, i))
            {
                while (i < text.Length && IsWordChar(text[i]))
                    i++;
                continue;
            }

            if (!afterWord && c != ' ')
            {
                var (length, kind) = At(text, i, currencies);
                if (length > 0)
                {
                    Add(ref atoms, ref count, new(i, i + length, kind));
                    i += length;
                    afterWord = i > 0 && IsWordChar(text[i - 1]) && i < text.Length && IsWordChar(text[i]);
                    continue;
                }
            }

            afterWord = IsWordChar(c);
            i++;
        }
    }

    // "usd 20", "usd20": a name of money stands before a number.
    static bool NumberFollows(string text, int i)
    {
        while (i < text.Length && char.IsAsciiLetter(text[i]))
            i++;
        if (i < text.Length && text[i] is ' ' or '$')
            i++;
        return i < text.Length && char.IsAsciiDigit(text[i]);
    }

    static (int Length, WordKind Kind) At(string text, int i, Currencies currencies)
    {
        var c = text[i];
        if (c == '@')
            return (NameLength(text, i), WordKind.Handle);
        if (c == '#')
        {
            var length = NameLength(text, i);
            return length > 1 && text.AsSpan(i + 1, length - 1).ContainsAnyExcept(DecimalDigits) ? (length, WordKind.Room) : default;
        }

        if (char.IsAsciiLetter(c))
        {
            var word = WordAtom(text, i);
            return word.Length > 0 ? word : Money(text, i, currencies);
        }

        if (char.IsAsciiDigit(c))
        {
            var word = WordAtom(text, i);
            if (word.Length > 0)
                return word;
            var clock = ClockLength(text, i);
            if (clock > 0)
                return (clock, WordKind.Clock);
            var date = DateLength(text, i);
            if (date > 0)
                return (date, WordKind.Date);
            var money = Money(text, i, currencies);
            if (money.Length > 0)
                return money;
            var version = VersionLength(text, i);
            if (version > 0)
                return (version, WordKind.Version);
            return (PhoneLength(text, i), WordKind.Phone);
        }

        if (c is '+' or '(')
            return (PhoneLength(text, i), WordKind.Phone);
        return c < 0x80 && c != '$' ? default : Money(text, i, currencies);
    }

    // Longer than any address people type; a bound, so that a hostile line is read in linear time.
    const int LongestAddress = 2_048;

    // A link, an address or a dotted name begins with a letter or digit; each is one run without spaces.
    static (int Length, WordKind Kind) WordAtom(string text, int i)
    {
        var end = i;
        var at = -1;
        var dots = 0;
        var scheme = -1;
        while (end < text.Length && end - i < LongestAddress && text[end] > ' ' && text[end] is not ('"' or '<' or '>') && text[end] != '\u00A0')
        {
            var c = text[end];
            if (c == '@' && at < 0)
                at = end;
            else if (c == '.')
                dots++;
            else if (c == ':' && scheme < 0 && end + 2 < text.Length && text[end + 1] == '/' && text[end + 2] == '/')
                scheme = end;
            end++;
        }

        if (dots == 0 && scheme < 0)
            return default;
        while (end > i && Trailing.Contains(text[end - 1]))
            end--;
        var run = text.AsSpan(i, end - i);
        if (scheme >= 0 && end > scheme + 3 && !text.AsSpan(i, scheme - i).ContainsAnyExcept(SchemeChars))
            return (run.Length, WordKind.Link);
        if (at > i && at < end - 3)
        {
            var domain = DottedName(text, at + 1, end);
            if (domain > 0)
                return (at + 1 + domain - i, WordKind.Email);
        }

        if (run.Length > 4 && run.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
            return (run.Length, WordKind.Link);
        var name = DottedName(text, i, end);
        if (name == 0)
            return default;
        return i + name == end || text[i + name] is '/' or ':' or '?' ? (run.Length, WordKind.Link) : (name, WordKind.Link);
    }

    static readonly SearchValues<char> DecimalDigits = SearchValues.Create("0123456789");

    static readonly SearchValues<char> SchemeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    // Labels of ASCII letters, digits and hyphens, the last a listed top-level domain with a letter before it.
    static int DottedName(string text, int start, int end)
    {
        var i = start;
        var label = start;
        var best = 0;
        var labels = 0;
        while (true)
        {
            if (i < end && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '-'))
            {
                i++;
                continue;
            }

            if (i == label)
                break;
            labels++;
            if (labels > 1 && TopLevels.Contains(text.AsSpan(label, i - label)) && text.AsSpan(start, label - start).ContainsAnyExcept(NumberChars))
                best = i - start;
            if (i + 1 >= end || text[i] != '.' || !char.IsAsciiLetterOrDigit(text[i + 1]))
                break;
            i++;
            label = i;
        }

        // The top-level domain is the last label: "example.org", and not what goes on after it.
        return best == i - start ? best : 0;
    }

    static readonly SearchValues<char> NumberChars = SearchValues.Create("0123456789.-");

    static int NameLength(string text, int i)
    {
        var end = i + 1;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '.' or '-'))
            end++;
        while (end > i + 1 && text[end - 1] is '.' or '-')
            end--;
        return end - i >= 3 ? end - i : 0;
    }

    static int Digits(string text, int i)
    {
        var end = i;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - i;
    }

    static bool EndsHere(string text, int i) => i >= text.Length || !IsWordChar(text[i]);

    static int ClockLength(string text, int i)
    {
        var hours = Digits(text, i);
        if (hours is 0 or > 2 || int.Parse(text.AsSpan(i, hours), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture) > 24)
            return 0;
        var end = i + hours;
        var minutes = false;
        while (end + 2 < text.Length + 0 && text[end] == ':' && Digits(text, end + 1) == 2)
        {
            end += 3;
            minutes = true;
        }

        if (!minutes && end + 3 == text.Length + 0 && text[end] == ':' && Digits(text, end + 1) == 2)
        {
            end += 3;
            minutes = true;
        }

        var half = end;
        if (half < text.Length && text[half] == ' ')
            half++;
        if (half + 1 < text.Length && (text[half] | 0x20) is 'a' or 'p' && (text[half + 1] | 0x20) == 'm' && EndsHere(text, half + 2))
            return half + 2 - i;
        return minutes && EndsHere(text, end) ? end - i : 0;
    }

    static int DateLength(string text, int i)
    {
        var first = Digits(text, i);
        if (first is 0 or > 4 or 3 || i + first >= text.Length || text[i + first] is not ('-' or '/' or '.'))
            return 0;
        var separator = text[i + first];
        var at = i + first + 1;
        var second = Digits(text, at);
        if (second is 0 or > 2 || at + second >= text.Length || text[at + second] != separator)
            return 0;
        var last = at + second + 1;
        var third = Digits(text, last);
        var shaped = first == 4 ? third is 1 or 2 : third is 2 or 4;
        return shaped && EndsHere(text, last + third) && (last + third >= text.Length || text[last + third] != separator || !char.IsAsciiDigit(Next(text, last + third + 1)))
            ? last + third - i
            : 0;
    }

    static char Next(string text, int i) => i < text.Length ? text[i] : '\0';

    static int VersionLength(string text, int i)
    {
        var end = i + Digits(text, i);
        var parts = 1;
        while (end < text.Length && text[end] == '.' && Digits(text, end + 1) > 0)
        {
            end += 1 + Digits(text, end + 1);
            parts++;
        }

        return parts >= 3 && EndsHere(text, end) ? end - i : 0;
    }

    static int PhoneLength(string text, int i)
    {
        var plus = text[i] == '+';
        var end = plus ? i + 1 : i;
        var digits = 0;
        var lastDigit = end;
        var group = 0;
        var firstGroup = 0;
        while (end < text.Length)
        {
            var c = text[end];
            if (char.IsAsciiDigit(c))
            {
                digits++;
                group++;
                lastDigit = end;
                if (digits > 15)
                    return 0;
            }
            else if (c is ' ' or '.' or '-' or '(' or ')')
            {
                if (group > 0 && firstGroup == 0)
                    firstGroup = group;
                // Two separators stand together only around brackets.
                if (end > i && text[end - 1] is ' ' or '.' or '-' && c is ' ' or '.' or '-')
                    break;
                group = 0;
            }
            else
            {
                break;
            }

            end++;
        }

        if (!EndsHere(text, lastDigit + 1))
            return 0;
        if (digits > 15 || digits < (plus ? 8 : 9))
            return 0;
        // "14 0612345678" is an age and a number: without a plus, a bracket or a zero in front the first group has at least three digits.
        if (!plus && text[i] is not ('(' or '0') && firstGroup is 1 or 2)
            return 0;
        return lastDigit + 1 - i;
    }

    static (int Length, WordKind Kind) Money(string text, int i, Currencies currencies) =>
        (currencies.MoneyAt(text, i), WordKind.Money);

    static void MaskName(string text, string name, ref Atom[] atoms, ref int count)
    {
        var from = 0;
        while (from <= text.Length - name.Length)
        {
            var at = text.IndexOf(name, from, StringComparison.Ordinal);
            if (at < 0)
                return;
            from = at + name.Length;
            if ((at > 0 && IsWordChar(text[at - 1]) && IsWordChar(text[at])) || (from < text.Length && IsWordChar(text[from]) && IsWordChar(text[from - 1])))
                continue;
            Insert(ref atoms, ref count, new(at, from, WordKind.OwnName));
        }
    }

    static void Insert(ref Atom[] atoms, ref int count, Atom atom)
    {
        var place = count;
        while (place > 0 && atoms[place - 1].Start >= atom.End)
            place--;
        if (place > 0 && atoms[place - 1].End > atom.Start)
            return;
        Add(ref atoms, ref count, atom);
        for (var i = count - 1; i > place; i--)
            atoms[i] = atoms[i - 1];
        atoms[place] = atom;
    }

    static void Add(ref Atom[] atoms, ref int count, Atom atom)
    {
        if (count == atoms.Length)
            Array.Resize(ref atoms, count * 2);
        atoms[count++] = atom;
    }

    internal static bool IsWordChar(char c)
    {
        if (c < 0x80)
            return char.IsAsciiLetterOrDigit(c);
        return char.IsSurrogate(c) || UnicodeTables.IsWord(UnicodeTables.Record(c));
    }
}
