using System.Text;
using Custos.Yaml;

namespace Custos.Detection;

/// <summary>What an entry of a local file does.</summary>
public enum LocalEntryKind
{
    /// <summary>Adds a term to a list.</summary>
    Term,

    /// <summary>Adds a sign to a context.</summary>
    Sign,

    /// <summary>Gives a rule another strength.</summary>
    Strength,

    /// <summary>Switches a rule off.</summary>
    Disabled,

    /// <summary>A rule of the unit's own.</summary>
    Rule,
}

/// <summary>One addition or change in a local file of a pack.</summary>
/// <param name="File">Path below the pack's folder.</param>
/// <param name="Line">One-based.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Language">The language it is about.</param>
/// <param name="Name">The list, the context, or the rule's id.</param>
/// <param name="Value">The term, the sign or the strength; <c>""</c> where there is none.</param>
/// <param name="Reason">Why, as far as the file says; null where it does not.</param>
/// <param name="By">Who; null where the file does not say.</param>
public sealed record LocalEntry(string File, int Line, LocalEntryKind Kind, string Language, string Name, string Value, string? Reason, string? By);

/// <summary>A local file of a pack, to be shown and to have one entry taken out of it.</summary>
sealed class LocalFile
{
    readonly string _comments;
    readonly YamlMap _root;
    readonly List<(LocalEntry Entry, YamlNode Node)> _entries = [];

    LocalFile(string file, string text)
    {
        // The comment at the top says why; those further down go when the file is written again, and stay in the one that is kept.
        _comments = string.Concat(text.Split('\n').TakeWhile(line => line.StartsWith('#')).Select(line => line.TrimEnd('\r') + "\n"));
        _root = StrictYaml.ParseMap(text, file);
        var language = (_root.Get("language") as YamlScalar)?.Text ?? "";
        var (why, who) = Said(_comments);
        foreach (var (kind, key) in new[] { (LocalEntryKind.Term, "lists"), (LocalEntryKind.Sign, "contexts") })
        {
            foreach (var named in (_root.Get(key) as YamlMap)?.Entries ?? [])
            {
                foreach (var term in Terms(named.Value))
                    _entries.Add((new(file, term.Line, kind, language, named.Key, term.Text, why, who), term));
            }
        }

        foreach (var (kind, key) in new[] { (LocalEntryKind.Rule, "rules"), (LocalEntryKind.Strength, "strength"), (LocalEntryKind.Disabled, "disable") })
        {
            foreach (var map in (_root.Get(key) as YamlList)?.Values.OfType<YamlMap>() ?? [])
            {
                string? Of(string name) => (map.Get(name) as YamlScalar)?.Text;
                _entries.Add((new(file, map.Line, kind, language, Of("rule") ?? Of("id") ?? "", Of("strength") ?? "", Of("reason") ?? why, Of("by") ?? who), map));
            }
        }
    }

    internal IReadOnlyList<LocalEntry> Entries => [.. _entries.Select(entry => entry.Entry)];

    /// <summary>Reads a local file.</summary>
    /// <exception cref="PackException">It is not in the subset of YAML.</exception>
    internal static LocalFile Read(string directory, string file)
    {
        try
        {
            return new(file, File.ReadAllText(Path.Combine(directory, file)));
        }
        catch (StrictYamlException e)
        {
            throw new PackException(directory, [new(file, e.Line, e.Column, e.Problem)]);
        }
    }

    /// <summary>The file's text without one entry.</summary>
    /// <returns><c>""</c> if nothing is left; null if the file has no such entry.</returns>
    internal string? Without(LocalEntry entry)
    {
        var node = _entries.Find(e => e.Entry with { Line = 0 } == entry with { Line = 0 }).Node;
        if (node is null)
            return null;
        if (_entries.Count == 1)
            return "";
        var text = new StringBuilder(_comments);
        foreach (var part in _root.Entries)
        {
            switch (part.Value)
            {
                case YamlMap map:
                    Block(part.Key, map.Entries.Where(named => Terms(named.Value).Any(term => term != node)).Select(named => $"  {named.Key}: {Flow(named.Value, node)}\n"));
                    break;
                case YamlList list:
                    Block(part.Key, list.Values.Where(value => value != node).Select(value => $"  - {Flow(value, node)}\n"));
                    break;
                default:
                    text.Append(part.Key).Append(": ").Append(Flow(part.Value, node)).Append('\n');
                    break;
            }
        }

        return text.ToString();

        void Block(string key, IEnumerable<string> lines)
        {
            var written = string.Concat(lines);
            if (written.Length > 0)
                text.Append(key).Append(":\n").Append(written);
        }
    }

    static IEnumerable<YamlScalar> Terms(YamlNode list) => ((list as YamlMap)?.Get("terms") ?? list) is YamlList terms ? terms.Values.OfType<YamlScalar>() : [];

    static string Flow(YamlNode value, YamlNode without) => value switch
    {
        YamlMap map => "{" + string.Join(", ", map.Entries.Select(entry => $"{entry.Key}: {Flow(entry.Value, without)}")) + "}",
        YamlList list => "[" + string.Join(", ", list.Values.Where(inner => inner != without).Select(inner => Flow(inner, without))) + "]",
        YamlScalar scalar => scalar.Text.Length > 0 && scalar.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') && char.IsAsciiLetterOrDigit(scalar.Text[0]) ? scalar.Text : LocalPack.Quoted(scalar.Text),
        _ => throw new InvalidOperationException("A value is a map, a list or text."),
    };

    // As custos packs change and the console write it: "# why (who)".
    static (string? Why, string? Who) Said(string comments)
    {
        var line = comments.Split('\n')[0].TrimStart('#').Trim();
        var open = line.LastIndexOf(" (", StringComparison.Ordinal);
        return line.Length == 0 ? (null, null) : open > 0 && line.EndsWith(')') ? (line[..open], line[(open + 2)..^1]) : (line, null);
    }
}
