// C2SP tlog-proof (c2sp.org/tlog-proof@v1): one leaf's inclusion, with the checkpoint it is proved against.
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>A proof that can be checked without the log: index, hashes and the checkpoint.</summary>
public sealed class TlogProof
{
    const string Header = "c2sp.org/tlog-proof@v1";

    /// <summary>Puts a proof together.</summary>
    public TlogProof(long index, IReadOnlyList<Sha256Digest> hashes, SignedNote checkpoint)
    {
        Index = index;
        Hashes = hashes;
        Note = checkpoint;
    }

    /// <summary>The leaf's index.</summary>
    public long Index { get; }

    /// <summary>The hashes, the leaf's sibling first.</summary>
    public IReadOnlyList<Sha256Digest> Hashes { get; }

    /// <summary>The signed checkpoint.</summary>
    public SignedNote Note { get; }

    /// <summary>Reads a proof. An <c>extra</c> line is read over: it is never trusted.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static TlogProof Parse(ReadOnlySpan<byte> bytes)
    {
        var split = bytes.IndexOf("\n\n"u8);
        if (split < 0)
            throw new FormatException("A proof has an empty line before its checkpoint.");
        var lines = Encoding.UTF8.GetString(bytes[..split]).Split('\n');
        var next = 0;
        if (lines[next++] != Header)
            throw new FormatException($"A proof begins with {Header}.");
        if (next < lines.Length && lines[next].StartsWith("extra ", StringComparison.Ordinal))
        {
            if (!Base64Text.TryDecode(lines[next++][6..], out _))
                throw new FormatException("A proof's extra line is base64.");
        }

        if (next >= lines.Length || !lines[next].StartsWith("index ", StringComparison.Ordinal) || !Checkpoint.TrySize(lines[next][6..], out var index))
            throw new FormatException("A proof names the index of its leaf.");
        next++;
        if (lines.Length - next > 63)
            throw new FormatException("A proof has at most 63 hashes.");
        var hashes = new List<Sha256Digest>();
        for (; next < lines.Length; next++)
        {
            if (!Base64Text.TryDecode(lines[next], out var hash) || hash.Length != 32)
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Line {next + 1} of the proof is not the base64 of 32 bytes."));
            hashes.Add(new(hash));
        }

        return new(index, hashes, SignedNote.Parse(bytes[(split + 2)..]));
    }

    /// <summary>Whether the entry stands in the log at the proof's index, as the checkpoint says.</summary>
    /// <remarks>Judges the tree only; who signed the checkpoint is judged by <see cref="SignedNote.Open"/>.</remarks>
    public bool Proves(ReadOnlySpan<byte> entry)
    {
        var checkpoint = Checkpoint.Parse(Note.Text);
        return Merkle.VerifyInclusion(Index, checkpoint.Size, Merkle.Leaf(entry), Hashes, checkpoint.Root);
    }

    /// <summary>The proof's bytes.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder(Header).Append('\n').Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Hashes)
            text.Append(Convert.ToBase64String(hash.ToArray())).Append('\n');
        return [.. Encoding.UTF8.GetBytes(text.Append('\n').ToString()), .. Note.ToBytes()];
    }
}
