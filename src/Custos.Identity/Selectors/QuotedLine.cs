using System.Text.RegularExpressions;

namespace Custos.Identity;

/// <summary>Finds where a line stops being its author's own words: a quotation mark of mail, a pasted line of a chat log.</summary>
static partial class QuotedLine
{
    /// <summary>The index of the first quoted character; -1 if the whole line is the author's.</summary>
    internal static int FirstQuoted(ReadOnlySpan<char> line)
    {
        var trimmed = line.TrimStart();
        if (trimmed.Length > 1 && trimmed[0] == '>' && (char.IsWhiteSpace(trimmed[1]) || char.IsLetterOrDigit(trimmed[1]) || trimmed[1] is '>' or '<' or '@' or '+'))
            return 0;
        foreach (var match in Stamped().EnumerateMatches(line))
            return match.Index;
        foreach (var match in Named().EnumerateMatches(line))
            return match.Index;
        return -1;
    }

    // "[21:04] <nick> ", "21:04 nick: ", "2026-03-01 21:04:11 nick ", "[01.03.26, 21:04] Nick: "
    [GeneratedRegex(@"^\s*\[?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4},?[ T]+)?\d{1,2}:\d{2}(?::\d{2})?\]?\s+(?:<[^<>\n]{1,40}>|[^\s:]{1,40}:\s)", RegexOptions.CultureInvariant)]
    private static partial Regex Stamped();

    // "<nick> ", also in the middle of a line: "look what he wrote: <nick> ..."
    [GeneratedRegex(@"(?<=^|\s)<[@+%&~ ]?[^\s<>@]{1,32}>\s", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
