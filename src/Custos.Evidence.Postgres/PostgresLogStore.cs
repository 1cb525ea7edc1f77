// The PostgreSQL store (evidence-spec, section 7; docs/formats/postgres-store.md). A commit is one transaction: the rows by COPY, then the
// log's own row from the old state to the new, by this writer's epoch. What is not committed was never there, so nothing is left to remove.
using System.Buffers.Binary;
using System.Data;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Custos.Evidence.Postgres;

/// <summary>A log kept in a PostgreSQL database, schema <c>custos_log</c>. Keys and marks stay in <c>keys/</c>.</summary>
public sealed partial class PostgresLogStore : ILogStore
{
    // A server that does not answer for so long counts as lost.
    const int TimeoutSeconds = 120;

    readonly string _origin;
    readonly NpgsqlDataSource _readers;
    readonly NpgsqlDataSource _writers;
    // Commits and parts of recordings are written from different threads, one after the other.
    readonly SemaphoreSlim _writing = new(1);
    readonly long _lockKey;
    NpgsqlConnection? _lock;
    NpgsqlConnection? _writer;
    long _id = -1;
    long _epoch;
    // Of the bundle that grows: records joined to it have its generation.
    long _tailGeneration = 1;

    /// <summary>A store for one log. Nothing is asked of the server yet.</summary>
    /// <param name="connection">Npgsql keywords: <c>Host=db.example;Database=custos;Username=custos_log</c>. The password comes from the password file (<c>PGPASSFILE</c>).</param>
    /// <param name="origin">The log's name.</param>
    /// <exception cref="FormatException">The connection cannot be read, or holds a password.</exception>
    public PostgresLogStore(string connection, string origin)
    {
        var settings = Settings(connection);
        _origin = origin;
        Place = string.Create(CultureInfo.InvariantCulture, $"PostgreSQL database {settings.Database} on {settings.Host}:{settings.Port}");
        _lockKey = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));
        settings.CommandTimeout = TimeoutSeconds;
        settings.IncludeErrorDetail = false;
        settings.Enlist = false;
        settings.MaxAutoPrepare = 16;
        settings.ApplicationName = string.Create(CultureInfo.InvariantCulture, $"custos {Environment.ProcessId} on {Environment.MachineName}");
        settings.MaxPoolSize = 8;
        // Readers change nothing of their session, so nothing has to be put back between two of them: seven statements each time.
        settings.NoResetOnClose = true;
        _readers = Source(settings);
        settings.Pooling = false;
        // A connection that only waits is not to be cut by a firewall, and a server is to notice when its client is gone.
        settings.KeepAlive = 15;
        settings.Options = $"{settings.Options} -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=6".TrimStart();
        _writers = Source(settings);
    }

    /// <summary>The store that an operation's setting names, or null if the setting is another kind's.</summary>
    /// <exception cref="FormatException">The setting cannot be read, or holds a password.</exception>
    public static ILogStore? Reach(StoreSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.Kind == "postgres" ? new PostgresLogStore(setting.Address, setting.Origin) : null;
    }

    /// <inheritdoc/>
    public string Place { get; }

    /// <inheritdoc/>
    public bool HasContent => true;

    /// <inheritdoc/>
    public async ValueTask<StoredState?> OpenAsync(string origin, bool create, CancellationToken cancellation)
    {
        if (origin != _origin)
            throw new ArgumentException($"The store was made for '{_origin}', not for '{origin}'.", nameof(origin));
        try
        {
            _lock = await _writers.OpenConnectionAsync(cancellation);
            if (await ScalarAsync(_lock, Schema.Unsafe, cancellation) is string found)
                throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"{Place} runs with {found}, so what it acknowledges may be lost in a power cut. Nothing was changed. Set {found[..found.IndexOf('=', StringComparison.Ordinal)]}=on in its configuration and reload it.", 0);
            var version = await VersionAsync(_lock, cancellation);
            if (version is null && !create)
                return null;
            if (version is null or 0)
            {
                await using var making = await _lock.BeginTransactionAsync(cancellation);
                await ExecuteAsync(_lock, Schema.Gate, cancellation);
                if (await VersionAsync(_lock, cancellation) is null or 0)
                    await ExecuteAsync(_lock, Schema.Create, cancellation);
                await making.CommitAsync(cancellation);
            }

            // Read again once nobody can raise it any more.
            await ExecuteAsync(_lock, Schema.Hold, cancellation);
            if (Unknown(await VersionAsync(_lock, cancellation)) is { } why)
                throw new EvidenceLogException(EvidenceFault.StoreUnsafe, why, 0);
            if (!(bool)(await ScalarAsync(_lock, "SELECT pg_try_advisory_lock($1)", cancellation, _lockKey))!)
                throw await HeldAsync(_lock, cancellation);
            _writer = await _writers.OpenConnectionAsync(cancellation);
            if (create)
                await ExecuteAsync(_writer, "INSERT INTO custos_log.log (origin, epoch, size, root) VALUES ($1, 0, 0, $2) ON CONFLICT (origin) DO NOTHING", cancellation, _origin, Merkle.EmptyRoot.ToArray());
            // Waits for a commit that an earlier writer left under way, and from here on none of its succeeds.
            await using var command = Command(_writer, "UPDATE custos_log.log SET epoch = epoch + 1 WHERE origin = $1 RETURNING id, epoch, size, root, note", _origin);
            await using var row = await command.ExecuteReaderAsync(cancellation);
            if (!await row.ReadAsync(cancellation))
                return null;
            (_id, _epoch) = (row.GetInt64(0), row.GetInt64(1));
            return new(row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4), new LogState(row.GetInt64(2), new(row.GetFieldValue<byte[]>(3))));
        }
        catch (Exception e) when (PostgresFault.IsOurs(e))
        {
            throw PostgresFault.Of(Place, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask TrimAsync(long size, CancellationToken cancellation) => WriteAsync(async (writer, _) =>
    {
        // A transaction leaves nothing beyond its end; what somebody else put there would stop the next commit.
        await using var batch = new NpgsqlBatch(writer);
        for (var level = TilePath.Entries; level <= 7; level++)
        {
            var hashes = size >> (8 * Math.Max(level, 0));
            var (edge, width) = (hashes >> 8, (short)(hashes & 255));
            var (table, at) = Table(level);
            Add(batch, $"DELETE FROM custos_log.{table} WHERE {at} AND (n > $2 OR (n = $2 AND width > $3) OR (n < $2 AND n >= $2 - 64 AND width < 256))", _id, edge, width);
        }

        var (tail, slots) = (size >> 8, (short)(size & 255));
        Add(batch, "DELETE FROM custos_log.content WHERE log = $1 AND (n > $2 OR (n = $2 AND first_slot >= $3))", _id, tail, slots);
        Add(batch, "SELECT generation FROM custos_log.content WHERE log = $1 AND n = $2 AND first_slot = 0", _id, tail);
        _tailGeneration = await batch.ExecuteScalarAsync(cancellation) is long generation ? generation : 1;
        return 1;
    }, null, cancellation);

    /// <inheritdoc/>
    public ValueTask IntegrateAsync(LogBatch batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return WriteAsync(async (writer, transaction) =>
        {
            await CopyTilesAsync(writer, "custos_log.tile (log, level, n, width, data)", batch.Tiles.Where(tile => tile.Path.Level >= 0), cancellation);
            await CopyTilesAsync(writer, "custos_log.entries (log, n, width, data)", batch.Tiles.Where(tile => tile.Path.Level < 0), cancellation);
            await using (var copy = await writer.BeginBinaryImportAsync("COPY custos_log.content (log, n, first_slot, generation, data) FROM STDIN (FORMAT BINARY)", cancellation))
            {
                foreach (var write in batch.Content)
                {
                    if (write.FirstSlot == 0)
                        _tailGeneration = Generation(write.Data.Span);
                    await copy.StartRowAsync(cancellation);
                    await copy.WriteAsync(_id, NpgsqlDbType.Bigint, cancellation);
                    await copy.WriteAsync(write.Number, NpgsqlDbType.Bigint, cancellation);
                    await copy.WriteAsync((short)write.FirstSlot, NpgsqlDbType.Smallint, cancellation);
                    await copy.WriteAsync(_tailGeneration, NpgsqlDbType.Bigint, cancellation);
                    await copy.WriteAsync(write.Data, NpgsqlDbType.Bytea, cancellation);
                }

                await copy.CompleteAsync(cancellation);
            }

            await NeedLockAsync(cancellation);
            return await ExecuteAsync(
                writer, "UPDATE custos_log.log SET size = $1, root = $2 WHERE id = $3 AND epoch = $4 AND size = $5 AND root = $6", cancellation,
                batch.Next.Size, batch.Next.Root.ToArray(), _id, _epoch, batch.Expected.Size, batch.Expected.Root.ToArray());
        }, IsolationLevel.ReadCommitted, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(ReadOnlyMemory<byte> note, CancellationToken cancellation) => WriteAsync(async (writer, _) =>
    {
        await NeedLockAsync(cancellation);
        var size = Checkpoint.Parse(SignedNote.Parse(note.Span).Text).Size;
        return await ExecuteAsync(writer, "UPDATE custos_log.log SET note = $1 WHERE id = $2 AND epoch = $3 AND size = $4", cancellation, note, _id, _epoch, size);
    }, null, cancellation);

    /// <inheritdoc/>
    public ValueTask TidyAsync(long oldSize, long newSize, CancellationToken cancellation)
    {
        var batch = new NpgsqlBatch();
        // Repeated at the next start if it is lost, so nobody waits for it to reach the disk.
        Add(batch, "SELECT set_config('synchronous_commit', 'off', true)");
        for (var level = TilePath.Entries; level <= 7; level++)
        {
            var shift = 8 * Math.Max(level, 0);
            var (before, after) = (oldSize >> shift, newSize >> shift);
            var (table, at) = Table(level);
            if ((before & 255) != 0 && before >> 8 != after >> 8)
                Add(batch, $"DELETE FROM custos_log.{table} WHERE {at} AND n = $2 AND width < 256", _id, before >> 8);
        }

        return batch.BatchCommands.Count == 1 ? default : WriteAsync(async (writer, _) =>
        {
            await using (batch)
            {
                batch.Connection = writer;
                await batch.ExecuteNonQueryAsync(cancellation);
            }

            return 1;
        }, null, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
            await _writer.DisposeAsync();
        // The lock goes last, and is given back in words: a closed connection takes the server a moment to notice.
        if (_lock is { State: ConnectionState.Open })
        {
            try
            {
                await ExecuteAsync(_lock, "SELECT pg_advisory_unlock($1)", CancellationToken.None, _lockKey);
            }
            catch (Exception e) when (PostgresFault.IsOurs(e))
            {
                // Then it ends with its connection.
            }
        }

        if (_lock is not null)
            await _lock.DisposeAsync();
        (_writer, _lock) = (null, null);
        await _readers.DisposeAsync();
        await _writers.DisposeAsync();
        _writing.Dispose();
    }

    /// <summary>One statement or one transaction of the writer's, fenced by its epoch: anything but one row changed means that another writer took over.</summary>
    async ValueTask WriteAsync(Func<NpgsqlConnection, NpgsqlTransaction?, Task<int>> write, IsolationLevel? whole, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var writer = _writer ?? throw new InvalidOperationException("The store is not open for writing.");
            if (writer.State != ConnectionState.Open)
                throw new LogStoreException(EvidenceFault.Io, $"{Place}: the connection to it was lost");
            await using var transaction = whole is { } level ? await writer.BeginTransactionAsync(level, cancellation) : null;
            if (await write(writer, transaction) != 1)
                throw new LogStoreException(EvidenceFault.HeadMoved, $"The log's row in {Place} was moved by another writer, so nothing was signed.");
            if (transaction is not null)
                await transaction.CommitAsync(cancellation);
        }
        catch (Exception e) when (PostgresFault.IsOurs(e))
        {
            throw PostgresFault.Of(Place, e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Asks on the lock's own connection whether the lock is still held there: a server that restarted has forgotten it, a pooler never kept it.</summary>
    async Task NeedLockAsync(CancellationToken cancellation)
    {
        const string Held = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = $1)";
        Exception? why = null;
        try
        {
            if (_lock is { State: ConnectionState.Open } && (bool)(await ScalarAsync(_lock, Held, cancellation, _lockKey))!)
                return;
        }
        catch (Exception e) when (PostgresFault.IsOurs(e))
        {
            why = e;
        }

        throw new LogStoreException(EvidenceFault.Io, $"{Place}: the connection that holds the log's lock was lost, so nothing was signed", why);
    }

    /// <summary>The version of the schema; 0 if it is from before versions were written, -1 if it should name one and does not, null if there is no schema.</summary>
    static async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancellation) => (int)(await ScalarAsync(connection, Schema.State, cancellation))! switch
    {
        < 0 => null,
        0 => 0,
        _ => await ScalarAsync(connection, Schema.ReadVersion, cancellation) as int? ?? -1,
    };

    /// <summary>Why a schema of that version is not touched; null if it is known.</summary>
    string? Unknown(int? version) => version switch
    {
        null or 0 or Schema.Version => null,
        < 0 => $"The schema 'custos_log' in {Place} names no version, so what its rows mean is unknown. Nothing was read or changed. Bring the row of its table 'format' back from a dump.",
        _ => string.Create(CultureInfo.InvariantCulture, $"The schema 'custos_log' in {Place} has version {version}; this program knows {Schema.Version}. Nothing was read or changed. Use the newer Custos that wrote it."),
    };

    async Task CopyTilesAsync(NpgsqlConnection writer, string into, IEnumerable<TileWrite> tiles, CancellationToken cancellation)
    {
        await using var copy = await writer.BeginBinaryImportAsync($"COPY {into} FROM STDIN (FORMAT BINARY)", cancellation);
        foreach (var tile in tiles)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(_id, NpgsqlDbType.Bigint, cancellation);
            if (tile.Path.Level >= 0)
                await copy.WriteAsync((short)tile.Path.Level, NpgsqlDbType.Smallint, cancellation);
            await copy.WriteAsync(tile.Path.Number, NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync((short)tile.Path.Width, NpgsqlDbType.Smallint, cancellation);
            await copy.WriteAsync(tile.Data, NpgsqlDbType.Bytea, cancellation);
        }

        await copy.CompleteAsync(cancellation);
    }

    async Task<EvidenceLogException> HeldAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string Holder = """
            SELECT format('%s, since %s UTC', coalesce(nullif(application_name, ''), 'a process'), to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
            FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = $1 LIMIT 1
            """;
        var who = await ScalarAsync(connection, Holder, cancellation, _lockKey) as string;
        return new(EvidenceFault.LockHeld, $"Another process writes this log: its lock in {Place} is held{(who is null ? "" : $" by {who}")}. Nothing was changed. Stop it, or wait until it ends.", 0);
    }

    internal static NpgsqlConnectionStringBuilder Settings(string connection)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new(connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The library's own sentence may quote what stands there.
            throw new FormatException("The address of the PostgreSQL store cannot be read. Write it as Host=db.example;Database=custos;Username=custos_log.", e);
        }

        if (!string.IsNullOrEmpty(settings.Password))
            throw new FormatException("The address of the PostgreSQL store holds a password, which others could read there. Leave it out, and put it into the password file (PGPASSFILE, by default ~/.pgpass, mode 0600).");
        if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
            throw new FormatException("The address of the PostgreSQL store names no Host or no Database. Write it as Host=db.example;Database=custos;Username=custos_log.");
        return settings;
    }

    static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // Numbers, text and bytes only: nothing of the server's catalogue is needed.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.Build();
    }

    static (string Table, string At) Table(int level) =>
        level == TilePath.Entries ? ("entries", "log = $1") : ("tile", string.Create(CultureInfo.InvariantCulture, $"log = $1 AND level = {level}"));

    // docs/formats/content-bundle.md: u32 after "CUSTOSB1" and the bundle's number.
    static long Generation(ReadOnlySpan<byte> bundle) => BinaryPrimitives.ReadUInt32BigEndian(bundle[16..]);

    [SuppressMessage("Security", "CA2100", Justification = "The texts are constants; what varies is a table's name of this file, or a parameter.")]
    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(Parameter(value));
        return command;
    }

    [SuppressMessage("Security", "CA2100", Justification = "As above.")]
    static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(Parameter(value));
        batch.BatchCommands.Add(command);
    }

    static NpgsqlParameter Parameter(object value) => value is ReadOnlyMemory<byte> ? new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea } : new() { Value = value };

    static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellation);
    }
}
