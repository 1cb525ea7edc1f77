using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>A SHA-256 value: 32 bytes, held by value (FIPS 180-4).</summary>
public readonly record struct Sha256Digest
{
    static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    // Four words keep the bytes without an allocation per hash; only CopyTo and the constructor know the layout.
    readonly ulong _a, _b, _c, _d;

    /// <summary>Takes 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are not exactly 32.</exception>
    public Sha256Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 32)
            throw new ArgumentException("A SHA-256 value has 32 bytes.", nameof(bytes));
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        (_a, _b, _c, _d) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>The digest of some bytes.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return new(hash);
    }

    /// <summary>Reads 64 lower-case hex digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Sha256Digest Parse(ReadOnlySpan<char> hex)
    {
        if (hex.Length != 64 || hex.ContainsAnyExcept(LowerHex))
            throw new FormatException("A SHA-256 value is written as 64 lower-case hex digits.");
        return new(Convert.FromHexString(hex));
    }

    /// <summary>Reads 64 lower-case hex digits in ASCII.</summary>
    /// <returns>False if the text is anything else.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> hex, out Sha256Digest digest)
    {
        Span<byte> bytes = stackalloc byte[32];
        var read = hex.Length == 64 && !hex.ContainsAnyInRange((byte)'A', (byte)'F') && Convert.FromHexString(hex, bytes, out _, out _) == OperationStatus.Done;
        digest = read ? new(bytes) : default;
        return read;
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        Span<ulong> words = [_a, _b, _c, _d];
        MemoryMarshal.AsBytes(words).CopyTo(destination);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[32];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[32];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
