using Custos.Detection;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>How far it is known who uses an account (identity-spec, section 6).</summary>
public enum IdentityLevel
{
    /// <summary>Nothing but the account.</summary>
    AccountOnly,

    /// <summary>One checked selector, volunteered or supplied.</summary>
    SelectorHeld,

    /// <summary>A name tied to a selector by one found or supplied exhibit.</summary>
    PersonOneSource,

    /// <summary>Two exhibits with no common root, no contradiction, the runner-up well behind.</summary>
    PersonCorroborated,

    /// <summary>That authority's exhibit.</summary>
    ConfirmedByAuthority,
}

/// <summary>What linking reads of an account.</summary>
/// <param name="Account">Which.</param>
/// <param name="Hits">The selectors read in its conversations.</param>
public sealed record AccountFacts(AccountKey Account, IReadOnlyList<SelectorHit> Hits);

/// <summary>Why two accounts are proposed as one person.</summary>
public enum LinkBasis
{
    /// <summary>Both volunteered the same checked value.</summary>
    SharedSelector,

    /// <summary>A person judged them to be one; a judgement, not evidence.</summary>
    Judgement,
}

/// <summary>One reason why two accounts are proposed as one person.</summary>
/// <param name="A">The account that sorts first.</param>
/// <param name="B">The other.</param>
/// <param name="Basis">Shared value or judgement.</param>
/// <param name="Kind">The kind of the shared value; null for a judgement.</param>
/// <param name="WhereA">Where A volunteered it.</param>
/// <param name="WhereB">Where B volunteered it.</param>
/// <param name="Judged">The judgement's exhibit; null for a shared value.</param>
/// <param name="Sentence">The reason in words: kinds and exhibit numbers, never the value.</param>
public sealed record LinkReason(
    AccountKey A,
    AccountKey B,
    LinkBasis Basis,
    SelectorKind? Kind,
    IReadOnlyList<FactPlace> WhereA,
    IReadOnlyList<FactPlace> WhereB,
    ExhibitNumber? Judged,
    string Sentence);

/// <summary>Why two groups of accounts were not proposed as one, although something speaks for it.</summary>
/// <param name="A">An account of the one group.</param>
/// <param name="B">An account of the other.</param>
/// <param name="Sentence">The reason in words.</param>
/// <param name="Judged">The judgement that keeps them apart; null if it is no judgement.</param>
public sealed record HeldMerge(AccountKey A, AccountKey B, string Sentence, ExhibitNumber? Judged);

/// <summary>A value on so many accounts that it links none.</summary>
/// <param name="Kind">What kind of value.</param>
/// <param name="Accounts">How many accounts volunteered it.</param>
/// <param name="First">Where it was first volunteered.</param>
public sealed record CommonValue(SelectorKind Kind, int Accounts, FactPlace First);

/// <summary>An account and how far it is known who uses it.</summary>
/// <param name="Account">Which.</param>
/// <param name="Cluster">The key of the proposal it belongs to.</param>
/// <param name="Level">Account only, or selector held: what exhibits alone can show.</param>
public sealed record AccountProposal(AccountKey Account, string Cluster, IdentityLevel Level);

/// <summary>Accounts proposed as one subject. A person decides; the program only proposes.</summary>
/// <param name="Cluster">The hash of the sorted accounts: the same accounts have the same key.</param>
/// <param name="Accounts">Sorted.</param>
/// <param name="Reasons">Why, in the order in which they joined.</param>
/// <param name="Level">The best level of its accounts.</param>
public sealed record SubjectProposal(string Cluster, IReadOnlyList<AccountKey> Accounts, IReadOnlyList<LinkReason> Reasons, IdentityLevel Level);

/// <summary>Every account in exactly one proposal, and what was held back.</summary>
/// <param name="Accounts">Sorted.</param>
/// <param name="Subjects">Ordered by their first account; an account that nothing links stands alone.</param>
/// <param name="Held">Merges that something speaks for and that were not made.</param>
/// <param name="Common">Values too common to link by.</param>
public sealed record LinkView(
    IReadOnlyList<AccountProposal> Accounts,
    IReadOnlyList<SubjectProposal> Subjects,
    IReadOnlyList<HeldMerge> Held,
    IReadOnlyList<CommonValue> Common);
