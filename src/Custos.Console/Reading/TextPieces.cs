// Positions are Unicode code points, zero-based: W3C Web Annotation Data Model, TextPositionSelector, as detection-spec section 3 counts.
using System.Globalization;
using System.Text;
using Custos.Console.Client;

namespace Custos.Console.Reading;

/// <summary>A stretch of a line as it is shown.</summary>
/// <param name="Text">The words, or the name of an invisible character.</param>
/// <param name="Span">The indicator's span it lies in, the one that begins last; null for plain text.</param>
/// <param name="Invisible">True if <paramref name="Text"/> names a character that would not be seen, or would change how others are seen.</param>
sealed record TextPiece(string Text, TextSpan? Span, bool Invisible)
{
    public override string ToString() => "";
}

/// <summary>Cuts a line at the spans that indicators cite.</summary>
static class TextPieces
{
    internal static IReadOnlyList<TextPiece> Cut(string text, IReadOnlyList<TextSpan> spans)
    {
        var pieces = new List<TextPiece>();
        var run = new StringBuilder();
        TextSpan? open = null;
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var here = At(spans, position);
            if (here != open)
            {
                Close();
                open = here;
            }

            if (IsInvisible(rune))
            {
                Close();
                pieces.Add(new(string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}"), open, true));
            }
            else
            {
                run.Append(rune.ToString());
            }

            position++;
        }

        Close();
        return pieces;

        void Close()
        {
            if (run.Length > 0)
                pieces.Add(new(run.ToString(), open, false));
            run.Clear();
        }
    }

    static TextSpan? At(IReadOnlyList<TextSpan> spans, int position)
    {
        TextSpan? found = null;
        foreach (var span in spans)
        {
            if (position >= span.Start && position < span.Start + span.Length && (found is null || span.Start > found.Start))
                found = span;
        }

        return found;
    }

    // What would hide words or turn their order on the page: controls, zero-width characters, bidirectional overrides, tags.
    static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control => rune.Value is not ('\n' or '\t'),
        UnicodeCategory.Format => true,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        _ => false,
    };
}
