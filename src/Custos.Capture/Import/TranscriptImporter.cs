using System.Security.Cryptography;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Import;

/// <summary>What came of importing a file.</summary>
public enum ImportOutcome
{
    /// <summary>It is recorded, original and messages.</summary>
    Recorded,

    /// <summary>An import that was cut off earlier is now complete.</summary>
    Completed,

    /// <summary>The log held it already: nothing was added.</summary>
    AlreadyRecorded,

    /// <summary>It is empty: nothing was added.</summary>
    Empty,

    /// <summary>The authorisation does not cover it: nothing was recorded.</summary>
    Refused,

    /// <summary>It was stopped: what was recorded is consistent, and the same command goes on from there.</summary>
    Stopped,
}

/// <summary>One imported file.</summary>
/// <param name="Name">The file's name without its folder.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">Its hash; null if it was refused before it was read.</param>
/// <param name="Format">Its format.</param>
/// <param name="Why">Why that format.</param>
/// <param name="Report">Counts.</param>
/// <param name="Appended">Messages that this run added.</param>
/// <param name="Opened">The exhibit that opened it.</param>
/// <param name="Closed">The exhibit that closed it; null if it is not complete.</param>
/// <param name="Missing">What the authorisation would have to grant.</param>
public sealed record ImportedFile(
    string Name,
    ImportOutcome Outcome,
    long Size,
    Sha256Digest? Sha256,
    string? Format,
    string Why,
    ReadingReport Report,
    long Appended,
    ExhibitNumber? Opened,
    ExhibitNumber? Closed,
    IReadOnlyList<MissingClause> Missing)
{
    /// <summary>The opening exhibit of the shorter state of the same log that it continues; null if it does not.</summary>
    public ExhibitNumber? Continues { get; init; }
}

/// <summary>What the importer is doing.</summary>
public enum ImportPhase
{
    /// <summary>Looking the whole file through; nothing is recorded yet.</summary>
    Looking,

    /// <summary>Recording the original.</summary>
    Keeping,

    /// <summary>Recording its messages.</summary>
    Recording,
}

/// <summary>How far an import is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Bytes">Bytes of the file done in this phase.</param>
/// <param name="TotalBytes">Bytes of the file.</param>
/// <param name="Messages">Messages in this phase.</param>
public readonly record struct ImportProgress(ImportPhase Phase, long Bytes, long TotalBytes, long Messages);

/// <summary>Takes chat logs and exports into an operation: permitted first, then the original, then every message with its place in it.</summary>
/// <param name="authorization">What the operation may take in.</param>
/// <param name="log">Where it is recorded.</param>
/// <param name="custody">Where the taking-in itself is recorded; null in front of a log without custody events.</param>
/// <param name="ledger">What the log holds already.</param>
/// <param name="actor">The pseudonym of who imports.</param>
public sealed class TranscriptImporter(Authorization authorization, IExhibitLog log, ICustodyLog? custody, IImportLedger ledger, ActorId actor)
{
    /// <summary>The kind of exhibit that holds a stretch of the original: nothing but its bytes, so that the parts joined are the file.</summary>
    public const string PartKind = "file.part";

    // evidence-spec, section 2: the content of an exhibit.
    const int LongestContent = 65_536;

    // The log takes 8,192 exhibits or 4 MiB a batch (evidence-spec, section 6): one of these is written while the next is read.
    // Never two at once: parts and messages stand in the log in the order of the file, and what stands in front of the log
    // may let two waiting callers in at the same moment.
    const int MostInBatch = 4_096;
    const int MostBytesInBatch = 2 << 20;

    /// <summary>Takes in one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the person knows about it.</param>
    /// <param name="allowUndated">True if the unit answers for messages without a time.</param>
    /// <param name="progress">Told how far it is; null if nobody looks.</param>
    /// <param name="cancellation">Stops; what was handed to the log is waited for, and the same call later goes on.</param>
    /// <exception cref="ImportException">The file cannot be read, or there is a choice to make. Nothing was recorded unless the message says so.</exception>
    /// <exception cref="EvidenceLogException">The log stopped; the message says what is safe.</exception>
    public Task<ImportedFile> ImportAsync(string path, ReadingOptions options, bool allowUndated, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (BeforeReading(Path.GetFileName(path), options) is { } refused)
            return Task.FromResult(refused);
        return ImportAsync(TranscriptFile.Open(path, options, mustSettle: true), allowUndated, progress, cancellation);
    }

    internal async Task<ImportedFile> ImportAsync(TranscriptFile file, bool allowUndated, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var size = file.Size ?? 0;
        if (file.Kind is null)
            return Result(file, ImportOutcome.Empty, new(), null);
        FileSurvey survey;
        EarlierImport? earlier;
        try
        {
            var shorter = await ledger.ShorterAsync(size, cancellation);
            survey = FileSurvey.Of(file, authorization, LongestContent, shorter, (bytes, messages) => progress?.Report(new(ImportPhase.Looking, bytes, size, messages)), cancellation);
            earlier = await ledger.FindAsync(survey.Sha256, cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            return Result(file, ImportOutcome.Stopped, new(), null);
        }

        if (earlier is { Closed: not null })
            return Result(file, ImportOutcome.AlreadyRecorded, survey.Report, survey.Sha256) with { Opened = earlier.Opened, Closed = earlier.Closed };
        survey.CheckChoices(file, allowUndated);
        if (survey.CheckScope(file, authorization) is { Count: > 0 } missing)
            return Result(file, ImportOutcome.Refused, survey.Report, survey.Sha256) with { Missing = missing };
        return await RecordAsync(file, survey, earlier, progress, cancellation);
    }

    async Task<ImportedFile> RecordAsync(TranscriptFile file, FileSurvey survey, EarlierImport? earlier, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var size = file.Size ?? 0;
        var hash = survey.Sha256;
        var describes = Describe(file, hash);
        if (survey.Grown is { } grown && describes.Grew(grown.File))
            describes = describes with { Continues = grown.Opened.LeafIndex, ContinuesAt = grown.File.Size };
        if (earlier is not null && !describes.ReadsLike(earlier.File))
        {
            throw new ImportException(ImportFault.OtherOptions,
                $"An import of '{file.Name}' was cut off earlier ({earlier.Opened}) and read it with other options than now: {Differences(earlier.File, describes)}. Nothing was added. Give the options of the first time.");
        }

        var opened = earlier?.Opened
            ?? (await log.AppendAsync(new NewExhibit(FileOpened.Kind, actor.Value, describes.ToContent()) { Source = FileSource.Opened(hash) }, CancellationToken.None)).Number;
        // What was begun stays as it was begun: its opening says how much of it was recorded before.
        if (earlier is not null)
            describes = earlier.File;
        var flight = new Flight(log);
        var report = new ReadingReport();
        long appended = 0;
        int parts;
        try
        {
            parts = await KeepAsync(file, hash, opened, earlier?.Parts ?? 0, flight, progress, cancellation);
            appended = await RecordMessagesAsync(file, survey, opened, describes.ContinuesAt ?? 0, earlier?.Offsets ?? [], flight, report, progress, cancellation);
        }
        catch (OperationCanceledException)
        {
            await flight.LandAsync();
            return Result(file, ImportOutcome.Stopped, report, hash) with { Opened = opened, Appended = flight.Messages };
        }

        var closing = new FileClosed
        {
            Parts = parts,
            Bytes = size,
            Sha256 = hash.ToString(),
            Messages = report.Messages,
            Earlier = flight.Earlier,
            Duplicates = report.Duplicates,
            Edits = report.Edits,
            Unreadable = report.UnreadableCount,
        };
        // From here the work is done: stopping now would only leave it to be said again.
        var closed = await log.AppendAsync(new NewExhibit(FileClosed.Kind, actor.Value, closing.ToContent()) { About = [opened], Source = FileSource.Closed(hash) }, CancellationToken.None);
        ledger.Add(new() { Opened = opened, File = describes, Closed = closed.Number });
        if (custody is not null)
            await custody.RecordAsync(Custody(file, hash, opened, closed.Number, report), CancellationToken.None);
        return Result(file, earlier is null ? ImportOutcome.Recorded : ImportOutcome.Completed, report, hash) with { Opened = opened, Closed = closed.Number, Appended = appended, Continues = describes.Continues is { } continued ? new(continued) : null };
    }

    /// <summary>Records the original in parts, from the first that is not recorded yet.</summary>
    async Task<int> KeepAsync(TranscriptFile file, Sha256Digest hash, ExhibitNumber opened, int recorded, Flight flight, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        using var again = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = file.OpenAgain();
        var part = 0;
        long bytes = 0;
        while (true)
        {
            var content = new byte[LongestContent];
            var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            if (length == 0)
                break;
            again.AppendData(content, 0, length);
            bytes += length;
            if (part >= recorded)
            {
                await flight.AddAsync(new NewExhibit(PartKind, actor.Value, content.AsMemory(0, length)) { About = [opened], Source = FileSource.Part(hash, part) }, cancellation);
                progress?.Report(new(ImportPhase.Keeping, bytes, file.Size ?? 0, 0));
            }

            part++;
        }

        await flight.LandAsync();
        if (new Sha256Digest(again.GetHashAndReset()) != hash)
        {
            throw new ImportException(ImportFault.Changed,
                $"'{file.Name}' changed while it was imported. Its parts are recorded as they were read ({opened}), but no message of it. Copy the file to where nothing writes to it and import the copy.");
        }

        return part;
    }

    async Task<long> RecordMessagesAsync(TranscriptFile file, FileSurvey survey, ExhibitNumber opened, long recordedTo, HashSet<long> recorded, Flight flight, ReadingReport report, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        using var stream = new HashedStream(file.OpenAgain());
        var pass = file.NewPass(stream, opened.LeafIndex, LongestContent, new RepeatFinder(survey.Suspects), report);
        IReadOnlyList<ExhibitNumber> about = [opened];
        while (pass.Next())
        {
            // A line that was cut where the earlier state ended is longer now, and recorded as it stands.
            if (pass.Offset + pass.Bytes.Length <= recordedTo)
            {
                flight.Earlier++;
                continue;
            }

            if (recorded.Contains(pass.Offset))
                continue;
            var exhibit = new NewExhibit("chat", actor.Value, RecordedForm.Write(pass.Header, pass.Bytes)) { About = about, Source = FileSource.Message(survey.Sha256, pass.Offset) };
            await flight.AddAsync(exhibit, cancellation);
            flight.Messages++;
            if ((report.Messages & 0xFF) == 0)
                progress?.Report(new(ImportPhase.Recording, report.Bytes, file.Size ?? 0, report.Messages));
        }

        await flight.LandAsync();
        if (stream.Finish(cancellation) != survey.Sha256)
        {
            throw new ImportException(ImportFault.Changed,
                $"'{file.Name}' changed while its messages were recorded: the original is kept as it was ({opened}), and {flight.Messages:N0} messages cite it. Copy the file to where nothing writes to it and import the copy; then say in the case which of the two counts.");
        }

        progress?.Report(new(ImportPhase.Recording, file.Size ?? 0, file.Size ?? 0, report.Messages));
        return flight.Messages;
    }

    /// <summary>What needs no look at the file.</summary>
    ImportedFile? BeforeReading(string name, ReadingOptions options)
    {
        var missing = new List<MissingClause>();
        if (Scope.CheckAct(authorization, Act.Import) is { } act)
            missing.Add(act);
        if (options.Persona is { } persona && Scope.CheckPersona(authorization, new(persona)) is { } handle)
            missing.Add(handle);
        if (options.Venue is { } venue && Scope.CheckVenue(authorization, new(venue)) is { } place)
            missing.Add(place);
        return missing.Count == 0 ? null : new(name, ImportOutcome.Refused, 0, null, null, "", new(), 0, null, null, missing);
    }

    static ImportedFile Result(TranscriptFile file, ImportOutcome outcome, ReadingReport report, Sha256Digest? hash) =>
        new(file.Name, outcome, file.Size ?? 0, hash, file.Format, file.Why, report, 0, null, null, []);

    static FileOpened Describe(TranscriptFile file, Sha256Digest hash)
    {
        var context = file.Context;
        return new()
        {
            Name = file.Name,
            Size = file.Size ?? 0,
            Sha256 = hash.ToString(),
            Format = file.Format!,
            Why = file.Why,
            Venue = context.Options.Venue,
            Thread = context.Options.Thread,
            Zone = file.Zone?.Name,
            DateOrder = context.DateOrder switch
            {
                DateOrder.DayMonthYear => "dmy",
                DateOrder.MonthDayYear => "mdy",
                DateOrder.YearMonthDay => "ymd",
                _ => null,
            },
            Day = context.Day?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Charset = context.Options.Charset,
            Persona = context.Options.Persona,
            TypedBy = context.Options.TypedBy,
        };
    }

    static string Differences(FileOpened then, FileOpened now)
    {
        (string Option, string? Then, string? Now)[] fields =
        [
            ("--format", then.Format, now.Format), ("--venue", then.Venue, now.Venue), ("--thread", then.Thread, now.Thread), ("--zone", then.Zone, now.Zone),
            ("--date-order", then.DateOrder, now.DateOrder), ("--date", then.Day, now.Day), ("--charset", then.Charset, now.Charset), ("--persona", then.Persona, now.Persona),
            ("--typed-by", then.TypedBy, now.TypedBy),
        ];
        return string.Join(", ", fields.Where(field => field.Then != field.Now).Select(field => $"{field.Option} was {field.Then ?? "not given"}"));
    }

    CustodyEvent Custody(TranscriptFile file, Sha256Digest hash, ExhibitNumber opened, ExhibitNumber closed, ReadingReport report) => new()
    {
        Kind = CustodyKind.Imported,
        Exhibits = [opened.LeafIndex, closed.LeafIndex],
        RootExhibit = opened.LeafIndex,
        Actor = new() { Id = actor.Value },
        Authority = new()
        {
            Ref = authorization.Authority.Reference ?? authorization.Operation.Value,
            ValidFrom = Scope.WindowOf(authorization, Act.Import).From,
            ValidTo = Scope.WindowOf(authorization, Act.Import).Until,
        },
        Purpose = "import",
        Tool = new() { Name = "custos", Version = typeof(TranscriptImporter).Assembly.GetName().Version?.ToString(3) },
        Input = [new() { Sha256 = hash.ToString(), Size = file.Size }],
        Change = report.WithoutTime > 0 ? new() { What = "messages without a time were taken in", Why = "the unit answers for when they were said" } : null,
    };

    /// <summary>Exhibits on their way to the log: one batch is written while the next is read.</summary>
    sealed class Flight(IExhibitLog log)
    {
        Task _pending = Task.CompletedTask;
        List<NewExhibit> _batch = [];
        long _bytes;

        internal long Messages { get; set; }

        internal long Earlier { get; set; }

        internal async ValueTask AddAsync(NewExhibit exhibit, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            _batch.Add(exhibit);
            _bytes += exhibit.Content.Length;
            if (_batch.Count >= MostInBatch || _bytes >= MostBytesInBatch)
                await SendAsync();
        }

        /// <summary>Waits until everything is durable.</summary>
        internal async Task LandAsync()
        {
            await SendAsync();
            await _pending;
        }

        // Handed over without a way to cancel: what the log has sequenced is recorded, and we want its answer.
        async Task SendAsync()
        {
            if (_batch.Count == 0)
                return;
            await _pending;
            _pending = log.AppendAsync(_batch.ToArray(), CancellationToken.None).AsTask();
            _batch = new(MostInBatch);
            _bytes = 0;
        }
    }
}
