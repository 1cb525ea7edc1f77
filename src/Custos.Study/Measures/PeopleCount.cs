namespace Custos.Study;

/// <summary>How many people: accounts, and a lower and an upper bound; never one number.</summary>
/// <param name="Accounts">Distinct accounts.</param>
/// <param name="Anchored">Of these, the ones that carry a durable selector.</param>
/// <param name="Lower">Clusters of anchored accounts in the permissive view. A throwaway name adds nobody: it may be someone already counted.</param>
/// <param name="Upper">Clusters of anchored accounts in the strict view, and every other account as its own person.</param>
/// <param name="IdentifiedLower">Identified persons in the permissive view.</param>
/// <param name="IdentifiedUpper">Identified persons in the strict view.</param>
/// <param name="Audited">False until blind audits of the links were entered: such bounds cannot head a release.</param>
public sealed record PeopleCount(long Accounts, long Anchored, long Lower, long Upper, long IdentifiedLower, long IdentifiedUpper, bool Audited)
{
    /// <summary>The share identified: from the Wilson lower limit at the upper bound to the upper limit at the lower bound. It describes our work, not the population.</summary>
    /// <returns>Null where nobody was counted: a share of nothing is no number.</returns>
    public Interval? ShareIdentified
    {
        get
        {
            if (Upper == 0)
                return null;
            // Whoever is identified is a person, so the lower bound is at least that many.
            var fewest = Math.Max(Math.Max(Lower, IdentifiedLower), 1);
            return new(Wilson.Of(IdentifiedUpper, Upper).Lower, Wilson.Of(IdentifiedLower, fewest).Upper);
        }
    }

    /// <summary>Counts people among accounts, each account once however many venues it was seen in.</summary>
    /// <exception cref="ArgumentException">The permissive view parts accounts that the strict view joins.</exception>
    public static PeopleCount Of(IReadOnlyList<StudyAccount> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var accounts = rows.GroupBy(row => row.Account).Select(group => (
            Anchored: group.Any(row => row.Anchored || row.Identified),
            group.First().Strict,
            group.First().Permissive,
            Identified: group.Any(row => row.Identified))).ToList();
        var anchored = accounts.Where(account => account.Anchored).ToList();
        var lower = anchored.Select(account => account.Permissive).Distinct().LongCount();
        var strict = anchored.Select(account => account.Strict).Distinct().LongCount();
        if (lower > strict)
            throw new ArgumentException("The permissive view has more clusters than the strict one; the views were swapped.", nameof(rows));
        var identified = anchored.Where(account => account.Identified).ToList();
        return new(
            accounts.Count,
            anchored.Count,
            lower,
            strict + (accounts.Count - anchored.Count),
            identified.Select(account => account.Permissive).Distinct().LongCount(),
            identified.Select(account => account.Strict).Distinct().LongCount(),
            Audited: false);
    }
}
