namespace Custos.Evidence;

/// <summary>Where an exhibit's content is.</summary>
public enum ContentState
{
    /// <summary>Sealed in the operation's content.</summary>
    Sealed,

    /// <summary>Sealed as a part of a recording.</summary>
    SealedPart,

    /// <summary>Deleted under an order; entry and proof remain.</summary>
    Deleted,
}

/// <summary>One custody event in a chain.</summary>
/// <param name="Number">The event's own exhibit.</param>
/// <param name="Entry">What the log holds of it: when, by whom, of which kind.</param>
/// <param name="Event">Its content; null if it cannot be read.</param>
/// <param name="Why">Why it stands in this chain.</param>
/// <param name="CorrectedBy">Later events that correct it.</param>
public sealed record CustodyStep(ExhibitNumber Number, LogEntry Entry, CustodyEvent? Event, CustodyReach Why, IReadOnlyList<ExhibitNumber> CorrectedBy);

/// <summary>How an event reaches an exhibit.</summary>
public enum CustodyReach
{
    /// <summary>It names the exhibit.</summary>
    Exhibit,

    /// <summary>It names the whole that the exhibit is a part of: its recording, its imported file.</summary>
    Whole,

    /// <summary>It names a stretch of the log that the exhibit lies in.</summary>
    Range,

    /// <summary>It corrects an event of the chain.</summary>
    Correction,

    /// <summary>It says what came of an event of the chain: the result of a verification, the account of a deletion.</summary>
    Sequel,
}

/// <summary>The chain of custody of one exhibit: what it is, and every act upon it that the log holds, in the log's order.</summary>
/// <remarks>A corrected event and its correction both stand. What was done without the program does not stand here unless somebody recorded it.</remarks>
public sealed record CustodyChain
{
    /// <summary>The exhibit.</summary>
    public required ExhibitNumber Exhibit { get; init; }

    /// <summary>Its entry: kind, time, who recorded it, size, commitment.</summary>
    public required LogEntry Entry { get; init; }

    /// <summary>The state of the log the chain was read at.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>Where its content is.</summary>
    public required ContentState State { get; init; }

    /// <summary>The order that deleted its content.</summary>
    public ExhibitNumber? DeletedBy { get; init; }

    /// <summary>The events, in the order they were recorded.</summary>
    public required IReadOnlyList<CustodyStep> Steps { get; init; }

    /// <summary>Other exhibits that speak of it (a decision, a part, a closing), by number and kind.</summary>
    public required IReadOnlyList<(ExhibitNumber Number, LogEntry Entry)> Related { get; init; }
}

/// <summary>Every custody event of a stretch of a log, opened once, for the chains of many exhibits.</summary>
sealed class CustodyBook
{
    const string Prefix = "custody.";

    readonly List<(ExhibitNumber Number, LogEntry Entry, CustodyEvent? Event)> _events = [];
    readonly Dictionary<long, List<ExhibitNumber>> _corrections = [];
    readonly Dictionary<long, List<(ExhibitNumber Number, LogEntry Entry)>> _about = [];

    /// <summary>Reads the events from an exhibit on; nothing about it can stand before it or before the whole it belongs to.</summary>
    public static async Task<CustodyBook> ReadAsync(LogReader reader, BundleOpener opener, long index, long size, CancellationToken cancellation)
    {
        var entry = await reader.EntryAsync(new(index), cancellation);
        var from = entry.About.Count > 0 ? Math.Min(index, entry.About[0].LeafIndex) : index;
        return await ReadAsync(reader, opener, new HashSet<long> { index }, from, size, cancellation);
    }

    /// <summary>Reads the events of a stretch.</summary>
    /// <param name="reader">The log.</param>
    /// <param name="opener">Opens the events' contents.</param>
    /// <param name="relatedTo">The exhibits for which other exhibits that speak of them are kept.</param>
    /// <param name="from">The first leaf looked at.</param>
    /// <param name="size">Where the log is taken to end.</param>
    /// <param name="cancellation">Stops between bundles.</param>
    public static async Task<CustodyBook> ReadAsync(LogReader reader, BundleOpener opener, IReadOnlySet<long> relatedTo, long from, long size, CancellationToken cancellation)
    {
        var book = new CustodyBook();
        await foreach (var (number, entry) in reader.EntriesAsync(new(from), size - from, cancellation))
        {
            if (!entry.Kind.StartsWith(Prefix, StringComparison.Ordinal))
            {
                foreach (var spoken in entry.About.Where(about => relatedTo.Contains(about.LeafIndex)))
                    Add(book._about, spoken.LeafIndex, (number, entry));
                continue;
            }

            var read = Parse((await opener.OpenRecordAsync(number.LeafIndex, size, cancellation)).Content, number, entry);
            book._events.Add((number, entry, read));
            if (read?.Corrects is { } corrected)
                Add(book._corrections, corrected, number);
        }

        return book;
    }

    public IReadOnlyList<CustodyStep> StepsOf(long index, LogEntry entry)
    {
        // A part of a recording or a line of an imported file shares the custody of the whole.
        var whole = entry.Kind.StartsWith(Prefix, StringComparison.Ordinal) || entry.About.Count == 0 ? (long?)null : entry.About[0].LeafIndex;
        var steps = new List<CustodyStep>();
        var inChain = new HashSet<long>();
        foreach (var (number, at, custody) in _events)
        {
            if (number.LeafIndex == index || ReachOf(at, custody, index, whole, inChain) is not { } reach)
                continue;
            inChain.Add(number.LeafIndex);
            steps.Add(new(number, at, custody, reach, _corrections.GetValueOrDefault(number.LeafIndex) ?? []));
        }

        return steps;
    }

    public IReadOnlyList<(ExhibitNumber Number, LogEntry Entry)> RelatedTo(long index) => _about.GetValueOrDefault(index) ?? [];

    /// <summary>Reads the content of a custody event; null if it is in no form this program knows.</summary>
    public static CustodyEvent? Parse(ReadOnlyMemory<byte> content, ExhibitNumber number, LogEntry entry)
    {
        try
        {
            return CustodyEvent.Parse(new(number, entry, content));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static CustodyReach? ReachOf(LogEntry entry, CustodyEvent? custody, long index, long? whole, HashSet<long> inChain)
    {
        if (Names(entry, custody, index))
            return CustodyReach.Exhibit;
        if (whole is { } root && Names(entry, custody, root))
            return CustodyReach.Whole;
        if (custody?.Range is { } range && range.Holds(index))
            return CustodyReach.Range;
        if (custody?.Corrects is { } corrected && inChain.Contains(corrected))
            return CustodyReach.Correction;
        return custody?.Previous is { } previous && inChain.Contains(previous) ? CustodyReach.Sequel : null;
    }

    static bool Names(LogEntry entry, CustodyEvent? custody, long index) =>
        entry.About.Contains(new(index)) || custody?.RootExhibit == index || custody?.Exhibits?.Contains(index) == true;

    static void Add<T>(Dictionary<long, List<T>> lists, long key, T value)
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        list.Add(value);
    }
}
