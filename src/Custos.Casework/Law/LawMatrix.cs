using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Detection;

namespace Custos.Casework;

/// <summary>How far a provision's text is vouched for. None ships confirmed.</summary>
public enum LawLabel
{
    /// <summary>Counsel confirmed it in the unit's overlay.</summary>
    ConfirmedByCounsel,

    /// <summary>Its operative words were read in some copy.</summary>
    TextRead,

    /// <summary>Not read: never a legal basis, never counted.</summary>
    NotVerified,
}

/// <summary>What a unit's counsel added to a provision.</summary>
/// <param name="By">Who confirmed.</param>
/// <param name="On">When.</param>
/// <param name="InForceTo">Until when it was in force; null if it still is or nothing was said.</param>
/// <param name="PersonaBy"><c>any</c> or <c>police</c>: whose persona it covers; null if nothing was said.</param>
public sealed record LawConfirmation(string By, DateOnly On, DateOnly? InForceTo, string? PersonaBy);

/// <summary>A provision of the matrix. Not legal advice.</summary>
/// <param name="Jurisdiction">ISO 3166-1, or INT, COE, EU.</param>
/// <param name="Instrument">The law.</param>
/// <param name="Provision">The article or section.</param>
/// <param name="Title">What it covers, in English.</param>
/// <param name="Elements">What it speaks of, from a closed list.</param>
/// <param name="AgeThreshold">It protects persons under this age; null if not stated.</param>
/// <param name="BeliefSuffices">True if believing the other to be a child is enough; null is unknown and counts as not enough.</param>
/// <param name="InForceFrom">Since when; null if unknown, and then never counted as in force.</param>
/// <param name="SourceUrl">Where a text is published.</param>
/// <param name="Read">True if the operative words were read.</param>
/// <param name="Note">The kind of copy, limits, inferences.</param>
/// <param name="Confirmation">What counsel added; null if nothing.</param>
public sealed record LawEntry(
    string Jurisdiction,
    string Instrument,
    string Provision,
    string Title,
    IReadOnlyList<string> Elements,
    int? AgeThreshold,
    bool? BeliefSuffices,
    DateOnly? InForceFrom,
    string? SourceUrl,
    bool Read,
    string Note,
    LawConfirmation? Confirmation)
{
    /// <summary>True if the matrix calls the text repealed or renumbered: it may still meet conduct of its own time.</summary>
    public bool Superseded => Provision.Contains("repealed", StringComparison.OrdinalIgnoreCase) || Provision.Contains("old numbering", StringComparison.OrdinalIgnoreCase);

    /// <summary>How far it is vouched for.</summary>
    public LawLabel Label => Confirmation is not null ? LawLabel.ConfirmedByCounsel : Read ? LawLabel.TextRead : LawLabel.NotVerified;

    /// <summary>The label as printed beside the provision, always.</summary>
    public string LabelInWords => Label switch
    {
        LawLabel.ConfirmedByCounsel => string.Create(CultureInfo.InvariantCulture, $"confirmed by counsel ({Confirmation!.By}, {Confirmation.On:yyyy-MM-dd})"),
        LawLabel.TextRead => "text read, not confirmed",
        _ => "not verified",
    };
}

/// <summary>What of a conduct a provision is compared with.</summary>
/// <param name="Elements">Elements that the indicators touch.</param>
/// <param name="StatedAge">The age stated to the account; null if none was.</param>
/// <param name="ToPersona">True if the other side was our persona.</param>
/// <param name="On">The day of the conduct; null if unknown.</param>
public sealed record ConductFacts(IReadOnlySet<string> Elements, int? StatedAge, bool ToPersona, DateOnly? On);

/// <summary>A provision beside a conduct: comparisons, no conclusion.</summary>
/// <param name="Entry">The provision.</param>
/// <param name="Elements">Its elements that the indicators touch.</param>
/// <param name="Comparisons">Each as a sentence.</param>
public sealed record LawMatch(LawEntry Entry, IReadOnlyList<string> Elements, IReadOnlyList<string> Comparisons);

/// <summary>Dated, cited provisions. Each is compared by itself; a country is never answered for.</summary>
public sealed class LawMatrix
{
    // These say whom a provision protects and how far it reaches, not what was done; they never make a match by themselves.
    static readonly HashSet<string> Conditions = ["minor-or-believed-minor", "child-age-threshold", "belief-suffices (decoy)", "extraterritorial", "undercover-authorisation"];

    static readonly Dictionary<string, string> ElementOf = new(StringComparer.Ordinal)
    {
        ["MM"] = "minor-or-believed-minor",
        ["SC"] = "sexual-communication",
        ["EN"] = "enticement",
        ["SP"] = "solicitation-with-payment",
        ["EX"] = "exposure-to-obscene-material",
        ["PF"] = "causing-or-viewing-sexual-performance",
        ["LS"] = "live-streaming",
        ["TM"] = "travel-or-meeting",
    };

    static readonly Lazy<LawMatrix> BuiltInMatrix = new(() => LoadBuiltIn(null));

    LawMatrix(IReadOnlyList<LawEntry> entries) => Entries = entries;

    /// <summary>The matrix that comes with the program; nothing in it is confirmed.</summary>
    public static LawMatrix BuiltIn => BuiltInMatrix.Value;

    /// <summary>Every element a provision may name.</summary>
    public static IReadOnlyList<string> Elements { get; } = [.. ElementOf.Values, "child-age-threshold", "extraterritorial", "undercover-authorisation", "belief-suffices (decoy)"];

    /// <summary>Every provision, in the order of the file.</summary>
    public IReadOnlyList<LawEntry> Entries { get; }

    /// <summary>The matrix that comes with the program, with what a unit's counsel added.</summary>
    /// <param name="overlay">The unit's <c>law.overlay.json</c>; null for none.</param>
    /// <exception cref="FormatException">The overlay is not in its form; the message names the entry.</exception>
    public static LawMatrix LoadBuiltIn(Stream? overlay)
    {
        using var law = typeof(LawMatrix).Assembly.GetManifestResourceStream("Custos.Casework.law.json")
            ?? throw new InvalidOperationException("The assembly lacks its data 'law.json'.");
        return Load(law, overlay);
    }

    /// <summary>Reads <c>law.json</c> and a unit's overlay.</summary>
    /// <param name="law">A list of provisions.</param>
    /// <param name="overlay">A list of objects with jurisdiction, instrument, provision, confirmed_by, confirmed_on and, if known, in_force_to and persona_by; null for none.</param>
    /// <exception cref="FormatException">A file is not in its form; the message names the entry.</exception>
    public static LawMatrix Load(Stream law, Stream? overlay)
    {
        ArgumentNullException.ThrowIfNull(law);
        var confirmations = overlay is null ? [] : Overlay(overlay);
        var entries = new List<LawEntry>();
        using (var document = Parse(law, "law.json"))
        {
            foreach (var json in document.RootElement.EnumerateArray())
                entries.Add(Entry(json, entries.Count, confirmations));
        }

        return confirmations.Count > 0
            ? throw new FormatException($"The overlay confirms '{confirmations.Keys.First()}', which the matrix does not hold. Nothing was read. Correct jurisdiction, instrument and provision.")
            : new(entries);
    }

    /// <summary>The elements that an indicator's code touches.</summary>
    public static IEnumerable<string> ElementsOf(string indicatorCode) =>
        IndicatorCatalogue.Find(indicatorCode) is { Law.Length: > 0 } definition ? definition.Law.Split(' ').Select(abbreviation => ElementOf[abbreviation]) : [];

    /// <summary>Provisions of some jurisdictions that share an element of conduct with what the indicators touch. An empty answer does not mean that there is no law.</summary>
    /// <param name="jurisdictions">ISO 3166-1 codes.</param>
    /// <param name="facts">The conduct.</param>
    public IReadOnlyList<LawMatch> Match(IEnumerable<string> jurisdictions, ConductFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var asked = jurisdictions.ToHashSet(StringComparer.Ordinal);
        var matches = new List<LawMatch>();
        foreach (var entry in Entries.Where(entry => asked.Contains(entry.Jurisdiction)))
        {
            var shared = entry.Elements.Where(element => facts.Elements.Contains(element) && !Conditions.Contains(element)).ToList();
            if (shared.Count > 0)
                matches.Add(new(entry, shared, [.. Compare(entry, facts)]));
        }

        return matches;
    }

    static IEnumerable<string> Compare(LawEntry entry, ConductFacts facts)
    {
        yield return (facts.StatedAge, entry.AgeThreshold) switch
        {
            (_, null) => "age it protects: not stated here",
            (null, { } threshold) => $"no age was stated; protects under {threshold}",
            ({ } age, { } threshold) => $"age stated {age}; protects under {threshold}: {(age < threshold ? "met" : "not met")}",
        };
        if (facts.ToPersona)
        {
            yield return (entry.BeliefSuffices, entry.Confirmation?.PersonaBy) switch
            {
                (true, "any") => "belief is enough, whoever the persona is (counsel)",
                (true, "police") => "belief is enough, but only an officer's persona counts (counsel)",
                (true, _) => "belief is enough by the text read; some texts cover an officer's persona only, and counsel has not said",
                (false, _) => "belief is not enough",
                (null, _) => "whether belief is enough is unknown, which counts as not enough",
            };
        }

        yield return (facts.On, entry.InForceFrom) switch
        {
            // The matrix says that a text was replaced, not until when it held: only counsel's overlay can say whether it held then.
            _ when entry.Superseded && entry.Confirmation?.InForceTo is null => "an older text; until when it was in force is not given, so not counted as in force",
            (_, null) => "in force since: date unknown, so not counted as in force",
            (null, { } from) => string.Create(CultureInfo.InvariantCulture, $"in force since {from:yyyy-MM-dd}; the day of the conduct is unknown"),
            ({ } on, { } from) when on < from => string.Create(CultureInfo.InvariantCulture, $"in force since {from:yyyy-MM-dd}, after the conduct"),
            ({ } on, { } from) when entry.Confirmation?.InForceTo is { } to && on > to => string.Create(CultureInfo.InvariantCulture, $"in force {from:yyyy-MM-dd} to {to:yyyy-MM-dd}, before the conduct"),
            (_, { } from) => string.Create(CultureInfo.InvariantCulture, $"in force since {from:yyyy-MM-dd}"),
        };
        if (entry.Label == LawLabel.NotVerified)
            yield return "not verified: it cannot be cited until counsel confirms it";
    }

    static LawEntry Entry(JsonElement json, int place, Dictionary<string, LawConfirmation> confirmations)
    {
        try
        {
            var (jurisdiction, instrument, provision) = (Text(json, "jurisdiction"), Text(json, "instrument"), Text(json, "provision"));
            confirmations.Remove(Name(jurisdiction, instrument, provision), out var confirmation);
            var elements = json.GetProperty("elements").EnumerateArray().Select(element => element.GetString()!).ToList();
            if (elements.Find(element => !Elements.Contains(element)) is { } unknown)
                throw new FormatException($"Entry {place + 1} of law.json names the element '{unknown}', which is not known. Nothing was read.");
            return new(
                jurisdiction, instrument, provision, Text(json, "title"), elements,
                json.GetProperty("age_threshold") is { ValueKind: JsonValueKind.Number } age ? age.GetInt32() : null,
                json.GetProperty("belief_suffices") is { ValueKind: JsonValueKind.True or JsonValueKind.False } belief ? belief.GetBoolean() : null,
                Date(json, "in_force_from"),
                json.GetProperty("source_url").GetString(),
                Text(json, "verified") switch
                {
                    "text-read" => true,
                    "general-knowledge" => false,
                    var label => throw new FormatException($"Entry {place + 1} of law.json has the label '{label}', which is not known. Nothing was read."),
                },
                Text(json, "note"),
                confirmation);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"Entry {place + 1} of law.json is not in its form. Nothing was read. Compare it with its neighbours.", error);
        }
    }

    static Dictionary<string, LawConfirmation> Overlay(Stream overlay)
    {
        var confirmations = new Dictionary<string, LawConfirmation>(StringComparer.Ordinal);
        using var document = Parse(overlay, "law.overlay.json");
        foreach (var json in document.RootElement.EnumerateArray())
        {
            try
            {
                var by = json.TryGetProperty("persona_by", out var persona) ? persona.GetString() : null;
                if (by is not (null or "any" or "police"))
                    throw new FormatException($"Entry {confirmations.Count + 1} of law.overlay.json: persona_by is 'any' or 'police'. Nothing was read.");
                confirmations.Add(
                    Name(Text(json, "jurisdiction"), Text(json, "instrument"), Text(json, "provision")),
                    new(Text(json, "confirmed_by"), Date(json, "confirmed_on") ?? throw new KeyNotFoundException(), json.TryGetProperty("in_force_to", out _) ? Date(json, "in_force_to") : null, by));
            }
            catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or ArgumentException)
            {
                throw new FormatException($"Entry {confirmations.Count + 1} of law.overlay.json is not in its form, or stands twice. Nothing was read. It needs jurisdiction, instrument, provision, confirmed_by and confirmed_on.", error);
            }
        }

        return confirmations;
    }

    static JsonDocument Parse(Stream stream, string name)
    {
        try
        {
            var document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Array ? document : throw new FormatException($"{name} is not a list. Nothing was read.");
        }
        catch (Exception error) when (error is JsonException or DecoderFallbackException)
        {
            throw new FormatException($"{name} is not JSON. Nothing was read. Bring the file back from the program's own files, or correct the overlay.", error);
        }
    }

    static string Name(string jurisdiction, string instrument, string provision) => $"{jurisdiction} {instrument} {provision}";

    static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new KeyNotFoundException();

    static DateOnly? Date(JsonElement json, string name) => json.GetProperty(name).GetString() is { } text
        ? DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : throw new InvalidOperationException()
        : null;
}
