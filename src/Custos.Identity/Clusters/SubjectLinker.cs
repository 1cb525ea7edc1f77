using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>Proposes which accounts are one person: those that volunteered the same checked value, and those a person judged to be one.</summary>
/// <remarks>Pure and order-free: the same facts and judgements give the same view, whatever the order they come in. Weights and EM (identity-spec, section 4) refine this; the shape stays.</remarks>
public static class SubjectLinker
{
    /// <summary>A value on more accounts than this is common: it links none.</summary>
    public const int CommonFrom = 20;

    /// <summary>A proposal has at most this many accounts.</summary>
    public const int LargestProposal = 100;

    /// <summary>Proposes subjects.</summary>
    /// <param name="accounts">One entry an account; each account once.</param>
    /// <param name="judgements">Every judgement recorded.</param>
    /// <param name="withdrawals">Every withdrawal recorded.</param>
    /// <param name="weakest">The weakest validity that links: checked in cases; plausible for the permissive view, by which a study counts at least how many.</param>
    /// <exception cref="ArgumentException">An account is listed twice.</exception>
    public static LinkView Propose(
        IReadOnlyList<AccountFacts> accounts, IReadOnlyList<Judgement> judgements, IReadOnlyList<JudgementWithdrawal> withdrawals, SelectorValidity weakest = SelectorValidity.Checked)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        ArgumentNullException.ThrowIfNull(judgements);
        ArgumentNullException.ThrowIfNull(withdrawals);
        var sorted = accounts.OrderBy(facts => facts.Account).ToList();
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].Account == sorted[i - 1].Account)
                throw new ArgumentException($"Account number {i} is listed twice; give each account once, with all its selectors.", nameof(accounts));
        }

        var standing = Standing(judgements, withdrawals);
        var stopList = StopList(sorted);
        var common = new List<CommonValue>();
        var held = new List<HeldMerge>();
        var edges = Edges(sorted, stopList, weakest, common);
        edges.InsertRange(0, JudgedEdges(sorted, standing));

        var clusters = new Clusters(sorted.Select(facts => facts.Account), standing);
        foreach (var edge in edges)
            clusters.Merge(edge, held);

        var levels = sorted.ToDictionary(facts => facts.Account, facts => Level(facts, stopList));
        var subjects = clusters.All()
            .Select(cluster => new SubjectProposal(Key(cluster.Accounts), cluster.Accounts, cluster.Reasons, cluster.Accounts.Max(account => levels[account])))
            .OrderBy(subject => subject.Accounts[0])
            .ToList();
        var clusterOf = subjects.SelectMany(subject => subject.Accounts.Select(account => (account, subject.Cluster))).ToDictionary(pair => pair.account, pair => pair.Cluster);
        return new(
            [.. sorted.Select(facts => new AccountProposal(facts.Account, clusterOf[facts.Account], levels[facts.Account]))],
            subjects,
            held,
            [.. common.OrderBy(value => value.First.Exhibit).ThenBy(value => value.First.Start)]);
    }

    /// <summary>The key of a set of accounts: the first 16 hex digits of the SHA-256 of the sorted accounts.</summary>
    public static string Key(IReadOnlyList<AccountKey> accounts)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        var text = new StringBuilder();
        foreach (var account in accounts.Order())
        {
            foreach (var part in (string[])[account.Space, account.Name, account.Session])
                text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    /// <summary>The chain of standing positive judgements that a negative one would contradict (or a positive one, with a negative in it); empty if there is none.</summary>
    /// <param name="judgements">Every judgement recorded.</param>
    /// <param name="withdrawals">Every withdrawal recorded.</param>
    /// <param name="a">One account of the judgement about to be recorded.</param>
    /// <param name="b">The other.</param>
    /// <param name="answer">Its answer.</param>
    public static IReadOnlyList<Judgement> Contradiction(IReadOnlyList<Judgement> judgements, IReadOnlyList<JudgementWithdrawal> withdrawals, AccountKey a, AccountKey b, JudgementAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(judgements);
        ArgumentNullException.ThrowIfNull(withdrawals);
        if (answer == JudgementAnswer.Unsure)
            return [];
        var standing = Standing(judgements, withdrawals);
        // Two people may disagree on one pair: both are recorded. Only a chain over other accounts is refused.
        bool SamePair(Judgement judgement) => Pair(judgement.A, judgement.B) == Pair(a, b);
        var positive = standing.Where(judgement => judgement.Answer == JudgementAnswer.Positive && !SamePair(judgement)).ToList();
        if (answer == JudgementAnswer.Negative)
            return Chain(positive, a, b);

        foreach (var negative in standing.Where(judgement => judgement.Answer == JudgementAnswer.Negative && !SamePair(judgement)))
        {
            foreach (var (left, right) in (ReadOnlySpan<(AccountKey, AccountKey)>)[(negative.A, negative.B), (negative.B, negative.A)])
            {
                var toA = left == a ? [] : Chain(positive, left, a);
                var toB = right == b ? [] : Chain(positive, b, right);
                if ((left == a || toA.Count > 0) && (right == b || toB.Count > 0))
                    return [.. toA, negative, .. toB];
            }
        }

        return [];
    }

    static List<Judgement> Standing(IReadOnlyList<Judgement> judgements, IReadOnlyList<JudgementWithdrawal> withdrawals)
    {
        var withdrawn = withdrawals.Select(withdrawal => withdrawal.Withdrawn).ToHashSet();
        return [.. judgements.Where(judgement => !withdrawn.Contains(judgement.Exhibit)).OrderBy(judgement => judgement.Exhibit)];
    }

    static List<Judgement> Chain(List<Judgement> positive, AccountKey from, AccountKey to)
    {
        var cameBy = new Dictionary<AccountKey, (AccountKey From, Judgement By)>();
        var queue = new Queue<AccountKey>([from]);
        while (queue.TryDequeue(out var account) && !cameBy.ContainsKey(to))
        {
            foreach (var judgement in positive)
            {
                AccountKey? next = judgement.A == account ? judgement.B : judgement.B == account ? judgement.A : null;
                if (next is { } other && other != from && cameBy.TryAdd(other, (account, judgement)))
                    queue.Enqueue(other);
            }
        }

        var chain = new List<Judgement>();
        for (var at = to; cameBy.TryGetValue(at, out var step); at = step.From)
            chain.Add(step.By);
        chain.Reverse();
        return chain;
    }

    // Values our persona said first in any conversation: people quote them back, also in other rooms.
    static HashSet<(SelectorKind, string)> StopList(List<AccountFacts> accounts)
    {
        var stop = new HashSet<(SelectorKind, string)>();
        foreach (var facts in accounts)
        {
            var seen = new HashSet<(SelectorKind, string)>();
            foreach (var hit in facts.Hits)
            {
                var value = (hit.Selector.Kind, hit.Selector.Normal);
                if (seen.Add(value) && hit.Speaker == Speaker.Persona)
                    stop.Add(value);
            }
        }

        return stop;
    }

    static bool Counts(SelectorHit hit, HashSet<(SelectorKind, string)> stopList, SelectorValidity weakest = SelectorValidity.Checked) =>
        hit.Volunteered && hit.Validity <= weakest && !stopList.Contains((hit.Selector.Kind, hit.Selector.Normal));

    static IdentityLevel Level(AccountFacts facts, HashSet<(SelectorKind, string)> stopList) =>
        facts.Hits.Any(hit => Counts(hit, stopList)) ? IdentityLevel.SelectorHeld : IdentityLevel.AccountOnly;

    static List<LinkReason> Edges(List<AccountFacts> accounts, HashSet<(SelectorKind, string)> stopList, SelectorValidity weakest, List<CommonValue> common)
    {
        var holders = new SortedDictionary<string, List<(AccountKey Account, List<FactPlace> Where)>>(StringComparer.Ordinal);
        var kinds = new Dictionary<string, SelectorKind>(StringComparer.Ordinal);
        foreach (var facts in accounts)
        {
            foreach (var value in facts.Hits.Where(hit => Counts(hit, stopList, weakest)).GroupBy(hit => (hit.Selector.Kind, hit.Selector.Normal)))
            {
                var key = $"{(int)value.Key.Kind}:{value.Key.Normal}";
                if (!holders.TryGetValue(key, out var list))
                {
                    holders.Add(key, list = []);
                    kinds.Add(key, value.Key.Kind);
                }

                list.Add((facts.Account, [.. value.Select(hit => hit.Where).OrderBy(where => where.Exhibit).ThenBy(where => where.Start)]));
            }
        }

        var edges = new List<LinkReason>();
        foreach (var (key, list) in holders)
        {
            if (list.Count > CommonFrom)
            {
                common.Add(new(kinds[key], list.Count, list.Select(holder => holder.Where[0]).MinBy(where => (where.Exhibit, where.Start))!));
                continue;
            }

            for (var i = 0; i < list.Count; i++)
            {
                for (var j = i + 1; j < list.Count; j++)
                    edges.Add(Shared(kinds[key], list[i], list[j]));
            }
        }

        return [.. edges.OrderBy(edge => edge.Kind).ThenBy(edge => edge.A).ThenBy(edge => edge.B).ThenBy(edge => edge.WhereA[0].Exhibit).ThenBy(edge => edge.WhereA[0].Start)];
    }

    static LinkReason Shared(SelectorKind kind, (AccountKey Account, List<FactPlace> Where) a, (AccountKey Account, List<FactPlace> Where) b) => new(
        a.Account, b.Account, LinkBasis.SharedSelector, kind, a.Where, b.Where, null,
        $"Both volunteered the same {StatementBook.Property(kind)}: {a.Account} in {Exhibits(a.Where)}, {b.Account} in {Exhibits(b.Where)}.");

    static string Exhibits(IReadOnlyList<FactPlace> where) => string.Join(", ", where.Select(place => place.Exhibit).Distinct());

    static IEnumerable<LinkReason> JudgedEdges(List<AccountFacts> accounts, List<Judgement> standing)
    {
        var known = accounts.Select(facts => facts.Account).ToHashSet();
        foreach (var judgement in standing)
        {
            if (judgement.Answer != JudgementAnswer.Positive || !known.Contains(judgement.A) || !known.Contains(judgement.B) || judgement.A == judgement.B)
                continue;
            var (first, second) = Pair(judgement.A, judgement.B);
            yield return new(first, second, LinkBasis.Judgement, null, [], [], judgement.Exhibit, $"Judged to be one person by {judgement.By} in {judgement.Exhibit}.");
        }
    }

    static (AccountKey, AccountKey) Pair(AccountKey a, AccountKey b) => a < b ? (a, b) : (b, a);

    sealed class Clusters
    {
        readonly Dictionary<AccountKey, Cluster> _of;
        readonly List<Judgement> _negative;

        internal Clusters(IEnumerable<AccountKey> accounts, List<Judgement> standing)
        {
            _of = accounts.ToDictionary(account => account, account => new Cluster([account], []));
            _negative = [.. standing.Where(judgement => judgement.Answer == JudgementAnswer.Negative)];
        }

        internal void Merge(LinkReason edge, List<HeldMerge> held)
        {
            var (left, right) = (_of[edge.A], _of[edge.B]);
            if (ReferenceEquals(left, right))
            {
                left.Reasons.Add(edge);
                return;
            }

            // One account that must stay apart from one of the others keeps the whole groups apart.
            var against = _negative.Find(judgement => (left.Accounts.Contains(judgement.A) && right.Accounts.Contains(judgement.B)) || (left.Accounts.Contains(judgement.B) && right.Accounts.Contains(judgement.A)));
            if (against is not null)
            {
                held.Add(new(edge.A, edge.B, $"{edge.Sentence} They are kept apart: judged not to be one person by {against.By} in {against.Exhibit}.", against.Exhibit));
                return;
            }

            if (left.Accounts.Count + right.Accounts.Count > LargestProposal)
            {
                held.Add(new(edge.A, edge.B, $"{edge.Sentence} They are kept apart: together they would be more than {LargestProposal} accounts.", null));
                return;
            }

            var merged = new Cluster([.. left.Accounts.Concat(right.Accounts).Order()], [.. left.Reasons, .. right.Reasons, edge]);
            foreach (var account in merged.Accounts)
                _of[account] = merged;
        }

        internal IEnumerable<Cluster> All() => _of.Values.Distinct(ReferenceEqualityComparer.Instance).Cast<Cluster>();
    }

    sealed record Cluster(List<AccountKey> Accounts, List<LinkReason> Reasons);
}
