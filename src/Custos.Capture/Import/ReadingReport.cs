using Custos.Vocabulary;

namespace Custos.Capture.Import;

/// <summary>A line that could not be read: where and why, never what it says.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Reason">Why.</param>
public sealed record UnreadableLine(long Line, string Reason);

/// <summary>What a pass over a file found. Grows while the pass runs.</summary>
public sealed class ReadingReport
{
    // A file of another kind read by force has a fault on every line: the first thousand say so.
    const int MostListed = 1_000;

    readonly List<UnreadableLine> _unreadable = [];

    /// <summary>Messages read, edits among them, duplicates not.</summary>
    public long Messages { get; internal set; }

    /// <summary>Lines that are no message but belong to the format: joins, headers, changes of day.</summary>
    public long Events { get; internal set; }

    /// <summary>Lines dropped because they repeat an id with the same bytes.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Messages that repeat an id with other bytes: kept beside the first.</summary>
    public long Edits { get; internal set; }

    /// <summary>Lines that could not be read. They stay in the original.</summary>
    public long UnreadableCount { get; private set; }

    /// <summary>The first of them, with reasons.</summary>
    public IReadOnlyList<UnreadableLine> Unreadable => _unreadable;

    /// <summary>Messages without any time.</summary>
    public long WithoutTime { get; internal set; }

    /// <summary>Messages with a time of day and no date.</summary>
    public long WithoutDay { get; internal set; }

    /// <summary>Messages with a local time and no zone.</summary>
    public long WithoutZone { get; internal set; }

    /// <summary>Messages in an hour that happens twice, or not at all, where the clocks change: their time stays local.</summary>
    public long TwiceOrNever { get; internal set; }

    /// <summary>Messages that are not UTF-8 and were read in the declared charset.</summary>
    public long OtherCharset { get; internal set; }

    /// <summary>True if the last line has no end: the file may be cut.</summary>
    public bool LastLineCut { get; internal set; }

    /// <summary>Bytes of the file read so far.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Lines read so far.</summary>
    public long Lines { get; internal set; }

    /// <summary>The earliest time, as given.</summary>
    public SpokenAt? Earliest { get; private set; }

    /// <summary>The latest time, as given.</summary>
    public SpokenAt? Latest { get; private set; }

    internal void AddUnreadable(long line, string reason)
    {
        UnreadableCount++;
        if (_unreadable.Count < MostListed)
            _unreadable.Add(new(line, reason));
    }

    internal void AddTime(SpokenAt at)
    {
        if (Earliest is not { } earliest || Sortable(at) < Sortable(earliest))
            Earliest = at;
        if (Latest is not { } latest || Sortable(at) > Sortable(latest))
            Latest = at;
    }

    static DateTime Sortable(SpokenAt at) => at.Instant?.UtcDateTime ?? at.Local;
}
