// Proofs as RFC 6962, sections 2.1.1 and 2.1.2, computed from tiles (C2SP tlog-tiles).
using System.Globalization;
using System.Numerics;

namespace Custos.Evidence;

/// <summary>Reads a published log and proves what is in it. Takes no lock and never writes.</summary>
/// <param name="store">Where the log is.</param>
public sealed class LogReader(ILogStore store)
{
    /// <summary>The published checkpoint, as a note.</summary>
    /// <exception cref="EvidenceLogException">There is none, or it is malformed.</exception>
    public async ValueTask<(Checkpoint Checkpoint, SignedNote Note)> CheckpointAsync(CancellationToken cancellation = default)
    {
        var bytes = await store.ReadNoteAsync(cancellation)
            ?? throw new EvidenceLogException(EvidenceFault.LogDamaged, $"There is no published checkpoint in '{store.Place}'.", 0);
        try
        {
            var note = SignedNote.Parse(bytes);
            return (Checkpoint.Parse(note.Text), note);
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The checkpoint in '{store.Place}' cannot be read. {e.Message} Bring it back from a copy of the operation's folder.", 0, e);
        }
    }

    /// <summary>One entry.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is beyond the checkpoint.</exception>
    public async ValueTask<LogEntry> EntryAsync(ExhibitNumber number, CancellationToken cancellation = default)
    {
        var (checkpoint, _) = await CheckpointAsync(cancellation);
        ArgumentOutOfRangeException.ThrowIfNegative(number.LeafIndex, nameof(number));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number.LeafIndex, checkpoint.Size, nameof(number));
        var entries = await EntriesOfAsync(number.LeafIndex >> 8, checkpoint.Size, cancellation);
        return Parsed(entries[(int)(number.LeafIndex & 255)], number.LeafIndex);
    }

    /// <summary>Entries in order.</summary>
    /// <param name="from">The first.</param>
    /// <param name="count">How many at most; what is beyond the checkpoint is left out.</param>
    /// <param name="cancellation">Stops between bundles.</param>
    public async IAsyncEnumerable<(ExhibitNumber Number, LogEntry Entry)> EntriesAsync(ExhibitNumber from, long count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (checkpoint, _) = await CheckpointAsync(cancellation);
        var end = count >= checkpoint.Size - from.LeafIndex ? checkpoint.Size : from.LeafIndex + count;
        for (var index = from.LeafIndex; index < end;)
        {
            var entries = await EntriesOfAsync(index >> 8, checkpoint.Size, cancellation);
            for (; index < end && (index & 255) < entries.Length; index++)
            {
                yield return (new(index), Parsed(entries[(int)(index & 255)], index));
                if ((index & 255) == 255)
                {
                    index++;
                    break;
                }
            }
        }
    }

    /// <summary>An inclusion proof: the hashes, the leaf's sibling first.</summary>
    /// <param name="index">The leaf.</param>
    /// <param name="size">Leaves in the tree it is proved against, at most the checkpoint's.</param>
    /// <param name="cancellation">Stops between tiles.</param>
    /// <exception cref="ArgumentOutOfRangeException">Index or size is beyond the checkpoint.</exception>
    public async ValueTask<IReadOnlyList<Sha256Digest>> InclusionAsync(long index, long size, CancellationToken cancellation = default)
    {
        var tree = await TreeAsync(size, cancellation);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<Sha256Digest>();
        await tree.PathAsync(index, 0, size, proof);
        return proof;
    }

    /// <summary>A consistency proof from a smaller tree to a larger one; none for equal sizes and from size 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sizes shrink, or reach beyond the checkpoint.</exception>
    public async ValueTask<IReadOnlyList<Sha256Digest>> ConsistencyAsync(long oldSize, long newSize, CancellationToken cancellation = default)
    {
        var tree = await TreeAsync(newSize, cancellation);
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var proof = new List<Sha256Digest>();
        if (oldSize > 0 && oldSize < newSize)
            await tree.SubproofAsync(oldSize, 0, newSize, true, proof);
        return proof;
    }

    /// <summary>The root at a size, from the tiles.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is beyond the checkpoint.</exception>
    public async ValueTask<Sha256Digest> RootAsync(long size, CancellationToken cancellation = default)
    {
        var tree = await TreeAsync(size, cancellation);
        return size == 0 ? Merkle.EmptyRoot : await tree.RangeAsync(0, size);
    }

    /// <summary>The proof of one exhibit against the published checkpoint, to be checked without the log.</summary>
    public async ValueTask<TlogProof> ProofAsync(ExhibitNumber number, CancellationToken cancellation = default)
    {
        var (checkpoint, note) = await CheckpointAsync(cancellation);
        return new(number.LeafIndex, await InclusionAsync(number.LeafIndex, checkpoint.Size, cancellation), note);
    }

    internal async ValueTask<ReadOnlyMemory<byte>[]> EntriesOfAsync(long bundle, long size, CancellationToken cancellation)
    {
        var path = TilePath.Of(TilePath.Entries, bundle, TilePath.WidthAt(size, TilePath.Entries, bundle));
        var bytes = await store.ReadTileAsync(path, cancellation) ?? throw Damaged(path, "is missing");
        return EntryBundle.Split(bytes, path.Width, cut: true) ?? throw Damaged(path, "does not hold its entries");
    }

    internal async ValueTask<byte[]> TileOfAsync(TilePath path, CancellationToken cancellation) =>
        await store.ReadTileAsync(path, cancellation) is { } tile && tile.Length >= path.Width * 32 ? tile : throw Damaged(path, "is missing or too short");

    async ValueTask<TileTree> TreeAsync(long size, CancellationToken cancellation)
    {
        var (checkpoint, _) = await CheckpointAsync(cancellation);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, checkpoint.Size);
        return new(store, checkpoint.Size, cancellation);
    }

    static LogEntry Parsed(ReadOnlyMemory<byte> bytes, long index)
    {
        try
        {
            return LogEntry.Parse(bytes.Span);
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"{new ExhibitNumber(index)}: {e.Message} Run the verifier over the log.", index, e);
        }
    }

    internal static EvidenceLogException Damaged(TilePath path, string what) =>
        new(EvidenceFault.LogDamaged, $"'{path}' {what}. Nothing was changed. Bring the file back from a copy of the operation's folder.", 0);
}

/// <summary>The hashes of a tree, read from its tiles as needed.</summary>
sealed class TileTree(ILogStore store, long size, CancellationToken cancellation)
{
    // A proof touches two tiles a level.
    readonly Dictionary<(int, long), byte[]> _tiles = [];

    public async ValueTask PathAsync(long index, long start, long end, List<Sha256Digest> proof)
    {
        if (end - start == 1)
            return;
        var split = start + Split(end - start);
        if (index < split)
        {
            await PathAsync(index, start, split, proof);
            proof.Add(await RangeAsync(split, end));
        }
        else
        {
            await PathAsync(index, split, end, proof);
            proof.Add(await RangeAsync(start, split));
        }
    }

    public async ValueTask SubproofAsync(long old, long start, long end, bool whole, List<Sha256Digest> proof)
    {
        if (old == end - start)
        {
            if (!whole)
                proof.Add(await RangeAsync(start, end));
            return;
        }

        var k = Split(end - start);
        if (old <= k)
        {
            await SubproofAsync(old, start, start + k, whole, proof);
            proof.Add(await RangeAsync(start + k, end));
        }
        else
        {
            await SubproofAsync(old - k, start + k, end, false, proof);
            proof.Add(await RangeAsync(start, start + k));
        }
    }

    /// <summary>The hash over leaves start to end; start is a multiple of the largest subtree within.</summary>
    public async ValueTask<Sha256Digest> RangeAsync(long start, long end)
    {
        var count = end - start;
        if (BitOperations.IsPow2(count))
            return await PerfectAsync(start, BitOperations.Log2((ulong)count));
        var k = Split(count);
        return Merkle.Node(await PerfectAsync(start, BitOperations.Log2((ulong)k)), await RangeAsync(start + k, end));
    }

    async ValueTask<Sha256Digest> PerfectAsync(long start, int log2)
    {
        var level = log2 / 8;
        var first = start >> (8 * level);
        var tile = await TileAsync(level, first >> 8);
        var (at, count) = ((int)(first & 255), 1 << (log2 % 8));
        if ((at + count) * 32 > tile.Length)
            throw LogReader.Damaged(TilePath.Of(level, first >> 8), "is too short");
        using var hasher = new TreeHasher();
        var root = new byte[32];
        hasher.Perfect(tile.AsSpan(at * 32, count * 32), root);
        return new(root);
    }

    async ValueTask<byte[]> TileAsync(int level, long number)
    {
        if (_tiles.TryGetValue((level, number), out var tile))
            return tile;
        var path = TilePath.Of(level, number, Math.Max(1, TilePath.WidthAt(size, level, number)));
        tile = await store.ReadTileAsync(path, cancellation) ?? throw LogReader.Damaged(path, "is missing");
        if (tile.Length < path.Width * 32)
            throw LogReader.Damaged(path, string.Create(CultureInfo.InvariantCulture, $"has {tile.Length} bytes where {path.Width * 32} are needed"));
        return _tiles[(level, number)] = tile;
    }

    static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}
