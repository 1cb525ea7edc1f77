namespace Custos.Pipeline;

/// <summary>How the index stands to its log.</summary>
public enum IndexState
{
    /// <summary>It follows.</summary>
    Following,

    /// <summary>It could not be written; it is tried again, and catches up from the log. Recording goes on.</summary>
    Behind,

    /// <summary>It cannot go on in this process; the next start catches up from the log. Recording goes on.</summary>
    Stopped,
}

/// <summary>How the index stands, in words.</summary>
/// <param name="State">Which.</param>
/// <param name="IndexedUpTo">Exhibits below this number are searchable.</param>
/// <param name="Sentence">What happened and what to do; null while it follows.</param>
/// <param name="Undecoded">Exhibits of kind <c>chat</c> since the start that are no message of their format.</param>
public sealed record IndexHealth(IndexState State, long IndexedUpTo, string? Sentence, long Undecoded);
