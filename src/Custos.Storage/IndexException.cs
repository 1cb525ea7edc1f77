namespace Custos.Storage;

/// <summary>Why the index could not be opened.</summary>
public enum IndexFault
{
    /// <summary>The file is no database, or is damaged.</summary>
    Damaged,

    /// <summary>A newer program wrote it.</summary>
    NewerVersion,

    /// <summary>Another process works with it.</summary>
    InUse,

    /// <summary>The machine could not open or write it.</summary>
    Unusable,
}

/// <summary>The index could not be opened. Nothing is lost: it is derived from the logs.</summary>
public sealed class IndexException : Exception
{
    internal IndexException(IndexFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>Why.</summary>
    public IndexFault Fault { get; }
}
