using System.Globalization;

namespace Custos.Fixtures;

/// <summary>A real PostgreSQL cluster of this machine: Debian's server, on a free port of 127.0.0.1, in a folder of its own.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    readonly ScratchFolder _folder = new();
    readonly string _bin;
    readonly string _data;
    ChildProgram? _server;

    PostgresServer(string bin, int port, string? data)
    {
        _bin = bin;
        _data = data ?? _folder["data"];
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>How its administrator reaches a database of it; nobody else can reach this machine's loopback.</summary>
    public string Connection(string database, string role = "postgres") =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database={database};Username={role};SSL Mode=Disable;GSS Encryption Mode=Disable");

    /// <summary>Why a test that needs it is skipped; null if it is installed.</summary>
    /// <exception cref="InvalidOperationException">It is absent and <c>CUSTOS_INTEROP</c> is <c>required</c>: the test fails instead.</exception>
    public static string? Missing()
    {
        if (Bin() is not null)
            return null;
        const string Reason = "not installed: postgresql (apt-get install postgresql)";
        return Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required" ? throw new InvalidOperationException($"CUSTOS_INTEROP is 'required', but {Reason}") : Reason;
    }

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="data">Where its data are kept, a folder that is not there yet in one that its account owns; null for a folder of its own.</param>
    public static async Task<PostgresServer> StartAsync(string? data = null)
    {
        var bin = Bin() ?? throw new InvalidOperationException("postgresql is not installed");
        // A port that was free may be taken before the server has it: then another is tried.
        for (var attempt = 1; ; attempt++)
        {
            var server = new PostgresServer(bin, FreePort.Next(), data);
            try
            {
                await OwnAsync(server._folder.Path);
                await using (var made = Run(Path.Combine(bin, "initdb"), "-D", server._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"))
                {
                    if (await made.EndAsync() != 0)
                        throw new InvalidOperationException($"initdb failed: {made.Output}");
                }

                await server.UpAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Runs statements as its administrator, or as a role; the answer is what psql prints.</summary>
    /// <exception cref="InvalidOperationException">One failed; the message holds what psql printed.</exception>
    public Task<string> SqlAsync(string database, string sql, string role = "postgres") =>
        ChildProgram.RunAsync(Path.Combine(_bin, "psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", role, "-d", database, "-c", sql);

    /// <summary>Runs a program of its own (<c>pg_dump</c>, <c>pg_restore</c>) as its administrator.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it printed.</exception>
    public Task<string> ToolAsync(string program, params string[] arguments) =>
        ChildProgram.RunAsync(Path.Combine(_bin, program), ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", .. arguments]);

    /// <summary>Starts it again after <see cref="CrashAsync"/>.</summary>
    public async Task UpAsync()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        // Kept by a shell that ends it when its input ends: with the test, and with a test's process that was killed.
        _server = Run("/bin/sh", "-c", "\"$@\" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server", "sh", Path.Combine(_bin, "postgres"), "-D", _data, "-k", _folder.Path, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=32MB", "-c", "max_connections=100", "-c", "autovacuum=off");
        await _server.PrintsAsync("database system is ready to accept connections");
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>: not before the last process of the old one has gone.</summary>
    public async Task UpAgainAsync()
    {
        while (true)
        {
            try
            {
                await UpAsync();
                return;
            }
            catch (InvalidOperationException e) when (e.Message.Contains("still in use", StringComparison.Ordinal) || e.Message.Contains("another server might be running", StringComparison.Ordinal))
            {
                await CrashAsync();
            }
        }
    }

    /// <summary>Ends it at once and without a checkpoint (SIGQUIT): what it finds when it starts again is what its log on disk holds.</summary>
    public async Task CrashAsync()
    {
        _server!.EndInput();
        await _server.EndAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Kills all of its processes (SIGKILL): none is left to put anything in order.</summary>
    public async Task KillAsync()
    {
        using (var first = System.Diagnostics.Process.GetProcessById(int.Parse(File.ReadLines(Path.Combine(_data, "postmaster.pid")).First(), CultureInfo.InvariantCulture)))
            first.Kill(entireProcessTree: true);
        await CrashAsync();
    }

    /// <summary>Kills a process that serves a connection (SIGKILL): it ends every connection, recovers and goes on by itself.</summary>
    /// <returns>Once it takes connections again.</returns>
    public async Task KillBackendAsync(string database, string which)
    {
        foreach (var pid in (await SqlAsync(database, $"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND {which} LIMIT 1")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Kill(int.Parse(pid, CultureInfo.InvariantCulture));
        await _server!.PrintsAsync("all server processes terminated; reinitializing");
        while (!await AnswersAsync())
            await Task.Yield();
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            await SqlAsync("postgres", "SELECT 1");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    static void Kill(int pid)
    {
        using var process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
    }

    /// <summary>Gives a folder to the account that the server runs under.</summary>
    public static async Task OwnAsync(string path)
    {
        if (IsRoot)
            await ChildProgram.RunAsync("/bin/chown", "postgres:", path);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await CrashAsync();
        _folder.Dispose();
    }

    static bool IsRoot => Environment.UserName == "root";

    // It refuses to run as root.
    static ChildProgram Run(string path, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["LC_ALL"] = "C" };
        return IsRoot
            ? ChildProgram.Start("/usr/bin/setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments], environment, keepInput: true)
            : ChildProgram.Start(path, arguments, environment, keepInput: true);
    }

    static string? Bin() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;
}
