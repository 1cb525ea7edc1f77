namespace Custos.Evidence;

/// <summary>A recorded thing: its number, its entry in the log, and its content as recorded.</summary>
public sealed class Exhibit
{
    // Only the log makes exhibits. A detector that takes an Exhibit therefore
    // cannot be run on a message that was never recorded.
    internal Exhibit(ExhibitNumber number, LogEntry entry, ReadOnlyMemory<byte> content, ExhibitNumber? deletedBy = null)
    {
        DeletedBy = deletedBy;
        Number = number;
        Entry = entry;
        Content = content;
    }

    /// <summary>The exhibit's leaf index.</summary>
    public ExhibitNumber Number { get; }

    /// <summary>What the log itself holds: kind, time, actor, size and commitment.</summary>
    public LogEntry Entry { get; }

    /// <summary>The order under which the content was deleted, or null. What was deleted is empty here; its entry still says what it was.</summary>
    public ExhibitNumber? DeletedBy { get; }

    /// <summary>The plaintext, byte for byte as recorded.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The number only: content never reaches a log of the program.</summary>
    public override string ToString() => Number.ToString();
}
