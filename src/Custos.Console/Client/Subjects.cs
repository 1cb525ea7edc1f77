namespace Custos.Console.Client;

/// <summary>What a person said to a proposal.</summary>
public enum ProposalVerdict
{
    /// <summary>Nobody has said anything, or what was said was taken back.</summary>
    None,

    /// <summary>These accounts are one person's.</summary>
    Accepted,

    /// <summary>They are not.</summary>
    Refused,
}

/// <summary>A proposal in a list.</summary>
/// <param name="Address">Which.</param>
/// <param name="Accounts">The accounts' handles.</param>
/// <param name="Why">The shortest reason.</param>
/// <param name="Verdict">What was said to it.</param>
/// <param name="Alerts">Alerts of these accounts.</param>
public sealed record ProposalRow(ProposalAddress Address, IReadOnlyList<string> Accounts, string Why, ProposalVerdict Verdict, int Alerts);

/// <summary>An account of a proposal.</summary>
/// <param name="Handle">As shown.</param>
/// <param name="Venue">Where.</param>
/// <param name="FirstSeen">First seen, as the source wrote it.</param>
/// <param name="LastSeen">Last seen.</param>
/// <param name="Messages">Messages recorded.</param>
/// <param name="Alert">Its first alert, if there is one.</param>
public sealed record AccountRow(string Handle, string Venue, string? FirstSeen, string? LastSeen, int Messages, AlertAddress? Alert);

/// <summary>Something an account said, showed, or that was found of it, that points to a person.</summary>
/// <param name="Kind">Phone, e-mail, service handle, ...</param>
/// <param name="Value">The form that is compared.</param>
/// <param name="Raw">As written.</param>
/// <param name="Basis">Volunteered, displayed, found, supplied or derived.</param>
/// <param name="Validity">Checked, plausible or claimed.</param>
/// <param name="Grade">In its own scheme, e.g. <c>2 D (3x5x2), proposed</c>.</param>
/// <param name="Reserved">A fictional or example value: it weighs nothing.</param>
/// <param name="Account">Whose.</param>
/// <param name="Asked">Said after our side asked for it.</param>
/// <param name="Exhibit">Where.</param>
public sealed record SelectorRow(
    string Kind, string Value, string Raw, string Basis, string Validity, string Grade, bool Reserved, string Account, bool Asked, ExhibitAddress Exhibit);

/// <summary>A decision on a proposal.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Who, by pseudonym.</param>
/// <param name="What">What was decided, in words.</param>
/// <param name="Reason">Why.</param>
/// <param name="Exhibit">The exhibit that holds it.</param>
public sealed record DecisionRow(DateTimeOffset At, string Actor, string What, string? Reason, ExhibitAddress Exhibit);

/// <summary>Accounts proposed as one subject, with the reasons.</summary>
/// <param name="Row">Its row in the list.</param>
/// <param name="Accounts">The accounts.</param>
/// <param name="Selectors">What they said or showed.</param>
/// <param name="Why">Why they were put together; each with its exhibits.</param>
/// <param name="Against">What speaks against it.</param>
/// <param name="Decisions">What people said to it, latest last.</param>
public sealed record SubjectProposal(
    ProposalRow Row,
    IReadOnlyList<AccountRow> Accounts,
    IReadOnlyList<SelectorRow> Selectors,
    IReadOnlyList<Reason> Why,
    IReadOnlyList<Reason> Against,
    IReadOnlyList<DecisionRow> Decisions);
