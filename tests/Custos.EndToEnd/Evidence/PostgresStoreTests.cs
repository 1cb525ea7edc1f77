using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary>An operation whose log is in PostgreSQL, through the command line.</summary>
public class PostgresStoreTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string Sample(string name) => Path.Combine(Checkout.Root, "samples", "demo", name);

    static async Task<PostgresServer> ServerAsync()
    {
        var missing = PostgresServer.Missing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        var server = await PostgresServer.StartAsync();
        // As docs/operating/postgres.md has it.
        await server.SqlAsync("postgres", "CREATE ROLE custos_log LOGIN");
        await server.SqlAsync("postgres", "CREATE ROLE custos_index LOGIN");
        await server.SqlAsync("postgres", "CREATE DATABASE custos");
        await server.SqlAsync("custos", "CREATE SCHEMA custos_log AUTHORIZATION custos_log");
        return server;
    }

    [Fact]
    public async Task An_operation_kept_in_PostgreSQL_is_opened_filled_verified_and_written_out_for_other_programs()
    {
        await using var server = await ServerAsync();
        using var folder = new ScratchFolder();
        var data = folder["data"];
        await File.WriteAllTextAsync(folder["store"], "postgres:" + server.Connection("custos", "custos_log") + "\n", Stop);
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
        (await Should.ThrowAsync<InvalidOperationException>(() => server.SqlAsync("custos", "SELECT count(*) FROM custos_log.log", "custos_index"))).Message.ShouldContain("permission denied");
        await server.SqlAsync("custos", "UPDATE custos_log.tile SET data = overlay(data placing '\\x00' from 33) WHERE level = 0 AND n = 0");
        var damaged = await VerifyProgramsTests.CustosAsync("verify", data);
        damaged.Code.ShouldBe(1);
        damaged.Output.ShouldContain("TileWrong EX-00000001 log/tile/0/000");
    }

    [Fact]
    public async Task A_store_that_cannot_be_used_is_refused_with_what_to_do_and_may_be_named_again()
    {
        await using var server = await ServerAsync();
        using var folder = new ScratchFolder();
        var data = folder["data"];
        Task<(int Code, string Output, string Error)> OpenAsync(string store) =>
            VerifyProgramsTests.CustosAsync("operation", "open", "lantern", "--authorization", Sample("authorization.yaml"), "--data", data, "--store", store);
        var secret = await OpenAsync("postgres:" + server.Connection("custos", "custos_log") + ";Password=not-for-others");
        secret.Code.ShouldBe(2);
        secret.Error.ShouldContain("password file");
        (secret.Output + secret.Error).ShouldNotContain("not-for-others");
        (await OpenAsync("cupboard:third=shelf")).Code.ShouldBe(2);
        (await OpenAsync("postgres:Host=127.0.0.1;Port=1;Database=custos;Username=custos_log")).Code.ShouldBe(1);

        await server.SqlAsync("postgres", "ALTER ROLE custos_log SET synchronous_commit = off");
        var unsafeServer = await OpenAsync("postgres:" + server.Connection("custos", "custos_log"));
        unsafeServer.Code.ShouldBe(1);
        unsafeServer.Error.ShouldContain("synchronous_commit=off");
        await server.SqlAsync("postgres", "ALTER ROLE custos_log RESET synchronous_commit");
        (await OpenAsync("postgres:" + server.Connection("custos", "custos_log"))).Code.ShouldBe(0);
        Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).ShouldAllBe(file => !File.ReadAllText(file).Contains("not-for-others"));
    }
}
