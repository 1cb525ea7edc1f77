// operations/<slug>/store (docs/formats/store-setting.md): present where a log's tiles and contents are kept elsewhere than in its folder.
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
        if (colon <= 0 || colon == text.Length - 1 || !text.AsSpan(0, colon).ContainsOnlyLower() || text.AsSpan().ContainsAny('\n', '\r'))
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

    /// <summary>The store to read or open at one operation's folder, or at a published tree; null if there is no log.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="reach">Reaches stores that are not folders; null for a program that knows none.</param>
    /// <exception cref="FormatException">The setting cannot be read, or this program cannot reach what it names.</exception>
    public static ILogStore? StoreAt(string folder, Func<StoreSetting, ILogStore?>? reach) =>
        Read(folder) is { } setting ? setting.Reach(reach) : DirectoryLogStore.At(folder);

    internal ILogStore Reach(Func<StoreSetting, ILogStore?>? reach) =>
        reach?.Invoke(this) ?? throw new FormatException($"The log '{Origin}' is kept in a store of the kind '{Kind}', which this program does not reach. Write its tree with 'custos log write-tiles' and give it that folder.");
}

static class StoreText
{
    public static bool ContainsOnlyLower(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('a', 'z');
}
