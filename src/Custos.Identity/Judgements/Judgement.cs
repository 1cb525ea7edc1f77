using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>A person's decision whether two accounts are one person.</summary>
public enum JudgementAnswer
{
    /// <summary>One person.</summary>
    Positive,

    /// <summary>Not one person: they are kept apart whatever else is found.</summary>
    Negative,

    /// <summary>Cannot be said now.</summary>
    Unsure,
}

/// <summary>A judgement as it was recorded.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="By">Pseudonym of who judged.</param>
/// <param name="A">One account.</param>
/// <param name="B">The other.</param>
/// <param name="Answer">The decision.</param>
/// <param name="Reason">Why.</param>
/// <param name="ViewSha256">The view the person saw.</param>
public sealed record Judgement(ExhibitNumber Exhibit, ActorId By, AccountKey A, AccountKey B, JudgementAnswer Answer, string Reason, string ViewSha256);

/// <summary>The undoing of a judgement: a new exhibit, never a change of the old one.</summary>
/// <param name="Exhibit">The exhibit that holds the withdrawal.</param>
/// <param name="By">Pseudonym of who withdrew.</param>
/// <param name="Withdrawn">The judgement that no longer holds.</param>
/// <param name="Reason">Why.</param>
public sealed record JudgementWithdrawal(ExhibitNumber Exhibit, ActorId By, ExhibitNumber Withdrawn, string Reason);
