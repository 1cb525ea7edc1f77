// C2SP tlog-tiles (c2sp.org/tlog-tiles): tile/<L>/<N>[.p/<W>] and tile/entries/<N>[.p/<W>].
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>The path of a tile, or of an entry bundle, below a log's root.</summary>
/// <param name="Level">0 to 63, or <see cref="Entries"/>.</param>
/// <param name="Number">The tile's number at its level.</param>
/// <param name="Width">Hashes or entries in it: 256 when full, 1 to 255 when partial.</param>
public readonly record struct TilePath(int Level, long Number, int Width)
{
    /// <summary>Hashes in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>The level that stands for entry bundles.</summary>
    public const int Entries = -1;

    /// <summary>The path of a tile.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Level, number or width is outside its range.</exception>
    public static TilePath Of(int level, long number, int width = FullWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, Entries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 63);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        return new(level, number, width);
    }

    /// <summary>How many hashes the tile at this level and number holds in a tree of a size: 0 if it is not there.</summary>
    public static int WidthAt(long size, int level, long number)
    {
        var hashes = level > 7 ? 0 : size >> (8 * Math.Max(level, 0));
        // A path may name a number whose leaves no size reaches.
        return number > hashes / FullWidth ? 0 : (int)Math.Min(hashes - (number * FullWidth), FullWidth);
    }

    /// <summary>Reads <c>tile/0/x001/x234/067</c>, <c>tile/entries/000.p/5</c> and the like.</summary>
    /// <returns>False for anything else, leading zeros in level and width included.</returns>
    public static bool TryParse(ReadOnlySpan<char> path, out TilePath tile)
    {
        tile = default;
        if (!path.StartsWith("tile/", StringComparison.Ordinal))
            return false;
        path = path[5..];
        var slash = path.IndexOf('/');
        if (slash <= 0)
            return false;
        int level;
        if (path[..slash] is "entries")
            level = Entries;
        else if (!Decimal(path[..slash], 63, out level))
            return false;
        path = path[(slash + 1)..];
        var width = FullWidth;
        var partial = path.IndexOf(".p/", StringComparison.Ordinal);
        if (partial >= 0)
        {
            if (!Decimal(path[(partial + 3)..], 255, out width) || width == 0)
                return false;
            path = path[..partial];
        }

        if (!TryParseNumber(path, out var number))
            return false;
        tile = new(level, number, width);
        return true;
    }

    /// <summary>The number alone, as in <c>content/</c>: 1234067 is <c>x001/x234/067</c>.</summary>
    public static string NumberPath(long number)
    {
        var text = new StringBuilder((number % 1000).ToString("D3", CultureInfo.InvariantCulture));
        for (number /= 1000; number > 0; number /= 1000)
            text.Insert(0, '/').Insert(0, (number % 1000).ToString("D3", CultureInfo.InvariantCulture)).Insert(0, 'x');
        return text.ToString();
    }

    internal static bool TryParseNumber(ReadOnlySpan<char> path, out long number)
    {
        number = 0;
        var first = true;
        while (true)
        {
            var more = path.Length > 0 && path[0] == 'x';
            var element = more ? path[1..] : path;
            if (element.Length < 3 || !char.IsAsciiDigit(element[0]) || !char.IsAsciiDigit(element[1]) || !char.IsAsciiDigit(element[2]))
                return false;
            // x000 in front would give one number two names.
            if (first && more && element[..3] is "000")
                return false;
            if (number > (long.MaxValue / 1000) - 1)
                return false;
            number = (number * 1000) + int.Parse(element[..3], CultureInfo.InvariantCulture);
            element = element[3..];
            first = false;
            if (!more)
                return element.Length == 0;
            if (element.Length == 0 || element[0] != '/')
                return false;
            path = element[1..];
        }
    }

    static bool Decimal(ReadOnlySpan<char> text, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= most && text.Length is > 0 and < 4 && (text.Length == 1 || text[0] != '0');

    /// <summary>The path, with forward slashes.</summary>
    public override string ToString()
    {
        var level = Level == Entries ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
        var full = $"tile/{level}/{NumberPath(Number)}";
        return Width == FullWidth ? full : string.Create(CultureInfo.InvariantCulture, $"{full}.p/{Width}");
    }
}
