using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Custos.Detection;

/// <summary>The names of money of <c>currencies.yaml</c>: signs, codes and words, each to a code.</summary>
sealed class Currencies
{
    readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _names;
    readonly SearchValues<char> _signs;
    readonly int _longest;

    internal Currencies(IEnumerable<KeyValuePair<string, string>> names)
    {
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, code) in names)
            known.TryAdd(name, code);
        _names = known.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        var signs = new StringBuilder();
        foreach (var name in known.Keys)
        {
            _longest = Math.Max(_longest, name.Length);
            if (name.Length == 1 && !char.IsLetter(name[0]))
                signs.Append(name[0]);
        }

        _signs = SearchValues.Create(signs.ToString());
    }

    /// <summary>The signs alone, for text read without a pack.</summary>
    internal static Currencies Signs { get; } = new(
    [
        new("$", "USD"), new("€", "EUR"), new("£", "GBP"), new("¥", "JPY"), new("₱", "PHP"),
        new("₹", "INR"), new("₩", "KRW"), new("₽", "RUB"), new("฿", "THB"), new("₫", "VND"),
    ]);

    /// <summary>How many UTF-16 units of an amount of money begin here; 0 if none do.</summary>
    internal int MoneyAt(string text, int i)
    {
        var end = i;
        var before = 0;
        if (!char.IsAsciiDigit(text[i]))
        {
            before = NameLength(text, i);
            if (before == 0)
                return 0;
            end = i + before;
            if (end < text.Length && text[end] == ' ')
                end++;
            if (end >= text.Length || !char.IsAsciiDigit(text[end]))
                return 0;
        }

        end = NumberEnd(text, end);
        if (before > 0)
            return end >= text.Length || !Atoms.IsWordChar(text[end]) ? end - i : SuffixedEnd(text, end) - i;
        var after = end;
        if (after < text.Length && text[after] == ' ')
            after++;
        if (after >= text.Length)
            return 0;
        var name = NameLength(text, after);
        return name == 0 ? 0 : after + name - i;
    }

    // "$5k" is an amount; "$5abc" is not.
    static int SuffixedEnd(string text, int end) =>
        (text[end] | 0x20) is 'k' or 'm' && (end + 1 >= text.Length || !Atoms.IsWordChar(text[end + 1])) ? end + 1 : end;

    static int NumberEnd(string text, int i)
    {
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            i++;
        while (i + 1 < text.Length && text[i] is '.' or ',' && char.IsAsciiDigit(text[i + 1]))
        {
            i++;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
                i++;
        }

        return i;
    }

    int NameLength(string text, int i)
    {
        if (_signs.Contains(text[i]))
            return 1;
        var end = i;
        while (end < text.Length && end - i < _longest + 1 && char.IsLetter(text[end]))
            end++;
        if (end < text.Length && char.IsLetter(text[end]))
            return 0;
        return end > i && _names.ContainsKey(text.AsSpan(i, end - i)) && (end >= text.Length || !char.IsAsciiDigit(text[end]) || end - i > 1) ? end - i : 0;
    }

    /// <summary>The amount with the digits that only an invisible character parts from it.</summary>
    internal static ReadOnlySpan<char> Whole(string text, ReadOnlySpan<char> money)
    {
        ReadOnlySpan<char> all = text;
        if (!all.Overlaps(money, out var from))
            return money;
        var to = from + money.Length;
        var (first, last) = (from, to);
        while (first > 0 && (char.IsAsciiDigit(text[first - 1]) || IsInvisible(text[first - 1])))
            first--;
        while (last < text.Length && (char.IsAsciiDigit(text[last]) || IsInvisible(text[last])))
            last++;
        return all[first..last];
    }

    static bool IsInvisible(char c) =>
        !char.IsSurrogate(c) && UnicodeTables.Record(c) is var record && !UnicodeTables.MapsToItself(record) && UnicodeTables.Mapping(record).IsEmpty;

    /// <summary>The amount as written with a full stop for the decimals, its currency, and whether the separator leaves it open (<c>5.000</c>).</summary>
    internal (string Amount, string Currency, bool Ambiguous) Read(ReadOnlySpan<char> written)
    {
        // The span is of the original, which may hold invisible characters between the digits: an amount is a number and nothing else.
        Span<char> kept = written.Length <= 64 ? stackalloc char[64] : new char[written.Length];
        var count = 0;
        foreach (var c in written)
        {
            if (char.IsAsciiDigit(c) || c is '.' or ',' or ' ' || char.IsLetter(c) || _signs.Contains(c))
                kept[count++] = c;
        }

        var (amount, currency, ambiguous) = ReadKept(kept[..count]);
        // JSON has no number with a nought before it.
        var nought = 0;
        while (nought + 1 < amount.Length && amount[nought] == '0' && char.IsAsciiDigit(amount[nought + 1]))
            nought++;
        return (amount[nought..], currency, ambiguous);
    }

    (string Amount, string Currency, bool Ambiguous) ReadKept(ReadOnlySpan<char> money)
    {
        var first = money.IndexOfAnyInRange('0', '9');
        var last = money.LastIndexOfAnyInRange('0', '9');
        if (first < 0)
            return ("0", "", true);
        var number = money[first..(last + 1)];
        var name = first > 0 ? money[..first].Trim(' ') : money[(last + 1)..].Trim(' ');
        if (first > 0 && name.IsEmpty)
            name = money[(last + 1)..].Trim(' ');
        var currency = _names.TryGetValue(name, out var code) ? code : "";
        var cut = number.LastIndexOfAny('.', ',');
        // "$5k" is five thousand.
        var thousands = first > 0 && last + 1 < money.Length && (money[last + 1] | 0x20) == 'k';
        if (cut < 0)
            return (thousands ? string.Concat(number, "000") : number.ToString(), currency, false);
        var decimals = number.Length - cut - 1;
        var others = number[..cut].ContainsAny('.', ',');
        var text = new StringBuilder();
        var mixed = others && number[..cut].Contains(number[cut] == '.' ? ',' : '.');
        var isDecimal = decimals != 3 || mixed;
        foreach (var c in number[..cut])
        {
            if (char.IsAsciiDigit(c))
                text.Append(c);
        }

        if (isDecimal)
            text.Append('.');
        text.Append(number[(cut + 1)..]);
        return (text.ToString(), currency, thousands || (decimals == 3 && !others));
    }
}
