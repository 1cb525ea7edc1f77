using System.Globalization;
using System.Text;

namespace Custos.Detection;

/// <summary>A term for a list or a context.</summary>
/// <param name="Name">The list or the context.</param>
/// <param name="Term">The words.</param>
public sealed record AddedTerm(string Name, string Term);

/// <summary>A unit's change of its own vocabulary. Never new codes.</summary>
/// <param name="Language">The language it is about.</param>
/// <param name="Terms">Terms for lists the language has.</param>
/// <param name="Signs">Signs for contexts.</param>
/// <param name="Strengths">Rules by id, with the strength they get.</param>
/// <param name="Disabled">Rules by id that are switched off.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who.</param>
public sealed record PackChange(
    string Language,
    IReadOnlyList<AddedTerm> Terms,
    IReadOnlyList<AddedTerm> Signs,
    IReadOnlyList<KeyValuePair<string, RuleStrength>> Strengths,
    IReadOnlyList<string> Disabled,
    string Reason,
    string By);

/// <summary>What became of a change.</summary>
/// <param name="File">The file it stands in, in the changed pack's folder; null if it was refused.</param>
/// <param name="Hash">The changed pack's hash; null if it was refused.</param>
/// <param name="Problems">What was refused and why.</param>
public sealed record PackChangeResult(string? File, string? Hash, IReadOnlyList<PackProblem> Problems);

/// <summary>Writes a unit's changes as local files of a pack, beside the pack that counts: docs/formats/packs.md, "Local files".</summary>
public static class LocalPack
{
    /// <summary>Writes a change into the folder of a changed pack; a missing one begins as a copy of the published pack. A change that lint refuses leaves nothing behind.</summary>
    /// <param name="published">The folder of the pack that counts; only read.</param>
    /// <param name="candidate">The folder of the changed pack.</param>
    /// <param name="change">The change.</param>
    /// <exception cref="ArgumentException">The two folders are one, or the change is empty or says no reason or name.</exception>
    /// <exception cref="PackException">The pack that is to be changed is refused as it is.</exception>
    public static PackChangeResult Write(string published, string candidate, PackChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        (published, candidate) = (Path.GetFullPath(published), Path.GetFullPath(candidate));
        if (string.Equals(Path.TrimEndingDirectorySeparator(published), Path.TrimEndingDirectorySeparator(candidate), StringComparison.Ordinal))
            throw new ArgumentException("The changed pack needs a folder of its own: a change is tried before it counts. Nothing was written. Name another folder.", nameof(candidate));
        if (string.IsNullOrWhiteSpace(change.Reason) || string.IsNullOrWhiteSpace(change.By))
            throw new ArgumentException("A change says why and by whom. Nothing was written. Give a reason and a name.", nameof(change));
        if (change.Terms.Count + change.Signs.Count + change.Strengths.Count + change.Disabled.Count == 0)
            throw new ArgumentException("The change changes nothing. Nothing was written. Add a term or a sign, change a strength, or switch a rule off.", nameof(change));
        return InStage(published, candidate, (pack, stage) =>
        {
            var problems = Unknown(pack, change);
            if (problems.Count > 0)
                return (null, problems);
            var file = FreeName(stage, change.Language);
            Put(Path.Combine(stage, file), Text(change));
            return (file, []);
        });
    }

    /// <summary>What the local files of a pack's folder add and change, in the order of files and lines.</summary>
    /// <exception cref="PackException">A local file cannot be read.</exception>
    public static IReadOnlyList<LocalEntry> Read(string directory) => [.. Names(directory).SelectMany(file => LocalFile.Read(directory, file).Entries)];

    /// <summary>Takes one addition or change out of a local file of a changed pack; a missing folder begins as a copy of the published pack. The file as it was is kept beside it, under its name and a number. Nothing is changed if lint refuses what is left.</summary>
    /// <param name="published">The folder of the pack that counts; only read.</param>
    /// <param name="candidate">The folder of the changed pack.</param>
    /// <param name="entry">What to take out, as <see cref="Read"/> names it.</param>
    /// <exception cref="PackException">The pack that is to be changed is refused as it is.</exception>
    public static PackChangeResult TakeBack(string published, string candidate, LocalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return InStage(Path.GetFullPath(published), Path.GetFullPath(candidate), (_, stage) =>
        {
            if (!Names(stage).Contains(entry.File) || LocalFile.Read(stage, entry.File).Without(entry) is not { } rest)
                return (null, [new(entry.File, entry.Line, 0, "This is not in the file now; load the page again.")]);
            if (rest.Length == 0)
                File.Delete(Path.Combine(stage, entry.File));
            else
                Put(Path.Combine(stage, entry.File), rest);
            return (entry.File, []);
        });
    }

    /// <summary>Begins a changed pack from the files of one folder and the local files of another: how a unit keeps its own words when the program comes with newer ones.</summary>
    /// <param name="shipped">The folder whose files other than local ones are taken.</param>
    /// <param name="local">The folder whose local files are taken.</param>
    /// <param name="candidate">The folder to make; there must be none.</param>
    public static PackChangeResult Begin(string shipped, string local, string candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        if (Directory.Exists(candidate))
            throw new ArgumentException("There is a changed pack already. Nothing was written. Put it away first.", nameof(candidate));
        var stage = NewStage(candidate);
        try
        {
            CopyFiles(shipped, stage, file => !IsLocal(file));
            CopyFiles(local, stage, IsLocal);
            var problems = PackLint.Check(stage);
            if (problems.Count > 0)
                return new(null, null, problems);
            Directory.Move(stage, candidate);
            return new("", Pack.HashOf(candidate), []);
        }
        finally
        {
            Remove(stage);
        }
    }

    /// <summary>Copies the files of a pack, and nothing else, into a folder that does not exist yet; a crash leaves it absent or whole.</summary>
    /// <param name="from">The folder of a pack.</param>
    /// <param name="to">The folder to make.</param>
    public static void Copy(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var stage = NewStage(to);
        try
        {
            CopyFiles(from, stage, _ => true);
            Directory.Move(stage, to);
        }
        finally
        {
            Remove(stage);
        }
    }

    // Made and linted beside the changed pack; one rename brings it in, so that what is refused or interrupted never stands there.
    static PackChangeResult InStage(string published, string candidate, Func<Pack, string, (string? File, IReadOnlyList<PackProblem> Problems)> apply)
    {
        var isNew = !Directory.Exists(candidate);
        var from = isNew ? published : candidate;
        var pack = Pack.Load(from);
        var stage = NewStage(candidate);
        try
        {
            CopyFiles(from, stage, _ => true);
            var (file, problems) = apply(pack, stage);
            if (problems.Count == 0)
                problems = PackLint.Check(stage);
            if (problems.Count > 0)
                return new(null, null, problems);
            var hash = Pack.HashOf(stage);
            if (isNew)
                Directory.Move(stage, candidate);
            else
                BringIn(Path.Combine(stage, file!), Path.Combine(candidate, file!));
            return new(file, hash, []);
        }
        finally
        {
            Remove(stage);
        }
    }

    static void BringIn(string staged, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (File.Exists(target))
            File.Copy(target, Enumerable.Range(1, int.MaxValue).Select(n => string.Create(CultureInfo.InvariantCulture, $"{target}.{n}")).First(name => !File.Exists(name)));
        if (File.Exists(staged))
            File.Move(staged, target, overwrite: true);
        else
            File.Delete(target);
    }

    // A mistyped name would make a list that no rule asks for.
    static IReadOnlyList<PackProblem> Unknown(Pack pack, PackChange change)
    {
        if (pack.Languages.FirstOrDefault(l => l.Language == change.Language) is not { } language)
            return [new("the change", 1, 1, $"There is no language '{change.Language}'; the pack has {string.Join(", ", pack.Languages.Select(l => l.Language))}.")];
        return
        [
            .. change.Terms.Where(t => !language.Lists.ContainsKey(t.Name)).Select(t => new PackProblem("the change", 1, 1, $"The language '{change.Language}' has no list '{t.Name}'; custos packs lists names them.")),
            .. change.Terms.Where(t => language.Lists.TryGetValue(t.Name, out var list) && list.Terms.Contains(t.Term.Trim(), StringComparer.OrdinalIgnoreCase)).Select(t => new PackProblem("the change", 1, 1, $"The list '{t.Name}' has '{t.Term.Trim()}' already; leave it out.")),
            .. change.Signs.Where(s => !RuleLanguage.WordContexts.Contains(s.Name)).Select(s => new PackProblem("the change", 1, 1, $"There is no context '{s.Name}'; they are {string.Join(", ", RuleLanguage.WordContexts)}.")),
        ];
    }

    static string Text(PackChange change)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {OneLine(change.Reason)} ({OneLine(change.By)})\npack-format: 1\nlanguage: {change.Language}\n");
        Named("lists", change.Terms);
        Named("contexts", change.Signs);
        if (change.Strengths.Count > 0)
            text.Append("strength:\n");
        foreach (var (rule, strength) in change.Strengths)
            text.Append(CultureInfo.InvariantCulture, $"  - {{rule: {Quoted(rule)}, strength: {strength.ToString().ToLowerInvariant()}, reason: {Quoted(change.Reason)}, by: {Quoted(change.By)}}}\n");
        if (change.Disabled.Count > 0)
            text.Append("disable:\n");
        foreach (var rule in change.Disabled)
            text.Append(CultureInfo.InvariantCulture, $"  - {{rule: {Quoted(rule)}, reason: {Quoted(change.Reason)}, by: {Quoted(change.By)}}}\n");
        return text.ToString();

        void Named(string key, IReadOnlyList<AddedTerm> terms)
        {
            if (terms.Count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{key}:\n");
            foreach (var list in terms.GroupBy(t => t.Name, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"  {list.Key}: [{string.Join(", ", list.Select(t => Quoted(t.Term)))}]\n");
        }
    }

    internal static string Quoted(string text) => "\"" + OneLine(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    static string FreeName(string candidate, string language)
    {
        for (var n = 1; ; n++)
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"local/{language}-{n:D3}.yaml");
            if (!File.Exists(Path.Combine(candidate, file)))
                return file;
        }
    }

    static IEnumerable<string> Names(string directory)
    {
        var folder = Path.Combine(directory, "local");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.yaml").Select(file => "local/" + Path.GetFileName(file)).Order(StringComparer.Ordinal) : [];
    }

    static bool IsLocal(string file) => file.StartsWith("local/", StringComparison.Ordinal);

    static string NewStage(string of)
    {
        var stage = Path.TrimEndingDirectorySeparator(Path.GetFullPath(of)) + ".next";
        // What an interrupted change left.
        Remove(stage);
        return Directory.CreateDirectory(stage).FullName;
    }

    static void Remove(string stage)
    {
        if (Directory.Exists(stage))
            Directory.Delete(stage, recursive: true);
    }

    static void CopyFiles(string from, string to, Func<string, bool> which)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*.yaml", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(from, file).Replace('\\', '/');
            if (!which(name))
                continue;
            var target = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    static void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        stream.Write(new UTF8Encoding(false).GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
