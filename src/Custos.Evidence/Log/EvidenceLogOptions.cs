namespace Custos.Evidence;

/// <summary>How a log is opened.</summary>
public sealed record EvidenceLogOptions
{
    internal const int MostPerBatch = 8_192;

    /// <summary>Content of one commit, in bytes: half of a batch buffer (evidence-spec, section 17's memory budget).</summary>
    internal const long MostContentPerBatch = 4 << 20;

    /// <summary>The log's name, a schemeless URL that ends in the operation's slug: <c>unit.example/custos/op-lantern</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Where tiles, entries and sealed content are kept.</summary>
    public required ILogStore Store { get; init; }

    /// <summary>Where keys and the mark are kept.</summary>
    public required KeyFolder Keys { get; init; }

    /// <summary>The key under which content keys are wrapped.</summary>
    public required IUnitKey UnitKey { get; init; }

    /// <summary>The log's signing key; its name is the origin.</summary>
    public required INoteSigner Signer { get; init; }

    /// <summary>The clock that stamps entries.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether a log that is not there is made.</summary>
    public bool Create { get; init; }

    /// <summary>A second mark outside the data folder, by which a restored backup of all of it is noticed; null for none.</summary>
    public string? OutsideMark { get; init; }

    /// <summary>The keys and witnesses that readers trust: the witnesses in it that have an address are asked. Null for none.</summary>
    public TrustPolicy? Policy { get; init; }

    /// <summary>Verifiers of the policy's witnesses.</summary>
    public IReadOnlyList<INoteVerifier> Verifiers { get; init; } = [];

    /// <summary>Why a person goes on although too few witnesses answer at the start: recorded in <c>log.opened</c>. Null to refuse.</summary>
    public string? WithoutWitnesses { get; init; }

    /// <summary>Why a person goes on although the clock stands before the log's last entry at the start: recorded in <c>log.opened</c>. Null to refuse.</summary>
    public string? ClockBehind { get; init; }

    /// <summary>How far before the last entry the clock may stand at a start: clocks are corrected by seconds, and a wrong date is hours.</summary>
    public static TimeSpan ClockTolerance { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Time-stamping authorities to be asked.</summary>
    public IReadOnlyList<ITimestampAuthority> Authorities { get; init; } = [];

    /// <summary>Where checkpoints that others have seen are kept; null to keep none.</summary>
    public AnchorFolder? Anchors { get; init; }

    /// <summary>How often a log that grew is shown to others.</summary>
    public TimeSpan AnchorEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Sends requests to witnesses; null for one shared in the process.</summary>
    public HttpMessageInvoker? Http { get; init; }

    /// <summary>The log that a new one continues: its first exhibit is then <c>log.succeeded</c>. Null for none.</summary>
    public Predecessor? Succeeds { get; init; }

    /// <summary>The pseudonym under which the log's own exhibits are recorded.</summary>
    public string Actor { get; init; } = "custos";

    /// <summary>The most exhibits of one commit, 1 to 8,192.</summary>
    public int MaxBatch { get; init; } = MostPerBatch;

    /// <summary>How much waits in memory, in bytes: content, and 512 bytes an exhibit. Beyond it, appending waits.</summary>
    public long PoolBytes { get; init; } = 16 << 20;

    /// <summary>Threads that seal beside the log's own; null for one less than the machine's cores.</summary>
    internal int? SealHelpers { get; init; }
}
