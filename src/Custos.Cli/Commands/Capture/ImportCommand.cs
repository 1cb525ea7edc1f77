using System.CommandLine;
using System.Globalization;
using Custos.Capture.Import;
using Custos.Pipeline;
using Custos.Server.Workspaces;
using Custos.Vocabulary;
using Custos.Yaml;

namespace Custos.Cli.Commands.Capture;

/// <summary><c>custos import</c>: takes chat logs and exports into an operation.</summary>
static class ImportCommand
{
    const string Help =
        "Take chat logs and exports into an operation: the original is kept byte for byte, every message cites its place in it.\n" +
        "The format is decided from the content. What the file does not say (zone, day, order of dates, place) is asked for, never guessed.\n" +
        "Places, times and the act itself must be covered by the operation's authorisation, or nothing of the file is recorded.\n" +
        "The same file twice adds nothing; an import that was stopped goes on with the same command.\n" +
        "Exit: 0 done; 1 could not finish; 2 a choice to make, or usage; 3 done, but some lines could not be read; 4 refused by the authorisation. With several files the first that applies of 1, 2, 4, 3.";

    static readonly Dictionary<string, DateOrder> Orders = new(StringComparer.Ordinal)
    {
        ["dmy"] = DateOrder.DayMonthYear,
        ["mdy"] = DateOrder.MonthDayYear,
        ["ymd"] = DateOrder.YearMonthDay,
    };

    internal static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Chat logs or exports.", Arity = ArgumentArity.OneOrMore };
        var operation = Workbench.Operation();
        var data = Workbench.Data();
        var format = new Option<string?>("--format") { Description = $"If the content does not settle it: {string.Join(", ", TranscriptFile.Formats)}." };
        var venue = new Option<string?>("--venue") { Description = "The place, for a format that does not name it; as the authorisation names it." };
        var thread = new Option<string?>("--thread") { Description = "The dialogue, for a format that does not name it; without it the room itself." };
        var zone = new Option<string?>("--zone") { Description = "The zone of the clock that wrote local times: an IANA name, UTC or +hh:mm." };
        var date = new Option<string?>("--date") { Description = "The day of the first line, for a log with times only: 2026-11-25." };
        var order = new Option<string?>("--date-order") { Description = "The order of numeric dates where the file does not settle it: dmy, mdy or ymd." };
        var charset = new Option<string?>("--charset") { Description = "The charset of lines that are not UTF-8 (windows-1252 if not given)." };
        var persona = new Option<string?>("--persona") { Description = "The handle of our persona in the file; the authorisation must name it." };
        var typedBy = new Option<string?>("--typed-by") { Description = "Who typed our persona's lines, as a pseudonym: 1 to 32 of a-z, 0-9 and '-'. Without it the conduct record says that nobody is named." };
        var columns = new Option<string?>("--columns") { Description = "Which column is what, for CSV: a YAML file." };
        var undated = new Option<bool>("--allow-undated") { Description = "Take in messages without a time: the unit answers for when they were said." };
        var actor = Workbench.Actor();
        var json = Workbench.Json();
        var command = new Command("import", Help) { files, operation, data, format, venue, thread, zone, date, order, charset, persona, typedBy, columns, undated, actor, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            DateOrder? dateOrder = null;
            if (parsed.GetValue(order) is { } orderWord)
            {
                if (!Orders.TryGetValue(orderWord, out var known))
                    return Workbench.Fail(Workbench.Usage, "--date-order is dmy (25/11/2026), mdy (11/25/2026) or ymd (2026/11/25).");
                dateOrder = known;
            }

            DateOnly? day = null;
            if (parsed.GetValue(date) is { } dateWord)
            {
                if (!DateOnly.TryParseExact(dateWord, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var known))
                    return Workbench.Fail(Workbench.Usage, "--date is a day as in 2026-11-25.");
                day = known;
            }

            if (parsed.GetValue(typedBy) is { } typist && !ActorId.TryParse(typist, out _))
                return Workbench.Fail(Workbench.Usage, "--typed-by is a pseudonym of 1 to 32 of a-z, 0-9 and '-': who that is stands elsewhere.");
            CsvColumns? map = null;
            if (parsed.GetValue(columns) is { } path)
            {
                try
                {
                    map = ColumnsFile.Read(path);
                }
                catch (StrictYamlException fault)
                {
                    return Workbench.Fail(Workbench.Usage, fault.Message);
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
                {
                    return Workbench.Fail(Workbench.CouldNotFinish, $"'{path}' could not be read. Nothing was recorded. Check that it is there and may be read.");
                }
            }

            var options = new ReadingOptions
            {
                Format = parsed.GetValue(format),
                Venue = parsed.GetValue(venue),
                Thread = parsed.GetValue(thread),
                Zone = parsed.GetValue(zone),
                Day = day,
                DateOrder = dateOrder,
                Charset = parsed.GetValue(charset),
                Persona = parsed.GetValue(persona),
                TypedBy = parsed.GetValue(typedBy),
                Columns = map,
            };
            return await Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
            {
                var run = new ImportRun(room, parsed.GetRequiredValue(files), options, parsed.GetValue(undated), ActorId.Parse(parsed.GetRequiredValue(actor)), parsed.GetValue(json));
                return await run.RunAsync(TimeProvider.System, cancellation);
            }, cancellation);
        });
        return command;
    }
}

/// <summary>One run of the command over its files.</summary>
sealed class ImportRun(OperationRoom room, IReadOnlyList<string> paths, ReadingOptions options, bool allowUndated, ActorId actor, bool json)
{
    readonly List<ImportedPath> _done = [];

    internal async Task<int> RunAsync(TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var ledger = new LogImportLedger(room.Reader, new(actor.Value, Workbench.Tool, "import: which files are recorded already"));
        var importer = new TranscriptImporter(room.Authorization, room.Log, room.Custody, ledger, actor);
        var indexing = "";
        await ProgressBars.ShowAsync(!json, async bars =>
        {
            foreach (var path in paths)
            {
                if (cancellation.IsCancellationRequested)
                    break;
                _done.Add(await ImportAsync(importer, path, bars, cancellation));
            }

            // Recorded is recorded; this only waits until it can be found too.
            try
            {
                bars.Say("detecting and indexing");
                await room.SettleAsync(cancellation);
            }
            catch (IndexUnavailableException fault)
            {
                indexing = fault.Message;
            }
            catch (OperationCanceledException)
            {
                indexing = "Stopped before everything was searchable: the index catches up from the log the next time the operation is opened.";
            }
        });

        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var stopped = cancellation.IsCancellationRequested && (_done.Count < paths.Count || _done.Any(done => done.Result?.Outcome == ImportOutcome.Stopped));
        if (json)
            System.Console.WriteLine(ImportSummary.ToJson(room.Slug.Value, _done, stopped, seconds).ToJsonString(Workbench.JsonForm));
        else
            ImportSummary.Write(System.Console.Out, System.Console.Error, _done, stopped, paths.Count, seconds);
        if (indexing.Length > 0)
            await System.Console.Error.WriteLineAsync(indexing);
        return ExitCode(stopped);
    }

    async Task<ImportedPath> ImportAsync(TranscriptImporter importer, string path, ProgressBars bars, CancellationToken cancellation)
    {
        try
        {
            var progress = bars.File(Path.GetFileName(path));
            return new(path, await importer.ImportAsync(path, options, allowUndated, progress, cancellation), null);
        }
        catch (ImportException fault)
        {
            return new(path, null, fault);
        }
    }

    int ExitCode(bool stopped)
    {
        if (stopped || _done.Any(done => done.Fault is { IsChoice: false }))
            return Workbench.CouldNotFinish;
        if (_done.Any(done => done.Fault is not null))
            return Workbench.Usage;
        if (_done.Any(done => done.Result!.Outcome == ImportOutcome.Refused))
            return Workbench.Refused;
        return _done.Any(done => done.Result!.Report.UnreadableCount > 0) ? Workbench.PartsLeftOut : Workbench.Done;
    }
}

/// <summary>A path that was given, and what came of it.</summary>
sealed record ImportedPath(string Path, ImportedFile? Result, ImportException? Fault);
