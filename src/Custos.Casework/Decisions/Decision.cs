using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>Which alert a decision is about: one key, one alert, at its first crossing.</summary>
/// <param name="Scope">Pair or place.</param>
/// <param name="Venue">The venue.</param>
/// <param name="Thread">The thread of a pair; <c>""</c> for a place.</param>
/// <param name="Account">The account's handle.</param>
/// <param name="Counterpart">The other side; null for a place.</param>
/// <param name="Exhibit">The message at which the evidence passed the threshold.</param>
public sealed record AlertAddress(FindingScope Scope, string Venue, string Thread, string Account, string? Counterpart, ExhibitNumber Exhibit)
{
    /// <summary>The address of an alert.</summary>
    /// <param name="alert">A finding of kind alert.</param>
    /// <param name="exhibit">The message at hand.</param>
    public static AlertAddress Of(Finding alert, ExhibitNumber exhibit)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.Scope == FindingScope.Pair
            ? new(FindingScope.Pair, alert.Venue, alert.Thread, alert.Author, alert.Counterpart, exhibit)
            : new(FindingScope.Place, alert.Venue, "", alert.Author, null, exhibit);
    }
}

/// <summary>What a person decided. Each is one exhibit; none is ever changed.</summary>
/// <param name="By">Pseudonym of the person.</param>
public abstract record Decision(ActorId By)
{
    /// <summary>The exhibit's kind.</summary>
    public abstract string Kind { get; }

    /// <summary>Earlier exhibits the decision speaks of.</summary>
    public virtual IReadOnlyList<ExhibitNumber> About => [];
}

/// <summary>An alert was read and put away.</summary>
public sealed record AlertDismissed(ActorId By, AlertAddress Alert, string Reason) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "alert.dismissed";

    /// <inheritdoc/>
    public override IReadOnlyList<ExhibitNumber> About => [Alert.Exhibit];
}

/// <summary>An alert was put off until a time.</summary>
public sealed record AlertDeferred(ActorId By, AlertAddress Alert, DateTimeOffset Until, string Reason) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "alert.deferred";

    /// <inheritdoc/>
    public override IReadOnlyList<ExhibitNumber> About => [Alert.Exhibit];
}

/// <summary>A dismissed or deferred alert waits again.</summary>
public sealed record AlertReopened(ActorId By, AlertAddress Alert, string Reason) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "alert.reopened";

    /// <inheritdoc/>
    public override IReadOnlyList<ExhibitNumber> About => [Alert.Exhibit];
}

/// <summary>A case was opened.</summary>
/// <param name="By">Pseudonym of the person.</param>
/// <param name="CaseId">The case's name, unique in its home operation.</param>
/// <param name="Alerts">The alerts attached to it.</param>
/// <param name="Reason">Why.</param>
public sealed record CaseOpened(ActorId By, string CaseId, IReadOnlyList<AlertAddress> Alerts, string Reason) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "case.opened";

    /// <inheritdoc/>
    public override IReadOnlyList<ExhibitNumber> About => [.. Alerts.Select(alert => alert.Exhibit)];
}

/// <summary>A subject was opened inside a case: accounts listed by a person's signature. It does not change when a proposal does.</summary>
/// <param name="By">Pseudonym of the person.</param>
/// <param name="CaseId">The case.</param>
/// <param name="SubjectId">The subject's name, unique in the case.</param>
/// <param name="Accounts">The accounts.</param>
/// <param name="Reason">Why they are one.</param>
/// <param name="ViewSha256">The view the person saw.</param>
public sealed record SubjectOpened(ActorId By, string CaseId, string SubjectId, IReadOnlyList<AccountKey> Accounts, string Reason, string ViewSha256) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "subject.opened";
}

/// <summary>A person judged whether two accounts are one.</summary>
public sealed record AccountsJudged(ActorId By, AccountKey A, AccountKey B, JudgementAnswer Answer, string Reason, string ViewSha256) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "judgement";

    /// <summary>The judgement as Identity reads it.</summary>
    public Judgement At(ExhibitNumber exhibit) => new(exhibit, By, A, B, Answer, Reason, ViewSha256);
}

/// <summary>A judgement was withdrawn: a new exhibit, so the old one stays readable.</summary>
public sealed record JudgementWithdrawn(ActorId By, ExhibitNumber Judged, string Reason) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "judgement";

    /// <inheritdoc/>
    public override IReadOnlyList<ExhibitNumber> About => [Judged];

    /// <summary>The withdrawal as Identity reads it.</summary>
    public JudgementWithdrawal At(ExhibitNumber exhibit) => new(exhibit, By, Judged, Reason);
}

/// <summary>A person graded a statement.</summary>
public sealed record StatementGraded(ActorId By, string StatementId, Grade Grade, ExhibitNumber Statement) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "grade";

    /// <inheritdoc/>
    public override IReadOnlyList<ExhibitNumber> About => [Statement];
}

/// <summary>A person signed a dossier as its author.</summary>
/// <param name="By">Pseudonym of the author.</param>
/// <param name="DossierId">The dossier.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha256">The SHA-256 of its bytes, in hex.</param>
/// <param name="TreeSize">The checkpoint it is frozen at: size.</param>
/// <param name="RootHash">The checkpoint it is frozen at: root, in base64.</param>
public sealed record DossierSigned(ActorId By, string DossierId, int Version, string Sha256, long TreeSize, string RootHash) : Decision(By)
{
    /// <inheritdoc/>
    public override string Kind => "dossier.signed";
}

/// <summary>What a changed pack was tried on before it was published.</summary>
/// <param name="Operation">Over which operation's recorded log.</param>
/// <param name="Messages">Messages read with both packs.</param>
/// <param name="Days">Days from the first of them to the last, both counted; 0 where none says when.</param>
/// <param name="Gained">Alerts that only the changed pack raised.</param>
/// <param name="Lost">Alerts that only the pack in force raised.</param>
public sealed record PackTrial(string Operation, long Messages, int Days, int Gained, int Lost);

/// <summary>A changed pack was published: from then on it is what is looked for (detection-spec, section 5).</summary>
/// <param name="By">Pseudonym of the person.</param>
/// <param name="Second">Pseudonym of the other person who agreed: what is looked for changes for everyone.</param>
/// <param name="Hash">The pack.</param>
/// <param name="Replaces">The pack that was in force.</param>
/// <param name="Reason">Why.</param>
/// <param name="Tried">What it was tried on; null if on nothing.</param>
public sealed record PackPublished(ActorId By, ActorId Second, string Hash, string Replaces, string Reason, PackTrial? Tried) : Decision(By)
{
    /// <summary>The kind of its exhibit.</summary>
    public const string ExhibitKind = "pack.published";

    /// <inheritdoc/>
    public override string Kind => ExhibitKind;
}

/// <summary>Where people's decisions are appended.</summary>
public interface IDecisionLog
{
    /// <summary>Records a decision and answers when it is durable and published.</summary>
    ValueTask<ExhibitNumber> AppendAsync(Decision decision, CancellationToken cancel);
}
