namespace Custos.Detection;

/// <summary>Letters a to z with accents, as one code point each.</summary>
static class Accents
{
    // What English, Dutch, German, French, Spanish and Tagalog write, names and loan words aside.
    const string OfTheSix = "àáâäçèéêëìíîïñòóôöùúûüÿÀÁÂÄÇÈÉÊËÌÍÎÏÑÒÓÔÖÙÚÛÜŸ";

    // ơ ư đ: no other language of Latin letters has the first two.
    internal static bool IsVietnamese(int c) => c is 0x1A0 or 0x1A1 or 0x1AF or 0x1B0 or 0x110 or 0x111;

    /// <summary>The letter a to z below the accents; 0 if it is none, or has none.</summary>
    internal static int Bare(int c)
    {
        if (c is < 0xC0 or > 0x24F and not (>= 0x1E00 and <= 0x1EFF))
            return 0;
        var record = UnicodeTables.Record(c);
        if (UnicodeTables.MapsToItself(record))
            return 0;
        var mapping = UnicodeTables.Mapping(record);
        if (mapping.Length < 2 || mapping[0] is < 'a' or > 'z')
            return 0;
        foreach (var mark in mapping[1..])
        {
            if (!UnicodeTables.IsMark(UnicodeTables.Record(mark)))
                return 0;
        }

        return mapping[0];
    }

    /// <summary>True if none of the six languages of the packs writes the letter.</summary>
    internal static bool IsForeign(int c) => Bare(c) != 0 && !OfTheSix.Contains((char)c, StringComparison.Ordinal);
}
