using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Custos.Detection;
using Custos.Evidence;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos bench detect</c>: messages a second of one core, reading and conversation state together (detection-spec, section 14).</summary>
static class BenchDetectCommand
{
    internal static Command Create()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of the measured run", DefaultValueFactory = _ => 400_000 };
        var seed = new Option<int>("--seed") { Description = "Seed of the invented talk", DefaultValueFactory = _ => 20261125 };
        var packs = new Option<DirectoryInfo?>("--packs") { Description = "The folder that holds pack.yaml (the one that came with the program if not given)" };
        var model = new Option<FileInfo?>("--model") { Description = "A .custosmodel file (the built-in weights if not given)" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("detect", "Messages a second of one core: text, terms, rules, conversation state and findings, over invented talk of which one dialogue in 200 is flagged. Exit: 0 done, 2 wrong use, 4 the pack or the model is refused.")
        {
            messages, seed, packs, model, json,
        };
        command.SetAction(parsed =>
        {
            var count = parsed.GetValue(messages);
            if (count < 1_000)
            {
                System.Console.Error.WriteLine("--messages is at least 1,000.");
                return 2;
            }

            try
            {
                var directory = parsed.GetValue(packs)?.FullName ?? Pack.FindDirectory() ?? "packs";
                var trained = parsed.GetValue(model) is { } file ? DetectionModel.Load(file.FullName) : DetectionModel.Builtin;
                return Run(Pack.Load(directory), trained, count, parsed.GetValue(seed), parsed.GetValue(json));
            }
            catch (Exception refused) when (refused is PackException or ModelException)
            {
                System.Console.Error.WriteLine(refused.Message);
                return 4;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                System.Console.Error.WriteLine("The model could not be read. Nothing was measured. Check the path.");
                return 4;
            }
        });
        return command;
    }

    static int Run(Pack pack, DetectionModel model, int count, int seed, bool json)
    {
        var engine = DetectionEngine.Open(pack, model, new());
        var talk = InventedTalk.Make(count, seed);
        // Compiled and warm before anything counts: the first passes run over the same talk with state of their own.
        for (var pass = 0; pass < 3; pass++)
            Pass(engine, talk, Math.Min(count, 60_000), null);
        var latencies = new long[count];
        var timed = Pass(engine, talk, count, latencies);
        var run = Pass(engine, talk, count, null);
        Array.Sort(latencies);
        double Micro(double quantile) => latencies[(int)((count - 1) * quantile)] * 1e6 / Stopwatch.Frequency;
        var rate = count / run.Seconds;
        var allocated = (double)run.Allocated / count;
        var clean = run.CleanMessages == 0 ? 0 : (double)timed.CleanAllocated / timed.CleanMessages;
        if (!json)
        {
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rate:N0} messages/s on one core ({count:N0} messages, mean {talk.Average(t => t.Message.Text.Length):N0} characters, {run.Alerts} alerts); p50 {Micro(0.5):N1} us, p99 {Micro(0.99):N1} us, p99.9 {Micro(0.999):N1} us; {allocated:N1} bytes allocated a message, {clean:N2} a message without an indicator"));
            return 0;
        }

        using var stream = System.Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("messagesPerSecond", Math.Round(rate));
            writer.WriteNumber("p99Microseconds", Math.Round(Micro(0.99), 2));
            writer.WriteNumber("allocatedBytesPerMessage", Math.Round(allocated, 2));
            writer.WriteNumber("p50Microseconds", Math.Round(Micro(0.5), 2));
            writer.WriteNumber("p999Microseconds", Math.Round(Micro(0.999), 2));
            writer.WriteNumber("allocatedBytesPerCleanMessage", Math.Round(clean, 3));
            writer.WriteNumber("messages", count);
            writer.WriteNumber("messagesWithIndicators", count - run.CleanMessages);
            writer.WriteNumber("alerts", run.Alerts);
            writer.WriteNumber("seed", seed);
            writer.WriteString("engine", engine.Engine);
            writer.WriteString("pack", engine.PackHash);
            writer.WriteString("model", engine.Model.Hash);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return 0;
    }

    static (double Seconds, long Allocated, long CleanAllocated, int CleanMessages, int Alerts) Pass(
        DetectionEngine engine, List<(Exhibit Exhibit, Vocabulary.ChatMessage Message)> talk, int count, long[]? latencies)
    {
        var reader = engine.NewReader();
        var tracker = engine.NewTracker();
        var reading = new MessageReading();
        var sink = new CountingSink();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        long cleanAllocated = 0;
        var clean = 0;
        for (var i = 0; i < count; i++)
        {
            var (exhibit, message) = talk[i];
            var recorded = new RecordedMessage(exhibit, 0, 0, message);
            if (latencies is null)
            {
                reader.Read(recorded, reading);
                tracker.Observe(reading, sink);
                if (reading.Fired == 0)
                    clean++;
                continue;
            }

            var held = GC.GetAllocatedBytesForCurrentThread();
            var at = Stopwatch.GetTimestamp();
            reader.Read(recorded, reading);
            tracker.Observe(reading, sink);
            latencies[i] = Stopwatch.GetTimestamp() - at;
            // The second half: accounts and threads have been met by then.
            if (reading.Fired == 0 && i >= count / 2)
            {
                clean++;
                cleanAllocated += GC.GetAllocatedBytesForCurrentThread() - held;
            }
        }

        return (Stopwatch.GetElapsedTime(started).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - before, cleanAllocated, clean, sink.Alerts);
    }

    sealed class CountingSink : IFindingSink
    {
        internal int Alerts { get; private set; }

        public void Add(Finding finding, ExhibitNumber exhibit) => Alerts += finding.Kind == FindingKind.Alert ? 1 : 0;
    }
}
