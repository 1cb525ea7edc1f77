// C2SP signed-note (c2sp.org/signed-note). Accepts and refuses what golang.org/x/mod/sumdb/note.Open does.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>What known keys say about a note.</summary>
public enum NoteStatus
{
    /// <summary>At least one known key signed it, and no known key's signature fails.</summary>
    Verified,

    /// <summary>A known key's signature is wrong: the note is refused, whatever else stands on it.</summary>
    SignatureWrong,

    /// <summary>No known key signed it.</summary>
    NoKnownSignature,
}

/// <summary>One signature line of a note.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="KeyId">The key's id.</param>
/// <param name="Signature">The signature, without the key id.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Signature);

/// <summary>The judgement of known keys on a note.</summary>
/// <param name="Status">The judgement.</param>
/// <param name="SignedBy">Known keys whose signature holds, each once.</param>
/// <param name="Wrong">The first known key whose signature fails.</param>
public sealed record NoteVerdict(NoteStatus Status, IReadOnlyList<INoteVerifier> SignedBy, VerifierKey? Wrong);

/// <summary>A text with signature lines below it.</summary>
public sealed class SignedNote
{
    /// <summary>The longest note read, in bytes.</summary>
    public const int MaxBytes = 1_000_000;

    /// <summary>The most signature lines read.</summary>
    public const int MaxSignatures = 100;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    static readonly byte[] Dash = "\u2014 "u8.ToArray();

    readonly byte[] _text;

    SignedNote(byte[] text, IReadOnlyList<NoteSignature> signatures)
    {
        _text = text;
        Signatures = signatures;
    }

    /// <summary>The signed bytes: the text with its last line feed.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>The signature lines in order, repeated ones included.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Signs a text.</summary>
    /// <param name="text">The text with its last line feed.</param>
    /// <param name="signer">The first signer.</param>
    public static SignedNote Sign(ReadOnlySpan<byte> text, INoteSigner signer) => new SignedNote(text.ToArray(), []).WithSignature(signer);

    /// <summary>Reads a note.</summary>
    /// <exception cref="FormatException">It is malformed; the message names the line.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> note)
    {
        if (note.Length > MaxBytes)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The note has {note.Length} bytes; at most {MaxBytes} are read."));
        for (var i = 0; i < note.Length; i++)
        {
            if (note[i] < 0x20 && note[i] != '\n')
                throw Malformed(note, i, "holds a control character");
        }

        try
        {
            _ = Utf8.GetCharCount(note);
        }
        catch (DecoderFallbackException e)
        {
            throw Malformed(note, Math.Clamp(e.Index, 0, note.Length), "is not UTF-8");
        }

        var split = note.LastIndexOf("\n\n"u8);
        if (split < 0)
            throw Malformed(note, note.Length, "ends the note without an empty line before the signatures");
        var rest = note[(split + 2)..];
        if (rest.Length == 0 || rest[^1] != '\n')
            throw Malformed(note, note.Length, "does not end in a line feed after a signature");
        var signatures = new List<NoteSignature>();
        while (rest.Length > 0)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = rest[..end];
            var at = note.Length - rest.Length;
            rest = rest[(end + 1)..];
            if (!line.StartsWith(Dash))
                throw Malformed(note, at, "does not begin with an em dash and a space");
            var words = Utf8.GetString(line[Dash.Length..]).Split(' ', 2);
            if (words.Length != 2 || !VerifierKey.IsName(words[0]))
                throw Malformed(note, at, "does not name a key");
            if (!Base64Text.TryDecode(words[1], out var bytes))
                throw Malformed(note, at, "does not end in base64");
            if (bytes.Length < 5)
                throw Malformed(note, at, "has fewer than 5 bytes of key id and signature");
            if (signatures.Count == MaxSignatures)
                throw Malformed(note, at, "is one signature too many");
            signatures.Add(new(words[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(4)));
        }

        return new(note[..(split + 1)].ToArray(), signatures);
    }

    /// <summary>A note of a text and lines that were made elsewhere.</summary>
    internal static SignedNote Of(ReadOnlySpan<byte> text, IReadOnlyList<NoteSignature> signatures) => new(text.ToArray(), signatures);

    /// <summary>Judges the note by the keys that are known. Unknown signatures change nothing.</summary>
    public NoteVerdict Open(IReadOnlyList<INoteVerifier> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var signedBy = new List<INoteVerifier>();
        foreach (var line in Signatures)
        {
            foreach (var verifier in known)
            {
                if (verifier.Key.Name != line.Name || verifier.Key.Id != line.KeyId || signedBy.Contains(verifier))
                    continue;
                if (!verifier.Verify(_text, line.Signature.Span))
                    return new(NoteStatus.SignatureWrong, [], verifier.Key);
                signedBy.Add(verifier);
            }
        }

        return new(signedBy.Count > 0 ? NoteStatus.Verified : NoteStatus.NoKnownSignature, signedBy, null);
    }

    /// <summary>The note with one more signature line.</summary>
    public SignedNote WithSignature(INoteSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return WithSignature(new NoteSignature(signer.Name, signer.Verifier.Key.Id, signer.Sign(_text)));
    }

    /// <summary>The note with one more signature line, made elsewhere.</summary>
    public SignedNote WithSignature(NoteSignature line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return new(_text, [.. Signatures, line]);
    }

    /// <summary>The note's bytes.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        foreach (var line in Signatures)
            text.Append(Line(line)).Append('\n');
        return [.. _text, (byte)'\n', .. Utf8.GetBytes(text.ToString())];
    }

    /// <summary>A signature line as it stands in a note, without the line feed.</summary>
    public static string Line(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        var bytes = new byte[4 + signature.Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, signature.KeyId);
        signature.Signature.CopyTo(bytes.AsMemory(4));
        return $"\u2014 {signature.Name} {Convert.ToBase64String(bytes)}";
    }

    static FormatException Malformed(ReadOnlySpan<byte> note, int at, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The note is malformed: line {note[..at].Count((byte)'\n') + 1} {what}."));
}
