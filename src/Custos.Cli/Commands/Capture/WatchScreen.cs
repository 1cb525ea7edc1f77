using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Capture.Gaps;
using Custos.Capture.Irc;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Custos.Cli.Commands.Capture;

/// <summary>What a person sees while a room is heard: counts, never words.</summary>
static class WatchScreen
{
    static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);

    internal static async Task<IrcOutcome> ShowAsync(IrcCapture capture, IrcOptions options, EventLines events, TimeProvider time, CancellationToken cancellation)
    {
        var running = capture.RunAsync(cancellation);
        if (events.Live)
        {
            var began = time.GetTimestamp();
            var rate = new Rate(time);
            await AnsiConsole.Live(Table(options, capture.Counts, 0, TimeSpan.Zero, events.Last)).StartAsync(async screen =>
            {
                while (!running.IsCompleted)
                {
                    await Task.WhenAny(running, Task.Delay(Refresh, time, CancellationToken.None));
                    var counts = capture.Counts;
                    screen.UpdateTarget(Table(options, counts, rate.Of(counts.Lines), time.GetElapsedTime(began), events.Last));
                }
            });
        }

        return await running;
    }

    static Table Table(IrcOptions options, IrcCounts counts, double rate, TimeSpan running, string last)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        void Row(string name, string value) => table.AddRow(new IRenderable[] { new Text(name, new Style(decoration: Decoration.Dim)), new Text(value) });
        Row("venue", options.Address.Venue.Value);
        Row("state", $"{WatchSummary.Word(counts.State)} as {counts.Nick}, {WatchSummary.Clock(running)}");
        Row("lines", string.Create(CultureInfo.InvariantCulture, $"{counts.Lines} ({counts.ChatLines} chat), {rate:0.0}/s, {counts.FlaggedLines} flagged"));
        Row("heard", string.Create(CultureInfo.InvariantCulture, $"{WatchSummary.Clock(counts.Heard)}, {counts.Gaps} gaps, {counts.Connections} connections"));
        Row("durable", counts.LastDurable is { } exhibit ? string.Create(CultureInfo.InvariantCulture, $"up to {exhibit}, {counts.Appended - counts.Durable} waiting") : "nothing yet");
        Row("last", last);
        Row("", counts.State == IrcState.Stopped ? "" : "Ctrl-C stops it");
        return table;
    }

    // Lines a second over the last few refreshes.
    sealed class Rate(TimeProvider time)
    {
        readonly Queue<(long At, long Lines)> _seen = new();

        internal double Of(long lines)
        {
            var now = time.GetTimestamp();
            _seen.Enqueue((now, lines));
            while (_seen.Count > 20)
                _seen.Dequeue();
            var (at, before) = _seen.Peek();
            var seconds = time.GetElapsedTime(at, now).TotalSeconds;
            return seconds > 0 ? (lines - before) / seconds : 0;
        }
    }
}

/// <summary>What is printed when a capture has ended.</summary>
static class WatchSummary
{
    // More gaps than a person reads are counted; the log holds each.
    const int GapsShown = 20;

    internal static string Text(IrcOptions options, IrcOutcome outcome, IReadOnlyList<(DateTimeOffset From, DateTimeOffset? Until, GapCause Cause)> gaps)
    {
        var counts = outcome.Counts;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{outcome.Sentence}\n");
        text.Append(CultureInfo.InvariantCulture, $"venue    {options.Address.Venue}\n");
        text.Append(CultureInfo.InvariantCulture, $"heard    {Clock(counts.Heard)} as {counts.Nick}, {counts.Connections} connections\n");
        text.Append(CultureInfo.InvariantCulture, $"lines    {counts.Lines}, of which {counts.ChatLines} chat and {counts.FlaggedLines} flagged; {counts.Bytes} bytes\n");
        if (counts.OtherRoomLines > 0)
            text.Append(CultureInfo.InvariantCulture, $"left out {counts.OtherRoomLines} lines of rooms the authorisation does not name\n");
        text.Append(CultureInfo.InvariantCulture, $"gaps     {counts.Gaps}\n");
        foreach (var (from, until, cause) in gaps.Take(GapsShown))
            text.Append(CultureInfo.InvariantCulture, $"         {Instant(from)} to {(until is { } end ? Instant(end) : "the end")}: {Word(cause)}\n");
        if (gaps.Count > GapsShown)
            text.Append(CultureInfo.InvariantCulture, $"         and {gaps.Count - GapsShown} more, in the log\n");
        text.Append(CultureInfo.InvariantCulture, $"durable  {counts.Durable} exhibits{(counts.LastDurable is { } last ? $", up to {last}" : "")}");
        return text.ToString();
    }

    internal static string Json(IrcOptions options, IrcOutcome outcome, IReadOnlyList<(DateTimeOffset From, DateTimeOffset? Until, GapCause Cause)> gaps)
    {
        var counts = outcome.Counts;
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("venue", options.Address.Venue.Value);
            json.WriteString("stopped", Word(outcome.Stop));
            json.WriteString("sentence", outcome.Sentence);
            json.WriteString("nick", counts.Nick);
            json.WriteNumber("heardSeconds", Math.Round(counts.Heard.TotalSeconds, 3));
            json.WriteNumber("connections", counts.Connections);
            json.WriteNumber("lines", counts.Lines);
            json.WriteNumber("chatLines", counts.ChatLines);
            json.WriteNumber("flaggedLines", counts.FlaggedLines);
            json.WriteNumber("otherRoomLines", counts.OtherRoomLines);
            json.WriteNumber("bytes", counts.Bytes);
            json.WriteNumber("appended", counts.Appended);
            json.WriteNumber("durable", counts.Durable);
            json.WriteString("lastDurable", counts.LastDurable?.ToString());
            json.WriteNumber("gapCount", counts.Gaps);
            json.WriteStartArray("gaps");
            foreach (var (from, until, cause) in gaps)
            {
                json.WriteStartObject();
                json.WriteString("from", from);
                if (until is { } end)
                    json.WriteString("until", end);
                json.WriteString("cause", Word(cause));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(memory.ToArray());
    }

    internal static string Word<T>(T? value)
        where T : struct, Enum => value is { } known ? JsonNamingPolicy.KebabCaseLower.ConvertName(known.ToString()) : "";

    internal static string Word<T>(T value)
        where T : struct, Enum => Word((T?)value);

    internal static string Clock(TimeSpan length) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)length.TotalHours:00}:{length.Minutes:00}:{length.Seconds:00}");

    static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A server's names and facts on a terminal: no control character of theirs reaches it.</summary>
static class Printable
{
    internal static string Of(string text) => string.Create(text.Length, text, static (shown, from) =>
    {
        for (var i = 0; i < shown.Length; i++)
            shown[i] = char.IsControl(from[i]) || char.GetUnicodeCategory(from[i]) == UnicodeCategory.Format ? '?' : from[i];
    });
}
