using Custos.Capture.Import.Formats;
using Custos.Capture.Irc;
using Custos.Evidence;

namespace Custos.Capture.Decoding;

/// <summary>Turns a recorded exhibit into a message, again and again with the same result: the header names the decoder.</summary>
public static class ExhibitDecoder
{
    static readonly Dictionary<string, IMessageDecoder> ByFormat = ((IEnumerable<IMessageDecoder>)[.. KnownFormats.All, new IrcDecoder()]).ToDictionary(decoder => decoder.Format, StringComparer.Ordinal);

    /// <summary>The decoder of a format; null if there is none of that name.</summary>
    public static IMessageDecoder? Find(string format) => ByFormat.GetValueOrDefault(format);

    /// <summary>Decodes a <c>chat</c> exhibit.</summary>
    /// <returns>Null if it is another kind, is not in the recorded form, names no known decoder, or holds no message (a join, a notice).</returns>
    public static DecodedMessage? TryDecode(Exhibit exhibit)
    {
        ArgumentNullException.ThrowIfNull(exhibit);
        if (exhibit.Entry.Kind != "chat" || !RecordedForm.TryRead(exhibit.Content, out var header, out var received) || !ByFormat.TryGetValue(header!.Format, out var decoder))
            return null;
        return decoder.Decode(header, received.Span) is { } message
            ? new(exhibit, exhibit.Content.Length - received.Length, received.Length, message)
            : null;
    }
}
