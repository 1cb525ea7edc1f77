// Text is UTF-8 where it can be (modern.ircdocs.horse, "Message encoding"; RFC 2812 names no encoding at all).
// Bytes that are no UTF-8 are read as ISO 8859-1, which has a character for every byte, so that decoding loses none.
using System.Text;
using System.Text.Unicode;

namespace Custos.Capture.Irc;

static class IrcText
{
    internal static string Decode(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
}

/// <summary>How a server compares names (RFC 2812, section 2.2; ISUPPORT <c>CASEMAPPING</c>).</summary>
sealed class CaseMapping
{
    // The letters of Finland: {}|^ are the lower case of []\~ where the server does not say otherwise.
    internal static CaseMapping Rfc1459 { get; } = new("[]\\~", "{}|^");

    static readonly CaseMapping Strict = new("[]\\", "{}|");
    static readonly CaseMapping AsciiOnly = new("", "");

    readonly string _upper, _lower;

    CaseMapping(string upper, string lower)
    {
        _upper = upper;
        _lower = lower;
    }

    internal static CaseMapping Named(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("ascii"u8) => AsciiOnly,
        _ when name.SequenceEqual("rfc1459-strict"u8) => Strict,
        _ when name.SequenceEqual("rfc1459"u8) => Rfc1459,
        // rfc7613 and others we do not know: comparing letters only is the safer error, two names stay two names.
        _ => AsciiOnly,
    };

    internal string Fold(string name) => string.Create(name.Length, (name, this), static (folded, state) =>
    {
        for (var i = 0; i < folded.Length; i++)
        {
            var c = state.name[i];
            var special = state.Item2._upper.IndexOf(c, StringComparison.Ordinal);
            folded[i] = special >= 0 ? state.Item2._lower[special] : char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
        }
    });

    internal bool Same(string one, string other) => string.Equals(Fold(one), Fold(other), StringComparison.Ordinal);
}
