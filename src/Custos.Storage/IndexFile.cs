using System.Reflection;
using Custos.Vocabulary;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Custos.Storage;

/// <summary>The file <c>custos.db</c>: the index of all operations of a data folder. It may be deleted; <c>custos rebuild</c> makes it again.</summary>
public sealed class IndexFile : IDisposable
{
    // https://www.sqlite.org/rescode.html
    const int NotADatabase = 26;
    const int Corrupt = 11;

    // How long a write waits for another process's transaction before the index counts as behind.
    const int BusySeconds = 5;

    readonly FileStream _users;
    readonly string _connectionString;
    readonly int? _maxPages;

    IndexFile(string path, FileStream users, int busySeconds, int? maxPages)
    {
        Path = path;
        _users = users;
        _maxPages = maxPages;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = busySeconds }.ToString();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens the index, and makes or migrates it where needed.</summary>
    /// <exception cref="IndexException">It is damaged, newer, or being migrated by another process.</exception>
    public static Task<IndexFile> OpenAsync(string path, CancellationToken cancellation) => OpenAsync(path, BusySeconds, null, cancellation);

    // Pages at most: a disk that is full, where a test cannot fill one.
    internal static async Task<IndexFile> OpenAsync(string path, int busySeconds, int? maxPages, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // Held by everyone who has the index open, so that deleting and migrating wait for nobody's back to be turned.
        var users = Lock(path, FileShare.ReadWrite)
            ?? throw new IndexException(IndexFault.InUse, $"Another process is rebuilding or migrating '{path}'. Nothing was changed. Try again when it is done.");
        try
        {
            var index = new IndexFile(path, users, busySeconds, maxPages);
            await index.MigrateAsync(cancellation);
            return index;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is NotADatabase or Corrupt)
        {
            users.Dispose();
            throw new IndexException(IndexFault.Damaged, $"The index '{path}' is damaged. The logs are not touched by it. Run 'custos rebuild', which makes it again.", e);
        }
        catch (SqliteException e)
        {
            users.Dispose();
            throw new IndexException(IndexFault.Unusable, $"The index '{path}' could not be opened (SQLite error {e.SqliteErrorCode}). The logs are not touched by it. See that the folder can be written and the disk has room, and try again.", e);
        }
        catch
        {
            users.Dispose();
            throw;
        }
    }

    /// <summary>Deletes the index. The logs hold everything that was in it.</summary>
    /// <exception cref="IndexException">A process has it open.</exception>
    public static void Delete(string path)
    {
        using var all = Lock(path, FileShare.None)
            ?? throw new IndexException(IndexFault.InUse, $"Another process has '{path}' open. Nothing was changed. Stop it, or rebuild one operation with --operation.");
        SqliteConnection.ClearAllPools();
        File.Delete(path);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }

    /// <summary>Writes the file anew without what was removed from it: until then removed rows can stand in its free pages.</summary>
    /// <exception cref="IndexException">Another process reads or writes it; what was removed may still be found in the file.</exception>
    public void Compact()
    {
        try
        {
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);";
            using var reader = command.ExecuteReader();
            // busy, log, checkpointed (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
            if (reader.Read() && reader.GetInt32(0) == 0)
                return;
        }
        catch (SqliteException e)
        {
            throw Uncompacted(e);
        }

        throw Uncompacted(null);
    }

    IndexException Uncompacted(Exception? inner) => new(
        IndexFault.InUse,
        $"The index '{Path}' is in use or the disk is full, so removed rows may still stand in its free pages. The logs are as they should be. Stop other programs and run 'custos rebuild', which makes the file anew.",
        inner);

    /// <summary>The index of one operation.</summary>
    public OperationIndex Operation(OperationSlug operation) => new(this, operation);

    /// <summary>Lets go of the file.</summary>
    public void Dispose() => _users.Dispose();

    internal SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var pragma = connection.CreateCommand();
            // NORMAL: after a power cut the index may lack its last transactions, and reads them again from the log.
            pragma.CommandText = "PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;";
            pragma.ExecuteNonQuery();
            if (_maxPages is { } pages)
            {
                pragma.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA max_page_count={pages}");
                pragma.ExecuteNonQuery();
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // FileShare.None is an exclusive lock, any other a shared one; both end with the process.
    static FileStream? Lock(string path, FileShare share)
    {
        try
        {
            return new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, share);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            return null;
        }
    }

    async Task MigrateAsync(CancellationToken cancellation)
    {
        using var connection = Connect();
        var known = Known();
        var applied = Applied(connection);
        if (applied.Count > 0 && applied[^1] == known[^1])
            return;
        if (applied.Except(known).Any())
            throw new IndexException(IndexFault.NewerVersion, $"The index '{Path}' was written by a newer Custos. Nothing was changed. Use that version, or delete the index and run 'custos rebuild'.");
        using (var migrating = Lock(Path + ".migrating", FileShare.None)
            ?? throw new IndexException(IndexFault.InUse, $"Another process is migrating '{Path}'. Nothing was changed. Try again when it is done."))
        {
            await using var context = SqliteCustosDbContext.Open(connection);
            // Left by a process that was killed while it migrated; ours is the lock above, which ends with its process.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
            await context.Database.MigrateAsync(cancellation);
            File.Delete(migrating.Name);
        }

        using var wal = connection.CreateCommand();
        wal.CommandText = "PRAGMA journal_mode=WAL;";
        await wal.ExecuteNonQueryAsync(cancellation);
    }

    static List<string> Known() =>
    [
        .. typeof(SqliteCustosDbContext).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(SqliteCustosDbContext))
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal),
    ];

    // Asked by hand: building the model takes longer than most commands do.
    static List<string> Applied(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory'";
        if ((long)command.ExecuteScalar()! == 0)
            return [];
        command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId";
        using var reader = command.ExecuteReader();
        var applied = new List<string>();
        while (reader.Read())
            applied.Add(reader.GetString(0));
        return applied;
    }
}
