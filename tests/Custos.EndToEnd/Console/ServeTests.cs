using System.Diagnostics;
using System.Globalization;
using System.Net;
using Custos.Evidence.Ed25519;

namespace Custos.EndToEnd.Console;

/// <summary><c>custos serve</c> as a person runs it: another folder, a terminal, Ctrl-C.</summary>
public class ServeTests
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory.Replace("Custos.EndToEnd", "Custos.Cli", StringComparison.Ordinal), "custos");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_prints_a_link_serves_from_any_folder_and_lets_go_of_the_log_on_ctrl_c()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Ctrl-C is sent as SIGINT");
        await using var made = await RecordedFolder.MakeAsync();
        await made.Desk.DisposeAsync();
        var elsewhere = Directory.CreateTempSubdirectory("custos-elsewhere-").FullName;
        using var serve = Process.Start(new ProcessStartInfo(Program, ["serve", "--data", made.Folder, "--port", "0", "--no-open"])
        {
            WorkingDirectory = elsewhere,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        try
        {
            Uri? link = null;
            while (link is null && await serve.StandardOutput.ReadLineAsync(Cancel) is { } line)
                link = line.Trim() is ['h', 't', 't', 'p', ..] text ? new Uri(text) : null;
            link.ShouldNotBeNull();

            using var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
            (await http.GetAsync(link, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await http.GetAsync("/", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
            foreach (var asset in Custos.Console.ConsoleAsset.All)
                (await http.GetAsync("/" + asset.Path, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, asset.Path);

            using var interrupt = Process.Start("kill", ["-INT", serve.Id.ToString(CultureInfo.InvariantCulture)]);
            await serve.WaitForExitAsync(Cancel);
            serve.ExitCode.ShouldBe(0);
            (await serve.StandardError.ReadToEndAsync(Cancel)).ShouldBeEmpty();
            await using var log = await OperationLog.OpenAsync(made.Folder, RecordedFolder.Operation, TimeProvider.System, Cancel);
            log.Size.ShouldBeGreaterThan(565);
        }
        finally
        {
            if (!serve.HasExited)
                serve.Kill();
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_sentence()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        var data = Directory.CreateTempSubdirectory("custos-serve-").FullName;
        using var serve = Process.Start(new ProcessStartInfo(Program, ["serve", "--data", data, "--port", web.Address.Port.ToString(CultureInfo.InvariantCulture), "--no-open"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await serve.WaitForExitAsync(Cancel);
        serve.ExitCode.ShouldBe(1);
        var said = await serve.StandardError.ReadToEndAsync(Cancel);
        said.ShouldContain("--port 0");
        said.Trim().Split('\n').Length.ShouldBe(1);
        Directory.Delete(data, recursive: true);
    }
}
