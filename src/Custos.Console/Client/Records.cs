namespace Custos.Console.Client;

/// <summary>Something that was done with an exhibit, or that speaks of it.</summary>
/// <param name="At">When, by the log's clock.</param>
/// <param name="Actor">Who, by pseudonym.</param>
/// <param name="What">What, in words.</param>
/// <param name="Why">The reason given, where there is one.</param>
/// <param name="Exhibit">The exhibit that records it.</param>
public sealed record CustodyRow(DateTimeOffset At, string Actor, string What, string? Why, ExhibitAddress Exhibit);

/// <summary>What the log holds of an exhibit.</summary>
/// <param name="Address">Which.</param>
/// <param name="Kind">Its kind, e.g. <c>chat</c>.</param>
/// <param name="KindInWords">The kind, explained.</param>
/// <param name="RecordedAt">When it joined the log.</param>
/// <param name="Actor">Pseudonym of the person or capture.</param>
/// <param name="Size">Length of the content, in bytes.</param>
/// <param name="Commitment">SHA-256 over salt and content, in hexadecimal.</param>
/// <param name="LeafHash">The leaf's hash in the tree, in hexadecimal.</param>
/// <param name="Entry">The entry itself: the exact bytes of the leaf, as text. No content in it.</param>
/// <param name="About">Earlier exhibits it speaks of.</param>
/// <param name="Custody">Everything done with it since, oldest first.</param>
/// <param name="Venue">Where it was said, for a message.</param>
/// <param name="LogSize">Size of the checkpoint that covers it.</param>
/// <param name="Neighbours">The exhibits before and after it, where there are any.</param>
public sealed record RecordedExhibit(
    ExhibitAddress Address,
    string Kind,
    string KindInWords,
    DateTimeOffset RecordedAt,
    string Actor,
    int Size,
    string Commitment,
    string LeafHash,
    string Entry,
    IReadOnlyList<ExhibitAddress> About,
    IReadOnlyList<CustodyRow> Custody,
    string? Venue,
    long LogSize,
    (ExhibitAddress? Before, ExhibitAddress? After) Neighbours);

/// <summary>The content of an exhibit, and the event that records its opening.</summary>
/// <param name="Text">The bytes as text where they are text; else null.</param>
/// <param name="Hex">The bytes in hexadecimal, at most the first 4,096, where they are no text.</param>
/// <param name="Header">What stands beside the bytes: format, file, offset, by name.</param>
/// <param name="CustodyEvent">The exhibit that says who opened it, when and why.</param>
public sealed record OpenedExhibit(string? Text, string? Hex, IReadOnlyList<KeyValuePair<string, string>> Header, ExhibitAddress CustodyEvent)
{
    /// <summary>The event only: content never reaches a log of the program.</summary>
    public override string ToString() => CustodyEvent.ToString();
}

/// <summary>How much a note on a log's health matters.</summary>
public enum NoteLevel
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Something is missing that a court may ask for.</summary>
    Missing,

    /// <summary>Stop work on this log.</summary>
    Wrong,
}

/// <summary>A sentence on a log's health.</summary>
public sealed record HealthNote(NoteLevel Level, string Sentence);

/// <summary>The state of an operation's log.</summary>
/// <param name="Operation">The operation's slug.</param>
/// <param name="Origin">The log's origin.</param>
/// <param name="Size">Exhibits covered by the checkpoint.</param>
/// <param name="Root">The tree's root hash, base64.</param>
/// <param name="Checkpoint">The signed note, verbatim.</param>
/// <param name="VerifierKey">The key that verifies it (vkey).</param>
/// <param name="Path">Its folder.</param>
/// <param name="LastRecorded">When the last exhibit joined.</param>
/// <param name="Notes">What is in order and what is missing.</param>
public sealed record LogHealth(
    string Operation,
    string Origin,
    long Size,
    string Root,
    string Checkpoint,
    string? VerifierKey,
    string Path,
    DateTimeOffset? LastRecorded,
    IReadOnlyList<HealthNote> Notes);

/// <summary>What a verification found.</summary>
/// <param name="Holds">Everything checked is as it was recorded.</param>
/// <param name="Size">The tree size that was verified.</param>
/// <param name="Checked">What was checked, as sentences.</param>
/// <param name="Faults">What does not hold, as sentences; empty if it holds.</param>
/// <param name="At">When it ended.</param>
/// <param name="Took">How long it took.</param>
public sealed record VerifyAnswer(bool Holds, long Size, IReadOnlyList<string> Checked, IReadOnlyList<string> Faults, DateTimeOffset At, TimeSpan Took);

/// <summary>A stretch in which a venue was not heard.</summary>
/// <param name="From">From when, as recorded.</param>
/// <param name="Until">Until when; null if still.</param>
/// <param name="Why">Why.</param>
/// <param name="Exhibit">The exhibit that records it.</param>
public sealed record GapRow(string From, string? Until, string Why, ExhibitAddress? Exhibit);

/// <summary>A venue, how long it was heard, and what was found there.</summary>
/// <param name="Operation">The operation's slug.</param>
/// <param name="Venue">The place.</param>
/// <param name="Kind">What kind of place, in words.</param>
/// <param name="HoursHeard">Hours listened; null where the recording does not say.</param>
/// <param name="Messages">Messages recorded.</param>
/// <param name="Accounts">Accounts that spoke.</param>
/// <param name="Alerts">Alerts.</param>
/// <param name="Gaps">Stretches not heard.</param>
public sealed record VenueRow(string Operation, string Venue, string? Kind, double? HoursHeard, long Messages, int Accounts, int Alerts, IReadOnlyList<GapRow> Gaps);

/// <summary>Where searched words occur.</summary>
/// <param name="Exhibit">The exhibit that holds the line.</param>
/// <param name="Venue">Where.</param>
/// <param name="From">Who wrote it.</param>
/// <param name="At">When.</param>
/// <param name="Text">The line; pages keep it collapsed.</param>
/// <param name="Alert">An alert this line belongs to, if there is one.</param>
public sealed record SearchHit(ExhibitAddress Exhibit, string Venue, string From, string? At, string Text, AlertAddress? Alert)
{
    /// <summary>Where, never what.</summary>
    public override string ToString() => Exhibit.ToString();
}

/// <summary>The answer to a search.</summary>
/// <param name="Hits">The first hits.</param>
/// <param name="More">True if there are more than these.</param>
/// <param name="CustodyEvents">The exhibits that record the search.</param>
public sealed record SearchAnswer(IReadOnlyList<SearchHit> Hits, bool More, IReadOnlyList<ExhibitAddress> CustodyEvents);
