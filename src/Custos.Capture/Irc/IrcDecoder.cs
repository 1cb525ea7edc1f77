// RFC 2812, section 3.3 (PRIVMSG, NOTICE); IRCv3 "message-ids" (msgid) and "server-time" (time); CTCP ACTION as in
// modern.ircdocs.horse/ctcp. Other CTCP is a program talking to a program: kept as bytes, no message.
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Irc;

/// <summary>Decodes recorded lines of IRC.</summary>
public sealed class IrcDecoder : IMessageDecoder
{
    internal const string FormatName = "irc";

    /// <inheritdoc/>
    public string Format => FormatName;

    /// <inheritdoc/>
    public ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (Flags(header).Contains("piece", StringComparison.Ordinal)
            || !IrcLine.TryParse(received, out var line)
            || line.Count < 2
            || !(line.Is("PRIVMSG"u8) || line.Is("NOTICE"u8)))
        {
            return null;
        }

        var words = line[1];
        if (!words.IsEmpty && words[0] == 1)
        {
            if (!words.StartsWith("\u0001ACTION "u8))
                return null;
            words = words["\u0001ACTION ".Length..];
            if (!words.IsEmpty && words[^1] == 1)
                words = words[..^1];
        }

        // The server's clock where it says the time; else ours, at which the line arrived.
        SpokenAt? at = SpokenAt.TryParse(line.Tag("time"u8), out var said) ? said
            : SpokenAt.TryParse(header.At, out var arrived) ? arrived : null;
        return new(
            new(header.Venue),
            header.Thread,
            line.Tag("msgid"u8) is { Length: > 0 } id ? id : header.Id ?? "",
            at,
            new(IrcText.Decode(line.SourceNick)),
            header.Thread.Length == 0 ? null : new(IrcText.Decode(line[0])),
            IrcText.Decode(words),
            header.Direction);
    }

    static string Flags(CaptureHeader header) =>
        header.Context is { } context && context.TryGetValue("flags", out var flags) ? flags : "";
}
