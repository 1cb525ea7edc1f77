// WhatsApp's "Export chat" text (https://faq.whatsapp.com/1180414079177245). Android: "25/11/2026, 12:34 - Name: words"; iOS:
// "[25/11/2026, 12:34:56] Name: words", U+200E before some lines. Order of the date, 12 or 24 hours, separators and kind of space
// follow the phone's region. A message goes on over the following lines until one begins with a date again. No zone is written.
using System.Buffers;
using System.Text;
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class WhatsAppText : TranscriptFormat
{
    const char LeftToRightMark = '\u200E';

    // Bytes that hold any beginning this format has: two marks, bracket, date, time, half of the day, dash.
    const int LongestStart = 80;

    public override string Format => "whatsapp";

    internal override string Title => "a WhatsApp chat export";

    internal override string? DefaultVenue => "whatsapp";

    internal override string? Fits(FileHead head)
    {
        if (head.LineCount == 0 || !TryStart(head.Line(0), out _, out _))
            return null;
        var starts = head.Count(line => TryStart(line, out _, out _));
        var spoken = head.Count(line => TryStart(line, out _, out var rest) && Named(line, rest));
        return spoken > 0 && starts * 10 >= head.LineCount ? $"{starts} of its first {head.LineCount} lines begin with a date and time as WhatsApp writes them" : null;
    }

    static bool Named(ReadOnlySpan<byte> line, int rest) => line[rest] != (byte)'<' && line[rest..].IndexOf(": "u8) > 0;

    internal override bool LooksThrough(ReadingContext context) => context.DateOrder is null;

    internal override void LookThrough(Stream stream, ReadingContext context, bool mustSettle)
    {
        var lines = new LineReader(stream);
        var evidence = new DateOrderEvidence();
        while (lines.Next())
        {
            if (TryStart(lines.Line, out var date, out _))
                evidence.Add(date, lines.Number);
        }

        context.DateOrder = evidence.Decide(context.FileName, mustSettle);
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream, context);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        if (!TryStart(received, out _, out var start))
            return null;
        var rest = Charsets.Decode(received[start..], header.Charset);
        var cut = rest.IndexOf(": ", StringComparison.Ordinal);
        if (cut <= 0)
        {
            // "Name:" and nothing, or words that begin on the next line.
            cut = rest.IndexOf(":\n", StringComparison.Ordinal);
            if (cut <= 0 && rest.EndsWith(':'))
                cut = rest.Length - 1;
        }

        if (cut <= 0)
            return null;
        var name = rest[..cut].Trim(LeftToRightMark, ' ', '\u202A', '\u202C');
        if (name.Length == 0 || name.Contains('\n', StringComparison.Ordinal))
            return null;
        var text = rest[Math.Min(rest.Length, cut + 2)..].Replace("\r\n", "\n", StringComparison.Ordinal);
        return Message(header, name, text);
    }

    /// <summary>The date and time a message begins with, and where the rest of its first line begins.</summary>
    static bool TryStart(ReadOnlySpan<byte> line, out NumericDate date, out int rest)
    {
        date = default;
        rest = 0;
        if (line.Length < 12 || !(char.IsAsciiDigit((char)line[0]) || line[0] is (byte)'[' or 0xE2))
            return false;
        Span<char> chars = stackalloc char[LongestStart];
        if (Encoding.UTF8.GetDecoder().GetChars(line[..Math.Min(line.Length, LongestStart)], chars, flush: false) is var count && count == 0)
            return false;
        var text = chars[..count];
        var at = 0;
        while (at < text.Length && text[at] == LeftToRightMark)
            at++;
        var bracket = at < text.Length && text[at] == '[';
        if (bracket)
            at++;
        var length = NumericDates.TryRead(text[at..], needsTime: true, out date);
        if (length == 0)
            return false;
        at += length;
        if (bracket)
        {
            if (at + 1 >= text.Length || text[at] != ']' || text[at + 1] != ' ')
                return false;
            at += 2;
        }
        else
        {
            if (at + 3 > text.Length || text[at] != ' ' || text[at + 1] is not ('-' or '\u2013') || text[at + 2] != ' ')
                return false;
            at += 3;
        }

        rest = Encoding.UTF8.GetByteCount(text[..at]);
        return rest < line.Length;
    }

    sealed class Reader(Stream stream, ReadingContext context) : FormatReader
    {
        readonly LineReader _lines = new(stream);
        readonly ArrayBufferWriter<byte> _next = new();
        readonly ArrayBufferWriter<byte> _group = new();
        readonly string _thread = context.Options.Thread ?? Path.GetFileNameWithoutExtension(context.FileName);
        long _offset, _nextOffset;
        long _line, _nextLine;
        int _length;
        bool _ended, _cut, _tooLong;

        internal override ReadOnlySpan<byte> Bytes => _group.WrittenSpan[.._length];

        internal override long Offset => _offset;

        internal override long Line => _line;

        internal override long Position => _lines.Position;

        internal override bool EndsWhole => !_cut;

        internal override Step Next()
        {
            _group.ResetWrittenCount();
            _group.Write(_next.WrittenSpan);
            _next.ResetWrittenCount();
            (_offset, _line) = (_nextOffset, _nextLine);
            _tooLong = false;
            var open = _group.WrittenCount > 0;
            while (!_ended)
            {
                if (!_lines.Next())
                {
                    _ended = true;
                    break;
                }

                _cut = !_lines.Terminated;
                if (_lines.TooLong)
                {
                    _tooLong |= open;
                    if (open)
                        continue;
                    return Problem1("longer than 1 MiB");
                }

                if (TryStart(_lines.Line, out _, out _))
                {
                    if (open)
                    {
                        _next.Write(_lines.LineAndEnd);
                        (_nextOffset, _nextLine) = (_lines.Offset, _lines.Number);
                        return Take();
                    }

                    open = true;
                    (_offset, _line) = (_lines.Offset, _lines.Number);
                    _group.Write(_lines.LineAndEnd);
                }
                else if (open)
                {
                    _tooLong |= _group.WrittenCount + _lines.LineAndEnd.Length > LineReader.LongestLine;
                    if (!_tooLong)
                        _group.Write(_lines.LineAndEnd);
                }
                else if (_lines.Line.ContainsAnyExcept((byte)' ', (byte)'\t'))
                {
                    return Problem1("a line before the first message");
                }
            }

            return open ? Take() : Step.End;
        }

        Step Problem1(string problem)
        {
            (_offset, _line) = (_lines.Offset, _lines.Number);
            Problem = problem;
            return Step.Unreadable;
        }

        Step Take()
        {
            if (_tooLong)
            {
                Problem = "longer than 1 MiB";
                return Step.Unreadable;
            }

            var bytes = _group.WrittenSpan;
            _length = bytes.EndsWith("\r\n"u8) ? bytes.Length - 2 : bytes.EndsWith("\n"u8) ? bytes.Length - 1 : bytes.Length;
            TryStart(bytes, out var date, out var rest);
            // A line without a name is the service's own: encryption, someone joined.
            if (!Bytes[rest..].Contains((byte)':'))
                return Step.Event;
            Thread = _thread;
            var local = context.DateOrder is { } order ? date.In(order) : null;
            LacksDay = false;
            At = local is { } known ? new SpokenAt(known, null) : null;
            return Step.Message;
        }
    }
}
