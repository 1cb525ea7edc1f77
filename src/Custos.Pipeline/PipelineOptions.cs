using Custos.Evidence;

namespace Custos.Pipeline;

/// <summary>How much the pipeline holds between its steps.</summary>
public sealed record PipelineOptions
{
    /// <summary>What is recorded and not yet indexed, at most, in bytes: content, and 512 bytes an exhibit. Beyond it, appending waits.</summary>
    public long Bytes { get; init; } = 24 << 20;

    /// <summary>Exhibits that go through a step at once, at most.</summary>
    public int Chunk { get; init; } = 1_024;

    /// <summary>Exhibits in one transaction of the index, at most.</summary>
    public int Batch { get; init; } = 8_192;

    /// <summary>Bytes of conversation state that stay unpacked in memory. What was touched longest ago is packed, and unpacked when it is needed again; findings do not depend on it.</summary>
    public long ConversationMemory { get; init; } = 256 << 20;

    /// <summary>How long the index is left alone after it could not be written.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pseudonym under which the program reads the log to catch up.</summary>
    public string Actor { get; init; } = "custos-index";

    /// <summary>Under which authority it reads; null if none is cited.</summary>
    public CustodyAuthority? Authority { get; init; }
}
