// anchors/ (evidence-spec, sections 5 and 12): one folder for each checkpoint that someone else has seen.
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>A time-stamp's files.</summary>
/// <param name="Authority">The authority's name.</param>
/// <param name="Query">The request; null if it is missing.</param>
/// <param name="Reply">The reply; null if it is missing.</param>
public sealed record AnchorStamp(string Authority, byte[]? Query, byte[]? Reply);

/// <summary>An anchor as it is kept.</summary>
/// <param name="Size">Leaves.</param>
/// <param name="Checkpoint">The signed checkpoint with its cosignatures: the bytes that were stamped. Null if a crash left none.</param>
/// <param name="Stamps">Its time-stamps.</param>
public sealed record AnchorFiles(long Size, byte[]? Checkpoint, IReadOnlyList<AnchorStamp> Stamps);

/// <summary>The anchors of one operation: plain files, for either store. A checkpoint in it never changes; time-stamps may join it.</summary>
public sealed class AnchorFolder
{
    readonly string _folder;
    readonly IDisk _disk;

    /// <summary>The anchors below an operation's folder, there or not.</summary>
    public AnchorFolder(string operationFolder)
        : this(Path.GetFullPath(operationFolder), RealDisk.Instance)
    {
    }

    internal AnchorFolder(string operationFolder, IDisk disk)
    {
        _folder = Path.Combine(operationFolder, "anchors");
        _disk = disk;
    }

    /// <summary>The sizes that are anchored, ascending.</summary>
    public IReadOnlyList<long> Sizes() =>
        [.. _disk.Directories(_folder).Where(name => name.Length == 12 && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(name => long.Parse(name, CultureInfo.InvariantCulture)).Order()];

    /// <summary>One anchor's files, or null if it is not there.</summary>
    public AnchorFiles? Read(long size)
    {
        var folder = At(size);
        if (!_disk.DirectoryExists(folder))
            return null;
        var names = _disk.Files(folder).Where(name => name.EndsWith(".tsq", StringComparison.Ordinal) || name.EndsWith(".tsr", StringComparison.Ordinal)).Select(name => name[..^4]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new(
            size,
            _disk.TryReadAll(Path.Combine(folder, "checkpoint")),
            [.. names.Select(name => new AnchorStamp(name, _disk.TryReadAll(Path.Combine(folder, name + ".tsq")), _disk.TryReadAll(Path.Combine(folder, name + ".tsr"))))]);
    }

    /// <summary>Where an anchor's file stands, relative to the operation.</summary>
    public static string PathOf(long size, string file) => string.Create(CultureInfo.InvariantCulture, $"anchors/{size:D12}/{file}");

    /// <summary>Keeps a checkpoint; one that is there already stays as it is.</summary>
    internal void Keep(long size, ReadOnlySpan<byte> checkpoint)
    {
        _disk.CreateDirectories(At(size));
        if (!_disk.FileExists(Path.Combine(At(size), "checkpoint")))
            _disk.Replace(Path.Combine(At(size), "checkpoint"), checkpoint);
    }

    /// <summary>Keeps a time-stamp beside its checkpoint. The reply comes last: with it the stamp is whole.</summary>
    internal void Keep(long size, string authority, StampedToken token)
    {
        _disk.Replace(Path.Combine(At(size), authority + ".tsq"), token.Query);
        _disk.Replace(Path.Combine(At(size), authority + ".pem"), Encoding.ASCII.GetBytes(token.Chain));
        _disk.Replace(Path.Combine(At(size), authority + ".tsr"), token.Reply);
    }

    string At(long size) => Path.Combine(_folder, size.ToString("D12", CultureInfo.InvariantCulture));
}
