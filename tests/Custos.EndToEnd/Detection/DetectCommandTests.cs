using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Custos.Fixtures;

namespace Custos.EndToEnd.Detection;

/// <summary>The program itself, as a person runs it: files, exit codes, what stands on which stream.</summary>
public sealed class DetectCommandTests : IDisposable
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("custos-detect-");

    public void Dispose() => _folder.Delete(recursive: true);

    static string Program => Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");

    sealed record Ran(int Code, string Output, string Errors);

    Process Start(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), "the command line is not built: build Custos.slnx in Release");
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardInputEncoding = new UTF8Encoding(false),
        };
        return Process.Start(start)!;
    }

    async Task<Ran> RunAsync(string? input, params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        if (input is not null)
            await process.StandardInput.WriteAsync(input.AsMemory(), Cancel);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancel);
        return new(process.ExitCode, await output, await errors);
    }

    string Write(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    static readonly string[] Said =
    [
        "hi, how old are you? 😀", "im 14 and you", "thats ok, dont tell anyone we talk", "add me on skype", "😀 can you turn on your cam, ill give you $50", "no i dont want to",
    ];

    static string Line(int number, string thread, string from, string text, string? extra = null) =>
        JsonSerializer.Serialize(new { venue = "net/#room", thread, id = "m" + number, at = $"2026-03-01T19:{number % 60:D2}:00Z", from, text }) is var json && extra is null
            ? json + "\n"
            : json[..^1] + extra + "}\n";

    static string Conversation(string thread = "t1")
    {
        var text = new StringBuilder();
        for (var i = 0; i < Said.Length; i++)
            text.Append(Line(i, thread, i is 1 or 5 ? "sunny" : "nick1", Said[i]));
        return text.ToString();
    }

    static List<JsonElement> Findings(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    static readonly string[] Keys =
        ["kind", "scope", "venue", "thread", "author", "counterpart", "role", "messageId", "at", "score", "probability", "indicators", "exculpatory", "peer", "engine", "pack", "model"];

    static readonly string[] CitationKeys = ["code", "messageId", "start", "length", "rule", "folded", "attributes"];

    // Root could rename a file over the device, and every program of the machine would lose it.
    [Fact]
    public async Task A_device_is_written_and_never_replaced()
    {
        Assert.SkipUnless(File.Exists("/dev/null"), "this system has no /dev/null");
        var ran = await RunAsync(Line(1, "t", "ann", "how old are you?"), "detect", "-", "--output", "/dev/null", "--conduct", "/dev/null");
        ran.Code.ShouldBe(2, "two outputs are one file");
        (await RunAsync(Line(1, "t", "ann", "how old are you?"), "detect", "-", "--output", "/dev/null")).Code.ShouldBe(0);
        await File.WriteAllTextAsync("/dev/null", "gone", Cancel);
        (await File.ReadAllTextAsync("/dev/null", Cancel)).ShouldBeEmpty();
        File.Exists("/dev/null.partial").ShouldBeFalse();
    }

    // The layout only: a corpus is a unit's own.
    [Fact]
    public async Task A_corpus_in_the_layout_of_pan_2012_is_read_and_the_report_says_how_early_alerts_come()
    {
        var messages = string.Concat(Said.Select((text, i) => $"<message line=\"{i + 1}\"><author>{(i is 1 or 5 ? "bob" : "ann")}</author><time>12:00</time><text>{text}</text></message>"));
        var corpus = Write("corpus.xml", $"<conversations><conversation id=\"c1\">{messages}</conversation></conversations>");
        var ran = await RunAsync(null, "detect", corpus, "--format", "pan12", "--report", "report.json");
        ran.Code.ShouldBe(0, ran.Errors);
        using var alert = JsonDocument.Parse(ran.Output.Split('\n').Single(line => line.Contains("\"kind\":\"alert\"", StringComparison.Ordinal)));
        (alert.RootElement.GetProperty("venue").GetString(), alert.RootElement.GetProperty("messageId").GetString()).ShouldBe(("pan12/c1", "5"));
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "report.json"), Cancel));
        report.RootElement.GetProperty("messages").GetInt32().ShouldBe(6);
        report.RootElement.GetProperty("messagesToAlert").GetProperty("median").GetInt32().ShouldBe(5);
        (await RunAsync(null, "detect", Write("no.xml", "<conversations><conversation>"), "--format", "pan12")).Code.ShouldBe(1);
        (await RunAsync("", "detect", "-", "--format", "pan12")).Code.ShouldBe(2);
        (await RunAsync(Line(1, "t", "ann", "hello"), "detect", "-", "--format", "jsonl")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_solicitation_is_an_alert_that_cites_its_words_exactly()
    {
        var ran = await RunAsync(null, "detect", Write("talk.jsonl", Conversation()));
        ran.Code.ShouldBe(0);
        var findings = Findings(ran.Output);
        foreach (var finding in findings)
        {
            finding.EnumerateObject().Select(p => p.Name).ShouldBe(Keys);
            foreach (var citation in finding.GetProperty("indicators").EnumerateArray())
                citation.EnumerateObject().Select(p => p.Name).ShouldBe(CitationKeys);
        }

        var alert = findings.Single(f => f.GetProperty("kind").GetString() == "alert");
        (alert.GetProperty("author").GetString(), alert.GetProperty("counterpart").GetString(), alert.GetProperty("messageId").GetString()).ShouldBe(("nick1", "sunny", "m4"));
        var cited = alert.GetProperty("indicators").EnumerateArray().ToDictionary(c => c.GetProperty("code").GetString()!, c =>
        {
            var runes = Said[int.Parse(c.GetProperty("messageId").GetString()![1..], System.Globalization.CultureInfo.InvariantCulture)].EnumerateRunes();
            return string.Concat(runes.Skip(c.GetProperty("start").GetInt32()).Take(c.GetProperty("length").GetInt32()).Select(r => r.ToString()));
        });
        cited["age.asked"].ShouldBe("how old are you");
        // The answer with the question it gives back is one phrase of the pack.
        cited["age.stated"].ShouldBe("im 14 and you");
        cited["camera.request"].ShouldContain("your cam");
        cited["payment.offer"].ShouldContain("$50");
        alert.GetProperty("model").GetString().ShouldBe("builtin/1");
    }

    [Fact]
    public async Task One_thread_and_sixteen_write_the_same_file()
    {
        var talk = new StringBuilder();
        for (var i = 0; i < 400; i++)
            talk.Append(Conversation("t" + i));
        var path = Write("talk.jsonl", talk.ToString());
        (await RunAsync(null, "detect", path, "--output", "one.jsonl", "--threads", "1")).Code.ShouldBe(0);
        (await RunAsync(null, "detect", path, "--output", "sixteen.jsonl", "--threads", "16", "--memory", "0")).Code.ShouldBe(0);
        var piped = await RunAsync(talk.ToString(), "detect", "-");
        var one = await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, "one.jsonl"), Cancel);
        one.Length.ShouldBeGreaterThan(100_000);
        (await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, "sixteen.jsonl"), Cancel)).AsSpan().SequenceEqual(one).ShouldBeTrue();
        Encoding.UTF8.GetBytes(piped.Output).AsSpan().SequenceEqual(one).ShouldBeTrue();
        File.Exists(Path.Combine(_folder.FullName, "one.jsonl.partial")).ShouldBeFalse();
    }

    [Fact]
    public async Task Lines_that_cannot_be_read_are_counted_and_never_quoted()
    {
        var bad = Conversation() + "{\"venue\":\"net\",\"zanzibar\n" + "{\"thread\":\"t\",\"id\":\"1\",\"from\":\"a\",\"text\":\"zanzibar\"}\n" + "{\"venue\":\"v\",\"thread\":\"t\",\"id\":7,\"from\":\"a\",\"text\":\"zanzibar\"}\n";
        var ran = await RunAsync(null, "detect", Write("talk.jsonl", bad), "--report", "report.json");
        ran.Code.ShouldBe(3);
        ran.Errors.ShouldContain("3 lines could not be read");
        var report = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "report.json"), Cancel);
        (ran.Errors + ran.Output + report).ShouldNotContain("zanzibar");
        using var parsed = JsonDocument.Parse(report);
        parsed.RootElement.GetProperty("linesRefused").GetInt32().ShouldBe(3);
        parsed.RootElement.GetProperty("refused").EnumerateArray().Select(r => r.GetProperty("line").GetInt32()).ShouldBe([7, 8, 9]);
        parsed.RootElement.GetProperty("messages").GetInt32().ShouldBe(6);
        parsed.RootElement.GetProperty("alerts").GetInt32().ShouldBe(1);
        parsed.RootElement.GetProperty("calibrated").GetBoolean().ShouldBeFalse();
        parsed.RootElement.GetProperty("prior").GetString().ShouldBe("0.001");
    }

    [Fact]
    public async Task No_finding_and_no_error_contains_a_word_of_the_chat()
    {
        var ran = await RunAsync(null, "detect", Write("talk.jsonl", Conversation()), "--conduct", "conduct.jsonl");
        var all = ran.Output + ran.Errors + await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "conduct.jsonl"), Cancel);
        all.ShouldContain("\"first\":\"account\"");
        foreach (var text in Said)
            all.ShouldNotContain(text);
        all.ShouldNotContain("turn on");
        all.ShouldNotContain("anyone");
    }

    [Fact]
    public async Task An_empty_file_and_a_header_alone_have_no_findings()
    {
        var empty = await RunAsync(null, "detect", Write("empty.jsonl", ""), "--output", "none.jsonl");
        empty.Code.ShouldBe(0);
        empty.Errors.ShouldContain("nothing to detect");
        new FileInfo(Path.Combine(_folder.FullName, "none.jsonl")).Length.ShouldBe(0);
        var header = await RunAsync(null, "detect", Write("header.jsonl", "{\"format\":\"custos-transcript/1\"}\n"));
        (header.Code, header.Output).ShouldBe((0, ""));
        header.Errors.ShouldContain("no message");
    }

    [Fact]
    public async Task Wrong_use_is_said_and_harms_no_file()
    {
        var path = Write("talk.jsonl", Conversation());
        (await RunAsync(null, "detect", path, "--output", path)).Code.ShouldBe(2);
        (await File.ReadAllTextAsync(path, Cancel)).ShouldBe(Conversation());
        (await RunAsync(null, "detect", path, "--threshold", "2")).Code.ShouldBe(2);
        (await RunAsync(null, "detect", path, "--prior", "0")).Code.ShouldBe(2);
        (await RunAsync(null, "detect", path, "--threads", "0")).Code.ShouldBe(2);
        (await RunAsync(null, "detect", path, "--format", "zanzibar")).Code.ShouldBe(2);
        (await RunAsync(null, "detect", "absent.jsonl")).Code.ShouldBe(1);
    }

    [Fact]
    public async Task A_pack_that_is_not_whole_is_refused()
    {
        var packs = Directory.CreateDirectory(Path.Combine(_folder.FullName, "broken"));
        await File.WriteAllTextAsync(Path.Combine(packs.FullName, "pack.yaml"), "pack-format: 99\n", Cancel);
        var ran = await RunAsync(null, "detect", Write("talk.jsonl", Conversation()), "--packs", packs.FullName, "--output", "out.jsonl");
        ran.Code.ShouldBe(4);
        ran.Errors.ShouldContain("refused");
        File.Exists(Path.Combine(_folder.FullName, "out.jsonl")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_higher_threshold_and_a_lower_prior_raise_fewer_alerts()
    {
        var path = Write("talk.jsonl", Conversation());
        (await RunAsync(null, "detect", path, "--threshold", "0.9999")).Output.ShouldNotContain("\"kind\":\"alert\"");
        (await RunAsync(null, "detect", path, "--prior", "0.0000001")).Output.ShouldNotContain("\"kind\":\"alert\"");
        (await RunAsync(null, "detect", path, "--threshold", "0.01")).Output.ShouldContain("\"kind\":\"alert\"");
    }

    [Fact]
    public async Task A_persona_named_on_the_command_line_is_never_scored()
    {
        var ran = await RunAsync(null, "detect", Write("talk.jsonl", Conversation()), "--persona", "nick1");
        ran.Output.ShouldNotContain("\"kind\":\"alert\"");
        ran.Output.ShouldContain("\"role\":\"persona\"");
    }

    [Fact]
    public async Task Stopping_leaves_a_partial_file_of_whole_lines()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        using var process = Start("detect", "-", "--output", "out.jsonl");
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var partial = Path.Combine(_folder.FullName, "out.jsonl.partial");
        var written = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(_folder.FullName) { NotifyFilter = NotifyFilters.Size | NotifyFilters.LastWrite | NotifyFilters.FileName };
        watcher.Changed += (_, changed) =>
        {
            if (changed.Name == "out.jsonl.partial" && File.Exists(partial) && Lines(partial).Any(l => l.Contains("\"alert\"", StringComparison.Ordinal)))
                written.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        await process.StandardInput.WriteAsync(Conversation().AsMemory(), Cancel);
        await process.StandardInput.FlushAsync(Cancel);
        await written.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.ShouldBe(1);
        (await errors).ShouldContain("out.jsonl.partial");
        File.Exists(Path.Combine(_folder.FullName, "out.jsonl")).ShouldBeFalse();
        var text = await File.ReadAllTextAsync(partial, Cancel);
        text.ShouldEndWith("}\n");
        Findings(text).Count.ShouldBeGreaterThan(5);
    }

    static string[] Lines(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n');
    }
}
