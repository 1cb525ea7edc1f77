// RFC 2812, section 2.3: lines end with CR-LF and have at most 512 bytes with it. IRCv3 "message-tags": tags take up to
// 8,191 more, with the '@' and the space after them. Servers break both, so nothing here trusts either: a line end is LF
// with or without CR, and what is too long comes in pieces. Every byte received is in exactly one frame.
using System.Buffers;
using System.Text.Unicode;

namespace Custos.Capture.Irc;

/// <summary>What is wrong with a line.</summary>
[Flags]
enum LineFlags
{
    None = 0,

    /// <summary>Longer than the protocol permits.</summary>
    Overlong = 1,

    /// <summary>Holds a NUL.</summary>
    Nul = 2,

    /// <summary>Is no valid UTF-8.</summary>
    NotUtf8 = 4,

    /// <summary>A piece of a line that was too long to hold.</summary>
    Piece = 8,

    /// <summary>The connection ended before the line did.</summary>
    Unfinished = 16,
}

readonly record struct IrcFrame(ReadOnlyMemory<byte> Bytes, LineFlags Flags);

sealed class IrcFrameReader
{
    internal const int MaxLine = 512;
    internal const int MaxTags = 8_191;

    // The longest line held at once; some servers permit more than 512 bytes, none this much.
    internal const int MaxFrame = 16_384;

    bool _withinLine;

    /// <summary>Takes the next line, with its end, off the front of what was received.</summary>
    /// <param name="buffer">What was received and not yet taken.</param>
    /// <param name="ended">No more will be received.</param>
    /// <param name="frame">The line, in memory of its own.</param>
    /// <returns>False if a line is not complete yet.</returns>
    internal bool TryRead(ref ReadOnlySequence<byte> buffer, bool ended, out IrcFrame frame)
    {
        frame = default;
        if (buffer.IsEmpty)
            return false;
        var window = buffer.Length > MaxFrame ? buffer.Slice(0, MaxFrame) : buffer;
        var end = window.PositionOf((byte)'\n');
        var flags = LineFlags.None;
        ReadOnlySequence<byte> taken;
        if (end is { } lineFeed)
        {
            taken = buffer.Slice(0, buffer.GetPosition(1, lineFeed));
            if (_withinLine)
                flags |= LineFlags.Piece;
            _withinLine = false;
        }
        else if (window.Length == MaxFrame)
        {
            taken = window;
            flags |= LineFlags.Piece;
            _withinLine = true;
        }
        else if (ended)
        {
            frame = Unfinished(buffer.ToArray());
            buffer = buffer.Slice(buffer.End);
            return true;
        }
        else
        {
            return false;
        }

        var bytes = taken.ToArray();
        buffer = buffer.Slice(taken.End);
        frame = new(bytes, flags | FlagsOf(bytes));
        return true;
    }

    /// <summary>What is left of a line when a connection breaks.</summary>
    internal IrcFrame Unfinished(byte[] bytes) => new(bytes, LineFlags.Unfinished | (_withinLine ? LineFlags.Piece : LineFlags.None) | FlagsOf(bytes));

    static LineFlags FlagsOf(ReadOnlySpan<byte> bytes)
    {
        var flags = LineFlags.None;
        var space = bytes[0] == '@' ? bytes.IndexOf((byte)' ') : -1;
        var tags = bytes[0] != '@' ? 0 : space < 0 ? bytes.Length : space + 1;
        if (tags > MaxTags || bytes.Length - tags > MaxLine)
            flags |= LineFlags.Overlong;
        if (bytes.Contains((byte)0))
            flags |= LineFlags.Nul;
        if (!Utf8.IsValid(bytes))
            flags |= LineFlags.NotUtf8;
        return flags;
    }

    /// <summary>The flags as the header of a recorded line names them; null if there are none.</summary>
    internal static string? Names(LineFlags flags)
    {
        if (flags == LineFlags.None)
            return null;
        var names = new List<string>(5);
        if ((flags & LineFlags.Overlong) != 0)
            names.Add("overlong");
        if ((flags & LineFlags.Nul) != 0)
            names.Add("nul");
        if ((flags & LineFlags.NotUtf8) != 0)
            names.Add("not-utf8");
        if ((flags & LineFlags.Piece) != 0)
            names.Add("piece");
        if ((flags & LineFlags.Unfinished) != 0)
            names.Add("unfinished");
        return string.Join(' ', names);
    }
}
