using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Custos.Yaml;

namespace Custos.Identity;

/// <summary>What selectors look like, as data: grammars, cues, reserved ranges, names of countries. One hash names it all.</summary>
public sealed class SelectorData
{
    const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    static readonly Lazy<SelectorData> BuiltInData = new(() => Load([Embedded("selectors.yaml"), Embedded("countries.yaml")]));

    readonly HashSet<string> _topLevel = new(StringComparer.Ordinal);
    readonly HashSet<string> _everyday = new(StringComparer.OrdinalIgnoreCase);
    readonly List<string> _reservedDomains = [];
    readonly List<string> _reservedPhones = [];
    readonly bool _nanpDrama;
    readonly Dictionary<string, string> _countryNames = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _countryByName = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, int> _digitWords = new(StringComparer.OrdinalIgnoreCase);

    SelectorData(YamlMap selectors, YamlMap countries, string sha256)
    {
        Sha256 = sha256;
        foreach (var tld in Words(selectors, "top-level-domains"))
            _topLevel.Add(tld);
        foreach (var tld in Words(selectors, "other-two-letter-domains"))
            _topLevel.Add(tld);
        foreach (var word in Words(selectors, "everyday"))
            _everyday.Add(word);

        var reserved = (YamlMap)Need(selectors, "reserved");
        _reservedDomains.AddRange(Words(reserved, "domains"));
        foreach (var range in ((YamlList)Need(reserved, "phones")).Values.Cast<YamlMap>())
            _reservedPhones.Add(Text(range, "prefix"));
        _nanpDrama = Text(reserved, "nanp-555") == "yes";

        var cues = (YamlMap)Need(selectors, "cues");
        PhoneCue = AnyOf(Words(cues, "phone"));
        EmailCue = AnyOf(Words(cues, "email"));
        TransferCue = AnyOf(Words(cues, "transfer"));
        CitizenCue = AnyOf(Words(cues, "citizen"));
        QuestionWord = AnyOf(Words(selectors, "questions").Where(word => word != "?"));
        var thirdPerson = Alternatives(Words(selectors, "third-person"));
        ThirdPerson = new Regex($@"(?<![\p{{L}}\p{{N}}])(?:{thirdPerson})\s+(?:(?!(?:my|mine|mijn|mein|meine|mon|ma|mi|ko)\b)[\p{{L}}\p{{N}}\-]+\s+){{0,2}}(?:is\s+|[:=]\s*)?@?$", Options);

        foreach (var language in ((YamlMap)Need(selectors, "digits")).Entries)
        {
            var words = ((YamlList)language.Value).Values.Select(word => ((YamlScalar)word).Text).ToList();
            for (var digit = 0; digit < words.Count; digit++)
                _digitWords.TryAdd(words[digit], digit);
        }

        Services = [.. ((YamlList)Need(selectors, "services")).Values.Cast<YamlMap>().Select(Service)];
        PhoneLinks = Words(selectors, "phone-links");
        Shorteners = Words(selectors, "shorteners");

        var names = Services.SelectMany(service => service.Names.Select(name => (name, service))).OrderByDescending(pair => pair.name.Length).ToList();
        ServiceByName = names.ToDictionary(pair => pair.name, pair => pair.service, StringComparer.OrdinalIgnoreCase);
        var anyService = Alternatives(names.Select(pair => pair.name));
        ServiceCue = new Regex($@"(?<![\p{{L}}\p{{N}}_@./])(?:{anyService})(?![\p{{L}}\p{{N}}_])", Options);
        NamedHandle = new Regex(
            $@"(?<![\p{{L}}\p{{N}}_@./])(?<service>{anyService})(?![\p{{L}}\p{{N}}_])(?<sep>\s{{0,3}}(?:(?:id|name|username|user|acc|account|naam)(?![\p{{L}}\p{{N}}_])\s{{0,3}})?(?:(?:(?:is|ist|est|es|ay)(?![\p{{L}}\p{{N}}_])|->|[:=\-])\s{{0,3}})?)(?<at>@)?(?<name>[A-Za-z0-9._\-]{{2,50}})",
            Options);

        var at = Alternatives(Words(selectors, "at-words"));
        var dot = Alternatives(Words(selectors, "dot-words"));
        // Each part is bounded and begins where the last one cannot, so a hostile line costs no more than its length.
        DisguisedEmail = new Regex(
            $@"(?<![\w@.])(?<local>[A-Za-z0-9._%+\-]{{1,64}})\s{{0,3}}[(\[{{<]?\s?(?<at>{at})\s?[)\]}}>]?\s{{0,3}}(?<domain>[A-Za-z0-9\-]{{1,63}}(?:\s{{0,3}}[(\[{{]?\s?(?:{dot}|\.)\s?[)\]}}]?\s{{0,3}}[A-Za-z0-9\-]{{2,63}}){{1,3}})(?![\w@])",
            Options);
        DotWord = new Regex($@"\s*[(\[{{]?\s?(?:(?<![\p{{L}}\p{{N}}])(?:{dot})(?![\p{{L}}\p{{N}}])|\.)\s?[)\]}}]?\s*", Options);

        foreach (var country in ((YamlMap)Need(countries, "countries")).Entries)
        {
            var known = ((YamlList)country.Value).Values.Select(name => ((YamlScalar)name).Text).ToList();
            _countryNames.Add(country.Key, known[0]);
            _topLevel.Add(country.Key.ToLowerInvariant());
            foreach (var name in known)
                _countryByName.TryAdd(name, country.Key);
        }

        var anyCountry = Alternatives(_countryByName.Keys.OrderByDescending(name => name.Length).ThenBy(name => name, StringComparer.Ordinal));
        StatedOrigin = Stated(Words(countries, "origin"), anyCountry);
        StatedResidence = Stated(Words(countries, "residence"), anyCountry);
        AsksOrigin = AnyOf(Words(countries, "asks-origin"));
        AsksResidence = AnyOf(Words(countries, "asks-residence"));
        BareCountry = new Regex($@"^\W*(?:(?:from|in|uit|aus|de|du|en|au|taga|sa)\s+)?(?<name>{anyCountry})\W*$", Options);
    }

    /// <summary>The data that comes with the program.</summary>
    public static SelectorData BuiltIn => BuiltInData.Value;

    /// <summary>The SHA-256 over the sorted lines <c>sha256-hex  name LF</c> of its files, as packs are hashed, and the version of the reader.</summary>
    public string Sha256 { get; }

    internal Regex PhoneCue { get; }

    internal Regex EmailCue { get; }

    internal Regex TransferCue { get; }

    internal Regex CitizenCue { get; }

    internal Regex QuestionWord { get; }

    internal Regex ThirdPerson { get; }

    internal Regex ServiceCue { get; }

    internal Regex NamedHandle { get; }

    internal Regex DisguisedEmail { get; }

    internal Regex DotWord { get; }

    internal Regex StatedOrigin { get; }

    internal Regex StatedResidence { get; }

    internal Regex AsksOrigin { get; }

    internal Regex AsksResidence { get; }

    internal Regex BareCountry { get; }

    internal IReadOnlyList<ServiceGrammar> Services { get; }

    internal Dictionary<string, ServiceGrammar> ServiceByName { get; }

    internal IReadOnlyList<string> PhoneLinks { get; }

    internal IReadOnlyList<string> Shorteners { get; }

    /// <summary>Reads the two files of the data.</summary>
    /// <param name="files">Name and text of <c>selectors.yaml</c> and <c>countries.yaml</c>.</param>
    /// <exception cref="StrictYamlException">A file is not in the strict subset, or lacks a part.</exception>
    public static SelectorData Load(IReadOnlyList<(string Name, string Text)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var lines = files
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Text)))}  {file.Name}\n");
        // The reader's own version is in it, so that whatever keeps the hash notices a reader that reads differently.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines) + SelectorReader.Engine + "\n")));
        return new(Named(files, "selectors.yaml"), Named(files, "countries.yaml"), hash);
    }

    /// <summary>The English short name of a country; the code itself where it is no known one.</summary>
    /// <param name="code">ISO 3166-1, two letters.</param>
    public string CountryName(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return _countryNames.TryGetValue(code, out var name) ? name : code;
    }

    internal string? CountryCode(string name) => _countryByName.GetValueOrDefault(name);

    internal bool TopLevelDomain(string label) => _topLevel.Contains(label);

    internal bool Everyday(string word) => _everyday.Contains(word);

    internal int? DigitWord(string word) => _digitWords.TryGetValue(word, out var digit) ? digit : null;

    internal bool ReservedDomain(string domain) =>
        _reservedDomains.Any(reserved => domain == reserved || domain.EndsWith("." + reserved, StringComparison.Ordinal));

    internal bool ReservedPhone(string e164) =>
        _reservedPhones.Any(prefix => e164.StartsWith(prefix, StringComparison.Ordinal))
        // NXX-555-0100 to 0199, in every area: NANPA's 555 line number guidelines.
        || (_nanpDrama && e164.Length == 12 && e164.StartsWith("+1", StringComparison.Ordinal) && e164.AsSpan(5, 5) is "55501");

    static Regex Stated(IEnumerable<string> cues, string countries) =>
        new($@"(?<![\p{{L}}\p{{N}}])(?:{Alternatives(cues)})\s*(?:\bthe\s+|\bde\s+|\bla\s+|\bden\s+|\bder\s+)?(?<name>{countries})(?![\p{{L}}\p{{N}}])", Options);

    static Regex AnyOf(IEnumerable<string> words) => new($@"(?<![\p{{L}}\p{{N}}])(?:{Alternatives(words)})(?![\p{{L}}\p{{N}}])", Options);

    static string Alternatives(IEnumerable<string> words) =>
        string.Join('|', words.OrderByDescending(word => word.Length).ThenBy(word => word, StringComparer.Ordinal).Select(word => Regex.Escape(word).Replace("'", "['\u2019]?", StringComparison.Ordinal)));

    static ServiceGrammar Service(YamlMap map) => new(
        Text(map, "id"),
        Words(map, "names"),
        int.Parse(Text(map, "shortest"), NumberStyles.None, CultureInfo.InvariantCulture),
        int.Parse(Text(map, "longest"), NumberStyles.None, CultureInfo.InvariantCulture),
        Text(map, "letters") switch { "word" => "_", "dotted" => "_.", _ => "_.-" },
        Text(map, "start") == "letter",
        Words(map, "links"),
        Words(map, "not-names"));

    static YamlMap Named(IReadOnlyList<(string Name, string Text)> files, string name)
    {
        foreach (var (file, text) in files)
        {
            if (file == name)
                return StrictYaml.ParseMap(text, name);
        }

        throw new StrictYamlException(name, 1, 1, "The selector data has no such file; give selectors.yaml and countries.yaml.");
    }

    static YamlNode Need(YamlMap map, string key) =>
        map.Get(key) ?? throw new StrictYamlException("selector data", map.Line, map.Column, $"'{key}' is missing; write it.");

    static string Text(YamlMap map, string key) =>
        Need(map, key) is YamlScalar scalar ? scalar.Text : throw new StrictYamlException("selector data", map.Line, map.Column, $"'{key}' is one word.");

    static IReadOnlyList<string> Words(YamlMap map, string key) =>
        Need(map, key) is YamlList list
            ? [.. list.Values.Select(value => ((YamlScalar)value).Text)]
            : throw new StrictYamlException("selector data", map.Line, map.Column, $"'{key}' is a list of words.");

    static (string Name, string Text) Embedded(string name)
    {
        using var stream = typeof(SelectorData).Assembly.GetManifestResourceStream("Custos.Identity.Data." + name)
            ?? throw new InvalidOperationException($"The assembly lacks its data '{name}'.");
        using var reader = new StreamReader(stream, new UTF8Encoding(false, true));
        return (name, reader.ReadToEnd());
    }
}

/// <summary>How a service's names look.</summary>
sealed record ServiceGrammar(string Id, IReadOnlyList<string> Names, int Shortest, int Longest, string Marks, bool StartsWithLetter, IReadOnlyList<string> Links, IReadOnlyList<string> NotNames)
{
    internal bool Holds(string name)
    {
        if (name.Length < Shortest || name.Length > Longest || (StartsWithLetter && !char.IsAsciiLetter(name[0])) || !name.Any(char.IsAsciiLetter))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !Marks.Contains(c, StringComparison.Ordinal))
                return false;
        }

        return !NotNames.Contains(name, StringComparer.OrdinalIgnoreCase);
    }
}
