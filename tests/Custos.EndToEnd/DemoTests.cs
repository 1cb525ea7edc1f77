using System.Text.Json;
using Custos.Fixtures;

namespace Custos.EndToEnd;

/// <summary>The first of the two commands, as a newcomer runs it.</summary>
public sealed class DemoTests : IDisposable
{
    readonly ScratchFolder _folder = new();

    static readonly string Program = Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");

    [Fact]
    public async Task The_demo_does_the_main_job_and_a_second_run_adds_nothing()
    {
        var data = Path.Combine(_folder.Path, "data");
        var first = await RunAsync("demo", "--no-serve", "--json", "--data", data);
        first.GetProperty("verified").GetBoolean().ShouldBeTrue();
        first.GetProperty("messages").GetInt64().ShouldBe(1_897);
        first.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("format").GetString()).ShouldBe(["irssi", "irssi", "telegram", "custos-transcript/1"]);

        // k.harrow, marlow_77 and ferryman wait for a person; stillwater, who left when the age was stated, and the two adults do not.
        first.GetProperty("alerts").GetInt32().ShouldBe(3);
        var linked = first.GetProperty("linked").EnumerateArray().ShouldHaveSingleItem();
        linked.GetProperty("accounts").EnumerateArray().Select(account => account.GetString()!.Split(' ')[0]).Order(StringComparer.Ordinal).ShouldBe(["k.harrow", "marlow_77"]);
        var dossiers = first.GetProperty("dossiers").EnumerateArray().Select(dossier => dossier.GetProperty("output").GetString()!).ToList();
        dossiers.Count.ShouldBe(2);
        dossiers.ShouldAllBe(path => File.Exists(path));
        File.ReadLines(first.GetProperty("transcript").GetString()!).Count(line => line.Contains("\"text\"", StringComparison.Ordinal)).ShouldBe(1_897);

        var second = await RunAsync("demo", "--no-serve", "--json", "--data", data);
        second.GetProperty("files").EnumerateArray().ShouldAllBe(file => file.GetProperty("added").GetInt64() == 0);
        second.GetProperty("messages").GetInt64().ShouldBe(1_897);
        second.GetProperty("verified").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task What_the_demo_recorded_is_counted_and_verified_by_the_commands_a_person_would_use()
    {
        var data = Path.Combine(_folder.Path, "data");
        await RunAsync("demo", "--no-serve", "--json", "--data", data);
        // 3: nobody is known to have listened live, so the rates are left out and named.
        await using var study = ChildProgram.Start(Program, ["study", "table", "--operation", "lantern", "--data", data, "--output", Path.Combine(_folder.Path, "study.json")]);
        (await study.EndAsync()).ShouldBe(3, study.Output);
        using var table = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "study.json"), TestContext.Current.CancellationToken));
        table.RootElement.GetProperty("operation").GetString().ShouldBe("lantern");
        await using var verify = ChildProgram.Start(Program, ["verify", data]);
        (await verify.EndAsync()).ShouldBe(0, verify.Output);

        // An account that does not exist is a usage error that names what to do, and nothing is written.
        var path = Path.Combine(_folder.Path, "nobody.html");
        await using var nobody = ChildProgram.Start(Program, ["dossier", "write", "--operation", "lantern", "--account", "nobody", "--output", path, "--data", data]);
        (await nobody.EndAsync()).ShouldBe(2, nobody.Output);
        File.Exists(path).ShouldBeFalse();
    }

    public void Dispose() => _folder.Dispose();

    static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        await using var program = ChildProgram.Start(Program, arguments);
        (await program.EndAsync()).ShouldBe(0, program.Output);
        using var json = JsonDocument.Parse(program.Output);
        return json.RootElement.Clone();
    }
}
