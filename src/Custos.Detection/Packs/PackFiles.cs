using System.Globalization;
using System.Text;
using Custos.Yaml;

namespace Custos.Detection;

/// <summary>Reads the files of a pack (docs/formats/packs.md), collecting every problem rather than the first.</summary>
sealed class PackFiles
{
    // A list that writes out to more is a mistake in a template, and would cost every message its time.
    const int MaximumTerms = 20_000;
    const int MaximumWords = 12;

    static readonly string[] SharedNames = ["pack.yaml", "services.yaml", "currencies.yaml", "emoji.yaml", "contexts.yaml"];

    readonly List<PackProblem> _problems = [];
    readonly Dictionary<string, DraftLanguage> _languages = new(StringComparer.Ordinal);
    readonly Dictionary<string, DraftList> _sharedLists = new(StringComparer.Ordinal);
    readonly Dictionary<string, (PackRule Rule, bool Local)> _rules = new(StringComparer.Ordinal);
    readonly List<(LocalChange Change, string File, YamlNode Where)> _changes = [];
    readonly List<PackContext> _contexts = [];
    readonly List<NamedTerm> _services = [];
    readonly List<NamedTerm> _channels = [];
    readonly List<NamedTerm> _currencies = [];
    int _childAgeBelow = 18;

    sealed record DraftTerm(string Text, string File, YamlNode Where);

    sealed class DraftList(string name, string file, YamlNode where)
    {
        internal string Name { get; } = name;
        internal string File { get; } = file;
        internal YamlNode Where { get; } = where;
        internal List<DraftTerm> Terms { get; } = [];
        internal bool IsSexual { get; set; }
        internal bool MarksOptional { get; set; }

        internal bool Masked { get; set; }
        internal List<string>? Expanded { get; set; }
        internal bool Expanding { get; set; }
    }

    sealed class DraftLanguage(string code)
    {
        internal string Code { get; } = code;
        internal Dictionary<string, DraftList> Lists { get; } = new(StringComparer.Ordinal);
        internal List<PackRule> Rules { get; } = [];
        internal List<string> FunctionWords { get; } = [];
        internal List<KeyValuePair<string, int>> NumberWords { get; } = [];
        internal SortedDictionary<string, List<string>> Contexts { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>What was read: a pack, or the problems that forbid one.</summary>
    internal sealed record Reading(Pack? Pack, IReadOnlyList<PackProblem> Problems);

    /// <summary>Reads every file of the folder.</summary>
    internal static Reading Read(string directory)
    {
        var reader = new PackFiles();
        var pack = reader.ReadFolder(directory);
        var problems = reader._problems
            .OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column).ThenBy(p => p.Text, StringComparer.Ordinal)
            .Distinct().ToList();
        return new Reading(problems.Count == 0 ? pack : null, problems);
    }

    Pack? ReadFolder(string directory)
    {
        if (!Directory.Exists(directory))
        {
            Problem("pack.yaml", $"There is no folder '{directory}'; name the folder that holds pack.yaml with --packs.");
            return null;
        }

        List<(string Path, byte[] Content)> files = [];
        foreach (var path in Directory.EnumerateFiles(directory, "*.yaml", SearchOption.AllDirectories))
            files.Add((Path.GetRelativePath(directory, path).Replace('\\', '/'), File.ReadAllBytes(path)));
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));

        foreach (var name in SharedNames)
        {
            if (!files.Exists(file => file.Path == name))
                Problem(name, $"The file is missing; every pack has {string.Join(", ", SharedNames)}.");
        }

        // Local files come last: they add to lists that stand elsewhere.
        foreach (var (path, content) in files.OrderBy(file => file.Path.StartsWith("local/", StringComparison.Ordinal)))
        {
            if (Root(path, content) is not { } root)
                continue;
            var parts = path.Split('/');
            if (parts.Length == 1)
                Shared(path, root);
            else if (parts.Length == 2 && (parts[0] == "local" || (parts[0].Length is 2 or 3 && parts[0].All(char.IsAsciiLetterLower))))
                LanguageFile(path, parts[0], root);
            else
                Problem(path, "A pack has no such place; language files stand in folders of two or three letters (en/), a unit's own in local/.");
        }

        if (_problems.Count == 0 && _languages.Count == 0)
            Problem("pack.yaml", "The pack has no language; add a folder like en/ with at least one file.");

        var languages = _languages.Values.OrderBy(l => l.Code, StringComparer.Ordinal).Select(Finish).ToList();
        var changes = ApplyChanges(languages);
        return _problems.Count > 0 ? null : new Pack(
            Pack.HashOf(files), _childAgeBelow, changes, [.. _contexts.OrderBy(c => c.Name, StringComparer.Ordinal)], _services, _channels, _currencies,
            [.. _changes.Select(c => c.Change)]);
    }

    YamlMap? Root(string path, byte[] content)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            Problem(path, "The file is not UTF-8; save it as UTF-8.");
            return null;
        }

        try
        {
            var root = StrictYaml.ParseMap(text, path);
            if (root.Get("pack-format") is not { } format)
                Problem(path, root, "The file does not say its format; write 'pack-format: 1' on the first line.");
            else if (format is not YamlScalar { Text: "1" })
                Problem(path, format, "This program reads pack-format 1; write 1, or use the program the pack was made for.");
            return root;
        }
        catch (StrictYamlException e)
        {
            _problems.Add(new PackProblem(path, e.Line, e.Column, e.Problem));
            return null;
        }
    }

    void Shared(string path, YamlMap root)
    {
        switch (path)
        {
            case "pack.yaml":
                Keys(path, root, ["pack-format", "child-age-below"]);
                if (Number(path, root, "child-age-below", 8, 30) is { } below)
                    _childAgeBelow = below;
                break;
            case "services.yaml":
                Keys(path, root, ["pack-format", "services", "payment-channels"]);
                Named(path, root, "services", _services);
                Named(path, root, "payment-channels", _channels);
                break;
            case "currencies.yaml":
                Keys(path, root, ["pack-format", "currencies"]);
                Named(path, root, "currencies", _currencies);
                break;
            case "emoji.yaml":
                Keys(path, root, ["pack-format", "lists"]);
                foreach (var entry in Entries(path, root, "lists"))
                    List(path, entry, _sharedLists, mayAdd: false);
                break;
            case "contexts.yaml":
                Keys(path, root, ["pack-format", "contexts"]);
                foreach (var entry in Entries(path, root, "contexts"))
                    Context(path, entry);
                foreach (var missing in RuleLanguage.WordContexts.Where(name => _contexts.TrueForAll(c => c.Name != name)))
                    Problem(path, root, $"The context '{missing}' is missing; write what it does, as in '{missing}: {{effect: drop, terms: []}}'.");
                break;
            default:
                Problem(path, $"No such file in a pack; the shared ones are {string.Join(", ", SharedNames)}, a unit's own stand in local/.");
                break;
        }
    }

    void Named(string path, YamlMap root, string key, List<NamedTerm> into)
    {
        var known = new HashSet<string>(into.Select(n => n.Term), StringComparer.Ordinal);
        foreach (var entry in Entries(path, root, key))
        {
            foreach (var term in Texts(path, entry.Value))
            {
                if (known.Add(term.Text))
                    into.Add(new NamedTerm(term.Text, entry.Key));
                else
                    Problem(path, term.Where, "The name stands here a second time; keep one.");
            }
        }
    }

    void Context(string path, YamlEntry entry)
    {
        if (!RuleLanguage.WordContexts.Contains(entry.Key))
        {
            _problems.Add(new PackProblem(path, entry.Line, entry.Column, $"No such context; the list is closed: {string.Join(", ", RuleLanguage.WordContexts)}."));
            return;
        }

        if (Map(path, entry.Value) is not { } map)
            return;
        Keys(path, map, ["effect", "near", "terms"]);
        var effect = Word(path, map, "effect", ["drop", "weaken"]) == "weaken" ? ContextEffect.Weaken : ContextEffect.Drop;
        var near = map.Get("near") is null ? 0 : Number(path, map, "near", 1, 50) ?? 0;
        var terms = map.Get("terms") is { } node ? Texts(path, node).Select(t => t.Text).Distinct(StringComparer.Ordinal).ToList() : [];
        _contexts.Add(new PackContext(entry.Key, effect, near, terms));
    }

    void LanguageFile(string path, string folder, YamlMap root)
    {
        var local = folder == "local";
        Keys(path, root, local
            ? ["pack-format", "language", "lists", "contexts", "rules", "disable", "strength"]
            : ["pack-format", "language", "function-words", "number-words", "lists", "contexts", "rules"]);
        if (Text(path, root, "language") is not { } language)
            return;
        if (!local && language != folder)
        {
            Problem(path, root.Get("language")!, $"The file stands in the folder of another language; write 'language: {folder}'.");
            return;
        }

        if (!_languages.TryGetValue(language, out var draft))
        {
            if (local)
            {
                Problem(path, root.Get("language")!, $"The pack has no such language; it has {string.Join(", ", _languages.Keys.Order(StringComparer.Ordinal))}.");
                return;
            }

            _languages.Add(language, draft = new DraftLanguage(language));
        }

        if (root.Get("function-words") is { } words)
            draft.FunctionWords.AddRange(Texts(path, words).Select(t => t.Text));
        foreach (var entry in Entries(path, root, "number-words"))
        {
            if (entry.Value is YamlScalar { Quoted: false } scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 8 and <= 21)
                draft.NumberWords.Add(new(entry.Key, value));
            else
                Problem(path, entry.Value, "Write a whole number from 8 to 21, as in 'eleven: 11'.");
        }

        foreach (var entry in Entries(path, root, "lists"))
            List(path, entry, draft.Lists, mayAdd: local);
        foreach (var entry in Entries(path, root, "contexts"))
        {
            if (!RuleLanguage.WordContexts.Contains(entry.Key))
            {
                _problems.Add(new PackProblem(path, entry.Line, entry.Column, $"No such context; the list is closed: {string.Join(", ", RuleLanguage.WordContexts)}."));
                continue;
            }

            if (!draft.Contexts.TryGetValue(entry.Key, out var signs))
                draft.Contexts.Add(entry.Key, signs = []);
            signs.AddRange(Texts(path, entry.Value).Select(t => t.Text));
        }

        foreach (var node in Values(path, root, "rules"))
            Rule(path, node, draft, local);
        foreach (var node in Values(path, root, "disable"))
            Change(path, node, disable: true);
        foreach (var node in Values(path, root, "strength"))
            Change(path, node, disable: false);
    }

    void List(string path, YamlEntry entry, Dictionary<string, DraftList> into, bool mayAdd)
    {
        if (RuleLanguage.ReservedLists.Contains(entry.Key))
        {
            _problems.Add(new PackProblem(path, entry.Line, entry.Column, "The reader makes this list itself; choose another name."));
            return;
        }

        if (entry.Key.Length == 0 || !entry.Key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            _problems.Add(new PackProblem(path, entry.Line, entry.Column, "Write the name of a list in small letters, digits and hyphens."));
            return;
        }

        if (into.TryGetValue(entry.Key, out var list))
        {
            if (!mayAdd)
            {
                _problems.Add(new PackProblem(path, entry.Line, entry.Column, $"The list stands in {list.File} already (line {list.Where.Line}); add the terms there."));
                return;
            }
        }
        else
        {
            into.Add(entry.Key, list = new DraftList(entry.Key, path, entry.Value));
        }

        var terms = entry.Value;
        if (entry.Value is YamlMap map)
        {
            Keys(path, map, ["terms", "sexual", "marks", "mask"]);
            if (map.Get("sexual") is not null)
                list.IsSexual |= Word(path, map, "sexual", ["yes", "no"]) == "yes";
            if (map.Get("marks") is not null)
                list.MarksOptional |= Word(path, map, "marks", ["optional", "kept"]) == "optional";
            if (map.Get("mask") is not null)
                list.Masked |= Word(path, map, "mask", ["true", "false"]) == "true";
            if (map.Get("terms") is not { } node)
            {
                Problem(path, map, "The list has no terms; write 'terms: [...]'.");
                return;
            }

            terms = node;
        }

        foreach (var term in Texts(path, terms))
            list.Terms.Add(new DraftTerm(term.Text, path, term.Where));
    }

    void Rule(string path, YamlNode node, DraftLanguage language, bool local)
    {
        if (Map(path, node) is not { } map)
            return;
        Keys(path, map, ["id", "code", "say", "strength", "needs", "unless", "attributes", "examples", "counter-examples"]);
        var id = Text(path, map, "id");
        var code = Text(path, map, "code");
        var say = map.Get("say") is { } sayNode ? Say(path, sayNode) : Missing<RuleSay>(path, map, "say", "say: {any: list}");
        if (id is null || code is null || say is null)
            return;

        var prefix = local ? "local." : language.Code + ".";
        if (!id.StartsWith(prefix, StringComparison.Ordinal) || !id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-'))
            Problem(path, map.Get("id")!, $"Begin the id with '{prefix}' and write small letters, digits, hyphens and full stops.");
        if (IndicatorCatalogue.Find(code) is not { } definition)
            Problem(path, map.Get("code")!, "No such code; the list is closed: see docs/formats/packs.md.");
        else if (definition.IsDerived)
            Problem(path, map.Get("code")!, "The conversation's state makes this code; no rule may carry it.");

        var strength = map.Get("strength") is null ? RuleStrength.Plain : Strength(path, map, "strength");
        List<string> needs = [];
        foreach (var need in OptionalTexts(path, map, "needs"))
        {
            var open = need.Text.StartsWith("open:", StringComparison.Ordinal) && IndicatorCatalogue.Find(need.Text["open:".Length..]) is not null;
            if (!open && need.Text != "fact:child-age" && !RuleLanguage.Needs.Contains(need.Text))
                Problem(path, need.Where, $"No such need; write {string.Join(", ", RuleLanguage.Needs)}, open:<code> or fact:child-age.");
            needs.Add(need.Text);
        }

        List<string> unless = [];
        foreach (var context in OptionalTexts(path, map, "unless"))
        {
            if (!RuleLanguage.WordContexts.Contains(context.Text) && !RuleLanguage.ShapedContexts.Contains(context.Text))
                Problem(path, context.Where, $"No such context; write {string.Join(", ", RuleLanguage.ShapedContexts.Concat(RuleLanguage.WordContexts))}.");
            unless.Add(context.Text);
        }

        List<KeyValuePair<string, string>> attributes = [];
        if (map.Get("attributes") is { } attributeNode && Map(path, attributeNode) is { } attributeMap)
        {
            foreach (var entry in attributeMap.Entries)
            {
                if (entry.Key == "years")
                {
                    if (Number(path, attributeMap, "years", 5, 25) is { } years)
                        attributes.Add(new("years", years.ToString(CultureInfo.InvariantCulture)));
                }
                else if (entry.Value is YamlScalar { Text.Length: > 0 } scalar && scalar.Text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                    attributes.Add(new(entry.Key, scalar.Text));
                else
                    Problem(path, entry.Value, "An attribute is one closed word in small letters, never text of a chat.");
            }
        }

        var rule = new PackRule(id, language.Code, code, say, strength, needs, unless, attributes,
            Examples(path, map, "examples"), Examples(path, map, "counter-examples"), path, map.Line);
        if (_rules.TryGetValue(id, out var other))
        {
            Problem(path, map.Get("id")!, $"A rule of this id stands in {other.Rule.File} (line {other.Rule.Line}); choose another id.");
            return;
        }

        _rules.Add(id, (rule, local));
        language.Rules.Add(rule);
    }

    RuleSay? Say(string path, YamlNode node)
    {
        if (Map(path, node) is not { } map)
            return null;
        if (map.Get("any") is not null)
        {
            Keys(path, map, ["any"]);
            return Text(path, map, "any") is { } list ? new RuleSay.Any(list) : null;
        }

        if (map.Get("all") is { } all)
        {
            Keys(path, map, ["all"]);
            var lists = Texts(path, all).Select(t => t.Text).ToList();
            if (lists.Count is < 2 or > 4)
            {
                Problem(path, all, "Write two to four lists, as in 'all: [ask, device]'.");
                return null;
            }

            return new RuleSay.All(lists);
        }

        Keys(path, map, ["first", "then", "within"]);
        var first = Text(path, map, "first");
        var then = Text(path, map, "then");
        var within = Number(path, map, "within", 1, 20);
        return first is null || then is null || within is null ? null : new RuleSay.Sequence(first, then, within.Value);
    }

    List<PackExample> Examples(string path, YamlMap map, string key) =>
        [.. OptionalTexts(path, map, key).Select(t => new PackExample(t.Text, t.Where.Line, t.Where.Column))];

    void Change(string path, YamlNode node, bool disable)
    {
        if (Map(path, node) is not { } map)
            return;
        Keys(path, map, disable ? ["rule", "reason", "by"] : ["rule", "strength", "reason", "by"]);
        var rule = Text(path, map, "rule");
        var reason = Text(path, map, "reason");
        var by = Text(path, map, "by");
        RuleStrength? strength = null;
        if (!disable)
        {
            if (map.Get("strength") is null)
            {
                Missing<object>(path, map, "strength", "strength: weak");
                return;
            }

            strength = Strength(path, map, "strength");
        }

        if (rule is not null && reason is not null && by is not null)
            _changes.Add((new LocalChange(rule, strength, reason, by), path, map));
    }

    LanguagePack Finish(DraftLanguage draft)
    {
        foreach (var (name, list) in _sharedLists)
        {
            if (!draft.Lists.TryAdd(name, list))
                Problem(draft.Lists[name].File, draft.Lists[name].Where, $"The shared list of that name stands in {list.File}; choose another name.");
        }

        Dictionary<string, TermList> lists = new(StringComparer.Ordinal);
        foreach (var (name, list) in draft.Lists.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            var terms = Expand(draft, list);
            if (terms.Count == 0 && list.Terms.Count == 0)
                Problem(list.File, list.Where, $"The list '{name}' has no terms; write at least one.");
            lists.Add(name, new TermList(name, terms, list.IsSexual, list.MarksOptional, list.Masked));
        }

        foreach (var rule in draft.Rules)
        {
            foreach (var name in rule.Say.Lists.Where(name => !lists.ContainsKey(name) && !RuleLanguage.ReservedLists.Contains(name)))
                _problems.Add(new PackProblem(rule.File, rule.Line, 1, $"The rule {rule.Id} names the list '{name}', which the pack '{draft.Code}' does not have; add it under 'lists'."));
        }

        return new LanguagePack(
            draft.Code,
            Pack.Freeze(lists),
            [.. draft.Rules.OrderBy(r => r.Id, StringComparer.Ordinal)],
            [.. draft.FunctionWords.Distinct(StringComparer.Ordinal)],
            draft.NumberWords,
            Pack.Freeze(draft.Contexts.Select(c => KeyValuePair.Create(c.Key, (IReadOnlyList<string>)[.. c.Value.Distinct(StringComparer.Ordinal)]))));
    }

    List<LanguagePack> ApplyChanges(List<LanguagePack> languages)
    {
        Dictionary<string, LocalChange> changes = new(StringComparer.Ordinal);
        foreach (var (change, file, where) in _changes)
        {
            if (!_rules.ContainsKey(change.Rule))
                Problem(file, where, $"There is no rule '{change.Rule}'; see 'custos packs lint' for the ids, or remove the entry.");
            else if (!changes.TryAdd(change.Rule, change))
                Problem(file, where, $"The rule '{change.Rule}' is changed a second time; keep one entry.");
        }

        if (changes.Count == 0)
            return languages;
        return [.. languages.Select(l => new LanguagePack(
            l.Language,
            l.Lists,
            [.. l.Rules.Where(r => !changes.TryGetValue(r.Id, out var c) || c.Strength is not null)
                .Select(r => changes.TryGetValue(r.Id, out var c) ? r with { Strength = c.Strength!.Value } : r)],
            l.FunctionWords,
            l.NumberWords,
            l.Contexts))];
    }

    // "{list}" in a term stands for each term of that list, "{list?}" for each or for nothing: one line says what would be hundreds.
    List<string> Expand(DraftLanguage language, DraftList list)
    {
        if (list.Expanded is { } done)
            return done;
        list.Expanding = true;
        var terms = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in list.Terms)
        {
            List<string>? written = [""];
            var at = 0;
            while (written is not null && at < term.Text.Length)
            {
                var open = term.Text.IndexOf('{', at);
                var literal = open < 0 ? term.Text[at..] : term.Text[at..open];
                for (var i = 0; i < written.Count && literal.Length > 0; i++)
                    written[i] += literal;
                if (open < 0)
                    break;
                var close = term.Text.IndexOf('}', open);
                var another = term.Text.IndexOf('{', open + 1);
                written = close < 0 || (another >= 0 && another < close)
                    ? Refuse(term, "The brace is not closed; write '{list}'.")
                    : Insert(language, list, term, written, term.Text[(open + 1)..close]);
                at = close + 1;
            }

            foreach (var text in written ?? [])
            {
                var clean = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                if (clean.Length == 0)
                {
                    Problem(term.File, term.Where, "The term is empty; write a word.");
                    break;
                }

                if (clean.Count(c => c == ' ') >= MaximumWords)
                {
                    Problem(term.File, term.Where, string.Create(CultureInfo.InvariantCulture, $"A term of more than {MaximumWords} words; say it with first and then."));
                    break;
                }

                if (known.Add(clean))
                    terms.Add(clean);
            }

            if (terms.Count > MaximumTerms)
            {
                Problem(term.File, term.Where, string.Create(CultureInfo.InvariantCulture, $"The list writes out to more than {MaximumTerms} terms; use fewer lists in one term."));
                break;
            }
        }

        list.Expanding = false;
        if (!_sharedLists.ContainsKey(list.Name) || list.Terms.TrueForAll(t => !t.Text.Contains('{', StringComparison.Ordinal)))
            list.Expanded = terms;
        return terms;
    }

    List<string>? Insert(DraftLanguage language, DraftList list, DraftTerm term, List<string> written, string name)
    {
        var optional = name.EndsWith('?');
        if (optional)
            name = name[..^1];
        if (RuleLanguage.ReservedLists.Contains(name))
            return Refuse(term, $"The list '{name}' is made by the reader and cannot be written out; use 'first' and 'then'.");
        if (!language.Lists.TryGetValue(name, out var inner) && !_sharedLists.TryGetValue(name, out inner))
            return Refuse(term, $"There is no list '{name}' in the pack '{language.Code}'; add it under 'lists'.");
        if (inner.Expanding || inner == list)
            return Refuse(term, $"The list '{name}' contains itself; take it out.");
        var inserted = Expand(language, inner);
        var results = new List<string>();
        foreach (var head in written)
        {
            if (optional)
                results.Add(head);
            foreach (var tail in inserted)
                results.Add(head + tail);
            if (results.Count > MaximumTerms)
                return Refuse(term, string.Create(CultureInfo.InvariantCulture, $"The term writes out to more than {MaximumTerms}; use fewer lists in one term."));
        }

        return results;
    }

    List<string>? Refuse(DraftTerm term, string text)
    {
        Problem(term.File, term.Where, text);
        return null;
    }

    void Keys(string path, YamlMap map, string[] allowed)
    {
        foreach (var entry in map.Entries)
        {
            if (!allowed.Contains(entry.Key))
                _problems.Add(new PackProblem(path, entry.Line, entry.Column, $"No such key here; write one of {string.Join(", ", allowed)}."));
        }
    }

    YamlMap? Map(string path, YamlNode node)
    {
        if (node is YamlMap map)
            return map;
        Problem(path, node, "Write keys here, as in '{name: value}'.");
        return null;
    }

    string? Text(string path, YamlMap map, string key)
    {
        if (map.Get(key) is not { } node)
            return Missing<string>(path, map, key, key + ": ...");
        if (node is YamlScalar { Text.Length: > 0 } scalar)
            return scalar.Text;
        Problem(path, node, "Write text here.");
        return null;
    }

    T? Missing<T>(string path, YamlMap map, string key, string write)
        where T : class
    {
        Problem(path, map, $"'{key}' is missing; write '{write}'.");
        return null;
    }

    string? Word(string path, YamlMap map, string key, string[] allowed)
    {
        if (Text(path, map, key) is not { } text)
            return null;
        if (allowed.Contains(text))
            return text;
        Problem(path, map.Get(key)!, $"Write {string.Join(" or ", allowed)}.");
        return null;
    }

    RuleStrength Strength(string path, YamlMap map, string key) => Word(path, map, key, ["weak", "plain", "strong"]) switch
    {
        "weak" => RuleStrength.Weak,
        "strong" => RuleStrength.Strong,
        _ => RuleStrength.Plain,
    };

    int? Number(string path, YamlMap map, string key, int least, int most)
    {
        if (Text(path, map, key) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Problem(path, map.Get(key)!, string.Create(CultureInfo.InvariantCulture, $"Write a whole number from {least} to {most}."));
        return null;
    }

    IReadOnlyList<YamlEntry> Entries(string path, YamlMap root, string key)
    {
        if (root.Get(key) is not { } node)
            return [];
        if (node is YamlMap map)
            return map.Entries;
        Problem(path, node, $"Write keys under '{key}'.");
        return [];
    }

    IReadOnlyList<YamlNode> Values(string path, YamlMap root, string key)
    {
        if (root.Get(key) is not { } node)
            return [];
        if (node is YamlList list)
            return list.Values;
        Problem(path, node, $"Write a list under '{key}'.");
        return [];
    }

    List<(string Text, YamlNode Where)> OptionalTexts(string path, YamlMap map, string key) => map.Get(key) is { } node ? Texts(path, node) : [];

    List<(string Text, YamlNode Where)> Texts(string path, YamlNode node)
    {
        List<(string, YamlNode)> texts = [];
        if (node is not YamlList list)
        {
            Problem(path, node, "Write a list, as in '[one, two]'.");
            return texts;
        }

        foreach (var value in list.Values)
        {
            if (value is YamlScalar { Text: var text } && !string.IsNullOrWhiteSpace(text))
                texts.Add((text, value));
            else
                Problem(path, value, "Write text here, in quotation marks if it begins with a bracket or brace.");
        }

        return texts;
    }

    void Problem(string path, YamlNode where, string text) => _problems.Add(new PackProblem(path, where.Line, where.Column, text));

    void Problem(string path, string text) => _problems.Add(new PackProblem(path, 0, 0, text));
}
