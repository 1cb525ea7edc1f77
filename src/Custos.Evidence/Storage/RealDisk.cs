using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Custos.Evidence;

/// <summary>The machine's file system.</summary>
sealed partial class RealDisk : IDisk
{
    // fsync and locks of these are promises of another machine (evidence-spec, section 5).
    static readonly string[] Untrusted = ["nfs", "nfs4", "cifs", "smb3", "smb", "smb2"];

    public static RealDisk Instance { get; } = new();

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public IReadOnlyList<string> Files(string directory) =>
        Try(directory, () => Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)!)] : Array.Empty<string>());

    public IReadOnlyList<string> Directories(string directory) =>
        Try(directory, () => Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)!)] : Array.Empty<string>());

    public void CreateDirectory(string path, bool secret) => Try(path, () =>
    {
        if (secret && !OperatingSystem.IsWindows())
            return Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Directory.CreateDirectory(path);
    });

    public IDiskFile Open(string path, DiskOpen how, bool secret = false)
    {
        try
        {
            var (mode, access) = how switch
            {
                DiskOpen.Read => (FileMode.Open, FileAccess.Read),
                DiskOpen.ReadWrite => (FileMode.Open, FileAccess.ReadWrite),
                DiskOpen.CreateNew => (FileMode.CreateNew, FileAccess.ReadWrite),
                DiskOpen.OpenOrCreate => (FileMode.OpenOrCreate, FileAccess.ReadWrite),
                _ => throw new ArgumentOutOfRangeException(nameof(how)),
            };
            // Shared in every way: .NET would otherwise take an advisory lock per file. The log's lock is its own file.
            if (!secret || how is DiskOpen.Read or DiskOpen.ReadWrite || OperatingSystem.IsWindows())
                return new RealFile(path, File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
            // Narrow from its first moment: another process that looks at the folder then must not find it open to others.
            var stream = new FileStream(path, new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            return new RealFile(path, stream.SafeFileHandle, stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiskException(path, e);
        }
    }

    public void Rename(string from, string to) => Try(to, () =>
    {
        if (Directory.Exists(from))
            Directory.Move(from, to);
        else
            File.Move(from, to, overwrite: true);
        return 0;
    });

    public void DeleteFile(string path) => Try(path, () =>
    {
        File.Delete(path);
        return 0;
    });

    public void DeleteDirectory(string path) => Try(path, () =>
    {
        Directory.Delete(path);
        return 0;
    });

    public void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        // File.OpenHandle refuses a directory, so this one call goes to libc. O_RDONLY | O_CLOEXEC.
        using var handle = OpenDirectory(Encoding.UTF8.GetBytes(path + "\0"), 0x80000);
        if (handle.IsInvalid)
            throw new DiskException(path, new IOException("the directory cannot be opened", Marshal.GetLastPInvokeError()));
        Try(path, () =>
        {
            RandomAccess.FlushToDisk(handle);
            return 0;
        });
    }

    public IDisposable? Lock(string path, string holder, bool secret)
    {
        FileStream stream;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (secret && !OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            stream = new(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiskException(path, e);
        }

        stream.SetLength(0);
        stream.Write(Encoding.UTF8.GetBytes(holder));
        stream.Flush();
        return stream;
    }

    public string? Distrust(string directory)
    {
        var existing = Path.GetFullPath(directory);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } parent)
            existing = parent;
        var format = "";
        var longest = -1;
        foreach (var drive in DriveInfo.GetDrives())
        {
            var root = drive.RootDirectory.FullName;
            var prefix = root.EndsWith('/') ? root : root + "/";
            if (root.Length <= longest || !(existing + "/").StartsWith(prefix, StringComparison.Ordinal))
                continue;
            try
            {
                format = drive.DriveFormat;
                longest = root.Length;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A mount that cannot be asked is not the one we stand on.
            }
        }

        return Untrusted.Contains(format) || format.StartsWith("fuse", StringComparison.Ordinal)
            ? $"the file system of '{directory}' is {format}, whose locks and fsync cannot be trusted; use a local disk"
            : null;
    }

    public bool IsOpenToOthers(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) != 0;
        }
        catch (FileNotFoundException)
        {
            // A writer's .next file was renamed between the listing and this look.
            return false;
        }
    }

    static T Try<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiskException(path, e);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial SafeFileHandle OpenDirectory(ReadOnlySpan<byte> path, int flags);

    // The stream, where there is one, is held so that its finaliser cannot close the handle under us.
    sealed class RealFile(string path, SafeFileHandle handle, FileStream? owner = null) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> buffer)
        {
            try
            {
                var total = 0;
                while (total < buffer.Length)
                {
                    var read = RandomAccess.Read(handle, buffer[total..], offset + total);
                    if (read == 0)
                        break;
                    total += read;
                }

                return total;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DiskException(path, e);
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DiskException(path, e);
            }
        }

        public void SetLength(long length)
        {
            try
            {
                RandomAccess.SetLength(handle, length);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DiskException(path, e);
            }
        }

        public void Flush()
        {
            try
            {
                RandomAccess.FlushToDisk(handle);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DiskException(path, e);
            }
        }

        public void Dispose()
        {
            owner?.Dispose();
            handle.Dispose();
        }
    }
}
