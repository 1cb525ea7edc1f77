using Custos.Evidence;

namespace Custos.Pipeline;

/// <summary>An exhibit on its way.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Entry">What the log itself holds of it.</param>
/// <param name="Exhibit">With its content; null where the entry alone is enough.</param>
readonly record struct Followed(ExhibitNumber Number, LogEntry Entry, Exhibit? Exhibit)
{
    internal static Followed Of(Exhibit exhibit) => new(exhibit.Number, exhibit.Entry, exhibit);

    // Of a machine's reading the index keeps the entry alone: reading it would be another such event, without end.
    internal IndexedExhibit Indexed => new(Number, Entry, Exhibit is not null && IndexedKinds.IsKept(Entry.Kind) && Entry.Kind != IndexedKinds.Decrypted ? Exhibit.Content : default);
}

/// <summary>A run of exhibits on its way: received, then decoded and read, then tracked.</summary>
sealed class Chunk(IReadOnlyList<Followed> exhibits, long weight, bool replay)
{
    internal IReadOnlyList<Followed> Exhibits { get; } = exhibits;

    // What it takes of the room between recording and the index; nothing for what was read back from the log.
    internal long Weight { get; } = weight;

    // True for exhibits that are in the index already: they only bring the trackers back to where they were.
    internal bool Replay { get; } = replay;

    internal List<IndexedMessage> Messages { get; } = [];

    // Beside the messages, in the same order.
    internal List<object> Readings { get; } = [];

    internal int Undecoded { get; set; }

    internal long From => Exhibits[0].Number.LeafIndex;

    internal long UpTo => Exhibits[^1].Number.LeafIndex + 1;
}
