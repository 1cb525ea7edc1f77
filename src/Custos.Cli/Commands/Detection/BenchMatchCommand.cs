using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Detection;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos bench match</c>: the matcher alone, over literals and text of one's own (detection-spec, section 4).</summary>
static class BenchMatchCommand
{
    // Enough passes for a median that one interruption does not move.
    const int Passes = 7;

    internal static Command Create()
    {
        var literals = new Option<FileInfo>("--literals") { Description = "Literals, one a line, every byte of the line counts; ASCII letters match in either case", Required = true };
        var text = new Option<FileInfo>("--text") { Description = "Plain lines, or custos-transcript/1", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("match", "Gigabytes a second of the matcher on one thread: the whole text at once, and message by message. Exit: 0 done, 1 a file could not be read, 2 wrong use.") { literals, text, json };
        command.SetAction(parsed =>
        {
            try
            {
                var terms = Lines(File.ReadAllBytes(parsed.GetRequiredValue(literals).FullName)).Where(line => line.Length > 0).ToArray();
                if (terms.Length == 0)
                {
                    System.Console.Error.WriteLine("--literals holds no literal: write one a line.");
                    return 2;
                }

                var (bytes, messages) = Text(File.ReadAllBytes(parsed.GetRequiredValue(text).FullName));
                if (bytes.Length == 0)
                {
                    System.Console.Error.WriteLine("--text holds no text.");
                    return 2;
                }

                return Run(terms, bytes, messages, parsed.GetValue(json));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
            {
                System.Console.Error.WriteLine(fault is JsonException ? "--text begins as custos-transcript/1 but has a line that is no message. Nothing was measured." : "A file could not be read. Nothing was measured. Check the paths.");
                return 1;
            }
        });
        return command;
    }

    static IEnumerable<byte[]> Lines(byte[] bytes)
    {
        var start = 0;
        while (start < bytes.Length)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            if (end < 0)
                end = bytes.Length;
            yield return bytes[start..(end > start && bytes[end - 1] == (byte)'\r' ? end - 1 : end)];
            start = end + 1;
        }
    }

    // Messages with a line feed after each, and where each stands.
    static (byte[] Bytes, List<(int Start, int Length)> Messages) Text(byte[] file)
    {
        var transcript = file.AsSpan().TrimStart(" \r\n\t"u8).StartsWith("{"u8);
        using var bytes = new MemoryStream(file.Length);
        var messages = new List<(int, int)>();
        foreach (var line in Lines(file))
        {
            var said = line;
            if (transcript)
            {
                if (line.Length == 0)
                    continue;
                using var parsed = JsonDocument.Parse(line);
                if (!parsed.RootElement.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String)
                    continue;
                said = Encoding.UTF8.GetBytes(text.GetString()!);
            }

            messages.Add(((int)bytes.Length, said.Length));
            bytes.Write(said);
            bytes.WriteByte((byte)'\n');
        }

        return (bytes.ToArray(), messages);
    }

    static int Run(byte[][] terms, byte[] text, List<(int Start, int Length)> messages, bool json)
    {
        // Built once unmeasured: what is timed is building, not compiling the builder.
        _ = LiteralMatcher.Build(terms, caseless: true);
        var at = Stopwatch.GetTimestamp();
        var matcher = LiteralMatcher.Build(terms, caseless: true);
        var build = Stopwatch.GetElapsedTime(at).TotalSeconds;
        var hits = default(HitBuffer);
        long found = 0;
        var bulk = Median(() =>
        {
            matcher.Find(text, ref hits);
            found = hits.Count;
        });
        var small = default(HitBuffer);
        long foundPerMessage = 0;
        var one = Median(() =>
        {
            foundPerMessage = 0;
            foreach (var (start, length) in messages)
            {
                matcher.Find(text.AsSpan(start, length), ref small);
                foundPerMessage += small.Count;
            }
        });
        var (gigabytes, gigabytesPerMessage, rate) = (text.Length / bulk / 1e9, text.Length / one / 1e9, messages.Count / one);
        if (!json)
        {
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{gigabytes:N3} GB/s at once, {gigabytesPerMessage:N3} GB/s message by message ({rate:N0} messages/s); {found:N0} hits of {terms.Length:N0} literals in {text.Length / 1e6:N1} MB; built in {build:N3} s"));
            return 0;
        }

        using var stream = System.Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("gigabytesPerSecond", Math.Round(gigabytes, 4));
            writer.WriteNumber("gigabytesPerSecondPerMessage", Math.Round(gigabytesPerMessage, 4));
            writer.WriteNumber("messagesPerSecond", Math.Round(rate));
            writer.WriteNumber("hits", found);
            writer.WriteNumber("buildSeconds", Math.Round(build, 4));
            writer.WriteNumber("hitsPerMessage", foundPerMessage);
            writer.WriteNumber("literals", terms.Length);
            writer.WriteNumber("bytes", text.Length);
            writer.WriteNumber("messages", messages.Count);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return 0;
    }

    static double Median(Action pass)
    {
        // Until the compiler has made its best of the loops.
        for (var i = 0; i < 2; i++)
            pass();
        var seconds = new double[Passes];
        for (var i = 0; i < Passes; i++)
        {
            var at = Stopwatch.GetTimestamp();
            pass();
            seconds[i] = Stopwatch.GetElapsedTime(at).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[Passes / 2];
    }
}
