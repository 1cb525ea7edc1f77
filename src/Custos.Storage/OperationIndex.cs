using Custos.Pipeline;
using Custos.Vocabulary;

namespace Custos.Storage;

/// <summary>The index of one operation: everything in it is derived from the operation's log.</summary>
public sealed partial class OperationIndex : IOperationIndex, IDisposable
{
    readonly IndexFile _file;
    readonly Lock _gate = new();
    Writing? _writing;

    internal OperationIndex(IndexFile file, OperationSlug operation)
    {
        _file = file;
        Operation = operation;
    }

    /// <summary>Which operation.</summary>
    public OperationSlug Operation { get; }

    /// <inheritdoc/>
    public ValueTask<IndexPosition> PositionAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return new(Writer().Position());
    }

    /// <inheritdoc/>
    public ValueTask ResetAsync(DerivedFrom from, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Writer().Reset(from);
            // Places are counted from zero again.
            _writing!.Dispose();
            _writing = null;
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<IndexBatch> batches, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
            Writer().Write(batches);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(SettledRows rows, IdentityPass? identity, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
            Writer().Settle(rows, identity);
        return default;
    }

    /// <summary>Lets go of the file.</summary>
    public void Dispose()
    {
        lock (_gate)
            _writing?.Dispose();
    }

    internal async ValueTask<Reading> ReadingAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var connection = _file.Connect();
        try
        {
            // Deferred: it reads, and writers are not kept waiting.
            var transaction = connection.BeginTransaction(deferred: true);
            await using var find = connection.CreateCommand();
            find.CommandText = "SELECT number FROM operations WHERE slug = $slug";
            find.Parameters.AddWithValue("$slug", Operation.Value);
            return new(connection, transaction, await find.ExecuteScalarAsync(cancellation) is long number ? (int)number : 0);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    Writing Writer() => _writing ??= new(_file.Connect(), Operation);
}
