using System.Collections.Concurrent;
using System.Globalization;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Casework;
using Custos.Detection;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Timestamps;
using Custos.Identity;
using Custos.Identity.Reference;
using Custos.Pipeline;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Server.Workspaces;

/// <summary>A data folder, open: the operations in it and how to open one.</summary>
public sealed class Workspace : IAsyncDisposable
{
    // The authorisation comes right after log.opened; whatever start-up put before it is few.
    const int LooksForAuthorization = 64;

    static readonly Lazy<IdentityPass> Selectors = new(() =>
    {
        var phones = new LibPhoneNumbers();
        return new(new SelectorReader(SelectorData.BuiltIn, phones), $"sha256:{SelectorData.BuiltIn.Sha256} {phones.DataVersion}");
    });

    // Compiled once: every operation of a data folder is read with the same vocabulary. A failure is not kept: what is put right counts at once.
    static readonly ConcurrentDictionary<string, Lazy<DetectionEngine>> Engines = new(StringComparer.Ordinal);

    // One pool of connections for all operations.
    static readonly HttpMessageInvoker Http = WitnessClient.NewHttp();

    readonly TimeProvider _time;
    readonly IndexFile _index;
    Workspace(string folder, TimeProvider time, IndexFile index, LogCompany company)
    {
        Company = company;
        Folder = folder;
        Packs = new(folder);
        _time = time;
        _index = index;
    }

    /// <summary>The data folder's full path.</summary>
    public string Folder { get; }

    /// <summary>Who and what takes part when a log is opened, but for the folder's own authorities.</summary>
    public LogCompany Company { get; }

    /// <summary>The packs of the folder: which is in force, and those that were.</summary>
    public PackShelf Packs { get; }

    /// <summary>The index's file in a data folder.</summary>
    public static string IndexPath(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "custos.db");

    /// <summary>Deletes a data folder's index, to be derived again from the logs.</summary>
    /// <exception cref="WorkspaceException">It is no data folder, or one from a newer program.</exception>
    /// <exception cref="IndexException">A process has the index open.</exception>
    public static void DeleteIndex(string dataFolder)
    {
        DataFormat.Check(Path.GetFullPath(dataFolder));
        IndexFile.Delete(IndexPath(dataFolder));
    }

    /// <summary>Opens a data folder; a new or empty one becomes one.</summary>
    /// <param name="dataFolder">The folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    /// <param name="make">Whether a new or empty folder becomes a data folder; else it is refused.</param>
    /// <param name="company">Where the logs' second marks are kept, and why a person goes on where opening a log would be refused; null for neither.</param>
    /// <exception cref="WorkspaceException">The folder is from a newer program, holds something else, or is none and was not to be made.</exception>
    /// <exception cref="IndexException">The index cannot be opened; the logs are not touched.</exception>
    public static async Task<Workspace> OpenAsync(string dataFolder, TimeProvider time, CancellationToken cancellation, bool make = true, LogCompany? company = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataFolder);
        ArgumentNullException.ThrowIfNull(time);
        cancellation.ThrowIfCancellationRequested();
        var folder = Path.GetFullPath(dataFolder);
        if (make)
            DataFormat.CheckOrCreate(folder);
        else
            DataFormat.Check(folder);
        return new(folder, time, await IndexFile.OpenAsync(IndexPath(folder), cancellation), company ?? new());
    }

    /// <summary>The operations in the folder, by name.</summary>
    public IReadOnlyList<OperationSlug> Operations() =>
        [.. OperationLog.List(Folder).Where(name => name != OperationSlug.Unit && OperationSlug.TryParse(name, out _)).Select(name => new OperationSlug(name))];

    /// <summary>Makes an operation and records its authorisation as the first thing.</summary>
    /// <param name="slug">The operation's name.</param>
    /// <param name="authorizationYaml">The authorisation as signed.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellation">Stops before the authorisation is recorded.</param>
    /// <param name="store">Where its log is kept, <c>kind:address</c>; null for its own folder.</param>
    /// <param name="succeeds">The log that this one continues, named in its first exhibit; null for none.</param>
    /// <exception cref="WorkspaceException">There is one of this name, or the authorisation is not valid or is another operation's.</exception>
    /// <exception cref="EvidenceLogException">The log cannot be made; the message says what to do.</exception>
    public async Task<OperationRoom> CreateOperationAsync(OperationSlug slug, ReadOnlyMemory<byte> authorizationYaml, ActorId actor, CancellationToken cancellation, string? store = null, Predecessor? succeeds = null)
    {
        var authorization = ReadAuthorization(slug, authorizationYaml, "authorization.yaml");
        if (slug.Value == OperationSlug.Unit)
            throw new WorkspaceException(WorkspaceFault.OperationExists, $"'{slug}' is the name of the unit's own log. Nothing was changed. Choose another name.");
        var log = await OpenLogAsync(slug, create: true, cancellation, store, succeeds);
        try
        {
            // A process that ended between making the log and recording the authorisation left a log without one: this one goes on.
            if (await FindAuthorizationAsync(log, cancellation) is not null)
                throw new WorkspaceException(WorkspaceFault.OperationExists, $"There is an operation '{slug}' already. Nothing was changed. Choose another name.");
            await log.AppendAsync(new NewExhibit("authorization", actor.Value, authorizationYaml), cancellation);
            return await RoomAsync(slug, authorization, log, rebuild: false, cancellation);
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an operation; its index catches up with its log meanwhile.</summary>
    /// <param name="slug">The operation's name.</param>
    /// <param name="cancellation">Stops before anything is changed.</param>
    /// <param name="rebuild">True to empty its index first, so that it is derived again from the log.</param>
    /// <exception cref="WorkspaceException">There is none of this name, another process works on it, or its authorisation is missing.</exception>
    /// <exception cref="EvidenceLogException">The log cannot be opened; the message says what to do.</exception>
    public async Task<OperationRoom> OpenOperationAsync(OperationSlug slug, CancellationToken cancellation, bool rebuild = false)
    {
        if (!Operations().Contains(slug))
            throw new WorkspaceException(WorkspaceFault.NoSuchOperation, $"There is no operation '{slug}' in '{Folder}'. Nothing was changed. Make it with its authorisation first.");
        var log = await OpenLogAsync(slug, create: false, cancellation);
        try
        {
            var number = await FindAuthorizationAsync(log, cancellation)
                ?? throw new WorkspaceException(WorkspaceFault.NoAuthorization, $"The operation '{slug}' has no authorisation: its making was interrupted. Nothing was changed. Make it again with its authorisation.");
            var yaml = ReadOnlyMemory<byte>.Empty;
            await foreach (var exhibit in log.ReadAsync(number, 1, new MachineRun("custos", "custos", "check the authorisation") { Authority = new() { Ref = $"{number}, which is read" } }, cancellation))
                yaml = exhibit.Content;
            return await RoomAsync(slug, ReadAuthorization(slug, yaml, number.ToString()), log, rebuild, cancellation);
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>Deletes content under an order, and makes the operation's index again without it: what was derived from it goes too.</summary>
    /// <param name="slug">The operation's name.</param>
    /// <param name="order">What, why, under which authority, and who the two persons are.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <returns>What was done, and the imported files, by the exhibit that opens each, whose originals still hold deleted messages.</returns>
    /// <exception cref="ArgumentException">The order lacks something, or names what cannot be deleted; nothing was recorded or deleted.</exception>
    /// <exception cref="WorkspaceException">The operation cannot be opened.</exception>
    /// <exception cref="EvidenceLogException">A legal hold forbids it, or the log has stopped: its next start finishes the deletion.</exception>
    /// <exception cref="IndexException">The content is deleted, and the index still holds words of it: rebuild it.</exception>
    public async Task<(DeletionResult Result, IReadOnlyList<ExhibitNumber> Originals)> DeleteAsync(OperationSlug slug, DeletionOrder order, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        DeletionResult result;
        var originals = new SortedSet<ExhibitNumber>();
        if (!Operations().Contains(slug))
            throw new WorkspaceException(WorkspaceFault.NoSuchOperation, $"There is no operation '{slug}' in '{Folder}'. Nothing was changed.");
        // Without its pipeline: an index that followed the log past the deletion could not be told from one that forgot.
        await using (var log = await OpenLogAsync(slug, create: false, cancellation))
        {
            foreach (var number in order.Exhibits)
            {
                // Without it the operation could not be opened again, nor anything in it be justified.
                if (number.LeafIndex < 0 || number.LeafIndex >= log.Size)
                    continue;
                var entry = await log.Reader.EntryAsync(number, cancellation);
                // An imported message speaks of the file it stands in; the file's parts are exhibits of their own.
                if (entry.Kind == CaptureKinds.Chat)
                    originals.UnionWith(entry.About.Except(order.Exhibits));
                if (entry.Kind == "authorization")
                    throw new ArgumentException($"The order cannot be carried out: {number} is the operation's authorisation, under which all of it was recorded. Nothing was recorded or deleted.");
            }

            result = await log.DeleteAsync(order, cancellation);
        }

        // Opened again it finds that its index has seen what was deleted, and derives it anew.
        await using (var room = await OpenOperationAsync(slug, CancellationToken.None))
            await room.SettleAsync(CancellationToken.None);
        return (result, [.. originals]);
    }

    /// <summary>Closes an operation for good. If its key is destroyed, its index forgets everything too.</summary>
    /// <param name="slug">The operation's name.</param>
    /// <param name="order">Why, under which authority, by whom, and whether its key is destroyed.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <returns>The last exhibit of the log; of one that was closed before, the one that closed it.</returns>
    /// <exception cref="ArgumentException">The order lacks something, or a recording is under way; nothing was recorded.</exception>
    /// <exception cref="WorkspaceException">There is none of this name, or another process works on it.</exception>
    /// <exception cref="EvidenceLogException">A legal hold forbids to destroy the key, or the log has stopped.</exception>
    public async Task<ExhibitNumber> CloseOperationAsync(OperationSlug slug, ClosingOrder order, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!Operations().Contains(slug))
            throw new WorkspaceException(WorkspaceFault.NoSuchOperation, $"There is no operation '{slug}' in '{Folder}'. Nothing was changed.");
        ExhibitNumber closing;
        await using (var log = await OpenLogAsync(slug, create: false, cancellation))
            closing = log.ClosedBy ?? (await log.CloseAsync(order, cancellation)).Number;
        if (order.DestroyKey)
        {
            using var index = _index.Operation(slug);
            await index.ResetAsync(DerivedFrom.Nothing, CancellationToken.None);
            _index.Compact();
        }

        return closing;
    }

    /// <summary>Publishes a changed pack: keeps it, records the decision in the unit's own log, and puts it in force. An operation is derived again with it when it is next opened.</summary>
    /// <param name="candidate">The folder of the changed pack.</param>
    /// <param name="seen">The hash that was looked at; null for whatever stands there.</param>
    /// <param name="by">Who decides it.</param>
    /// <param name="second">The other person who agreed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="tried">What it was tried on; null if on nothing.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <returns>The publication, or what lint refuses; then nothing was recorded.</returns>
    /// <exception cref="ArgumentException">There is no reason or no second person, or the pack is not what was looked at or is in force already; nothing was recorded.</exception>
    /// <exception cref="WorkspaceException">The unit's log is at work in another process, or the pack changed under way.</exception>
    /// <exception cref="EvidenceLogException">The unit's log cannot be written.</exception>
    public async Task<(PackPublication? Publication, IReadOnlyList<PackProblem> Problems)> PublishPackAsync(
        string candidate, string? seen, ActorId by, ActorId second, string reason, PackTrial? tried, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(reason))
            throw new ArgumentException("A publication says why. Nothing was recorded. Give a reason.");
        if (by == second)
            throw new ArgumentException("A publication is decided by two different persons. Nothing was recorded. Name the other one who agreed.");
        if (!Directory.Exists(candidate))
            throw new ArgumentException($"There is no changed pack in '{candidate}'. Nothing was recorded. Change something first.");
        var problems = PackLint.Check(candidate);
        if (problems.Count > 0)
            return (null, problems);
        var hash = Pack.HashOf(candidate);
        var inForce = Packs.InForce();
        if (seen is not null && seen != hash)
            throw new ArgumentException("The changed pack is not the one that was looked at: someone changed it meanwhile. Nothing was recorded. Look at it again.");
        if (hash == inForce.Hash)
            throw new ArgumentException("This pack is in force already. Nothing was recorded. Change something first.");
        Packs.Keep(inForce.Hash, inForce.Directory);
        Packs.Keep(hash, candidate);
        await using (var log = await OpenUnitLogAsync(cancellation))
        {
            await new DecisionLog(log).AppendAsync(new PackPublished(by, second, hash, inForce.Hash, reason.Trim(), tried), cancellation);
            await TakeOverAsync(log, false, CancellationToken.None);
        }

        if (string.Equals(Path.GetFullPath(candidate), Packs.Candidate, StringComparison.Ordinal))
            Packs.PutAway();
        return (Packs.Published()[^1], []);
    }

    /// <summary>Makes the shelf's account of publications again from the unit's own log: what the log does not hold is in force no longer.</summary>
    /// <exception cref="WorkspaceException">The unit's log is at work in another process.</exception>
    /// <exception cref="EvidenceLogException">The unit's log cannot be read.</exception>
    public async Task RebuildPublishedAsync(CancellationToken cancellation)
    {
        if (!OperationLog.List(Folder).Contains(OperationSlug.Unit))
            return;
        await using var log = await OpenUnitLogAsync(cancellation);
        await TakeOverAsync(log, true, cancellation);
    }

    /// <summary>Takes over publications that the unit's log has and the shelf does not: a process ended between the two. With <paramref name="anew"/>, all of them.</summary>
    async Task TakeOverAsync(EvidenceLog log, bool anew, CancellationToken cancellation)
    {
        var from = !anew && Packs.Published() is [.., var last] ? last.Exhibit.LeafIndex + 1 : 0;
        List<(ExhibitNumber Number, DateTimeOffset At)> found = [];
        await foreach (var (number, entry) in log.Reader.EntriesAsync(new(from), Math.Max(0, log.Size - from), cancellation))
        {
            if (entry.Kind == PackPublished.ExhibitKind)
                found.Add((number, entry.RecordedAt));
        }

        if (anew)
            Packs.Forget(found.Select(publication => publication.Number));
        foreach (var (number, at) in found)
        {
            await foreach (var exhibit in log.ReadAsync(number, 1, new MachineRun("custos", "custos", "find the pack in force"), cancellation))
                Packs.Put(new(number, at, (PackPublished)DecisionJson.Read(exhibit.Entry.Kind, exhibit.Content)!));
        }
    }

    async Task<PackInForce> InForceAsync(CancellationToken cancellation)
    {
        try
        {
            if (await IsBehindUnitLogAsync(cancellation))
            {
                await using var log = await OpenUnitLogAsync(cancellation);
                await TakeOverAsync(log, false, cancellation);
            }
        }
        catch (Exception e) when (e is EvidenceLogException or WorkspaceException { Fault: WorkspaceFault.OperationHeld })
        {
            // Whoever holds the unit's log takes over what it has; and a unit's log that is damaged must not keep operations from recording.
        }

        return Packs.InForce();
    }

    async Task<bool> IsBehindUnitLogAsync(CancellationToken cancellation)
    {
        if (!OperationLog.List(Folder).Contains(OperationSlug.Unit))
            return false;
        var from = Packs.Published() is [.., var last] ? last.Exhibit.LeafIndex + 1 : 0;
        await using var store = LogStores.Of(Folder, OperationSlug.Unit);
        var reader = new LogReader(store);
        var size = (await reader.CheckpointAsync(cancellation)).Checkpoint.Size;
        await foreach (var (_, entry) in reader.EntriesAsync(new(from), Math.Max(0, size - from), cancellation))
        {
            if (entry.Kind == PackPublished.ExhibitKind)
                return true;
        }

        return false;
    }

    static DetectionEngine EngineOf(PackInForce inForce) => Engines.GetOrAdd(inForce.Hash, _ => new(
        () =>
        {
            Pack pack;
            try
            {
                pack = Pack.Load(inForce.Directory);
            }
            catch (PackException e)
            {
                throw new WorkspaceException(WorkspaceFault.NoVocabulary, $"{e.Message} Nothing was opened. Publish a pack that this program reads, or use the program it was made for.", e);
            }

            if (pack.Hash != inForce.Hash)
                throw new WorkspaceException(WorkspaceFault.NoVocabulary, $"The pack in '{inForce.Directory}' is not {inForce.Hash} any more: someone changed it. Nothing was opened. Bring it back from a backup.");
            return DetectionEngine.Open(pack, DetectionModel.Builtin, new());
        },
        LazyThreadSafetyMode.PublicationOnly)).Value;

    /// <summary>The index of an operation, to read: no lock is taken on its log, so that another process may be at work in it.</summary>
    public OperationIndex Index(OperationSlug slug) => _index.Operation(slug);

    /// <summary>Opens the unit's own log, for custody events that belong to no operation.</summary>
    public Task<EvidenceLog> OpenUnitLogAsync(CancellationToken cancellation) => OpenLogAsync(new(OperationSlug.Unit), create: true, cancellation);

    /// <summary>Closes the folder.</summary>
    public ValueTask DisposeAsync()
    {
        _index.Dispose();
        return ValueTask.CompletedTask;
    }

    static Authorization ReadAuthorization(OperationSlug slug, ReadOnlyMemory<byte> yaml, string name)
    {
        var reading = AuthorizationFile.Read(yaml.Span, name);
        if (!reading.Valid)
        {
            throw new WorkspaceException(
                WorkspaceFault.NoAuthorization,
                string.Create(CultureInfo.InvariantCulture, $"The authorisation has {reading.Faults.Count} {(reading.Faults.Count == 1 ? "fault" : "faults")}, the first: {reading.Faults[0]} Nothing was recorded. Correct the file and try again."))
            {
                Authorization = reading.Faults,
            };
        }

        return reading.Authorization.Operation == slug
            ? reading.Authorization
            : throw new WorkspaceException(WorkspaceFault.NoAuthorization, $"The authorisation is for the operation '{reading.Authorization.Operation}', not for '{slug}'. Nothing was recorded.");
    }

    static async Task<ExhibitNumber?> FindAuthorizationAsync(EvidenceLog log, CancellationToken cancellation)
    {
        await foreach (var (number, entry) in log.Reader.EntriesAsync(new(0), LooksForAuthorization, cancellation))
        {
            if (entry.Kind == "authorization")
                return number;
        }

        return null;
    }

    async Task<OperationRoom> RoomAsync(OperationSlug slug, Authorization authorization, EvidenceLog log, bool rebuild, CancellationToken cancellation)
    {
        var index = _index.Operation(slug);
        try
        {
            var forgetting = await HasSeenDeletedAsync(log, index, cancellation);
            if (rebuild || forgetting)
                await index.ResetAsync(DerivedFrom.Nothing, cancellation);
            if (forgetting)
                _index.Compact();
            var inForce = await InForceAsync(cancellation);
            var engine = EngineOf(inForce);
            Packs.Keep(inForce.Hash, inForce.Directory);
            var pipeline = await OperationPipeline.StartAsync(new(log, index, ExhibitDecoder.Find, Selectors.Value, _time, new() { Authority = RoomCustody.AuthorityOf(authorization) }), engine, cancellation);
            return new(slug, authorization, log, index, pipeline) { PackHash = inForce.Hash };
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Whether something was deleted after the index last followed the log: then its rows, and its file's free pages, may still hold it.</summary>
    static async Task<bool> HasSeenDeletedAsync(EvidenceLog log, OperationIndex index, CancellationToken cancellation)
    {
        var from = (await index.PositionAsync(cancellation)).IndexedUpTo;
        if (from >= log.Size)
            return false;
        await foreach (var (_, entry) in log.Reader.EntriesAsync(new(from), log.Size - from, cancellation))
        {
            if (entry.Kind == "custody." + CustodyKind.Deleted)
                return true;
        }

        return false;
    }

    LogCompany CompanyOf(Predecessor? succeeds)
    {
        try
        {
            return Company with { Authorities = TimestampSettings.Open(Folder, Http, _time), Succeeds = succeeds };
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"{e.Message} Nothing was opened. Correct it, or remove the authority.", 0, e);
        }
    }

    async Task<EvidenceLog> OpenLogAsync(OperationSlug slug, bool create, CancellationToken cancellation, string? store = null, Predecessor? succeeds = null)
    {
        try
        {
            if (store is not null)
                return await OperationLog.OpenOrCreateInAsync(Folder, slug.Value, store, _time, company: CompanyOf(succeeds), cancellation: cancellation);
            return create
                ? await OperationLog.OpenOrCreateAsync(Folder, slug.Value, _time, company: CompanyOf(succeeds), cancellation: cancellation)
                : await OperationLog.OpenAsync(Folder, slug.Value, _time, CompanyOf(null), cancellation);
        }
        catch (EvidenceLogException e) when (e.Fault == EvidenceFault.LockHeld)
        {
            throw new WorkspaceException(WorkspaceFault.OperationHeld, $"The operation '{slug}' is at work in another process. {e.Message}", e);
        }
    }
}
