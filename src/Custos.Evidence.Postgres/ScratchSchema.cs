using System.Globalization;
using Npgsql;

namespace Custos.Evidence.Postgres;

/// <summary>A database that is used for a measurement and holds no log: its schema is dropped afterwards.</summary>
public sealed class ScratchSchema : IAsyncDisposable
{
    readonly NpgsqlDataSource _source;

    ScratchSchema(NpgsqlDataSource source, string version) => (_source, Version) = (source, version);

    /// <summary>The server's version.</summary>
    public string Version { get; }

    /// <summary>Takes a database.</summary>
    /// <param name="connection">As for <see cref="PostgresLogStore"/>.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    /// <exception cref="FormatException">The connection cannot be read, or holds a password.</exception>
    /// <exception cref="LogStoreException">The server cannot be reached, or the database has logs.</exception>
    public static async Task<ScratchSchema> TakeAsync(string connection, CancellationToken cancellation)
    {
        var source = NpgsqlDataSource.Create(PostgresLogStore.Settings(connection));
        try
        {
            await using var command = source.CreateCommand("SELECT current_setting('server_version'), to_regnamespace('custos_log') IS NULL");
            await using var row = await command.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            return row.GetBoolean(1)
                ? new(source, row.GetString(0))
                : throw new LogStoreException(EvidenceFault.StoreUnsafe, "The database has the schema 'custos_log', so logs may be in it. Nothing was changed. Name an empty database: what is measured is removed.");
        }
        catch (Exception e)
        {
            await source.DisposeAsync();
            if (PostgresFault.IsOurs(e))
                throw PostgresFault.Of("The PostgreSQL server", e);
            throw;
        }
    }

    /// <summary>Bytes of the tables and their indices.</summary>
    public async Task<long> BytesAsync(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand("SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relnamespace = to_regnamespace('custos_log') AND relkind = 'r'");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    /// <summary>Drops the schema.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var command = _source.CreateCommand("DROP SCHEMA IF EXISTS custos_log CASCADE"))
            await command.ExecuteNonQueryAsync();
        await _source.DisposeAsync();
    }
}
