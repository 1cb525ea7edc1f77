using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Capture.Decoding;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Pipeline;

/// <summary><c>custos bench pipeline</c>: how many rooms this machine carries, from received to searchable.</summary>
static class BenchPipelineCommand
{
    const string Help =
        "Messages a second from received to sealed, detected and searchable, and how many rooms that is at one message a second each. The words are invented.\n" +
        "A run counts only if every message is found in the index afterwards.\n" +
        "Exit codes: 0 done; 1 could not finish, or a message is missing; 2 usage.";

    // A busy capture hands over what it has read since the last answer; an import hands over some hundreds of lines at a time.
    const int LinesACall = 256;
    const int Rooms = 400;
    const int NicksARoom = 40;

    // A line in a hundred carries something to detect, as in a room where it happens at all.
    const int EveryNthLine = 100;

    static readonly string[] Words =
        ["the", "weather", "is", "fine", "today", "and", "my", "dog", "likes", "rain", "who", "plays", "tonight", "good", "morning", "music", "from", "where", "are", "you", "nice", "game", "again", "later", "coffee", "work", "train", "home", "bike", "garden"];

    static readonly string[] Telling = ["how old are you", "im 14", "turn on your cam please", "keep it a secret", "i can pay you 20 usd", "add me on another app"];

    internal static Command Create()
    {
        var messages = new Option<int>("--messages") { Description = "How many messages", DefaultValueFactory = _ => 200_000 };
        var path = new Option<string>("--path") { Description = "Where to make the folder that is measured and removed", DefaultValueFactory = _ => Path.GetTempPath() };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("pipeline", Help) { messages, path, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var count = parsed.GetValue(messages);
            if (count < 1)
            {
                await System.Console.Error.WriteLineAsync("--messages is a number from 1.");
                return 2;
            }

            var folder = Directory.CreateDirectory(Path.Combine(parsed.GetValue(path)!, $"custos-bench-{Environment.ProcessId}")).FullName;
            try
            {
                return await RunAsync(Path.Combine(folder, "data"), count, parsed.GetValue(json), cancellation);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    static async Task<int> RunAsync(string folder, int count, bool json, CancellationToken cancellation)
    {
        await using var workspace = await Workspace.OpenAsync(folder, TimeProvider.System, cancellation);
        await using var room = await workspace.CreateOperationAsync(new("bench"), Authorization(), new ActorId("bench"), cancellation);
        // What is measured is a program that has been running: the first messages compile it.
        await AppendAsync(room, 0, Math.Min(count, 20_000), cancellation);
        await room.SettleAsync(cancellation);
        var before = room.Evidence.Size;
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await AppendAsync(room, 1_000_000_000, count, cancellation);
        var sealedIn = watch.Elapsed;
        await room.SettleAsync(cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64;
        var indexed = await room.Index.CountAsync(cancellation);
        var whole = indexed.Messages == Math.Min(count, 20_000) + count && room.Evidence.Size - before >= count;
        var rate = count / seconds;
        if (json)
        {
            using var stream = System.Console.OpenStandardOutput();
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartObject();
                writer.WriteNumber("messagesPerSecond", Math.Round(rate));
                writer.WriteNumber("rooms", Math.Floor(rate));
                writer.WriteNumber("peakBytes", peak);
                writer.WriteNumber("messages", count);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
                writer.WriteNumber("acknowledgedSeconds", Math.Round(sealedIn.TotalSeconds, 3));
                writer.WriteNumber("cpuMicrosecondsPerMessage", Math.Round(1e6 * cpu.TotalSeconds / count, 2));
                writer.WriteNumber("findings", indexed.Findings);
                writer.WriteNumber("processors", Environment.ProcessorCount);
                writer.WriteBoolean("whole", whole);
                writer.WriteEndObject();
            }

            System.Console.WriteLine();
        }
        else
        {
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate:N0} messages/s from received to searchable: {Math.Floor(rate):N0} rooms at one message a second each. {count:N0} messages in {seconds:N1} s (acknowledged after {sealedIn.TotalSeconds:N1} s), {indexed.Findings:N0} findings, CPU {1e6 * cpu.TotalSeconds / count:N1} us a message on {Environment.ProcessorCount} processors, peak {peak / 1e6:N0} MB."));
            if (!whole)
                System.Console.WriteLine("NOT EVERY MESSAGE IS IN THE INDEX: the figure does not count.");
        }

        return whole ? 0 : 1;
    }

    static async Task AppendAsync(OperationRoom room, int firstId, int count, CancellationToken cancellation)
    {
        var chance = new Lines(0x9E3779B97F4A7C15UL + (ulong)firstId);
        // Several calls under way, as from several rooms; the pipeline makes them wait when it is full.
        var under = new Queue<Task>();
        for (var from = 0; from < count; from += LinesACall)
        {
            var lines = new NewExhibit[Math.Min(LinesACall, count - from)];
            for (var i = 0; i < lines.Length; i++)
                lines[i] = chance.Next(firstId + from + i);
            under.Enqueue(room.Log.AppendAsync(lines, cancellation).AsTask());
            if (under.Count >= 64)
                await under.Dequeue();
        }

        await Task.WhenAll(under);
    }

    static byte[] Authorization() => Encoding.UTF8.GetBytes(
        """
        authorization-format: 1
        operation: bench
        authority:
          name: nobody, this is a measurement
        legal-basis:
          - law: none, the words are invented
        window:
          from: 2026-01-01T00:00:00Z
          until: 2099-01-01T00:00:00Z
          zone: UTC
        venues:
          - id: irc://irc.example.invalid/#room
            kind: chat-room
        acts: [observe]
        signatories:
          - name: nobody
            role: none
            signed: 2026-01-01

        """);

    // A linear congruential generator (Knuth, MMIX): the same lines on every machine.
    sealed class Lines(ulong state)
    {
        readonly StringBuilder _text = new();

        internal NewExhibit Next(int id)
        {
            var room = Draw(Rooms);
            var nick = Draw(NicksARoom);
            _text.Clear();
            if (id % EveryNthLine == 0)
            {
                _text.Append(Telling[Draw(Telling.Length)]);
            }
            else
            {
                var words = 4 + Draw(10);
                for (var i = 0; i < words; i++)
                    _text.Append(i == 0 ? "" : " ").Append(Words[Draw(Words.Length)]);
            }

            var header = new CaptureHeader
            {
                Format = "irc",
                Venue = string.Create(CultureInfo.InvariantCulture, $"irc://irc.example.invalid/#room{room}"),
                Id = id.ToString(CultureInfo.InvariantCulture),
                At = "2026-03-01T19:04:11Z",
            };
            var line = string.Create(CultureInfo.InvariantCulture, $":nick{nick}!u@host.example.invalid PRIVMSG #room{room} :{_text}");
            return new("chat", "bench-1", RecordedForm.Write(header, Encoding.UTF8.GetBytes(line))) { Source = new((UInt128)(id + 1)) };
        }

        int Draw(int below)
        {
            state = unchecked((state * 6364136223846793005UL) + 1442695040888963407UL);
            return (int)((state >> 33) % (ulong)below);
        }
    }
}
