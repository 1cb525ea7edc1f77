namespace Custos.Capture.Import;

/// <summary>In which order a numeric date is written.</summary>
public enum DateOrder
{
    /// <summary>25/11/2026.</summary>
    DayMonthYear,

    /// <summary>11/25/2026.</summary>
    MonthDayYear,

    /// <summary>2026/11/25.</summary>
    YearMonthDay,
}

/// <summary>What the person knows about a file and the file itself may not say.</summary>
public sealed record ReadingOptions
{
    /// <summary>The format's name; null: decided from the content.</summary>
    public string? Format { get; init; }

    /// <summary>The place, for a format that does not name it.</summary>
    public string? Venue { get; init; }

    /// <summary>The dialogue, for a format that does not name it; <c>""</c> is the room itself.</summary>
    public string? Thread { get; init; }

    /// <summary>The zone of the clock that wrote local times: an IANA name, <c>UTC</c> or <c>+hh:mm</c>.</summary>
    public string? Zone { get; init; }

    /// <summary>The order of numeric dates, where the file does not settle it.</summary>
    public DateOrder? DateOrder { get; init; }

    /// <summary>The day of the first line, for a log that has times only.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The encoding of what is not UTF-8; null: windows-1252, in which every byte is something.</summary>
    public string? Charset { get; init; }

    /// <summary>The handle of our persona in the file; null if we did not take part.</summary>
    public string? Persona { get; init; }

    /// <summary>Who typed the persona's lines, as a pseudonym; null if that is not known.</summary>
    public string? TypedBy { get; init; }

    /// <summary>Which column is what, for CSV.</summary>
    public CsvColumns? Columns { get; init; }
}

/// <summary>Which column of a CSV file is what. A column is its name in the first row, or its number from 1.</summary>
public sealed record CsvColumns
{
    /// <summary>The handle that spoke.</summary>
    public required string From { get; init; }

    /// <summary>The words.</summary>
    public required string Text { get; init; }

    /// <summary>The place.</summary>
    public string? Venue { get; init; }

    /// <summary>The dialogue.</summary>
    public string? Thread { get; init; }

    /// <summary>The message's id.</summary>
    public string? Id { get; init; }

    /// <summary>When it was said.</summary>
    public string? At { get; init; }

    /// <summary>The handle addressed.</summary>
    public string? To { get; init; }

    /// <summary><c>out</c>, <c>in</c> or <c>ambient</c>.</summary>
    public string? Direction { get; init; }

    /// <summary>What parts the fields: a comma, a semicolon, a tab or a bar.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>False if the first row is a message already.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>How times are written: <c>date</c> (RFC 3339, or a numeric date in the file's order), <c>unix</c> or <c>unix-ms</c>.</summary>
    public string Time { get; init; } = "date";
}
