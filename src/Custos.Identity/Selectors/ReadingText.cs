using System.Globalization;
using System.Text;

namespace Custos.Identity;

/// <summary>A message's text as selectors are read from it: full-width letters and the digits of every script become ASCII, invisible
/// characters are passed over, and every character knows where it came from.</summary>
sealed class ReadingText
{
    readonly string _source;
    readonly int[] _from;
    readonly bool[] _changed;
    readonly int[] _codePoints;

    internal ReadingText(string source)
    {
        _source = source;
        var text = new StringBuilder(source.Length);
        var from = new List<int>(source.Length);
        var changed = new List<bool>(source.Length);
        _codePoints = new int[source.Length + 1];
        var codePoint = 0;
        var dropped = false;
        for (var i = 0; i < source.Length; i++)
        {
            _codePoints[i] = codePoint;
            var c = source[i];
            if (!(char.IsLowSurrogate(c) && i > 0 && char.IsHighSurrogate(source[i - 1])))
                _codePoints[i] = codePoint++;
            else
                _codePoints[i] = codePoint - 1;
            if (c is '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or '\u00AD' or '\u200E' or '\u200F')
            {
                dropped = true;
                continue;
            }

            var read = c;
            if (c is >= '\uFF01' and <= '\uFF5E')
                read = (char)(c - 0xFEE0);
            else if (c > 127 && char.GetUnicodeCategory(c) == UnicodeCategory.DecimalDigitNumber)
                read = (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c));
            else if (c is '\u00A0' or '\u202F' or '\u2009')
                read = ' ';
            text.Append(read);
            from.Add(i);
            changed.Add(dropped || (read != c && read != ' '));
            dropped = false;
        }

        _codePoints[source.Length] = codePoint;
        Text = text.ToString();
        _from = [.. from];
        _changed = [.. changed];
        Quoted = FindQuoted();
    }

    internal string Text { get; }

    /// <summary>For each character, whether it stands in a line that was pasted or quoted.</summary>
    internal bool[] Quoted { get; }

    internal (int Start, int Length) CodePoints(int start, int end)
    {
        var first = _codePoints[_from[start]];
        var last = _codePoints[_from[end - 1]];
        return (first, last - first + 1);
    }

    internal string Raw(int start, int end)
    {
        var last = _from[end - 1];
        if (char.IsHighSurrogate(_source[last]) && last + 1 < _source.Length)
            last++;
        return _source[_from[start]..(last + 1)];
    }

    internal bool Disguised(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            // The first character's mark also tells of what was passed over before it, which is outside the value.
            if (_changed[i] && (i > start || Text[i] != _source[_from[i]]))
                return true;
        }

        return false;
    }

    bool[] FindQuoted()
    {
        var quoted = new bool[Text.Length];
        var start = 0;
        while (start < Text.Length)
        {
            var end = Text.IndexOf('\n', start);
            if (end < 0)
                end = Text.Length;
            var mark = QuotedLine.FirstQuoted(Text.AsSpan(start, end - start));
            if (mark >= 0)
                Array.Fill(quoted, true, start + mark, end - start - mark);
            start = end + 1;
        }

        return quoted;
    }
}
