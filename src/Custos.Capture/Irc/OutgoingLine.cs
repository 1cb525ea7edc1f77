// RFC 1459/2812, sections 3 and 4; IRCv3 "capability-negotiation" and "sasl" (PLAIN: RFC 4616).
// All that capture can ever say, as a closed list: there is no way to make a PRIVMSG, a NOTICE or any other command from here.
using System.Text;

namespace Custos.Capture.Irc;

sealed class OutgoingLine
{
    // RFC 2812, section 2.3: 512 bytes with the CR-LF.
    const int MaxBytes = 510;

    OutgoingLine(string line, string? recordedAs = null)
    {
        Bytes = Encoding.UTF8.GetBytes(line + "\r\n");
        RecordedAs = recordedAs is null ? Bytes : Encoding.UTF8.GetBytes(recordedAs + "\r\n");
    }

    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The same without credentials.</summary>
    internal ReadOnlyMemory<byte> RecordedAs { get; }

    internal static OutgoingLine CapList() => new("CAP LS 302");

    internal static OutgoingLine CapRequest(IEnumerable<string> capabilities) => new("CAP REQ :" + string.Join(' ', capabilities.Select(Word)));

    internal static OutgoingLine CapEnd() => new("CAP END");

    internal static OutgoingLine AuthenticatePlain() => new("AUTHENTICATE PLAIN");

    /// <summary>Credentials as RFC 4616 joins them, in pieces of 400 base64 characters; a last full piece is followed by <c>+</c> (IRCv3 "sasl").</summary>
    internal static IEnumerable<OutgoingLine> Authenticate(string account, string password)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{account}\0{password}"));
        for (var at = 0; at < encoded.Length; at += 400)
            yield return new("AUTHENTICATE " + encoded[at..Math.Min(at + 400, encoded.Length)], "AUTHENTICATE *");
        if (encoded.Length % 400 == 0)
            yield return new("AUTHENTICATE +");
    }

    internal static OutgoingLine Pass(string password) => new("PASS :" + Trailing(password), "PASS *");

    internal static OutgoingLine Nick(string nick) => new("NICK " + Word(nick));

    internal static OutgoingLine User(string user, string realName) => new($"USER {Word(user)} 0 * :{Trailing(realName)}");

    internal static OutgoingLine Ping(string token) => new("PING :" + Trailing(token));

    internal static OutgoingLine Join(string room) => new("JOIN " + Word(room));

    internal static OutgoingLine Part(string room) => new("PART " + Word(room));

    internal static OutgoingLine Quit() => new("QUIT");

    /// <summary>
    /// Answers a PING with its own token, cut at the first byte that could end a line: a server, or someone who writes
    /// through it, must not be able to make us say something.
    /// </summary>
    internal static OutgoingLine Pong(ReadOnlySpan<byte> token)
    {
        var cut = token.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
        if (cut >= 0)
            token = token[..cut];
        return new("PONG :" + IrcText.Decode(token[..Math.Min(token.Length, 200)]));
    }

    /// <summary>True if a name can stand as one word of a line.</summary>
    internal static bool IsWord(string? text) =>
        text is { Length: > 0 and <= 200 } && text[0] != ':' && text.All(c => c is not (' ' or '\r' or '\n' or '\0' or ','));

    static string Word(string text) => IsWord(text)
        ? text
        : throw new ArgumentException("A name on a line of IRC has no space, comma, line end or NUL and does not begin with a colon.", nameof(text));

    static string Trailing(string text) => text.AsSpan().ContainsAny('\r', '\n', '\0') || text.Length > MaxBytes - 20
        ? throw new ArgumentException("A parameter of IRC has no line end or NUL and fits its line.", nameof(text))
        : text;
}
