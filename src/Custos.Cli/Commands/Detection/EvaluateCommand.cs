using System.CommandLine;
using System.Globalization;
using Custos.Capture.Transcripts;
using Custos.Detection.Training;
using Custos.Detection;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos evaluate</c>: how often detection is right on a corpus whose outcome is known.</summary>
static class EvaluateCommand
{
    const string Help =
        "Streams a corpus in the PAN-2012 layout through the product's own code and writes how often it was right, how early and how sure, each rate with a 95 % interval.\n" +
        "Everything but the speed is the same for the same files and seed. What the figures mean, and what they do not: docs/detection.md.\n" +
        "Exit codes: 0 done; 1 could not finish; 2 usage, or a corpus or list that cannot be used; 4 the pack or the model is refused.";

    internal static Command Create()
    {
        var corpus = new Option<FileInfo[]>("--corpus") { Description = "A corpus in the PAN-2012 layout; may be given several times", Required = true, AllowMultipleArgumentsPerToken = true };
        var positives = new Option<FileInfo>("--positives") { Description = "The positive authors, one id a line", Required = true };
        var lines = new Option<FileInfo?>("--lines") { Description = "Lines a judge found telling: conversation id, tab, line" };
        var benign = new Option<FileInfo[]>("--benign") { Description = "Logs known to be harmless, in any format that 'custos detect' reads; may be given several times", AllowMultipleArgumentsPerToken = true };
        var model = new Option<FileInfo?>("--model") { Description = "A .custosmodel file (the built-in weights if not given)" };
        var threshold = new Option<string?>("--threshold") { Description = "The probability from which a conversation is an alert, between 0 and 1 (the model's own if not given)" };
        var prior = new Option<string>("--prior") { Description = "The share of conversations of this kind expected beforehand, between 0 and 1", DefaultValueFactory = _ => "0.001" };
        var obfuscate = new Option<string?>("--obfuscate") { Description = "all: measure again with words disguised in every way, and with each step of reading switched off" };
        obfuscate.AcceptOnlyFromAmong("all");
        var seed = new Option<long>("--seed") { Description = "Seed of everything drawn", DefaultValueFactory = _ => 1 };
        var output = new Option<FileInfo>("--output", "-o") { Description = "Where the figures go, as JSON; replaced once complete", Required = true };
        var report = new Option<FileInfo?>("--report") { Description = "Where a page for a person goes: one HTML file with tables and plots" };
        var packs = new Option<DirectoryInfo?>("--packs") { Description = "The folder that holds pack.yaml (the one that came with the program if not given)" };
        var command = new Command("evaluate", Help) { corpus, positives, lines, benign, model, threshold, prior, obfuscate, seed, output, report, packs };
        command.SetAction((parsed, cancellation) => Task.FromResult(CorpusRun.Guarded(
            () =>
            {
                var (corpora, logs) = (CorpusRun.Paths(parsed.GetValue(corpus)), CorpusRun.Paths(parsed.GetValue(benign)));
                string[] read = [.. corpora, parsed.GetRequiredValue(positives).FullName, .. logs, .. new[] { parsed.GetValue(lines)?.FullName, parsed.GetValue(model)?.FullName }.OfType<string>()];
                string[] written = [parsed.GetRequiredValue(output).FullName, .. new[] { parsed.GetValue(report)?.FullName }.OfType<string>()];
                if (CorpusRun.Usage(read, written) is { } problem)
                    return CorpusRun.Fail(2, problem);
                if (!DetectionOptions.IsPrior(parsed.GetValue(prior)!))
                    return CorpusRun.Fail(2, "--prior is a decimal fraction between 0 and 1, for example 0.001.");
                var options = new DetectionOptions { Prior = parsed.GetValue(prior)! };
                if (parsed.GetValue(threshold) is { } text)
                {
                    if (DetectionOptions.Millionths(text) is not { } millionths)
                        return CorpusRun.Fail(2, "--threshold is a decimal fraction between 0 and 1, for example 0.5.");
                    options = options with { ThresholdMillionths = millionths };
                }

                if ((parsed.GetValue(packs)?.FullName ?? Pack.FindDirectory()) is not { } directory)
                    return CorpusRun.Fail(4, "There is no folder 'packs' beside the program. Nothing was read. Name one with --packs.");
                var request = new EvaluationRequest
                {
                    Corpora = [.. corpora.Select(Pan12Corpus.Open)],
                    Positives = PositiveAuthors.Read(parsed.GetRequiredValue(positives).FullName),
                    Lines = parsed.GetValue(lines) is { } labelled ? LabelledLines.Read(labelled.FullName) : null,
                    Benign = [.. logs.Select(TranscriptCorpus.Open)],
                    Pack = Pack.Load(directory),
                    Model = parsed.GetValue(model) is { } file ? DetectionModel.Load(file.FullName) : DetectionModel.Builtin,
                    Options = options,
                    Obfuscate = parsed.GetValue(obfuscate) is not null,
                    Seed = parsed.GetValue(seed),
                };
                return Run(request, written[0], parsed.GetValue(report)?.FullName, TimeProvider.System, cancellation);
            },
            cancellation)));
        return command;
    }

    static int Run(EvaluationRequest request, string output, string? report, TimeProvider time, CancellationToken cancellation)
    {
        var evaluation = Evaluator.Evaluate(request, CorpusRun.Progress(), cancellation);
        using (var stream = new FileStream(WholeFile.Staged(output), FileMode.Create, FileAccess.Write))
            EvaluationJson.Write(stream, evaluation);
        // Both are complete before either takes its place.
        if (report is not null)
        {
            File.WriteAllText(WholeFile.Staged(report), EvaluationPage.Write(evaluation, time.GetUtcNow()));
            WholeFile.Keep(report);
        }

        WholeFile.Keep(output);

        if (evaluation.Split == "training")
            System.Console.Error.WriteLine("The model was trained on this very corpus: the figures are better than they would be elsewhere. Measure on another.");
        if (evaluation.BenignWasLearned)
            System.Console.Error.WriteLine("The model was trained on harmless talk that false alerts are counted on here: recall at a number of false alerts is better than it would be elsewhere. Measure on other talk.");
        var o = System.Console.Out;
        o.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{evaluation.Messages:N0} messages, {evaluation.Conversations:N0} conversations, {evaluation.Authors:N0} authors, {evaluation.Positives:N0} positive; {evaluation.Flagged:N0} flagged, {evaluation.TruePositives:N0} of them positive."));
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The packs found two things to cite in what {evaluation.Reachable:N0} of the positive authors said; no threshold flags the others."));
        Say("precision", evaluation.Precision);
        Say("recall", evaluation.Recall);
        Say("F0.5", evaluation.F05);
        Say("false authors a million messages", evaluation.FalseAuthorsPerMillionMessages);
        Say("latency-weighted F1", evaluation.FLatency);
        Say("calibration error at 1/2", evaluation.Ece);
        Say("  were every percentage right", evaluation.EceFloor);
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Median messages to the alert: {evaluation.MedianMessagesToAlert?.ToString(CultureInfo.InvariantCulture) ?? "none"}. {evaluation.MessagesPerSecond:N0} messages/s."));
        return 0;

        void Say(string name, Measured measured) => o.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-34}{(measured.Value is { } value ? value.ToString("F4", CultureInfo.InvariantCulture) : "not known"),10}{(measured.Low is null ? "" : string.Create(CultureInfo.InvariantCulture, $"   95 %: {measured.Low:F4} to {measured.High:F4}"))}"));
    }
}
