using Custos.Evidence;

namespace Custos.Pipeline;

/// <summary>What derived the rows of an index. Rows of two versions never stand side by side.</summary>
/// <param name="Engine"><c>detection/n</c>.</param>
/// <param name="Pack">The pack's hash.</param>
/// <param name="Model">The model's name or hash.</param>
/// <param name="Selectors">The hash of the data that reads selectors.</param>
/// <param name="Derivation">Rises with any change in how exhibits become rows.</param>
public sealed record DerivedFrom(string Engine, string Pack, string Model, string Selectors, int Derivation)
{
    /// <summary>The version of this program's own steps: decoding, and which kinds become which rows.</summary>
    public const int ThisDerivation = 3;

    /// <summary>Of an index that is to be derived from the first exhibit.</summary>
    public static DerivedFrom Nothing { get; } = new("", "", "", "", 0);
}

/// <summary>How far an index has followed its log.</summary>
/// <param name="IndexedUpTo">Exhibits below this number are in it, whole; none at or above it is.</param>
/// <param name="LastLeaf">The leaf hash of the last of them; null if there is none.</param>
/// <param name="SettledUpTo">How far the parts made at rest have followed.</param>
/// <param name="From">What derived the rows; null for an index of nothing.</param>
public sealed record IndexPosition(long IndexedUpTo, Sha256Digest? LastLeaf, long SettledUpTo, DerivedFrom? From);

/// <summary>The index of one operation, as the pipeline writes it. Storage implements it.</summary>
public interface IOperationIndex
{
    /// <summary>How far the index is.</summary>
    ValueTask<IndexPosition> PositionAsync(CancellationToken cancellation);

    /// <summary>Empties the operation's rows, to be derived again from the first exhibit.</summary>
    /// <param name="from">What will derive them.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    ValueTask ResetAsync(DerivedFrom from, CancellationToken cancellation);

    /// <summary>Writes runs of exhibits, one after the other, and what was derived from them: all of it, or nothing.</summary>
    /// <exception cref="IndexUnavailableException">Nothing was written; the same may be tried again.</exception>
    ValueTask WriteAsync(IReadOnlyList<IndexBatch> batches, CancellationToken cancellation);

    /// <summary>Writes the parts that are made at rest: all of them, or nothing.</summary>
    /// <param name="rows">What follows from the order of the log.</param>
    /// <param name="identity">What is made from the index itself; null to leave it.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    /// <exception cref="IndexUnavailableException">Nothing was written; it may be tried again.</exception>
    ValueTask SettleAsync(SettledRows rows, IdentityPass? identity, CancellationToken cancellation);
}

/// <summary>The index could not be written: the disk is full, or another process holds it too long. Evidence is not touched by it.</summary>
public sealed class IndexUnavailableException : Exception
{
    /// <summary>What happened, and what to do.</summary>
    public IndexUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
