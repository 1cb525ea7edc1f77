using System.Globalization;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Detection;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
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

    // Compiled once: every operation of a process is read with the same vocabulary.
    static readonly Lazy<DetectionEngine> Engine = new(() => DetectionEngine.Open(
        Pack.Load(Pack.FindDirectory() ?? throw new WorkspaceException(WorkspaceFault.NoVocabulary, "There is no folder 'packs' beside the program. Nothing was opened. Bring it back from the program's own files.")),
        DetectionModel.Builtin, new()));

    readonly TimeProvider _time;
    readonly IndexFile _index;

    Workspace(string folder, TimeProvider time, IndexFile index)
    {
        Folder = folder;
        _time = time;
        _index = index;
    }

    /// <summary>The data folder's full path.</summary>
    public string Folder { get; }

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
    /// <exception cref="WorkspaceException">The folder is from a newer program, or holds something else.</exception>
    /// <exception cref="IndexException">The index cannot be opened; the logs are not touched.</exception>
    public static async Task<Workspace> OpenAsync(string dataFolder, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataFolder);
        ArgumentNullException.ThrowIfNull(time);
        cancellation.ThrowIfCancellationRequested();
        var folder = Path.GetFullPath(dataFolder);
        DataFormat.CheckOrCreate(folder);
        return new(folder, time, await IndexFile.OpenAsync(IndexPath(folder), cancellation));
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
    /// <exception cref="WorkspaceException">There is one of this name, or the authorisation is not valid or is another operation's.</exception>
    /// <exception cref="EvidenceLogException">The log cannot be made; the message says what to do.</exception>
    public async Task<OperationRoom> CreateOperationAsync(OperationSlug slug, ReadOnlyMemory<byte> authorizationYaml, ActorId actor, CancellationToken cancellation, string? store = null)
    {
        var authorization = ReadAuthorization(slug, authorizationYaml, "authorization.yaml");
        if (slug.Value == OperationSlug.Unit)
            throw new WorkspaceException(WorkspaceFault.OperationExists, $"'{slug}' is the name of the unit's own log. Nothing was changed. Choose another name.");
        var log = await OpenLogAsync(slug, create: true, cancellation, store);
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
            await foreach (var exhibit in log.ReadAsync(number, 1, new MachineRun("custos", "custos", "check the authorisation"), cancellation))
                yaml = exhibit.Content;
            return await RoomAsync(slug, ReadAuthorization(slug, yaml, number.ToString()), log, rebuild, cancellation);
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

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
            if (rebuild)
                await index.ResetAsync(DerivedFrom.Nothing, cancellation);
            var pipeline = await OperationPipeline.StartAsync(new(log, index, ExhibitDecoder.Find, Selectors.Value, _time, new()), Engine.Value, cancellation);
            return new(slug, authorization, log, index, pipeline);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    async Task<EvidenceLog> OpenLogAsync(OperationSlug slug, bool create, CancellationToken cancellation, string? store = null)
    {
        try
        {
            if (store is not null)
                return await OperationLog.OpenOrCreateInAsync(Folder, slug.Value, store, _time, cancellation: cancellation);
            return create
                ? await OperationLog.OpenOrCreateAsync(Folder, slug.Value, _time, cancellation: cancellation)
                : await OperationLog.OpenAsync(Folder, slug.Value, _time, cancellation);
        }
        catch (EvidenceLogException e) when (e.Fault == EvidenceFault.LockHeld)
        {
            throw new WorkspaceException(WorkspaceFault.OperationHeld, $"The operation '{slug}' is at work in another process. {e.Message}", e);
        }
    }
}
