namespace Custos.Console.Client;

/// <summary>An operation, as the list of operations shows it.</summary>
/// <param name="Slug">Its short neutral name.</param>
/// <param name="Authority">Who authorised it; null where no authorisation is recorded yet.</param>
/// <param name="LegalBasis">The legal basis named there.</param>
/// <param name="From">When the authorisation begins.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Venues">Places it names.</param>
/// <param name="Messages">Messages recorded.</param>
/// <param name="Exhibits">Exhibits in its log.</param>
/// <param name="Alerts">Alerts waiting for a person.</param>
/// <param name="AuthorizationExhibit">The exhibit that holds the authorisation.</param>
/// <param name="Note">Why the authorisation is not shown, where it is not.</param>
public sealed record OperationRow(
    string Slug,
    string? Authority,
    string? LegalBasis,
    DateTimeOffset? From,
    DateTimeOffset? Until,
    IReadOnlyList<string> Venues,
    long Messages,
    long Exhibits,
    int Alerts,
    ExhibitAddress? AuthorizationExhibit,
    string? Note = null);

/// <summary>What became of an alert.</summary>
public enum AlertState
{
    /// <summary>Nobody has decided on it.</summary>
    Waiting,

    /// <summary>Put off until a day, with a reason.</summary>
    Deferred,

    /// <summary>Dismissed, with a reason; it can be reopened.</summary>
    Dismissed,

    /// <summary>Attached to a case.</summary>
    InCase,
}

/// <summary>What part of the queue to show.</summary>
/// <param name="Operation">One operation; null for all.</param>
/// <param name="Band">One band, 1 to 4; null for all.</param>
/// <param name="State">Waiting, deferred or dismissed.</param>
public sealed record QueueFilter(string? Operation = null, int? Band = null, AlertState State = AlertState.Waiting);

/// <summary>A sentence and the exhibits it rests on.</summary>
public sealed record Reason(string Sentence, IReadOnlyList<ExhibitAddress> Exhibits);

/// <summary>One alert in the queue. No words of the chat.</summary>
/// <param name="Address">Which alert.</param>
/// <param name="Rank">1 is the first to read, among all that wait.</param>
/// <param name="Band">1 a child at immediate risk, 2 a child within reach, 3 active and repeating, 4 other.</param>
/// <param name="Venue">Where.</param>
/// <param name="Account">Whose conduct.</param>
/// <param name="Counterpart">With whom; null if the alert is about an account in a room.</param>
/// <param name="CounterpartIsPersona">True if that is our persona; false: perhaps a real child.</param>
/// <param name="Peer">Both may be children: stop, do not engage, safeguard.</param>
/// <param name="FirstSeen">When the account was first seen in this conversation; as the source wrote it.</param>
/// <param name="Messages">Messages between the two.</param>
/// <param name="Score">Evidence in bits, beside the rank; it never enters the order.</param>
/// <param name="Probability">Only where the model is calibrated.</param>
/// <param name="Reasons">Why this rank, most pressing first.</param>
/// <param name="SpeaksFor">What speaks for the account.</param>
/// <param name="State">What became of it.</param>
/// <param name="StateNote">The reason given, or the day it is put off to.</param>
public sealed record QueueRow(
    AlertAddress Address,
    int Rank,
    int Band,
    string Venue,
    string Account,
    string? Counterpart,
    bool CounterpartIsPersona,
    bool Peer,
    string? FirstSeen,
    int Messages,
    double Score,
    double? Probability,
    IReadOnlyList<Reason> Reasons,
    IReadOnlyList<Reason> SpeaksFor,
    AlertState State,
    string? StateNote)
{
    /// <summary>Messages of both sides heard when the alert came; null for an account in a room.</summary>
    public int? AlertAfter { get; init; }
}

/// <summary>A stretch of the queue.</summary>
/// <param name="Rows">The rows asked for.</param>
/// <param name="Total">How many the filter holds in all.</param>
/// <param name="Bands">How many wait in bands 1 to 4, whatever band the filter names.</param>
/// <param name="Behind">A sentence where alerts may be missing because the index has not followed the log yet; null if none may.</param>
public sealed record QueueSlice(IReadOnlyList<QueueRow> Rows, int Total, IReadOnlyList<int> Bands, string? Behind = null);

/// <summary>What an analyst decided on an alert.</summary>
/// <param name="State">Dismissed or deferred; waiting reopens it.</param>
/// <param name="Reason">In the analyst's words; recorded.</param>
/// <param name="Until">The day it comes back, for a deferred one.</param>
public sealed record AlertDecision(AlertState State, string Reason, DateOnly? Until);
