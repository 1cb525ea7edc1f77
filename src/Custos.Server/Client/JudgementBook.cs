using Custos.Casework;
using Custos.Console.Client;
using Custos.Evidence;
using Custos.Identity;
using Custos.Storage;

namespace Custos.Server.Client;

/// <summary>Every judgement of an operation, and which of them stand.</summary>
sealed class JudgementBook
{
    readonly List<StoredDecision> _decisions;
    readonly HashSet<ExhibitNumber> _withdrawn;

    JudgementBook(IEnumerable<StoredDecision> decisions)
    {
        _decisions = [.. decisions.Where(recorded => recorded.Decision is AccountsJudged or JudgementWithdrawn)];
        Judgements = [.. _decisions.Where(recorded => recorded.Decision is AccountsJudged).Select(recorded => ((AccountsJudged)recorded.Decision).At(recorded.Exhibit))];
        Withdrawals = [.. _decisions.Where(recorded => recorded.Decision is JudgementWithdrawn).Select(recorded => ((JudgementWithdrawn)recorded.Decision).At(recorded.Exhibit))];
        _withdrawn = [.. Withdrawals.Select(withdrawal => withdrawal.Withdrawn)];
    }

    internal IReadOnlyList<Judgement> Judgements { get; }

    internal IReadOnlyList<JudgementWithdrawal> Withdrawals { get; }

    internal static JudgementBook Of(IEnumerable<StoredDecision> decisions) => new(decisions);

    internal IReadOnlyList<Judgement> Standing(IReadOnlyList<AccountKey> accounts) =>
        [.. Judgements.Where(judgement => !_withdrawn.Contains(judgement.Exhibit) && accounts.Contains(judgement.A) && accounts.Contains(judgement.B))];

    /// <summary>Accepted once standing judgements join all accounts; refused by any that parts two of them.</summary>
    internal ProposalVerdict Verdict(IReadOnlyList<AccountKey> accounts)
    {
        var standing = Standing(accounts);
        if (standing.Any(judgement => judgement.Answer == JudgementAnswer.Negative))
            return ProposalVerdict.Refused;
        var joined = new HashSet<AccountKey> { accounts[0] };
        var positive = standing.Where(judgement => judgement.Answer == JudgementAnswer.Positive).ToList();
        while (positive.Any(judgement => joined.Contains(judgement.A) != joined.Contains(judgement.B)))
        {
            foreach (var judgement in positive.Where(judgement => joined.Contains(judgement.A) || joined.Contains(judgement.B)))
            {
                joined.Add(judgement.A);
                joined.Add(judgement.B);
            }
        }

        return accounts.All(joined.Contains) ? ProposalVerdict.Accepted : ProposalVerdict.None;
    }

    /// <summary>What was decided about these accounts among themselves, oldest first.</summary>
    internal IEnumerable<StoredDecision> About(IReadOnlyList<AccountKey> accounts)
    {
        var among = Judgements.Where(judgement => accounts.Contains(judgement.A) && accounts.Contains(judgement.B)).Select(judgement => judgement.Exhibit).ToHashSet();
        return _decisions.Where(recorded => among.Contains(recorded.Exhibit) || (recorded.Decision is JudgementWithdrawn withdrawn && among.Contains(withdrawn.Judged)));
    }

    internal static string InWords(Decision decision) => decision switch
    {
        AccountsJudged { Answer: JudgementAnswer.Positive } judged => $"{judged.A.Name} and {judged.B.Name} are one person",
        AccountsJudged { Answer: JudgementAnswer.Negative } judged => $"{judged.A.Name} and {judged.B.Name} are not one person",
        AccountsJudged judged => $"{judged.A.Name} and {judged.B.Name}: cannot be said now",
        JudgementWithdrawn withdrawn => $"took back {withdrawn.Judged}",
        _ => decision.Kind,
    };

    internal static string? ReasonOf(Decision decision) => decision switch
    {
        AccountsJudged judged => judged.Reason,
        JudgementWithdrawn withdrawn => withdrawn.Reason,
        _ => null,
    };
}
