using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Custos.Vocabulary;

/// <summary>A time by the clock of the source: RFC 3339 with an offset, or local without one.</summary>
/// <param name="Local">The wall-clock time as the source gave it (kind unspecified).</param>
/// <param name="Offset">Its distance from UTC; null where the source did not say.</param>
public readonly record struct SpokenAt(DateTime Local, TimeSpan? Offset)
{
    /// <summary>Days since 1970-01-01, of the UTC time where the offset is known, else of the local one.</summary>
    public int Day => (int)((Offset is { } offset ? Local - offset : Local) - DateTime.UnixEpoch).TotalDays;

    /// <summary>The instant, or null where the source gave no offset.</summary>
    public DateTimeOffset? Instant => Offset is { } offset ? new DateTimeOffset(Local, offset) : null;

    /// <summary>An instant as UTC.</summary>
    public static SpokenAt Utc(DateTimeOffset at) => new(DateTime.SpecifyKind(at.UtcDateTime, DateTimeKind.Unspecified), TimeSpan.Zero);

    /// <summary>Reads <c>yyyy-MM-ddTHH:mm:ss</c>, up to seven decimals, then <c>Z</c>, <c>+hh:mm</c> or nothing (RFC 3339, section 5.6; a space may stand for the T).</summary>
    /// <returns>False if the text is no such time.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out SpokenAt at)
    {
        at = default;
        if (text is not { Length: >= 19 })
            return false;
        var head = text.AsSpan(0, 19);
        if (head[10] is not ('T' or 't' or ' '))
            return false;
        Span<char> canonical = stackalloc char[19];
        head.CopyTo(canonical);
        canonical[10] = 'T';
        if (!DateTime.TryParseExact(canonical, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return false;
        var rest = text.AsSpan(19);
        if (rest.Length > 1 && rest[0] == '.')
        {
            var digits = 1;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
                digits++;
            if (digits == 1)
                return false;
            long ticks = 0;
            for (var i = 1; i <= 7; i++)
                ticks = (ticks * 10) + (i < digits ? rest[i] - '0' : 0);
            local = local.AddTicks(ticks);
            rest = rest[digits..];
        }

        if (rest.IsEmpty)
        {
            at = new(local, null);
            return true;
        }

        if (rest is "Z" or "z")
        {
            at = new(local, TimeSpan.Zero);
            return true;
        }

        if (rest.Length != 6 || rest[0] is not ('+' or '-') || rest[3] != ':'
            || !int.TryParse(rest[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(rest[4..6], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
        {
            return false;
        }

        var offset = new TimeSpan(hours, minutes, 0);
        at = new(local, rest[0] == '-' ? -offset : offset);
        return local.Year is > 1 and < 9999;
    }

    /// <summary>The time in one form: seconds, decimals only where there are any, then the offset where known.</summary>
    public override string ToString()
    {
        var text = Local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var fraction = Local.Ticks % TimeSpan.TicksPerSecond;
        if (fraction != 0)
            text += "." + fraction.ToString("D7", CultureInfo.InvariantCulture).TrimEnd('0');
        if (Offset is not { } offset)
            return text;
        return offset == TimeSpan.Zero
            ? text + "Z"
            : text + (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh\\:mm", CultureInfo.InvariantCulture);
    }
}
