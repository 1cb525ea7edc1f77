using System.Globalization;

namespace Custos.Capture.Import;

/// <summary>A date in three numbers and a time, before anyone has said which number is the month.</summary>
readonly record struct NumericDate(int First, int Second, int Third, bool YearFirst, TimeSpan Time)
{
    /// <summary>Reads it in one order; null if there is no such day in that order.</summary>
    internal DateTime? In(DateOrder order)
    {
        var (year, month, day) = YearFirst || order == DateOrder.YearMonthDay
            ? (First, Second, Third)
            : order == DateOrder.DayMonthYear ? (Third, Second, First) : (Third, First, Second);
        // Two digits are this century: chat exports are younger than it.
        if (year < 100)
            year += 2000;
        return Formats.IrcLogLine.TryDate(year, month, day, out var date) ? date.ToDateTime(default) + Time : null;
    }
}

/// <summary>Numeric dates as phones and spreadsheets write them, and the question which number is the month.</summary>
static class NumericDates
{
    /// <summary>Reads <c>25/11/2026, 12:34</c>, <c>11/25/26, 1:34 PM</c>, <c>25.11.26 12:34:56</c>, <c>2026-11-25 12:34</c> and their like.</summary>
    /// <returns>How many characters were read; 0 if there is no such date.</returns>
    internal static int TryRead(ReadOnlySpan<char> text, bool needsTime, out NumericDate date)
    {
        date = default;
        var at = 0;
        if (!Number(text, ref at, 4, out var first, out var firstDigits) || at >= text.Length || text[at] is not ('/' or '.' or '-'))
            return 0;
        var separator = text[at++];
        if (!Number(text, ref at, 2, out var second, out _) || at >= text.Length || text[at] != separator)
            return 0;
        at++;
        if (!Number(text, ref at, 4, out var third, out var thirdDigits))
            return 0;
        var yearFirst = firstDigits == 4;
        if (firstDigits == 3 || thirdDigits == 3 || (yearFirst ? thirdDigits > 2 : thirdDigits == 1))
            return 0;
        // "25.11.26." and "25. 11. 2026" end with a dot in some places; only the first is written by phones.
        if (separator == '.' && at < text.Length && text[at] == '.')
            at++;
        var end = at;
        if (at < text.Length && text[at] == ',')
            at++;
        while (at < text.Length && IsSpace(text[at]))
            at++;
        if (!TryTime(text, ref at, out var time))
        {
            if (needsTime)
                return 0;
            at = end;
        }

        date = new(first, second, third, yearFirst, time);
        return at;
    }

    static bool TryTime(ReadOnlySpan<char> text, ref int at, out TimeSpan time)
    {
        time = default;
        var start = at;
        if (!Number(text, ref at, 2, out var hour, out _) || at >= text.Length || text[at] is not (':' or '.'))
        {
            at = start;
            return false;
        }

        var separator = text[at++];
        if (!Number(text, ref at, 2, out var minute, out var minuteDigits) || minuteDigits != 2)
        {
            at = start;
            return false;
        }

        var second = 0;
        if (at + 2 < text.Length + 0 && text[at] == separator && char.IsAsciiDigit(text[at + 1]))
        {
            at++;
            if (!Number(text, ref at, 2, out second, out var secondDigits) || secondDigits != 2)
            {
                at = start;
                return false;
            }
        }

        if (Half(text, ref at) is { } afternoon)
        {
            if (hour is < 1 or > 12)
                return false;
            hour = (hour % 12) + (afternoon ? 12 : 0);
        }

        if (hour > 23 || minute > 59 || second > 60)
            return false;
        time = new(hour, minute, Math.Min(second, 59));
        return true;
    }

    /// <summary>AM or PM in the ways phones write it: <c>PM</c>, <c>p.m.</c>, <c>p. m.</c>, after any kind of space.</summary>
    static bool? Half(ReadOnlySpan<char> text, ref int at)
    {
        var next = at;
        while (next < text.Length && IsSpace(text[next]))
            next++;
        if (next >= text.Length || text[next] is not ('a' or 'A' or 'p' or 'P'))
            return null;
        var afternoon = text[next] is 'p' or 'P';
        next++;
        if (next < text.Length && text[next] == '.')
            next++;
        if (next < text.Length && IsSpace(text[next]))
            next++;
        if (next >= text.Length || text[next] is not ('m' or 'M'))
            return null;
        next++;
        if (next < text.Length && text[next] == '.')
            next++;
        at = next;
        return afternoon;
    }

    internal static bool IsSpace(char c) => c is ' ' or '\u00A0' or '\u202F' or '\u2009';

    static bool Number(ReadOnlySpan<char> text, ref int at, int most, out int value, out int digits)
    {
        value = 0;
        digits = 0;
        while (at < text.Length && digits < most && char.IsAsciiDigit(text[at]))
        {
            value = (value * 10) + text[at++] - '0';
            digits++;
        }

        return digits > 0 && (at >= text.Length || !char.IsAsciiDigit(text[at]));
    }
}

/// <summary>Which number is the month: settled by the whole file or not at all.</summary>
sealed class DateOrderEvidence
{
    long _dayFirst;
    long _monthFirst;
    long _either;
    long _firstSettling;

    internal void Add(NumericDate date, long line)
    {
        if (date.YearFirst)
            return;
        if (date.First > 12 && date.Second <= 12)
            Settle(ref _dayFirst, line);
        else if (date.Second > 12 && date.First <= 12)
            Settle(ref _monthFirst, line);
        else if (date.First != date.Second)
            _either++;
    }

    void Settle(ref long count, long line)
    {
        if (_dayFirst + _monthFirst == 0)
            _firstSettling = line;
        count++;
    }

    /// <summary>The order; null if the file does not settle it and nobody needs to know.</summary>
    /// <exception cref="ImportException">It does not, and it must.</exception>
    internal DateOrder? Decide(string fileName, bool mustSettle)
    {
        if (_dayFirst > 0 && _monthFirst > 0)
        {
            throw new ImportException(ImportFault.DateOrder, string.Create(CultureInfo.InvariantCulture,
                $"'{fileName}' has {_dayFirst:N0} dates that only fit day/month and {_monthFirst:N0} that only fit month/day. Nothing was recorded. Part the file where the order changes, or choose with --date-order dmy or --date-order mdy: dates that do not fit are then without a time."));
        }

        if (_dayFirst > 0)
            return DateOrder.DayMonthYear;
        if (_monthFirst > 0)
            return DateOrder.MonthDayYear;
        if (_either == 0)
            return DateOrder.DayMonthYear;
        return mustSettle
            ? throw new ImportException(ImportFault.DateOrder, string.Create(CultureInfo.InvariantCulture,
                $"'{fileName}' has {_either:N0} dates that can be read as day/month or month/day, and none that settles it. Nothing was recorded. Choose with --date-order dmy (25/11/2026) or --date-order mdy (11/25/2026)."))
            : null;
    }

    /// <summary>The line of the first date that settled it, for the reason shown.</summary>
    internal long FirstSettling => _firstSettling;
}
