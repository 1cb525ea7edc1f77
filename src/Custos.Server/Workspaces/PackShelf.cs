// The folder packs/ of a data folder: docs/formats/published-packs.md.
using System.Globalization;
using System.Text;
using Custos.Casework;
using Custos.Detection;
using Custos.Evidence;

namespace Custos.Server.Workspaces;

/// <summary>A publication, as the unit's log has it.</summary>
/// <param name="Exhibit">The exhibit in the unit's log.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Decision">What was decided.</param>
public sealed record PackPublication(ExhibitNumber Exhibit, DateTimeOffset At, PackPublished Decision);

/// <summary>The pack that is looked for now.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Directory">Its folder.</param>
/// <param name="Publication">Who decided it; null for the one that came with the program.</param>
public sealed record PackInForce(string Hash, string Directory, PackPublication? Publication);

/// <summary>The packs of a data folder: which is in force, every one that was, and the changed one that counts for nobody yet.</summary>
public sealed class PackShelf
{
    const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    // Once a process: what stands beside the program does not change under it.
    static readonly Lazy<PackInForce?> Program = new(() => Pack.FindDirectory() is { } directory ? new(Pack.HashOf(directory), directory, null) : null);

    readonly string _folder;

    /// <summary>The shelf of a data folder. Nothing is made until something is kept.</summary>
    public PackShelf(string dataFolder) => _folder = Path.Combine(Path.GetFullPath(dataFolder), "packs");

    /// <summary>The folder of the changed pack; it need not exist.</summary>
    public string Candidate => Path.Combine(_folder, "candidate");

    /// <summary>The pack that came with the program.</summary>
    /// <exception cref="WorkspaceException">There is none.</exception>
    public static PackInForce Shipped => Program.Value ?? throw new WorkspaceException(WorkspaceFault.NoVocabulary, "There is no folder 'packs' beside the program. Nothing was opened. Bring it back from the program's own files.");

    /// <summary>The folder in which a pack is kept, whether or not it is there.</summary>
    public string Kept(string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return hash.StartsWith("sha256:", StringComparison.Ordinal) && hash.Length == 71 && hash.Skip(7).All(char.IsAsciiHexDigitLower)
            ? Path.Combine(_folder, "kept", hash[7..])
            : throw new FormatException("A pack's hash is 'sha256:' and 64 hexadecimal digits.");
    }

    /// <summary>Every publication, oldest first.</summary>
    /// <exception cref="WorkspaceException">A file of the shelf is not in its form.</exception>
    public IReadOnlyList<PackPublication> Published()
    {
        var folder = Path.Combine(_folder, "published");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "EX-*.decision").Select(Read).OrderBy(publication => publication.Exhibit)] : [];
    }

    /// <summary>The pack in force: of the last publication, else the one that came with the program.</summary>
    /// <exception cref="WorkspaceException">It is missing; another never takes its place unasked.</exception>
    public PackInForce InForce()
    {
        if (Published() is not [.., var last])
            return Shipped;
        var directory = Kept(last.Decision.Hash);
        return Directory.Exists(directory)
            ? new(last.Decision.Hash, directory, last)
            : throw new WorkspaceException(WorkspaceFault.NoVocabulary, $"The pack in force, {last.Decision.Hash}, is not in '{directory}'. Nothing was opened, and no other pack takes its place. Bring the folder back from a backup.");
    }

    /// <summary>Keeps a pack for good, so that what was found with it can be found again.</summary>
    /// <exception cref="WorkspaceException">The folder is not, or no longer, what the hash says.</exception>
    internal void Keep(string hash, string directory)
    {
        var kept = Kept(hash);
        if (Directory.Exists(kept))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        try
        {
            LocalPack.Copy(directory, kept);
        }
        catch (IOException) when (Directory.Exists(kept))
        {
            // Another process kept it meanwhile.
            return;
        }

        if (Pack.HashOf(kept) == hash)
            return;
        Directory.Delete(kept, recursive: true);
        throw new WorkspaceException(WorkspaceFault.NoVocabulary, $"The pack in '{directory}' changed while it was read. Nothing was recorded. Try again.");
    }

    internal void Put(PackPublication publication)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "published")).FullName;
        var path = Path.Combine(folder, publication.Exhibit + ".decision");
        var next = path + ".next";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.ASCII.GetBytes(publication.At.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture) + "\n"));
            stream.Write(DecisionJson.Write(publication.Decision));
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>Forgets what is said of publications that are not among these.</summary>
    internal void Forget(IEnumerable<ExhibitNumber> except)
    {
        var folder = Path.Combine(_folder, "published");
        var kept = except.Select(number => number + ".decision").ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            if (!kept.Contains(Path.GetFileName(file)))
                File.Delete(file);
        }
    }

    /// <summary>Puts the changed pack away, with every older file of it; nothing is deleted.</summary>
    /// <returns>Where it is now; null if there was none.</returns>
    internal string? PutAway()
    {
        if (!Directory.Exists(Candidate))
            return null;
        var earlier = Directory.CreateDirectory(Path.Combine(_folder, "earlier")).FullName;
        var away = Enumerable.Range(1, int.MaxValue).Select(n => Path.Combine(earlier, string.Create(CultureInfo.InvariantCulture, $"{n:D3}"))).First(path => !Directory.Exists(path));
        Directory.Move(Candidate, away);
        return away;
    }

    static PackPublication Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            var end = Array.IndexOf(bytes, (byte)'\n');
            var at = DateTimeOffset.ParseExact(Encoding.ASCII.GetString(bytes.AsSpan(0, Math.Max(end, 0))), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            return new(ExhibitNumber.Parse(Path.GetFileNameWithoutExtension(path)), at, (PackPublished)DecisionJson.Read(PackPublished.ExhibitKind, bytes.AsMemory(end + 1))!);
        }
        catch (FormatException e)
        {
            throw new WorkspaceException(WorkspaceFault.NoVocabulary, $"'{path}' is not in its form. Nothing was opened. Delete it: it is made again from the unit's own log.", e);
        }
    }
}
