using Custos.Casework;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Pipeline;
using Custos.Vocabulary;

namespace Custos.Storage;

/// <summary>A conversation in which something was found, without its words.</summary>
/// <param name="Id">Its id in the operation: the same after a rebuild by the same versions.</param>
/// <param name="Scope">Pair or place.</param>
/// <param name="Venue">The venue.</param>
/// <param name="Thread">The thread of a pair; <c>""</c> for a place.</param>
/// <param name="Account">Whose conduct.</param>
/// <param name="Counterpart">The other side; null for a place.</param>
/// <param name="HasPersona">True if that is our persona.</param>
/// <param name="Messages">Messages of either side in the thread; for a place, of the account in the venue.</param>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them.</param>
/// <param name="FirstAt">When the first was said, as its source wrote it.</param>
/// <param name="LastAt">When the last was said.</param>
/// <param name="Indicators">Indicators of the account.</param>
/// <param name="Score">Evidence; null while only our persona's lines carry indicators.</param>
/// <param name="Probability">Probability.</param>
/// <param name="Peer">Both may be children.</param>
public sealed record StoredConversation(
    long Id,
    FindingScope Scope,
    string Venue,
    string Thread,
    string Account,
    string? Counterpart,
    bool HasPersona,
    long Messages,
    ExhibitNumber First,
    ExhibitNumber Last,
    SpokenAt? FirstAt,
    SpokenAt? LastAt,
    int Indicators,
    Score? Score,
    Probability? Probability,
    bool Peer);

/// <summary>An alert: a finding, its conversation, and what a person decided on it last.</summary>
/// <param name="Id">Its id in the operation: letters, digits and hyphen.</param>
/// <param name="Exhibit">The message at which the evidence passed the threshold.</param>
/// <param name="Finding">The alert itself.</param>
/// <param name="Conversation">Its conversation.</param>
/// <param name="RiskFacts">Facts about risk to a child.</param>
/// <param name="FirstSeen">When the account's first indicator was said or, where that is not known, recorded.</param>
/// <param name="Decided">The last decision on it; null while it waits.</param>
public sealed record StoredAlert(
    string Id,
    ExhibitNumber Exhibit,
    Finding Finding,
    StoredConversation Conversation,
    IReadOnlyList<RiskFact> RiskFacts,
    DateTimeOffset FirstSeen,
    StoredDecision? Decided)
{
    /// <summary>The alert as decisions name it.</summary>
    public AlertAddress Address => AlertAddress.Of(Finding, Exhibit);

    /// <summary>The alert as triage ranks it.</summary>
    /// <param name="calibrated">Whether the model's probability is a frequency; if not, it is left out.</param>
    public WaitingAlert Waiting(bool calibrated) => new(
        Address, RiskFacts, FirstSeen, Conversation.Score, calibrated ? Conversation.Probability : null, Finding.Indicators, Finding.Exculpatory, Conversation.Peer);
}

/// <summary>A person's decision and where it is recorded.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Decision">What was decided.</param>
public sealed record StoredDecision(ExhibitNumber Exhibit, DateTimeOffset At, Decision Decision)
{
    /// <summary>Reads a decision's exhibit; null if it is none that this version knows, which leaves it to the exhibit's own page.</summary>
    internal static Decision? TryRead(string kind, string content)
    {
        try
        {
            return DecisionJson.Read(kind, System.Text.Encoding.UTF8.GetBytes(content));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>Alerts of an operation.</summary>
public interface IAlertIndex
{
    /// <summary>Every alert, in the order in which they came up.</summary>
    ValueTask<IReadOnlyList<StoredAlert>> AlertsAsync(CancellationToken cancellation);

    /// <summary>One alert; null if there is none of this id.</summary>
    ValueTask<StoredAlert?> AlertAsync(string id, CancellationToken cancellation);
}

/// <summary>Conversations of an operation.</summary>
public interface IConversationIndex
{
    /// <summary>Conversations of an account in which something was found.</summary>
    ValueTask<IReadOnlyList<StoredConversation>> ConversationsAsync(AccountKey account, CancellationToken cancellation);

    /// <summary>The lines of a conversation, words included, in the order of the log.</summary>
    /// <param name="conversation">Which.</param>
    /// <param name="start">How many lines to pass over.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <remarks>Whoever shows words to a person records that first.</remarks>
    ValueTask<IReadOnlyList<StoredMessage>> LinesAsync(StoredConversation conversation, long start, int count, CancellationToken cancellation);

    /// <summary>A line and the lines around it in its thread.</summary>
    ValueTask<IReadOnlyList<StoredMessage>> LinesAroundAsync(ExhibitNumber exhibit, int before, int after, CancellationToken cancellation);

    /// <summary>Everything found in a conversation, of either side, in order; the alert is not among them.</summary>
    ValueTask<IReadOnlyList<IndexedFinding>> FindingsAsync(StoredConversation conversation, CancellationToken cancellation);

    /// <summary>Everything found in the operation, in order.</summary>
    IAsyncEnumerable<IndexedFinding> FindingsAsync(CancellationToken cancellation);

    /// <summary>Who raised what first; null for a place.</summary>
    ValueTask<ConductRecord?> ConductAsync(StoredConversation conversation, CancellationToken cancellation);

    /// <summary>Facts about risk to a child.</summary>
    ValueTask<IReadOnlyList<RiskFact>> RiskFactsAsync(StoredConversation conversation, CancellationToken cancellation);

    /// <summary>The alert of a conversation; null while the evidence is below the threshold.</summary>
    ValueTask<StoredAlert?> AlertOfAsync(StoredConversation conversation, CancellationToken cancellation);
}

/// <summary>Accounts, what they volunteered, and who may be whom.</summary>
public interface ISubjectIndex
{
    /// <summary>Every account in one proposal, what was held back, values too common to link by.</summary>
    ValueTask<LinkView> LinksAsync(CancellationToken cancellation);

    /// <summary>Accounts of this handle that carry a finding, in every venue.</summary>
    ValueTask<IReadOnlyList<AccountKey>> AccountsAsync(string handle, CancellationToken cancellation);

    /// <summary>What was read in an account's conversations; null if it carries no indicator.</summary>
    ValueTask<SelectorReading?> ReadingOfAsync(AccountKey account, CancellationToken cancellation);

    /// <summary>The statements of an account, as graded last.</summary>
    ValueTask<IReadOnlyList<Statement>> StatementsAsync(AccountKey account, CancellationToken cancellation);
}

/// <summary>Something that was done with an exhibit, or that speaks of it.</summary>
/// <param name="Exhibit">The exhibit that records it.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Actor">Pseudonym of who did it.</param>
/// <param name="Custody">The event, where it is a custody event that says more than its entry.</param>
public sealed record StoredAct(ExhibitNumber Exhibit, string Kind, DateTimeOffset At, string Actor, string? Custody);

/// <summary>An exhibit, without its content.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Actor">Pseudonym of the person or capture.</param>
/// <param name="Size">Length of the content, in bytes.</param>
/// <param name="Leaf">Its leaf in the tree.</param>
/// <param name="About">Earlier exhibits its entry speaks of.</param>
/// <param name="Venue">Where it was said, for a message.</param>
/// <param name="Source">The exhibit of the file it was imported from.</param>
/// <param name="Acts">What was done with it and what speaks of it, oldest first.</param>
public sealed record StoredExhibit(
    ExhibitNumber Number,
    string Kind,
    DateTimeOffset At,
    string Actor,
    int Size,
    Sha256Digest Leaf,
    IReadOnlyList<ExhibitNumber> About,
    string? Venue,
    ExhibitNumber? Source,
    IReadOnlyList<StoredAct> Acts);

/// <summary>Exhibits of an operation and their custody.</summary>
public interface IExhibitIndex
{
    /// <summary>One exhibit; null if the index has not followed so far.</summary>
    ValueTask<StoredExhibit?> ExhibitAsync(ExhibitNumber number, CancellationToken cancellation);

    /// <summary>Every decision of casework, in the order of the log.</summary>
    ValueTask<IReadOnlyList<StoredDecision>> DecisionsAsync(CancellationToken cancellation);
}

/// <summary>A stretch in which a venue was to be heard and was not.</summary>
/// <param name="From">Since when nothing is known to have been heard.</param>
/// <param name="Until">When hearing began again; null if it is not recorded.</param>
/// <param name="Cause">Why.</param>
/// <param name="Exhibit">The exhibit that says so.</param>
public sealed record StoredGap(DateTimeOffset From, DateTimeOffset? Until, string Cause, ExhibitNumber Exhibit);

/// <summary>A stretch in which a capture heard a venue.</summary>
/// <param name="From">When hearing began.</param>
/// <param name="Until">When it ended, or when something was last heard.</param>
/// <param name="Ended">False if no exhibit says that it ended.</param>
/// <param name="Exhibit">The exhibit that says it began.</param>
public sealed record StoredHearing(DateTimeOffset From, DateTimeOffset Until, bool Ended, ExhibitNumber Exhibit);

/// <summary>A venue, how it was heard, and what was found there.</summary>
/// <param name="Venue">The venue.</param>
/// <param name="Messages">Messages recorded.</param>
/// <param name="Accounts">Handles that spoke or were addressed.</param>
/// <param name="Alerts">Alerts.</param>
/// <param name="Hearing">When it was heard; empty where only files were imported.</param>
/// <param name="Gaps">When it was not.</param>
public sealed record StoredVenue(string Venue, long Messages, long Accounts, long Alerts, IReadOnlyList<StoredHearing> Hearing, IReadOnlyList<StoredGap> Gaps)
{
    /// <summary>How long it was heard, two captures at one time counted once; null where it was not listened to live.</summary>
    public TimeSpan? Heard
    {
        get
        {
            if (Hearing.Count == 0)
                return null;
            var (sum, until) = (TimeSpan.Zero, DateTimeOffset.MinValue);
            foreach (var hearing in Hearing.OrderBy(hearing => hearing.From))
            {
                var from = hearing.From > until ? hearing.From : until;
                if (hearing.Until > from)
                    sum += hearing.Until - from;
                until = hearing.Until > until ? hearing.Until : until;
            }

            return sum;
        }
    }
}

/// <summary>Venues of an operation.</summary>
public interface IVenueIndex
{
    /// <summary>Every venue in which something was recorded, by name.</summary>
    ValueTask<IReadOnlyList<StoredVenue>> VenuesAsync(CancellationToken cancellation);
}

/// <summary>Where searched words occur.</summary>
/// <param name="Message">The message.</param>
/// <param name="AlertId">An alert of its author in that venue, if there is one.</param>
public sealed record SearchHit(StoredMessage Message, string? AlertId);

/// <summary>The answer to a search.</summary>
/// <param name="Hits">In the order of the log.</param>
/// <param name="More">True if there are more than were asked for.</param>
public sealed record SearchHits(IReadOnlyList<SearchHit> Hits, bool More);

/// <summary>Full-text search.</summary>
public interface ISearchIndex
{
    /// <summary>Messages that hold every word given; a word may end in <c>*</c>, words in quotation marks stand together.</summary>
    /// <param name="words">What to look for; case and marks on letters are passed over.</param>
    /// <param name="most">How many hits at most.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="FormatException">There is no word in it.</exception>
    /// <remarks>Whoever shows the hits to a person records the search first.</remarks>
    ValueTask<SearchHits> SearchAsync(string words, int most, CancellationToken cancellation);
}
