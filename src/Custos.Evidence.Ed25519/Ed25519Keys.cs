// C2SP signed-note, type 0x01 (Ed25519, RFC 8032), and tlog-cosignature, type 0x04.
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Custos.Evidence.Ed25519;

/// <summary>An Ed25519 key that signs notes (type 0x01).</summary>
public sealed class Ed25519Signer : INoteSigner, IDisposable
{
    readonly Key _key;

    /// <summary>A signer from its seed.</summary>
    /// <param name="name">The key's name; for a log, its origin.</param>
    /// <param name="seed">32 secret bytes.</param>
    public Ed25519Signer(string name, ReadOnlySpan<byte> seed)
    {
        _key = SecretText.Import(seed);
        Name = name;
        Verifier = new Ed25519Verifier(new VerifierKey(name, VerifierKey.Ed25519, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public INoteVerifier Verifier { get; }

    /// <summary>A new signer from 32 bytes of chance.</summary>
    public static Ed25519Signer Generate(string name) => SecretText.Generate(seed => new Ed25519Signer(name, seed));

    /// <summary>Reads the form that Go's note package writes: <c>PRIVATE+KEY+name+hex(id)+base64(0x01 || seed)</c>.</summary>
    /// <exception cref="FormatException">It is malformed. The message never holds a part of the key.</exception>
    public static Ed25519Signer Parse(string text) => SecretText.Parse(text, VerifierKey.Ed25519, (name, seed) => new Ed25519Signer(name, seed));

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> text) => SignatureAlgorithm.Ed25519.Sign(_key, text);

    /// <summary>The secret form that <see cref="Parse"/> reads.</summary>
    public string ToSecretText() => SecretText.Of(Verifier.Key, _key);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}

/// <summary>Verifies Ed25519 note signatures (type 0x01).</summary>
public sealed class Ed25519Verifier : INoteVerifier
{
    readonly PublicKey _key;

    /// <summary>A verifier of one key.</summary>
    /// <exception cref="FormatException">The key is of another type or no point of the curve.</exception>
    public Ed25519Verifier(VerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Key = key;
        _key = PublicKeys.Import(key, VerifierKey.Ed25519);
    }

    /// <inheritdoc/>
    public VerifierKey Key { get; }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) => SignatureAlgorithm.Ed25519.Verify(_key, text, signature);
}

/// <summary>A witness's key: signs checkpoints together with the time (type 0x04).</summary>
public sealed class CosignatureSigner : INoteSigner, IDisposable
{
    readonly Key _key;
    readonly TimeProvider _time;

    /// <summary>A witness's signer from its seed.</summary>
    public CosignatureSigner(string name, ReadOnlySpan<byte> seed, TimeProvider time)
    {
        _key = SecretText.Import(seed);
        _time = time;
        Name = name;
        Verifier = new CosignatureVerifier(new VerifierKey(name, VerifierKey.Cosignature, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey)), time);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public INoteVerifier Verifier { get; }

    /// <summary>A new witness's key from 32 bytes of chance.</summary>
    public static CosignatureSigner Generate(string name, TimeProvider time) => SecretText.Generate(seed => new CosignatureSigner(name, seed, time));

    /// <summary>Reads a witness's key: <c>PRIVATE+KEY+name+hex(id)+base64(0x04 || seed)</c>.</summary>
    /// <exception cref="FormatException">It is malformed. The message never holds a part of the key.</exception>
    public static CosignatureSigner Parse(string text, TimeProvider time) => SecretText.Parse(text, VerifierKey.Cosignature, (name, seed) => new CosignatureSigner(name, seed, time));

    /// <summary>The secret form that <see cref="Parse"/> reads.</summary>
    public string ToSecretText() => SecretText.Of(Verifier.Key, _key);

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> text)
    {
        var seconds = _time.GetUtcNow().ToUnixTimeSeconds();
        var signature = new byte[72];
        BinaryPrimitives.WriteInt64BigEndian(signature, seconds);
        SignatureAlgorithm.Ed25519.Sign(_key, CosignatureVerifier.Message(text, seconds), signature.AsSpan(8));
        return signature;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}

/// <summary>Verifies a witness's timestamped cosignatures (type 0x04).</summary>
public sealed class CosignatureVerifier : INoteVerifier
{
    // tlog-cosignature names no tolerance; ten minutes is what a badly kept clock drifts in months.
    static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    readonly PublicKey _key;
    readonly TimeProvider _time;

    /// <summary>A verifier of one witness.</summary>
    /// <exception cref="FormatException">The key is of another type or no point of the curve.</exception>
    public CosignatureVerifier(VerifierKey key, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(key);
        Key = key;
        _time = time;
        _key = PublicKeys.Import(key, VerifierKey.Cosignature);
    }

    /// <inheritdoc/>
    public VerifierKey Key { get; }

    /// <summary>The time a cosignature states, if it is one.</summary>
    public static DateTimeOffset? StatedTime(ReadOnlySpan<byte> signature) =>
        signature.Length == 72 && BinaryPrimitives.ReadInt64BigEndian(signature) is > 0 and < 253_402_300_800 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        if (StatedTime(signature) is not { } stated || stated > _time.GetUtcNow() + Ahead)
            return false;
        return SignatureAlgorithm.Ed25519.Verify(_key, Message(text, stated.ToUnixTimeSeconds()), signature[8..]);
    }

    internal static byte[] Message(ReadOnlySpan<byte> text, long seconds) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n")), .. text];
}

/// <summary>Makes the verifier that a key's type asks for.</summary>
public static class NoteVerifiers
{
    /// <summary>Verifiers of all keys of a policy; keys of types that we cannot verify are left out.</summary>
    public static IReadOnlyList<INoteVerifier> Of(TrustPolicy policy, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return [.. policy.Logs.Concat(policy.Witnesses.Select(witness => witness.Key)).Select(key => Of(key, time)).OfType<INoteVerifier>()];
    }

    /// <summary>A verifier, or null if the type is not one we can verify: such a key counts as unknown.</summary>
    public static INoteVerifier? Of(VerifierKey key, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Type switch
        {
            VerifierKey.Ed25519 => new Ed25519Verifier(key),
            VerifierKey.Cosignature => new CosignatureVerifier(key, time),
            _ => null,
        };
    }
}

/// <summary>The secret form of a signing key, as Go's note package writes it: <c>PRIVATE+KEY+name+hex(id)+base64(type || seed)</c>.</summary>
static class SecretText
{
    const string Prefix = "PRIVATE+KEY+";

    public delegate T FromSeed<T>(ReadOnlySpan<byte> seed);

    public delegate T FromNamedSeed<T>(string name, ReadOnlySpan<byte> seed);

    public static Key Import(ReadOnlySpan<byte> seed) =>
        Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });

    public static T Generate<T>(FromSeed<T> make)
    {
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        try
        {
            return make(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    public static T Parse<T>(string text, byte type, FromNamedSeed<T> make)
        where T : INoteSigner
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Trim().StartsWith(Prefix, StringComparison.Ordinal) ? text.Trim()[Prefix.Length..].Split('+', 3) : [];
        var bytes = new byte[64];
        if (parts.Length != 3 || !Convert.TryFromBase64String(parts[2], bytes, out var length) || length != 33 || bytes[0] != type)
            throw new FormatException($"A signer has the form PRIVATE+KEY+name+id+key with an Ed25519 seed of type 0x{type:x2}.");
        var signer = make(parts[0], bytes.AsSpan(1, 32));
        CryptographicOperations.ZeroMemory(bytes);
        if (parts[1] != signer.Verifier.Key.Id.ToString("x8", CultureInfo.InvariantCulture))
            throw new FormatException($"The signer's id is {parts[1]}; its name and key give {signer.Verifier.Key.Id:x8}.");
        return signer;
    }

    public static string Of(VerifierKey verifying, Key key)
    {
        var seed = key.Export(KeyBlobFormat.RawPrivateKey);
        try
        {
            return $"{Prefix}{verifying.Name}+{verifying.Id:x8}+{Convert.ToBase64String([verifying.Type, .. seed])}";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}

static class PublicKeys
{
    public static PublicKey Import(VerifierKey key, byte type) =>
        key.Type == type && PublicKey.TryImport(SignatureAlgorithm.Ed25519, key.Key, KeyBlobFormat.RawPublicKey, out var imported) && imported is not null
            ? imported
            : throw new FormatException($"The key '{key.Name}' is not an Ed25519 key of type 0x{type:x2}.");
}
