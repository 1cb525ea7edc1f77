using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Fixtures;

namespace Custos.EndToEnd.Detection;

/// <summary>Training, evaluation and detection with the model made, as a person runs them.</summary>
public sealed class TrainCommandTests : IDisposable
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    sealed record Ran(int Code, string Output, string Errors);

    Task<Ran> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    // heap: bytes that the program's objects may take, as hexadecimal digits; beyond it ends.
    async Task<Ran> RunAsync(string? heap, string[] arguments)
    {
        var program = Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");
        Assert.SkipUnless(File.Exists(program), "the command line is not built: build Custos.slnx in Release");
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        if (heap is not null)
            start.Environment["DOTNET_GCHeapHardLimit"] = heap;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        return new(process.ExitCode, await output, await errors);
    }

    // Four positive authors with three conversations each, and twenty harmless ones.
    void Write(string name, string prefix)
    {
        string[] asked = ["hi, how old are you?", "im 14", "dont tell anyone that we talk", "ok", "can you turn on your cam", "no", "ill give you $50 if you turn on your cam", "no i dont want to"];
        string[] harmless = ["did the train come", "late again", "soup for dinner?", "bread and soup", "the garden is green", "it rained", "see you tomorrow", "bye"];
        var xml = new StringBuilder("<conversations>");
        for (var c = 0; c < 32; c++)
        {
            var (first, second) = c < 12 ? ($"{prefix}p{c % 4}", $"{prefix}q{c}") : ($"{prefix}a{c}", $"{prefix}b{c}");
            xml.Append(CultureInfo.InvariantCulture, $"<conversation id=\"{prefix}{c}\">");
            for (var i = 0; i < 8; i++)
                xml.Append(CultureInfo.InvariantCulture, $"<message line=\"{i + 1}\"><author>{(i % 2 == 0 ? first : second)}</author><time>03:2{i}</time><text>{(c < 12 ? asked : harmless)[i]}</text></message>");
            xml.Append("</conversation>");
        }

        File.WriteAllText(_folder[name + ".xml"], xml.Append("</conversations>").ToString());
        File.WriteAllLines(_folder[name + ".txt"], Enumerable.Range(0, 4).Select(i => $"{prefix}p{i}"));
    }

    [Fact]
    public async Task A_model_is_trained_measured_and_used()
    {
        Write("training", "t");
        Write("testing", "u");
        var trained = await RunAsync("train", "--corpus", "training.xml", "--positives", "training.txt", "--output", "m.custosmodel", "--seed", "7", "--json");
        trained.Code.ShouldBe(0, trained.Errors);
        using var model = JsonDocument.Parse(trained.Output);
        var hash = model.RootElement.GetProperty("model").GetString()!;
        var measured = await RunAsync("evaluate", "--corpus", "testing.xml", "--positives", "testing.txt", "--model", "m.custosmodel", "--output", "e.json", "--report", "e.html", "--seed", "1");
        measured.Code.ShouldBe(0, measured.Errors);
        using var evaluation = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["e.json"], Cancel));
        evaluation.RootElement.GetProperty("model").GetString().ShouldBe(hash);
        evaluation.RootElement.GetProperty("f1").GetDouble().ShouldBe(1);
        evaluation.RootElement.GetProperty("split").GetString().ShouldBe("official");
        (await File.ReadAllTextAsync(_folder["e.html"], Cancel)).ShouldNotContain("<script");
        await File.WriteAllTextAsync(_folder["talk.jsonl"], """{"venue":"v","thread":"t","id":"1","from":"a","text":"how old are you?"}""" + "\n", Cancel);
        var detected = await RunAsync("detect", "talk.jsonl", "--model", "m.custosmodel", "--report", "r.json");
        detected.Code.ShouldBe(0, detected.Errors);
        detected.Output.ShouldContain($"\"model\":\"{hash}\"");
        (await File.ReadAllTextAsync(_folder["r.json"], Cancel)).ShouldContain("\"calibrated\": true");
    }

    // What is learned from is held once and packed: held twice and unpacked, a corpus of this size did not fit into 160 MB.
    [Fact]
    public async Task Training_on_thirty_six_thousand_messages_fits_into_144_megabytes_and_too_little_memory_is_said()
    {
        var random = new Random(5);
        var words = Enumerable.Range(0, 160).Select(i => $"{"bdfgklmnpr"[i % 10]}a{"stvzmnlr"[i / 10 % 8]}o{"bk"[i / 80]}u").ToArray();
        string[] cues = ["how old are you?", "dont tell anyone that we talk", "can you turn on your cam"];
        var xml = new StringBuilder("<conversations>");
        for (var c = 0; c < 3_000; c++)
        {
            var positive = c % 20 == 0;
            var (first, second) = positive ? ($"p{c / 20 % 40}", $"q{c}") : ($"a{c}", $"b{c}");
            xml.Append(CultureInfo.InvariantCulture, $"<conversation id=\"{c}\">");
            for (var i = 0; i < 12; i++)
            {
                var text = (positive || c % 7 == 0) && i % 4 == 2 ? cues[i / 4] : string.Join(' ', Enumerable.Range(0, 8).Select(_ => words[random.Next(positive && i % 2 == 0 ? 40 : 160)]));
                xml.Append(CultureInfo.InvariantCulture, $"<message line=\"{i + 1}\"><author>{(i % 2 == 0 ? first : second)}</author><text>{text}</text></message>");
            }

            xml.Append("</conversation>\n");
        }

        await File.WriteAllTextAsync(_folder["large.xml"], xml.Append("</conversations>").ToString(), Cancel);
        await File.WriteAllLinesAsync(_folder["large.txt"], Enumerable.Range(0, 40).Select(i => $"p{i}"), Cancel);
        string[] train = ["train", "--corpus", "large.xml", "--positives", "large.txt", "--output", "large.custosmodel", "--seed", "7"];
        var small = await RunAsync("4000000", train);
        small.Code.ShouldBe(1);
        small.Errors.ShouldContain("too little memory");
        File.Exists(_folder["large.custosmodel"]).ShouldBeFalse();
        var enough = await RunAsync("9000000", train);
        enough.Code.ShouldBe(0, enough.Errors);
    }

    [Fact]
    public async Task Logs_known_to_be_harmless_teach_and_are_what_false_alerts_are_counted_on()
    {
        Write("training", "t");
        Write("testing", "u");
        // Two rooms of forty lines; an account there has the name of a positive author and is somebody else.
        await File.WriteAllLinesAsync(
            _folder["rooms.jsonl"],
            Enumerable.Range(0, 80).Select(i => $$"""{"venue":"room{{i / 40}}","thread":"","id":"{{i}}","from":"{{(i % 2 == 0 ? "tp0" : "cc" + (i % 5))}}","text":"soup and bread and the train was late"}"""), Cancel);
        var trained = await RunAsync("train", "--corpus", "training.xml", "--positives", "training.txt", "--benign", "rooms.jsonl", "--output", "m.custosmodel", "--seed", "7", "--json");
        trained.Code.ShouldBe(0, trained.Errors);
        using var model = JsonDocument.Parse(trained.Output);
        model.RootElement.GetProperty("messages").GetInt64().ShouldBe((32 * 8) + 80);
        model.RootElement.GetProperty("positives").GetInt64().ShouldBe(4);
        var measured = await RunAsync("evaluate", "--corpus", "testing.xml", "--positives", "testing.txt", "--benign", "rooms.jsonl", "--model", "m.custosmodel", "--output", "e.json", "--report", "e.html");
        measured.Code.ShouldBe(0, measured.Errors);
        using var evaluation = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["e.json"], Cancel));
        foreach (var row in evaluation.RootElement.GetProperty("recallAt").EnumerateArray())
            row.GetProperty("bound").GetString().ShouldBe("<= 3/40");
        (await File.ReadAllTextAsync(_folder["e.html"], Cancel)).ShouldContain("none in 40 messages");
        // The same rooms were learned from.
        measured.Errors.ShouldContain("trained on harmless talk");
        (await File.ReadAllTextAsync(_folder["e.html"], Cancel)).ShouldContain("trained on this harmless talk");
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_and_leaves_nothing_behind()
    {
        Write("training", "t");
        await File.WriteAllTextAsync(_folder["diff.txt"], "t1\t4\n", Cancel);
        (await RunAsync("train", "--corpus", "training.xml", "--positives", "diff.txt", "--output", "m.custosmodel", "--seed", "7")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(2), r => r.Errors.ShouldContain("line 1"));
        (await RunAsync("train", "--corpus", "training.xml", "--positives", "training.txt", "--output", "training.xml", "--seed", "7")).Code.ShouldBe(2);
        // A corpus that is also the harmless talk, or stands there twice.
        (await RunAsync("train", "--corpus", "training.xml", "--positives", "training.txt", "--benign", "training.xml", "--output", "n.custosmodel", "--seed", "7")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(2), r => r.Errors.ShouldContain("given twice"));
        (await RunAsync("evaluate", "--corpus", "training.xml", "training.xml", "--positives", "training.txt", "--output", "e.json")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(2), r => r.Errors.ShouldContain("given twice"));
        (await RunAsync("evaluate", "--corpus", "training.xml", "--positives", "training.txt", "--output", "e.json", "--report", "nowhere/e.html")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(2), r => r.Errors.ShouldContain("no folder for"));
        await File.WriteAllTextAsync(_folder["m.custosmodel"], "CUSTMDL1 and then nothing of the kind", Cancel);
        await File.WriteAllTextAsync(_folder["talk.jsonl"], "", Cancel);
        (await RunAsync("detect", "talk.jsonl", "--model", "m.custosmodel", "--output", "f.jsonl")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(4), r => r.Errors.ShouldContain("is refused"));
        (await RunAsync("evaluate", "--corpus", "training.xml", "--positives", "training.txt", "--model", "m.custosmodel", "--output", "e.json")).Code.ShouldBe(4);
        Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order().ShouldBe(["diff.txt", "m.custosmodel", "talk.jsonl", "training.txt", "training.xml"]);
    }
}
