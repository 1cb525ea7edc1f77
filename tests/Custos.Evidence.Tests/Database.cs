using System.Globalization;
using Custos.Evidence.Postgres;
using Custos.Fixtures;
using Npgsql;

[assembly: AssemblyFixture(typeof(Custos.Evidence.Tests.Cluster))]

namespace Custos.Evidence.Tests;

/// <summary>One PostgreSQL cluster for the whole run, started by the first test that needs it.</summary>
public sealed class Cluster : IAsyncDisposable
{
    readonly Lock _gate = new();
    Task<PostgresServer>? _server;
    int _databases;

    /// <summary>The one of this run.</summary>
    public static Cluster Current { get; private set; } = null!;

    public Cluster() => Current = this;

    /// <summary>A new, empty database; the test is skipped with the reason where PostgreSQL is not installed.</summary>
    internal async Task<Database> DatabaseAsync(string options = "")
    {
        var server = await ServerAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using (var admin = new NpgsqlConnection(server.Connection("postgres") + ";Pooling=false"))
        {
            await admin.OpenAsync();
            await using var make = new NpgsqlCommand($"CREATE DATABASE {name} {options}", admin);
            await make.ExecuteNonQueryAsync();
        }

        return new(server, name);
    }

    internal Task<PostgresServer> ServerAsync()
    {
        var missing = PostgresServer.Missing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        lock (_gate)
            return _server ??= PostgresServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await (await _server).DisposeAsync();
    }
}

/// <summary>A database of a test's own, looked at and meddled with past the store.</summary>
sealed class Database : IAsyncDisposable
{
    static readonly string[] Tables = ["log", "tile", "entries", "content", "part", "recording"];

    readonly PostgresServer _server;
    NpgsqlConnection? _admin;
    PostgresLogStore? _looking;

    public Database(PostgresServer server, string name)
    {
        (_server, Name) = (server, name);
        Wire = new(server.Port);
    }

    public string Name { get; }

    /// <summary>The way to it, which can break.</summary>
    public BreakingWire Wire { get; }

    /// <summary>How a store reaches it.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder(_server.Connection(Name)) { Port = Wire.Port }.ConnectionString;

    /// <summary>A store for looking at the log past the wire, as from another machine: its connection lasts while it is used, so that looking costs no new one each time.</summary>
    public PostgresLogStore Looking => _looking ??= new(_server.Connection(Name) + ";Connection Idle Lifetime=2;Connection Pruning Interval=1", Machine.Origin);

    /// <summary>Ends what came by the wire and waits until the server has noticed.</summary>
    public void EndOthers()
    {
        if (Wire.CutAll() is { Count: > 0 } ports)
            End($"FROM pg_stat_activity WHERE datname = current_database() AND client_port IN ({string.Join(", ", ports)})");
    }

    /// <summary>Ends the connections that hold advisory locks.</summary>
    public void EndLockHolders() => End("FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");

    /// <summary>Its own connections are dropped, and made again when they are needed.</summary>
    public async Task ForgetAsync()
    {
        if (_looking is not null)
            await _looking.DisposeAsync();
        if (_admin is not null)
            await _admin.DisposeAsync();
        (_looking, _admin) = (null, null);
    }

    /// <summary>A copy of every row, as a backup would be; the answer brings them back.</summary>
    public Action Backup()
    {
        var rows = Exists() ? Tables.Select(table => CopyOut(table)).ToList() : null;
        return () =>
        {
            if (rows is null)
            {
                RemoveLog();
                return;
            }

            using var whole = Admin().BeginTransaction();
            Execute(string.Concat(Tables.Select(table => $"DELETE FROM custos_log.{table};")));
            foreach (var (table, bytes) in Tables.Zip(rows))
                CopyIn(table, bytes);
            whole.Commit();
        };
    }

    /// <summary>As if there had never been one. Its row may have another number when it is made again.</summary>
    public void RemoveLog()
    {
        Execute("DROP SCHEMA IF EXISTS custos_log CASCADE");
        _looking = null;
    }

    public byte[]? Read(string file)
    {
        var (where, value) = Row(file);
        return where is null || !Exists() ? null : Scalar($"SELECT string_agg({value}, '' {(file.StartsWith("content/", StringComparison.Ordinal) ? "ORDER BY first_slot" : "")}) FROM custos_log.{where}") as byte[];
    }

    /// <summary>Puts a row there in place of what is there.</summary>
    public void Write(string file, byte[] bytes)
    {
        var (where, value) = Row(file);
        if (where is not null && where.Split(" WHERE ") is [var table, var which] && Execute($"UPDATE custos_log.{table} SET {value} = $1 WHERE {which} AND 1 = (SELECT count(*) FROM custos_log.{where})", bytes) == 1)
            return;
        Delete(file);
        var insert = file switch
        {
            "log/checkpoint" => "UPDATE custos_log.log SET note = $1",
            _ when file.StartsWith("content/", StringComparison.Ordinal) && TilePath.TryParseNumber(file.AsSpan(8), out var bundle) => $"INSERT INTO custos_log.content SELECT id, {bundle}, 0, 1, $1 FROM custos_log.log",
            _ when file.StartsWith("recordings/", StringComparison.Ordinal) => $"INSERT INTO custos_log.part SELECT id, {long.Parse(file.AsSpan(14, 8), CultureInfo.InvariantCulture)}, {int.Parse(file.AsSpan(23), CultureInfo.InvariantCulture)}, $1 FROM custos_log.log",
            _ when TilePath.TryParse(file.AsSpan(4), out var tile) => tile.Level < 0
                ? $"INSERT INTO custos_log.entries SELECT id, {tile.Number}, {tile.Width}, $1 FROM custos_log.log"
                : $"INSERT INTO custos_log.tile SELECT id, {tile.Level}, {tile.Number}, {tile.Width}, $1 FROM custos_log.log",
            _ => throw new ArgumentException(file),
        };
        Execute(insert, bytes);
    }

    public void Delete(string file)
    {
        if (file == "log/checkpoint")
            Execute("UPDATE custos_log.log SET note = NULL");
        else if (Row(file).Where is { } where)
            Execute($"DELETE FROM custos_log.{where}");
    }

    public int Execute(string sql, params byte[][] values) => Command(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql) => Command(sql, []).ExecuteScalar();

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync();
        await Wire.DisposeAsync();
    }

    static (string? Where, string Value) Row(string file) => file switch
    {
        "log/checkpoint" => ("log", "note"),
        _ when file.StartsWith("content/", StringComparison.Ordinal) && TilePath.TryParseNumber(file.AsSpan(8), out var bundle) => ($"content WHERE n = {bundle}", "data"),
        _ when file.StartsWith("recordings/", StringComparison.Ordinal) => ($"part WHERE opening = {long.Parse(file.AsSpan(14, 8), CultureInfo.InvariantCulture)} AND part = {int.Parse(file.AsSpan(23), CultureInfo.InvariantCulture)}", "sealed"),
        _ when file.StartsWith("log/", StringComparison.Ordinal) && TilePath.TryParse(file.AsSpan(4), out var tile) => tile.Level < 0
            ? ($"entries WHERE n = {tile.Number} AND width = {tile.Width}", "data")
            : ($"tile WHERE level = {tile.Level} AND n = {tile.Number} AND width = {tile.Width}", "data"),
        _ => (null, ""),
    };

    // The server's own waiting looks ten times a second only.
    void End(string which)
    {
        Execute($"SELECT pg_terminate_backend(pid) {which}");
        while ((long)Scalar($"SELECT count(*) {which}")! > 0)
            Thread.Yield();
    }

    bool Exists() => (int)Scalar(Schema.State)! >= 0;

    byte[] CopyOut(string table)
    {
        using var copy = Admin().BeginRawBinaryCopy($"COPY custos_log.{table} TO STDOUT (FORMAT BINARY)");
        using var bytes = new MemoryStream();
        copy.CopyTo(bytes);
        return bytes.ToArray();
    }

    void CopyIn(string table, byte[] bytes)
    {
        using var copy = Admin().BeginRawBinaryCopy($"COPY custos_log.{table} FROM STDIN (FORMAT BINARY)");
        copy.Write(bytes);
    }

    NpgsqlCommand Command(string sql, byte[][] values)
    {
#pragma warning disable CA2100 // the tests' own texts
        var command = new NpgsqlCommand(sql, Admin());
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    NpgsqlConnection Admin()
    {
        if (_admin is null)
        {
            _admin = new(_server.Connection(Name) + ";Pooling=false");
            _admin.Open();
        }

        return _admin;
    }
}
