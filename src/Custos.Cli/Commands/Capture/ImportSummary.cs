using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Capture.Import;

namespace Custos.Cli.Commands.Capture;

/// <summary>What an import says when it is done: numbers, paths, exhibits; never words.</summary>
static class ImportSummary
{
    const int MostListed = 10;

    internal static void Write(TextWriter output, TextWriter errors, IReadOnlyList<ImportedPath> files, bool stopped, int wanted, double seconds)
    {
        foreach (var file in files)
        {
            if (file.Fault is not null)
            {
                errors.WriteLine(file.Fault.Message);
                continue;
            }

            var result = file.Result!;
            foreach (var missing in result.Missing)
                errors.WriteLine(missing);
            output.WriteLine($"{file.Path}: {Sentence(result)}");
            if (result.Outcome is ImportOutcome.Refused or ImportOutcome.AlreadyRecorded or ImportOutcome.Empty)
                continue;
            WriteCounts(output, result.Report);
            foreach (var line in result.Report.Unreadable.Take(MostListed))
                errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: line {line.Line:N0} could not be read: {line.Reason}. It is kept in the original."));
            if (result.Report.UnreadableCount > MostListed)
                errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: and {result.Report.UnreadableCount - MostListed:N0} more lines; --json lists the first thousand."));
        }

        if (stopped)
            errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Stopped after {files.Count(file => file.Result?.Outcome is not (null or ImportOutcome.Stopped))} of {wanted} files. What is recorded is consistent; the same command goes on from there."));
        if (files.Count > 1)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Count} files, {files.Sum(file => file.Result?.Appended ?? 0):N0} messages added, {seconds:N1} s"));
    }

    static string Sentence(ImportedFile result) => result.Outcome switch
    {
        ImportOutcome.Recorded => string.Create(CultureInfo.InvariantCulture, $"{result.Format} ({result.Why}); {result.Appended:N0} messages recorded, {result.Opened} to {result.Closed}{(result.Continues is { } grown ? $"; the log grew since {grown}, whose messages were not recorded again" : "")}."),
        ImportOutcome.Completed => string.Create(CultureInfo.InvariantCulture, $"{result.Format}; went on where an earlier import was cut off: {result.Appended:N0} messages added of {result.Report.Messages:N0}, {result.Opened} to {result.Closed}."),
        ImportOutcome.AlreadyRecorded => $"recorded already as {result.Opened} to {result.Closed}; nothing was added.",
        ImportOutcome.Empty => "empty; nothing was recorded.",
        ImportOutcome.Refused => "refused; nothing was recorded.",
        ImportOutcome.Stopped => string.Create(CultureInfo.InvariantCulture, $"stopped; {result.Appended:N0} messages were added."),
        _ => throw new InvalidOperationException(),
    };

    static void WriteCounts(TextWriter output, ReadingReport report)
    {
        void Say(long count, string what)
        {
            if (count > 0)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {count:N0} {what}"));
        }

        if (report.Messages == 0)
            output.WriteLine("  no message in it; the original is kept");
        Say(report.Events, "lines that are no messages (joins, headers, changes of day)");
        Say(report.Duplicates, "lines repeat an id with the same bytes: dropped");
        Say(report.Edits, "messages repeat an id with other words: both kept");
        Say(report.OtherCharset, "messages are not UTF-8: read in the other charset, bytes kept");
        Say(report.TwiceOrNever, "messages were said in an hour that happens twice or not at all: their time stays local");
        Say(report.WithoutTime, "messages have no time");
        Say(report.UnreadableCount, "lines could not be read");
        if (report.LastLineCut)
            output.WriteLine("  the last line has no end: the file may be cut");
    }

    internal static JsonObject ToJson(string operation, IReadOnlyList<ImportedPath> files, bool stopped, double seconds)
    {
        var results = files.Select(file => file.Result).OfType<ImportedFile>().ToList();
        var recorded = results.Where(result => result is { Opened: not null, Closed: not null, Outcome: ImportOutcome.Recorded or ImportOutcome.Completed }).ToList();
        return new()
        {
            ["operation"] = operation,
            ["files"] = new JsonArray([.. files.Select(file => (JsonNode)ToJson(file))]),
            ["messages"] = results.Sum(result => result.Report.Messages),
            ["added"] = results.Sum(result => result.Appended),
            ["duplicates"] = results.Sum(result => result.Report.Duplicates),
            ["edits"] = results.Sum(result => result.Report.Edits),
            ["unreadable"] = results.Sum(result => result.Report.UnreadableCount),
            ["exhibits"] = recorded.Count == 0 ? null : new JsonObject { ["from"] = recorded.Min(result => result.Opened!.Value.LeafIndex), ["to"] = recorded.Max(result => result.Closed!.Value.LeafIndex) },
            ["stopped"] = stopped,
            ["seconds"] = Math.Round(seconds, 3),
        };
    }

    static JsonObject ToJson(ImportedPath file)
    {
        if (file.Result is not { } result)
            return new() { ["path"] = file.Path, ["outcome"] = "error", ["fault"] = file.Fault!.Fault.ToString(), ["message"] = file.Fault.Message };
        var report = result.Report;
        return new()
        {
            ["path"] = file.Path,
            ["outcome"] = result.Outcome switch
            {
                ImportOutcome.Recorded => "recorded",
                ImportOutcome.Completed => "completed",
                ImportOutcome.AlreadyRecorded => "already-recorded",
                ImportOutcome.Empty => "empty",
                ImportOutcome.Refused => "refused",
                _ => "stopped",
            },
            ["format"] = result.Format,
            ["why"] = result.Why,
            ["bytes"] = result.Size,
            ["sha256"] = result.Sha256?.ToString(),
            ["messages"] = report.Messages,
            ["added"] = result.Appended,
            ["events"] = report.Events,
            ["duplicates"] = report.Duplicates,
            ["edits"] = report.Edits,
            ["otherCharset"] = report.OtherCharset,
            ["twiceOrNever"] = report.TwiceOrNever,
            ["withoutTime"] = report.WithoutTime,
            ["lastLineCut"] = report.LastLineCut,
            ["earliest"] = report.Earliest?.ToString(),
            ["latest"] = report.Latest?.ToString(),
            ["unreadable"] = report.UnreadableCount,
            ["unreadableLines"] = new JsonArray([.. report.Unreadable.Select(line => (JsonNode)new JsonObject { ["line"] = line.Line, ["reason"] = line.Reason })]),
            ["exhibits"] = result is { Opened: { } opened } ? new JsonObject { ["from"] = opened.LeafIndex, ["to"] = result.Closed?.LeafIndex } : null,
            ["continues"] = result.Continues?.LeafIndex,
            ["missing"] = new JsonArray([.. result.Missing.Select(missing => (JsonNode)new JsonObject { ["clause"] = missing.Clause.ToString().ToLowerInvariant(), ["sentence"] = missing.Sentence, ["grantedBy"] = missing.GrantedBy })]),
        };
    }
}
