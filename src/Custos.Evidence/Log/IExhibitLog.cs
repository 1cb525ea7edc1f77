namespace Custos.Evidence;

/// <summary>Where exhibits are appended: the operation's log, the pipeline in front of it, or a scratch log.</summary>
public interface IExhibitLog
{
    /// <summary>Records a thing and answers when it is durable and published.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped; the message says what is safe and what to do.</exception>
    ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation);

    /// <summary>Records things in order and answers, in the same order, when all are durable and published.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped; the message says what is safe and what to do.</exception>
    ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation);
}

/// <summary>Where recorded exhibits are read by a machine.</summary>
public interface IExhibitReader
{
    /// <summary>Exhibits recorded and published so far.</summary>
    long Size { get; }

    /// <summary>Reads exhibits in order, content included. The run is itself recorded, once, as a custody event.</summary>
    /// <param name="from">The first exhibit.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="run">Which program reads, and why.</param>
    /// <param name="cancellation">Stops between exhibits.</param>
    IAsyncEnumerable<Exhibit> ReadAsync(ExhibitNumber from, long count, MachineRun run, CancellationToken cancellation);
}

/// <summary>A machine's reading of content: named once per run, not once per exhibit (evidence-spec, section 11).</summary>
/// <param name="Actor">Pseudonym of who started the program.</param>
/// <param name="Tool">Program and version.</param>
/// <param name="Purpose">Why it reads.</param>
public sealed record MachineRun(string Actor, string Tool, string Purpose)
{
    /// <summary>Under which authority it reads, if one is cited.</summary>
    public CustodyAuthority? Authority { get; init; }
}
