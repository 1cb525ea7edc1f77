using System.Diagnostics;
using Custos.Evidence.Postgres;
using Custos.Fixtures;

namespace Custos.Evidence.Tests;

/// <summary>What only a database can do to a log.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class PostgresTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_machines_cannot_write_one_log_and_the_second_is_told_who_does()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using var log = await machine.OpenAsync();
        // The same keys on another machine: its own locks do not know of the first.
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await machine.Copy().OpenAsync());
        e.Fault.ShouldBe(EvidenceFault.LockHeld);
        e.Message.ShouldContain($"custos {Environment.ProcessId} on {Environment.MachineName}");
        await log.AppendAsync(Machine.Message(0), Stop);
    }

    [Fact]
    public async Task Losing_the_connection_that_holds_the_lock_stops_the_log_before_it_signs()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Message(0), Stop);
        var (note, mark) = (machine.Read("log/checkpoint"), machine.Disk.ReadAll("/data/keys/op-lantern.head"));
        machine.Database!.EndLockHolders();
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(1), Stop));
        e.Fault.ShouldBe(EvidenceFault.Io);
        e.Message.ShouldContain("holds the log's lock was lost");
        e.DurableCount.ShouldBe(2);
        log.State.ShouldBe(EvidenceLogState.Stopped);
        machine.Read("log/checkpoint").ShouldBe(note);
        machine.Disk.ReadAll("/data/keys/op-lantern.head").ShouldBe(mark);
        machine.Database.Scalar("SELECT size FROM custos_log.log").ShouldBe(2L);
    }

    [Fact]
    public async Task A_commit_that_an_earlier_writer_left_under_way_cannot_succeed_once_another_has_opened_the_log()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using var log = await machine.OpenAsync();
        machine.Database!.Execute("UPDATE custos_log.log SET epoch = epoch + 1");
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(0), Stop));
        e.Fault.ShouldBe(EvidenceFault.HeadMoved);
        e.Message.ShouldContain("Find the other writer");
        machine.Database.Scalar("SELECT size FROM custos_log.log").ShouldBe(1L);
        machine.Database.Scalar("SELECT count(*) FROM custos_log.entries").ShouldBe(1L);
    }

    [Theory]
    [InlineData("synchronous_commit", "off")]
    [InlineData("synchronous_commit", "local")]
    public async Task A_server_that_acknowledges_what_is_not_on_disk_is_refused(string setting, string value)
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        machine.Database!.Execute($"ALTER DATABASE {machine.Database.Name} SET {setting} = {value}");
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await machine.OpenAsync());
        e.Fault.ShouldBe(EvidenceFault.StoreUnsafe);
        e.Message.ShouldContain($"{setting}={value}");
        e.Message.ShouldContain($"Set {setting}=on");
    }

    [Theory]
    [InlineData("UPDATE custos_log.format SET version = 2", "has version 2; this program knows 1", "Use the newer Custos")]
    [InlineData("DELETE FROM custos_log.format", "names no version", "Bring the row of its table 'format' back")]
    public async Task A_schema_of_an_unknown_version_is_neither_written_nor_read_and_it_is_said_what_to_do(string change, string what, string remedy)
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Message(0), Stop);
        machine.Database!.Execute(change);
        var rows = machine.Database.Scalar("SELECT row_to_json(l)::text FROM custos_log.log l");
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await machine.OpenAsync());
        e.Fault.ShouldBe(EvidenceFault.StoreUnsafe);
        e.Message.ShouldContain(what);
        e.Message.ShouldContain("Nothing was read or changed");
        e.Message.ShouldContain(remedy);
        (await Should.ThrowAsync<LogStoreException>(async () => await machine.VerifyAsync())).Message.ShouldContain(what);
        machine.Database.Scalar("SELECT row_to_json(l)::text FROM custos_log.log l").ShouldBe(rows);
    }

    [Fact]
    public async Task A_schema_from_before_versions_were_written_is_read_as_it_is_and_gets_its_version_when_a_log_in_it_is_opened()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Message(0), Stop);
        machine.Database!.Execute("DROP TABLE custos_log.format");
        await machine.ShouldVerifyAsync();
        machine.Database.Scalar("SELECT to_regclass('custos_log.format')::text").ShouldBe(DBNull.Value);
        await using (var log = await machine.OpenAsync())
            (await log.AppendAsync(Machine.Message(1), Stop)).Number.LeafIndex.ShouldBe(2);
        machine.Database.Scalar("SELECT version FROM custos_log.format").ShouldBe(Schema.Version);
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task The_tables_cannot_be_changed_by_a_newer_program_while_a_log_is_open()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using (await machine.OpenAsync())
            machine.Database!.Scalar("SELECT pg_try_advisory_xact_lock(hashtext('custos_log'))").ShouldBe(false);
        machine.Database.EndOthers();
        machine.Database.Scalar("SELECT pg_try_advisory_xact_lock(hashtext('custos_log'))").ShouldBe(true);
    }

    [Fact]
    public async Task Content_bundles_read_in_one_go_are_those_read_one_by_one_and_a_missing_one_is_missing()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 3), Stop);
            await log.AppendAsync(Machine.Messages(3, 1_100), Stop);
        }

        machine.Delete("content/002");
        await using var store = machine.Store();
        var at = 0L;
        await foreach (var bundle in store.ReadContentsAsync(0, 7, Stop))
            bundle.ShouldBe(await store.ReadContentAsync(at++, Stop), $"bundle {at}");
        at.ShouldBe(7);
        (await store.ReadContentAsync(2, Stop)).ShouldBeNull();
        (await store.ReadContentAsync(4, Stop)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_row_that_lags_behind_the_mark_is_an_older_copy_and_one_that_grew_by_other_entries_is_another_history()
    {
        var machine = await Machine.OnAsync(Stack.PostgreSql);
        await (await machine.OpenAsync()).DisposeAsync();
        var keys = machine.Disk.Backup("/data/keys");
        var older = machine.BackupStore();
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(0, 3), Stop);
        var newerKeys = machine.Disk.Backup("/data/keys");
        older();
        (await Should.ThrowAsync<EvidenceLogException>(async () => await machine.OpenAsync())).Fault.ShouldBe(EvidenceFault.RestoredFromBackup);
        // The older copy of both goes on by itself; then the newer keys come back.
        keys();
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(10, 5), Stop);
        newerKeys();
        (await Should.ThrowAsync<EvidenceLogException>(async () => await machine.OpenAsync())).Fault.ShouldBe(EvidenceFault.ForkRefused);
    }

    /// <summary>How a server ends: <c>pg_ctl stop -m immediate</c>, all its processes killed, the process of the commits or of the lock killed.</summary>
    public enum End
    {
        Immediate,
        Killed,
        WriterKilled,
        LockKilled,
    }

    [Theory]
    [InlineData(End.Immediate)]
    [InlineData(End.Killed)]
    [InlineData(End.WriterKilled)]
    [InlineData(End.LockKilled)]
    public async Task What_was_acknowledged_survives_a_crash_of_the_server(End end)
    {
        var missing = PostgresServer.Missing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        await using var database = new Database(server, "postgres");
        var machine = new Machine { Database = database };
        long acknowledged = 0;
        await using (var log = await machine.OpenAsync())
        {
            var crash = Task.CompletedTask;
            await Should.ThrowAsync<EvidenceLogException>(async () =>
            {
                for (var i = 0; ; i++)
                {
                    acknowledged = (await log.AppendAsync(Machine.Message(i), Stop)).Number.LeafIndex;
                    if (crash.IsFaulted)
                        await crash;
                    if (i == 20)
                    {
                        const string Lock = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')";
                        crash = end switch
                        {
                            End.Immediate => server.CrashAsync(),
                            End.Killed => server.KillAsync(),
                            End.WriterKilled => server.KillBackendAsync("postgres", $"application_name LIKE 'custos %' AND NOT {Lock} ORDER BY backend_start"),
                            _ => server.KillBackendAsync("postgres", $"application_name LIKE 'custos %' AND {Lock}"),
                        };
                    }
                }
            });
            await crash;
            acknowledged.ShouldBeGreaterThan(20);
            log.State.ShouldBe(EvidenceLogState.Stopped);
        }

        if (end == End.Immediate)
            await server.UpAsync();
        else if (end == End.Killed)
            await server.UpAgainAsync();
        await database.ForgetAsync();
        machine.Disk.Restart();
        await using (var log = await machine.OpenAsync())
        {
            log.Size.ShouldBeGreaterThan(acknowledged);
            (await log.AppendAsync(Machine.Message(0), Stop)).Number.LeafIndex.ShouldBe(1);
            (await log.AppendAsync(Machine.Message((int)acknowledged - 1), Stop)).Number.LeafIndex.ShouldBe(acknowledged);
        }

        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task A_full_disk_of_the_server_stops_the_log_and_appending_works_after_space_is_freed()
    {
        var server = await Cluster.Current.ServerAsync();
        await using var small = await SmallDisk.MountAsync("24m");
        await server.SqlAsync("postgres", $"CREATE TABLESPACE small LOCATION '{small.Space}'");
        try
        {
            await using var database = await Cluster.Current.DatabaseAsync("TABLESPACE small");
            var machine = new Machine { Database = database };
            await using (var log = await machine.OpenAsync())
            {
                await log.AppendAsync(Machine.Messages(0, 10), Stop);
                small.Fill();
                var e = await Should.ThrowAsync<EvidenceLogException>(async () =>
                {
                    for (var i = 10; ; i += 300)
                        await log.AppendAsync(Machine.Messages(i, 300), Stop);
                });
                e.Fault.ShouldBe(EvidenceFault.DiskFull);
                e.Message.ShouldContain($"PostgreSQL database {database.Name} on");
                e.Message.ShouldContain("Free space");
                e.DurableCount.ShouldBe(log.Size);
            }

            small.Free();
            await using (var log = await machine.OpenAsync())
                (await log.AppendAsync(Machine.Messages(0, 2_000), Stop))[^1].Number.LeafIndex.ShouldBe(2_000);
            await machine.ShouldVerifyAsync();
            database.EndOthers();
            await database.ForgetAsync();
            await server.SqlAsync("postgres", $"DROP DATABASE {database.Name} WITH (FORCE)");
        }
        finally
        {
            await server.SqlAsync("postgres", "DROP TABLESPACE small");
        }
    }

    [Fact]
    public async Task A_server_whose_whole_disk_is_full_its_own_log_too_loses_nothing_that_was_acknowledged()
    {
        var missing = PostgresServer.Missing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var small = await SmallDisk.MountAsync("160m");
        await using var server = await PostgresServer.StartAsync(Path.Combine(small.Space, "data"));
        await using var database = new Database(server, "postgres");
        var machine = new Machine { Database = database };
        long acknowledged = 0;
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 10), Stop);
            small.Fill();
            var e = await Should.ThrowAsync<EvidenceLogException>(async () =>
            {
                for (var i = 10; ; i += 2_000)
                    acknowledged = (await log.AppendAsync(Machine.Messages(i, 2_000), Stop))[^1].Number.LeafIndex;
            });
            // Where the server cannot write its own log it ends at once: then its client sees no more than a lost connection.
            e.Fault.ShouldBeOneOf(EvidenceFault.DiskFull, EvidenceFault.Io);
            e.DurableCount.ShouldBeGreaterThan(acknowledged);
        }

        small.Free();
        await server.CrashAsync();
        await server.UpAsync();
        await database.ForgetAsync();
        machine.Disk.Restart();
        await using (var log = await machine.OpenAsync())
        {
            log.Size.ShouldBeGreaterThan(acknowledged);
            (await log.AppendAsync(Machine.Message(9), Stop)).Number.LeafIndex.ShouldBe(10);
            await log.AppendAsync(Machine.Message(1_000_000), Stop);
        }

        await machine.ShouldVerifyAsync();
    }

    [Theory]
    [InlineData("Host=db.example;Database=custos;Username=custos_log;Password=not-for-others", "password file")]
    [InlineData("Host=db.example;Username=custos_log", "names no Host or no Database")]
    [InlineData("not-for-others", "cannot be read")]
    [InlineData("Host=db.example;Database=custos;Port=not-for-others", "cannot be read")]
    public void An_address_that_cannot_be_used_is_refused_without_being_repeated(string address, string why)
    {
        var e = Should.Throw<FormatException>(() => new PostgresLogStore(address, Machine.Origin));
        e.Message.ShouldContain(why);
        e.Message.ShouldNotContain("not-for-others");
    }

    /// <summary>A small file system of its own, which can be filled.</summary>
    sealed class SmallDisk : IAsyncDisposable
    {
        readonly ScratchFolder _folder = new();

        /// <summary>A folder in it that the server's account owns.</summary>
        public string Space => Path.Combine(At, "space");

        string At => _folder["small"];

        string Filler => Path.Combine(At, "filler");

        public static async Task<SmallDisk> MountAsync(string size)
        {
            Assert.SkipUnless(Environment.UserName == "root", "a file system of its own is mounted, which only root may do");
            var disk = new SmallDisk();
            // The server's account has to reach it.
            File.SetUnixFileMode(disk._folder.Path, File.GetUnixFileMode(disk._folder.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            Directory.CreateDirectory(disk.At);
            if (!await TryAsync("mount", "-t", "tmpfs", "-o", $"size={size},mode=755", "tmpfs", disk.At))
            {
                disk._folder.Dispose();
                Assert.Skip("this machine lets nobody mount a file system");
            }

            Directory.CreateDirectory(disk.Space);
            await PostgresServer.OwnAsync(disk.Space);
            return disk;
        }

        public void Fill()
        {
            using var file = File.Create(Filler);
            var block = new byte[64 * 1024];
            try
            {
                while (true)
                {
                    file.Write(block);
                    file.Flush();
                }
            }
            catch (IOException)
            {
                // Full, as wanted.
            }
        }

        public void Free() => File.Delete(Filler);

        public async ValueTask DisposeAsync()
        {
            await TryAsync("umount", "-l", At);
            _folder.Dispose();
        }

        static async Task<bool> TryAsync(string program, params string[] arguments)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
                await process.WaitForExitAsync(CancellationToken.None);
                return process.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }
}
