// What most other IRC clients and people's own scripts write: a time in brackets or bare, then "<nick> words". mIRC's
// "Session Start:" lines give the day (https://www.mirc.com/help/html/logging.html), and eggdrop's "--- Mon Nov 02 2026" lines
// do (https://docs.eggheads.org/using/core.html, "Log files").
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class PlainIrcLog : TranscriptFormat
{
    public override string Format => "irc-log";

    internal override string Title => "a plain IRC log";

    internal override bool IgnoresCaseOfHandles => true;

    internal override string? Fits(FileHead head)
    {
        // The clients with a form of their own come first; ZNC's is told from this one only by its events.
        if (head.LineCount == 0 || head.Bytes.StartsWith("<?xml"u8) || head.Bytes.StartsWith("<!"u8) || head.Count(ZncLog.IsOwn) > 0
            || new IrssiLog().Fits(head) is not null || new WeeChatLog().Fits(head) is not null)
        {
            return null;
        }

        var messages = head.Count(line => Parts(line).Kind == LineKind.Message);
        var sessions = head.Count(IsSession);
        var fits = head.Count(line => Parts(line).Kind != LineKind.Broken);
        return (messages > 0 || sessions > 0) && fits * 2 >= head.LineCount
            ? sessions > 0
                ? $"it has {sessions} 'Session' lines, and {messages} of its first {head.LineCount} lines are a time and <nick>"
                : $"{messages} of its first {head.LineCount} lines are a time and <nick>"
            : null;
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream, context.Day);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        var parts = Parts(received);
        return parts.Kind == LineKind.Message
            ? Message(header, Charsets.Decode(received[parts.From], header.Charset), Charsets.Decode(received[parts.Text], header.Charset))
            : null;
    }

    internal static bool IsSession(ReadOnlySpan<byte> line) =>
        line.StartsWith("Session Start: "u8) || line.StartsWith("Session Time: "u8) || line.StartsWith("Session Close: "u8) || line.StartsWith("Session Ident: "u8);

    /// <summary>The time at the start, with or without brackets and date.</summary>
    /// <returns>Where the rest begins; 0 if the line has no time.</returns>
    static int TryStamp(ReadOnlySpan<byte> line, out DateOnly? date, out TimeSpan time)
    {
        date = null;
        time = default;
        var at = 0;
        byte close = 0;
        if (line.Length > 0 && line[0] is (byte)'[' or (byte)'(')
        {
            close = line[0] == (byte)'[' ? (byte)']' : (byte)')';
            at = 1;
        }

        if (IrcLogLine.TryDate(line[at..], out var found) && line.Length > at + 10 && line[at + 10] is (byte)' ' or (byte)'T')
        {
            date = found;
            at += 11;
        }

        var length = IrcLogLine.TryTime(line[at..], out time);
        if (length == 0)
            return 0;
        at += length;
        if (close != 0)
        {
            if (at >= line.Length || line[at] != close)
                return 0;
            at++;
        }

        return at < line.Length && line[at] == (byte)' ' ? at + 1 : 0;
    }

    static LineParts Parts(ReadOnlySpan<byte> line)
    {
        if (IsSession(line))
            return LineParts.Event;
        var start = TryStamp(line, out _, out _);
        var rest = line[start..];
        var spoken = IrcLogLine.Spoken(line, start);
        if (spoken.Kind == LineKind.Message)
            return spoken;
        if (start == 0)
            return LineParts.Broken;
        if (rest.StartsWith("*** "u8) || rest.StartsWith("-!- "u8) || rest.StartsWith("--> "u8) || rest.StartsWith("<-- "u8) || rest.StartsWith("-- "u8))
            return LineParts.Event;
        if (rest.StartsWith("Action: "u8))
            return IrcLogLine.Acted(line, start + 8);
        if (IsEggdropEvent(rest))
            return LineParts.Event;
        if (rest.StartsWith("* "u8))
            return IsMircEvent(rest[2..]) ? LineParts.Event : IrcLogLine.Acted(line, start + 2);
        return rest.StartsWith("-"u8) ? IrcLogLine.Noticed(line, start) : LineParts.Broken;
    }

    // mIRC writes events as it writes actions; only their fixed endings tell them apart.
    static bool IsMircEvent(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("Now talking in "u8) || rest.StartsWith("Topic is "u8) || rest.StartsWith("Set by "u8) || rest.StartsWith("Disconnected"u8)
            || rest.StartsWith("Attempting to rejoin"u8) || rest.StartsWith("Rejoined channel "u8))
        {
            return true;
        }

        var cut = rest.IndexOf((byte)' ');
        if (cut < 0)
            return false;
        var after = rest[(cut + 1)..];
        return (after.StartsWith("("u8) && (after.IndexOf(") has joined "u8) > 0 || after.IndexOf(") has left "u8) > 0 || after.IndexOf(") Quit ("u8) > 0))
            || after.StartsWith("is now known as "u8) || after.StartsWith("sets mode: "u8) || after.StartsWith("changes topic to "u8)
            || after.StartsWith("was kicked by "u8) || after.StartsWith("has joined #"u8) || after.StartsWith("has left #"u8) || after.StartsWith("has quit IRC"u8);
    }

    static bool IsEggdropEvent(ReadOnlySpan<byte> rest) =>
        rest.StartsWith("--- "u8) || rest.StartsWith("Nick change: "u8) || rest.StartsWith("Topic changed on "u8)
        || rest.IndexOf(": mode change '"u8) > 0 || rest.IndexOf(" kicked from #"u8) > 0
        || (rest.IndexOf(" ("u8) > 0 && (rest.IndexOf(") joined #"u8) > 0 || rest.IndexOf(") left #"u8) > 0 || rest.IndexOf(") left irc"u8) > 0
            || rest.IndexOf(") got netsplit"u8) > 0 || rest.IndexOf(") returned to #"u8) > 0 || rest.IndexOf(") got lost in the net-split"u8) > 0));

    sealed class Reader(Stream stream, DateOnly? firstDay) : LineFormatReader(stream)
    {
        DateOnly? _day = firstDay;
        TimeSpan? _last;

        private protected override Step Take(ReadOnlySpan<byte> line)
        {
            if (IsSession(line))
            {
                var dated = line.StartsWith("Session Start: "u8) || line.StartsWith("Session Time: "u8);
                if (dated && IrcLogLine.TryNamedDate(line[(line.IndexOf((byte)' ') + 1)..], out var day, out var started))
                {
                    _day = day;
                    _last = started;
                }

                return Step.Event;
            }

            var parts = Parts(line);
            if (parts.Kind == LineKind.Broken)
                return Broken("no line of this format");
            var start = TryStamp(line, out var date, out var time);
            if (start > 0)
            {
                if (date is not null)
                    _day = date;
                else if (line[start..].StartsWith("--- "u8) && IrcLogLine.TryNamedDate(line[(start + 4)..], out var changed, out _))
                    _day = changed;
                // Half a day back is midnight; less is a clock being set.
                else if (_last is { } last && last - time > TimeSpan.FromHours(12))
                    _day = _day?.AddDays(1);
                _last = time;
                LacksDay = _day is null;
                At = _day is { } known ? new SpokenAt(known.ToDateTime(default) + time, null) : null;
            }
            else
            {
                LacksDay = false;
                At = null;
            }

            return parts.Kind == LineKind.Event ? Step.Event : Step.Message;
        }
    }
}
