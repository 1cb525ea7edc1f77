namespace Custos.Evidence;

/// <summary>How a file is opened.</summary>
enum DiskOpen
{
    Read,
    ReadWrite,
    CreateNew,
    OpenOrCreate,
}

/// <summary>All that the log asks of a file system. The tests put a disk here that fails, or forgets what was not flushed.</summary>
interface IDisk
{
    bool FileExists(string path);

    bool DirectoryExists(string path);

    IReadOnlyList<string> Files(string directory);

    IReadOnlyList<string> Directories(string directory);

    /// <summary>Makes one directory; its parent exists.</summary>
    void CreateDirectory(string path, bool secret);

    IDiskFile Open(string path, DiskOpen how, bool secret = false);

    void Rename(string from, string to);

    void DeleteFile(string path);

    void DeleteDirectory(string path);

    /// <summary>Makes names created, renamed or deleted in a directory durable.</summary>
    void FlushDirectory(string path);

    /// <summary>Holds a lock file until disposed; null if another process holds it.</summary>
    IDisposable? Lock(string path, string holder, bool secret);

    /// <summary>Why the place cannot be trusted with a log, or null.</summary>
    string? Distrust(string directory);

    /// <summary>Whether others than the owner may read or write the file or directory.</summary>
    bool IsOpenToOthers(string path);
}

interface IDiskFile : IDisposable
{
    long Length { get; }

    int Read(long offset, Span<byte> buffer);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    void SetLength(long length);

    /// <summary>Makes what was written durable. After a failure nothing is known of what was.</summary>
    void Flush();
}

/// <summary>A disk operation failed; the path is where.</summary>
sealed class DiskException(string path, Exception inner)
    : LogStoreException(IsFull(inner) ? EvidenceFault.DiskFull : EvidenceFault.Io, $"'{path}': {(IsFull(inner) ? "the disk is full" : inner.Message)}", inner)
{
    // ENOSPC and EDQUOT: .NET hands the raw number through.
    static bool IsFull(Exception inner) => inner is IOException { HResult: 28 or 122 };
}

static class DiskExtensions
{
    public static byte[] ReadAll(this IDisk disk, string path)
    {
        using var file = disk.Open(path, DiskOpen.Read);
        var bytes = new byte[file.Length];
        return file.Read(0, bytes) == bytes.Length ? bytes : throw new DiskException(path, new EndOfStreamException("the file shrank while it was read"));
    }

    public static byte[]? TryReadAll(this IDisk disk, string path) => disk.FileExists(path) ? disk.ReadAll(path) : null;

    public static void WriteNew(this IDisk disk, string path, ReadOnlySpan<byte> bytes, bool secret = false)
    {
        using var file = disk.Open(path, DiskOpen.CreateNew, secret);
        file.Write(0, bytes);
        file.Flush();
    }

    /// <summary>Puts a whole file in place of another: written beside it, flushed, renamed, directory flushed.</summary>
    public static void Replace(this IDisk disk, string path, ReadOnlySpan<byte> bytes, bool secret = false, string beside = ".next")
    {
        var next = path + beside;
        // Left by a crash; whoever replaces a file holds its lock.
        if (disk.FileExists(next))
            disk.DeleteFile(next);
        disk.WriteNew(next, bytes, secret);
        disk.Rename(next, path);
        disk.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Puts a whole file in place of another if what is there is still what this writer left there: a compare-and-set between processes.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="held">Looks again at what is there.</param>
    /// <param name="bytes">What takes its place.</param>
    /// <exception cref="MarkMovedException">Another writer is at it, or was.</exception>
    public static void Exchange(this IDisk disk, string path, Func<bool> held, ReadOnlySpan<byte> bytes)
    {
        var beside = path + ".next";
        IDiskFile file;
        try
        {
            file = disk.Open(beside, DiskOpen.CreateNew, secret: true);
        }
        catch (DiskException) when (disk.FileExists(beside))
        {
            throw new MarkMovedException($"The mark '{path}' is being moved by another writer, so nothing was signed.");
        }

        using (file)
        {
            if (!held())
                throw new MarkMovedException($"The mark '{path}' was moved by another writer, so nothing was signed.");
            file.Write(0, bytes);
            file.Flush();
        }

        disk.Rename(beside, path);
        disk.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a directory and those above it, each durable in its parent.</summary>
    public static void CreateDirectories(this IDisk disk, string path, bool secret = false)
    {
        if (disk.DirectoryExists(path))
            return;
        var parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
            disk.CreateDirectories(parent);
        disk.CreateDirectory(path, secret);
        if (!string.IsNullOrEmpty(parent))
            disk.FlushDirectory(parent);
    }
}
