using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Custos.Detection;
using Custos.Yaml;

namespace Custos.Casework;

/// <summary>The rules that order the queue, as data that a unit may change.</summary>
public sealed class TriageRules
{
    const int LastBand = 4;

    static readonly Lazy<TriageRules> BuiltInRules = new(LoadBuiltIn);

    readonly IReadOnlyList<Rule> _rules;

    TriageRules(IReadOnlyList<Rule> rules, string sha256) => (_rules, Sha256) = (rules, sha256);

    /// <summary>The facts a rule may name: what Detection gives, and what follows from the dates its indicators carry.</summary>
    public static IReadOnlyList<string> Facts { get; } = [.. RiskFactCodes.All, "meeting.within-14-days"];

    /// <summary>The rules that come with the program.</summary>
    public static TriageRules BuiltIn => BuiltInRules.Value;

    /// <summary>The SHA-256 of the file, in hex.</summary>
    public string Sha256 { get; }

    /// <summary>The rules' names, in the order of the file.</summary>
    public IReadOnlyList<string> Ids => [.. _rules.Select(rule => rule.Id)];

    /// <summary>Reads <c>triage.yaml</c>.</summary>
    /// <param name="text">The file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="StrictYamlException">A rule is refused: the message has its line and what to write.</exception>
    public static TriageRules Load(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var root = StrictYaml.ParseMap(text, file);
        Keys(root, file, "triage-format", "rules");
        if (Scalar(root, "triage-format", file) != "1")
            throw Refuse(root.Get("triage-format")!, file, "This program reads triage-format 1. Write 'triage-format: 1', or use a program that knows the newer one.");
        if (root.Get("rules") is not YamlList list)
            throw Refuse(root, file, "'rules' is missing; write a list of rules.");
        var rules = new List<Rule>();
        foreach (var node in list.Values)
        {
            if (node is not YamlMap map)
                throw Refuse(node, file, "A rule has keys: id, owner, when, band or points, because, mode.");
            var rule = ReadRule(map, file);
            if (rules.Exists(other => other.Id == rule.Id))
                throw Refuse(map, file, $"The rule '{rule.Id}' is there twice; give each rule its own id.");
            rules.Add(rule);
        }

        return new(rules, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    /// <summary>How urgent an alert is.</summary>
    /// <param name="alert">The alert, with its facts.</param>
    /// <param name="asOf">The day from which dates are counted.</param>
    public TriageAnswer Rank(WaitingAlert alert, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var facts = new Dictionary<string, RiskFact>(StringComparer.Ordinal);
        foreach (var fact in alert.Facts)
            facts.TryAdd(fact.Code, fact);
        if (alert.Peer)
            facts.TryAdd("peer", new("peer", null, []));
        var (nearest, where) = NearestDate(alert, asOf);
        if (nearest is { } day && day - Day(asOf) <= 14)
            facts.TryAdd("meeting.within-14-days", new("meeting.within-14-days", day - Day(asOf), where));

        var live = new List<TriageReason>();
        var shadow = new List<TriageReason>();
        foreach (var rule in _rules)
        {
            if (rule.Answer(facts) is { } reason)
                (rule.Live ? live : shadow).Add(reason);
        }

        var band = live.Where(reason => reason.Band is not null).Select(reason => reason.Band!.Value).DefaultIfEmpty(LastBand).Min();
        // A reason for a weaker band than the one reached says nothing new.
        List<TriageReason> reasons = [.. live.Where(reason => reason.Band == band), .. live.Where(reason => reason.Band is null)];
        return new(band, live.Sum(reason => reason.Points), nearest, reasons, shadow);
    }

    static int Day(DateTimeOffset at) => (int)(at.UtcDateTime - DateTime.UnixEpoch).TotalDays;

    // Dates that have passed are no longer near.
    static (int? Day, IReadOnlyList<FactPlace> Where) NearestDate(WaitingAlert alert, DateTimeOffset asOf)
    {
        int? nearest = null;
        var where = new List<FactPlace>();
        foreach (var indicator in alert.Indicators)
        {
            if (indicator.Code is not ("meeting.request" or "travel.plan"))
                continue;
            foreach (var attribute in indicator.Attributes)
            {
                if (attribute.Name != "date" || !DateOnly.TryParseExact(attribute.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
                    continue;
                var day = date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
                if (day < Day(asOf) || day > nearest)
                    continue;
                if (day < nearest)
                    where.Clear();
                nearest = day;
                where.Add(new(indicator.Exhibit, indicator.MessageId, null, indicator.Start, indicator.Length));
            }
        }

        return (nearest, where);
    }

    static Rule ReadRule(YamlMap map, string file)
    {
        Keys(map, file, "id", "owner", "when", "band", "points", "because", "mode");
        var id = Scalar(map, "id", file);
        var owner = Scalar(map, "owner", file);
        var because = Scalar(map, "because", file);
        if (map.Get("when") is not YamlMap when || when.Entries.Count == 0)
            throw Refuse(map, file, $"The rule '{id}' has no 'when'; write all, any or not over facts, as in 'when: {{all: [coercion]}}'.");
        Keys(when, file, "all", "any", "not");
        var all = Conditions(when, "all", file);
        var any = Conditions(when, "any", file);
        var not = Conditions(when, "not", file);

        int? band = map.Get("band") is { } bandNode ? Number(bandNode, file, 1, LastBand, "A band is 1, 2, 3 or 4.") : null;
        int? points = map.Get("points") is { } pointsNode ? Number(pointsNode, file, -100, 100, "Points are a whole number from -100 to 100.") : null;
        if (band is null == points is null)
            throw Refuse(map, file, $"The rule '{id}' needs either 'band' or 'points', and not both.");
        // One payment tells little: AUSTRAC advises to combine it with something else.
        if (band is not null && all.Count + any.Count > 0 && all.Concat(any).All(condition => condition.Fact == "payments" && condition.Holds(1)))
            throw Refuse(map, file, $"The rule '{id}' lifts a band for one payment alone; write 'payments >= 2' or combine it with another fact.");
        var mode = Scalar(map, "mode", file);
        if (mode is not ("live" or "shadow"))
            throw Refuse(map.Get("mode")!, file, "A rule's mode is 'live' or 'shadow'.");
        return new(id, owner, all, any, not, band, points ?? 0, because, mode == "live");
    }

    static List<Condition> Conditions(YamlMap when, string key, string file)
    {
        var node = when.Get(key);
        if (node is null)
            return [];
        if (node is not YamlList list)
            throw Refuse(node, file, $"'{key}' is a list of facts, as in '{key}: [coercion]'.");
        return [.. list.Values.Select(value => Condition.Parse(value, file))];
    }

    static int Number(YamlNode node, string file, int least, int most, string problem) =>
        node is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Refuse(node, file, problem);

    static string Scalar(YamlMap map, string key, string file) => map.Get(key) switch
    {
        YamlScalar { Text.Length: > 0 } scalar => scalar.Text,
        { } node => throw Refuse(node, file, $"'{key}' is one word or one sentence."),
        null => throw Refuse(map, file, $"'{key}' is missing; write it."),
    };

    static void Keys(YamlMap map, string file, params string[] known)
    {
        foreach (var entry in map.Entries)
        {
            if (!known.Contains(entry.Key))
                throw new StrictYamlException(file, entry.Line, entry.Column, $"'{entry.Key}' is not known here; write one of {string.Join(", ", known)}.");
        }
    }

    static StrictYamlException Refuse(YamlNode node, string file, string problem) => new(file, node.Line, node.Column, problem);

    static TriageRules LoadBuiltIn()
    {
        using var stream = typeof(TriageRules).Assembly.GetManifestResourceStream("Custos.Casework.triage.yaml")
            ?? throw new InvalidOperationException("The assembly lacks its data 'triage.yaml'.");
        using var reader = new StreamReader(stream, new UTF8Encoding(false, true));
        return Load(reader.ReadToEnd(), "triage.yaml");
    }

    sealed record Rule(string Id, string Owner, List<Condition> All, List<Condition> Any, List<Condition> Not, int? Band, int Points, string Because, bool Live)
    {
        internal TriageReason? Answer(Dictionary<string, RiskFact> facts)
        {
            if (!All.TrueForAll(condition => condition.Holds(facts)) || (Any.Count > 0 && !Any.Exists(condition => condition.Holds(facts))) || Not.Exists(condition => condition.Holds(facts)))
                return null;
            var met = All.Concat(Any).Where(condition => condition.Holds(facts)).Select(condition => facts[condition.Fact]).ToList();
            var value = met.Select(fact => fact.Value).FirstOrDefault(number => number is not null);
            var sentence = Because.Replace("{value}", value?.ToString(CultureInfo.InvariantCulture) ?? "?", StringComparison.Ordinal);
            return new(Id, sentence, Band, Points, [.. met.SelectMany(fact => fact.Where).Distinct().OrderBy(place => place.Exhibit).ThenBy(place => place.Start)]);
        }
    }

    sealed record Condition(string Fact, string? Sign, long Value)
    {
        internal static Condition Parse(YamlNode node, string file)
        {
            var parts = (node as YamlScalar)?.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (parts.Length is not (1 or 3))
                throw Refuse(node, file, "A condition is a fact, or a fact compared with a number, as in 'payments >= 2'.");
            if (!Facts.Contains(parts[0]))
                throw Refuse(node, file, $"'{parts[0]}' is no fact; write one of {string.Join(", ", Facts)}.");
            if (parts.Length == 1)
                return new(parts[0], null, 0);
            if (parts[1] is not (">=" or "<=") || !long.TryParse(parts[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                throw Refuse(node, file, "A fact is compared with '>=' or '<=' and a whole number, as in 'payments >= 2'.");
            return new(parts[0], parts[1], value);
        }

        internal bool Holds(Dictionary<string, RiskFact> facts) => facts.TryGetValue(Fact, out var fact) && (Sign is null || (fact.Value is { } value && Holds(value)));

        internal bool Holds(long value) => Sign switch
        {
            ">=" => value >= Value,
            "<=" => value <= Value,
            _ => true,
        };
    }
}
