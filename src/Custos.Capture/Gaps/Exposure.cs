using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Gaps;

/// <summary>A stretch in which one capture was in a venue and hearing.</summary>
/// <param name="Venue">The venue.</param>
/// <param name="Capture">The run of a capture that heard it.</param>
/// <param name="From">When hearing began.</param>
/// <param name="Until">When it ended; where <paramref name="Ended"/> is false, when something was last heard.</param>
/// <param name="Ended">False if no exhibit says that hearing ended: the capture runs still, or was killed.</param>
/// <param name="Began">The exhibit that says it began.</param>
/// <param name="Last">The exhibit that says until when.</param>
public sealed record HearingInterval(
    VenueId Venue, string Capture, DateTimeOffset From, DateTimeOffset Until, bool Ended, ExhibitNumber Began, ExhibitNumber Last);

/// <summary>A stretch in which a venue was to be heard and was not.</summary>
/// <param name="Venue">The venue.</param>
/// <param name="Capture">The run of a capture that did not hear it.</param>
/// <param name="From">Since when nothing is known to have been heard.</param>
/// <param name="Until">When hearing began again or the capture was stopped; null if neither is recorded.</param>
/// <param name="Cause">Why.</param>
/// <param name="Began">The exhibit that says so.</param>
public sealed record Gap(VenueId Venue, string Capture, DateTimeOffset From, DateTimeOffset? Until, GapCause Cause, ExhibitNumber Began);

/// <summary>A stretch of time.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="Until">Its end; not before its beginning.</param>
public readonly record struct Stretch(DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>How long it is.</summary>
    public TimeSpan Length => Until - From;
}

/// <summary>What was listened to: silence within it is silence, outside it is not known (study-spec, section 1).</summary>
/// <param name="Hearing">Every interval of every capture, in the order in which hearing began.</param>
/// <param name="Gaps">Every gap, in the order in which they were recorded.</param>
public sealed record Exposure(IReadOnlyList<HearingInterval> Hearing, IReadOnlyList<Gap> Gaps)
{
    /// <summary>The venues heard at all, in ordinal order.</summary>
    public IReadOnlyList<VenueId> Venues => [.. Hearing.Select(h => h.Venue).Distinct().OrderBy(v => v.Value, StringComparer.Ordinal)];

    /// <summary>When a venue was heard, by however many captures: disjoint and ascending.</summary>
    public IReadOnlyList<Stretch> Heard(VenueId venue)
    {
        var merged = new List<Stretch>();
        foreach (var interval in Hearing.Where(h => h.Venue == venue).OrderBy(h => h.From))
        {
            if (merged.Count > 0 && interval.From <= merged[^1].Until)
            {
                if (interval.Until > merged[^1].Until)
                    merged[^1] = merged[^1] with { Until = interval.Until };
            }
            else
            {
                merged.Add(new(interval.From, interval.Until));
            }
        }

        return merged;
    }

    /// <summary>Venue time: two captures in one venue at one time count once.</summary>
    public TimeSpan VenueTime(VenueId venue) => Heard(venue).Aggregate(TimeSpan.Zero, (sum, stretch) => sum + stretch.Length);

    /// <summary>Operator time: two captures in one venue at one time count twice.</summary>
    public TimeSpan OperatorTime(VenueId venue) =>
        Hearing.Where(h => h.Venue == venue).Aggregate(TimeSpan.Zero, (sum, h) => sum + (h.Until - h.From));
}
