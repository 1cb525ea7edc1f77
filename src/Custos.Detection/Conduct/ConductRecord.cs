using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>Whether a fact is known.</summary>
public enum FactState
{
    /// <summary>Known, with its exhibit.</summary>
    Known,

    /// <summary>Listened throughout, and it did not happen.</summary>
    None,

    /// <summary>Cannot be said; the reason stands beside it.</summary>
    Unknown,
}

/// <summary>Where a fact stands: the exhibit, the message, the code points.</summary>
public sealed record FactPlace(ExhibitNumber Exhibit, string MessageId, SpokenAt? At, int Start, int Length);

/// <summary>Something that happened, did not, or cannot be known.</summary>
/// <param name="State">Which of the three.</param>
/// <param name="Where">The place, when known.</param>
/// <param name="Reason">Why not, when unknown.</param>
public sealed record ConductFact(FactState State, FactPlace? Where, string? Reason);

/// <summary>Who raised a topic first, and how often each side raised it later.</summary>
/// <param name="Topic">age, sexual, media, camera, payment, move, meeting, secrecy, other-child.</param>
/// <param name="ByAccount">The account's first.</param>
/// <param name="ByPersona">The persona's (or counterpart's) first.</param>
/// <param name="First"><c>account</c>, <c>counterpart</c>, <c>nobody</c> or <c>unknown</c>.</param>
/// <param name="LaterByAccount">Later times by the account.</param>
/// <param name="LaterByCounterpart">Later times by the other side.</param>
public sealed record TopicFirst(string Topic, ConductFact ByAccount, ConductFact ByPersona, string First, int LaterByAccount, int LaterByCounterpart);

/// <summary>An age said by either side.</summary>
/// <param name="ByAccount">True if the account said it of itself; false if the counterpart did.</param>
/// <param name="Years">Years.</param>
/// <param name="Exact">False for a school grade or a birth year.</param>
/// <param name="Where">Where it was said.</param>
public sealed record AgeStatement(bool ByAccount, int Years, bool Exact, FactPlace Where);

/// <summary>A refusal or a leave-taking, and what followed.</summary>
/// <param name="ByAccount">Whose.</param>
/// <param name="Code">refusal, withdrawal, age.declined, silent-withdrawal.</param>
/// <param name="Where">Where it was said.</param>
/// <param name="Next">The next three messages, whoever wrote them.</param>
public sealed record RefusalOrExit(bool ByAccount, string Code, FactPlace Where, IReadOnlyList<FactPlace> Next);

/// <summary>A departure from the rules of conduct, for the supervisor.</summary>
/// <param name="Code">persona-first, renewed-after-refusal, re-contact-after-withdrawal, age-not-stated, age-contradicted, unanswered-run, inducement, outside-authorisation, unattributed-line, vulnerability-ignored.</param>
/// <param name="Topic">The topic, for persona-first.</param>
/// <param name="Where">The line in question; of unattributed lines the first.</param>
public sealed record Deviation(string Code, string? Topic, FactPlace? Where);

/// <summary>The persona's share of the talk.</summary>
/// <param name="Messages">Its messages.</param>
/// <param name="OfAll">Messages of both sides.</param>
/// <param name="LongestUnansweredRun">Its most messages in a row.</param>
/// <param name="Inducements">How many; <see cref="ConductRecord.Inducements"/> lists them.</param>
public sealed record PersonaPressure(int Messages, int OfAll, int LongestUnansweredRun, int Inducements)
{
    /// <summary>How often it spoke first: at the beginning, or after eight hours of silence on both sides.</summary>
    public int Openings { get; init; }

    /// <summary>How often either side did.</summary>
    public int OpeningsOfAll { get; init; }

    /// <summary>Its messages within 60 seconds of a refusal or a leave-taking of the account, where both times are known.</summary>
    public int WithinMinuteOfRefusal { get; init; }
}

/// <summary>Who wrote the first message.</summary>
/// <param name="First"><c>account</c>, <c>counterpart</c> or <c>unknown</c>.</param>
/// <param name="Where">The first message that was heard; unknown behind a gap, and where a room is kept only from an indicator on.</param>
public sealed record FirstContact(string First, ConductFact Where);

/// <summary>An age that does not fit one the same side stated before.</summary>
/// <param name="ByAccount">Whose.</param>
/// <param name="Years">As stated now.</param>
/// <param name="Earlier">As stated before.</param>
/// <param name="Where">The later statement.</param>
public sealed record AgeContradiction(bool ByAccount, int Years, int Earlier, FactPlace Where);

/// <summary>The first mention of payment or another benefit.</summary>
/// <param name="ByAccount">Whose.</param>
/// <param name="Code">payment.offer, payment.claimed, gift or payment.request.</param>
/// <param name="Amount">As a decimal number; null if none was said.</param>
/// <param name="Currency">ISO 4217; null if none was said.</param>
/// <param name="Channel">The means of payment; null if none was said.</param>
/// <param name="Where">The line.</param>
public sealed record PaymentMention(bool ByAccount, string Code, string? Amount, string? Currency, string? Channel, FactPlace Where);

/// <summary>A request or an offer, and whether its side had made one of the topic before.</summary>
/// <param name="ByAccount">Whose.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Renewal">True from the side's second of the topic on.</param>
/// <param name="MessagesSince">Messages of both since the side's last of the topic; null for the first.</param>
/// <param name="SecondsSince">Seconds since then; null for the first, and where a time is not known.</param>
/// <param name="Where">The line.</param>
public sealed record Invitation(bool ByAccount, string Topic, bool Renewal, int? MessagesSince, long? SecondsSince, FactPlace Where);

/// <summary>A line by its code.</summary>
public sealed record CodedPlace(string Code, FactPlace Where);

/// <summary>Who first raised what, when the age was stated, refusals, repeats, deviations: computed from exhibits alone. It lists; it never concludes.</summary>
/// <param name="Pair">Of whom.</param>
/// <param name="HasPersona">True if the counterpart is our persona.</param>
/// <param name="Messages">Messages of the thread between the two.</param>
/// <param name="Topics">One row a topic, in the fixed order.</param>
/// <param name="Ages">Every statement of age.</param>
/// <param name="AgeStatedByCounterpart">The child-age fact.</param>
/// <param name="AgeAcknowledged">By the account.</param>
/// <param name="MessagesToNextCore">Messages between the statement and the account's next core indicator; null if none.</param>
/// <param name="RefusalsAndExits">Of either side.</param>
/// <param name="Exculpatory">Every indicator that speaks for the account.</param>
/// <param name="Pressure">The persona's share.</param>
/// <param name="Deviations">For the supervisor.</param>
public sealed record ConductRecord(
    PairKey Pair,
    bool HasPersona,
    int Messages,
    IReadOnlyList<TopicFirst> Topics,
    IReadOnlyList<AgeStatement> Ages,
    ConductFact AgeStatedByCounterpart,
    ConductFact AgeAcknowledged,
    int? MessagesToNextCore,
    IReadOnlyList<RefusalOrExit> RefusalsAndExits,
    IReadOnlyList<Indicator> Exculpatory,
    PersonaPressure Pressure,
    IReadOnlyList<Deviation> Deviations)
{
    /// <summary>Who wrote first (field 3 of the law data's record).</summary>
    public FirstContact Contact { get; init; } = new("unknown", new(FactState.Unknown, null, "not recorded"));

    /// <summary>The persona's first line; null if it wrote none.</summary>
    public FactPlace? FirstOwn { get; init; }

    /// <summary>The persona's last line so far; null if it wrote none.</summary>
    public FactPlace? LastOwn { get; init; }

    /// <summary>Ages that do not fit each other (field 4).</summary>
    public IReadOnlyList<AgeContradiction> Contradictions { get; init; } = [];

    /// <summary>The first mention of payment by either side (field 6); null if there is none.</summary>
    public PaymentMention? FirstPayment { get; init; }

    /// <summary>Requests and offers of either side, renewals and what lay between (field 8).</summary>
    public IReadOnlyList<Invitation> Invitations { get; init; } = [];

    /// <summary>Where the other side gave the account a reason to leave (field 10): its age, a refusal, a leave-taking, advice, a report.</summary>
    public IReadOnlyList<CodedPlace> Opportunities { get; init; } = [];

    /// <summary>Flattery, money, gifts and threats of the other side (field 11).</summary>
    public IReadOnlyList<CodedPlace> Inducements { get; init; } = [];

    /// <summary>Signs that the account is vulnerable or itself under age (field 12). Whether to stop is decided by a person.</summary>
    public IReadOnlyList<CodedPlace> CareSigns { get; init; } = [];
}

/// <summary>A fact about risk to a child, apart from the score (detection-spec, section 10).</summary>
/// <param name="Code">The fact's name in <c>triage.yaml</c>.</param>
/// <param name="Value">A count, an age, an amount; null where the fact has none.</param>
/// <param name="Where">The citations.</param>
public sealed record RiskFact(string Code, long? Value, IReadOnlyList<FactPlace> Where);
