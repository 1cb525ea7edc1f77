using System.Text.Unicode;
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import;

/// <summary>One pass over a file: message after message, with the header each will be recorded under.</summary>
sealed class TranscriptPass
{
    readonly TranscriptFormat _format;
    readonly FormatReader _reader;
    readonly ReadingOptions _options;
    readonly SourceZone? _zone;
    readonly ReadingReport _report;
    readonly RepeatFinder? _repeats;
    readonly long? _file;
    readonly string _fallbackVenue;
    readonly int _longest;

    /// <param name="format">The file's format.</param>
    /// <param name="stream">The file from its beginning.</param>
    /// <param name="context">What is known of it.</param>
    /// <param name="zone">The zone of its local times, if known.</param>
    /// <param name="fallbackVenue">The place where nothing names one.</param>
    /// <param name="file">The exhibit that opened it, if any.</param>
    /// <param name="longest">The longest recorded form, in bytes.</param>
    /// <param name="repeats">Tells repeats; null if they do not matter to this pass.</param>
    /// <param name="report">Counts.</param>
    internal TranscriptPass(TranscriptFormat format, Stream stream, ReadingContext context, SourceZone? zone, string fallbackVenue, long? file, int longest, RepeatFinder? repeats, ReadingReport report)
    {
        _format = format;
        _reader = format.NewReader(stream, context);
        _options = context.Options;
        _zone = zone;
        _fallbackVenue = fallbackVenue;
        _file = file;
        _longest = longest;
        _repeats = format.HasIds ? repeats : null;
        _report = report;
        Header = null!;
        Message = null!;
    }

    internal CaptureHeader Header { get; private set; }

    internal ChatMessage Message { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _reader.Bytes;

    internal long Offset => _reader.Offset;

    internal bool Next()
    {
        while (true)
        {
            var step = _reader.Next();
            _report.Bytes = _reader.Position;
            if (step == Step.End)
            {
                _report.LastLineCut = !_reader.EndsWhole;
                return false;
            }

            _report.Lines = _reader.Line;
            switch (step)
            {
                case Step.Message when Take():
                    return true;
                case Step.Event:
                    _report.Events++;
                    break;
                case Step.Unreadable:
                    _report.AddUnreadable(_reader.Line, _reader.Problem);
                    break;
            }
        }
    }

    bool Take()
    {
        var bytes = _reader.Bytes;
        string? charset = null;
        if (!Utf8.IsValid(bytes))
        {
            if (_format.IsUtf8)
                return Unreadable("invalid UTF-8");
            charset = _options.Charset ?? Charsets.Fallback;
        }

        var at = _reader.At is { Offset: null } local && _zone is not null ? _zone.Resolve(local.Local) : _reader.At;
        var header = new CaptureHeader
        {
            Format = _format.Format,
            Venue = _reader.Venue ?? _options.Venue ?? _format.DefaultVenue ?? _fallbackVenue,
            Thread = _reader.Thread ?? _options.Thread ?? "",
            At = at?.ToString(),
            File = _file,
            Offset = _reader.Offset,
            Charset = charset,
            Context = _reader.Context,
        };
        if (_format.Decode(header, bytes) is not { } message)
            return Unreadable("no message of this format");
        if (message.Venue.Value != header.Venue || message.Thread != header.Thread)
            header = header with { Venue = message.Venue.Value, Thread = message.Thread };
        if (_reader.At is null && message.At is { Offset: null } said && _zone is not null)
        {
            var known = _zone.Resolve(said.Local);
            header = header with { At = known.ToString() };
            message = message with { At = known };
        }

        if (_options.Persona is { } persona && message.Direction == Direction.None)
        {
            var direction = DirectionOf(message, persona);
            header = header with { Direction = direction };
            message = message with { Direction = direction };
        }

        if (_options.TypedBy is { } typist && message.Direction == Direction.Out)
        {
            header = header with { TypedBy = typist };
            message = message with { TypedBy = typist };
        }

        if (TooLong(header, bytes))
            return Unreadable($"longer than {_longest:N0} bytes");
        switch (_repeats?.Find(message, bytes) ?? Repeat.First)
        {
            case Repeat.Duplicate:
                _report.Duplicates++;
                return false;
            case Repeat.Edit:
                _report.Edits++;
                break;
            case Repeat.First:
                break;
        }

        Count(message, charset);
        Header = header;
        Message = message;
        return true;
    }

    void Count(ChatMessage message, string? charset)
    {
        _report.Messages++;
        if (charset is not null)
            _report.OtherCharset++;
        if (_reader.LacksDay)
            _report.WithoutDay++;
        else if (message.At is null)
            _report.WithoutTime++;
        else if (message.At is { Offset: null })
            _ = _zone is null ? _report.WithoutZone++ : _report.TwiceOrNever++;
        if (message.At is { } at)
            _report.AddTime(at);
    }

    Direction DirectionOf(ChatMessage message, string persona)
    {
        if (Same(message.From.Value, persona))
            return Direction.Out;
        if (message.To is { } to)
            return Same(to.Value, persona) ? Direction.In : Direction.Ambient;
        if (message.Thread.Length > 0)
            return Direction.In;
        // A room: said to us if it begins with our handle, as people address each other there (detection-spec, section 2).
        var text = message.Text;
        return text.Length > persona.Length && Same(text[..persona.Length], persona) && text[persona.Length] is ':' or ',' ? Direction.In : Direction.Ambient;
    }

    bool Same(string handle, string persona) =>
        string.Equals(handle, persona, _format.IgnoresCaseOfHandles ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    bool TooLong(CaptureHeader header, ReadOnlySpan<byte> bytes)
    {
        // Six bytes a character is the most JSON makes of one; only where that could matter is the form written to be measured.
        var roughly = 1_024L + bytes.Length + (6L * (header.Venue.Length + header.Thread.Length + (header.Context?.Count ?? 0) * 32));
        return roughly > _longest && RecordedForm.Write(header, bytes).Length > _longest;
    }

    bool Unreadable(string reason)
    {
        _report.AddUnreadable(_reader.Line, reason);
        return false;
    }
}
