using System.Diagnostics;
using System.Text.Json;
using Custos.EndToEnd.Console;
using Custos.Fixtures;
using Custos.Server.Workspaces;

namespace Custos.EndToEnd.Detection;

/// <summary><c>custos packs</c> on a data folder: the same code as the page.</summary>
public class PackCommandTests
{
    static readonly string Program = Path.Combine(Checkout.Root, "artifacts/bin/Custos.Cli/release/custos");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_found_before_a_publication_is_found_again_with_the_pack_of_then()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var rules = await VocabularyPageTests.RulesOfAlertsAsync(made);
        await made.ReleaseAsync();
        var folder = made.Folder;
        var (before, after, again) = (Path.Combine(folder, "before.jsonl"), Path.Combine(folder, "after.jsonl"), Path.Combine(folder, "again.jsonl"));
        (await RunAsync("detect", "--operation", "lantern", "--data", folder, "--output", before)).Code.ShouldBe(0);
        var alerts = Alerts(await File.ReadAllTextAsync(before, Cancel));

        foreach (var language in rules.GroupBy(rule => rule[..2]))
        {
            var change = await RunAsync(["packs", "change", "--data", folder, "--language", language.Key, "--reason", "too many", "--by", "A. Analyst", .. language.SelectMany(rule => new[] { "--disable", rule })]);
            change.Code.ShouldBe(0, change.Errors);
        }

        var shadow = await RunAsync("packs", "shadow", "--operation", "lantern", "--data", folder, "--json");
        shadow.Code.ShouldBe(0, shadow.Errors);
        shadow.Errors.ShouldContain("Advised: 7 days or 1,000,000 messages");
        (await RunAsync("packs", "shadow", "--operation", "lantern", "--data", folder, "--actor", "Not A Pseudonym")).Code.ShouldBe(2);
        var (gained, lost) = (JsonDocument.Parse(shadow.Output).RootElement.GetProperty("gained").GetArrayLength(), JsonDocument.Parse(shadow.Output).RootElement.GetProperty("lost").GetArrayLength());
        lost.ShouldBeGreaterThan(0);

        var alone = await RunAsync("packs", "publish", "--data", folder, "--actor", "analyst", "--second", "analyst", "--reason", "quieter");
        alone.Code.ShouldBe(2);
        alone.Errors.ShouldContain("two different persons");
        var publish = await RunAsync("packs", "publish", "--data", folder, "--tried-on", "lantern", "--actor", "analyst", "--second", "supervisor-2", "--reason", "quieter", "--json");
        publish.Code.ShouldBe(0, publish.Errors);
        var published = JsonDocument.Parse(publish.Output).RootElement;
        published.GetProperty("tried").GetProperty("lost").GetInt32().ShouldBe(lost);
        published.GetProperty("exhibit").GetString()!.ShouldStartWith("unit/EX-");
        published.GetProperty("replaces").GetString().ShouldBe(PackShelf.Shipped.Hash);
        var hash = published.GetProperty("pack").GetString()!;

        (await RunAsync("detect", "--operation", "lantern", "--data", folder, "--output", after)).Code.ShouldBe(0);
        var findings = await File.ReadAllTextAsync(after, Cancel);
        findings.ShouldContain(hash);
        Alerts(findings).ShouldBe(alerts + gained - lost, "as the trial said");
        (await RunAsync("detect", "--operation", "lantern", "--data", folder, "--packs", new PackShelf(folder).Kept(PackShelf.Shipped.Hash), "--output", again)).Code.ShouldBe(0);
        (await File.ReadAllBytesAsync(again, Cancel)).ShouldBe(await File.ReadAllBytesAsync(before, Cancel));

        (await RunAsync("packs", "published", "--data", folder)).Output.ShouldContain($"{hash}\n  published ");
        var verified = await RunAsync("verify", folder);
        verified.Code.ShouldBe(0, verified.Output + verified.Errors);
    }

    [Fact]
    public async Task A_folder_that_is_none_becomes_none_and_nothing_to_publish_is_said()
    {
        await using var made = await RecordedFolder.MakeAsync();
        await made.ReleaseAsync();
        var no = Path.Combine(made.Folder, "mistyped");
        (await RunAsync("packs", "publish", "--data", no, "--second", "b", "--reason", "r")).Code.ShouldBe(2);
        Directory.Exists(no).ShouldBeFalse();
        var nothing = await RunAsync("packs", "publish", "--data", made.Folder, "--second", "b", "--reason", "r");
        nothing.Code.ShouldBe(2);
        nothing.Errors.ShouldContain("There is no changed pack");
        (await RunAsync("packs", "published", "--data", made.Folder)).Output.ShouldContain(PackShelf.Shipped.Hash);

        // What lint refuses is refused here too, by file and line.
        var candidate = new PackShelf(made.Folder).Candidate;
        (await RunAsync("packs", "change", "--data", made.Folder, "--language", "nl", "--term", "cam-own=heb je een lookie", "--reason", "r", "--by", "b")).Code.ShouldBe(0);
        await File.AppendAllTextAsync(Path.Combine(candidate, "local/nl-001.yaml"), "disable: [{rule: nl.no.such, reason: r, by: b}]\n", Cancel);
        var refused = await RunAsync("packs", "publish", "--data", made.Folder, "--second", "b", "--reason", "r");
        refused.Code.ShouldBe(4);
        refused.Errors.ShouldContain("local/nl-001.yaml:6");
        new PackShelf(made.Folder).Published().ShouldBeEmpty();
    }

    static int Alerts(string findings) => findings.Split('\n').Count(line => line.StartsWith("{\"kind\":\"alert\"", StringComparison.Ordinal));

    sealed record Ran(int Code, string Output, string Errors);

    static async Task<Ran> RunAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), "the command line is not built: build Custos.slnx in Release");
        using var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        return new(process.ExitCode, await output, await errors);
    }
}
