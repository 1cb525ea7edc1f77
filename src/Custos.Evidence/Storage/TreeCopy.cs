// A log's C2SP tlog-tiles tree as files: checkpoint, tile/<L>/<N>[.p/<W>], tile/entries/<N>[.p/<W>] (evidence-spec, sections 3 and 7).
using System.Globalization;

namespace Custos.Evidence;

/// <summary>Writes the published tree of any store to a folder, so that programs that are not ours check it. Content is not in it.</summary>
public static class TreeCopy
{
    /// <summary>Writes the tree, the checkpoint last. In a folder that holds an older tree of the log, only what it lacks is written.</summary>
    /// <param name="store">Where the log is; no lock is taken.</param>
    /// <param name="folder">An empty folder, one to be made, or one with an older tree of the same log.</param>
    /// <param name="progress">Entries done.</param>
    /// <param name="cancellation">Stops between files; the folder's checkpoint is then still the older one.</param>
    /// <returns>The checkpoint that was written, and how many files with it.</returns>
    /// <exception cref="EvidenceLogException">The folder holds something else, the log has no checkpoint, or a tile is missing.</exception>
    public static async Task<(Checkpoint Checkpoint, long Files)> WriteAsync(ILogStore store, string folder, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        folder = Path.GetFullPath(folder);
        var (checkpoint, note) = await new LogReader(store).CheckpointAsync(cancellation);
        var older = OlderSize(folder, checkpoint);
        var disk = RealDisk.Instance;
        long files = 1;
        for (var level = TilePath.Entries; level <= 7; level++)
        {
            var shift = 8 * Math.Max(level, 0);
            var (hashes, had) = (checkpoint.Size >> shift, older >> shift);
            // What was full in the older tree is the same for ever.
            for (var number = had >> 8; number << 8 < hashes; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                var path = TilePath.Of(level, number, TilePath.WidthAt(checkpoint.Size, level, number));
                var file = Path.Combine(folder, path.ToString());
                disk.CreateDirectories(Path.GetDirectoryName(file)!);
                disk.Replace(file, Cut(path, await store.ReadTileAsync(path, cancellation)));
                files++;
                if (level == TilePath.Entries)
                    progress?.Report(Math.Min(checkpoint.Size, (number + 1) << 8));
            }
        }

        disk.CreateDirectories(folder);
        disk.Replace(Path.Combine(folder, "checkpoint"), note.ToBytes());
        return (checkpoint, files);
    }

    static long OlderSize(string folder, Checkpoint newer)
    {
        var path = Path.Combine(folder, "checkpoint");
        if (!File.Exists(path))
        {
            return !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != "tile")
                ? 0
                : throw Refused($"The folder '{folder}' holds something else than a log's tree. Nothing was written. Name an empty folder.");
        }

        Checkpoint older;
        try
        {
            older = Checkpoint.Parse(SignedNote.Parse(File.ReadAllBytes(path)).Text);
        }
        catch (FormatException e)
        {
            throw Refused($"The checkpoint '{path}' cannot be read ({e.Message}). Nothing was written. Name an empty folder.");
        }

        return older.Origin == newer.Origin && older.Size <= newer.Size
            ? older.Size
            : throw Refused(string.Create(CultureInfo.InvariantCulture, $"The folder '{folder}' holds '{older.Origin}' at size {older.Size}; this is '{newer.Origin}' at size {newer.Size}. Nothing was written. Name another folder."));
    }

    static EvidenceLogException Refused(string sentence) => new(EvidenceFault.StoreUnsafe, sentence, 0);

    static ReadOnlySpan<byte> Cut(TilePath path, byte[]? bytes)
    {
        if (bytes is null)
            throw LogReader.Damaged(path, "is missing");
        if (path.Level >= 0)
            return bytes.Length >= path.Width * 32 ? bytes.AsSpan(0, path.Width * 32) : throw LogReader.Damaged(path, "is too short");
        var entries = EntryBundle.Split(bytes, path.Width, cut: true) ?? throw LogReader.Damaged(path, "does not hold its entries");
        return bytes.AsSpan(0, entries.Sum(entry => 2 + entry.Length));
    }
}
