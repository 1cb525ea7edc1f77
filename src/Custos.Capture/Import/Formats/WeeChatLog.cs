// WeeChat's logger: time, tab, prefix, tab, words (https://weechat.org/files/doc/stable/weechat_user.en.html, "Logger plugin").
// Checked against a log that WeeChat 3.8 wrote: samples/clients/weechat.
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class WeeChatLog : TranscriptFormat
{
    public override string Format => "weechat";

    internal override string Title => "a WeeChat log";

    internal override bool IgnoresCaseOfHandles => true;

    internal override string? Fits(FileHead head)
    {
        var fits = head.Count(line => TryStamp(line, out _, out _) > 0 && Parts(line).Kind != LineKind.Broken);
        return fits > 0 && fits * 2 >= head.LineCount ? $"{fits} of its first {head.LineCount} lines are date, time, prefix and words parted by tabs" : null;
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        var parts = Parts(received);
        return parts.Kind == LineKind.Message
            ? Message(header, Charsets.Decode(received[parts.From], header.Charset), Charsets.Decode(received[parts.Text], header.Charset))
            : null;
    }

    static int TryStamp(ReadOnlySpan<byte> line, out DateOnly date, out TimeSpan time)
    {
        time = default;
        if (!IrcLogLine.TryDate(line, out date) || line.Length < 20 || line[10] is not ((byte)' ' or (byte)'T'))
            return 0;
        return IrcLogLine.TryTime(line[11..], out time) == 8 && line[19] == (byte)'\t' ? 20 : 0;
    }

    static LineParts Parts(ReadOnlySpan<byte> line)
    {
        var start = TryStamp(line, out _, out _);
        if (start == 0)
            return LineParts.Broken;
        var cut = line[start..].IndexOf((byte)'\t');
        if (cut < 0)
            return LineParts.Broken;
        var prefix = line.Slice(start, cut);
        var text = start + cut + 1;
        if (prefix.SequenceEqual(" *"u8))
            return IrcLogLine.Acted(line, text);
        if (prefix.IsEmpty || prefix[0] is (byte)'-' or (byte)'<' or (byte)'=' or (byte)'*' or (byte)' ')
            return LineParts.Event;
        var nick = IrcLogLine.Unsigned(prefix, 0, spaceToo: false);
        return IrcLogLine.IsNick(prefix[nick..])
            ? new(LineKind.Message, (start + nick)..(start + cut), text..line.Length)
            : LineParts.Broken;
    }

    sealed class Reader(Stream stream) : LineFormatReader(stream)
    {
        private protected override Step Take(ReadOnlySpan<byte> line)
        {
            var parts = Parts(line);
            if (parts.Kind == LineKind.Broken)
                return Broken("no line of this format");
            if (parts.Kind == LineKind.Event)
                return Step.Event;
            TryStamp(line, out var date, out var time);
            At = new SpokenAt(date.ToDateTime(default) + time, null);
            return Step.Message;
        }
    }
}
