using System.CommandLine;
using System.Globalization;
using Custos.Capture.Import;
using Custos.Capture.Transcripts;
using Custos.Detection.Training;
using Custos.Detection;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos train</c>: a model from a corpus whose outcome is known.</summary>
static class TrainCommand
{
    const string Help =
        "Learns from a corpus in the PAN-2012 layout what conversations of the positive authors look like, and writes a .custosmodel file of numbers. The corpus stays where it is.\n" +
        "The same files and seed give the same bytes on the same machine. What a model's figures mean: docs/detection.md.\n" +
        "Exit codes: 0 done; 1 could not finish; 2 usage, or a corpus or list that cannot be used; 4 the pack is refused.";

    internal static Command Create()
    {
        var corpus = new Option<FileInfo[]>("--corpus") { Description = "A corpus in the PAN-2012 layout; may be given several times", Required = true, AllowMultipleArgumentsPerToken = true };
        var positives = new Option<FileInfo>("--positives") { Description = "The positive authors, one id a line", Required = true };
        var benign = new Option<FileInfo[]>("--benign") { Description = "Logs known to be harmless, in any format that 'custos detect' reads; may be given several times", AllowMultipleArgumentsPerToken = true };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The model to write; replaced once complete", Required = true };
        var seed = new Option<long>("--seed") { Description = "Seed of everything drawn", Required = true };
        var packs = new Option<DirectoryInfo?>("--packs") { Description = "The folder that holds pack.yaml (the one that came with the program if not given)" };
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output" };
        var command = new Command("train", Help) { corpus, positives, benign, output, seed, packs, json };
        command.SetAction((parsed, cancellation) => Task.FromResult(CorpusRun.Guarded(() => Run(
            CorpusRun.Paths(parsed.GetValue(corpus)), parsed.GetRequiredValue(positives).FullName, CorpusRun.Paths(parsed.GetValue(benign)), parsed.GetRequiredValue(output).FullName,
            parsed.GetRequiredValue(seed), parsed.GetValue(packs)?.FullName, parsed.GetValue(json), cancellation), cancellation)));
        return command;
    }

    static int Run(string[] corpora, string positives, string[] benign, string output, long seed, string? packs, bool json, CancellationToken cancellation)
    {
        if (CorpusRun.Usage([.. corpora, positives, .. benign], [output]) is { } problem)
            return CorpusRun.Fail(2, problem);
        if ((packs ?? Pack.FindDirectory()) is not { } directory)
            return CorpusRun.Fail(4, "There is no folder 'packs' beside the program. Nothing was read. Name one with --packs.");
        var request = new TrainingRequest
        {
            Corpora = [.. corpora.Select(Pan12Corpus.Open)],
            Positives = PositiveAuthors.Read(positives),
            Benign = [.. benign.Select(TranscriptCorpus.Open)],
            Pack = Pack.Load(directory),
            Seed = seed,
        };
        var trained = Trainer.Train(request, CorpusRun.Progress(), cancellation);
        var partial = WholeFile.Staged(output);
        File.WriteAllBytes(partial, trained.File);
        WholeFile.Keep(output);
        foreach (var note in trained.Notes)
            System.Console.Error.WriteLine(note);
        var header = trained.Model.Header;
        if (json)
        {
            PacksCommand.Write(w =>
            {
                w.WriteString("model", trained.Model.Hash);
                w.WriteNumber("authors", header.Counts.Authors);
                w.WriteNumber("positives", header.Counts.Positives);
                w.WriteNumber("conversations", header.Counts.Conversations);
                w.WriteNumber("positiveConversations", header.Counts.PositiveConversations);
                w.WriteNumber("messages", header.Counts.Messages);
                w.WriteNumber("threshold", header.Threshold / 1_000_000m);
                w.WriteString("prior", header.DeploymentPrior);
                w.WriteStartArray("folds");
                foreach (var fold in header.Folds)
                {
                    w.WriteStartObject();
                    w.WriteNumber("positives", fold.Positives);
                    w.WriteNumber("conversations", fold.Conversations);
                    w.WriteNumber("precision", fold.Precision / 1_000_000m);
                    w.WriteNumber("recall", fold.Recall / 1_000_000m);
                    w.WriteNumber("f05", fold.F05 / 1_000_000m);
                    w.WriteEndObject();
                }

                w.WriteEndArray();
                Known("ece", trained.Ece);
                Known("eceFloor", trained.EceFloor);
                w.WriteStartArray("notes");
                foreach (var note in trained.Notes)
                    w.WriteStringValue(note);
                w.WriteEndArray();

                void Known(string name, double? value)
                {
                    if (value is { } known)
                        w.WriteNumber(name, Math.Round((decimal)known, 6));
                    else
                        w.WriteNull(name);
                }
            });
            return 0;
        }

        var o = System.Console.Out;
        o.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{header.Counts.Messages:N0} messages in {header.Counts.Conversations:N0} conversations of {header.Counts.Authors:N0} authors; {header.Counts.Positives:N0} positive authors, alone with one other in {header.Counts.PositiveConversations:N0} of them."));
        o.WriteLine("On groups of authors kept aside while learning, at the threshold chosen over all of them (so a little too good):");
        foreach (var fold in header.Folds)
            o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {fold.Positives,5} positive authors: precision {fold.Precision / 1e6:F3}, recall {fold.Recall / 1e6:F3}, F0.5 {fold.F05 / 1e6:F3}"));
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Calibration error at 1/2, each part read by what was fitted on the others: {Short(trained.Ece)}; if every percentage were right, chance would make it {Short(trained.EceFloor)}."));
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Threshold {header.Threshold / 1e6:F6} at a prior of {header.DeploymentPrior}."));
        o.WriteLine($"'{output}' is {trained.Model.Hash}. Measure it on a corpus it has not seen: custos evaluate --model.");
        return 0;

        static string Short(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? "not known";
    }
}

/// <summary>What training and evaluation share as commands.</summary>
static class CorpusRun
{
    internal static string[] Paths(FileInfo[]? files) => [.. (files ?? []).Select(f => f.FullName)];

    internal static string? Usage(string[] read, string[] written)
    {
        if (read.FirstOrDefault(path => !File.Exists(path)) is { } missing)
            return $"There is no file '{missing}'. Nothing was read. Check the path.";
        // Said before hours of work, not after.
        if (written.FirstOrDefault(path => !Directory.Exists(Path.GetDirectoryName(path))) is { } nowhere)
            return $"There is no folder for '{nowhere}'. Nothing was read. Make it, or name another.";
        if (read.Any(written.Contains))
            return "An output is one of the inputs: nothing was read. Name another file.";
        return written.Distinct(StringComparer.Ordinal).Count() != written.Length ? "Two outputs are the same file. Name different ones." : null;
    }

    /// <summary>Runs, and says in one sentence what stopped it.</summary>
    internal static int Guarded(Func<int> run, CancellationToken cancellation)
    {
        try
        {
            return run();
        }
        catch (CorpusException refused)
        {
            return Fail(2, refused.Message);
        }
        catch (Exception refused) when (refused is PackException or ModelException)
        {
            return Fail(4, refused.Message);
        }
        catch (ImportException refused)
        {
            return Fail(refused.IsChoice ? 2 : 1, refused.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Fail(1, "Stopped: nothing was written. Run it again.");
        }
        catch (OutOfMemoryException)
        {
            return Fail(1, "There is too little memory for this corpus. Nothing was written. Run it on a machine with more, or on a part of the corpus.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Fail(1, "A file could not be read or written. Nothing was replaced. Check the paths and the disk and run it again.");
        }
    }

    /// <summary>Progress on standard error: each step once, and how far it is every ten seconds.</summary>
    internal static Action<string, long> Progress()
    {
        string? last = null;
        var said = 0L;
        return (step, messages) =>
        {
            var now = TimeProvider.System.GetTimestamp();
            if (step == last && TimeProvider.System.GetElapsedTime(said, now) < TimeSpan.FromSeconds(10))
                return;
            var line = step == last ? string.Create(CultureInfo.InvariantCulture, $"  {messages:N0} messages") : step;
            (last, said) = (step, now);
            System.Console.Error.WriteLine(line);
        };
    }

    internal static int Fail(int code, string message)
    {
        System.Console.Error.WriteLine(message);
        return code;
    }
}
