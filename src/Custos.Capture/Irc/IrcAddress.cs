// irc:// and ircs:// as browsers and clients write them (draft-butcher-irc-url-04): the room is percent-encoded in the path.
using System.Diagnostics.CodeAnalysis;
using Custos.Vocabulary;

namespace Custos.Capture.Irc;

/// <summary>A room on a server: <c>irc://host:port/%23room</c>, or <c>ircs://</c> for TLS from the first byte.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="Tls">TLS from the first byte.</param>
/// <param name="Room">With its prefix: <c>#room</c>.</param>
public sealed record IrcAddress(string Host, int Port, bool Tls, string Room)
{
    // Ports as RFC 7194 gives them.
    const int PlainPort = 6667, TlsPort = 6697;

    // RFC 2812, section 1.3.
    const string RoomPrefixes = "#&+!";

    /// <summary>The venue's stable name, as an authorisation gives it: <c>irc://host:port/#room</c>.</summary>
    public VenueId Venue => new($"{(Tls ? "ircs" : "irc")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Room}");

    /// <summary>Reads an address; a literal <c>#</c> is taken as well, and the port may be left out.</summary>
    /// <param name="text">The address.</param>
    /// <param name="tls">TLS is asked for beside the address: <c>irc://</c> is read as <c>ircs://</c>.</param>
    /// <param name="address">The room.</param>
    /// <param name="why">One sentence, if it cannot be read.</param>
    public static bool TryParse(string? text, bool tls, [NotNullWhen(true)] out IrcAddress? address, [NotNullWhen(false)] out string? why)
    {
        address = null;
        why = "An address looks like irc://host:6667/%23room, or ircs://host:6697/%23room for TLS.";
        if (text is null)
            return false;

        // A '#' begins a fragment in a URL; people paste it as it is all the same.
        if (!Uri.TryCreate(text.Replace("#", "%23", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            || uri.Scheme is not ("irc" or "ircs") || uri.Host.Length == 0)
        {
            return false;
        }

        if (uri.UserInfo.Length > 0)
        {
            why = "An address holds no name or password: they would end up in the shell's history and in the venue's name.";
            return false;
        }

        if (uri.Query.Length > 0)
        {
            why = "An address ends with the room; what follows '?' is not understood.";
            return false;
        }

        var secure = tls || uri.Scheme == "ircs";
        var room = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (room.Length < 2 || !RoomPrefixes.Contains(room[0], StringComparison.Ordinal) || !OutgoingLine.IsWord(room) || room.Contains('\a', StringComparison.Ordinal))
        {
            why = "The address names no room: it ends with /%23room, where %23 stands for '#'.";
            return false;
        }

        address = new(uri.HostNameType == UriHostNameType.IPv6 ? uri.Host.Trim('[', ']') : uri.Host, uri.Port > 0 ? uri.Port : secure ? TlsPort : PlainPort, secure, room);
        why = null;
        return true;
    }
}
