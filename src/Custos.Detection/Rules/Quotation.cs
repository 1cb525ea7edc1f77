namespace Custos.Detection;

/// <summary>Whether a stretch of a message is someone else's words.</summary>
static class Quotation
{
    /// <summary>True if the stretch lies in quotation marks, in a <c>&gt;</c> line, or in a pasted line of a log.</summary>
    internal static bool Holds(string text, int start, int end)
    {
        var line = text.LastIndexOf('\n', Math.Max(0, start - 1)) + 1;
        if (start == 0)
            line = 0;
        var stop = text.IndexOf('\n', start);
        if (stop < 0)
            stop = text.Length;
        var said = text.AsSpan(line, stop - line);
        return IsQuotedLine(said) || IsPastedLine(said) || InMarks(said, start - line, Math.Min(end, stop) - line);
    }

    /// <summary>True if the stretch lies between stars that hold three words or more: <c>*im 14, she says*</c> is a character's age, and <c>*im 14*</c> only says it with weight.</summary>
    internal static bool IsPlayed(string text, int start, int end)
    {
        var open = -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                open = -1;
            if (text[i] != '*')
                continue;
            // A star opens at the beginning of a word and closes at its end; one inside a word hides a letter.
            if (open >= 0 && i > open + 1 && text[i - 1] != ' ' && (i + 1 == text.Length || !Atoms.IsWordChar(text[i + 1])))
            {
                if (open < start && i >= end && text.AsSpan(open + 1, i - open - 1).Count(' ') >= 2)
                    return true;
                open = -1;
            }
            else if ((i == 0 || text[i - 1] is ' ' or '\n') && i + 1 < text.Length && text[i + 1] is not (' ' or '*'))
            {
                open = i;
            }
        }

        return false;
    }

    static bool IsQuotedLine(ReadOnlySpan<char> line) => line.TrimStart(' ').StartsWith(">", StringComparison.Ordinal) && !line.TrimStart(' ').StartsWith(">_", StringComparison.Ordinal);

    // "<nick> words", "[12:03] <nick> words", "12:03 nick: words".
    static bool IsPastedLine(ReadOnlySpan<char> line)
    {
        var rest = line.TrimStart(' ');
        var stamped = Stamp(ref rest);
        rest = rest.TrimStart(' ');
        if (rest.Length > 2 && rest[0] == '<' && rest[1..].IndexOf('>') is > 0 and <= 40)
            return true;
        if (!stamped)
            return false;
        var colon = rest.IndexOf(':');
        return colon is > 0 and <= 40 && !rest[..colon].Contains(' ') && rest.Length > colon + 1;
    }

    // hh:mm or hh:mm:ss, bare or in brackets, a date before it or not.
    static bool Stamp(ref ReadOnlySpan<char> rest)
    {
        var i = 0;
        var colon = false;
        var digits = 0;
        while (i < rest.Length && (char.IsAsciiDigit(rest[i]) || rest[i] is ':' or '[' or ']' or '(' or ')' or '-' or '/' or '.' or 'T' || (rest[i] is ' ' or ',' && digits > 0 && i + 1 < rest.Length && char.IsAsciiDigit(rest[i + 1]))))
        {
            colon |= rest[i] == ':' && i > 0 && char.IsAsciiDigit(rest[i - 1]);
            if (char.IsAsciiDigit(rest[i]))
                digits++;
            i++;
        }

        if (!colon || digits < 3 || i >= rest.Length || rest[i] != ' ')
            return false;
        rest = rest[i..];
        return true;
    }

    static bool InMarks(ReadOnlySpan<char> line, int start, int end)
    {
        var open = -1;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (open < 0 && c is '"' or '\u201C' or '\u201E' or '\u00AB' or '\u2039')
            {
                open = i;
            }
            else if (open >= 0 && c is '"' or '\u201D' or '\u201C' or '\u00BB' or '\u203A')
            {
                if (open < start && i >= end)
                    return true;
                open = -1;
            }
        }

        return false;
    }
}
