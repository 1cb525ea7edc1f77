namespace Custos.Evidence;

/// <summary>16 bytes, chosen by the caller, by which the log knows that the same thing is being appended again (evidence-spec, section 2).</summary>
/// <param name="Value">The bytes as one number, big-endian; zero means none.</param>
public readonly record struct SourceId(UInt128 Value)
{
    /// <summary>No source id: two equal messages are two exhibits.</summary>
    public static SourceId None => default;

    /// <summary>The first 16 bytes of the SHA-256 of what names the source: a file's hash and an offset, a message's id.</summary>
    public static SourceId Of(ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(name, hash);
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
