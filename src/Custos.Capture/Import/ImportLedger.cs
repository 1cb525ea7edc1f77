using Custos.Capture.Decoding;
using Custos.Evidence;

namespace Custos.Capture.Import;

/// <summary>What a log already holds of a file.</summary>
public sealed class EarlierImport
{
    /// <summary>The exhibit that opened it.</summary>
    public required ExhibitNumber Opened { get; init; }

    /// <summary>How it was read.</summary>
    public required FileOpened File { get; init; }

    /// <summary>The exhibit that closed it; null if the import was cut off.</summary>
    public ExhibitNumber? Closed { get; internal set; }

    /// <summary>Parts recorded: the first so many, since a log keeps the order in which they were appended.</summary>
    public int Parts { get; internal set; }

    /// <summary>Messages recorded, by their place in the file. Kept only while the file is not closed.</summary>
    public HashSet<long> Offsets { get; } = [];
}

/// <summary>Answers what a log already holds of a file, so that the same file twice adds nothing and a cut-off import goes on.</summary>
public interface IImportLedger
{
    /// <summary>Finds a file by its content.</summary>
    /// <returns>Null if the log holds nothing of it.</returns>
    ValueTask<EarlierImport?> FindAsync(Sha256Digest file, CancellationToken cancellation);

    /// <summary>Files that are recorded whole and are shorter than a length, shortest first: a log that grew begins with one of them.</summary>
    ValueTask<IReadOnlyList<EarlierImport>> ShorterAsync(long length, CancellationToken cancellation);

    /// <summary>Takes note of a file that was just recorded whole, so that it is not read back.</summary>
    void Add(EarlierImport import);
}

/// <summary>Reads the answer from the log itself, once, on the first question: each reading is a custody event of its own.</summary>
/// <param name="reader">The log.</param>
/// <param name="run">Who asks.</param>
public sealed class LogImportLedger(IExhibitReader reader, MachineRun run) : IImportLedger
{
    readonly Dictionary<string, EarlierImport> _byHash = new(StringComparer.Ordinal);
    readonly Dictionary<long, EarlierImport> _byOpening = [];
    bool _read;

    /// <inheritdoc/>
    public async ValueTask<EarlierImport?> FindAsync(Sha256Digest file, CancellationToken cancellation)
    {
        await ReadAsync(cancellation);
        return _byHash.GetValueOrDefault(file.ToString());
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<EarlierImport>> ShorterAsync(long length, CancellationToken cancellation)
    {
        await ReadAsync(cancellation);
        return [.. _byHash.Values.Where(import => import.Closed is not null && import.File.Size < length).OrderBy(import => import.File.Size)];
    }

    /// <inheritdoc/>
    public void Add(EarlierImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        _byHash[import.File.Sha256] = import;
    }

    async ValueTask ReadAsync(CancellationToken cancellation)
    {
        if (_read)
            return;
        // Begun again from the start if it was stopped half-way.
        _byHash.Clear();
        _byOpening.Clear();
        await foreach (var exhibit in reader.ReadAsync(new(0), long.MaxValue, run, cancellation))
            Take(exhibit);
        _read = true;
    }

    void Take(Exhibit exhibit)
    {
        switch (exhibit.Entry.Kind)
        {
            case FileOpened.Kind when FileOpened.TryRead(exhibit.Content.Span, out var opened):
                var import = new EarlierImport { Opened = exhibit.Number, File = opened! };
                // The first opening of a file stands: a second one could only come of a log that forgot the first.
                if (_byHash.TryAdd(opened!.Sha256, import))
                    _byOpening[exhibit.Number.LeafIndex] = import;
                break;
            case TranscriptImporter.PartKind when Opening(exhibit) is { Closed: null } parted:
                parted.Parts++;
                break;
            case "chat" when Opening(exhibit) is { Closed: null } spoken && RecordedForm.TryRead(exhibit.Content, out var header, out _) && header!.Offset is { } offset:
                spoken.Offsets.Add(offset);
                break;
            case FileClosed.Kind when Opening(exhibit) is { } closed:
                closed.Closed = exhibit.Number;
                closed.Offsets.Clear();
                break;
        }
    }

    EarlierImport? Opening(Exhibit exhibit) => exhibit.Entry.About.Count == 0 ? null : _byOpening.GetValueOrDefault(exhibit.Entry.About[0].LeafIndex);
}
