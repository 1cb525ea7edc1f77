using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Custos.Vocabulary;
using Custos.Yaml;

namespace Custos.Authority;

/// <summary>One thing that is wrong with an authorisation file.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">One-based.</param>
/// <param name="Column">One-based.</param>
/// <param name="Field">The field, as a path: <c>venues[2].kind</c>.</param>
/// <param name="Problem">What is wrong and what to write.</param>
public sealed record AuthorizationFault(string File, int Line, int Column, string Field, string Problem)
{
    /// <summary>As it is printed: place, field, problem.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {(Field.Length == 0 ? "" : Field + ": ")}{Problem}");
}

/// <summary>What came of reading an authorisation file.</summary>
/// <param name="Authorization">The authorisation; null if anything is wrong.</param>
/// <param name="Faults">Everything that is wrong, by line.</param>
public sealed record AuthorizationReading(Authorization? Authorization, IReadOnlyList<AuthorizationFault> Faults)
{
    /// <summary>True if the file is an authorisation.</summary>
    [MemberNotNullWhen(true, nameof(Authorization))]
    public bool Valid => Authorization is not null;
}

/// <summary>Reads an authorisation as people sign it: a YAML file (docs/formats/authorization.md).</summary>
public static class AuthorizationFile
{
    /// <summary>The value of <c>authorization-format</c> that this program knows.</summary>
    public const string Format = "1";

    // What a line of the file may hold: a name or a reference, not a page.
    const int LongestText = 500;

    static readonly (string Word, VenueKind Kind)[] VenueKinds =
    [
        ("chat-room", VenueKind.ChatRoom),
        ("social-network", VenueKind.SocialNetwork),
        ("cam-site", VenueKind.CamSite),
        ("dating-site", VenueKind.DatingSite),
    ];

    static readonly Shape Text = new TextShape(text => text.Length == 0 ? "it is empty." : text.Length > LongestText ? "it is longer than 500 characters." : null);

    static readonly Shape Period = new MapShape(
        new Field("from", new TextShape(TimeProblem)),
        new Field("until", new TextShape(TimeProblem)));

    static readonly MapShape Schema = new(
        new Field("authorization-format", new TextShape(text => text == Format ? null : $"this program knows format {Format}.")),
        new Field("operation", new TextShape(text => OperationSlug.TryParse(text, out _) ? null : "1 to 32 characters of a-z, 0-9 and '-', beginning with a letter or digit.")),
        new Field("authority", new MapShape(
            new Field("name", Text),
            new Field("unit", Text, Required: false),
            new Field("reference", Text, Required: false))),
        new Field("legal-basis", new ListShape(
            new MapShape(
                new Field("law", Text),
                new Field("provision", Text, Required: false)),
            AtLeast: 1)),
        new Field("window", new MapShape(
            new Field("from", new TextShape(TimeProblem)),
            new Field("until", new TextShape(TimeProblem)),
            new Field("zone", new TextShape(text => FindZone(text) is null ? "not a time zone this machine knows; write an IANA name such as Europe/Amsterdam, or UTC." : null)))),
        new Field("material", Period, Required: false),
        new Field("venues", new ListShape(
            new MapShape(
                new Field("id", Text),
                new Field("kind", new TextShape(text => VenueKinds.Any(pair => pair.Word == text) ? null : $"one of {string.Join(", ", VenueKinds.Select(pair => pair.Word))}."))),
            AtLeast: 1)),
        new Field("personas", new ListShape(
            new MapShape(
                new Field("id", Text),
                new Field("handle", Text),
                new Field("stated-age", new TextShape(text => Age(text) is null ? "an age in whole years, 1 to 120." : null), Required: false)),
            AtLeast: 0), Required: false),
        new Field("acts", new ListShape(new TextShape(ActProblem), AtLeast: 1)),
        new Field("signatories", new ListShape(
            new MapShape(
                new Field("name", Text),
                new Field("role", Text),
                new Field("signed", new TextShape(text => Date(text) is null ? "a date as in 2026-11-25." : null))),
            AtLeast: 1)));

    /// <summary>The longest file that is read, in bytes: it must fit in one exhibit (evidence-spec, section 2).</summary>
    public const int LongestFile = 65_536;

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="file">Its name, for the faults.</param>
    public static AuthorizationReading Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length > LongestFile)
            return new(null, [new(file, 1, 1, "", string.Create(CultureInfo.InvariantCulture, $"the file has {bytes.Length:N0} bytes; at most {LongestFile:N0} are read."))]);
        try
        {
            return Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), file);
        }
        catch (DecoderFallbackException)
        {
            return new(null, [new(file, 1, 1, "", "the file is not UTF-8 text.")]);
        }
    }

    static AuthorizationReading Read(string text, string file)
    {
        YamlNode root;
        try
        {
            root = StrictYaml.Parse(text, file);
        }
        catch (StrictYamlException fault)
        {
            return new(null, [new(file, fault.Line, fault.Column, "", fault.Problem)]);
        }

        var checker = new ShapeChecker(file);
        checker.Check(root, Schema, "");
        if (root is YamlMap map)
        {
            CheckPeriods(checker, map);
            CheckUnique(checker, map, "venues", "id");
            CheckUnique(checker, map, "personas", "id");
            CheckUnique(checker, map, "personas", "handle");
            CheckSpeech(checker, map);
        }

        if (checker.Faults.Count > 0)
            return new(null, [.. checker.Faults.Distinct().OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)]);
        return new(Build((YamlMap)root), []);
    }

    static Authorization Build(YamlMap map)
    {
        var authority = (YamlMap)map.Get("authority")!;
        var window = (YamlMap)map.Get("window")!;
        var zone = Word(window, "zone")!;
        var permitted = PeriodOf(window, zone)!;
        return new()
        {
            Operation = OperationSlug.Parse(Word(map, "operation")!),
            Authority = new(Word(authority, "name")!, Word(authority, "unit"), Word(authority, "reference")),
            LegalBasis = [.. Maps(map, "legal-basis").Select(basis => new LegalBasis(Word(basis, "law")!, Word(basis, "provision")))],
            Window = permitted,
            Material = map.Get("material") is YamlMap material ? PeriodOf(material, zone)! : permitted,
            Venues = [.. Maps(map, "venues").Select(venue => new Venue(new(Word(venue, "id")!), VenueKinds.Single(pair => pair.Word == Word(venue, "kind")).Kind))],
            Personas = [.. Maps(map, "personas").Select(persona => new Persona(Word(persona, "id")!, new(Word(persona, "handle")!), Age(Word(persona, "stated-age"))))],
            Acts = [.. ((YamlList)map.Get("acts")!).Values.Select(act => Acts.TryParse(((YamlScalar)act).Text, out var known) ? known.Value : default)],
            Signatories = [.. Maps(map, "signatories").Select(signatory => new Signatory(Word(signatory, "name")!, Word(signatory, "role")!, Date(Word(signatory, "signed")!)!.Value))],
        };
    }

    static void CheckPeriods(ShapeChecker checker, YamlMap map)
    {
        if (map.Get("window") is not YamlMap window || Word(window, "zone") is not { } zone || FindZone(zone) is null)
            return;
        CheckPeriod(checker, window, "window", zone);
        if (map.Get("material") is YamlMap material)
            CheckPeriod(checker, material, "material", zone);
    }

    static void CheckPeriod(ShapeChecker checker, YamlMap period, string field, string zone)
    {
        var whole = true;
        foreach (var name in (string[])["from", "until"])
        {
            if (period.Get(name) is not YamlScalar scalar || TimeProblem(scalar.Text) is not null)
            {
                whole = false;
            }
            else if (InstantOf(scalar.Text, zone) is null)
            {
                checker.Add(scalar.Line, scalar.Column, $"{field}.{name}", $"this local time happens twice or not at all in {zone}; write its offset, as in 2026-10-25T02:30:00+01:00.");
                whole = false;
            }
        }

        if (whole && PeriodOf(period, zone) is { } read && read.From >= read.Until)
            checker.Add(period.Line, period.Column, $"{field}.until", "it is not after 'from'.");
    }

    static void CheckUnique(ShapeChecker checker, YamlMap map, string list, string field)
    {
        if (map.Get(list) is not YamlList { Values: var values })
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is YamlMap one && one.Get(field) is YamlScalar scalar && !seen.Add(scalar.Text))
                checker.Add(scalar.Line, scalar.Column, string.Create(CultureInfo.InvariantCulture, $"{list}[{i + 1}].{field}"), $"'{scalar.Text}' stands here twice.");
        }
    }

    // Permission to speak without a persona would be permission to speak as anyone.
    static void CheckSpeech(ShapeChecker checker, YamlMap map)
    {
        if (map.Get("acts") is not YamlList { Values: var acts })
            return;
        var speaks = acts.OfType<YamlScalar>().FirstOrDefault(act => act.Text is "converse" or "move-platform" or "agree-to-meet" or "propose-meeting");
        if (speaks is not null && map.Get("personas") is not YamlList { Values.Count: > 0 })
            checker.Add(speaks.Line, speaks.Column, "personas", $"the act '{speaks.Text}' needs at least one persona.");
        if (speaks is not null && !acts.OfType<YamlScalar>().Any(act => act.Text == "converse"))
            checker.Add(speaks.Line, speaks.Column, "acts", $"the act '{speaks.Text}' needs the act 'converse' beside it.");
    }

    static string? ActProblem(string word) =>
        Acts.TryParse(word, out _) ? null
        : Acts.IsNeverPermitted(word) ? ShapeChecker.NeverPermitted(word)
        : $"'{word}' is not an act; the acts are {string.Join(", ", Acts.All)}.";

    static string? TimeProblem(string text) => SpokenAt.TryParse(text, out _) ? null : "a time as in 2026-11-25T00:00:00, in the zone of the window, or with its own offset as in 2026-11-25T00:00:00+01:00.";

    static Window? PeriodOf(YamlMap period, string zone) =>
        InstantOf(Word(period, "from"), zone) is { } from && InstantOf(Word(period, "until"), zone) is { } until ? new(from, until, zone) : null;

    static DateTimeOffset? InstantOf(string? text, string zone)
    {
        if (!SpokenAt.TryParse(text, out var at) || FindZone(zone) is not { } known)
            return null;
        if (at.Instant is { } instant)
            return instant;
        return known.IsInvalidTime(at.Local) || known.IsAmbiguousTime(at.Local) ? null : new DateTimeOffset(at.Local, known.GetUtcOffset(at.Local));
    }

    static TimeZoneInfo? FindZone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    static int? Age(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var age) && age is >= 1 and <= 120 ? age : null;

    static DateOnly? Date(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    static string? Word(YamlMap map, string key) => (map.Get(key) as YamlScalar)?.Text;

    static IEnumerable<YamlMap> Maps(YamlMap map, string key) => map.Get(key) is YamlList list ? list.Values.OfType<YamlMap>() : [];
}
