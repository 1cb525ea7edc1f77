using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Custos.Evidence.Postgres;

public sealed partial class PostgresLogStore
{
    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadNoteAsync(CancellationToken cancellation) =>
        (await ReadAsync("SELECT note FROM custos_log.log WHERE id = $1 AND note IS NOT NULL", cancellation)).FirstOrDefault();

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadTileAsync(TilePath path, CancellationToken cancellation)
    {
        var (table, at) = Table(path.Level);
        return (await ReadAsync($"SELECT data FROM custos_log.{table} WHERE {at} AND n = $2 AND width IN ($3, 256) ORDER BY width LIMIT 1", cancellation, path.Number, (short)path.Width)).FirstOrDefault();
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadContentAsync(long number, CancellationToken cancellation) =>
        Joined(await ReadAsync("SELECT data FROM custos_log.content WHERE log = $1 AND n = $2 ORDER BY first_slot", cancellation, number));

    /// <inheritdoc/>
    public async IAsyncEnumerable<byte[]?> ReadContentsAsync(long from, long count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var rows = new Rows(this);
        await rows.BeginAsync("SELECT n, data FROM custos_log.content WHERE log = $1 AND n >= $2 AND n < $3 ORDER BY n, first_slot", cancellation, from, from + count);
        var next = from;
        var pieces = new List<byte[]>();
        while (await rows.NextAsync(cancellation))
        {
            for (var number = rows.Current.GetInt64(0); next < number; next++)
            {
                yield return Joined(pieces);
                pieces.Clear();
            }

            pieces.Add(rows.Current.GetFieldValue<byte[]>(1));
        }

        for (; next < from + count; next++)
        {
            yield return Joined(pieces);
            pieces.Clear();
        }
    }

    static byte[]? Joined(List<byte[]> pieces)
    {
        if (pieces.Count < 2)
            return pieces.FirstOrDefault();
        var bundle = new byte[pieces.Sum(piece => piece.Length)];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(bundle, at);
            at += piece.Length;
        }

        return bundle;
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadPartAsync(long opening, int part, CancellationToken cancellation) =>
        (await ReadAsync("SELECT sealed FROM custos_log.part WHERE log = $1 AND opening = $2 AND part = $3", cancellation, opening, part)).FirstOrDefault();

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        // Names are made here, so that both stores call the same thing the same.
        const string All = """
            SELECT 'log', level::int, n, width::int FROM custos_log.tile WHERE log = $1
            UNION ALL SELECT 'log', -1, n, width::int FROM custos_log.entries WHERE log = $1
            UNION ALL SELECT 'content', 0, n, 256 FROM custos_log.content WHERE log = $1 AND first_slot = 0
            """;
        await using var rows = new Rows(this);
        await rows.BeginAsync(All, cancellation);
        while (await rows.NextAsync(cancellation))
        {
            var row = rows.Current;
            yield return row.GetString(0) == "log" ? $"log/{TilePath.Of(row.GetInt32(1), row.GetInt64(2), row.GetInt32(3))}" : "content/" + TilePath.NumberPath(row.GetInt64(2));
        }
    }

    /// <inheritdoc/>
    public ValueTask WritePartAsync(long opening, int part, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation) => WriteAsync(
        (writer, _) => ExecuteAsync(
            writer,
            """
            WITH mine AS (SELECT id FROM custos_log.log WHERE id = $1 AND epoch = $2 FOR SHARE)
            INSERT INTO custos_log.part (log, opening, part, sealed) SELECT id, $3, $4, $5 FROM mine
            ON CONFLICT (log, opening, part) DO UPDATE SET sealed = excluded.sealed
            """,
            cancellation, _id, _epoch, opening, part, sealedBytes),
        null, cancellation);

    /// <inheritdoc/>
    public ValueTask MarkRecordingAsync(long opening, bool underWay, CancellationToken cancellation) => NoteAsync("opening", opening, underWay, cancellation);

    /// <inheritdoc/>
    public ValueTask AnnounceRecordingAsync(SourceId opening, bool announced, CancellationToken cancellation) =>
        NoteAsync("announced", Convert.FromHexString(opening.ToString()), announced, cancellation);

    /// <inheritdoc/>
    public async ValueTask<OpenRecordings> OpenRecordingsAsync(CancellationToken cancellation)
    {
        const string All = """
            SELECT r.opening, r.announced, coalesce(string_agg(p.part::text, ' ' ORDER BY p.part), '')
            FROM custos_log.recording r LEFT JOIN custos_log.part p ON p.log = r.log AND p.opening = r.opening
            WHERE r.log = $1 GROUP BY r.opening, r.announced ORDER BY r.opening, r.announced
            """;
        var underWay = new List<(long, IReadOnlyList<int>)>();
        var announced = new List<SourceId>();
        await using var rows = new Rows(this);
        await rows.BeginAsync(All, cancellation);
        while (await rows.NextAsync(cancellation))
        {
            var row = rows.Current;
            if (row.IsDBNull(0))
                announced.Add(new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(row.GetFieldValue<byte[]>(1))));
            else
                underWay.Add((row.GetInt64(0), [.. row.GetString(2).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => int.Parse(part, CultureInfo.InvariantCulture))]));
        }

        return new(underWay, announced);
    }

    ValueTask NoteAsync(string column, object value, bool there, CancellationToken cancellation) => WriteAsync(
        async (writer, _) =>
        {
            await ExecuteAsync(
                writer,
                there
                    ? $"INSERT INTO custos_log.recording (log, {column}) SELECT id, $3 FROM custos_log.log WHERE id = $1 AND epoch = $2 ON CONFLICT DO NOTHING"
                    : $"DELETE FROM custos_log.recording r USING custos_log.log l WHERE l.id = r.log AND l.id = $1 AND l.epoch = $2 AND {column} = $3",
                cancellation, _id, _epoch, value);
            return 1;
        },
        null, cancellation);

    async Task<List<byte[]>> ReadAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using var rows = new Rows(this);
        await rows.BeginAsync(sql, cancellation, values);
        var found = new List<byte[]>();
        while (await rows.NextAsync(cancellation))
            found.Add(rows.Current.GetFieldValue<byte[]>(0));
        return found;
    }

    /// <summary>A reader's rows of this log; readers take no lock and have connections of their own.</summary>
    sealed class Rows(PostgresLogStore store) : IAsyncDisposable
    {
        NpgsqlConnection? _connection;
        NpgsqlCommand? _command;

        public NpgsqlDataReader Current { get; private set; } = null!;

        public async Task BeginAsync(string sql, CancellationToken cancellation, params object[] values)
        {
            try
            {
                _connection = await store._readers.OpenConnectionAsync(cancellation);
                if (store._id < 0)
                {
                    var version = await VersionAsync(_connection, cancellation);
                    if (store.Unknown(version) is { } why)
                        throw new LogStoreException(EvidenceFault.StoreUnsafe, why);
                    store._id = version is not null && await ScalarAsync(_connection, "SELECT id FROM custos_log.log WHERE origin = $1", cancellation, store._origin) is long id ? id : -1;
                }

                _command = Command(_connection, sql, [store._id, .. values]);
                if (store._id >= 0)
                    Current = await _command.ExecuteReaderAsync(cancellation);
            }
            catch (Exception e) when (PostgresFault.IsOurs(e))
            {
                throw PostgresFault.Of(store.Place, e);
            }
        }

        public async Task<bool> NextAsync(CancellationToken cancellation)
        {
            try
            {
                return Current is not null && await Current.ReadAsync(cancellation);
            }
            catch (Exception e) when (PostgresFault.IsOurs(e))
            {
                throw PostgresFault.Of(store.Place, e);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (Current is not null)
                await Current.DisposeAsync();
            if (_command is not null)
                await _command.DisposeAsync();
            if (_connection is not null)
                await _connection.DisposeAsync();
        }
    }
}
