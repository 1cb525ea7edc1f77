using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>How far a value could be checked; never how true it is.</summary>
public enum SelectorValidity
{
    /// <summary>A checksum, or a structure that random text passes less than once in 1,000.</summary>
    Checked,

    /// <summary>Grammar and cue.</summary>
    Plausible,

    /// <summary>Said; nothing to check.</summary>
    Claimed,
}

/// <summary>Whose words a value stands in.</summary>
public enum Speaker
{
    /// <summary>The account itself.</summary>
    Account,

    /// <summary>Our persona: kept as a stop list, never linked.</summary>
    Persona,

    /// <summary>A line the account pasted or quoted: it belongs to whoever is quoted and is never volunteered.</summary>
    Quoted,
}

/// <summary>One selector as it was read in one line.</summary>
/// <param name="Selector">Kind, normal form, and the value as written.</param>
/// <param name="Validity">How far it could be checked.</param>
/// <param name="Where">Exhibit, message, code points of <c>text</c>.</param>
/// <param name="Speaker">Whose words it stands in.</param>
/// <param name="AskedIn">The question of the other side that it answers; null if it was not asked.</param>
/// <param name="Flags">What weakens it.</param>
/// <param name="Region">The country a number belongs to, ISO 3166-1; null where the kind has none.</param>
/// <param name="Alternative">The losing reading of the same characters; null if there was none.</param>
public sealed record SelectorHit(
    Selector Selector,
    SelectorValidity Validity,
    FactPlace Where,
    Speaker Speaker,
    FactPlace? AskedIn,
    SelectorFlags Flags,
    string? Region = null,
    Selector? Alternative = null)
{
    /// <summary>True if the account said it of its own accord or in answer to a question, and it may count towards a link.</summary>
    public bool Volunteered => Speaker == Speaker.Account && (Flags & (SelectorFlags.SaidByPersona | SelectorFlags.Reserved)) == 0;

    /// <summary>Kind and place, never the value: a record's default would print it.</summary>
    public override string ToString() => $"{Selector.Kind} {Where.Exhibit}";
}

/// <summary>What weakens a value.</summary>
[Flags]
public enum SelectorFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A name, address or number set aside for examples and fiction: it weighs nothing.</summary>
    Reserved = 1,

    /// <summary>Our persona said it too: people quote it back, so it is never linked.</summary>
    SaidByPersona = 2,

    /// <summary>Written so as not to be read by a machine ("at", "dot", spaced or spelled digits).</summary>
    Disguised = 4,

    /// <summary>Read as a number of the country the account said it lives in.</summary>
    RegionStated = 8,

    /// <summary>Read as a number of the venue's default country.</summary>
    RegionOfVenue = 16,

    /// <summary>Written as a link or with the service's prefix, so that no cue was needed.</summary>
    Link = 32,
}

/// <summary>What reading one account's conversations gave.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Hits">What was kept, in the order of the lines.</param>
/// <param name="NotKept">Weaker readings that were not kept, counted by reason, so that misses can be audited.</param>
/// <param name="Claims">Countries the account said it lives in or comes from.</param>
/// <param name="DataSha256">The hash of the data that read them.</param>
public sealed record SelectorReading(
    AccountKey Account,
    IReadOnlyList<SelectorHit> Hits,
    IReadOnlyDictionary<string, int> NotKept,
    IReadOnlyList<CountryClaim> Claims,
    string DataSha256);
