namespace Custos.Storage;

/// <summary>How much an operation's index holds.</summary>
/// <param name="Exhibits">Exhibits indexed.</param>
/// <param name="Messages">Of these, messages.</param>
/// <param name="Findings">Findings in them.</param>
/// <param name="Alerts">Of these, alerts.</param>
public sealed record IndexCounts(long Exhibits, long Messages, long Findings, long Alerts);

public sealed partial class OperationIndex
{
    /// <summary>How much is indexed.</summary>
    public async ValueTask<IndexCounts> CountAsync(CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await reading.OneAsync(
            """
            SELECT o.indexed_up_to, (SELECT coalesce(sum(messages), 0) FROM venues WHERE id BETWEEN $first AND $last), o.findings,
                (SELECT count(*) FROM findings WHERE is_alert = 1 AND id BETWEEN $first AND $last)
            FROM operations o WHERE o.number = $number
            """,
            row => new IndexCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            cancellation) ?? new(0, 0, 0, 0);
    }
}
