using System.Diagnostics;

namespace Custos.Detection.Tests.Matching;

/// <summary>The runtime picks vector instructions once, when it starts: the tests of what scans text run again in processes that may not use them.</summary>
public class VectorWidthTests
{
    // Detection-spec, section 4: every tier also runs with the vector widths switched off; section 11: any vector width gives the same bytes.
    [Theory]
    [InlineData("DOTNET_EnableAVX512F")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Every_tier_and_every_golden_file_hold_without_wide_vectors(string switchedOff)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "--progress", "off", "--no-ansi", "--filter-class", "*LiteralMatcherTests", "--filter-class", "*PhraseMatcherTests", "--filter-class", "*GuardPageTests", "--filter-class", "*GoldenTests" })
            start.ArgumentList.Add(argument);
        start.Environment[switchedOff] = "0";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        process.ExitCode.ShouldBe(0, await output + await errors);
        (await output).ShouldContain("failed: 0");
    }
}
