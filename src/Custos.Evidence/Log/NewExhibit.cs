namespace Custos.Evidence;

/// <summary>A thing to be recorded.</summary>
/// <param name="Kind">What it is, e.g. <c>chat</c>, <c>gap</c>, <c>authorization</c>; grammar in evidence-spec, section 2.</param>
/// <param name="Actor">Pseudonym of the person or capture, 1 to 32 of <c>a-z 0-9 -</c>.</param>
/// <param name="Content">The bytes as received, at most 65,536.</param>
public sealed record NewExhibit(string Kind, string Actor, ReadOnlyMemory<byte> Content)
{
    /// <summary>Earlier exhibits this one speaks of: at most 16, ascending.</summary>
    public IReadOnlyList<ExhibitNumber> About { get; init; } = [];

    /// <summary>By which a repeated append is known; <see cref="SourceId.None"/> if it need not be.</summary>
    public SourceId Source { get; init; }

    /// <summary>Where the bytes are, when they are sealed outside the content bundle: a part of a recording.</summary>
    internal OutsidePart? Outside { get; init; }
}

/// <summary>A part of a recording, sealed to its own file before its entry is appended.</summary>
/// <param name="Opening">Leaf index of the exhibit that opened the recording.</param>
/// <param name="Part">The part's number, from 0.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Commitment">SHA-256 over its salt and bytes.</param>
sealed record OutsidePart(long Opening, int Part, int Size, Sha256Digest Commitment)
{
    /// <summary>Length of what stands for it in the content bundle: u64 opening, u32 part.</summary>
    public const int BodyBytes = 12;

    /// <summary>By which the log knows the part when start-up appends it again.</summary>
    public SourceId Source
    {
        get
        {
            byte[] name = [.. "custos/part/v1\0"u8, .. new byte[BodyBytes]];
            WriteBody(name.AsSpan(name.Length - BodyBytes));
            return SourceId.Of(name);
        }
    }

    public void WriteBody(Span<byte> body)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(body, Opening);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(body[8..], Part);
    }
}
