using System.Text;

namespace Custos.Detection;

/// <summary>A term without its marks, for terms that a pack allows bare.</summary>
static class MarkFree
{
    /// <summary>The bare spelling; null if the term has no marks.</summary>
    internal static string? Of(string term)
    {
        var bare = new StringBuilder(term.Length);
        foreach (var rune in term.EnumerateRunes())
        {
            var record = UnicodeTables.Record(rune.Value);
            if (UnicodeTables.MapsToItself(record) || UnicodeTables.IsHangulSyllable(rune.Value))
            {
                if (!UnicodeTables.IsMark(record))
                    bare.Append(rune.ToString());
                continue;
            }

            foreach (var c in UnicodeTables.Mapping(record))
            {
                if (!UnicodeTables.IsMark(UnicodeTables.Record(c)))
                    bare.Append(new Rune(c).ToString());
            }
        }

        return bare.Length == 0 || bare.ToString() == term ? null : bare.ToString();
    }
}
