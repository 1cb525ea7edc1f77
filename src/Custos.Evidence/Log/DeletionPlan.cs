namespace Custos.Evidence;

/// <summary>What an order means for content bundles and recordings. It follows from the log's entries alone, so a second look after a crash finds the same.</summary>
sealed class DeletionPlan
{
    /// <summary>Every exhibit whose content goes, by leaf index: those of the order, and all of its recordings'.</summary>
    public SortedSet<long> Exhibits { get; } = [];

    /// <summary>Recordings, by the exhibit that opened them.</summary>
    public SortedSet<long> Recordings { get; } = [];

    /// <summary>Bundles that hold content of these exhibits: they get a fresh key.</summary>
    public SortedSet<long> Sealed { get; } = [];

    /// <summary>Bundles that only point to parts of these recordings: they keep their key.</summary>
    public SortedSet<long> Pointing { get; } = [];

    public IEnumerable<int> SlotsOf(long bundle) => Exhibits.GetViewBetween(bundle << 8, (bundle << 8) + 255).Select(index => (int)(index & 255));

    /// <summary>Makes the plan.</summary>
    /// <exception cref="ArgumentException">An exhibit is not there, or may not be deleted by itself.</exception>
    public static async Task<DeletionPlan> MakeAsync(LogReader reader, IReadOnlyList<long> exhibits, long size, CancellationToken cancellation)
    {
        var plan = new DeletionPlan();
        foreach (var index in exhibits)
        {
            var number = new ExhibitNumber(index);
            if (index < 0 || index >= size)
                throw Refused($"{number} is not in the log, which ends at {new ExhibitNumber(size - 1)}");
            var entry = await reader.EntryAsync(number, cancellation);
            switch (entry.Kind)
            {
                case "recording.opened":
                    await plan.AddRecordingAsync(reader, number, size, cancellation);
                    break;
                case "recording.part" or "recording.closed":
                    throw Refused($"{number} belongs to the recording {entry.About[0]}, which is deleted whole: name that one");
                case var kind when EntryText.IsReserved(kind):
                    throw Refused($"{number} is of kind {kind}: what the log says of itself is not deleted");
                default:
                    plan.Add(index, pointing: false);
                    break;
            }
        }

        plan.Pointing.ExceptWith(plan.Sealed);
        return plan;
    }

    async Task AddRecordingAsync(LogReader reader, ExhibitNumber opening, long size, CancellationToken cancellation)
    {
        Recordings.Add(opening.LeafIndex);
        Add(opening.LeafIndex, pointing: false);
        await foreach (var (number, entry) in reader.EntriesAsync(new(opening.LeafIndex + 1), size - opening.LeafIndex - 1, cancellation))
        {
            if (entry.Kind is not ("recording.part" or "recording.closed") || entry.About.Count != 1 || entry.About[0] != opening)
                continue;
            Add(number.LeafIndex, pointing: entry.Kind == "recording.part");
            if (entry.Kind == "recording.closed")
                return;
        }

        throw Refused($"the recording {opening} is still under way");
    }

    void Add(long index, bool pointing)
    {
        Exhibits.Add(index);
        (pointing ? Pointing : Sealed).Add(index >> 8);
    }

    static ArgumentException Refused(string why) => new($"The order cannot be carried out: {why}. Nothing was recorded or deleted.");
}
