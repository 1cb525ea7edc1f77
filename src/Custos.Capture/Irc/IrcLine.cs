// The message of RFC 1459, section 2.3.1, and RFC 2812, section 2.3.1, with the tags of IRCv3 "message-tags":
// ['@' tags SPACE] [':' source SPACE] command *( SPACE parameter ) [SPACE ':' trailing] crlf
// Parsing never copies and never fails loudly: what is no message is only bytes.
using System.Runtime.CompilerServices;
using System.Text;

namespace Custos.Capture.Irc;

readonly ref struct IrcLine
{
    // RFC 2812, section 2.3: at most 15 parameters.
    const int MaxParameters = 15;

    readonly ReadOnlySpan<byte> _bytes;
    readonly Ranges _parameters;

    IrcLine(ReadOnlySpan<byte> bytes, Range tags, Range source, Range command, Ranges parameters, int count)
    {
        _bytes = bytes;
        Tags = bytes[tags];
        Source = bytes[source];
        Command = bytes[command];
        _parameters = parameters;
        Count = count;
    }

    /// <summary>Without the <c>@</c>.</summary>
    internal ReadOnlySpan<byte> Tags { get; }

    /// <summary>Without the <c>:</c>: a server's name, or <c>nick!ident@host</c>.</summary>
    internal ReadOnlySpan<byte> Source { get; }

    internal ReadOnlySpan<byte> Command { get; }

    /// <summary>How many parameters.</summary>
    internal int Count { get; }

    /// <summary>The line without its tags and its end.</summary>
    internal ReadOnlySpan<byte> Untagged => Tags.IsEmpty ? _bytes : _bytes[(Tags.Length + 1)..].TrimStart((byte)' ');

    /// <summary>A parameter; empty beyond the last.</summary>
    internal ReadOnlySpan<byte> this[int index] => index < Count ? _bytes[_parameters[index]] : default;

    internal bool IsFromPerson => Source.IndexOf((byte)'!') > 0;

    internal ReadOnlySpan<byte> SourceNick
    {
        get
        {
            var end = Source.IndexOfAny((byte)'!', (byte)'@');
            return end < 0 ? Source : Source[..end];
        }
    }

    /// <summary>The number of a reply; -1 for a command.</summary>
    internal int Numeric => Command.Length == 3 && char.IsAsciiDigit((char)Command[0]) && char.IsAsciiDigit((char)Command[1]) && char.IsAsciiDigit((char)Command[2])
        ? ((Command[0] - '0') * 100) + ((Command[1] - '0') * 10) + (Command[2] - '0')
        : -1;

    /// <summary>Commands are compared without regard to case (RFC 2812 gives them in capitals, servers mostly send them so).</summary>
    internal bool Is(ReadOnlySpan<byte> command) => Ascii.EqualsIgnoreCase(Command, command);

    /// <summary>A tag's value, unescaped (message-tags, "Escaping values"); null if the tag is absent.</summary>
    internal string? Tag(ReadOnlySpan<byte> name)
    {
        var rest = Tags;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)';');
            var tag = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var equals = tag.IndexOf((byte)'=');
            var key = equals < 0 ? tag : tag[..equals];
            if (key.SequenceEqual(name))
                return equals < 0 ? "" : Unescape(tag[(equals + 1)..]);
        }

        return null;
    }

    /// <summary>Parses a line, with or without its line end.</summary>
    /// <returns>False if there is no command in it.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> line, out IrcLine parsed)
    {
        parsed = default;
        line = WithoutEnd(line);
        var at = 0;
        Range tags = default, source = default;
        if (at < line.Length && line[at] == '@')
        {
            tags = Word(line, at + 1);
            at = SkipSpaces(line, tags.End.Value);
        }

        if (at < line.Length && line[at] == ':')
        {
            source = Word(line, at + 1);
            at = SkipSpaces(line, source.End.Value);
        }

        var command = Word(line, at);
        if (line[command].IsEmpty)
            return false;
        at = SkipSpaces(line, command.End.Value);
        Ranges parameters = default;
        var count = 0;
        while (at < line.Length)
        {
            if (line[at] == ':' || count == MaxParameters - 1)
            {
                parameters[count++] = (line[at] == ':' ? at + 1 : at)..line.Length;
                break;
            }

            var parameter = Word(line, at);
            parameters[count++] = parameter;
            at = SkipSpaces(line, parameter.End.Value);
        }

        parsed = new(line, tags, source, command, parameters, count);
        return true;
    }

    internal static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> line)
    {
        if (!line.IsEmpty && line[^1] == '\n')
            line = line[..^1];
        if (!line.IsEmpty && line[^1] == '\r')
            line = line[..^1];
        return line;
    }

    static Range Word(ReadOnlySpan<byte> line, int from)
    {
        var length = line[from..].IndexOf((byte)' ');
        return from..(length < 0 ? line.Length : from + length);
    }

    static int SkipSpaces(ReadOnlySpan<byte> line, int at)
    {
        while (at < line.Length && line[at] == ' ')
            at++;
        return at;
    }

    static string Unescape(ReadOnlySpan<byte> value)
    {
        var text = IrcText.Decode(value);
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            // A lone backslash at the end is dropped, an unknown escape loses its backslash: message-tags says so.
            if (++i == text.Length)
                break;
            plain.Append(text[i] switch { ':' => ';', 's' => ' ', 'r' => '\r', 'n' => '\n', var other => other });
        }

        return plain.ToString();
    }

    [InlineArray(MaxParameters)]
    struct Ranges
    {
        Range _first;
    }
}
