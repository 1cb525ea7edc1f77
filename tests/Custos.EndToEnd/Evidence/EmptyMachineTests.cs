using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Custos.Evidence.Tests;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary><c>custos-verify</c> as it is handed to the other side: built natively, and run in a root directory that holds it, its signature library and the C library.</summary>
public class EmptyMachineTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<string> SaysAsync(params string[] words)
    {
        var (code, output, error) = await VerifyProgramsTests.CustosAsync(words);
        code.ShouldBe(0, output + error);
        return output;
    }

    /// <summary>A root directory of the two files, and of what the loader says they ask for.</summary>
    static async Task<string> MachineAsync(ScratchFolder folder)
    {
        var published = folder["published"];
        var (code, output, error) = await VerifyProgramsTests.RunAsync("dotnet", "publish", Path.Combine(Checkout.Root, "src", "Custos.Verify"), "-c", "Release", "-r", "linux-x64", "-v", "quiet", "-nodeReuse:false", "-o", published);
        code.ShouldBe(0, output + error);
        Directory.EnumerateFiles(published).Select(Path.GetFileName).Order().ShouldBe(["custos-verify", "libsodium.so"]);
        var machine = folder["machine"];
        Directory.CreateDirectory(machine);
        foreach (var file in Directory.EnumerateFiles(published))
            File.Copy(file, Path.Combine(machine, Path.GetFileName(file)));
        foreach (var program in Directory.EnumerateFiles(published))
        {
            foreach (var library in (await VerifyProgramsTests.RunAsync("ldd", program)).Output.Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(word => word[0] == '/'))
            {
                Path.GetFileName(library).ShouldBeOneOf("libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2");
                var to = machine + library;
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(library, to, overwrite: true);
            }
        }

        return machine;
    }

    /// <summary>Runs it with that directory as its whole machine, and an empty environment.</summary>
    static Task<(int Code, string Output, string Error)> RunAsync(string machine, params string[] words) =>
        VerifyProgramsTests.RunAsync("unshare", ["--map-root-user", "chroot", machine, "/custos-verify", .. words]);

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
            if (!OperatingSystem.IsWindows() && path.Contains("/keys/", StringComparison.Ordinal))
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                File.SetUnixFileMode(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    [Fact]
    public async Task An_empty_machine_verifies_a_log_its_contents_its_stamps_a_proof_and_a_bag_with_two_files()
    {
        if (Programs.Missing("cmake", "make", "gcc", "unshare", "chroot", "openssl") is { } reason)
            Assert.Skip(reason);
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || (await VerifyProgramsTests.RunAsync("unshare", "--map-root-user", "true")).Code != 0)
            Assert.Skip("this machine is not x64, or lets nobody but root change the root directory");
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority(intermediate: true);
        var machine = await MachineAsync(folder);
        var data = folder["data"];
        await VerifyProgramsTests.CreateLanternAsync(data, "record");
        await File.WriteAllBytesAsync(folder["colour-bars.webm"], [.. Enumerable.Range(0, 9_000).Select(i => (byte)(i / 64))], Stop);
        await SaysAsync("record", "add", folder["colour-bars.webm"], "--operation", "lantern", "--data", data, "--venue", "irc://irc.example.org/#room", "--mime", "video/webm");
        await SaysAsync("timestamp", "add", "t1", authority.Address.ToString(), "--roots", authority.RootFile, "--data", data);
        await SaysAsync("log", "anchor", "lantern", "--data", data);
        var bag = JsonDocument.Parse(await SaysAsync("export", "bag", "--operation", "lantern", "--data", data, "--output", folder["bags"], "--recipient", "desk", "--reason", "referral 7", "--exhibit", "1", "--whole-log", "--json")).RootElement.GetProperty("bag").GetString()!;
        var operation = Path.Combine(data, "operations", "lantern");
        Copy(data, Path.Combine(machine, "data"));
        Copy(bag, Path.Combine(machine, "bag"));
        File.Copy(authority.RootFile, Path.Combine(machine, "root.pem"));
        File.Copy(Path.Combine(operation, "policy"), Path.Combine(machine, "policy"));

        var log = await RunAsync(machine, "log", "/data", "--operation", "lantern", "--keys", "/data/keys", "--roots", "/root.pem", "--json");
        log.Code.ShouldBe(0, log.Output + log.Error);
        var json = JsonDocument.Parse(log.Output).RootElement;
        (json.GetProperty("verified").GetBoolean(), json.GetProperty("opened").GetInt64()).ShouldBe((true, json.GetProperty("entries").GetInt64()));
        (await RunAsync(machine, "log", "/data", "--operation", "lantern", "--roots", "/root.pem")).Output.ShouldContain("'t1'");
        var judged = await RunAsync(machine, "bag", "/bag", "--policy", "/policy", "--roots", "/root.pem");
        judged.Code.ShouldBe(0, judged.Output + judged.Error);

        // A stamp by a root that is not the given one, and one changed byte: said, and where.
        using var other = new TestAuthority();
        File.Copy(other.RootFile, Path.Combine(machine, "root.pem"), overwrite: true);
        var strange = await RunAsync(machine, "bag", "/bag", "--policy", "/policy", "--roots", "/root.pem");
        strange.Code.ShouldBe(1);
        strange.Output.ShouldContain("TimestampWrong");
        var content = Path.Combine(machine, "data", "operations", "lantern", "content", "000");
        var bytes = await File.ReadAllBytesAsync(content, Stop);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(content, bytes, Stop);
        var wrong = await RunAsync(machine, "log", "/data", "--operation", "lantern", "--keys", "/data/keys");
        wrong.Code.ShouldBe(1);
        wrong.Output.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"ContentWrong EX-{json.GetProperty("entries").GetInt64() - 1:D8} content/000"));
    }
}
