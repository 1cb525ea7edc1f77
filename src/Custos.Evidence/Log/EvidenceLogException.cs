namespace Custos.Evidence;

/// <summary>What failed, by who failed.</summary>
public enum EvidenceFault
{
    /// <summary>Another process holds the log.</summary>
    LockHeld,

    /// <summary>The disk is full.</summary>
    DiskFull,

    /// <summary>The machine failed to read or write.</summary>
    Io,

    /// <summary>What is on disk is not what was published.</summary>
    LogDamaged,

    /// <summary>Signing would make two histories.</summary>
    ForkRefused,

    /// <summary>The log is an older copy of itself.</summary>
    RestoredFromBackup,

    /// <summary>Too few witnesses answered before the first signature.</summary>
    WitnessesMissing,

    /// <summary>This machine's clock stands before what the log recorded last.</summary>
    ClockWentBack,

    /// <summary>There is a log but no mark beside its key.</summary>
    MarkMissing,

    /// <summary>There is a log but no signing key, or another one.</summary>
    SignerMissing,

    /// <summary>The mark moved under a writer.</summary>
    HeadMoved,

    /// <summary>The file system or its modes cannot be trusted.</summary>
    StoreUnsafe,

    /// <summary>A part of a recording came twice with different bytes.</summary>
    PartDiffers,

    /// <summary>The log stopped earlier in this process.</summary>
    Stopped,

    /// <summary>The device that holds the unit key cannot be used.</summary>
    KeyDevice,

    /// <summary>A legal hold forbids it.</summary>
    Held,

    /// <summary>The content was deleted under an order.</summary>
    Deleted,

    /// <summary>The operation was closed for good.</summary>
    Closed,
}

/// <summary>The log could not go on. The message says what happened, what is safe and what to do; never content.</summary>
public sealed class EvidenceLogException : Exception
{
    /// <summary>Says what failed; stores in guest assemblies say it too.</summary>
    public EvidenceLogException(EvidenceFault fault, string message, long durableCount, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
        DurableCount = durableCount;
    }

    /// <summary>What failed.</summary>
    public EvidenceFault Fault { get; }

    /// <summary>How many exhibits are safe: those with a number below this one.</summary>
    public long DurableCount { get; }
}
