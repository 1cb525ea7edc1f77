using Custos.Detection;

namespace Custos.Casework;

/// <summary>One reason for an alert's place in the queue.</summary>
/// <param name="RuleId">The rule in <c>triage.yaml</c>.</param>
/// <param name="Sentence">Why, in words.</param>
/// <param name="Band">The band it lifts to; null if it gives points.</param>
/// <param name="Points">The points it gives; 0 if it lifts to a band.</param>
/// <param name="Where">The exhibits it rests on.</param>
public sealed record TriageReason(string RuleId, string Sentence, int? Band, int Points, IReadOnlyList<FactPlace> Where);

/// <summary>How urgent an alert is.</summary>
/// <param name="Band">1 a child at immediate risk, 2 a child within reach, 3 active and repeating, 4 other.</param>
/// <param name="Points">Within the band.</param>
/// <param name="NearestDate">Days since 1970-01-01 of the nearest dated meeting or travel; null if none is dated.</param>
/// <param name="Reasons">Bands first, then points, in the order of the rules.</param>
/// <param name="Shadow">What the rules that are not live would have added. They change no order.</param>
public sealed record TriageAnswer(int Band, int Points, int? NearestDate, IReadOnlyList<TriageReason> Reasons, IReadOnlyList<TriageReason> Shadow)
{
    /// <summary>The band in words.</summary>
    public string BandInWords => Band switch
    {
        1 => "a child at immediate risk",
        2 => "a child within reach",
        3 => "active and repeating",
        _ => "other",
    };
}

/// <summary>An alert that waits for a person.</summary>
/// <param name="Alert">Which.</param>
/// <param name="Facts">The facts about risk to a child, with citations.</param>
/// <param name="FirstSeen">When the key's first indicator was said or, where unknown, recorded.</param>
/// <param name="Score">How sure detection is; shown beside the rank, never part of it.</param>
/// <param name="Probability">The calibrated probability; null where the model is not calibrated.</param>
/// <param name="Indicators">All that contributed, with the dates they carry.</param>
/// <param name="SpeaksFor">What speaks for the account, shown at equal size.</param>
/// <param name="Peer">Both may be children: no subject, safeguarding.</param>
public sealed record WaitingAlert(
    AlertAddress Alert,
    IReadOnlyList<RiskFact> Facts,
    DateTimeOffset FirstSeen,
    Score? Score,
    Probability? Probability,
    IReadOnlyList<Indicator> Indicators,
    IReadOnlyList<Indicator> SpeaksFor,
    bool Peer);

/// <summary>A waiting alert with its place.</summary>
/// <param name="Waiting">The alert.</param>
/// <param name="Answer">Its band, points and reasons.</param>
public sealed record RankedAlert(WaitingAlert Waiting, TriageAnswer Answer);
