using System.Security.Cryptography;
using Custos.Capture.Import;
using Custos.Capture.Transcripts;
using Custos.Casework;
using Custos.Cli.Commands.Casework;
using Custos.Cli.Commands.Study;
using Custos.Evidence.Ed25519;
using Custos.Identity;
using Custos.Server.Workspaces;
using Custos.Study;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Demo;

/// <summary>A sample and how it is read.</summary>
sealed record DemoSample(string File, ReadingOptions Options);

/// <summary>One run of the demo over its samples.</summary>
sealed class DemoRun(Workspace workspace, TimeProvider time, TextWriter? steps)
{
    static readonly OperationSlug Slug = new("lantern");
    static readonly ActorId Actor = new("demo");

    // What a person would say on the command line: where a log without a place was written, in whose zone, and who is ours.
    static readonly DemoSample[] Samples =
    [
        new("harbour-lights.irssi.log", new() { Venue = "irc://irc.example.net/#harbour-lights", Zone = "Europe/Amsterdam" }),
        new("marlow_77.irssi.log", new() { Venue = "irc://irc.example.net/marlow_77", Thread = "marlow_77", Zone = "Europe/Amsterdam", Persona = "lampje", TypedBy = "officer-1" }),
        new("evening-talk.telegram.json", new() { Venue = "telegram/evening-talk", Zone = "Europe/Amsterdam" }),
        new("lantern-chat.transcript.jsonl", new()),
    ];

    internal async Task<DemoReport> RunAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var samples = Path.Combine(AppContext.BaseDirectory, "samples", "demo");
        if (!Directory.Exists(samples))
            throw new IOException($"The samples are not beside the program ('{samples}'). Nothing was recorded. Build it again with ./custos.");
        await using var room = await OpenAsync(samples, cancellation);

        var ledger = new LogImportLedger(room.Reader, new(Actor.Value, Workbench.Tool, "demo: which files are recorded already"));
        var importer = new TranscriptImporter(room.Authorization, room.Log, room.Custody, ledger, Actor);
        var files = new List<ImportedFile>();
        foreach (var sample in Samples)
        {
            Say($"importing {sample.File}");
            var imported = await importer.ImportAsync(Path.Combine(samples, sample.File), sample.Options, allowUndated: false, null, cancellation);
            if (imported.Outcome is ImportOutcome.Stopped or ImportOutcome.Refused)
            {
                cancellation.ThrowIfCancellationRequested();
                throw new IOException($"The sample '{sample.File}' was refused: {string.Join(" ", imported.Missing)}");
            }

            files.Add(imported);
        }

        Say("detecting, linking, indexing");
        await room.SettleAsync(cancellation);
        var counts = await room.Index.CountAsync(cancellation);
        var alerts = await room.Index.AlertsAsync(cancellation);
        var links = await room.Index.LinksAsync(cancellation);

        var output = Directory.CreateDirectory(Path.Combine(workspace.Folder, "demo-output")).FullName;
        var dossiers = new List<WrittenDossier>();
        var covered = new HashSet<AccountKey>();
        foreach (var alert in TriageQueue.Order(alerts.Select(alert => alert.Waiting(calibrated: false)), TriageRules.BuiltIn, time.GetUtcNow()))
        {
            var account = AccountKey.Of(new(alert.Waiting.Alert.Venue), new(alert.Waiting.Alert.Account));
            if (covered.Contains(account))
                continue;
            var name = $"{account.Name}@{account.Space}";
            Say($"writing dossier {dossiers.Count + 1}");
            var written = await WrittenDossier.WriteAsync(
                workspace.Folder, room, new(Actor.Value, Workbench.Tool, "demo"), assembler => assembler.OfAccountAsync(name, Actor, cancellation), null, Path.Combine(output, $"dossier-{dossiers.Count + 1}.html"), cancellation);
            covered.UnionWith(written.Dossier.Accounts);
            dossiers.Add(written);
        }

        Say("counting");
        var study = await StudyTable.OfAsync(await OperationStudySource.OpenAsync(room, RandomNumberGenerator.GetBytes(32), cancellation), cancellation);
        var table = Path.Combine(output, "study.csv");
        await File.WriteAllTextAsync(table, StudyWriter.Csv(study), cancellation);

        Say("exporting the transcript");
        var transcript = Path.Combine(output, "transcript.jsonl");
        await TranscriptExport.WriteAsync(room.Reader, room.Custody, new(Actor.Value, Workbench.Tool, "demo"), transcript, null, cancellation);

        Say("verifying the log");
        var checkpoint = room.Evidence.Checkpoint;
        var log = LogFolder.Find(workspace.Folder, Slug.Value)[0];
        var verification = await RecordedVerification.RunAsync(
            log, Path.Combine(workspace.Folder, "keys"), room.Custody, room.Reader.Size, new(Actor.Value, Workbench.Tool, "demo"),
            keys => log.VerifyAsync(null, keys, false, time, cancellation: cancellation));
        return new(
            workspace.Folder, Slug, files, counts, alerts.Count, dossiers, links, study, table, transcript, checkpoint, verification,
            time.GetElapsedTime(started));
    }

    async Task<OperationRoom> OpenAsync(string samples, CancellationToken cancellation)
    {
        if (workspace.Operations().Contains(Slug))
            return await workspace.OpenOperationAsync(Slug, cancellation);
        Say("opening the operation under its authorisation");
        return await workspace.CreateOperationAsync(Slug, await File.ReadAllBytesAsync(Path.Combine(samples, "authorization.yaml"), cancellation), Actor, cancellation);
    }

    void Say(string step) => steps?.WriteLine(step);
}
