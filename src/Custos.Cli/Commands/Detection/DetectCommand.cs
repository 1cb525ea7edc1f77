using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text;
using System.Threading.Channels;
using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Capture.Import;
using Custos.Capture.Transcripts;
using Custos.Detection.Training;
using Custos.Detection;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos detect</c>: which conversations of a file should a person read first, and why.</summary>
static class DetectCommand
{
    const string Help =
        "Reads a chat log and writes a finding a line: indicators with the exact code points they cite, and alerts for the conversations a person should read first.\n" +
        "Of a file nothing is recorded and nothing is kept. With --operation the recorded log is read instead, and its log says so once; each citation then names its exhibit.\n" +
        "The same messages, pack and model give the same bytes on every machine.\n" +
        "Exit codes: 0 done, alerts or not; 1 could not finish; 2 usage, or a choice to make about the file; 3 done, but some lines could not be read; 4 the pack or the model is refused.";

    // A corpus in the PAN-2012 layout is no log that could be taken into an operation: it names no place and no day. Only detection reads it.
    const string Pan12 = "pan12";

    // The name that every tool knows for the lines of custos-transcript/1.
    const string JsonLines = "jsonl";

    static IEnumerable<string> Formats => [.. TranscriptFile.Formats, JsonLines, Pan12];

    internal static Command Create()
    {
        var file = new Argument<string?>("file") { Description = "The log, or - for standard input, line by line", Arity = ArgumentArity.ZeroOrOne };
        var operation = new Option<string?>("--operation") { Description = "The recorded log of this operation, instead of a file" };
        var from = new Option<string?>("--from") { Description = "With --operation: the first exhibit whose findings are written; what was said before it is read all the same" };
        var to = new Option<string?>("--to") { Description = "With --operation: the last exhibit that is read" };
        var data = Workbench.Data();
        var actor = Workbench.Actor();
        var format = new Option<string>("--format") { Description = $"auto, or one of {string.Join(", ", Formats)}", DefaultValueFactory = _ => "auto" };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Where findings go (standard output if not given); replaced once complete" };
        var packs = new Option<DirectoryInfo?>("--packs") { Description = "The folder that holds pack.yaml (if not given: with --operation the pack in force there, else the one that came with the program)" };
        var model = new Option<FileInfo?>("--model") { Description = "A .custosmodel file that 'custos train' wrote (the built-in weights if not given)" };
        var threshold = new Option<string?>("--threshold") { Description = "The probability from which a conversation is an alert, between 0 and 1 (the model's own if not given: 0.5 for the built-in one)" };
        var prior = new Option<string>("--prior") { Description = "The share of conversations of this kind expected beforehand, between 0 and 1", DefaultValueFactory = _ => "0.001" };
        var zone = new Option<string?>("--zone") { Description = "The zone of local times in the file: an IANA name, UTC or +hh:mm" };
        var venue = new Option<string?>("--venue") { Description = "The place, for a format that does not name it" };
        var persona = new Option<string?>("--persona") { Description = "The handle of our persona in the file; it is never scored" };
        var conduct = new Option<FileInfo?>("--conduct") { Description = "Where conduct records go, one a line" };
        var report = new Option<FileInfo?>("--report") { Description = "Where counts, hashes and refused lines go, as JSON" };
        var threads = new Option<int>("--threads") { Description = "Readers at work side by side; the findings are the same for any number", DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, 8) };
        var memory = new Option<int>("--memory") { Description = "MiB of conversation state kept unpacked; the findings are the same for any number, 0 too", DefaultValueFactory = _ => 512 };
        var command = new Command("detect", Help) { file, operation, from, to, data, actor, format, output, packs, model, threshold, prior, zone, venue, persona, conduct, report, threads, memory };
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = new Request(
                parsed.GetValue(file) ?? "", parsed.GetValue(operation), parsed.GetValue(from), parsed.GetValue(to), parsed.GetRequiredValue(data), parsed.GetRequiredValue(actor), parsed.GetValue(format)!, parsed.GetValue(output)?.FullName, parsed.GetValue(packs)?.FullName, parsed.GetValue(model)?.FullName, parsed.GetValue(threshold), parsed.GetValue(prior)!,
                parsed.GetValue(zone), parsed.GetValue(venue), parsed.GetValue(persona), parsed.GetValue(conduct)?.FullName, parsed.GetValue(report)?.FullName, parsed.GetValue(threads), parsed.GetValue(memory));
            return await RunAsync(request, TimeProvider.System, cancellation);
        });
        return command;
    }

    sealed record Request(
        string File, string? Operation, string? From, string? To, string Data, string Actor, string Format, string? Output, string? Packs, string? Model, string? Threshold, string Prior, string? Zone, string? Venue, string? Persona, string? Conduct, string? Report, int Threads, int Memory);

    static async Task<int> RunAsync(Request request, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        if (Usage(request, out var options) is { } problem)
            return Fail(2, problem);
        string? directory;
        try
        {
            // What was recorded is read with the pack in force, as the index reads it.
            directory = request.Packs ?? (request.Operation is null ? Pack.FindDirectory() : new PackShelf(request.Data).InForce().Directory);
        }
        catch (WorkspaceException refused)
        {
            return Fail(4, refused.Message);
        }

        if (directory is null)
            return Fail(4, "There is no folder 'packs' beside the program. Nothing was read. Name one with --packs.");
        DetectionEngine engine;
        try
        {
            var model = request.Model is null ? DetectionModel.Builtin : DetectionModel.Load(request.Model);
            engine = DetectionEngine.Open(Pack.Load(directory), model, options);
        }
        catch (Exception refused) when (refused is PackException or ModelException)
        {
            return Fail(4, refused.Message);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Fail(4, $"The model '{request.Model}' could not be read. Nothing was read, and the built-in weights do not take its place. Check the path.");
        }

        if (request.Operation is { } operation)
        {
            return await Workbench.InOperationAsync(
                request.Data, operation, room => DetectAsync(request, engine, new RecordedTalk(room.Reader, new(ActorId.Parse(request.Actor).Value, Workbench.Tool, "detect")), time, started, cancellation), cancellation);
        }

        try
        {
            if (request.Format == Pan12)
                return await DetectAsync(request, engine, Pan12Corpus.Open(request.File), time, started, cancellation);
            var transcript = Open(request);
            return await DetectAsync(request, engine, transcript, time, started, cancellation);
        }
        catch (ImportException refused)
        {
            return Fail(refused.IsChoice ? 2 : 1, refused.Message);
        }
        catch (CorpusException broken)
        {
            return Fail(1, broken.Message);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Fail(1, $"'{request.Output ?? request.File}' could not be read or written: {(fault is UnauthorizedAccessException ? "permission denied" : "the machine reports an error")}. What was finished before is whole lines. Check the disk and run it again.");
        }
    }

    static string? Usage(Request request, out DetectionOptions options)
    {
        options = new();
        if (!DetectionOptions.IsPrior(request.Prior))
            return "--prior is a decimal fraction between 0 and 1, for example 0.001.";
        options = options with { Prior = request.Prior };
        if (request.Threshold is { } threshold)
        {
            if (DetectionOptions.Millionths(threshold) is not { } millionths)
                return "--threshold is a decimal fraction between 0 and 1, for example 0.5.";
            options = options with { ThresholdMillionths = millionths };
        }

        if (request.File.Length == 0 == request.Operation is null)
            return "Name a file, or - for standard input, or an operation with --operation; one of them.";
        if (request.Operation is null && (request.From ?? request.To) is not null)
            return "--from and --to are exhibits of a log: name it with --operation.";
        if (request.Operation is not null && (request.Format != "auto" || (request.Zone ?? request.Venue ?? request.Persona) is not null))
            return "--format, --zone, --venue and --persona say how a file is read; a recorded log already says so. Leave them out.";
        if (!(request.From is null || ExhibitNumber.TryParse(request.From, out _)) || !(request.To is null || ExhibitNumber.TryParse(request.To, out _)))
            return "An exhibit number looks like EX-00001234.";
        if (request.Memory < 0)
            return "--memory is a number of MiB from 0 on.";
        if (request.Threads is < 1 or > 256)
            return "--threads is a number from 1 to 256.";
        if (request.Format != "auto" && !Formats.Contains(request.Format))
            return $"--format is auto or one of {string.Join(", ", Formats)}.";
        if (request.Format == Pan12 && (request.File == "-" || (request.Zone ?? request.Venue ?? request.Persona) is not null))
            return "A corpus in the PAN-2012 layout is a file, and has no zone, venue or persona to be told. Leave them out.";
        string?[] written = [request.Output, request.Conduct, request.Report];
        var input = request.File is "-" or "" ? null : Path.GetFullPath(request.File);
        if (written.Any(path => path is not null && (path == input || path == request.Model)))
            return "An output is the input or the model itself: nothing was read. Name another file.";
        var named = written.OfType<string>().ToList();
        return named.Distinct(StringComparer.Ordinal).Count() != named.Count ? "Two outputs are the same file. Name different ones." : null;
    }

    static TranscriptFile Open(Request request)
    {
        var options = new ReadingOptions
        {
            Format = request.Format switch { "auto" => null, JsonLines => "custos-transcript/1", var named => named },
            Zone = request.Zone,
            Venue = request.Venue,
            Persona = request.Persona,
        };
        return request.File == "-"
            ? TranscriptFile.Open(System.Console.OpenStandardInput(), "standard input", options)
            : TranscriptFile.Open(request.File, options, mustSettle: false);
    }

    static async Task<int> DetectAsync(Request request, DetectionEngine engine, TranscriptFile transcript, TimeProvider time, long started, CancellationToken cancellation)
    {
        var reading = new ReadingReport();
        var messages = transcript.RecordAsync(new ScratchLog(TimeProvider.System), "detect", reading, cancellation);
        if (request.File == "-")
            messages = Waiting(messages, cancellation);
        var (tracker, sink) = await WriteAsync(request, engine, messages.Select(message => new Heard(message, null)), () => reading.Messages, cancellation);
        if (tracker is null)
            return 1;
        if (request.Report is { } report)
        {
            WriteReport(report, request, engine, tracker, sink, time.GetElapsedTime(started), json =>
            {
                json.WriteString("format", transcript.Format);
                json.WriteString("because", transcript.Why);
                json.WriteNumber("lines", reading.Lines);
                json.WriteNumber("linesRefused", reading.UnreadableCount);
                json.WriteNumber("messages", reading.Messages);
                json.WriteNumber("duplicates", reading.Duplicates);
                json.WriteNumber("edits", reading.Edits);
                json.WriteNumber("withoutTime", reading.WithoutTime);
            }, reading.Unreadable);
        }

        if (transcript.Format is null)
            System.Console.Error.WriteLine($"{transcript.Name} is empty: there is nothing to detect.");
        else if (reading.Messages == 0)
            System.Console.Error.WriteLine($"{transcript.Name} holds no message: {transcript.Title}, because {transcript.Why}.");
        if (reading.UnreadableCount == 0)
            return 0;
        System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reading.UnreadableCount} lines could not be read and were left out; --report FILE lists them by number and reason."));
        return 3;
    }

    static async Task<int> DetectAsync(Request request, DetectionEngine engine, Pan12Corpus corpus, TimeProvider time, long started, CancellationToken cancellation)
    {
        var log = new ScratchLog(time);
        var messages = 0;
        var (tracker, sink) = await WriteAsync(request, engine, Recorded().ToAsyncEnumerable(), () => messages, cancellation);
        if (tracker is null)
            return 1;
        if (request.Report is { } report)
        {
            WriteReport(report, request, engine, tracker, sink, time.GetElapsedTime(started), json =>
            {
                json.WriteString("format", Pan12);
                json.WriteString("because", "it was named with --format");
                json.WriteNumber("messages", messages);
            }, []);
        }

        return 0;

        IEnumerable<Heard> Recorded()
        {
            foreach (var message in ((ICorpus)corpus).Messages())
            {
                cancellation.ThrowIfCancellationRequested();
                messages++;
                var content = Encoding.UTF8.GetBytes(message.Text);
                yield return new(new(log.Append(new(CaptureKinds.Chat, "detect", content)), 0, content.Length, message), null);
            }
        }
    }

    static async Task<int> DetectAsync(Request request, DetectionEngine engine, RecordedTalk talk, TimeProvider time, long started, CancellationToken cancellation)
    {
        var upTo = request.To is { } last ? ExhibitNumber.Parse(last).LeafIndex + 1 : long.MaxValue;
        var (tracker, sink) = await WriteAsync(request, engine, talk.ReadAsync(upTo, cancellation), () => talk.Messages, cancellation);
        if (tracker is null)
            return 1;
        if (request.Report is { } report)
        {
            WriteReport(report, request, engine, tracker, sink, time.GetElapsedTime(started), json =>
            {
                json.WriteString("operation", request.Operation);
                json.WriteNumber("exhibits", talk.Exhibits);
                json.WriteNumber("exhibitsRefused", talk.Unknown);
                json.WriteNumber("exhibitsDeleted", talk.Deleted);
                json.WriteNumber("messages", talk.Messages);
            }, []);
        }

        if (talk.Deleted > 0)
            System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{talk.Deleted:N0} messages were deleted by order and are not read: 'custos export transcript' names the orders."));
        return talk.Unknown == 0
            ? 0
            : Fail(3, string.Create(CultureInfo.InvariantCulture, $"{talk.Unknown} exhibits are in a format this program does not know and were left out. A newer program may know it."));
    }

    // Writes findings and conduct records; no tracker if it was stopped, which has been said then.
    static async Task<(ConversationTracker? Tracker, FindingSink Sink)> WriteAsync(
        Request request, DetectionEngine engine, IAsyncEnumerable<Heard> talk, Func<long> messages, CancellationToken cancellation)
    {
        var tracker = engine.NewTracker(new PackedConversationStore(), (long)request.Memory << 20);
        var partial = request.Output is null ? null : WholeFile.Staged(request.Output);
        bool stopped;
        FindingSink sink;
        var stream = partial is null ? System.Console.OpenStandardOutput() : new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        await using (stream)
        {
            sink = new FindingSink(stream, request.Operation is not null, request.From is { } from ? ExhibitNumber.Parse(from) : new(0));
            stopped = await FollowAsync(request, engine, talk, tracker, sink, cancellation);
            sink.Flush();
        }

        if (stopped)
        {
            Fail(1, partial is null
                ? $"Stopped after {messages()} messages. Every line written is whole. Run it again to read the rest."
                : $"Stopped after {messages()} messages. '{partial}' holds what was found so far, whole lines only. Run it again to read the rest.");
            return (null, sink);
        }

        if (request.Conduct is { } conduct)
            WriteConduct(conduct, tracker);
        if (partial is not null)
            WholeFile.Keep(request.Output!);
        return (tracker, sink);
    }

    // Readers work side by side on a batch; the tracker takes it in the order of the file, so that the number of readers changes nothing.
    static async Task<bool> FollowAsync(
        Request request, DetectionEngine engine, IAsyncEnumerable<Heard> talk, ConversationTracker tracker, FindingSink sink, CancellationToken cancellation)
    {
        var size = request.File == "-" ? 1 : 2_048;
        var readers = new MessageReader[request.Threads];
        for (var i = 0; i < readers.Length; i++)
            readers[i] = engine.NewReader();
        var batch = new RecordedMessage[size];
        var readings = new MessageReading[size];
        for (var i = 0; i < size; i++)
            readings[i] = new();
        var count = 0;
        try
        {
            await foreach (var (message, gap) in talk)
            {
                if (message is not null)
                    batch[count++] = new(message.Exhibit, message.Start, message.Length, message.Message);
                if (count == size || gap is not null)
                    Take();
                if (gap is { } venue)
                    tracker.ObserveGap(venue, null);
            }

            Take();
            return false;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Take();
            return true;
        }

        void Take()
        {
            if (readers.Length == 1 || count < 256)
            {
                for (var i = 0; i < count; i++)
                    readers[0].Read(batch[i], readings[i]);
            }
            else
            {
                Parallel.For(0, readers.Length, reader =>
                {
                    for (var i = reader; i < count; i += readers.Length)
                        readers[reader].Read(batch[i], readings[i]);
                });
            }

            for (var i = 0; i < count; i++)
                tracker.Observe(readings[i], sink);
            count = 0;
            sink.Flush();
        }
    }

    // Standard input blocks until someone writes: it is read aside, so that Ctrl-C is answered at once.
    static async IAsyncEnumerable<DecodedMessage> Waiting(IAsyncEnumerable<DecodedMessage> messages, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<DecodedMessage>(1_024);
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await foreach (var message in messages)
                        await channel.Writer.WriteAsync(message, cancellation);
                    channel.Writer.Complete();
                }
                catch (Exception fault) when (fault is ImportException or IOException or OperationCanceledException)
                {
                    channel.Writer.Complete(fault);
                }
            },
            cancellation);
        await foreach (var message in channel.Reader.ReadAllAsync(cancellation))
            yield return message;
    }

    static void WriteConduct(string path, ConversationTracker tracker)
    {
        var partial = WholeFile.Staged(path);
        using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            var buffer = new ArrayBufferWriter<byte>();
            foreach (var pair in tracker.Pairs())
            {
                ConductJson.Write(buffer, tracker.Conduct(pair)!);
                stream.Write(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
        }

        WholeFile.Keep(path);
    }

    static void WriteReport(
        string path, Request request, DetectionEngine engine, ConversationTracker tracker, FindingSink sink, TimeSpan elapsed, Action<Utf8JsonWriter> source, IReadOnlyList<UnreadableLine> refused)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        source(json);
        json.WriteNumber("indicators", sink.Indicators);
        json.WriteNumber("alerts", sink.Alerts);
        json.WriteNumber("indicatorsCut", tracker.Cut);
        sink.WriteMessagesToAlert(json);
        json.WriteString("engine", engine.Engine);
        json.WriteString("pack", engine.PackHash);
        json.WriteString("model", engine.Model.Hash);
        json.WriteBoolean("calibrated", engine.Model.IsCalibrated);
        json.WriteString("prior", request.Prior);
        json.WriteNumber("threshold", engine.ThresholdMillionths / 1_000_000m);
        json.WriteString("unicode", DetectionEngine.Unicode.Database);
        json.WriteString("confusables", DetectionEngine.Unicode.Confusables);
        json.WriteNumber("elapsedSeconds", Math.Round((decimal)elapsed.TotalSeconds, 3));
        json.WriteStartArray("refused");
        foreach (var line in refused)
        {
            json.WriteStartObject();
            json.WriteNumber("line", line.Line);
            json.WriteString("reason", line.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static int Fail(int code, string message)
    {
        System.Console.Error.WriteLine(message);
        return code;
    }

    /// <summary>Gathers whole lines and hands them on together, so that what reaches the file never ends in the middle of one.</summary>
    sealed class FindingSink(Stream stream, bool withExhibits, ExhibitNumber from) : IFindingSink
    {
        readonly ArrayBufferWriter<byte> _lines = new(1 << 16);

        internal long Indicators { get; private set; }

        internal long Alerts { get; private set; }

        // Of the alerts of pairs: how many had come after so many messages of their conversation.
        readonly SortedDictionary<int, int> _after = [];

        /// <summary>Writes how early the alerts of pairs came: of half of them and of nine in ten, after how many messages of both sides.</summary>
        internal void WriteMessagesToAlert(Utf8JsonWriter json)
        {
            json.WriteStartObject("messagesToAlert");
            foreach (var (name, share) in new[] { ("median", 50), ("p90", 90) })
            {
                var (needed, seen) = (((_after.Values.Sum() * (long)share) + 99) / 100, 0L);
                var at = _after.FirstOrDefault(after => (seen += after.Value) >= needed).Key;
                if (at == 0)
                    json.WriteNull(name);
                else
                    json.WriteNumber(name, at);
            }

            json.WriteEndObject();
        }

        public void Add(Finding finding, ExhibitNumber exhibit)
        {
            if (exhibit < from)
                return;
            if (finding.Kind == FindingKind.Alert)
                Alerts++;
            else
                Indicators++;
            if (finding.MessagesToAlert is { } after)
                _after[after] = _after.GetValueOrDefault(after) + 1;
            FindingWriter.Write(_lines, finding, withExhibits);
        }

        internal void Flush()
        {
            if (_lines.WrittenCount > 0)
            {
                stream.Write(_lines.WrittenSpan);
                _lines.ResetWrittenCount();
            }

            stream.Flush();
        }
    }
}
