using Custos.Vocabulary;

namespace Custos.Storage;

/// <summary>The index of one operation: everything in it is derived from the operation's log.</summary>
public sealed class OperationIndex
{
    /// <summary>The index of an operation.</summary>
    public OperationIndex(OperationSlug operation) => Operation = operation;

    /// <summary>Which operation.</summary>
    public OperationSlug Operation { get; }
}
