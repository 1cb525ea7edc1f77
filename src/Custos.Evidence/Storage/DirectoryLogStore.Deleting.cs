using System.Text;

namespace Custos.Evidence;

public sealed partial class DirectoryLogStore
{
    string DeletingPath => Path.Combine(_folder, "deleting");

    /// <inheritdoc/>
    public ValueTask ReplaceContentAsync(long number, ReadOnlyMemory<byte> bundle, CancellationToken cancellation)
    {
        NeedLock();
        var path = ContentPath(number);
        _disk.Replace(path, bundle.Span);
        // The bundle that still grows, if it is this one, ends elsewhere now.
        if (number == _contentTail)
            _contentEnd = bundle.Length;
        return default;
    }

    /// <inheritdoc/>
    public ValueTask DeletePartsAsync(long opening, CancellationToken cancellation)
    {
        NeedLock();
        var folder = RecordingPath(opening);
        if (!_disk.DirectoryExists(folder))
            return default;
        foreach (var name in _disk.Files(folder))
            _disk.DeleteFile(Path.Combine(folder, name));
        _disk.DeleteDirectory(folder);
        _disk.FlushDirectory(Path.GetDirectoryName(folder)!);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadDeletingAsync(CancellationToken cancellation) =>
        new(_disk.TryReadAll(DeletingPath) is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null);

    /// <inheritdoc/>
    public ValueTask WriteDeletingAsync(string? deletion, CancellationToken cancellation)
    {
        NeedLock();
        if (deletion is not null)
        {
            _disk.Replace(DeletingPath, Encoding.UTF8.GetBytes(deletion + "\n"));
        }
        else if (_disk.FileExists(DeletingPath))
        {
            _disk.DeleteFile(DeletingPath);
            _disk.FlushDirectory(_folder);
        }

        return default;
    }
}
