using System.Runtime.CompilerServices;

namespace Custos.Evidence;

/// <summary>A state of a log: what a mark or a checkpoint says.</summary>
/// <param name="Size">Leaves.</param>
/// <param name="Root">The root over them.</param>
public readonly record struct LogState(long Size, Sha256Digest Root)
{
    /// <summary>The log without leaves.</summary>
    public static LogState Empty => new(0, Merkle.EmptyRoot);
}

/// <summary>A tile or entry bundle to be written, whole.</summary>
/// <param name="Path">Where.</param>
/// <param name="Data">Its bytes.</param>
public readonly record struct TileWrite(TilePath Path, ReadOnlyMemory<byte> Data);

/// <summary>Sealed records to be appended to one content bundle.</summary>
/// <param name="Number">The bundle.</param>
/// <param name="FirstSlot">How many records it holds before.</param>
/// <param name="Data">The records; the bundle's header is in front when <paramref name="FirstSlot"/> is 0.</param>
public readonly record struct ContentWrite(long Number, int FirstSlot, ReadOnlyMemory<byte> Data);

/// <summary>What one commit adds to a log.</summary>
/// <param name="Expected">The state it builds on.</param>
/// <param name="Next">The state it makes.</param>
/// <param name="Tiles">Tiles and entry bundles.</param>
/// <param name="Content">Sealed records.</param>
public sealed record LogBatch(LogState Expected, LogState Next, IReadOnlyList<TileWrite> Tiles, IReadOnlyList<ContentWrite> Content);

/// <summary>Recordings that were not closed.</summary>
/// <param name="UnderWay">By the number of their opening exhibit, with the numbers of the parts that are there.</param>
/// <param name="Announced">Whose opening may not have been published.</param>
public sealed record OpenRecordings(IReadOnlyList<(long Opening, IReadOnlyList<int> Parts)> UnderWay, IReadOnlyList<SourceId> Announced);

/// <summary>What a store holds when it is opened.</summary>
/// <param name="Note">The published note, or null if none was published yet.</param>
/// <param name="Integrated">The state it last integrated, if it keeps one; null for a folder, whose tiles are all it says.</param>
public sealed record StoredState(byte[]? Note, LogState? Integrated);

/// <summary>A store could not read or write. The log adds how many exhibits are safe and what to do.</summary>
public class LogStoreException : IOException
{
    /// <summary>Says where and why; never content.</summary>
    public LogStoreException(EvidenceFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>What failed.</summary>
    public EvidenceFault Fault { get; }
}

/// <summary>Where a log's tiles, entries, checkpoint and sealed content are kept. One writer; readers take no lock.</summary>
/// <remarks>Any failure of a write leaves an unknown state: the log stops, and the next start finds out.</remarks>
public interface ILogStore : IAsyncDisposable
{
    /// <summary>Where it is, for messages.</summary>
    string Place { get; }

    /// <summary>Takes the writer's lock.</summary>
    /// <param name="origin">The log's name.</param>
    /// <param name="create">Whether the store may be made if there is none.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    /// <returns>What it holds; null if there is no store and none was to be made.</returns>
    /// <exception cref="EvidenceLogException">Another writer holds it, or the place cannot be trusted.</exception>
    /// <exception cref="LogStoreException">It cannot be read or written.</exception>
    ValueTask<StoredState?> OpenAsync(string origin, bool create, CancellationToken cancellation);

    /// <summary>The published note, or null.</summary>
    ValueTask<byte[]?> ReadNoteAsync(CancellationToken cancellation);

    /// <summary>Removes all that lies beyond a size: the remains of a commit that was never marked.</summary>
    ValueTask TrimAsync(long size, CancellationToken cancellation);

    /// <summary>Writes a commit's files and makes them durable.</summary>
    ValueTask IntegrateAsync(LogBatch batch, CancellationToken cancellation);

    /// <summary>Replaces the published note, durably.</summary>
    ValueTask PublishAsync(ReadOnlyMemory<byte> note, CancellationToken cancellation);

    /// <summary>Deletes partial tiles whose full tile is published.</summary>
    ValueTask TidyAsync(long oldSize, long newSize, CancellationToken cancellation);

    /// <summary>A tile's hashes, or an entry bundle's bytes, or null if it is missing. A full one is read where a partial one is gone; the caller cuts it.</summary>
    ValueTask<byte[]?> ReadTileAsync(TilePath path, CancellationToken cancellation);

    /// <summary>A content bundle, or null if it is missing.</summary>
    ValueTask<byte[]?> ReadContentAsync(long number, CancellationToken cancellation);

    /// <summary>Content bundles one after the other, null for one that is missing; a store that is far away answers once for all of them.</summary>
    async IAsyncEnumerable<byte[]?> ReadContentsAsync(long from, long count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var number = from; number < from + count; number++)
            yield return await ReadContentAsync(number, cancellation);
    }

    /// <summary>Replaces a content bundle, whole and durably: what stood there is gone. Only a deletion does it.</summary>
    ValueTask ReplaceContentAsync(long number, ReadOnlyMemory<byte> bundle, CancellationToken cancellation);

    /// <summary>Removes the sealed parts of a recording, durably; those that are gone already are passed over.</summary>
    ValueTask DeletePartsAsync(long opening, CancellationToken cancellation);

    /// <summary>What was written of a deletion that is under way, or null.</summary>
    ValueTask<string?> ReadDeletingAsync(CancellationToken cancellation);

    /// <summary>Notes, durably, which deletion is under way; null when it is done.</summary>
    ValueTask WriteDeletingAsync(string? deletion, CancellationToken cancellation);

    /// <summary>Every file of the log, for the verifier: paths with forward slashes relative to the operation (<c>log/tile/0/000</c>, <c>content/000</c>).</summary>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellation);

    /// <summary>Whether sealed content is kept here too; a published tree has none.</summary>
    bool HasContent { get; }

    /// <summary>Writes a sealed part of a recording, durably and whole; a part of that number is replaced only if it has no entry.</summary>
    ValueTask WritePartAsync(long opening, int part, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation);

    /// <summary>A sealed part, or null if it is missing.</summary>
    ValueTask<byte[]?> ReadPartAsync(long opening, int part, CancellationToken cancellation);

    /// <summary>Notes that a recording is under way, or no longer: what start-up closes.</summary>
    ValueTask MarkRecordingAsync(long opening, bool underWay, CancellationToken cancellation);

    /// <summary>Notes, before its opening is appended, by which source id a recording will be known; or that it is known by its number now.</summary>
    ValueTask AnnounceRecordingAsync(SourceId opening, bool announced, CancellationToken cancellation);

    /// <summary>What a crash may have left: recordings under way with the numbers of their parts, and announced ones.</summary>
    ValueTask<OpenRecordings> OpenRecordingsAsync(CancellationToken cancellation);
}
