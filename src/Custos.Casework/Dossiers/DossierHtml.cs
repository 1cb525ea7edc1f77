using System.Globalization;
using System.Text;

namespace Custos.Casework;

/// <summary>Builds HTML of which every variable part is escaped: there is no way to add words of a chat as markup.</summary>
sealed class DossierHtml
{
    readonly StringBuilder _html = new(64 * 1024);

    /// <summary>Markup written in this assembly; never anything that was recorded.</summary>
    internal DossierHtml Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    /// <summary>Text, escaped; what cannot be seen or would turn the line around is made visible.</summary>
    internal DossierHtml Text(string text)
    {
        Escape(text);
        return this;
    }

    internal DossierHtml Element(string tag, string? css, string text)
    {
        Open(tag, css);
        Escape(text);
        _html.Append("</").Append(tag).Append('>');
        return this;
    }

    internal DossierHtml Open(string tag, string? css = null)
    {
        _html.Append('<').Append(tag);
        if (css is not null)
            _html.Append(" class=\"").Append(css).Append('"');
        _html.Append('>');
        return this;
    }

    internal DossierHtml Close(string tag)
    {
        _html.Append("</").Append(tag).Append(">\n");
        return this;
    }

    internal DossierHtml Head(params string[] columns)
    {
        _html.Append("<thead><tr>");
        foreach (var column in columns)
            Element("th", null, column);
        _html.Append("</tr></thead>\n");
        return this;
    }

    // A word longer than this would push a table off the page, so its cell may break anywhere; other cells break between words.
    const int LongestWord = 22;

    internal DossierHtml Cell(string text, string? css = null) =>
        Element("td", text.Split(' ').Any(word => word.Length > LongestWord) ? css is null ? "any" : css + " any" : css, text);

    public override string ToString() => _html.ToString();

    void Escape(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var rune = new Rune(c, text[i + 1]);
                if (Hidden(rune.Value, Rune.GetUnicodeCategory(rune)))
                    Visible(rune.Value);
                else
                    _html.Append(c).Append(text[i + 1]);
                i++;
                continue;
            }

            switch (c)
            {
                case '&':
                    _html.Append("&amp;");
                    break;
                case '<':
                    _html.Append("&lt;");
                    break;
                case '>':
                    _html.Append("&gt;");
                    break;
                case '"':
                    _html.Append("&quot;");
                    break;
                case '\'':
                    _html.Append("&#39;");
                    break;
                case '\n':
                    _html.Append('\n');
                    break;
                default:
                    if (char.IsSurrogate(c) || Hidden(c, char.GetUnicodeCategory(c)))
                        Visible(c);
                    else
                        _html.Append(c);
                    break;
            }
        }
    }

    // What a reader cannot see could change what the reader believes to see: controls, marks of direction, joiners, fillers, tags.
    static bool Hidden(int codePoint, UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        || codePoint is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    void Visible(int codePoint) => _html.Append(CultureInfo.InvariantCulture, $"<span class=\"inv\">U+{codePoint:X4}</span>");
}
