// What the logs of IRC clients have in common after the time: "<nick> words", "* nick words", "-nick:#room- words",
// and events. A nick may carry the sign of its mode (RFC 2812, section 2.3.1 allows none of these signs in a nick).
using System.Buffers;
using System.Buffers.Text;

namespace Custos.Capture.Import.Formats;

enum LineKind
{
    Broken,
    Event,
    Message,
}

/// <summary>Where handle and words stand in a line.</summary>
readonly record struct LineParts(LineKind Kind, Range From = default, Range Text = default)
{
    internal static LineParts Broken => new(LineKind.Broken);

    internal static LineParts Event => new(LineKind.Event);
}

static class IrcLogLine
{
    static readonly SearchValues<byte> NotInNick = SearchValues.Create(" \t<>*,!@:"u8);

    /// <summary><c>HH:MM</c> or <c>HH:MM:SS</c> at the start; length 0 if there is none.</summary>
    internal static int TryTime(ReadOnlySpan<byte> line, out TimeSpan time)
    {
        time = default;
        if (line.Length < 5 || line[2] != (byte)':' || !Two(line, 0, out var hours) || !Two(line, 3, out var minutes) || hours > 23 || minutes > 59)
            return 0;
        if (line.Length >= 8 && line[5] == (byte)':' && Two(line, 6, out var seconds) && seconds <= 60)
        {
            // 60 is a leap second; the day has no place for it.
            time = new TimeSpan(hours, minutes, Math.Min(seconds, 59));
            return 8;
        }

        time = new TimeSpan(hours, minutes, 0);
        return 5;
    }

    /// <summary><c>yyyy-mm-dd</c> at the start.</summary>
    internal static bool TryDate(ReadOnlySpan<byte> line, out DateOnly date)
    {
        date = default;
        if (line.Length < 10 || line[4] != (byte)'-' || line[7] != (byte)'-'
            || !Two(line, 0, out var century) || !Two(line, 2, out var year) || !Two(line, 5, out var month) || !Two(line, 8, out var day))
        {
            return false;
        }

        return TryDate((century * 100) + year, month, day, out date);
    }

    internal static bool TryDate(int year, int month, int day, out DateOnly date)
    {
        date = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new(year, month, day);
        return true;
    }

    static bool Two(ReadOnlySpan<byte> line, int at, out int value)
    {
        value = 0;
        if (line.Length < at + 2 || !char.IsAsciiDigit((char)line[at]) || !char.IsAsciiDigit((char)line[at + 1]))
            return false;
        value = ((line[at] - '0') * 10) + line[at + 1] - '0';
        return true;
    }

    /// <summary><c>&lt;nick&gt; words</c>, the sign of a mode or a space before the nick; ranges count from <paramref name="start"/> of the whole line.</summary>
    internal static LineParts Spoken(ReadOnlySpan<byte> line, int start)
    {
        var rest = line[start..];
        if (rest.IsEmpty || rest[0] != (byte)'<')
            return LineParts.Broken;
        var close = rest.IndexOf((byte)'>');
        if (close < 2)
            return LineParts.Broken;
        var nick = Unsigned(rest[..close], 1, spaceToo: true);
        if (!IsNick(rest[nick..close]))
            return LineParts.Broken;
        // The words follow after one space; a message of spaces only, or none, is still a message.
        var text = close + 1;
        if (text < rest.Length && rest[text++] != (byte)' ')
            return LineParts.Broken;
        return new(LineKind.Message, (start + nick)..(start + close), (start + text)..line.Length);
    }

    /// <summary><c>nick words</c> after the star of an action.</summary>
    internal static LineParts Acted(ReadOnlySpan<byte> line, int start)
    {
        var rest = line[start..];
        var cut = rest.IndexOf((byte)' ');
        var end = cut < 0 ? rest.Length : cut;
        var nick = Unsigned(rest, 0, spaceToo: false);
        if (nick >= end || !IsNick(rest[nick..end]))
            return LineParts.Broken;
        return new(LineKind.Message, (start + nick)..(start + end), (cut < 0 ? line.Length : start + cut + 1)..line.Length);
    }

    /// <summary><c>-nick:#room- words</c> or <c>-nick- words</c>; a server's notice, which has a dot in its name, is an event.</summary>
    internal static LineParts Noticed(ReadOnlySpan<byte> line, int start)
    {
        var rest = line[start..];
        if (rest.Length < 3 || rest[0] != (byte)'-')
            return LineParts.Broken;
        var close = rest.IndexOf("- "u8);
        if (close < 2)
            return LineParts.Broken;
        var name = rest[1..close];
        var cut = name.IndexOfAny((byte)':', (byte)'(');
        if (cut >= 0)
            name = name[..cut];
        if (name.Contains((byte)'.') || name.StartsWith("!"u8))
            return LineParts.Event;
        return IsNick(name) ? new(LineKind.Message, (start + 1)..(start + 1 + name.Length), (start + close + 2)..line.Length) : LineParts.Broken;
    }

    /// <summary>Skips the sign of a mode.</summary>
    internal static int Unsigned(ReadOnlySpan<byte> text, int at, bool spaceToo)
    {
        // ~ & @ % + in the order of PREFIX=(qaohv); irssi keeps a space where there is none; ! and * are older servers'.
        if (at < text.Length && (text[at] is (byte)'~' or (byte)'&' or (byte)'@' or (byte)'%' or (byte)'+' or (byte)'!' or (byte)'*' || (spaceToo && text[at] == (byte)' ')))
            return at + 1;
        return at;
    }

    internal static bool IsNick(ReadOnlySpan<byte> nick) => nick.Length is > 0 and <= 64 && nick.IndexOfAny(NotInNick) < 0;

    // The names strftime's %b and %B begin with in the languages of the packs, without marks of their own.
    static readonly string[][] Months =
    [
        ["jan", "ene"], ["feb", "fev", "fév"], ["mar", "maa", "mrt", "mär"], ["apr", "avr", "abr"], ["may", "mai", "mei"], ["jun", "juin"],
        ["jul", "juil"], ["aug", "aou", "aoû", "ago"], ["sep"], ["oct", "okt"], ["nov"], ["dec", "dez", "déc", "dic"],
    ];

    /// <summary>The date in <c>Mon Nov 02 17:00:00 2026</c>, <c>Tue Nov 03 2026</c> or <c>di 03 nov 2026</c>: a month by name, a day, a year of four digits.</summary>
    internal static bool TryNamedDate(ReadOnlySpan<byte> words, out DateOnly date, out TimeSpan time)
    {
        date = default;
        time = default;
        int? month = null, day = null, year = null;
        foreach (var range in words.SplitAny(" ,."u8))
        {
            var word = words[range];
            if (word.IsEmpty)
                continue;
            if (TryTime(word, out var found) == word.Length)
                time = found;
            else if (word.Length == 4 && Utf8Parser.TryParse(word, out int four, out var used) && used == 4)
                year ??= four;
            else if (word.Length <= 2 && Utf8Parser.TryParse(word, out int two, out used) && used == word.Length)
                day ??= two;
            // The last one: before it stands the weekday, and "mar." is Tuesday in French and Spanish.
            else if (MonthOf(word) is { } named)
                month = named;
        }

        return year is { } y && month is { } m && day is { } d && TryDate(y, m, d, out date);
    }

    static int? MonthOf(ReadOnlySpan<byte> word)
    {
        var text = System.Text.Encoding.UTF8.GetString(word).ToLowerInvariant();
        for (var i = 0; i < Months.Length; i++)
        {
            foreach (var name in Months[i])
            {
                if (text.StartsWith(name, StringComparison.Ordinal) && (text.Length <= 4 || char.IsLetter(text[^1])))
                    return i + 1;
            }
        }

        return null;
    }
}
