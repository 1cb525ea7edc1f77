using System.Globalization;

namespace Custos.Detection;

/// <summary>Dates as people write them in a line: three numbers with one sign between them.</summary>
static class WrittenDate
{
    /// <summary>The date as <c>yyyy-MM-dd</c>; null if it is none, or if it could be two (<c>3/4/2026</c> is March to some and April to others).</summary>
    internal static string? Read(ReadOnlySpan<char> written)
    {
        Span<int> numbers = stackalloc int[3];
        var (count, firstDigits, lastDigits) = (0, 0, 0);
        var sign = '\0';
        for (var i = 0; i < written.Length && count < 3;)
        {
            var digits = i;
            while (digits < written.Length && char.IsAsciiDigit(written[digits]))
                digits++;
            if (digits == i || digits - i > 4)
                return null;
            numbers[count] = int.Parse(written[i..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            firstDigits = count == 0 ? digits - i : firstDigits;
            lastDigits = digits - i;
            count++;
            if (digits < written.Length)
                sign = written[digits];
            i = digits + 1;
        }

        if (count < 3)
            return null;
        var (year, month, day) = firstDigits == 4 ? (numbers[0], numbers[1], numbers[2]) : (numbers[2] + (lastDigits == 2 ? 2_000 : 0), numbers[1], numbers[0]);
        if (firstDigits != 4 && sign == '/')
        {
            if (day <= 12 && month <= 12 && day != month)
                return null;
            // Month first where only that is a date.
            if (month > 12)
                (day, month) = (month, day);
        }

        return year is >= 1900 and <= 2100 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateOnly(year, month, day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : null;
    }
}
