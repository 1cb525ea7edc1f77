// C2SP signed-note (c2sp.org/signed-note), section "Verifier keys", and tlog-cosignature for type 0x04.
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

/// <summary>Signs the text of notes.</summary>
public interface INoteSigner
{
    /// <summary>The key's name; for a log, its origin.</summary>
    string Name { get; }

    /// <summary>The key that verifies what this one signs.</summary>
    INoteVerifier Verifier { get; }

    /// <summary>Signs a note's text.</summary>
    /// <param name="text">The text with its last line feed.</param>
    /// <returns>The signature, without the key id. The same text gives the same bytes.</returns>
    byte[] Sign(ReadOnlySpan<byte> text);
}

/// <summary>Verifies signatures of one key.</summary>
public interface INoteVerifier
{
    /// <summary>The key.</summary>
    VerifierKey Key { get; }

    /// <summary>Whether the signature is this key's over the text.</summary>
    /// <param name="text">The text with its last line feed.</param>
    /// <param name="signature">The signature, without the key id.</param>
    bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature);
}

/// <summary>A public key with its name: <c>name+hex(id)+base64(type || key)</c>.</summary>
public sealed class VerifierKey : IEquatable<VerifierKey>
{
    /// <summary>Ed25519 over the note's text.</summary>
    public const byte Ed25519 = 0x01;

    /// <summary>A witness's timestamped Ed25519 cosignature.</summary>
    public const byte Cosignature = 0x04;

    static readonly System.Buffers.SearchValues<char> LowerHex = System.Buffers.SearchValues.Create("0123456789abcdef");

    readonly byte[] _key;

    /// <summary>Names a key.</summary>
    /// <exception cref="FormatException">The name is empty or holds a space or a plus sign.</exception>
    public VerifierKey(string name, byte type, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name))
            throw new FormatException("A key's name is not empty and holds no space and no plus sign.");
        Name = name;
        Type = type;
        _key = key.ToArray();
        Id = IdOf(name, type, key);
    }

    /// <summary>The key's name.</summary>
    public string Name { get; }

    /// <summary>The signature type.</summary>
    public byte Type { get; }

    /// <summary>First 4 bytes of SHA-256(name || 0x0A || type || key).</summary>
    public uint Id { get; }

    /// <summary>The public key, without the type.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>Reads a key in its text form.</summary>
    /// <exception cref="FormatException">It is malformed; for a wrong id the message names the right one.</exception>
    public static VerifierKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]))
            throw new FormatException("A verifier key has the form name+id+key.");
        if (parts[1].Length != 8 || parts[1].AsSpan().ContainsAnyExcept(LowerHex))
            throw new FormatException("A verifier key's id is 8 lower-case hex digits.");
        if (!Base64Text.TryDecode(parts[2], out var key) || key.Length < 2)
            throw new FormatException("A verifier key ends in the base64 of its type and key.");
        if (key[0] is Ed25519 or Cosignature && key.Length != 33)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"An Ed25519 key has 32 bytes; this one has {key.Length - 1}."));
        var parsed = new VerifierKey(parts[0], key[0], key.AsSpan(1));
        var id = uint.Parse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return parsed.Id == id ? parsed : throw new FormatException($"The verifier key's id is {parts[1]}; its name and key give {parsed.Id:x8}.");
    }

    internal static bool IsName(string name)
    {
        if (name.Length == 0 || name.Contains('+', StringComparison.Ordinal))
            return false;
        foreach (var c in name)
        {
            if (char.IsWhiteSpace(c))
                return false;
        }

        return true;
    }

    static uint IdOf(string name, byte type, ReadOnlySpan<byte> key)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. key];
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(bytes));
    }

    /// <inheritdoc/>
    public bool Equals(VerifierKey? other) => other is not null && Name == other.Name && Type == other.Type && Key.SequenceEqual(other.Key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifierKey);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(Id & int.MaxValue);

    /// <summary>The text form.</summary>
    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([Type, .. _key])}";
}

/// <summary>Base64 of RFC 4648, section 4, without the white space and the loose last bits that the base library lets through.</summary>
static class Base64Text
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length == 0 || text.AsSpan().ContainsAny(" \t\r\n"))
            return false;
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var written))
            return false;
        bytes = buffer[..written];
        // Two texts for the same bytes would let a signed file be changed without a trace (RFC 4648, section 3.5).
        return Convert.ToBase64String(bytes) == text;
    }
}
