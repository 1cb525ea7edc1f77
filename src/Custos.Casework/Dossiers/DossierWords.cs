using System.Globalization;
using Custos.Detection;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>The words of a dossier. They say what was said; none of them judges.</summary>
static class DossierWords
{
    static readonly Dictionary<string, string> Topics = new(StringComparer.Ordinal)
    {
        ["age"] = "age",
        ["sexual"] = "sexual topic",
        ["media"] = "pictures or recordings",
        ["camera"] = "camera",
        ["payment"] = "payment or gift",
        ["move"] = "moving to another service",
        ["meeting"] = "meeting or travel",
        ["secrecy"] = "keeping it secret",
        ["other-child"] = "another child",
    };

    static readonly Dictionary<string, string> SpeaksForWords = new(StringComparer.Ordinal)
    {
        ["withdrawal"] = "took leave after the age was stated",
        ["silent-withdrawal"] = "wrote nothing more after the age was stated",
        ["age.declined"] = "declined because of the age",
        ["reports"] = "said it would report this",
        ["refusal"] = "refused",
        ["advice.safety"] = "gave advice on safety",
        ["peer.age"] = "stated a child's age itself",
        ["adult.stated"] = "was told an age of 18 or more",
        ["fiction.stated"] = "called it fiction or role play",
        ["age.doubted"] = "doubted the age stated",
        ["retraction"] = "took something back",
    };

    static readonly Dictionary<string, string> DeviationWords = new(StringComparer.Ordinal)
    {
        ["persona-first"] = "our persona raised this topic first",
        ["renewed-after-refusal"] = "our persona asked again after a refusal",
        ["re-contact-after-withdrawal"] = "our persona wrote again after the account had left",
        ["age-not-stated"] = "our persona had not stated its age",
        ["age-contradicted"] = "our persona stated two different ages",
        ["unanswered-run"] = "our persona wrote three or more lines without an answer",
        ["inducement"] = "our persona offered or pressed",
        ["outside-authorisation"] = "a line of ours lies outside the authorisation",
        ["unattributed-line"] = "a line of ours has no named author",
        ["vulnerability-ignored"] = "a sign of distress was passed over",
    };

    internal static string Topic(string topic) => Topics.GetValueOrDefault(topic, topic);

    internal static string SpeaksFor(string code) => SpeaksForWords.GetValueOrDefault(code, code);

    internal static string Deviation(string code) => DeviationWords.GetValueOrDefault(code, code);

    internal static string Level(IdentityLevel level) => level switch
    {
        IdentityLevel.AccountOnly => "account only",
        IdentityLevel.SelectorHeld => "selector held",
        IdentityLevel.PersonOneSource => "person, one source",
        IdentityLevel.PersonCorroborated => "person, corroborated",
        IdentityLevel.ConfirmedByAuthority => "confirmed by an authority",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };

    internal static string LevelInWords(IdentityLevel level) => level switch
    {
        IdentityLevel.AccountOnly => "Nothing is known but the account.",
        IdentityLevel.SelectorHeld => "The account gave a value that could be checked in form. Who holds it is not known.",
        IdentityLevel.PersonOneSource => "One source ties a name to a value the account gave.",
        IdentityLevel.PersonCorroborated => "Two sources with no common root tie a name to the account.",
        IdentityLevel.ConfirmedByAuthority => "An authority confirmed the person.",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };

    internal static string Basis(StatementBasis basis) => basis switch
    {
        StatementBasis.Volunteered => "volunteered",
        StatementBasis.Displayed => "displayed by the service",
        StatementBasis.Found => "found by us",
        StatementBasis.Supplied => "supplied by an authority or a service",
        StatementBasis.Derived => "derived",
        _ => throw new ArgumentOutOfRangeException(nameof(basis)),
    };

    internal static string Validity(SelectorValidity validity) => validity switch
    {
        SelectorValidity.Checked => "form checked",
        SelectorValidity.Plausible => "plausible",
        SelectorValidity.Claimed => "only said",
        _ => throw new ArgumentOutOfRangeException(nameof(validity)),
    };

    internal static string Role(CountryRole role) => role switch
    {
        CountryRole.Residence => "residence",
        CountryRole.Origin => "origin",
        CountryRole.Registration => "registration of a number or account",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    internal static string Time(SpokenAt? at) => at switch
    {
        null => "time unknown",
        { Instant: { } instant } => Time(instant),
        { } local => local.Local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " source clock, zone unknown",
    };

    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    internal static string Day(SpokenAt? at) => at switch
    {
        null => "on an unknown day",
        { Instant: { } instant } => "on " + instant.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
        { } local => "on " + local.Local.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
    };

    internal static string Clock(SpokenAt? at) => at switch
    {
        null => "?",
        { Instant: { } instant } => instant.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture) + " UTC",
        { } local => local.Local.ToString("HH:mm", CultureInfo.InvariantCulture) + " (zone unknown)",
    };

    internal static string List(IReadOnlyList<string> parts) => parts.Count switch
    {
        0 => "",
        1 => parts[0],
        _ => string.Join(", ", parts.Take(parts.Count - 1)) + " and " + parts[^1],
    };

    internal static string Count(long count, string one, string many) => count == 1
        ? "1 " + one
        : count.ToString("N0", CultureInfo.InvariantCulture) + " " + many;

    internal static string Fact(ConductFact fact) => fact.State switch
    {
        FactState.Known => Place(fact.Where!),
        FactState.None => "no",
        FactState.Unknown => "unknown: " + fact.Reason,
        _ => throw new ArgumentOutOfRangeException(nameof(fact)),
    };

    internal static string Place(FactPlace place) => $"{place.Exhibit}, {Short(place.At)}";

    /// <summary>A time as tables have it: <c>Z</c> where the instant is known, without it by the clock of the source.</summary>
    internal static string Short(SpokenAt? at) => at switch
    {
        null => "time unknown",
        { Instant: { } instant } => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        { } local => local.Local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
    };

    /// <summary>The heading of a day of quotations.</summary>
    internal static string DayHeading(SpokenAt? at) => at switch
    {
        null => "time unknown",
        { Instant: { } instant } => instant.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture) + ", times in UTC",
        { } local => local.Local.ToString("d MMMM yyyy", CultureInfo.InvariantCulture) + ", times by the clock of the source, zone unknown",
    };

    /// <summary>What was deleted by order, as sentences behind another; nothing if nothing was.</summary>
    internal static string Gone(IReadOnlyList<DossierDeletion> deletions) => deletions.Count == 0 ? "" : string.Concat(deletions.Select(deletion => string.Create(
        CultureInfo.InvariantCulture,
        $" Deleted by order {deletion.Order} of {deletion.At.UtcDateTime:d MMMM yyyy}: {deletion.Exhibits:N0} {(deletion.Exhibits == 1 ? "exhibit" : "exhibits")}."))) + " What rested only on those is gone with them.";

    internal static string TimeOfDay(SpokenAt? at) => at switch
    {
        null => "",
        { Instant: { } instant } => instant.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        { } local => local.Local.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
    };
}
