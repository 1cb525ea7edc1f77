namespace Custos.Study;

/// <summary>Alerts of a venue, with the hours listened.</summary>
/// <param name="Venue">The venue's code.</param>
/// <param name="Exposure">How long it was heard; null if it was not.</param>
/// <param name="Alerts">Alerts raised.</param>
/// <param name="Confirmed">Of these, confirmed by a person.</param>
/// <param name="Rate">Confirmed alerts per venue-hour, with an exact Poisson interval; refused without exposure.</param>
/// <param name="RateUnreviewed">Alerts not yet reviewed per venue-hour; never part of the headline.</param>
public sealed record VenueRow(VenueKey Venue, VenueExposure? Exposure, long Alerts, long Confirmed, Estimate Rate, Estimate RateUnreviewed);

/// <summary>People by country, of one basis alone.</summary>
/// <param name="Country">ISO 3166-1, <c>conflicting</c>, or <c>unknown</c>.</param>
/// <param name="People">Persons by the strict view, throwaway names each on their own.</param>
public sealed record CountryRow(string Country, long People);

/// <summary>What an operation shows, with denominators and intervals. It stays in the unit: small cells are not hidden in it.</summary>
public sealed record StudyTable
{
    /// <summary>The operation.</summary>
    public required string Operation { get; init; }

    /// <summary>Exhibits at the checkpoint it is made at.</summary>
    public required long TreeSize { get; init; }

    /// <summary>The root at that checkpoint, base64.</summary>
    public required string RootHash { get; init; }

    /// <summary>Hours listened.</summary>
    public required ExposureTable Exposure { get; init; }

    /// <summary>People with a solicitation that a person confirmed.</summary>
    public required PeopleCount Confirmed { get; init; }

    /// <summary>People detected, and neither confirmed nor dismissed by a person.</summary>
    public required PeopleCount Unreviewed { get; init; }

    /// <summary>Venues, by code: those heard and those that have alerts.</summary>
    public required IReadOnlyList<VenueRow> Venues { get; init; }

    /// <summary>Confirmed people by the country they named.</summary>
    public required IReadOnlyList<CountryRow> Claimed { get; init; }

    /// <summary>Confirmed people by the country that follows from what they gave. Never added to the claimed ones.</summary>
    public required IReadOnlyList<CountryRow> Inferred { get; init; }

    /// <summary>What was deleted by order: missing content is named, never passed over.</summary>
    public IReadOnlyList<StudyDeletion> Deleted { get; init; } = [];

    /// <summary>What was left out and why; the command then ends with 3.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>Reads a source at its checkpoint.</summary>
    public static async Task<StudyTable> OfAsync(IStudySource source, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(source);
        var sessions = new List<ListeningSession>();
        await foreach (var session in source.SessionsAsync(cancel).ConfigureAwait(false))
            sessions.Add(session);
        var gaps = new List<ListeningGap>();
        await foreach (var gap in source.GapsAsync(cancel).ConfigureAwait(false))
            gaps.Add(gap);
        var rows = new List<StudyAccount>();
        await foreach (var row in source.AccountsAsync(cancel).ConfigureAwait(false))
            rows.Add(row);
        var deleted = new List<StudyDeletion>();
        await foreach (var deletion in source.DeletionsAsync(cancel).ConfigureAwait(false))
            deleted.Add(deletion);
        return Of(source.Operation, source.TreeSize, source.RootHash, ExposureTable.Of(sessions, gaps), rows) with { Deleted = deleted };
    }

    /// <summary>Adds up rows; their order changes nothing.</summary>
    public static StudyTable Of(string operation, long treeSize, string rootHash, ExposureTable exposure, IReadOnlyList<StudyAccount> rows)
    {
        ArgumentNullException.ThrowIfNull(exposure);
        ArgumentNullException.ThrowIfNull(rows);
        // A person is confirmed by any of its accounts' venues; unreviewed only if nothing of it was decided either way.
        var confirmed = rows.Where(row => row.Confirmed > 0).Select(row => row.Account).ToHashSet();
        var unreviewed = rows.Where(row => !confirmed.Contains(row.Account) && row.Alerts > row.Confirmed + row.Dismissed).Select(row => row.Account).ToHashSet();
        var confirmedRows = rows.Where(row => confirmed.Contains(row.Account)).ToList();

        var leftOut = new List<string>();
        var venues = exposure.Venues.Select(heard => heard.Venue).Concat(rows.Select(row => row.Venue)).Distinct().OrderBy(venue => venue.Code, StringComparer.Ordinal)
            .Select(venue => Venue(venue, exposure, rows.Where(row => row.Venue == venue).ToList(), leftOut)).ToList();
        return new()
        {
            Operation = operation,
            TreeSize = treeSize,
            RootHash = rootHash,
            Exposure = exposure,
            Confirmed = PeopleCount.Of(confirmedRows),
            Unreviewed = PeopleCount.Of([.. rows.Where(row => unreviewed.Contains(row.Account))]),
            Venues = venues,
            Claimed = Countries(confirmedRows, row => row.ClaimedCountries),
            Inferred = Countries(confirmedRows, row => row.InferredCountries),
            LeftOut = leftOut,
        };
    }

    static VenueRow Venue(VenueKey venue, ExposureTable exposure, List<StudyAccount> rows, List<string> leftOut)
    {
        var alerts = rows.Sum(row => (long)row.Alerts);
        var confirmed = rows.Sum(row => (long)row.Confirmed);
        var waiting = alerts - confirmed - rows.Sum(row => (long)row.Dismissed);
        var heard = exposure.Of(venue);
        if (heard is null && alerts > 0)
            leftOut.Add($"Venue {venue} has {alerts} {(alerts == 1 ? "alert" : "alerts")} and no exposure. Its rates are left out: a rate needs hours listened, which custos watch records.");
        return new(venue, heard, alerts, confirmed, Rate("confirmed alerts per venue-hour, exact Poisson 95 %", confirmed, heard), Rate("unreviewed alerts per venue-hour, exact Poisson 95 %", waiting, heard));
    }

    static Estimate Rate(string form, long count, VenueExposure? heard)
    {
        if (heard is null)
            return Estimate.Refused(form, "no exposure: nobody is known to have listened");
        var interval = Exact.Poisson(count);
        return new(form, count / heard.VenueHours, null, new(interval.Lower / heard.VenueHours, interval.Upper / heard.VenueHours), null);
    }

    // Each person once: several countries are conflicting, none is unknown, so every table adds up to the same people.
    static List<CountryRow> Countries(List<StudyAccount> rows, Func<StudyAccount, IReadOnlyList<string>> of)
    {
        var persons = new Dictionary<(bool Anchored, PersonKey Key), SortedSet<string>>();
        foreach (var account in rows.GroupBy(row => row.Account))
        {
            var anchored = account.Any(row => row.Anchored || row.Identified);
            var key = (anchored, anchored ? account.First().Strict : account.Key);
            if (!persons.TryGetValue(key, out var countries))
                persons.Add(key, countries = new(StringComparer.Ordinal));
            countries.UnionWith(account.SelectMany(of));
        }

        return [.. persons.Values
            .GroupBy(countries => countries.Count switch { 0 => "unknown", 1 => countries.Min!, _ => "conflicting" }, StringComparer.Ordinal)
            .OrderBy(group => group.Key is "unknown" or "conflicting").ThenByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new CountryRow(group.Key, group.Count()))];
    }
}
