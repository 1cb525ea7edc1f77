// ZNC's log module: "[HH:MM:SS] <nick> words", a file a day whose name is the day (https://wiki.znc.in/Log).
// Checked against logs that ZNC 1.8.2 wrote: samples/clients/znc.
using System.Text;
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class ZncLog : TranscriptFormat
{
    public override string Format => "znc";

    internal override string Title => "a ZNC log";

    internal override bool IgnoresCaseOfHandles => true;

    internal override string? Fits(FileHead head)
    {
        if (head.Count(PlainIrcLog.IsSession) > 0)
            return null;
        var fits = head.Count(line => Parts(line).Kind != LineKind.Broken);
        return fits > 0 && fits * 2 >= head.LineCount ? $"{fits} of its first {head.LineCount} lines begin with [HH:MM:SS] as ZNC writes it" : null;
    }

    // What ZNC writes and clients that share its bracketed time do not.
    internal static bool IsOwn(ReadOnlySpan<byte> line) =>
        line.Length > 11 && line[0] == (byte)'[' && line[9] == (byte)']'
        && (line[10..].StartsWith(" *** Joins: "u8) || line[10..].StartsWith(" *** Parts: "u8) || line[10..].StartsWith(" *** Quits: "u8));

    internal override void ReadName(ReadingContext context) => context.Day ??= DayInName(context.FileName);

    static DateOnly? DayInName(string name)
    {
        // 2026-11-25.log, or #room_20261125.log of older versions: the module's default names, and nothing looser.
        var stem = Path.GetFileNameWithoutExtension(name);
        var bytes = Encoding.UTF8.GetBytes(stem);
        if (bytes.Length >= 10 && IrcLogLine.TryDate(bytes.AsSpan(bytes.Length - 10), out var date))
            return date;
        if (bytes.Length >= 9 && bytes[^9] == (byte)'_' && DateOnly.TryParseExact(stem.AsSpan(stem.Length - 8), "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out date))
            return date;
        return null;
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream, context.Day);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        var parts = Parts(received);
        return parts.Kind == LineKind.Message
            ? Message(header, Charsets.Decode(received[parts.From], header.Charset), Charsets.Decode(received[parts.Text], header.Charset))
            : null;
    }

    static LineParts Parts(ReadOnlySpan<byte> line)
    {
        if (line.Length < 11 || line[0] != (byte)'[' || line[9] != (byte)']' || line[10] != (byte)' ' || IrcLogLine.TryTime(line[1..], out _) != 8)
            return LineParts.Broken;
        var rest = line[11..];
        if (rest.StartsWith("*** "u8))
            return LineParts.Event;
        if (rest.StartsWith("* "u8))
            return IrcLogLine.Acted(line, 13);
        if (rest.StartsWith("-"u8))
            return IrcLogLine.Noticed(line, 11);
        return IrcLogLine.Spoken(line, 11);
    }

    sealed class Reader(Stream stream, DateOnly? day) : LineFormatReader(stream)
    {
        private protected override Step Take(ReadOnlySpan<byte> line)
        {
            var parts = Parts(line);
            if (parts.Kind == LineKind.Broken)
                return Broken("no line of this format");
            if (parts.Kind == LineKind.Event)
                return Step.Event;
            IrcLogLine.TryTime(line[1..], out var time);
            LacksDay = day is null;
            At = day is { } known ? new SpokenAt(known.ToDateTime(default) + time, null) : null;
            return Step.Message;
        }
    }
}
