using System.Diagnostics;
using System.Text.Json;

namespace Custos.Mutants;

/// <summary>Lets dotnet-stryker make all mutants in one assembly, and keeps the build of the tests that holds it.</summary>
static class Maker
{
    // The tool puts the mutated assembly in place of the right one for as long as it runs tests; few of them, since its own runner is not what counts here.
    const string FewTests = "FullyQualifiedName~BagItTests";

    /// <param name="checkout">A clone with nothing else at work in it: the tool builds in place.</param>
    /// <param name="folder">Gets <c>build/</c> and <c>report.json</c>.</param>
    /// <param name="project">The project that is mutated.</param>
    public static async Task<int> MakeAsync(string checkout, string folder, string project)
    {
        var tests = Path.Combine(checkout, "tests", project + ".Tests");
        var built = Path.Combine(checkout, "artifacts", "bin", project + ".Tests", "release");
        var (mutated, right) = (Path.Combine(built, project + ".dll"), Path.Combine(built, project + ".dll.stryker-unchanged"));
        if (File.Exists(right))
            File.Delete(right);
        Directory.CreateDirectory(folder);
        var settings = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, object>>>(await File.ReadAllBytesAsync(Path.Combine(tests, "stryker-config.json")))!["stryker-config"];
        settings["reporters"] = new[] { "json" };
        settings["test-case-filter"] = FewTests;
        var config = Path.Combine(folder, "stryker-config.json");
        await File.WriteAllBytesAsync(config, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["stryker-config"] = settings }));

        using var tool = Process.Start(new ProcessStartInfo("dotnet-stryker", ["-f", config, "-O", folder]) { WorkingDirectory = tests })!;
        var kept = false;
        while (!tool.HasExited)
        {
            // Larger by the mutants: then it has been written whole, for the tool runs it.
            if (!kept && File.Exists(right) && new FileInfo(mutated) is { Exists: true } now && now.Length > new FileInfo(right).Length * 5 / 4 && await IsWholeAsync(mutated))
            {
                Copy(built, Path.Combine(folder, "build"));
                kept = true;
            }

            await Task.Delay(200);
        }

        if (!kept || !File.Exists(Path.Combine(folder, "reports", "mutation-report.json")))
        {
            Console.Error.WriteLine("dotnet-stryker made no mutated build; what it said is above.");
            return 1;
        }

        File.Move(Path.Combine(folder, "reports", "mutation-report.json"), Path.Combine(folder, "report.json"), overwrite: true);
        // The runner lies with the tests, so that what they find beside themselves is what they are built for.
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "Mutants.*"))
            File.Copy(file, Path.Combine(folder, "build", Path.GetFileName(file)), overwrite: true);
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "xunit.v3.runner.*.dll"))
            File.Copy(file, Path.Combine(folder, "build", Path.GetFileName(file)), overwrite: true);
        return 0;
    }

    static async Task<bool> IsWholeAsync(string path)
    {
        var before = new FileInfo(path).Length;
        await Task.Delay(500);
        return new FileInfo(path).Length == before;
    }

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
