using System.Diagnostics;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary>The second mark, outside the data folder, as the programs keep it (evidence-spec, section 7).</summary>
public class OutsideMarkTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<(int Code, string Output)> CustosAsync(string marks, params string[] arguments)
    {
        var start = new ProcessStartInfo(WitnessProgramTests.Custos, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[OutsideMarks.Variable] = marks;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output + await error);
    }

    static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(to, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task An_older_copy_of_all_of_the_data_folder_is_refused_by_the_mark_outside_it_and_succeeded_by_a_log_that_names_what_the_mark_saw()
    {
        using var folder = new ScratchFolder();
        var (data, older, marks) = (folder["data"], folder["older"], folder["marks"]);
        var yaml = Path.Combine(Checkout.Root, "samples", "demo", "authorization.yaml");
        var opened = await CustosAsync(marks, "operation", "open", "lantern", "--authorization", yaml, "--data", data);
        opened.Code.ShouldBe(0, opened.Output);
        Copy(data, older);
        var more = await CustosAsync(marks, "keys", "rotate", "--data", data, "--reason", "yearly");
        more.Code.ShouldBe(0, more.Output);
        var health = await CustosAsync(marks, "log", "health", "--data", data);
        health.Code.ShouldBe(0, health.Output);
        health.Output.ShouldContain("A second mark is kept outside the data folder");
        health.Output.ShouldNotContain("a restored backup cannot be noticed");

        // An authority that was set up and never answered is named as a witness would be.
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var root = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=Test", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(folder["root.pem"], root.ExportCertificatePem(), Stop);
        (await CustosAsync(marks, "timestamp", "add", "t1", "http://127.0.0.1:9/", "--roots", folder["root.pem"], "--data", data)).Code.ShouldBe(0);
        (await CustosAsync(marks, "log", "health", "--data", data)).Output.ShouldContain("The authority 't1' has stamped nothing yet.");

        var refused = await CustosAsync(marks, "keys", "rotate", "--data", older, "--reason", "yearly");
        refused.Code.ShouldBe(1);
        refused.Output.ShouldContain("This is an older copy of the log");
        refused.Output.ShouldContain($"says the mark '{Directory.GetFiles(marks, "*.head").Single()}'");
        health = await CustosAsync(marks, "log", "health", "--data", older);
        health.Code.ShouldBe(1);
        health.Output.ShouldContain("WRONG    The mark outside the data folder has seen size");

        var next = folder["next.yaml"];
        await File.WriteAllTextAsync(next, (await File.ReadAllTextAsync(yaml, Stop)).Replace("operation: lantern", "operation: lantern-b", StringComparison.Ordinal), Stop);
        var succeeded = await CustosAsync(marks, "log", "succeed", "lantern", "lantern-b", "--reason", "the disk was lost", "--authorization", next, "--data", older);
        succeeded.Code.ShouldBe(0, succeeded.Output);
        succeeded.Output.ShouldContain("the mark outside the data folder");

        // The one that is right goes on; without the mark nobody could tell them apart, and health says so.
        (await CustosAsync(marks, "keys", "rotate", "--data", data, "--operation", "lantern", "--reason", "yearly")).Code.ShouldBe(0);
        (await CustosAsync("none", "log", "health", "--data", older, "--operation", "lantern")).Output.ShouldContain("a restored backup cannot be noticed");
        (await CustosAsync("none", "keys", "rotate", "--data", older, "--operation", "lantern", "--reason", "yearly")).Code.ShouldBe(0);
    }

    [Fact]
    public void The_folder_of_the_marks_is_the_one_that_is_set_else_the_persons_state_directory_else_none()
    {
        using var folder = new ScratchFolder();
        string? With(params (string Name, string Value)[] set) => OutsideMarks.Find(name => set.FirstOrDefault(one => one.Name == name).Value)?.Folder;

        With((OutsideMarks.Variable, folder["here"]), ("HOME", folder["home"])).ShouldBe(folder["here"]);
        With(("XDG_STATE_HOME", folder["state"]), ("HOME", folder["home"])).ShouldBe(Path.Combine(folder["state"], "custos", "marks"));
        With(("HOME", folder["home"])).ShouldBe(Path.Combine(folder["home"], ".local", "state", "custos", "marks"));
        With((OutsideMarks.Variable, "none"), ("HOME", folder["home"])).ShouldBeNull();
        With().ShouldBeNull();
        File.WriteAllText(folder["file"], "");
        With((OutsideMarks.Variable, Path.Combine(folder["file"], "below"))).ShouldBeNull();
    }
}
