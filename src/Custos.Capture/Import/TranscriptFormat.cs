using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import;

/// <summary>The beginning of a file, from which its format is decided.</summary>
sealed class FileHead
{
    internal const int Length = 1 << 18;
    const int MostLines = 2_000;

    readonly byte[] _bytes;
    readonly List<Range> _lines = [];

    internal FileHead(byte[] bytes, bool whole, string fileName, CsvColumns? columns)
    {
        _bytes = bytes;
        IsWhole = whole;
        FileName = fileName;
        Columns = columns;
        var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        Start = start;
        while (start < bytes.Length && _lines.Count < MostLines)
        {
            var cut = bytes.AsSpan(start).IndexOf((byte)'\n');
            // A line that the head cuts says nothing about the format; one that the file cuts does.
            if (cut < 0 && !whole)
                break;
            var end = cut < 0 ? bytes.Length : start + cut;
            var next = cut < 0 ? bytes.Length : end + 1;
            if (end > start && bytes[end - 1] == (byte)'\r')
                end--;
            if (bytes.AsSpan(start, end - start).ContainsAnyExcept((byte)' ', (byte)'\t'))
                _lines.Add(start..end);
            start = next;
        }
    }

    internal string FileName { get; }

    internal CsvColumns? Columns { get; }

    internal bool IsWhole { get; }

    internal int Start { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(Start);

    /// <summary>Whole lines that are not blank.</summary>
    internal int LineCount => _lines.Count;

    internal ReadOnlySpan<byte> Line(int index) => _bytes.AsSpan(_lines[index]);

    internal int Count(LineTest test)
    {
        var count = 0;
        for (var i = 0; i < LineCount; i++)
            count += test(Line(i)) ? 1 : 0;
        return count;
    }

    internal delegate bool LineTest(ReadOnlySpan<byte> line);
}

/// <summary>What a format made of one stretch of a file.</summary>
enum Step
{
    /// <summary>There is nothing more.</summary>
    End,

    /// <summary>A message: the reader's header and bytes are it.</summary>
    Message,

    /// <summary>Something else that belongs to the format.</summary>
    Event,

    /// <summary>Something that could not be read; the reader says why.</summary>
    Unreadable,
}

/// <summary>One pass over a file in one format: finds where messages begin and end, and what the bytes alone do not say.</summary>
abstract class FormatReader
{
    /// <summary>Goes to the next stretch.</summary>
    internal abstract Step Next();

    /// <summary>The message's bytes, exactly as in the file.</summary>
    internal abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Where they begin in the file.</summary>
    internal abstract long Offset { get; }

    /// <summary>The line they begin on, from 1; for a format without lines, the number of the message.</summary>
    internal abstract long Line { get; }

    /// <summary>Bytes consumed.</summary>
    internal abstract long Position { get; }

    /// <summary>Why the last step is unreadable.</summary>
    internal string Problem { get; private protected set; } = "";

    /// <summary>The place, where the format names it.</summary>
    internal string? Venue { get; private protected set; }

    /// <summary>The dialogue, where the format names it.</summary>
    internal string? Thread { get; private protected set; }

    /// <summary>When the message was said, where its bytes alone do not say; local unless known.</summary>
    internal SpokenAt? At { get; private protected set; }

    /// <summary>True if there is a time of day and nothing says which day.</summary>
    internal bool LacksDay { get; private protected set; }

    /// <summary>What else the decoder needs.</summary>
    internal IReadOnlyDictionary<string, string>? Context { get; private protected set; }

    /// <summary>False if the file ends in the middle of something.</summary>
    internal virtual bool EndsWhole => true;
}

/// <summary>What is known of a file before its messages are read.</summary>
sealed class ReadingContext(ReadingOptions options, string fileName)
{
    internal ReadingOptions Options { get; } = options;

    internal string FileName { get; } = fileName;

    /// <summary>The order of numeric dates: from the options, or settled by looking through the file.</summary>
    internal DateOrder? DateOrder { get; set; } = options.DateOrder;

    /// <summary>The day of the first line: from the options, or from the file's name where the client writes it there.</summary>
    internal DateOnly? Day { get; set; } = options.Day;

    /// <summary>Which column is what: from the options, or from the first row.</summary>
    internal CsvColumns? Columns { get; set; } = options.Columns;
}

/// <summary>One chat of an export.</summary>
sealed record ExportedChat(string Venue, string Thread);

/// <summary>A format: how to know it, how to find its messages, how to decode one. One file per format.</summary>
abstract class TranscriptFormat : IMessageDecoder
{
    /// <summary>The name in <c>--format</c>, in exhibits and in reports.</summary>
    public abstract string Format { get; }

    /// <summary>What it is, for a person: <c>an irssi log</c>.</summary>
    internal abstract string Title { get; }

    /// <summary>True if its messages carry ids of their own, so that a repeat can be told.</summary>
    internal virtual bool HasIds => false;

    /// <summary>True if it is UTF-8 by its own rules: other bytes are a fault, not another charset.</summary>
    internal virtual bool IsUtf8 => false;

    /// <summary>True if handles that differ only in case are one (RFC 2812, section 2.2).</summary>
    internal virtual bool IgnoresCaseOfHandles => false;

    /// <summary>The place where neither the file nor the person names one; null: ask.</summary>
    internal virtual string? DefaultVenue => null;

    /// <summary>Why the beginning of a file is this format; null if it is not.</summary>
    internal abstract string? Fits(FileHead head);

    /// <summary>True if the whole file must be looked through before its first message can be read.</summary>
    internal virtual bool LooksThrough(ReadingContext context) => false;

    /// <summary>Looks through the whole file.</summary>
    /// <exception cref="ImportException">There is a choice to make that the file does not settle.</exception>
    internal virtual void LookThrough(Stream stream, ReadingContext context, bool mustSettle)
    {
    }

    /// <summary>What the file's name says, where the client that writes the format puts it there.</summary>
    internal virtual void ReadName(ReadingContext context)
    {
    }

    /// <summary>Begins a pass.</summary>
    internal abstract FormatReader NewReader(Stream stream, ReadingContext context);

    /// <inheritdoc/>
    public abstract ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received);

    private protected static ChatMessage Message(CaptureHeader header, string from, string text, SpokenAt? at = null, string? id = null, string? to = null) => new(
        new(header.Venue),
        header.Thread,
        id ?? header.Id ?? (header.Offset ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture),
        header.At is null ? at : SpokenAt.TryParse(header.At, out var known) ? known : null,
        new(from),
        to is null ? null : new Handle(to),
        text,
        header.Direction)
    {
        TypedBy = header.TypedBy,
    };
}

/// <summary>A pass over a format with a line for each message.</summary>
abstract class LineFormatReader(Stream stream) : FormatReader
{
    private protected LineReader Lines { get; } = new(stream);

    bool _cut;

    internal override ReadOnlySpan<byte> Bytes => Lines.Line;

    internal override long Offset => Lines.Offset;

    internal override long Line => Lines.Number;

    internal override long Position => Lines.Position;

    internal override bool EndsWhole => !_cut;

    internal override Step Next()
    {
        while (Lines.Next())
        {
            _cut = !Lines.Terminated;
            if (Lines.TooLong)
                return Broken("longer than 1 MiB");
            if (Lines.Line.ContainsAnyExcept((byte)' ', (byte)'\t'))
                return Take(Lines.Line);
        }

        return Step.End;
    }

    /// <summary>Reads one line.</summary>
    private protected abstract Step Take(ReadOnlySpan<byte> line);

    private protected Step Broken(string problem)
    {
        Problem = problem;
        return Step.Unreadable;
    }
}
