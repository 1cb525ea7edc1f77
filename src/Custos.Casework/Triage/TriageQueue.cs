namespace Custos.Casework;

/// <summary>Puts waiting alerts in the order in which a person should read them: by the risk to a child. The score has no part in it.</summary>
public static class TriageQueue
{
    /// <summary>Orders by band, points, nearest date, first seen, exhibit (detection-spec, section 10).</summary>
    /// <param name="waiting">The alerts, in any order.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="asOf">The day from which dates are counted.</param>
    public static IReadOnlyList<RankedAlert> Order(IEnumerable<WaitingAlert> waiting, TriageRules rules, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        ArgumentNullException.ThrowIfNull(rules);
        return [.. waiting
            .Select(alert => new RankedAlert(alert, rules.Rank(alert, asOf)))
            .OrderBy(ranked => ranked.Answer.Band)
            .ThenByDescending(ranked => ranked.Answer.Points)
            .ThenBy(ranked => ranked.Answer.NearestDate ?? int.MaxValue)
            .ThenBy(ranked => ranked.Waiting.FirstSeen)
            .ThenBy(ranked => ranked.Waiting.Alert.Exhibit)];
    }
}
