// The directory store (evidence-spec, section 5): log/ is a C2SP tlog-tiles tree and can be served as it is; content/ holds sealed
// bundles numbered as the tiles, growing in place.
namespace Custos.Evidence;

/// <summary>A log kept as plain files under <c>operations/&lt;slug&gt;</c>.</summary>
public sealed partial class DirectoryLogStore : ILogStore
{
    // Enough fsyncs at once to share journal commits; more only queue (evidence-spec, section 6).
    const int FlushHelpers = 7;

    readonly IDisk _disk;
    readonly string _folder;
    readonly string _log;
    readonly Crew _crew;
    // Directories known to be there; 1,000 names a directory keep it small.
    readonly HashSet<string> _known = [];
    IDisposable? _lock;
    // Where the tail content bundle ends, kept by the one writer.
    long _contentEnd;
    long _contentTail = -1;

    /// <summary>A store at <c>dataFolder/operations/slug</c>.</summary>
    public DirectoryLogStore(string dataFolder, string slug)
        : this(Path.Combine(Path.GetFullPath(dataFolder), "operations", slug), RealDisk.Instance, FlushHelpers)
    {
    }

    internal DirectoryLogStore(string folder, IDisk disk, int helpers, bool bare = false)
    {
        _folder = folder;
        _disk = disk;
        _log = bare ? folder : Path.Combine(folder, "log");
        HasContent = !bare && disk.DirectoryExists(Path.Combine(folder, "content"));
        _crew = new("custos flush", helpers);
    }

    /// <summary>The store to read at one operation's folder, or at a published tree (<c>checkpoint</c>, <c>tile/</c>); null if the folder is neither.</summary>
    public static DirectoryLogStore? At(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (Directory.Exists(Path.Combine(folder, "log")))
            return new(folder, RealDisk.Instance, FlushHelpers);
        return File.Exists(Path.Combine(folder, "checkpoint")) ? new(folder, RealDisk.Instance, FlushHelpers, bare: true) : null;
    }

    /// <inheritdoc/>
    public bool HasContent { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var pending = new Stack<(string Path, string Name)>();
        pending.Push((_log, "log"));
        if (HasContent)
            pending.Push((Path.Combine(_folder, "content"), "content"));
        while (pending.TryPop(out var directory))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var name in _disk.Files(directory.Path).Order(StringComparer.Ordinal))
                yield return $"{directory.Name}/{name}";
            foreach (var name in _disk.Directories(directory.Path).OrderDescending(StringComparer.Ordinal))
                pending.Push((Path.Combine(directory.Path, name), $"{directory.Name}/{name}"));
        }
    }

    /// <inheritdoc/>
    public string Place => _folder;

    string NotePath => Path.Combine(_log, "checkpoint");

    /// <inheritdoc/>
    public ValueTask<StoredState?> OpenAsync(string origin, bool create, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_disk.Distrust(_folder) is { } why)
            throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"Nothing was changed: {why}.", 0);
        if (!_disk.DirectoryExists(_log))
        {
            if (!create)
                return default;
            _disk.CreateDirectories(_log);
        }

        _disk.CreateDirectories(Path.Combine(_log, "tile", "entries"));
        _disk.CreateDirectories(Path.Combine(_folder, "content"));
        HasContent = true;
        var path = Path.Combine(_folder, "lock");
        _lock = _disk.Lock(path, Holder.Text, secret: false) ?? throw KeyFolder.LockHeld(path, _disk);
        return new(new StoredState(_disk.TryReadAll(NotePath), null));
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadNoteAsync(CancellationToken cancellation) => new(_disk.TryReadAll(NotePath));

    /// <inheritdoc/>
    public ValueTask TrimAsync(long size, CancellationToken cancellation)
    {
        NeedLock();
        if (_disk.FileExists(NotePath + ".next"))
            _disk.DeleteFile(NotePath + ".next");
        // One commit at most was under way, so what it left lies within its own reach: no listing of the whole log.
        for (var level = TilePath.Entries; level <= 7; level++)
        {
            var hashes = size >> (8 * Math.Max(level, 0));
            var (edge, width) = (hashes >> 8, (int)(hashes & 255));
            var reach = (level <= 0 ? EvidenceLogOptions.MostPerBatch >> 8 : 0) + 2;
            if (level > 0 && !_disk.DirectoryExists(Path.Combine(_log, "tile", level.ToString(System.Globalization.CultureInfo.InvariantCulture))))
                continue;
            for (var number = edge; number <= edge + reach; number++)
            {
                var full = Under(TilePath.Of(level, number));
                if (_disk.FileExists(full))
                    _disk.DeleteFile(full);
                RemovePartials(full + ".p", number == edge ? width : 0);
            }

            // What tidying had not reached when the process ended.
            for (var number = edge - 1; number >= Math.Max(0, edge - reach); number--)
                RemovePartials(Under(TilePath.Of(level, number)) + ".p", 0);
        }

        var (tail, slots) = (size >> 8, (int)(size & 255));
        for (var number = tail; number <= tail + (EvidenceLogOptions.MostPerBatch >> 8) + 2; number++)
        {
            var path = ContentPath(number);
            if (number == tail && slots > 0)
            {
                (_contentTail, _contentEnd) = (number, EndOfRecords(path, slots));
                using var file = _disk.Open(path, DiskOpen.ReadWrite);
                if (file.Length > _contentEnd)
                {
                    file.SetLength(_contentEnd);
                    file.Flush();
                }
            }
            else if (_disk.FileExists(path))
            {
                _disk.DeleteFile(path);
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask IntegrateAsync(LogBatch batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        NeedLock();
        var gained = new HashSet<string>();
        var files = new List<(string Path, long Offset, ReadOnlyMemory<byte> Data)>();
        foreach (var write in batch.Content)
        {
            var path = ContentPath(write.Number);
            if (write.FirstSlot == 0)
            {
                EnsureParent(path, gained);
                _contentEnd = 0;
            }

            _contentTail = write.Number;
            files.Add((path, _contentEnd, write.Data));
            _contentEnd += write.Data.Length;
        }

        foreach (var tile in batch.Tiles)
        {
            var path = Under(tile.Path);
            EnsureParent(path, gained);
            files.Add((path, -1, tile.Data));
        }

        // All is written before the first flush: one commit of the file system's journal then covers every file, and the
        // flushes after the first find little left to do.
        var open = new IDiskFile?[files.Count];
        try
        {
            _crew.Run(files.Count, (_, i) =>
            {
                var (path, offset, data) = files[i];
                // A tile is written once; only a bundle's tail grows in place.
                open[i] = _disk.Open(path, offset > 0 ? DiskOpen.ReadWrite : DiskOpen.CreateNew);
                open[i]!.Write(Math.Max(offset, 0), data.Span);
            });
            _crew.Run(files.Count, (_, i) => open[i]!.Flush());
        }
        finally
        {
            foreach (var file in open)
                file?.Dispose();
        }

        // Deepest first: a directory's own name is made durable after the names in it.
        foreach (var depth in gained.GroupBy(path => path.Count(c => c == Path.DirectorySeparatorChar)).OrderByDescending(group => group.Key))
        {
            var paths = depth.Order(StringComparer.Ordinal).ToArray();
            _crew.Run(paths.Length, (_, i) => _disk.FlushDirectory(paths[i]));
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(ReadOnlyMemory<byte> note, CancellationToken cancellation)
    {
        NeedLock();
        _disk.Replace(NotePath, note.Span);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask TidyAsync(long oldSize, long newSize, CancellationToken cancellation)
    {
        NeedLock();
        for (var level = TilePath.Entries; level <= 7; level++)
        {
            var shift = 8 * Math.Max(level, 0);
            var (before, after) = (oldSize >> shift, newSize >> shift);
            if ((before & 255) != 0 && before >> 8 != after >> 8)
                RemovePartials(Under(TilePath.Of(level, before >> 8)) + ".p", 0);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadTileAsync(TilePath path, CancellationToken cancellation)
    {
        // The full tile is looked for last: when a partial one is gone, its full tile is there already.
        var found = _disk.TryReadAll(Under(path));
        return new(found ?? (path.Width < TilePath.FullWidth ? _disk.TryReadAll(Under(path with { Width = TilePath.FullWidth })) : null));
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadContentAsync(long number, CancellationToken cancellation) => new(_disk.TryReadAll(ContentPath(number)));

    /// <inheritdoc/>
    public ValueTask WritePartAsync(long opening, int part, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation)
    {
        NeedLock();
        _disk.Replace(PartPath(opening, part), sealedBytes.Span);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadPartAsync(long opening, int part, CancellationToken cancellation) => new(_disk.TryReadAll(PartPath(opening, part)));

    /// <inheritdoc/>
    public ValueTask MarkRecordingAsync(long opening, bool underWay, CancellationToken cancellation)
    {
        NeedLock();
        var folder = RecordingPath(opening);
        var path = Path.Combine(folder, "open");
        if (underWay)
        {
            _disk.CreateDirectories(folder);
            _disk.Replace(path, "this recording is under way\n"u8);
        }
        else if (_disk.FileExists(path))
        {
            _disk.DeleteFile(path);
            _disk.FlushDirectory(folder);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask AnnounceRecordingAsync(SourceId opening, bool announced, CancellationToken cancellation)
    {
        NeedLock();
        var folder = Path.Combine(_folder, "recordings");
        var path = Path.Combine(folder, opening.ToString());
        if (announced)
        {
            _disk.CreateDirectories(folder);
            _disk.Replace(path, "a recording is being opened\n"u8);
        }
        else if (_disk.FileExists(path))
        {
            _disk.DeleteFile(path);
            _disk.FlushDirectory(folder);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<OpenRecordings> OpenRecordingsAsync(CancellationToken cancellation)
    {
        var root = Path.Combine(_folder, "recordings");
        var underWay = new List<(long, IReadOnlyList<int>)>();
        foreach (var name in _disk.Directories(root))
        {
            var folder = Path.Combine(root, name);
            if (!_disk.FileExists(Path.Combine(folder, "open")))
                continue;
            var parts = new List<int>();
            foreach (var file in _disk.Files(folder))
            {
                if (file.Length == 6 && int.TryParse(file, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var part))
                    parts.Add(part);
            }

            parts.Sort();
            underWay.Add((ExhibitNumber.Parse(name).LeafIndex, parts));
        }

        var announced = new List<SourceId>();
        foreach (var name in _disk.Files(root))
        {
            if (name.Length == 32 && UInt128.TryParse(name, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var id))
                announced.Add(new(id));
        }

        return new(new OpenRecordings(underWay, announced));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _crew.Dispose();
        _lock?.Dispose();
        _lock = null;
        return default;
    }

    void NeedLock()
    {
        if (_lock is null)
            throw new InvalidOperationException("The store is not open for writing.");
    }

    string Under(TilePath path) => Path.Combine(_log, path.ToString());

    string RecordingPath(long opening) => Path.Combine(_folder, "recordings", new ExhibitNumber(opening).ToString());

    string PartPath(long opening, int part) => Path.Combine(RecordingPath(opening), part.ToString("D6", System.Globalization.CultureInfo.InvariantCulture));

    string ContentPath(long number) => Path.Combine(_folder, "content", TilePath.NumberPath(number));

    void EnsureParent(string path, HashSet<string> gained)
    {
        var parent = Path.GetDirectoryName(path)!;
        gained.Add(parent);
        if (_known.Contains(parent))
            return;
        if (!_disk.DirectoryExists(parent))
        {
            EnsureParent(parent, gained);
            _disk.CreateDirectory(parent, secret: false);
        }

        // Folders of partial tiles come and go, a thousand of them for each that stays.
        if (!parent.EndsWith(".p", StringComparison.Ordinal))
            _known.Add(parent);
    }

    void RemovePartials(string directory, int keep)
    {
        if (!_disk.DirectoryExists(directory))
            return;
        foreach (var name in _disk.Files(directory))
        {
            if (!int.TryParse(name, out var width) || width > keep || keep == 0)
                _disk.DeleteFile(Path.Combine(directory, name));
        }

        if (keep == 0)
            _disk.DeleteDirectory(directory);
    }

    long EndOfRecords(string path, int slots)
    {
        if (!_disk.FileExists(path))
            throw Damaged(path, "it is missing");
        using var file = _disk.Open(path, DiskOpen.Read);
        Span<byte> header = stackalloc byte[ContentBundle.RecordHeaderBytes];
        long end = ContentBundle.HeaderBytes;
        for (var slot = 0; slot < slots; slot++)
        {
            if (file.Read(end, header) != header.Length)
                throw Damaged(path, $"record {slot} is missing");
            end += header.Length + System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header[17..]);
        }

        return end <= file.Length ? end : throw Damaged(path, $"record {slots - 1} reaches past the end");
    }

    static EvidenceLogException Damaged(string path, string what) =>
        new(EvidenceFault.LogDamaged, $"The content bundle '{path}' is not what was recorded: {what}. Nothing was changed. Bring the file back from a copy of the operation's folder.", 0);
}

/// <summary>Who holds a lock: what a second writer is told.</summary>
static class Holder
{
    public static string Text { get; } = Make();

    static string Make()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return $"process {Environment.ProcessId} on {Environment.MachineName}, started {process.StartTime.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}";
    }
}
