using System.Text;
using Custos.Capture.Decoding;
using Custos.Console.Client;
using Custos.Evidence;

namespace Custos.Server.Client;

/// <summary>An exhibit's content as a page shows it: text where it is text, else its bytes.</summary>
static class ContentInWords
{
    const int MostBytes = 4_096;

    static readonly UTF8Encoding Strict = new(false, true);

    internal static OpenedExhibit Of(Exhibit exhibit, ExhibitAddress opening)
    {
        var content = exhibit.Content;
        var header = new List<KeyValuePair<string, string>>();
        if (exhibit.Entry.Kind == "chat" && RecordedForm.TryRead(content, out var from, out var received))
        {
            content = received;
            header.Add(new("format", from!.Format));
            header.Add(new("venue", from.Venue));
            if (from.Thread.Length > 0)
                header.Add(new("thread", from.Thread));
            if (from.File is { } file)
                header.Add(new("file", new ExhibitNumber(file).ToString()));
            if (from.Offset is { } offset)
                header.Add(new("from byte", offset.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            if (from.Charset is { } charset)
                header.Add(new("charset", charset));
        }

        try
        {
            return new(Strict.GetString(content.Span), null, header, opening);
        }
        catch (DecoderFallbackException)
        {
            var shown = content.Span[..Math.Min(MostBytes, content.Length)];
            return new(null, Lines(Convert.ToHexStringLower(shown)), header, opening);
        }
    }

    // 32 bytes a line, in pairs, as a hex editor shows them.
    static string Lines(string hex)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < hex.Length; i += 2)
            lines.Append(hex, i, 2).Append((i / 2) % 32 == 31 ? '\n' : ' ');
        return lines.ToString();
    }
}
