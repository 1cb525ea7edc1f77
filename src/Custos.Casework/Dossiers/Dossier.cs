using Custos.Authority;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>All that a dossier quotes, gathered from the index and the log at one checkpoint. It holds no clock: the same record gives the same bytes.</summary>
public sealed record Dossier
{
    /// <summary>The dossier's name, e.g. <c>D-14</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its version; a change after signing is a new one.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The operation whose log it quotes.</summary>
    public required OperationSlug Operation { get; init; }

    /// <summary>The case and the subject a person opened; null while it is about an account alone.</summary>
    public DossierCase? Case { get; init; }

    /// <summary>The accounts it is about, as signed or as asked for.</summary>
    public required IReadOnlyList<AccountKey> Accounts { get; init; }

    /// <summary>To which authority; null while none is chosen.</summary>
    public string? Recipient { get; init; }

    /// <summary>Pseudonym of who assembled it.</summary>
    public required ActorId Author { get; init; }

    /// <summary>The conversations it quotes, the most urgent first.</summary>
    public required IReadOnlyList<DossierConversation> Conversations { get; init; }

    /// <summary>Alerts raised for what an account wrote to nobody in particular.</summary>
    public IReadOnlyList<DossierPlace> Places { get; init; } = [];

    /// <summary>Lines that a statement rests on and that stand in none of the conversations.</summary>
    public IReadOnlyList<Quotation> Elsewhere { get; init; } = [];

    /// <summary>What is claimed of the accounts, and how each claim came to be known.</summary>
    public required IReadOnlyList<Statement> Statements { get; init; }

    /// <summary>Why the accounts are taken for one person; empty for one account.</summary>
    public IReadOnlyList<LinkReason> Links { get; init; } = [];

    /// <summary>Accounts something speaks for that are kept apart, and why.</summary>
    public IReadOnlyList<HeldMerge> Held { get; init; } = [];

    /// <summary>How far it is known who uses the accounts.</summary>
    public IdentityLevel Level { get; init; }

    /// <summary>Countries: claimed and inferred apart.</summary>
    public required CountryView Countries { get; init; }

    /// <summary>Provisions of the countries named, beside the conduct: comparisons, no conclusion.</summary>
    public IReadOnlyList<LawMatch> Law { get; init; } = [];

    /// <summary>Under which authorisation; null if the log holds none.</summary>
    public DossierAuthorization? Authorization { get; init; }

    /// <summary>How it was recorded and how to check that.</summary>
    public required DossierRecording Recording { get; init; }

    /// <summary>What derived it.</summary>
    public required DossierVersions Versions { get; init; }

    /// <summary>Who signed; empty for a draft.</summary>
    public IReadOnlyList<DossierSignature> Signatures { get; init; } = [];

    /// <summary>Which, never whose words.</summary>
    public override string ToString() => $"{Id} v{Version}";
}

/// <summary>A case and a subject, as a person opened them.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="SubjectId">The subject.</param>
/// <param name="Opened">The exhibit that opened the subject.</param>
/// <param name="By">Pseudonym of who opened it.</param>
/// <param name="Reason">Why the accounts are one, in that person's words.</param>
public sealed record DossierCase(string CaseId, string SubjectId, ExhibitNumber Opened, ActorId By, string Reason);

/// <summary>One conversation of a dossier.</summary>
/// <param name="Conduct">Who raised what first: computed from exhibits.</param>
/// <param name="First">When its first message was said or, where unknown, recorded.</param>
/// <param name="Last">When its last message was said or recorded.</param>
/// <param name="Indicators">Every indicator of the account that counts, in order.</param>
/// <param name="Alert">The alert, if the evidence passed the threshold.</param>
/// <param name="Triage">How urgent, if there is an alert.</param>
/// <param name="Quotations">What was said, with context lines.</param>
public sealed record DossierConversation(
    ConductRecord Conduct,
    SpokenAt? First,
    SpokenAt? Last,
    IReadOnlyList<Indicator> Indicators,
    Finding? Alert,
    TriageAnswer? Triage,
    IReadOnlyList<Quotation> Quotations);

/// <summary>What an account wrote in a place to nobody in particular.</summary>
/// <param name="Account">The account.</param>
/// <param name="Venue">The venue.</param>
/// <param name="First">When its first message there was said or, where unknown, recorded.</param>
/// <param name="Last">When its last message there was said or recorded.</param>
/// <param name="Alert">The alert.</param>
/// <param name="Triage">How urgent.</param>
/// <param name="Quotations">What was said, with context lines.</param>
public sealed record DossierPlace(AccountKey Account, string Venue, SpokenAt? First, SpokenAt? Last, Finding Alert, TriageAnswer? Triage, IReadOnlyList<Quotation> Quotations);

/// <summary>A quoted stretch of a conversation: the lines in order, cited ones and their context.</summary>
/// <param name="Lines">Consecutive messages of the thread.</param>
public sealed record Quotation(IReadOnlyList<QuotedLine> Lines);

/// <summary>A quoted line, word for word.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="MessageId">The message's id.</param>
/// <param name="At">When it was said, by the source's clock.</param>
/// <param name="From">The handle shown.</param>
/// <param name="Role">On which side.</param>
/// <param name="Text">The words, verbatim.</param>
/// <param name="Cited">True if it is cited; false if it is context.</param>
/// <param name="Marks">The spans that indicators cite, in code points.</param>
public sealed record QuotedLine(
    ExhibitNumber Exhibit,
    string MessageId,
    SpokenAt? At,
    string From,
    LineRole Role,
    string Text,
    bool Cited,
    IReadOnlyList<QuotedMark> Marks)
{
    /// <summary>Where, never what.</summary>
    public override string ToString() => Exhibit.ToString();
}

/// <summary>A span of a quoted line and the indicator that cites it.</summary>
/// <param name="Code">The indicator's code.</param>
/// <param name="Start">First code point.</param>
/// <param name="Length">Code points.</param>
public sealed record QuotedMark(string Code, int Start, int Length);

/// <summary>The authorisation under which was recorded and spoken.</summary>
/// <param name="Exhibit">The exhibit that holds it: the first of the operation.</param>
/// <param name="Authority">Who authorised.</param>
/// <param name="LegalBasis">On what basis, as written there.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
/// <param name="Venues">The venues it names.</param>
/// <param name="Personas">The personas it names and the age each states.</param>
/// <param name="Acts">The acts it permits.</param>
/// <param name="Signatories">Who signed it.</param>
public sealed record DossierAuthorization(
    ExhibitNumber Exhibit,
    string Authority,
    string LegalBasis,
    DateTimeOffset From,
    DateTimeOffset Until,
    IReadOnlyList<string> Venues,
    IReadOnlyList<string> Personas,
    IReadOnlyList<string> Acts,
    IReadOnlyList<string> Signatories)
{
    /// <summary>What was signed, for holding lines against it; null if only its words are at hand.</summary>
    public Authorization? Signed { get; init; }
}

/// <summary>How it was recorded: the log, its checkpoint, what was not heard.</summary>
/// <param name="Origin">The log's origin.</param>
/// <param name="TreeSize">Exhibits at the checkpoint.</param>
/// <param name="RootHash">The root at the checkpoint, base64.</param>
/// <param name="RecordedUntil">When the checkpoint's last exhibit was recorded.</param>
/// <param name="SignerKey">The log's verifier key, as <c>custos verify --key</c> takes it; null if not at hand.</param>
/// <param name="Verified">True if every cited exhibit was checked against the checkpoint; false if a check failed; null if none was made.</param>
/// <param name="Anchored">True if a witness or a time stamp outside the unit covers the checkpoint.</param>
/// <param name="Sources">Where the quoted messages come from: live capture or an imported file, with its exhibit.</param>
/// <param name="Gaps">Stretches in which a venue was not heard.</param>
/// <param name="ListenedSeconds">Seconds heard in the venues quoted; null where no session was recorded (imported logs).</param>
public sealed record DossierRecording(
    string Origin,
    long TreeSize,
    string RootHash,
    DateTimeOffset RecordedUntil,
    string? SignerKey,
    bool? Verified,
    bool Anchored,
    IReadOnlyList<DossierSource> Sources,
    IReadOnlyList<DossierGap> Gaps,
    long? ListenedSeconds)
{
    /// <summary>What was deleted by order in the whole operation. Of whom it spoke nobody can tell any more.</summary>
    public IReadOnlyList<DossierDeletion> Deletions { get; init; } = [];
}

/// <summary>A deletion under an order; entries, proofs and the order itself remain.</summary>
/// <param name="Order">The exhibit of the order.</param>
/// <param name="At">When the order was recorded.</param>
/// <param name="Authority">The reference it cites.</param>
/// <param name="Exhibits">Exhibits whose content is gone, parts of recordings included.</param>
public sealed record DossierDeletion(ExhibitNumber Order, DateTimeOffset At, string Authority, long Exhibits);

/// <summary>Where quoted messages come from.</summary>
/// <param name="Kind"><c>live</c> or <c>import</c>.</param>
/// <param name="Format">The format.</param>
/// <param name="Exhibit">The exhibit of the file or the session.</param>
/// <param name="Messages">How many of the exhibits cited come from it.</param>
public sealed record DossierSource(string Kind, string Format, ExhibitNumber Exhibit, int Messages);

/// <summary>A stretch in which a venue was not heard.</summary>
/// <param name="Venue">The venue.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when; null if it lasts.</param>
/// <param name="Why">The reason recorded.</param>
/// <param name="Exhibit">The exhibit that records it.</param>
public sealed record DossierGap(string Venue, DateTimeOffset From, DateTimeOffset? Until, string Why, ExhibitNumber Exhibit);

/// <summary>What derived the dossier's indicators and statements.</summary>
/// <param name="Program">Custos and its version.</param>
/// <param name="Engine"><c>detection/n</c>.</param>
/// <param name="Pack">The pack's hash.</param>
/// <param name="Model">The model's name or hash.</param>
/// <param name="Calibrated">Whether the probability is calibrated; if not, none is printed.</param>
/// <param name="SelectorData">The hash of the data that read selectors.</param>
/// <param name="PhoneData">Name and version of the numbering plans.</param>
/// <param name="TriageRules">The hash of the triage rules.</param>
public sealed record DossierVersions(string Program, string Engine, string Pack, string Model, bool Calibrated, string SelectorData, string PhoneData, string TriageRules);

/// <summary>A signature on a dossier.</summary>
/// <param name="By">Pseudonym of who signed.</param>
/// <param name="As">author or countersigning.</param>
/// <param name="Exhibit">The exhibit of the decision.</param>
/// <param name="At">When.</param>
public sealed record DossierSignature(ActorId By, string As, ExhibitNumber Exhibit, DateTimeOffset At);
