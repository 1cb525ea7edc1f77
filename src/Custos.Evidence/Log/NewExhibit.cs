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
}
