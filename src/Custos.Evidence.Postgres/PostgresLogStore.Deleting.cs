using System.Data;

namespace Custos.Evidence.Postgres;

public sealed partial class PostgresLogStore
{
    /// <inheritdoc/>
    public ValueTask ReplaceContentAsync(long number, ReadOnlyMemory<byte> bundle, CancellationToken cancellation) => WriteAsync(
        async (writer, _) =>
        {
            // The log's own row is held meanwhile, so that a writer with a newer epoch waits or was first.
            var mine = await ExecuteAsync(writer, "UPDATE custos_log.log SET epoch = epoch WHERE id = $1 AND epoch = $2", cancellation, _id, _epoch);
            var last = await ScalarAsync(writer, "SELECT max(n) FROM custos_log.content WHERE log = $1", cancellation, _id) as long?;
            await ExecuteAsync(writer, "DELETE FROM custos_log.content WHERE log = $1 AND n = $2", cancellation, _id, number);
            await ExecuteAsync(writer, "INSERT INTO custos_log.content (log, n, first_slot, generation, data) VALUES ($1, $2, 0, $3, $4)", cancellation, _id, number, Generation(bundle.Span), bundle);
            if (number == last)
                _tailGeneration = Generation(bundle.Span);
            return mine;
        },
        IsolationLevel.ReadCommitted, cancellation);

    /// <inheritdoc/>
    public ValueTask DeletePartsAsync(long opening, CancellationToken cancellation) => WriteAsync(
        async (writer, _) =>
        {
            var mine = await ExecuteAsync(writer, "UPDATE custos_log.log SET epoch = epoch WHERE id = $1 AND epoch = $2", cancellation, _id, _epoch);
            await ExecuteAsync(writer, "DELETE FROM custos_log.part WHERE log = $1 AND opening = $2", cancellation, _id, opening);
            return mine;
        },
        IsolationLevel.ReadCommitted, cancellation);

    /// <inheritdoc/>
    public async ValueTask<string?> ReadDeletingAsync(CancellationToken cancellation) =>
        (await ReadAsync("SELECT convert_to(deleting, 'UTF8') FROM custos_log.log WHERE id = $1 AND deleting IS NOT NULL", cancellation)).FirstOrDefault() is { } text ? System.Text.Encoding.UTF8.GetString(text) : null;

    /// <inheritdoc/>
    public ValueTask WriteDeletingAsync(string? deletion, CancellationToken cancellation) => WriteAsync(
        (writer, _) => deletion is null
            ? ExecuteAsync(writer, "UPDATE custos_log.log SET deleting = NULL WHERE id = $1 AND epoch = $2", cancellation, _id, _epoch)
            : ExecuteAsync(writer, "UPDATE custos_log.log SET deleting = $3 WHERE id = $1 AND epoch = $2", cancellation, _id, _epoch, deletion),
        null, cancellation);
}
