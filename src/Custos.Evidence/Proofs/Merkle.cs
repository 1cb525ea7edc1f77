// RFC 6962, section 2.1: Merkle hash trees with SHA-256. Leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right),
// split at the largest power of two below n; proofs as in 2.1.1 and 2.1.2, the leaf's sibling first.
// Verification follows the equivalent algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
using System.Numerics;
using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>The Merkle tree of RFC 6962, section 2.1, with SHA-256.</summary>
public static class Merkle
{
    /// <summary>The root of the tree without leaves: SHA-256 of nothing.</summary>
    public static Sha256Digest EmptyRoot { get; } = Sha256Digest.Of([]);

    /// <summary>The hash of a leaf.</summary>
    /// <param name="entry">The leaf's bytes.</param>
    public static Sha256Digest Leaf(ReadOnlySpan<byte> entry)
    {
        using var hasher = new TreeHasher();
        Span<byte> hash = stackalloc byte[32];
        hasher.Leaf(entry, hash);
        return new(hash);
    }

    /// <summary>The hash of a node over its two children.</summary>
    public static Sha256Digest Node(Sha256Digest left, Sha256Digest right)
    {
        Span<byte> bytes = stackalloc byte[65];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[33..]);
        return Sha256Digest.Of(bytes);
    }

    /// <summary>Whether a leaf is in the tree.</summary>
    /// <param name="index">The leaf's index.</param>
    /// <param name="size">Leaves in the tree.</param>
    /// <param name="leaf">The leaf's hash.</param>
    /// <param name="proof">Hashes, the leaf's sibling first.</param>
    /// <param name="root">The tree's root.</param>
    /// <returns>False for any input that proves nothing; never throws for one.</returns>
    public static bool VerifyInclusion(long index, long size, Sha256Digest leaf, IReadOnlyList<Sha256Digest> proof, Sha256Digest root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (index < 0 || index >= size)
            return false;
        var (fn, sn, r) = (index, size - 1, leaf);
        foreach (var p in proof)
        {
            if (sn == 0)
                return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                r = Node(p, r);
                while ((fn & 1) == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                r = Node(r, p);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && r == root;
    }

    /// <summary>Whether the larger tree begins with the smaller one.</summary>
    /// <param name="oldSize">Leaves in the smaller tree.</param>
    /// <param name="newSize">Leaves in the larger tree.</param>
    /// <param name="proof">Hashes of RFC 6962, section 2.1.2; none for equal sizes.</param>
    /// <param name="oldRoot">The smaller tree's root.</param>
    /// <param name="newRoot">The larger tree's root.</param>
    /// <returns>False for any input that proves nothing. The empty tree proves nothing: a proof from size 0 is false.</returns>
    public static bool VerifyConsistency(long oldSize, long newSize, IReadOnlyList<Sha256Digest> proof, Sha256Digest oldRoot, Sha256Digest newRoot)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (oldSize <= 0 || newSize < oldSize)
            return false;
        if (oldSize == newSize)
            return proof.Count == 0 && oldRoot == newRoot;
        if (proof.Count == 0)
            return false;
        var next = 0;
        // A complete smaller tree is itself the first hash of the path.
        var first = BitOperations.IsPow2(oldSize) ? oldRoot : proof[next++];
        var (fn, sn) = (oldSize - 1, newSize - 1);
        while ((fn & 1) == 1)
            (fn, sn) = (fn >> 1, sn >> 1);
        var (fr, sr) = (first, first);
        for (; next < proof.Count; next++)
        {
            if (sn == 0)
                return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                fr = Node(proof[next], fr);
                sr = Node(proof[next], sr);
                while ((fn & 1) == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                sr = Node(sr, proof[next]);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && fr == oldRoot && sr == newRoot;
    }
}

/// <summary>One worker's hash state: reused, because making one costs as much as a hash.</summary>
sealed class TreeHasher : IDisposable
{
    readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] _leaf = new byte[1 + LogEntry.MaxBytes];
    readonly byte[] _node = new byte[65];
    readonly byte[] _fold = new byte[256 * 32];

    public TreeHasher() => _node[0] = 1;

    public void Dispose() => _sha256.Dispose();

    public void Leaf(ReadOnlySpan<byte> entry, Span<byte> hash)
    {
        if (entry.Length > LogEntry.MaxBytes)
        {
            // Only another log's leaf is this long.
            _sha256.AppendData([0]);
            _sha256.AppendData(entry);
        }
        else
        {
            entry.CopyTo(_leaf.AsSpan(1));
            _sha256.AppendData(_leaf.AsSpan(0, entry.Length + 1));
        }

        _sha256.GetHashAndReset(hash);
    }

    public void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        _sha256.AppendData(first);
        _sha256.AppendData(second);
        _sha256.GetHashAndReset(hash);
    }

    /// <summary>Hashes a pair; the result may overwrite the pair.</summary>
    public void Node(ReadOnlySpan<byte> pair, Span<byte> hash)
    {
        pair[..64].CopyTo(_node.AsSpan(1));
        _sha256.AppendData(_node);
        _sha256.GetHashAndReset(hash);
    }

    /// <summary>The root over a power of two of hashes, at most 256.</summary>
    public void Perfect(ReadOnlySpan<byte> hashes, Span<byte> root)
    {
        hashes.CopyTo(_fold);
        for (var count = hashes.Length / 32; count > 1; count /= 2)
        {
            for (var i = 0; i < count; i += 2)
                Node(_fold.AsSpan(i * 32, 64), _fold.AsSpan(i / 2 * 32, 32));
        }

        _fold.AsSpan(0, 32).CopyTo(root);
    }
}
