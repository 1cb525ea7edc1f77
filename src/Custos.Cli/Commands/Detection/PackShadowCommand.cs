using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Custos.Capture.Import;
using Custos.Capture.Transcripts;
using Custos.Detection;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos packs shadow</c>: a changed pack beside the published one, over the same talk.</summary>
static class PackShadowCommand
{
    const string Help =
        "Reads a chat log, or what an operation recorded, with both packs and lists the alerts gained and lost and how often each rule fired, per million messages. Nothing it finds is recorded and nothing reaches a queue; that an operation's log was read is recorded in it. " +
        "Advised before a change counts: seven days of your own rooms, or a million messages.\n" +
        "Exit codes: 0 done; 1 could not finish; 2 usage; 3 done, but some lines could not be read; 4 one of the packs is refused.";

    static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    internal static Command Create(Option<DirectoryInfo?> packs, Option<bool> json)
    {
        var candidate = new Option<DirectoryInfo?>("--candidate") { Description = "The folder of the changed pack (with --data or --operation: the one in the data folder, if not given)" };
        var input = new Option<FileInfo?>("--input") { Description = "The log, in any format that custos detect reads" };
        var operation = new Option<string?>("--operation") { Description = "The recorded log of this operation, instead of a file" };
        var data = PacksCommand.Data();
        var actor = Workbench.Actor();
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Where the changed pack's findings go, a line each, marked as shadow; with --input" };
        var command = new Command("shadow", Help) { candidate, input, operation, data, actor, output };
        command.SetAction((parsed, cancellation) =>
        {
            var slug = parsed.GetValue(operation);
            var folder = parsed.GetValue(data) ?? (slug is null ? null : "data");
            var log = parsed.GetValue(input)?.FullName;
            if (log is null == slug is null)
                return Task.FromResult(Workbench.Fail(Workbench.Usage, "Name a log with --input, or an operation with --operation; one of them."));
            if (slug is not null && parsed.GetValue(output) is not null)
                return Task.FromResult(Workbench.Fail(Workbench.Usage, "--output goes with --input. Leave it out, or name a log."));
            if ((parsed.GetValue(candidate)?.FullName ?? (folder is null ? null : new PackShelf(folder).Candidate)) is not { } changed)
                return Task.FromResult(Workbench.Fail(Workbench.Usage, "Name the folder of the changed pack with --candidate, or a data folder with --data."));
            return Task.FromResult(PacksCommand.WithDirectory(parsed.GetValue(packs), folder, directory => (slug is null
                ? RunAsync(directory, changed, log!, parsed.GetValue(output)?.FullName, parsed.GetValue(json), cancellation)
                : RunAsync(directory, changed, folder!, slug, parsed.GetRequiredValue(actor), parsed.GetValue(json), cancellation)).GetAwaiter().GetResult()));
        });
        return command;
    }

    /// <summary>Reads what an operation recorded with both packs, and says now and then on standard error how far it is.</summary>
    internal static async Task<(PackShadowReport Report, int Days)> TryAsync(Workspace workspace, string operation, Pack before, Pack after, ActorId actor, CancellationToken cancellation)
    {
        await using var room = await workspace.OpenOperationAsync(OperationSlug.Parse(operation), cancellation);
        var run = new PackTrialRun(before, after, room, new(actor.Value, Workbench.Tool, "try a changed pack"));
        var told = TimeProvider.System.GetTimestamp();
        var report = await run.RunAsync(
            (read, of) =>
            {
                if (TimeProvider.System.GetElapsedTime(told) < Between)
                    return;
                told = TimeProvider.System.GetTimestamp();
                System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{operation}: {read:N0} of {of:N0} exhibits"));
            },
            cancellation);
        return (report, run.Days);
    }

    static async Task<int> RunAsync(string published, string candidate, string data, string operation, string actor, bool json, CancellationToken cancellation)
    {
        if (PacksCommand.Load(published, json) is not { } before || PacksCommand.Load(candidate, json) is not { } after)
            return 4;
        return await Workbench.InWorkspaceAsync(data, async workspace =>
        {
            var (report, days) = await TryAsync(workspace, operation, before, after, ActorId.Parse(actor), cancellation);
            if (json)
                Json(report);
            else
                Print(report);
            System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Read: {report.Messages:N0} messages of {days} days. Advised: {PackTrialRun.AdvisedDays} days or {PackTrialRun.AdvisedMessages:N0} messages."));
            return Workbench.Done;
        }, cancellation);
    }

    static async Task<int> RunAsync(string published, string candidate, string input, string? output, bool json, CancellationToken cancellation)
    {
        if (output == input)
        {
            System.Console.Error.WriteLine("The output is the input itself: nothing was read. Name another file.");
            return 2;
        }

        if (PacksCommand.Load(published, json) is not { } before || PacksCommand.Load(candidate, json) is not { } after)
            return 4;
        var partial = output is null ? null : WholeFile.Staged(output);
        var report = new ReadingReport();
        try
        {
            PackShadowReport result;
            await using (var stream = partial is null ? Stream.Null : new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16))
            {
                var sink = new ShadowSink(stream);
                var shadow = new PackShadow(before, after, DetectionModel.Builtin, new DetectionOptions(), partial is null ? null : sink);
                var transcript = TranscriptFile.Open(input, new ReadingOptions(), mustSettle: false);
                await foreach (var message in transcript.RecordAsync(new ScratchLog(TimeProvider.System), "shadow", report, cancellation))
                    shadow.Read(new RecordedMessage(message.Exhibit, message.Start, message.Length, message.Message));
                sink.Flush();
                result = shadow.Report();
            }

            if (partial is not null)
                WholeFile.Keep(output!);
            if (json)
                Json(result);
            else
                Print(result);
        }
        catch (ImportException refused)
        {
            System.Console.Error.WriteLine(refused.Message);
            return refused.IsChoice ? 2 : 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            System.Console.Error.WriteLine($"Stopped after {report.Messages} messages: nothing was compared. Run it again.");
            return 1;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            System.Console.Error.WriteLine($"'{output ?? input}' could not be read or written. Nothing was compared. Check the path and the disk and run it again.");
            return 1;
        }

        return report.UnreadableCount == 0 ? 0 : 3;
    }

    static void Print(PackShadowReport result)
    {
        var o = System.Console.Out;
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Messages} messages read with both packs."));
        o.WriteLine($"published {result.PublishedHash}: {Rate(result.PublishedAlerts, result.Messages)} alerts");
        o.WriteLine($"candidate {result.CandidateHash}: {Rate(result.CandidateAlerts, result.Messages)} alerts");
        List("gained", result.Gained);
        List("lost", result.Lost);
        foreach (var rule in result.Rules)
            o.WriteLine($"{rule.Rule}: {Rate(rule.Published, result.Messages)} -> {Rate(rule.Candidate, result.Messages)}");
        if (result.Rules.Count == 0)
            o.WriteLine("No rule fired more or less often.");

        void List(string what, IReadOnlyList<ShadowAlert> alerts)
        {
            foreach (var alert in alerts)
                o.WriteLine($"{what}: {alert.Venue} {alert.Thread} {alert.Account} -> {alert.Counterpart ?? "(place)"} at {alert.MessageId}: {string.Join(", ", alert.Rules)}");
        }
    }

    static string Rate(long count, long messages) => messages == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{count}")
        : string.Create(CultureInfo.InvariantCulture, $"{count} ({(decimal)count * 1_000_000 / messages:F1} per million)");

    static void Json(PackShadowReport result) => PacksCommand.Write(w =>
    {
        w.WriteNumber("messages", result.Messages);
        w.WriteString("published", result.PublishedHash);
        w.WriteString("candidate", result.CandidateHash);
        w.WriteNumber("publishedAlerts", result.PublishedAlerts);
        w.WriteNumber("candidateAlerts", result.CandidateAlerts);
        Alerts(w, "gained", result.Gained);
        Alerts(w, "lost", result.Lost);
        w.WriteStartArray("rules");
        foreach (var rule in result.Rules)
        {
            w.WriteStartObject();
            w.WriteString("rule", rule.Rule);
            w.WriteNumber("published", rule.Published);
            w.WriteNumber("candidate", rule.Candidate);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    });

    static void Alerts(Utf8JsonWriter w, string name, IReadOnlyList<ShadowAlert> alerts)
    {
        w.WriteStartArray(name);
        foreach (var alert in alerts)
        {
            w.WriteStartObject();
            w.WriteString("scope", alert.Scope == FindingScope.Pair ? "pair" : "place");
            w.WriteString("venue", alert.Venue);
            w.WriteString("thread", alert.Thread);
            w.WriteString("author", alert.Account);
            w.WriteString("counterpart", alert.Counterpart);
            w.WriteString("messageId", alert.MessageId);
            w.WriteStartArray("rules");
            foreach (var rule in alert.Rules)
                w.WriteStringValue(rule);
            w.WriteEndArray();
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    sealed class ShadowSink(Stream stream) : IFindingSink
    {
        readonly ArrayBufferWriter<byte> _lines = new(1 << 16);

        public void Add(Finding finding, ExhibitNumber exhibit)
        {
            FindingWriter.Write(_lines, finding, withExhibits: false, shadow: true);
            if (_lines.WrittenCount > 1 << 16)
                Flush();
        }

        internal void Flush()
        {
            stream.Write(_lines.WrittenSpan);
            _lines.ResetWrittenCount();
        }
    }
}
