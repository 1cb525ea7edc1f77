using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Detection;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos bench state</c>: what open conversations take of memory (detection-spec, section 7).</summary>
static class BenchStateCommand
{
    static readonly string[] Harmless =
    [
        "hello there", "what are you up to today", "the train was late again and I missed the start", "we had soup and it was good", "that match was something", "I think it will rain later",
        "did you see the new film", "no, not yet, maybe on the weekend", "my cat sleeps all day", "sure, see you then",
    ];

    static readonly (bool First, string Text)[] Flagged =
    [
        (true, "hi, how old are you?"), (false, "im 14"), (true, "thats ok, dont tell anyone that we talk"), (true, "can you turn on your cam, ill give you $50"),
    ];

    internal static Command Create()
    {
        var conversations = new Option<int>("--conversations") { Description = "Dialogues of two that stay open", DefaultValueFactory = _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "Messages of each dialogue", DefaultValueFactory = _ => 4 };
        var memory = new Option<int?>("--memory") { Description = "MiB of state kept in memory, the rest packed in a store; all of it if not given" };
        var evidence = new Option<int>("--evidence") { Description = "One dialogue in so many is flagged", DefaultValueFactory = _ => 100 };
        var packs = new Option<DirectoryInfo?>("--packs") { Description = "The folder that holds pack.yaml (the one that came with the program if not given)" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("state", "Memory of open conversations: dialogues of two in 1,000 rooms, each with handles of its own, a message each in turn, so that each is away longest before it comes back. Exit: 0 done, 2 wrong use, 4 the pack is refused.")
        {
            conversations, rounds, memory, evidence, packs, json,
        };
        command.SetAction(parsed =>
        {
            var (count, times, mebibytes, every) = (parsed.GetValue(conversations), parsed.GetValue(rounds), parsed.GetValue(memory), parsed.GetValue(evidence));
            if (count < 1_000 || times < 1 || mebibytes is < 0 || every < 1)
            {
                System.Console.Error.WriteLine("--conversations is at least 1,000, --rounds and --evidence at least 1, --memory at least 0.");
                return 2;
            }

            try
            {
                return Run(Pack.Load(parsed.GetValue(packs)?.FullName ?? Pack.FindDirectory() ?? "packs"), count, times, mebibytes, every, parsed.GetValue(json));
            }
            catch (PackException refused)
            {
                System.Console.Error.WriteLine(refused.Message);
                return 4;
            }
        });
        return command;
    }

    static int Run(Pack pack, int count, int rounds, int? mebibytes, int every, bool json)
    {
        var engine = DetectionEngine.Open(pack, DetectionModel.Builtin, new());
        var store = new PackedConversationStore();
        var tracker = mebibytes is { } budget ? engine.NewTracker(store, (long)budget << 20) : engine.NewTracker();
        var reader = engine.NewReader();
        var reading = new MessageReading();
        var exhibit = new ScratchLog(TimeProvider.System).Append(new("chat", "bench", Encoding.UTF8.GetBytes("one line")));
        var rooms = Enumerable.Range(0, 1_000).Select(i => new VenueId($"irc://example.org/#room{i}")).ToArray();
        var start = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var sink = new Nothing();
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < count; i++)
            {
                var (first, text) = i % every == 0 ? Flagged[round % Flagged.Length] : (round % 2 == 0, Harmless[(i + (round * 3)) % Harmless.Length]);
                var number = i.ToString(CultureInfo.InvariantCulture);
                var message = new ChatMessage(
                    rooms[i % rooms.Length], "t" + number, number, new SpokenAt(start.AddSeconds((round * count) + i), TimeSpan.Zero), new((first ? "first" : "second") + number), null, text, Direction.None);
                reader.Read(new(exhibit, 0, 0, message), reading);
                tracker.Observe(reading, sink);
            }
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64;
        GC.KeepAlive(tracker);
        if (!json)
        {
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{count:N0} open conversations, one in {every} flagged ({sink.Alerts:N0} alerts): {(double)held / count:N0} bytes each of managed memory, {held >> 20:N0} MiB; process peak {peak >> 20:N0} MiB; {store.Count:N0} states in the store, {store.Bytes >> 20:N0} MiB; {rounds} messages each, {rounds * (double)count / seconds:N0} a second"));
            return 0;
        }

        using var stream = System.Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("conversations", count);
            writer.WriteNumber("flaggedOneIn", every);
            writer.WriteNumber("alerts", sink.Alerts);
            writer.WriteNumber("managedBytes", held);
            writer.WriteNumber("bytesPerConversation", Math.Round((double)held / count, 1));
            writer.WriteNumber("peakWorkingSetBytes", peak);
            writer.WriteNumber("statesInStore", store.Count);
            writer.WriteNumber("storeBytes", store.Bytes);
            writer.WriteNumber("messagesPerSecond", Math.Round(rounds * (double)count / seconds));
            writer.WriteString("engine", engine.Engine);
            writer.WriteString("pack", engine.PackHash);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return 0;
    }

    sealed class Nothing : IFindingSink
    {
        internal int Alerts { get; private set; }

        public void Add(Finding finding, ExhibitNumber exhibit) => Alerts += finding.Kind == FindingKind.Alert ? 1 : 0;
    }
}
