using Microsoft.Data.Sqlite;

namespace Custos.Storage;

/// <summary>One reader's connection, for one question or the questions of one page: what it sees does not change meanwhile.</summary>
sealed class Reading : IAsyncDisposable
{
    readonly SqliteConnection _connection;
    readonly SqliteTransaction _transaction;

    internal Reading(SqliteConnection connection, SqliteTransaction transaction, int operation)
    {
        _connection = connection;
        _transaction = transaction;
        Operation = operation;
    }

    internal int Operation { get; }

    /// <summary>Questions asked so far.</summary>
    internal int Queries { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    internal async ValueTask<T?> OneAsync<T>(string sql, Func<SqliteDataReader, T> row, CancellationToken cancellation, params (string Name, object? Value)[] values)
        where T : class
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? row(reader) : null;
    }

    internal async ValueTask<List<T>> ListAsync<T>(string sql, Func<SqliteDataReader, T> row, CancellationToken cancellation, params (string Name, object? Value)[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(row(reader));
        return rows;
    }

    internal SqliteCommand Command(string sql, params (string Name, object? Value)[] values)
    {
        Queries++;
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // every text is one of this assembly's own; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        if (sql.Contains("$first", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$first", RowId.First(Operation));
        if (sql.Contains("$last", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$last", RowId.Last(Operation));
        if (sql.Contains("$number", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$number", Operation);
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
