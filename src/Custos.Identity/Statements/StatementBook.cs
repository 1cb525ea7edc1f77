using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>Makes statements of a reading.</summary>
public static class StatementBook
{
    /// <summary>One statement a volunteered value or country, in the order in which they were said; what our persona said or what was quoted makes none.</summary>
    public static IReadOnlyList<Statement> Of(SelectorReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var values = reading.Hits.Where(hit => hit.Speaker == Speaker.Account && (hit.Flags & SelectorFlags.SaidByPersona) == 0)
            .Select(hit => new Statement(
                reading.Account, Property(hit.Selector.Kind), hit.Selector.Normal, hit.Selector.Raw, StatementBasis.Volunteered,
                hit.Where, hit.AskedIn, hit.Validity, Grade.Proposed, true, reading.DataSha256));
        var countries = reading.Claims
            .Select(claim => new Statement(
                reading.Account, claim.Role == CountryRole.Residence ? "country of residence" : "country of origin", claim.Country, claim.Country, StatementBasis.Volunteered,
                claim.Where, claim.AskedIn, SelectorValidity.Claimed, Grade.Proposed, true, reading.DataSha256));
        return [.. values.Concat(countries).OrderBy(statement => statement.Where.Exhibit).ThenBy(statement => statement.Where.Start).ThenBy(statement => statement.Property, StringComparer.Ordinal)];
    }

    /// <summary>The property's name for a kind of selector.</summary>
    public static string Property(SelectorKind kind) => kind switch
    {
        SelectorKind.Phone => "telephone",
        SelectorKind.Email => "e-mail address",
        SelectorKind.ServiceHandle => "name at a service",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
