using System.Globalization;
using System.Text.Json;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Tests;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary>An operation whose log is in PostgreSQL, through the command line.</summary>
public class PostgresStoreTests(PostgresStoreTests.Cluster cluster) : IClassFixture<PostgresStoreTests.Cluster>
{
    /// <summary>One server for these tests, started by the first of them; each has a database of its own.</summary>
    public sealed class Cluster : IAsyncDisposable
    {
        PostgresServer? _server;
        int _databases;

        internal string Name() => string.Create(CultureInfo.InvariantCulture, $"custos{++_databases}");

        internal async Task<PostgresServer> ServerAsync()
        {
            var missing = PostgresServer.Missing();
            Assert.SkipWhen(missing is not null, missing ?? "");
            if (_server is null)
            {
                _server = await PostgresServer.StartAsync();
                await _server.SqlAsync("postgres", "CREATE ROLE custos_log LOGIN");
                await _server.SqlAsync("postgres", "CREATE ROLE custos_index LOGIN");
            }

            return _server;
        }

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string Sample(string name) => Path.Combine(Checkout.Root, "samples", "demo", name);

    async Task<(PostgresServer Server, string Database)> DatabaseAsync()
    {
        var server = await cluster.ServerAsync();
        // As docs/operating/postgres.md has it.
        var database = cluster.Name();
        await server.SqlAsync("postgres", $"CREATE DATABASE {database}");
        await server.SqlAsync(database, "CREATE SCHEMA custos_log AUTHORIZATION custos_log");
        return (server, database);
    }

    [Fact]
    public async Task An_operation_kept_in_PostgreSQL_is_opened_filled_verified_and_written_out_for_other_programs()
    {
        var (server, database) = await DatabaseAsync();
        using var folder = new ScratchFolder();
        var data = folder["data"];
        await File.WriteAllTextAsync(folder["store"], "postgres:" + server.Connection(database, "custos_log") + "\n", Stop);
        var opened = await VerifyProgramsTests.CustosAsync("operation", "open", "lantern", "--authorization", Sample("authorization.yaml"), "--data", data, "--store", folder["store"]);
        opened.Code.ShouldBe(0, opened.Error);
        Directory.Exists(Path.Combine(data, "operations", "lantern", "log")).ShouldBeFalse();

        var imported = await VerifyProgramsTests.CustosAsync("import", Sample("lantern-chat.transcript.jsonl"), "--operation", "lantern", "--data", data);
        imported.Code.ShouldBe(0, imported.Error);
        (await VerifyProgramsTests.CustosAsync("operation", "list", "--data", data)).Output.ShouldContain("unit.example/custos/lantern");
        var verified = await VerifyProgramsTests.CustosAsync("verify", data, "--keys", Path.Combine(data, "keys"));
        verified.Code.ShouldBe(0, verified.Error);
        verified.Output.ShouldContain("contents opened and match");

        var tree = folder["tree"];
        var policy = Path.Combine(data, "operations", "lantern", "policy");
        var written = await VerifyProgramsTests.CustosAsync("log", "write-tiles", tree, "--operation", "lantern", "--data", data);
        written.Code.ShouldBe(0, written.Error);
        (await VerifyProgramsTests.VerifierAsync("log", tree, "--policy", policy)).Code.ShouldBe(0);
        // A second time only what is new is written, and another log's folder is refused.
        (await VerifyProgramsTests.CustosAsync("log", "write-tiles", tree, "--operation", "lantern", "--data", data)).Code.ShouldBe(0);
        (await VerifyProgramsTests.CustosAsync("log", "write-tiles", data, "--operation", "lantern", "--data", data)).Code.ShouldBe(1);

        var alone = await VerifyProgramsTests.VerifierAsync("log", data);
        alone.Code.ShouldBe(3);
        alone.Error.ShouldContain("custos log write-tiles");

        // The index's role reads nothing; who meddles with the rows is found out.
        (await Should.ThrowAsync<InvalidOperationException>(() => server.SqlAsync(database, "SELECT count(*) FROM custos_log.log", "custos_index"))).Message.ShouldContain("permission denied");
        await server.SqlAsync(database, "UPDATE custos_log.tile SET data = overlay(data placing '\\x00' from 33) WHERE level = 0 AND n = 0");
        var damaged = await VerifyProgramsTests.CustosAsync("verify", data);
        damaged.Code.ShouldBe(1);
        damaged.Output.ShouldContain("TileWrong EX-00000001 log/tile/0/000");
    }

    [Fact]
    public async Task A_store_that_cannot_be_used_is_refused_with_what_to_do_and_may_be_named_again()
    {
        var (server, database) = await DatabaseAsync();
        using var folder = new ScratchFolder();
        var data = folder["data"];
        Task<(int Code, string Output, string Error)> OpenAsync(string store) =>
            VerifyProgramsTests.CustosAsync("operation", "open", "lantern", "--authorization", Sample("authorization.yaml"), "--data", data, "--store", store);
        var secret = await OpenAsync("postgres:" + server.Connection(database, "custos_log") + ";Password=not-for-others");
        secret.Code.ShouldBe(2);
        secret.Error.ShouldContain("password file");
        (secret.Output + secret.Error).ShouldNotContain("not-for-others");
        (await OpenAsync("cupboard:third=shelf")).Code.ShouldBe(2);
        (await OpenAsync("postgres:Host=127.0.0.1;Port=1;Database=custos;Username=custos_log")).Code.ShouldBe(1);

        await server.SqlAsync("postgres", "ALTER ROLE custos_log SET synchronous_commit = off");
        var unsafeServer = await OpenAsync("postgres:" + server.Connection(database, "custos_log"));
        unsafeServer.Code.ShouldBe(1);
        unsafeServer.Error.ShouldContain("synchronous_commit=off");
        await server.SqlAsync("postgres", "ALTER ROLE custos_log RESET synchronous_commit");
        (await OpenAsync("postgres:" + server.Connection(database, "custos_log"))).Code.ShouldBe(0);
        Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).ShouldAllBe(file => !File.ReadAllText(file).Contains("not-for-others"));
    }

    /// <summary>Runs <c>custos</c> and expects an exit code; the answer is all that it printed.</summary>
    static async Task<string> SaysAsync(int code, params string[] words)
    {
        var done = await VerifyProgramsTests.CustosAsync(words);
        done.Code.ShouldBe(code, $"custos {string.Join(' ', words)}: {done.Error}{done.Output}");
        return done.Output + done.Error;
    }

    static string Authorization(ScratchFolder folder, string operation)
    {
        var path = folder[operation + ".yaml"];
        File.WriteAllText(path, VerifyProgramsTests.Authorization(operation, "record"));
        return path;
    }

    /// <summary>An operation 'lantern' in PostgreSQL with a recording in it.</summary>
    /// <returns>The number of the recording's opening.</returns>
    static async Task<string> RecordedAsync(ScratchFolder folder, string data, string store)
    {
        await SaysAsync(0, "operation", "open", "lantern", "--authorization", Authorization(folder, "lantern"), "--data", data, "--store", store);
        await File.WriteAllBytesAsync(folder["colour-bars.webm"], [.. Enumerable.Range(0, 9_000).Select(i => (byte)(i / 64))], Stop);
        var sealing = await SaysAsync(0, "record", "add", folder["colour-bars.webm"], "--operation", "lantern", "--data", data, "--venue", "irc://irc.example.org/#room", "--mime", "video/webm", "--json");
        return JsonDocument.Parse(sealing).RootElement.GetProperty("opened").GetString()!;
    }

    [Fact]
    public async Task A_log_in_PostgreSQL_is_cosigned_stamped_judged_exported_and_followed_as_one_in_a_folder_is()
    {
        var (server, database) = await DatabaseAsync();
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        var (data, keys) = (folder["data"], folder["witness"]);
        var operation = Path.Combine(data, "operations", "lantern");
        var opened = await RecordedAsync(folder, data, "postgres:" + server.Connection(database, "custos_log"));
        var alone = await SaysAsync(0, "log", "health", "--data", data);
        alone.ShouldContain($"The log is kept in the PostgreSQL database {database} on 127.0.0.1:{server.Port}: of all machines that reach it one at a time can write");
        alone.ShouldContain("missing  Where several machines have copies of keys/, only a witness");

        var log = OperationLog.PolicyOf(operation).Logs[0].ToString();
        await SaysAsync(0, "witness", "key", "new", "witness.example/w1", "--folder", keys);
        await SaysAsync(0, "witness", "log", "add", log, "--folder", keys);
        await using var witness = ChildProgram.Start(WitnessProgramTests.Custos, ["witness", "serve", "--folder", keys, "--listen", "127.0.0.1:0"]);
        await witness.PrintsAsync(" until Ctrl-C");
        var address = witness.Output.Split("serves ")[1].Split(' ')[0];
        await File.WriteAllTextAsync(Path.Combine(operation, "policy"), $"log {log}\nwitness oversight {witness.Output.Split('\n')[0].Trim()} {address}\nquorum oversight\n", Stop);
        await SaysAsync(0, "timestamp", "add", "t1", authority.Address.ToString(), "--roots", authority.RootFile, "--data", data);

        var seen = JsonDocument.Parse(await SaysAsync(0, "log", "anchor", "lantern", "--data", data, "--json")).RootElement;
        seen.GetProperty("cosignedBy")[0].GetString().ShouldBe("oversight");
        seen.GetProperty("stampedBy")[0].GetProperty("authority").GetString().ShouldBe("t1");
        var anchor = Path.Combine(operation, "anchors", seen.GetProperty("size").GetInt64().ToString("D12", CultureInfo.InvariantCulture));
        TestAuthority.OpenSsl("ts", "-verify", "-data", Path.Combine(anchor, "checkpoint"), "-in", Path.Combine(anchor, "t1.tsr"), "-CAfile", authority.RootFile).ShouldSatisfyAllConditions(
            said => said.Code.ShouldBe(0, said.Output),
            said => said.Output.ShouldContain("Verification: OK"));
        // The newest cosigned note is the published one, in the row as in the file.
        (await server.SqlAsync(database, "SELECT convert_from(note, 'UTF8') FROM custos_log.log")).ShouldContain("witness.example/w1");
        var health = await SaysAsync(0, "log", "health", "--data", data);
        health.ShouldContain("The witness 'oversight' cosigned size");
        health.ShouldContain("'t1' stamped size");
        health.ShouldNotContain("missing ");

        var bag = JsonDocument.Parse(await SaysAsync(0, "export", "bag", "--operation", "lantern", "--data", data, "--output", folder["bags"], "--recipient", "example prosecutor", "--reason", "referral 7", "--actor", "officer-7", "--exhibit", "0..1", "--exhibit", opened, "--with-media", "--instruction", "letter P-3", "--whole-log", "--json")).RootElement;
        var written = bag.GetProperty("bag").GetString()!;
        var judged = await VerifyProgramsTests.VerifierAsync("bag", written, "--policy", Path.Combine(operation, "policy"));
        judged.Code.ShouldBe(0, judged.Output + judged.Error);
        (await File.ReadAllBytesAsync(Path.Combine(written, "data", "operations", "lantern", "recordings", opened, "media.webm"), Stop)).ShouldBe(await File.ReadAllBytesAsync(folder["colour-bars.webm"], Stop));

        var chain = await SaysAsync(0, "log", "custody", "1", "--operation", "lantern", "--data", data, "--actor", "officer-7", "--reason", "for the defence");
        foreach (var word in (string[])["CHAIN OF CUSTODY OF EX-00000001", "Exported: a copy left", "example prosecutor", bag.GetProperty("exported")[0].GetString()!])
            chain.ShouldContain(word);
        (await SaysAsync(0, "verify", data, "--keys", Path.Combine(data, "keys"), "--policy", Path.Combine(operation, "policy"))).ShouldContain("contents opened and match");
    }

    [Fact]
    public async Task What_is_deleted_from_PostgreSQL_is_gone_from_its_rows_and_a_closed_operation_takes_nothing_more()
    {
        var (server, database) = await DatabaseAsync();
        using var folder = new ScratchFolder();
        var data = folder["data"];
        var opened = await RecordedAsync(folder, data, "postgres:" + server.Connection(database, "custos_log"));
        await File.WriteAllTextAsync(folder["order.yaml"], $"deletion-format: 1\noperation: lantern\nexhibits: [{opened}]\nreason: words of a bystander\nauthority: ORDER-5\ncarried-out-by:\n  id: officer-7\nagreed-by:\n  id: super-1\n", Stop);
        var hold = await SaysAsync(0, "hold", "set", opened, "--operation", "lantern", "--data", data, "--reason", "the defence", "--authority", "COURT-1", "--actor", "super-1");
        (await SaysAsync(4, "delete", folder["order.yaml"], "--data", data)).ShouldContain("COURT-1");
        (await server.SqlAsync(database, "SELECT count(*) FROM custos_log.part")).Trim().ShouldBe("1");
        await SaysAsync(0, "hold", "lift", hold.Split(' ')[0], "--operation", "lantern", "--data", data, "--reason", "over", "--authority", "COURT-1", "--actor", "super-1");
        await SaysAsync(0, "delete", folder["order.yaml"], "--data", data);

        (await server.SqlAsync(database, "SELECT (SELECT count(*) FROM custos_log.part), max(generation), (SELECT deleting IS NULL FROM custos_log.log) FROM custos_log.content")).Trim().ShouldBe("0|2|t");
        (await SaysAsync(0, "log", "custody", opened, "--operation", "lantern", "--data", data)).ShouldContain("ORDER-5");
        await SaysAsync(0, "keys", "rotate", "--operation", "lantern", "--data", data, "--reason", "after a deletion", "--actor", "officer-7");
        await SaysAsync(0, "verify", data, "--keys", Path.Combine(data, "keys"));

        await SaysAsync(0, "operation", "close", "lantern", "--data", data, "--reason", "over", "--authority", "ORDER-9", "--actor", "officer-7", "--destroy-key", "--second", "super-1");
        (await SaysAsync(1, "operation", "show", "lantern", "--data", data)).ShouldContain("was closed for good");
        await SaysAsync(0, "verify", data);
    }

    [Fact]
    public async Task A_restored_dump_is_refused_and_succeeded_by_a_log_that_is_in_PostgreSQL_too()
    {
        var (server, database) = await DatabaseAsync();
        using var folder = new ScratchFolder();
        var (data, dump) = (folder["data"], folder["custos_log.dump"]);
        var store = "postgres:" + server.Connection(database, "custos_log");
        await RecordedAsync(folder, data, store);
        await server.ToolAsync("pg_dump", "-n", "custos_log", "-Fc", "-f", dump, database);
        var size = JsonDocument.Parse(await SaysAsync(0, "log", "health", "--data", data, "--json")).RootElement.GetProperty("size").GetInt64();
        await SaysAsync(0, "operation", "show", "lantern", "--data", data);
        await SaysAsync(0, "log", "hand-over", "EX-00000001", "--party", "desk A", "--method", "by hand", "--reason", "referral R-1", "--operation", "lantern", "--data", data, "--actor", "officer-7");
        await server.ToolAsync("pg_restore", "-d", database, "--clean", "--if-exists", dump);

        var refused = await SaysAsync(1, "log", "anchor", "lantern", "--data", data);
        refused.ShouldContain($"and the log in 'PostgreSQL database {database} on 127.0.0.1:{server.Port}' ends at {size}");
        refused.ShouldContain("custos log succeed");
        var next = JsonDocument.Parse(await SaysAsync(0, "log", "succeed", "lantern", "lantern-b", "--reason", "the server was lost", "--authorization", Authorization(folder, "lantern-b"), "--store", store, "--data", data, "--json")).RootElement;
        next.GetProperty("size").GetInt64().ShouldBeGreaterThan(size);
        (await server.SqlAsync(database, "SELECT origin FROM custos_log.log ORDER BY id")).Trim().Split('\n').ShouldBe(["unit.example/custos/lantern", "unit.example/custos/lantern-b"]);
        await SaysAsync(0, "verify", data, "--operation", "lantern-b", "--keys", Path.Combine(data, "keys"));
        // The old one reads and verifies as it stands, but for the mark, which knows of more.
        (await SaysAsync(0, "verify", data, "--operation", "lantern")).ShouldContain("Verified");
    }
}
