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
        var isNew = !Directory.Exists(candidate);
        if (isNew)
            Copy(published, candidate);
        var file = "";
        try
        {
            var pack = Pack.Load(candidate);
            var problems = Unknown(pack, change);
            if (problems.Count == 0)
            {
                file = FreeName(candidate, change.Language);
                Directory.CreateDirectory(Path.Combine(candidate, "local"));
                File.WriteAllText(Path.Combine(candidate, file), Text(change), new UTF8Encoding(false));
                problems = PackLint.Check(candidate);
                if (problems.Count == 0)
                    return new(file, Pack.Load(candidate).Hash, []);
            }

            TakeBack(candidate, file, isNew);
            return new(null, null, problems);
        }
        catch
        {
            TakeBack(candidate, file, isNew);
            throw;
        }
    }

    // A mistyped name would make a list that no rule asks for.
    static IReadOnlyList<PackProblem> Unknown(Pack pack, PackChange change)
    {
        if (pack.Languages.FirstOrDefault(l => l.Language == change.Language) is not { } language)
            return [new("the change", 1, 1, $"There is no language '{change.Language}'; the pack has {string.Join(", ", pack.Languages.Select(l => l.Language))}.")];
        return
        [
            .. change.Terms.Where(t => !language.Lists.ContainsKey(t.Name)).Select(t => new PackProblem("the change", 1, 1, $"The language '{change.Language}' has no list '{t.Name}'; custos packs lists names them.")),
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

    static string Quoted(string text) => "\"" + OneLine(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

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

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*.yaml", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    static void TakeBack(string candidate, string file, bool isNew)
    {
        if (isNew)
            Directory.Delete(candidate, recursive: true);
        else if (file.Length > 0)
            File.Delete(Path.Combine(candidate, file));
    }
}
