using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>A decision and where it is recorded.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Decision">What was decided.</param>
public sealed record RecordedDecision(ExhibitNumber Exhibit, DateTimeOffset At, Decision Decision);

/// <summary>A conversation as the index has it: an account and a counterpart, or an account in a place.</summary>
/// <param name="Scope">Pair or place.</param>
/// <param name="Venue">The venue.</param>
/// <param name="Thread">The thread of a pair; <c>""</c> for a place.</param>
/// <param name="Account">The account's handle.</param>
/// <param name="Counterpart">The other side; null for a place.</param>
/// <param name="First">When its first message was said or, where unknown, recorded.</param>
/// <param name="Last">When its last message was said or recorded.</param>
/// <param name="Findings">Every indicator of either side, in order; the alert is not among them.</param>
/// <param name="Alert">The alert; null while the evidence is below the threshold.</param>
/// <param name="AlertExhibit">The message at which it passed; null without an alert.</param>
/// <param name="Conduct">Who raised what first; null for a place.</param>
/// <param name="RiskFacts">Facts about risk to a child.</param>
/// <param name="Peer">Both may be children.</param>
public sealed record SourcedConversation(
    FindingScope Scope,
    string Venue,
    string Thread,
    string Account,
    string? Counterpart,
    SpokenAt? First,
    SpokenAt? Last,
    IReadOnlyList<Finding> Findings,
    Finding? Alert,
    ExhibitNumber? AlertExhibit,
    ConductRecord? Conduct,
    IReadOnlyList<RiskFact> RiskFacts,
    bool Peer);

/// <summary>What a dossier is gathered from: one operation's index and log, at one checkpoint, settled.</summary>
/// <remarks>Everything in it was derived from the log; it opens no exhibit that it does not quote.</remarks>
public interface IDossierSource
{
    /// <summary>The operation.</summary>
    OperationSlug Operation { get; }

    /// <summary>What derived the index.</summary>
    DossierVersions Versions { get; }

    /// <summary>The authorisation as recorded; null if the log holds none.</summary>
    DossierAuthorization? Authorization { get; }

    /// <summary>Accounts that show this handle and carry a finding, in every venue.</summary>
    ValueTask<IReadOnlyList<AccountKey>> AccountsAsync(string handle, CancellationToken cancel);

    /// <summary>Every decision of casework, in the order of the log.</summary>
    ValueTask<IReadOnlyList<RecordedDecision>> DecisionsAsync(CancellationToken cancel);

    /// <summary>What was read in an account's conversations; null if nothing was read.</summary>
    ValueTask<SelectorReading?> ReadingAsync(AccountKey account, CancellationToken cancel);

    /// <summary>The view of identity: proposals, what was held.</summary>
    ValueTask<LinkView> LinksAsync(CancellationToken cancel);

    /// <summary>The conversations of an account in which something was found.</summary>
    ValueTask<IReadOnlyList<SourcedConversation>> ConversationsAsync(AccountKey account, CancellationToken cancel);

    /// <summary>A line and the lines around it in its thread, in the order of the log; the reading is recorded as a custody event.</summary>
    /// <param name="venue">The venue.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="account">From whose side roles are seen.</param>
    /// <param name="exhibit">The line.</param>
    /// <param name="before">How many lines before it.</param>
    /// <param name="after">How many after it.</param>
    /// <param name="cancel">Stops the reading.</param>
    ValueTask<IReadOnlyList<TranscriptLine>> LinesAsync(string venue, string thread, AccountKey account, ExhibitNumber exhibit, int before, int after, CancellationToken cancel);

    /// <summary>What was deleted by order in the operation, in the order of the log.</summary>
    ValueTask<IReadOnlyList<DossierDeletion>> DeletionsAsync(CancellationToken cancel);

    /// <summary>How the conversations of these accounts were recorded, and whether the cited exhibits verify.</summary>
    ValueTask<DossierRecording> RecordingAsync(IReadOnlyList<AccountKey> accounts, IReadOnlyList<ExhibitNumber> cited, CancellationToken cancel);
}

/// <summary>Why a dossier could not be gathered. The message names no words of a chat.</summary>
public sealed class DossierException : Exception
{
    internal DossierException(string message)
        : base(message)
    {
    }
}
