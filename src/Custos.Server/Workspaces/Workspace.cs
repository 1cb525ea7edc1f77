using System.Collections.Concurrent;
using Custos.Evidence;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Server.Workspaces;

/// <summary>A data folder, open: the operations in it and how to open one.</summary>
public sealed class Workspace : IAsyncDisposable
{
    readonly TimeProvider _time;
    readonly ConcurrentDictionary<string, MemoryLog> _logs = new(StringComparer.Ordinal);

    Workspace(string folder, TimeProvider time)
    {
        Folder = folder;
        _time = time;
    }

    /// <summary>The data folder's full path.</summary>
    public string Folder { get; }

    /// <summary>Opens a data folder; a new or empty one becomes one.</summary>
    /// <exception cref="WorkspaceException">The folder is from a newer program, or holds something else.</exception>
    public static Task<Workspace> OpenAsync(string dataFolder, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataFolder);
        ArgumentNullException.ThrowIfNull(time);
        cancellation.ThrowIfCancellationRequested();
        var folder = Path.GetFullPath(dataFolder);
        DataFormat.CheckOrCreate(folder);
        return Task.FromResult(new Workspace(folder, time));
    }

    /// <summary>The operations in the folder, by name.</summary>
    public IReadOnlyList<OperationSlug> Operations() =>
        [.. _logs.Keys.Order(StringComparer.Ordinal).Select(name => new OperationSlug(name))];

    /// <summary>Makes an operation and records its authorisation as the first thing.</summary>
    /// <param name="slug">The operation's name.</param>
    /// <param name="authorizationYaml">The authorisation as signed.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellation">Stops before anything is made.</param>
    /// <exception cref="WorkspaceException">There is one of this name.</exception>
    public async Task<OperationRoom> CreateOperationAsync(OperationSlug slug, ReadOnlyMemory<byte> authorizationYaml, ActorId actor, CancellationToken cancellation)
    {
        var log = new MemoryLog(_time);
        if (!_logs.TryAdd(slug.Value, log))
            throw new WorkspaceException(WorkspaceFault.OperationExists, $"There is an operation '{slug}' already. Nothing was changed. Choose another name.");
        await log.AppendAsync(new NewExhibit("authorization", actor.Value, authorizationYaml), cancellation);
        return new(slug, authorizationYaml, log, log, new OperationIndex(slug));
    }

    /// <summary>Opens an operation and catches its index up with its log.</summary>
    /// <exception cref="WorkspaceException">There is none of this name, or another process works on it.</exception>
    public async Task<OperationRoom> OpenOperationAsync(OperationSlug slug, CancellationToken cancellation)
    {
        if (!_logs.TryGetValue(slug.Value, out var log))
            throw new WorkspaceException(WorkspaceFault.NoSuchOperation, $"There is no operation '{slug}' in '{Folder}'. Make it with 'custos operation create'.");
        var yaml = ReadOnlyMemory<byte>.Empty;
        await foreach (var exhibit in log.ReadAsync(new(0), 1, new MachineRun("custos", "custos", "open the operation"), cancellation))
            yaml = exhibit.Content;
        return new(slug, yaml, log, log, new OperationIndex(slug));
    }

    /// <summary>Closes the folder.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
