using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Capture.Import;
using Custos.Cli.Commands.Casework;
using Custos.Evidence;
using Custos.Identity;
using Custos.Storage;
using Custos.Study;
using Custos.Vocabulary;
using Spectre.Console;

namespace Custos.Cli.Commands.Demo;

/// <summary>What the demo did: counts, exhibits and paths.</summary>
sealed record DemoReport(
    string Data,
    OperationSlug Operation,
    IReadOnlyList<ImportedFile> Files,
    IndexCounts Counts,
    int Alerts,
    IReadOnlyList<WrittenDossier> Dossiers,
    LinkView Links,
    StudyTable Study,
    string StudyPath,
    string TranscriptPath,
    Checkpoint Checkpoint,
    Verification Verification,
    TimeSpan Took)
{
    internal bool Verified => Verification.Verified;

    IEnumerable<SubjectProposal> Linked => Links.Subjects.Where(subject => subject.Accounts.Count > 1);

    internal void Show()
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        table.AddColumns("step", "what came of it");
        void Row(string step, string what) => table.AddRow(new Text(step), new Text(what));
        Row("authorised", $"operation '{Operation}', its signed authorisation is the first exhibit");
        foreach (var file in Files)
        {
            Row("imported", file.Outcome == ImportOutcome.AlreadyRecorded
                ? $"{file.Name}: recorded already, nothing added"
                : string.Create(CultureInfo.InvariantCulture, $"{file.Name}: {file.Format}, {file.Report.Messages:N0} messages, {file.Opened} to {file.Closed}"));
        }

        Row("recorded", string.Create(CultureInfo.InvariantCulture, $"{Checkpoint.Size:N0} exhibits, {Counts.Messages:N0} messages, every line sealed and in the log before anything read it"));
        Row("detected", string.Create(CultureInfo.InvariantCulture, $"{Counts.Findings:N0} findings, {Alerts} alerts waiting for a person"));
        foreach (var subject in Linked)
            Row("linked", string.Create(CultureInfo.InvariantCulture, $"{subject.Accounts.Count} accounts proposed as one: {string.Join(" ", subject.Reasons.Select(reason => reason.Sentence))}"));
        foreach (var dossier in Dossiers)
            Row("dossier", $"{dossier.Path}\n{dossier.Gate.Result.ToString().ToLowerInvariant()}, {dossier.Lacking.Count} points still missing, {dossier.Dossier.Accounts.Count} {(dossier.Dossier.Accounts.Count == 1 ? "account" : "accounts")}");
        Row("counted", StudyPath);
        Row("exported", TranscriptPath);
        Row("verified", string.Create(CultureInfo.InvariantCulture, $"{(Verified ? "the whole log holds" : "THE LOG DOES NOT VERIFY")}: size {Checkpoint.Size:N0}, root {Convert.ToBase64String(Checkpoint.Root.ToArray())}"));
        AnsiConsole.Write(table);
        System.Console.Write(StudyWriter.Text(Study));
        foreach (var fault in Verification.Discrepancies)
            System.Console.Error.WriteLine(fault.Sentence);
        System.Console.WriteLine();
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Took {Took.TotalSeconds:N1} s. The data is in {Data}; look at it with: custos serve --data \"{Data}\""));
    }

    internal JsonObject ToJson() => new()
    {
        ["operation"] = Operation.Value,
        ["data"] = Data,
        ["files"] = new JsonArray([.. Files.Select(file => (JsonNode)new JsonObject
        {
            ["file"] = file.Name,
            ["format"] = file.Format,
            ["outcome"] = file.Outcome.ToString(),
            ["messages"] = file.Report.Messages,
            ["added"] = file.Appended,
            ["from"] = file.Opened?.LeafIndex,
            ["to"] = file.Closed?.LeafIndex,
        })]),
        ["exhibits"] = Checkpoint.Size,
        ["messages"] = Counts.Messages,
        ["findings"] = Counts.Findings,
        ["alerts"] = Alerts,
        ["linked"] = new JsonArray([.. Linked.Select(subject => (JsonNode)new JsonObject
        {
            ["accounts"] = new JsonArray([.. subject.Accounts.Select(account => JsonValue.Create(account.ToString()))]),
            ["why"] = new JsonArray([.. subject.Reasons.Select(reason => JsonValue.Create(reason.Sentence))]),
        })]),
        ["dossiers"] = new JsonArray([.. Dossiers.Select(dossier => (JsonNode)dossier.ToJson())]),
        ["study"] = JsonNode.Parse(StudyWriter.Json(Study)),
        ["studyCsv"] = StudyPath,
        ["transcript"] = TranscriptPath,
        ["verified"] = Verified,
        ["size"] = Checkpoint.Size,
        ["root"] = Convert.ToBase64String(Checkpoint.Root.ToArray()),
        ["seconds"] = Math.Round(Took.TotalSeconds, 2),
    };
}
