using System.Buffers;
using System.Text.Json;
using Custos.Fixtures;
using Custos.Vocabulary;

namespace Custos.Detection.Tests.Golden;

/// <summary>What this engine has always made of the samples. The rules are those of <see cref="TestBook"/>, so that a change of the packs, which have a hash of their own, is no change of the engine.</summary>
public class GoldenTests
{
    static readonly string Name = DetectionEngine.EngineName.Replace('/', '-');

    [Theory]
    [InlineData("lantern-chat", "samples/demo/lantern-chat.transcript.jsonl")]
    [InlineData("every-rule", "tests/Custos.Detection.Tests/Golden/every-rule.transcript.jsonl")]
    public void A_finding_is_the_same_bytes_as_long_as_the_engine_has_its_number(string name, string transcript)
    {
        var told = new Told(new(TestBook.NewBuilder().Build(), "sha256:test", DetectionModel.Builtin, new() { Prior = "0.05" }));
        foreach (var line in File.ReadLines(Path.Combine(Checkout.Root, transcript)))
        {
            using var document = JsonDocument.Parse(line);
            var said = document.RootElement;
            if (said.TryGetProperty("gap", out var gap))
                told.Tracker.ObserveGap(new(gap.GetString()!), null);
            if (!said.TryGetProperty("text", out var text))
                continue;
            told.Says(
                said.GetProperty("from").GetString()!, text.GetString()!, said.GetProperty("thread").GetString()!, Field(said, "to"), Field(said, "at"),
                Field(said, "direction") is { } direction ? Enum.Parse<Direction>(direction, ignoreCase: true) : Direction.None, said.GetProperty("venue").GetString()!);
        }

        var (findings, conduct) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        foreach (var finding in told.Findings)
            FindingWriter.Write(findings, finding, withExhibits: true);
        foreach (var pair in told.Tracker.Pairs())
            ConductJson.Write(conduct, told.Tracker.Conduct(pair)!);
        IsGolden($"{name}.{Name}.jsonl", findings, $"If that is meant, raise the engine's number, and write the golden file of the new one with CUSTOS_WRITE_GOLDEN=1.");
        IsGolden($"{name}.conduct.jsonl", conduct, "If that is meant, raise DerivedFrom.ThisDerivation, so that every index is derived again, and write the golden file with CUSTOS_WRITE_GOLDEN=1.");
    }

    // A model says which engine it needs at least, by the number alone.
    [Fact]
    public void The_engines_number_is_the_one_in_its_name() => DetectionEngine.EngineName.ShouldBe($"detection/{DetectionEngine.EngineNumber}");

    static void IsGolden(string name, ArrayBufferWriter<byte> output, string otherwise)
    {
        var golden = Path.Combine(Checkout.Root, "tests", "Custos.Detection.Tests", "Golden", name);
        if (Environment.GetEnvironmentVariable("CUSTOS_WRITE_GOLDEN") == "1")
            File.WriteAllBytes(golden, output.WrittenSpan);
        File.Exists(golden).ShouldBeTrue($"There is no golden file '{name}': run this test once with CUSTOS_WRITE_GOLDEN=1, read what changed, and remove the file of the engine before.");
        output.WrittenSpan.SequenceEqual(File.ReadAllBytes(golden)).ShouldBeTrue($"What is in '{name}' changed under {DetectionEngine.EngineName}. {otherwise}");
    }

    static string? Field(JsonElement said, string name) => said.TryGetProperty(name, out var value) ? value.GetString() : null;
}
