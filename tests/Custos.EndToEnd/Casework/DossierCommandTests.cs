using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Custos.Fixtures;

namespace Custos.EndToEnd.Casework;

/// <summary>The program itself: an operation filled from the samples, a dossier and a count taken from it.</summary>
public class DossierCommandTests(FilledOperation folder) : IClassFixture<FilledOperation>
{
    // Issue 2: accounts that share a volunteered selector are proposed as one subject, and a dossier says so with its exhibits.
    [Fact]
    public async Task A_dossier_on_one_name_takes_in_the_other_and_says_why()
    {
        var path = folder["marlow.html"];
        var written = await RunAsync("dossier", "write", "--operation", "lantern", "--account", "marlow_77", "--output", path, "--json");
        // Nobody has mapped a law, asked for deconfliction or chosen a desk yet: parts are missing, and named.
        written.Code.ShouldBe(3);
        written.Error.ShouldContain("A9 Deconfliction was not asked.");
        using var summary = JsonDocument.Parse(written.Output);
        summary.RootElement.GetProperty("accounts").GetInt32().ShouldBe(2);
        summary.RootElement.GetProperty("ageStated").GetBoolean().ShouldBeTrue();
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        summary.RootElement.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));

        var html = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        html.ShouldContain("Both volunteered the same e-mail address: k.harrow @");
        html.ShouldContain("all checked against the checkpoint when this was written");
        html.ShouldContain("stated the age 13");
        html.ShouldNotContain("<script");
        html.ShouldContain("<mark>k.harrow77@lantern-post-demo.org</mark>");

        // The export is in the log, and the log still verifies as a whole.
        (await RunAsync("verify", folder["data"])).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_dossier_on_nobody_is_usage_and_writes_nothing()
    {
        var nobody = await RunAsync("dossier", "write", "--operation", "lantern", "--account", "sol", "--output", folder["n.html"]);
        nobody.Code.ShouldBe(2);
        nobody.Error.ShouldContain("Nothing was written.");
        File.Exists(folder["n.html"]).ShouldBeFalse();
        (await RunAsync("dossier", "write", "--operation", "lantern", "--output", folder["n.html"])).Code.ShouldBe(2);
        (await RunAsync("dossier", "write", "--operation", "elsewhere", "--account", "x", "--output", folder["n.html"])).Code.ShouldBe(2);
    }

    [Fact]
    public async Task A_count_without_exposure_is_named_and_left_out()
    {
        var table = await RunAsync("study", "table", "--operation", "lantern", "--json");
        table.Code.ShouldBe(3);
        table.Error.ShouldContain("no exposure. Its rates are left out");
        using var json = JsonDocument.Parse(table.Output);
        json.RootElement.GetProperty("unreviewed").GetProperty("peopleLower").GetInt64().ShouldBe(1);
        json.RootElement.GetProperty("unreviewed").GetProperty("accounts").GetInt64().ShouldBeGreaterThanOrEqualTo(2);
        json.RootElement.GetProperty("confirmed").GetProperty("accounts").GetInt64().ShouldBe(0);
        // A study knows codes; the venues' names stay with the unit.
        table.Output.ShouldNotContain("lantern-chat");
        var text = await RunAsync("study", "table", "--operation", "lantern");
        text.Output.ShouldContain("Codes, for the unit alone:");
    }

    Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => folder.RunAsync(arguments);
}

/// <summary>An operation filled from the samples, once for all that is asked of it.</summary>
public sealed class FilledOperation : IAsyncLifetime
{
    static readonly string Program = Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");
    static readonly string Samples = Path.Combine(Checkout.Root, "samples", "demo");

    readonly ScratchFolder _folder = new();

    internal string this[string name] => _folder[name];

    public async ValueTask InitializeAsync()
    {
        const string Room = "irc://irc.harbour.example/#harbour-lights";
        await File.WriteAllTextAsync(_folder["auth.yaml"],
            $"""
            authorization-format: 1
            operation: lantern
            authority:
              name: Example Regional Police
            legal-basis:
              - law: Example Code of Criminal Procedure
                provision: section 12
            window:
              from: 2026-11-01T00:00:00
              until: 2026-12-01T00:00:00
              zone: Europe/Amsterdam
            venues:
              - id: "{Room}"
                kind: chat-room
              - id: https://lantern-chat.example/rooms
                kind: social-network
            personas:
              - id: p1
                handle: lampje
                stated-age: 13
            acts: [observe, import, converse]
            signatories:
              - name: A. Example
                role: public prosecutor
                signed: 2026-10-30
            """, TestContext.Current.CancellationToken);
        (await RunAsync("operation", "open", "lantern", "--authorization", _folder["auth.yaml"])).Code.ShouldBe(0);
        (await RunAsync("import", Path.Combine(Samples, "lantern-chat.transcript.jsonl"), "--operation", "lantern")).Code.ShouldBe(0);
        (await RunAsync("import", Path.Combine(Samples, "marlow_77.irssi.log"), "--operation", "lantern", "--venue", Room, "--thread", "marlow_77", "--zone", "Europe/Amsterdam", "--persona", "lampje")).Code.ShouldBe(0);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        // With its input redirected too, the child uses no terminal, and a run in the background is not stopped for touching one.
        var start = new ProcessStartInfo(Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (arguments[0] != "verify")
        {
            start.ArgumentList.Add("--data");
            start.ArgumentList.Add(_folder["data"]);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
