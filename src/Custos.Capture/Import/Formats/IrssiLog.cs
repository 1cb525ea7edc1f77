// irssi's log, as its default theme and settings write it: log_timestamp "%H:%M ", the day only in lines of its own
// (https://irssi.org/documentation/settings/, "[log]"). Checked against a log that irssi 1.4.3 wrote: samples/clients/irssi.
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class IrssiLog : TranscriptFormat
{
    public override string Format => "irssi";

    internal override string Title => "an irssi log";

    internal override bool IgnoresCaseOfHandles => true;

    internal override string? Fits(FileHead head)
    {
        if (head.LineCount == 0)
            return null;
        var days = head.Count(line => line.StartsWith("--- Log opened "u8) || line.StartsWith("--- Day changed "u8) || line.StartsWith("--- Log closed "u8));
        var bodies = head.Count(line => Parts(line).Kind != LineKind.Broken);
        var own = head.Count(IsOwn);
        if (days > 0 && (bodies + days) * 2 >= head.LineCount)
            return $"it has {days} of irssi's '--- Log' and '--- Day changed' lines, and {bodies} of its first {head.LineCount} lines have irssi's form";
        return own > 0 && bodies * 10 >= head.LineCount * 9 ? $"{bodies} of its first {head.LineCount} lines have irssi's form" : null;
    }

    // A space or the sign of a mode before the nick, or irssi's mark of an event: other clients write neither after a bare time.
    static bool IsOwn(ReadOnlySpan<byte> line)
    {
        var length = IrcLogLine.TryTime(line, out _);
        if (length == 0)
            return false;
        var rest = line[length..];
        return rest.StartsWith(" < "u8) || rest.StartsWith(" <@"u8) || rest.StartsWith(" <+"u8) || rest.StartsWith(" -!- "u8) || rest.StartsWith("  * "u8);
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream, context.Options.Day);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        var parts = Parts(received);
        return parts.Kind == LineKind.Message
            ? Message(header, Charsets.Decode(received[parts.From], header.Charset), Charsets.Decode(received[parts.Text], header.Charset))
            : null;
    }

    static LineParts Parts(ReadOnlySpan<byte> line)
    {
        var start = IrcLogLine.TryTime(line, out _);
        if (start == 0 || start >= line.Length || line[start] != (byte)' ')
            return LineParts.Broken;
        start++;
        var rest = line[start..];
        if (rest.StartsWith("-!- "u8) || rest.StartsWith("!"u8) || rest.StartsWith("[ctcp("u8) || rest.SequenceEqual("-!-"u8))
            return LineParts.Event;
        if (rest.StartsWith(" * "u8))
            return IrcLogLine.Acted(line, start + 3);
        if (rest.StartsWith("-"u8))
            return IrcLogLine.Noticed(line, start);
        return IrcLogLine.Spoken(line, start);
    }

    sealed class Reader(Stream stream, DateOnly? firstDay) : LineFormatReader(stream)
    {
        DateOnly? _day = firstDay;

        private protected override Step Take(ReadOnlySpan<byte> line)
        {
            if (line.StartsWith("--- "u8))
            {
                var words = line[4..];
                if (words.StartsWith("Log closed "u8))
                    return Step.Event;
                var opened = words.StartsWith("Log opened "u8);
                if (!opened && !words.StartsWith("Day changed "u8))
                    return Broken("no line of this format");
                if (!IrcLogLine.TryNamedDate(words["Log opened "u8.Length..], out var day, out _))
                {
                    _day = null;
                    return Broken("the day of this line could not be read");
                }

                _day = day;
                return Step.Event;
            }

            var parts = Parts(line);
            if (parts.Kind == LineKind.Broken)
                return Broken("no line of this format");
            if (parts.Kind == LineKind.Event)
                return Step.Event;
            IrcLogLine.TryTime(line, out var time);
            LacksDay = _day is null;
            At = _day is { } known ? new SpokenAt(known.ToDateTime(default) + time, null) : null;
            return Step.Message;
        }
    }
}
