// C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint): origin, tree size, root hash, one a line.
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>A log's commitment to its whole history: origin, size and root. Its text is what is signed.</summary>
/// <param name="Origin">The log's name, a schemeless URL; also its key's name.</param>
/// <param name="Size">Leaves.</param>
/// <param name="Root">The root hash over them.</param>
public sealed record Checkpoint(string Origin, long Size, Sha256Digest Root)
{
    /// <summary>Reads the text of a checkpoint. Extension lines are allowed and dropped.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static Checkpoint Parse(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || text[^1] != '\n')
            throw new FormatException("A checkpoint ends in a line feed.");
        var lines = Encoding.UTF8.GetString(text[..^1]).Split('\n');
        if (lines.Length < 3)
            throw new FormatException("A checkpoint has an origin, a size and a root hash, one a line.");
        if (lines[0].Length == 0)
            throw new FormatException("A checkpoint's origin is not empty.");
        if (!TrySize(lines[1], out var size))
            throw new FormatException("A checkpoint's size is a decimal number below 2^63 without sign or leading zeros.");
        if (!Base64Text.TryDecode(lines[2], out var root) || root.Length != 32)
            throw new FormatException("A checkpoint's root hash is the base64 of 32 bytes.");
        for (var i = 3; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                throw new FormatException("A checkpoint's extension line is not empty.");
        }

        return new(lines[0], size, new(root));
    }

    // The library's reader takes NULs behind the digits.
    internal static bool TrySize(string text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (text.Length == 1 || text[0] != '0') && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>The bytes that are signed.</summary>
    public byte[] ToText() =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.ToArray())}\n"));
}
