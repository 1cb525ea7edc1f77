// C2SP chunked-encryption (c2sp.org/chunked-encryption@v1), instance Cobblestone-256: HKDF-Expand (RFC 5869, section 2.3) with
// SHA-512 from input key, salt and context to key, base nonce and commitment; chunks of 16,384 bytes under AES-256-GCM
// (NIST SP 800-38D), nonce = base nonce XOR chunk number, the last chunk always shorter.
// .NET's HKDF.Expand refuses a 32-byte key with SHA-512, so the two rounds that 76 bytes need are written out.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>What came of opening sealed bytes.</summary>
public enum SealVerdict
{
    /// <summary>Opened.</summary>
    Opened,

    /// <summary>The length is not whole chunks and a shorter one: something is cut off.</summary>
    Truncated,

    /// <summary>Another key or another context sealed it.</summary>
    OtherKey,

    /// <summary>A chunk was changed.</summary>
    Changed,
}

/// <summary>Sealing under one input key; not for two threads at once.</summary>
public sealed class SealedContent : IDisposable
{
    /// <summary>Bytes of the random salt in front.</summary>
    public const int SaltBytes = 24;

    /// <summary>Bytes before the first chunk: salt and commitment.</summary>
    public const int HeaderBytes = SaltBytes + 32;

    /// <summary>Plaintext bytes of a full chunk.</summary>
    public const int ChunkBytes = 16_384;

    const int TagBytes = 16;
    const int Derived = 76;

    readonly IncrementalHash _hmac;
    // T1 (64 bytes, second round only) || info || counter.
    readonly byte[] _round = new byte[64 + 320];
    readonly byte[] _okm = new byte[128];
    readonly int _infoPrefix;

    /// <summary>Sealing under a key.</summary>
    /// <param name="key">32 bytes; the caller zeroes them.</param>
    public SealedContent(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32)
            throw new ArgumentException("The input key has 32 bytes.", nameof(key));
        _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA512, key);
        var prefix = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;
        prefix.CopyTo(_round.AsSpan(64));
        _infoPrefix = prefix.Length;
    }

    /// <summary>Length of the sealed form.</summary>
    /// <param name="plaintext">Plaintext bytes.</param>
    public static long SealedLength(long plaintext) => HeaderBytes + plaintext + (TagBytes * ((plaintext / ChunkBytes) + 1));

    /// <summary>Length of the plaintext, or -1 if no plaintext has this sealed length.</summary>
    public static long PlaintextLength(long sealedLength)
    {
        var chunks = sealedLength - HeaderBytes;
        if (chunks < TagBytes)
            return -1;
        var (full, rest) = (chunks / (ChunkBytes + TagBytes), chunks % (ChunkBytes + TagBytes));
        return rest < TagBytes ? -1 : (full * ChunkBytes) + rest - TagBytes;
    }

    /// <summary>Seals a plaintext.</summary>
    /// <param name="context">What the sealed bytes are bound to, at most 200 bytes.</param>
    /// <param name="plaintext">The bytes.</param>
    public byte[] Seal(ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> salt = stackalloc byte[SaltBytes];
        RandomNumberGenerator.Fill(salt);
        var output = new byte[SealedLength(plaintext.Length)];
        Seal(salt, context, plaintext, [], output);
        return output;
    }

    /// <summary>Opens sealed bytes whole. Nothing is returned unless all of it holds.</summary>
    public SealVerdict Open(ReadOnlySpan<byte> context, ReadOnlySpan<byte> sealedBytes, out byte[] plaintext)
    {
        plaintext = [];
        var length = PlaintextLength(sealedBytes.Length);
        if (length < 0)
            return SealVerdict.Truncated;
        Derive(sealedBytes[..SaltBytes], context);
        if (!CryptographicOperations.FixedTimeEquals(_okm.AsSpan(44, 32), sealedBytes.Slice(SaltBytes, 32)))
            return SealVerdict.OtherKey;
        using var aead = new AesGcm(_okm.AsSpan(0, 32), TagBytes);
        var opened = new byte[length];
        Span<byte> nonce = stackalloc byte[12];
        for (var chunk = 0; chunk <= length / ChunkBytes; chunk++)
        {
            var at = HeaderBytes + (chunk * (ChunkBytes + TagBytes));
            var size = (int)Math.Min(ChunkBytes, length - ((long)chunk * ChunkBytes));
            Nonce(chunk, nonce);
            try
            {
                aead.Decrypt(nonce, sealedBytes.Slice(at, size), sealedBytes.Slice(at + size, TagBytes), opened.AsSpan(chunk * ChunkBytes, size));
            }
            catch (AuthenticationTagMismatchException)
            {
                CryptographicOperations.ZeroMemory(opened);
                return SealVerdict.Changed;
            }
        }

        plaintext = opened;
        return SealVerdict.Opened;
    }

    /// <summary>Seals two pieces as one plaintext into a destination of exactly the sealed length.</summary>
    internal void Seal(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> destination)
    {
        Derive(salt, context);
        salt.CopyTo(destination);
        _okm.AsSpan(44, 32).CopyTo(destination[SaltBytes..]);
        using var aead = new AesGcm(_okm.AsSpan(0, 32), TagBytes);
        var length = first.Length + second.Length;
        Span<byte> nonce = stackalloc byte[12];
        for (var chunk = 0; chunk <= length / ChunkBytes; chunk++)
        {
            var start = chunk * ChunkBytes;
            var size = Math.Min(ChunkBytes, length - start);
            // Gathered where the ciphertext will stand, then encrypted in place.
            var target = destination.Slice(HeaderBytes + (chunk * (ChunkBytes + TagBytes)), size + TagBytes);
            var fromFirst = Math.Clamp(first.Length - start, 0, size);
            first.Slice(Math.Min(start, first.Length), fromFirst).CopyTo(target);
            second.Slice(Math.Max(0, start - first.Length), size - fromFirst).CopyTo(target[fromFirst..]);
            Nonce(chunk, nonce);
            aead.Encrypt(nonce, target[..size], target[..size], target[size..]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hmac.Dispose();
        CryptographicOperations.ZeroMemory(_okm);
        CryptographicOperations.ZeroMemory(_round);
    }

    void Nonce(int chunk, Span<byte> nonce)
    {
        _okm.AsSpan(32, 12).CopyTo(nonce);
        var tail = nonce[4..];
        BinaryPrimitives.WriteInt64BigEndian(tail, BinaryPrimitives.ReadInt64BigEndian(tail) ^ chunk);
    }

    void Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        var info = _round.AsSpan(64);
        salt.CopyTo(info[_infoPrefix..]);
        context.CopyTo(info[(_infoPrefix + SaltBytes)..]);
        var length = _infoPrefix + SaltBytes + context.Length;
        info[length] = 1;
        _hmac.AppendData(info[..(length + 1)]);
        _hmac.GetHashAndReset(_okm);
        _okm.AsSpan(0, 64).CopyTo(_round);
        info[length] = 2;
        _hmac.AppendData(_round.AsSpan(0, 64 + length + 1));
        _hmac.GetHashAndReset(_okm.AsSpan(64, 64));
        // Only the first 76 bytes count.
        CryptographicOperations.ZeroMemory(_okm.AsSpan(Derived));
    }
}

/// <summary>What sealed bytes are bound to (evidence-spec, section 8).</summary>
static class SealContext
{
    public static byte[] ContentPrefix(string origin) => [.. "custos/content/v1\0"u8, .. System.Text.Encoding.UTF8.GetBytes(origin), 0];

    public static byte[] Content(string origin, long leaf)
    {
        byte[] context = [.. ContentPrefix(origin), 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt64BigEndian(context.AsSpan(context.Length - 8), leaf);
        return context;
    }

    public static byte[] Part(string origin, long opening, int part)
    {
        byte[] context = [.. "custos/part/v1\0"u8, .. System.Text.Encoding.UTF8.GetBytes(origin), 0, .. new byte[12]];
        BinaryPrimitives.WriteInt64BigEndian(context.AsSpan(context.Length - 12), opening);
        BinaryPrimitives.WriteInt32BigEndian(context.AsSpan(context.Length - 4), part);
        return context;
    }
}
