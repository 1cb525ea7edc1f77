// Comma-separated values as RFC 4180 describes them (quotes doubled, line breaks within quotes), with another separator where
// the person or the first row says so. Which column is what comes from a column map, or from a first row that names
// the fields of custos-transcript/1.
using System.Buffers;
using System.Globalization;
using System.Text;
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class CsvTable : TranscriptFormat
{
    static readonly string[] FieldNames = ["venue", "thread", "id", "at", "from", "to", "text", "direction"];

    public override string Format => "csv";

    internal override string Title => "a table (CSV)";

    internal override bool HasIds => true;

    internal override string? Fits(FileHead head)
    {
        if (head.LineCount == 0)
            return null;
        if (head.Columns is not null)
            return "a column map was given";
        return OwnColumns(head.Line(0)) is null ? null : "its first row names the columns 'from' and 'text'";
    }

    static CsvColumns? OwnColumns(ReadOnlySpan<byte> row)
    {
        foreach (var delimiter in (char[])[',', ';', '\t', '|'])
        {
            var cells = Cells(row, delimiter).Select(cell => cell.Trim().ToLowerInvariant()).ToList();
            if (!cells.Contains("from") || !cells.Contains("text"))
                continue;
            string? Named(string name) => cells.Contains(name) ? name : null;
            return new()
            {
                From = "from",
                Text = "text",
                Venue = Named("venue"),
                Thread = Named("thread"),
                Id = Named("id"),
                At = Named("at"),
                To = Named("to"),
                Direction = Named("direction"),
                Delimiter = delimiter,
            };
        }

        return null;
    }

    internal override bool LooksThrough(ReadingContext context) => true;

    internal override void LookThrough(Stream stream, ReadingContext context, bool mustSettle)
    {
        var rows = new Rows(stream);
        var first = rows.Next();
        if (context.Columns is null)
        {
            context.Columns = (first ? OwnColumns(rows.Row) : null)
                ?? throw new ImportException(ImportFault.Columns, $"The columns of '{context.FileName}' are not known. Nothing was recorded. Say which is which with --columns map.yaml (docs/operating/import.md), or name them from and text in the first row.");
        }

        // Read once to check the names against the first row.
        var table = Table.Of(context, first ? rows.Row : default);
        if (table.At is not { } column || table.Time != "date" || context.DateOrder is not null)
            return;
        var evidence = new DateOrderEvidence();
        if (context.Columns.HasHeader)
            first = rows.Next();
        for (var more = first; more; more = rows.Next())
        {
            var cells = Cells(rows.Row, table.Delimiter);
            if (column < cells.Count && !SpokenAt.TryParse(cells[column].Trim(), out _) && NumericDates.TryRead(cells[column].Trim(), needsTime: false, out var date) > 0)
                evidence.Add(date, rows.Line);
        }

        context.DateOrder = evidence.Decide(context.FileName, mustSettle);
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream, context);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        if (header.Context is not { } context || !TryColumn(context, "from", out var from) || !TryColumn(context, "text", out var text))
            return null;
        var cells = Cells(received, context.TryGetValue("delimiter", out var delimiter) && delimiter.Length == 1 ? delimiter[0] : ',', header.Charset);
        string? Cell(string name) => TryColumn(context, name, out var column) && column < cells.Count ? cells[column] : null;
        if (from >= cells.Count || text >= cells.Count)
            return null;
        var id = Cell("id");
        var to = Cell("to");
        var message = Message(
            header,
            cells[from],
            cells[text],
            Time(Cell("at")?.Trim(), context.GetValueOrDefault("time", "date"), context.GetValueOrDefault("order")),
            string.IsNullOrEmpty(id) ? null : id,
            string.IsNullOrEmpty(to) ? null : to);
        return Cell("direction")?.Trim() switch
        {
            "out" => message with { Direction = Direction.Out },
            "in" => message with { Direction = Direction.In },
            "ambient" => message with { Direction = Direction.Ambient },
            _ => message,
        };
    }

    static SpokenAt? Time(string? text, string kind, string? order)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (kind is "unix" or "unix-ms")
        {
            return decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && (kind == "unix" ? number * 1000 : number) is >= -62_135_596_800_000m and < 253_402_300_800_000m and var milliseconds
                    ? SpokenAt.Utc(DateTimeOffset.UnixEpoch.AddTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond)))
                    : null;
        }

        if (SpokenAt.TryParse(text, out var at))
            return at;
        if (NumericDates.TryRead(text, needsTime: false, out var date) != text.Length)
            return null;
        var known = order switch { "dmy" => DateOrder.DayMonthYear, "mdy" => DateOrder.MonthDayYear, "ymd" => DateOrder.YearMonthDay, _ => (DateOrder?)null };
        if (known is null && !date.YearFirst)
            return null;
        return date.In(known ?? DateOrder.YearMonthDay) is { } local ? new SpokenAt(local, null) : null;
    }

    static bool TryColumn(IReadOnlyDictionary<string, string> context, string name, out int column)
    {
        column = 0;
        return context.TryGetValue(name, out var number) && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out column);
    }

    static List<string> Cells(ReadOnlySpan<byte> row, char delimiter, string? charset = null)
    {
        var text = Charsets.Decode(row, charset);
        var cells = new List<string>();
        var at = 0;
        while (true)
        {
            if (at < text.Length && text[at] == '"')
            {
                var cell = new StringBuilder();
                at++;
                while (at < text.Length)
                {
                    if (text[at] != '"')
                        cell.Append(text[at++]);
                    else if (at + 1 < text.Length && text[at + 1] == '"')
                        (_, at) = (cell.Append('"'), at + 2);
                    else
                        break;
                }

                at++;
                // What follows a closing quote before the separator is kept rather than lost.
                var end = at > text.Length ? -1 : text.IndexOf(delimiter, at);
                cell.Append(at > text.Length ? "" : text[at..(end < 0 ? text.Length : end)]);
                cells.Add(cell.ToString());
                if (end < 0)
                    return cells;
                at = end + 1;
            }
            else
            {
                var end = text.IndexOf(delimiter, at);
                cells.Add(text[at..(end < 0 ? text.Length : end)]);
                if (end < 0)
                    return cells;
                at = end + 1;
            }
        }
    }

    /// <summary>The column map with numbers in place of names.</summary>
    sealed class Table
    {
        internal int? At { get; private init; }

        internal required char Delimiter { get; init; }

        internal required string Time { get; init; }

        internal required Dictionary<string, string> Context { get; init; }

        internal static Table Of(ReadingContext context, ReadOnlySpan<byte> firstRow)
        {
            var columns = context.Columns!;
            var names = columns.HasHeader ? Cells(firstRow, columns.Delimiter).ConvertAll(cell => cell.Trim()) : null;
            var numbers = new Dictionary<string, string>(StringComparer.Ordinal);
            string?[] wanted = [columns.Venue, columns.Thread, columns.Id, columns.At, columns.From, columns.To, columns.Text, columns.Direction];
            int? at = null;
            for (var i = 0; i < wanted.Length; i++)
            {
                if (wanted[i] is not { } name)
                    continue;
                var number = names?.FindIndex(cell => cell.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? -1;
                if (number < 0 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given >= 1)
                    number = given - 1;
                if (number < 0)
                {
                    throw new ImportException(ImportFault.Columns, string.Create(CultureInfo.InvariantCulture,
                        $"The column map gives '{name}' for '{FieldNames[i]}', and the first row of '{context.FileName}' with its {names?.Count ?? 0} columns has no such name. Nothing was recorded. Correct the map; a number from 1 works too."));
                }

                numbers[FieldNames[i]] = number.ToString(CultureInfo.InvariantCulture);
                if (FieldNames[i] == "at")
                    at = number;
            }

            numbers["delimiter"] = columns.Delimiter.ToString();
            numbers["time"] = columns.Time;
            if (context.DateOrder is { } order)
                numbers["order"] = order == DateOrder.DayMonthYear ? "dmy" : order == DateOrder.MonthDayYear ? "mdy" : "ymd";
            return new() { At = at, Delimiter = columns.Delimiter, Time = columns.Time, Context = numbers };
        }
    }

    /// <summary>Rows, over several lines where a quote is open.</summary>
    sealed class Rows(Stream stream)
    {
        readonly LineReader _lines = new(stream);
        readonly ArrayBufferWriter<byte> _row = new();

        internal ReadOnlySpan<byte> Row => _row.WrittenSpan[..Length];

        int Length { get; set; }

        internal long Offset { get; private set; }

        internal long Line { get; private set; }

        internal long Position => _lines.Position;

        internal string? Problem { get; private set; }

        internal bool Cut { get; private set; }

        internal bool Next()
        {
            _row.ResetWrittenCount();
            Length = 0;
            Problem = null;
            var quotes = 0L;
            var begun = false;
            while (_lines.Next())
            {
                if (!begun)
                {
                    if (!_lines.TooLong && !_lines.Line.ContainsAnyExcept((byte)' ', (byte)'\t'))
                        continue;
                    (Offset, Line) = (_lines.Offset, _lines.Number);
                    begun = true;
                }

                Cut = !_lines.Terminated;
                if (_lines.TooLong || _row.WrittenCount + _lines.LineAndEnd.Length > LineReader.LongestLine)
                {
                    Problem = quotes % 2 == 0 ? "longer than 1 MiB" : "a quotation mark that is not closed within 1 MiB";
                    return true;
                }

                _row.Write(_lines.LineAndEnd);
                quotes += _lines.Line.Count((byte)'"');
                if (quotes % 2 == 0)
                    break;
            }

            if (!begun)
                return false;
            if (quotes % 2 != 0)
                Problem = "a quotation mark that is never closed";
            var bytes = _row.WrittenSpan;
            Length = bytes.EndsWith("\r\n"u8) ? bytes.Length - 2 : bytes.EndsWith("\n"u8) ? bytes.Length - 1 : bytes.Length;
            return true;
        }
    }

    sealed class Reader(Stream stream, ReadingContext context) : FormatReader
    {
        readonly Rows _rows = new(stream);
        Table? _table;

        internal override ReadOnlySpan<byte> Bytes => _rows.Row;

        internal override long Offset => _rows.Offset;

        internal override long Line => _rows.Line;

        internal override long Position => _rows.Position;

        internal override bool EndsWhole => !_rows.Cut;

        internal override Step Next()
        {
            if (!_rows.Next())
                return Step.End;
            if (_rows.Problem is { } problem)
            {
                Problem = problem;
                return Step.Unreadable;
            }

            if (_table is null)
            {
                _table = Table.Of(context, _rows.Row);
                Context = _table.Context;
                if (context.Columns!.HasHeader)
                    return Step.Event;
            }

            var cells = Cells(_rows.Row, _table.Delimiter);
            string? Cell(string name) => TryColumn(_table.Context, name, out var column) && column < cells.Count ? cells[column] : null;
            Venue = Cell("venue") is { Length: > 0 } venue ? venue : null;
            Thread = Cell("thread");
            if (Cell("from") is null || Cell("text") is null)
            {
                Problem = "too few columns";
                return Step.Unreadable;
            }

            return Step.Message;
        }
    }
}
