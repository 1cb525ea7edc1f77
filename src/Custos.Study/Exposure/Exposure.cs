using Custos.Vocabulary;

namespace Custos.Study;

/// <summary>A venue inside a study: a code such as <c>V-07</c>; the name stays with the unit.</summary>
/// <param name="Code">The code; which venue it is, only the unit knows.</param>
/// <param name="Kind">What kind of place.</param>
public readonly record struct VenueKey(string Code, VenueKind Kind)
{
    /// <inheritdoc/>
    public override string ToString() => Code;
}

/// <summary>A stretch in which one session was in a venue and hearing.</summary>
/// <param name="Venue">Which venue.</param>
/// <param name="Session">Which session: two in one venue at one time are one venue-hour and two operator-hours.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
public sealed record ListeningSession(VenueKey Venue, string Session, DateTimeOffset From, DateTimeOffset Until);

/// <summary>A stretch in which a session did not hear, whatever its session says.</summary>
/// <param name="Venue">Which venue.</param>
/// <param name="Session">Which session.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
public sealed record ListeningGap(VenueKey Venue, string Session, DateTimeOffset From, DateTimeOffset Until);

/// <summary>How long a venue was heard.</summary>
/// <param name="Venue">Which venue.</param>
/// <param name="Heard">Time in which at least one session heard it.</param>
/// <param name="Operated">The same, once for every session.</param>
public sealed record VenueExposure(VenueKey Venue, TimeSpan Heard, TimeSpan Operated)
{
    /// <summary>Venue-hours listened.</summary>
    public double VenueHours => Heard.TotalHours;

    /// <summary>Operator-hours.</summary>
    public double OperatorHours => Operated.TotalHours;
}

/// <summary>What was listened to. A count without exposure is not a result; silence while not listening is missing, not zero.</summary>
public sealed class ExposureTable
{
    readonly Dictionary<VenueKey, VenueExposure> _byVenue;

    ExposureTable(Dictionary<VenueKey, VenueExposure> byVenue) => _byVenue = byVenue;

    /// <summary>Venues that were heard, by code.</summary>
    public IReadOnlyList<VenueExposure> Venues => [.. _byVenue.Values.OrderBy(exposure => exposure.Venue.Code, StringComparer.Ordinal)];

    /// <summary>Venue-hours over all venues.</summary>
    public double VenueHours => Venues.Sum(exposure => exposure.VenueHours);

    /// <summary>Operator-hours over all venues.</summary>
    public double OperatorHours => Venues.Sum(exposure => exposure.OperatorHours);

    /// <summary>The exposure of a venue; null if it was not heard.</summary>
    public VenueExposure? Of(VenueKey venue) => _byVenue.GetValueOrDefault(venue);

    /// <summary>Adds up sessions, their gaps taken off.</summary>
    /// <exception cref="ArgumentException">A session or a gap ends before it begins.</exception>
    public static ExposureTable Of(IReadOnlyList<ListeningSession> sessions, IReadOnlyList<ListeningGap> gaps)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentNullException.ThrowIfNull(gaps);
        if (sessions.Any(session => session.Until < session.From) || gaps.Any(gap => gap.Until < gap.From))
            throw new ArgumentException("A session or a gap ends before it begins; check the clock of its exhibits.", nameof(sessions));

        var byVenue = new Dictionary<VenueKey, VenueExposure>();
        foreach (var venue in sessions.GroupBy(session => session.Venue))
        {
            var heard = new List<(DateTimeOffset From, DateTimeOffset Until)>();
            var operated = TimeSpan.Zero;
            foreach (var session in venue.GroupBy(session => session.Session, StringComparer.Ordinal))
            {
                var own = Union(session.Select(s => (s.From, s.Until)));
                var missing = Union(gaps.Where(gap => gap.Venue == venue.Key && gap.Session == session.Key).Select(gap => (gap.From, gap.Until)));
                var left = Without(own, missing);
                operated += Length(left);
                heard.AddRange(left);
            }

            var union = Union(heard);
            if (Length(union) > TimeSpan.Zero)
                byVenue.Add(venue.Key, new(venue.Key, Length(union), operated));
        }

        return new(byVenue);
    }

    static TimeSpan Length(List<(DateTimeOffset From, DateTimeOffset Until)> stretches) =>
        stretches.Aggregate(TimeSpan.Zero, (sum, stretch) => sum + (stretch.Until - stretch.From));

    static List<(DateTimeOffset From, DateTimeOffset Until)> Union(IEnumerable<(DateTimeOffset From, DateTimeOffset Until)> stretches)
    {
        var merged = new List<(DateTimeOffset From, DateTimeOffset Until)>();
        foreach (var stretch in stretches.OrderBy(stretch => stretch.From).ThenBy(stretch => stretch.Until))
        {
            if (merged.Count > 0 && stretch.From <= merged[^1].Until)
                merged[^1] = (merged[^1].From, stretch.Until > merged[^1].Until ? stretch.Until : merged[^1].Until);
            else
                merged.Add(stretch);
        }

        return merged;
    }

    static List<(DateTimeOffset From, DateTimeOffset Until)> Without(List<(DateTimeOffset From, DateTimeOffset Until)> stretches, List<(DateTimeOffset From, DateTimeOffset Until)> missing)
    {
        var left = new List<(DateTimeOffset From, DateTimeOffset Until)>();
        foreach (var (from, until) in stretches)
        {
            var start = from;
            foreach (var gap in missing)
            {
                if (gap.Until <= start || gap.From >= until)
                    continue;
                if (gap.From > start)
                    left.Add((start, gap.From));
                start = gap.Until;
            }

            if (start < until)
                left.Add((start, until));
        }

        return left;
    }
}
