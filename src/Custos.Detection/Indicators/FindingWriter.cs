// The findings file of detection-spec, section 12: JSON Lines, UTF-8, LF, fixed key order, no spaces, escapes only for '"', '\' and below 0x20 (section 11).
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Custos.Detection;

/// <summary>Writes findings, a line each, the same bytes on every machine. No word of a chat is ever in one.</summary>
public static class FindingWriter
{
    /// <summary>Writes one finding and a line feed.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="finding">What.</param>
    /// <param name="withExhibits">True to add an <c>exhibit</c> key to each citation, as the pipeline does for a recorded log.</param>
    /// <param name="shadow">True for what a changed pack found beside the published one: the line says so, and no queue takes it.</param>
    public static void Write(IBufferWriter<byte> output, Finding finding, bool withExhibits, bool shadow = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(finding);
        var line = new JsonLine(output);
        line.Raw(finding.Kind == FindingKind.Alert ? "{\"kind\":\"alert\",\"scope\":"u8 : "{\"kind\":\"indicator\",\"scope\":"u8);
        line.Raw(finding.Scope == FindingScope.Pair ? "\"pair\",\"venue\":"u8 : "\"place\",\"venue\":"u8);
        line.Text(finding.Venue);
        line.Raw(",\"thread\":"u8);
        line.Text(finding.Thread);
        line.Raw(",\"author\":"u8);
        line.Text(finding.Author);
        line.Raw(",\"counterpart\":"u8);
        line.TextOrNull(finding.Counterpart);
        line.Raw(finding.Role == AuthorRole.Account ? ",\"role\":\"account\",\"messageId\":"u8 : ",\"role\":\"persona\",\"messageId\":"u8);
        line.Text(finding.MessageId);
        line.Raw(",\"at\":"u8);
        line.TextOrNull(finding.At?.ToString());
        line.Raw(",\"score\":"u8);
        if (finding.Score is { } score)
            line.Thousandths(score.Millibits);
        else
            line.Raw("null"u8);
        line.Raw(",\"probability\":"u8);
        if (finding.Probability is { } probability)
            line.Millionths(probability.Millionths);
        else
            line.Raw("null"u8);
        line.Raw(",\"indicators\":"u8);
        Citations(ref line, finding.Indicators, withExhibits);
        line.Raw(",\"exculpatory\":"u8);
        Citations(ref line, finding.Exculpatory, withExhibits);
        line.Raw(finding.Peer ? ",\"peer\":true,\"engine\":"u8 : ",\"peer\":false,\"engine\":"u8);
        line.Text(finding.Engine);
        line.Raw(",\"pack\":"u8);
        line.Text(finding.Pack);
        line.Raw(",\"model\":"u8);
        line.Text(finding.Model);
        line.Raw(shadow ? ",\"shadow\":true}\n"u8 : "}\n"u8);
    }

    static void Citations(ref JsonLine line, IReadOnlyList<Indicator> indicators, bool withExhibits)
    {
        line.Raw("["u8);
        for (var i = 0; i < indicators.Count; i++)
        {
            if (i > 0)
                line.Raw(","u8);
            Citation(ref line, indicators[i], withExhibits);
        }

        line.Raw("]"u8);
    }

    static void Citation(ref JsonLine line, Indicator indicator, bool withExhibits)
    {
        line.Raw("{\"code\":"u8);
        line.Text(indicator.Code);
        line.Raw(",\"messageId\":"u8);
        line.Text(indicator.MessageId);
        if (withExhibits)
        {
            line.Raw(",\"exhibit\":"u8);
            line.Number(indicator.Exhibit.LeafIndex);
        }

        line.Raw(",\"start\":"u8);
        line.Number(indicator.Start);
        line.Raw(",\"length\":"u8);
        line.Number(indicator.Length);
        line.Raw(",\"rule\":"u8);
        line.Text(indicator.Rule);
        line.Raw(",\"folded\":["u8);
        for (var i = 0; i < indicator.Folded.Count; i++)
        {
            if (i > 0)
                line.Raw(","u8);
            line.Text(indicator.Folded[i]);
        }

        line.Raw("],\"attributes\":{"u8);
        for (var i = 0; i < indicator.Attributes.Count; i++)
        {
            if (i > 0)
                line.Raw(","u8);
            line.Text(indicator.Attributes[i].Name);
            line.Raw(":"u8);
            var attribute = indicator.Attributes[i];
            if (attribute.IsNumber || attribute.Value is "true" or "false")
                line.Ascii(attribute.Value);
            else
                line.Text(attribute.Value);
        }

        line.Raw("}}"u8);
    }
}

/// <summary>Writes JSON in the one form of detection-spec, section 11.</summary>
readonly ref struct JsonLine(IBufferWriter<byte> output)
{
    internal void Raw(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    internal void Ascii(string text)
    {
        var span = output.GetSpan(text.Length);
        output.Advance(Encoding.ASCII.GetBytes(text, span));
    }

    internal void Number(long number)
    {
        var span = output.GetSpan(20);
        if (!number.TryFormat(span, out var written, provider: CultureInfo.InvariantCulture))
            throw new InvalidOperationException("A number did not fit.");
        output.Advance(written);
    }

    internal void Thousandths(int value)
    {
        if (value < 0)
            Raw("-"u8);
        var magnitude = Math.Abs((long)value);
        Number(magnitude / 1000);
        Digits(magnitude % 1000, 3);
    }

    internal void Millionths(int value)
    {
        Number(value / 1_000_000);
        Digits(value % 1_000_000, 6);
    }

    void Digits(long value, int places)
    {
        var span = output.GetSpan(places + 1);
        span[0] = (byte)'.';
        for (var i = places; i > 0; i--)
        {
            span[i] = (byte)('0' + (value % 10));
            value /= 10;
        }

        output.Advance(places + 1);
    }

    internal void TextOrNull(string? text)
    {
        if (text is null)
            Raw("null"u8);
        else
            Text(text);
    }

    internal void Text(string text)
    {
        Raw("\""u8);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var plain = 0;
            while (plain < rest.Length && rest[plain] >= 0x20 && rest[plain] is not ('"' or '\\'))
                plain++;
            if (plain > 0)
            {
                var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(plain));
                output.Advance(Encoding.UTF8.GetBytes(rest[..plain], span));
                rest = rest[plain..];
                continue;
            }

            Escape(rest[0]);
            rest = rest[1..];
        }

        Raw("\""u8);
    }

    void Escape(char c)
    {
        switch (c)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            default:
                var span = output.GetSpan(6);
                "\\u00"u8.CopyTo(span);
                span[4] = (byte)(c >= 0x10 ? '1' : '0');
                span[5] = (byte)"0123456789abcdef"[c & 15];
                output.Advance(6);
                break;
        }
    }
}
