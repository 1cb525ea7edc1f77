using System.Globalization;

namespace Custos.Evidence;

/// <summary>What of one operation stands in a bag, for the pages that describe it.</summary>
sealed class BaggedLog(string slug, Checkpoint checkpoint, SignedNote note, IReadOnlyList<BaggedAnchor> anchors)
{
    public string Slug { get; } = slug;

    public Checkpoint Checkpoint { get; } = checkpoint;

    public SignedNote Note { get; } = note;

    public IReadOnlyList<BaggedAnchor> Anchors { get; } = anchors;

    public required byte[] Policy { get; init; }

    /// <summary>Exhibits whose content goes along, by leaf index.</summary>
    public required IReadOnlyList<long> Contents { get; init; }

    public List<(ExhibitNumber Number, LogEntry Entry, Sha256Digest Plain)> Hashes { get; } = [];

    public List<(ExhibitNumber Number, ExhibitNumber Order)> Deleted { get; } = [];

    /// <summary>Recordings: opening, parts, and the file of their bytes if they go along.</summary>
    public List<(ExhibitNumber Opening, int Parts, string? Media)> Recordings { get; } = [];

    public long Written { get; set; }

    public int Events { get; set; }
}

/// <summary>An anchor's folder, copied as it is.</summary>
/// <param name="Folder">Relative to the operation: <c>anchors/&lt;size&gt;</c>.</param>
/// <param name="Size">Leaves.</param>
/// <param name="Files">Its files.</param>
sealed record BaggedAnchor(string Folder, long Size, IReadOnlyList<(string Name, byte[] Bytes)> Files)
{
    public IEnumerable<string> Authorities => Files.Where(file => file.Name.EndsWith(".tsr", StringComparison.Ordinal)).Select(file => file.Name[..^4]);
}

/// <summary>What belongs to a choice of exhibits.</summary>
/// <param name="First">The first leaf that can speak of any of them.</param>
/// <param name="Contents">Exhibits whose content goes along.</param>
/// <param name="Parts">Parts of recordings, by the exhibit that opened them.</param>
sealed record BagPlan(long First, IReadOnlyList<long> Contents, IReadOnlyDictionary<long, IReadOnlyList<long>> Parts)
{
    public IReadOnlyList<long> All { get; } = [.. Contents.Concat(Parts.Values.SelectMany(parts => parts)).Distinct().Order()];

    /// <summary>A recording goes whole: whichever of its exhibits is named, its opening, its parts and its closing belong.</summary>
    public static async Task<BagPlan> ChooseAsync(LogReader reader, IReadOnlyList<ExhibitNumber> exhibits, long size, CancellationToken cancellation)
    {
        var contents = new SortedSet<long>();
        var openings = new SortedSet<long>();
        var first = size;
        foreach (var number in exhibits.Distinct())
        {
            var entry = await reader.EntryAsync(number, cancellation);
            if (entry.Kind is "recording.part" or "recording.closed" && entry.About.Count == 1)
                openings.Add(entry.About[0].LeafIndex);
            else if (entry.Kind == "recording.opened")
                openings.Add(number.LeafIndex);
            else
                contents.Add(number.LeafIndex);
            first = Math.Min(first, entry.About.Count > 0 ? Math.Min(number.LeafIndex, entry.About[0].LeafIndex) : number.LeafIndex);
        }

        var parts = openings.ToDictionary(opening => opening, _ => new List<long>());
        if (openings.Count > 0)
        {
            contents.UnionWith(openings);
            await foreach (var (number, entry) in reader.EntriesAsync(new(openings.Min), size - openings.Min, cancellation))
            {
                if (entry.About.Count != 1 || !parts.TryGetValue(entry.About[0].LeafIndex, out var list))
                    continue;
                if (entry.Kind == "recording.part")
                    list.Add(number.LeafIndex);
                else if (entry.Kind == "recording.closed")
                    contents.Add(number.LeafIndex);
            }
        }

        return new(first, [.. contents], parts.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<long>)pair.Value));
    }

    /// <summary>The checkpoint that proofs are made to: the newest anchor that reaches all of it, else the one the log publishes now.</summary>
    public static async Task<(Checkpoint Checkpoint, SignedNote Note, IReadOnlyList<BaggedAnchor> Anchors)> AnchorsAsync(EvidenceLog log, IDisk disk, string operationFolder, long through, CancellationToken cancellation)
    {
        var (checkpoint, note) = await log.Reader.CheckpointAsync(cancellation);
        var anchors = new List<BaggedAnchor>();
        var folder = Path.Combine(operationFolder, "anchors");
        var best = (Size: -1L, Note: note);
        foreach (var name in disk.Directories(folder).Where(name => name.Length == 12 && name.All(char.IsAsciiDigit)).Order(StringComparer.Ordinal))
        {
            var at = Path.Combine(folder, name);
            var size = long.Parse(name, CultureInfo.InvariantCulture);
            // A file under way is not part of the anchor; one beyond the checkpoint is the next bag's.
            var files = disk.Files(at).Where(file => !file.EndsWith(".next", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(file => (file, disk.ReadAll(Path.Combine(at, file)))).ToList();
            if (size > checkpoint.Size || files.Find(file => file.file == "checkpoint").Item2 is not { } bytes)
                continue;
            anchors.Add(new($"anchors/{name}", size, files));
            if (size >= through && size > best.Size)
                best = (size, SignedNote.Parse(bytes));
        }

        return best.Size < 0 ? (checkpoint, note, anchors) : (Checkpoint.Parse(best.Note.Text), best.Note, [.. anchors.Where(anchor => anchor.Size <= best.Size)]);
    }

    /// <summary>The whole log at a size: checkpoint, tiles, entry bundles (C2SP tlog-tiles).</summary>
    public static async Task WholeLogAsync(BagWriter writer, EvidenceLog log, Checkpoint checkpoint, SignedNote note, string at, CancellationToken cancellation)
    {
        writer.Add(at + "checkpoint", note.ToBytes());
        for (var number = 0L; number << 8 < checkpoint.Size; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var path = TilePath.Of(TilePath.Entries, number, TilePath.WidthAt(checkpoint.Size, TilePath.Entries, number));
            var entries = await log.Reader.EntriesOfAsync(number, checkpoint.Size, cancellation);
            var bundle = new MemoryStream();
            foreach (var entry in entries)
            {
                bundle.WriteByte((byte)(entry.Length >> 8));
                bundle.WriteByte((byte)(entry.Length & 255));
                bundle.Write(entry.Span);
            }

            writer.Add(at + path, bundle.ToArray());
        }

        for (var level = 0; level == 0 || checkpoint.Size >> (8 * level) > 0; level++)
        {
            var width = checkpoint.Size >> (8 * level);
            for (var number = 0L; number << 8 < width; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                var path = TilePath.Of(level, number, TilePath.WidthAt(checkpoint.Size, level, number));
                writer.Add(at + path, (await log.Reader.TileOfAsync(path, cancellation)).AsSpan(0, path.Width * 32));
            }
        }
    }
}
