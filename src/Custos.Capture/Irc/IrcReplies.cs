// The replies that end or delay a capture: RFC 1459, section 6.1; RFC 2812, section 5.2; and those that later servers
// agree on (modern.ircdocs.horse, "Numerics"; defs.ircdocs.horse).
using System.Collections.Frozen;

namespace Custos.Capture.Irc;

static class IrcReplies
{
    internal const int Welcome = 1, Features = 5, TryAgain = 263, LoggedIn = 900, SaslSuccess = 903;
    internal const int UnknownCommand = 421, TooFast = 439;

    /// <summary>Another name may do: 431-433 and 436 are of the nick, 437 of nick or room.</summary>
    internal static bool IsNickRefused(int numeric) => numeric is 432 or 433 or 436 or 437;

    internal static bool IsSaslRefused(int numeric) => numeric is 902 or 904 or 905 or 906 or 908;

    /// <summary>Why the room was not entered, by number. Retried means that waiting may help and is no way around a refusal.</summary>
    internal static FrozenDictionary<int, (string Meaning, bool Retried)> RoomRefused { get; } = new Dictionary<int, (string, bool)>
    {
        [403] = ("there is no such room", false),
        [405] = ("we are in too many rooms", false),
        [437] = ("the room is unavailable for a while", true),
        [470] = ("the server sends people on to another room, which the authorisation does not name", false),
        [471] = ("the room is full (+l)", true),
        [473] = ("the room is by invitation only (+i)", false),
        [474] = ("we are banned from the room (+b)", false),
        [475] = ("the room has a key (+k)", false),
        [476] = ("the room's name is not allowed there", false),
        [477] = ("the room is for registered accounts (+r)", false),
        [479] = ("the room's name is not allowed there", false),
        [480] = ("people may not join so fast", true),
        [489] = ("the room is for TLS connections only (+z)", false),
        [520] = ("the room is for the server's operators", false),
    }.ToFrozenDictionary();

    /// <summary>Why the server does not want us at all.</summary>
    internal static FrozenDictionary<int, string> ServerRefused { get; } = new Dictionary<int, string>
    {
        [463] = "it does not take connections from this host",
        [464] = "the server's password is wrong or missing",
        [465] = "we are banned from the server",
        [466] = "we are about to be banned from the server",
    }.ToFrozenDictionary();
}
