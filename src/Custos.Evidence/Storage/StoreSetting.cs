// operations/<slug>/store (docs/formats/store-setting.md): present where a log's tiles and contents are kept elsewhere than in its folder.
using System.Collections.Immutable;
using System.Text;

namespace Custos.Evidence;

/// <summary>Where an operation's log is kept, if not in its own folder.</summary>
/// <param name="Origin">The log's name, by which the store knows it.</param>
/// <param name="Kind">Which store: <c>postgres</c>.</param>
/// <param name="Address">How to reach it. Never a password.</param>
public sealed record StoreSetting(string Origin, string Kind, string Address)
{
    const string Header = "custos/store/v1";

    /// <summary>The setting of an operation's folder; null where the folder itself holds the log.</summary>
    /// <exception cref="FormatException">It cannot be read.</exception>
    public static StoreSetting? Read(string operationFolder)
    {
        var path = Path.Combine(operationFolder, "store");
        if (!File.Exists(path))
            return null;
        var lines = File.ReadAllText(path).Split('\n');
        return lines.Length == 4 && lines[0] == Header && VerifierKey.IsName(lines[1]) && lines[3].Length == 0 && lines[2].IndexOf(' ', StringComparison.Ordinal) is > 0 and var space
            ? new(lines[1], lines[2][..space], lines[2][(space + 1)..])
            : throw new FormatException($"The setting '{path}' is malformed, so it is unknown where this log is kept. Bring the file back from a copy of the operation's folder.");
    }

    /// <summary>Reads <c>kind:address</c>, as a person writes it.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static StoreSetting Parse(string origin, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == text.Length - 1 || text.AsSpan(0, colon).ContainsAnyExceptInRange('a', 'z') || text.AsSpan().ContainsAny('\n', '\r'))
            throw new FormatException("A store is named by its kind and its address: postgres:Host=db.example;Database=custos;Username=custos_log.");
        return new(origin, text[..colon], text[(colon + 1)..].Trim());
    }

    /// <summary>Keeps the setting in an operation's folder, which is made if it is not there. One that is there stays.</summary>
    /// <exception cref="IOException">There is a log in the folder, or another setting.</exception>
    public void Write(string operationFolder)
    {
        if (Read(operationFolder) is { } kept)
        {
            if (kept != this)
                throw new IOException($"The operation's log is kept elsewhere already (see '{Path.Combine(operationFolder, "store")}'). Nothing was changed. An operation keeps its store.");
            return;
        }

        if (Directory.Exists(Path.Combine(operationFolder, "log")))
            throw new IOException($"There is a log in '{operationFolder}' already. Nothing was changed. An operation keeps its store.");
        RealDisk.Instance.CreateDirectories(Path.GetFullPath(operationFolder));
        RealDisk.Instance.Replace(Path.Combine(Path.GetFullPath(operationFolder), "store"), Encoding.UTF8.GetBytes($"{Header}\n{Origin}\n{Kind} {Address}\n"));
    }
}

/// <summary>Finds the store that holds an operation's log: its own folder, or what its setting names.</summary>
/// <remarks>A host registers the kinds it reaches once, when it starts, as it would register an encoding; whoever opens a log then need not know them.</remarks>
public static class LogStores
{
    static readonly Lock Gate = new();
    static ImmutableArray<Func<StoreSetting, ILogStore?>> s_kinds = [];

    /// <summary>Adds a kind of store: a function that makes it, or answers null for a setting of another kind.</summary>
    public static void Register(Func<StoreSetting, ILogStore?> kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (Gate)
        {
            if (!s_kinds.Contains(kind))
                s_kinds = s_kinds.Add(kind);
        }
    }

    /// <summary>The store of one operation of a data folder; nothing is opened yet.</summary>
    /// <exception cref="FormatException">Its setting cannot be read, or names a kind that this program does not reach.</exception>
    public static ILogStore Of(string dataFolder, string slug) =>
        StoreSetting.Read(Path.Combine(Path.GetFullPath(dataFolder), "operations", slug)) is { } setting ? Reach(setting) : new DirectoryLogStore(dataFolder, slug);

    /// <summary>The store to read at one operation's folder, or at a published tree; null if the folder is neither.</summary>
    /// <exception cref="FormatException">Its setting cannot be read, or names a kind that this program does not reach.</exception>
    public static ILogStore? At(string folder) => StoreSetting.Read(folder) is { } setting ? Reach(setting) : DirectoryLogStore.At(folder);

    /// <summary>Whether a folder is an operation's, by its log or by the setting that says where it is.</summary>
    public static bool IsOperation(string folder) => Directory.Exists(Path.Combine(folder, "log")) || File.Exists(Path.Combine(folder, "store"));

    /// <summary>The store that a setting names.</summary>
    /// <exception cref="FormatException">It is of a kind that this program does not reach, or its address cannot be read.</exception>
    public static ILogStore Reach(StoreSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        foreach (var kind in s_kinds)
        {
            if (kind(setting) is { } store)
                return store;
        }

        throw new FormatException($"The log '{setting.Origin}' is kept in a store of the kind '{setting.Kind}', which this program does not reach. Write its tree with 'custos log write-tiles' and name that folder.");
    }
}
