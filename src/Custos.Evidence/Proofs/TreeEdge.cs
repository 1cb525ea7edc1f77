// The right edge of a C2SP tlog-tiles tree: per level the hashes of its last, partial tile. All that appending needs to know.
using System.Numerics;

namespace Custos.Evidence;

sealed class TreeEdge
{
    const int Full = TilePath.FullWidth;

    // 8 levels hold 2^63 leaves and more; a level's 8 KiB exist once the tree reaches it.
    readonly List<byte[]> _tiles = [];

    public long Size { get; private set; }

    /// <summary>Hashes in the last tile of a level.</summary>
    public static int EdgeWidth(long size, int level) => level > 7 ? 0 : (int)((size >> (8 * level)) & 255);

    public static int Levels(long size) => size == 0 ? 0 : (BitOperations.Log2((ulong)size) / 8) + 1;

    /// <summary>Loads the edge of a tree from its tiles.</summary>
    /// <param name="size">Leaves.</param>
    /// <param name="tile">Reads width hashes of a tile.</param>
    public static TreeEdge Load(long size, Func<TilePath, byte[]> tile)
    {
        var edge = new TreeEdge { Size = size };
        for (var level = 0; level < Levels(size); level++)
        {
            var width = EdgeWidth(size, level);
            var hashes = new byte[Full * 32];
            if (width > 0)
                tile(TilePath.Of(level, size >> (8 * level) >> 8, width)).AsSpan(0, width * 32).CopyTo(hashes);
            edge._tiles.Add(hashes);
        }

        return edge;
    }

    public TreeEdge Copy()
    {
        var copy = new TreeEdge { Size = Size };
        foreach (var tile in _tiles)
            copy._tiles.Add([.. tile]);
        return copy;
    }

    public ReadOnlySpan<byte> Tile(int level) => _tiles[level].AsSpan(0, EdgeWidth(Size, level) * 32);

    public Sha256Digest Root(TreeHasher hasher)
    {
        if (Size == 0)
            return Merkle.EmptyRoot;
        // The tree is a row of perfect subtrees, largest first; folding it from the right is RFC 6962's split.
        Span<byte> row = stackalloc byte[64 * 32];
        var count = 0;
        for (var level = _tiles.Count - 1; level >= 0; level--)
        {
            var width = EdgeWidth(Size, level);
            var at = 0;
            for (var bit = 128; bit > 0; bit >>= 1)
            {
                if ((width & bit) == 0)
                    continue;
                hasher.Perfect(_tiles[level].AsSpan(at * 32, bit * 32), row.Slice(count * 32, 32));
                count++;
                at += bit;
            }
        }

        for (; count > 1; count--)
            hasher.Node(row.Slice((count - 2) * 32, 64), row.Slice((count - 2) * 32, 32));
        return new(row[..32]);
    }

    /// <summary>Adds leaves, and hands out every tile that became full and every partial tile whose width changed.</summary>
    public void Append(ReadOnlySpan<byte> leafHashes, TreeHasher hasher, List<TileWrite> tiles)
    {
        var before = Size;
        Grow(0, leafHashes, hasher, tiles);
        Size += leafHashes.Length / 32;
        for (var level = 0; level < _tiles.Count; level++)
        {
            // Above level 0 a width often stays; what a published checkpoint relies on is not written again.
            if (level > 7 || Size >> (8 * level) == before >> (8 * level))
                continue;
            if (EdgeWidth(Size, level) is > 0 and var width)
                tiles.Add(new(TilePath.Of(level, Size >> (8 * level) >> 8, width), Tile(level).ToArray()));
        }
    }

    void Grow(int level, ReadOnlySpan<byte> hashes, TreeHasher hasher, List<TileWrite> tiles)
    {
        if (level == _tiles.Count)
            _tiles.Add(new byte[Full * 32]);
        var width = EdgeWidth(Size, level);
        var number = Size >> (8 * level) >> 8;
        var tile = _tiles[level];
        var up = new byte[((width + (hashes.Length / 32)) / Full) * 32];
        var ups = 0;
        while (hashes.Length > 0)
        {
            var take = Math.Min(Full - width, hashes.Length / 32);
            hashes[..(take * 32)].CopyTo(tile.AsSpan(width * 32));
            hashes = hashes[(take * 32)..];
            width += take;
            if (width < Full)
                break;
            tiles.Add(new(TilePath.Of(level, number++), tile.AsSpan().ToArray()));
            hasher.Perfect(tile, up.AsSpan(ups * 32, 32));
            ups++;
            width = 0;
        }

        if (up.Length > 0)
            Grow(level + 1, up, hasher, tiles);
    }
}
