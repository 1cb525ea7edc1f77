using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>Puts the countries of one or several accounts side by side: claimed, inferred, unknown. Nothing is blended and nothing is voted.</summary>
public static class CountryReader
{
    /// <summary>The countries of some readings.</summary>
    /// <param name="readings">Of one account, or of the accounts of one subject.</param>
    /// <param name="data">Names of countries, for the sentences.</param>
    public static CountryView View(IReadOnlyList<SelectorReading> readings, SelectorData data)
    {
        ArgumentNullException.ThrowIfNull(readings);
        ArgumentNullException.ThrowIfNull(data);
        var claimed = readings.SelectMany(reading => reading.Claims)
            .OrderBy(claim => claim.Where.Exhibit).ThenBy(claim => claim.Where.Start).ToList();
        // Only a number in international form points anywhere: one in national form was read with the very country it would show.
        var inferred = readings.SelectMany(reading => reading.Hits)
            .Where(hit => hit.Volunteered && hit.Selector.Kind == SelectorKind.Phone && hit.Validity == SelectorValidity.Checked && hit.Region is not null)
            .OrderBy(hit => hit.Where.Exhibit).ThenBy(hit => hit.Where.Start)
            .Select(hit => new CountryInference(hit.Region!, CountryRole.Registration, "region of a checked telephone number", InferenceClass.Medium, hit.Where))
            .ToList();
        return new(claimed, inferred, Conflicts(claimed, inferred, data));
    }

    static List<CountryConflict> Conflicts(List<CountryClaim> claimed, List<CountryInference> inferred, SelectorData data)
    {
        var conflicts = new List<CountryConflict>();
        var said = Distinct(claimed.Select(claim => claim.Country));
        var shown = Distinct(inferred.Select(inference => inference.Country));
        foreach (var role in (CountryRole[])[CountryRole.Residence, CountryRole.Origin])
        {
            var ofRole = Distinct(claimed.Where(claim => claim.Role == role).Select(claim => claim.Country));
            if (ofRole.Count > 1)
                conflicts.Add(new(ofRole, [], $"The account named {ofRole.Count} countries {(role == CountryRole.Residence ? "it lives in" : "it comes from")}: {Names(ofRole, data)}."));
        }

        if (shown.Count > 1)
            conflicts.Add(new([], shown, $"Its telephone numbers belong to {shown.Count} countries: {Names(shown, data)}."));
        if (said.Count > 0 && shown.Count > 0 && !said.Intersect(shown, StringComparer.Ordinal).Any())
            conflicts.Add(new(said, shown, $"It named {Names(said, data)}; its telephone number belongs to {Names(shown, data)}."));
        return conflicts;
    }

    static List<string> Distinct(IEnumerable<string> countries) => [.. countries.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    static string Names(List<string> countries, SelectorData data) => string.Join(", ", countries.Select(data.CountryName));
}
