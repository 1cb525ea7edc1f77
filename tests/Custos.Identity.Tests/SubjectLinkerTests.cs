using System.Text;
using CsCheck;
using Custos.Detection;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Identity.Tests;

public class SubjectLinkerTests
{
    static readonly ActorId Analyst = new("analyst-1");

    [Fact]
    public void Two_accounts_that_volunteered_one_checked_address_are_proposed_as_one_with_the_exhibits()
    {
        var view = Propose([Facts("a", Mail("m@x-demo.org", 5)), Facts("b", Mail("m@x-demo.org", 9)), Facts("c")]);
        view.Subjects.Count.ShouldBe(2);
        var subject = view.Subjects[0];
        subject.Accounts.ShouldBe([Key("a"), Key("b")]);
        subject.Level.ShouldBe(IdentityLevel.SelectorHeld);
        var reason = subject.Reasons.Single();
        reason.Sentence.ShouldBe("Both volunteered the same e-mail address: a @ room in EX-00000005, b @ room in EX-00000009.");
        view.Subjects[1].Level.ShouldBe(IdentityLevel.AccountOnly);
        view.Subjects[1].Reasons.ShouldBeEmpty();
    }

    [Fact]
    public void No_reason_contains_the_value() =>
        Encoding.UTF8.GetString(LinkViewJson.Write(Propose([Facts("a", Mail("m@x-demo.org", 5)), Facts("b", Mail("m@x-demo.org", 9))]))).ShouldNotContain("m@x-demo.org");

    [Fact]
    public void A_plausible_value_links_nobody() =>
        Propose([Facts("a", Mail("m@x-demo.org", 5) with { Validity = SelectorValidity.Plausible }), Facts("b", Mail("m@x-demo.org", 9))]).Subjects.Count.ShouldBe(2);

    [Fact]
    public void The_permissive_view_also_joins_by_plausible_values_and_never_parts_what_the_strict_one_joins()
    {
        List<AccountFacts> facts = [Facts("a", Mail("m@x-demo.org", 5) with { Validity = SelectorValidity.Plausible }), Facts("b", Mail("m@x-demo.org", 9), Mail("n@x-demo.org", 10)), Facts("c", Mail("n@x-demo.org", 11))];
        Propose(facts).Subjects.Count.ShouldBe(2);
        SubjectLinker.Propose(facts, [], [], SelectorValidity.Plausible).Subjects.Single().Accounts.Count.ShouldBe(3);
    }

    [Fact]
    public void A_reserved_value_weighs_nothing() =>
        Propose([Facts("a", Mail("m@x.example", 5) with { Flags = SelectorFlags.Reserved }), Facts("b", Mail("m@x.example", 9) with { Flags = SelectorFlags.Reserved })]).Subjects.Count.ShouldBe(2);

    [Fact]
    public void A_quoted_value_links_nobody() =>
        Propose([Facts("a", Mail("m@x-demo.org", 5) with { Speaker = Speaker.Quoted }), Facts("b", Mail("m@x-demo.org", 9))]).Subjects.Count.ShouldBe(2);

    [Fact]
    public void The_personas_own_number_never_links_two_people()
    {
        // It was said to a, and b heard of it elsewhere: only a's conversation shows whose it is.
        var said = Mail("lampje@x-demo.org", 4) with { Speaker = Speaker.Persona };
        var back = Mail("lampje@x-demo.org", 5) with { Flags = SelectorFlags.SaidByPersona };
        var view = Propose([Facts("a", said, back), Facts("b", Mail("lampje@x-demo.org", 9)), Facts("c", Mail("lampje@x-demo.org", 11))]);
        view.Subjects.Count.ShouldBe(3);
        view.Accounts.ShouldAllBe(account => account.Level == IdentityLevel.AccountOnly);
    }

    [Fact]
    public void A_value_on_more_than_twenty_accounts_links_none_and_is_named()
    {
        var accounts = Enumerable.Range(0, 21).Select(i => Facts($"a{i:D2}", Mail("m@x-demo.org", 5 + i))).ToList();
        var view = Propose(accounts);
        view.Subjects.Count.ShouldBe(21);
        view.Common.Single().Accounts.ShouldBe(21);
        Propose(accounts.Take(20).ToList()).Subjects.Count.ShouldBe(1);
    }

    [Fact]
    public void A_common_value_beside_a_rare_one_does_not_hinder_the_link()
    {
        var accounts = Enumerable.Range(0, 21).Select(i => Facts($"a{i:D2}", Mail("m@x-demo.org", 50 + i))).ToList();
        accounts[0] = Facts("a00", Mail("m@x-demo.org", 50), Mail("own@x-demo.org", 90));
        accounts[1] = Facts("a01", Mail("m@x-demo.org", 51), Mail("own@x-demo.org", 91));
        Propose(accounts).Subjects.Count.ShouldBe(20);
    }

    [Fact]
    public void A_negative_judgement_keeps_two_accounts_apart_whatever_they_share()
    {
        var facts = new List<AccountFacts> { Facts("a", Mail("m@x-demo.org", 5)), Facts("b", Mail("m@x-demo.org", 9)) };
        var view = Propose(facts, [Judged(20, "a", "b", JudgementAnswer.Negative)]);
        view.Subjects.Count.ShouldBe(2);
        view.Held.Single().Judged.ShouldBe(new ExhibitNumber(20));
        view.Held.Single().Sentence.ShouldContain("kept apart");
    }

    [Fact]
    public void Two_accounts_kept_apart_are_not_joined_through_a_third()
    {
        var facts = new List<AccountFacts>
        {
            Facts("a", Mail("one@x-demo.org", 5)), Facts("b", Mail("one@x-demo.org", 6), Mail("two@x-demo.org", 7)), Facts("c", Mail("two@x-demo.org", 8)),
        };
        Propose(facts).Subjects.Count.ShouldBe(1);
        var view = Propose(facts, [Judged(20, "a", "c", JudgementAnswer.Negative)]);
        view.Subjects.ShouldAllBe(subject => !(subject.Accounts.Contains(Key("a")) && subject.Accounts.Contains(Key("c"))));
        view.Held.Count.ShouldBe(1);
    }

    [Fact]
    public void A_positive_judgement_joins_and_is_shown_as_a_judgement()
    {
        var view = Propose([Facts("a"), Facts("b")], [Judged(20, "b", "a", JudgementAnswer.Positive)]);
        var reason = view.Subjects.Single().Reasons.Single();
        reason.Basis.ShouldBe(LinkBasis.Judgement);
        reason.Sentence.ShouldBe("Judged to be one person by analyst-1 in EX-00000020.");
        view.Subjects[0].Level.ShouldBe(IdentityLevel.AccountOnly);
    }

    [Fact]
    public void Where_two_people_disagree_on_one_pair_the_negative_holds()
    {
        var view = Propose([Facts("a"), Facts("b")], [Judged(20, "a", "b", JudgementAnswer.Positive), Judged(21, "b", "a", JudgementAnswer.Negative)]);
        view.Subjects.Count.ShouldBe(2);
        view.Held.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(JudgementAnswer.Positive)]
    [InlineData(JudgementAnswer.Negative)]
    [InlineData(JudgementAnswer.Unsure)]
    public void Merge_and_un_merge_leave_the_view_byte_identical(JudgementAnswer answer)
    {
        var facts = new List<AccountFacts> { Facts("a", Mail("m@x-demo.org", 5)), Facts("b", Mail("m@x-demo.org", 9)), Facts("c"), Facts("d") };
        var before = LinkViewJson.Write(Propose(facts));
        var judged = Judged(20, answer == JudgementAnswer.Positive ? "c" : "a", "b", answer);
        if (answer != JudgementAnswer.Unsure)
            LinkViewJson.Write(Propose(facts, [judged])).ShouldNotBe(before);
        var undone = SubjectLinker.Propose(facts, [judged], [new(new(21), Analyst, judged.Exhibit, "a mistake")]);
        LinkViewJson.Write(undone).ShouldBe(before);
    }

    [Fact]
    public void The_order_of_accounts_and_judgements_changes_no_byte()
    {
        var facts = new List<AccountFacts>
        {
            Facts("a", Mail("one@x-demo.org", 5)), Facts("b", Mail("one@x-demo.org", 6), Mail("two@x-demo.org", 7)), Facts("c", Mail("two@x-demo.org", 8)), Facts("d"), Facts("e"),
        };
        var judgements = new List<Judgement> { Judged(20, "a", "c", JudgementAnswer.Negative), Judged(21, "d", "e", JudgementAnswer.Positive), Judged(22, "e", "a", JudgementAnswer.Positive) };
        var expected = LinkViewJson.Write(Propose(facts, judgements));
        Gen.Select(Gen.Shuffle(facts.ToArray()), Gen.Shuffle(judgements.ToArray()))
            .Sample((shuffledFacts, shuffledJudgements) => LinkViewJson.Write(Propose(shuffledFacts, shuffledJudgements)).AsSpan().SequenceEqual(expected), iter: 500, seed: "0000KZ5e8Wy2");
    }

    [Fact]
    public void No_view_puts_two_accounts_together_that_a_judgement_keeps_apart()
    {
        // Random graphs of six accounts: whatever is shared and judged, negatives hold and every account is in exactly one proposal.
        var pair = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5]).Where((a, b) => a != b);
        Gen.Select(pair.Array[0, 8], pair.Array[0, 4], pair.Array[0, 4]).Sample(
            (shared, positive, negative) =>
            {
                var hits = Enumerable.Range(0, 6).Select(_ => new List<SelectorHit>()).ToArray();
                for (var i = 0; i < shared.Length; i++)
                {
                    hits[shared[i].Item1].Add(Mail($"v{i}@x-demo.org", i));
                    hits[shared[i].Item2].Add(Mail($"v{i}@x-demo.org", 100 + i));
                }

                var number = 1_000L;
                var judgements = positive.Select(p => Judged(number++, $"a{p.Item1}", $"a{p.Item2}", JudgementAnswer.Positive))
                    .Concat(negative.Select(p => Judged(number++, $"a{p.Item1}", $"a{p.Item2}", JudgementAnswer.Negative))).ToList();
                var view = Propose([.. hits.Select((list, i) => Facts($"a{i}", [.. list]))], judgements);
                return view.Subjects.Sum(subject => subject.Accounts.Count) == 6
                    && view.Accounts.Count == 6
                    && negative.All(p => view.Accounts[p.Item1].Cluster != view.Accounts[p.Item2].Cluster);
            },
            iter: 2_000, seed: "0000KZ5e8Wy2");
    }

    [Fact]
    public void A_judgement_that_contradicts_a_chain_is_answered_with_the_chain()
    {
        var chain = new List<Judgement> { Judged(12, "a", "b", JudgementAnswer.Positive), Judged(19, "b", "c", JudgementAnswer.Positive) };
        Contradicts(chain, "a", "c", JudgementAnswer.Negative).ShouldBe([12, 19]);
        Contradicts(chain, "a", "d", JudgementAnswer.Negative).ShouldBeEmpty();
        Contradicts(chain, "a", "c", JudgementAnswer.Unsure).ShouldBeEmpty();
        // Positive across a chain that holds a negative.
        Contradicts([chain[0], Judged(19, "b", "c", JudgementAnswer.Negative)], "a", "c", JudgementAnswer.Positive).ShouldBe([12, 19]);
        // The same pair judged both ways is a disagreement, recorded and shown, not a chain.
        Contradicts([chain[0]], "a", "b", JudgementAnswer.Negative).ShouldBeEmpty();
    }

    [Fact]
    public void A_cluster_key_names_the_accounts_alone()
    {
        SubjectLinker.Key([Key("b"), Key("a")]).ShouldBe(SubjectLinker.Key([Key("a"), Key("b")]));
        SubjectLinker.Key([Key("ab"), Key("c")]).ShouldNotBe(SubjectLinker.Key([Key("a"), Key("bc")]));
        SubjectLinker.Key([Key("a")]).Length.ShouldBe(16);
    }

    [Fact]
    public void An_account_listed_twice_is_refused_without_its_name()
    {
        var error = Should.Throw<ArgumentException>(() => Propose([Facts("marlow"), Facts("marlow")]));
        error.Message.ShouldNotContain("marlow");
    }

    [Fact]
    public void The_same_nick_in_two_sessions_is_two_accounts() =>
        Propose([new(new("room", "a", "s1"), []), new(new("room", "a", "s2"), [])]).Subjects.Count.ShouldBe(2);

    static IEnumerable<long> Contradicts(List<Judgement> judgements, string a, string b, JudgementAnswer answer) =>
        SubjectLinker.Contradiction(judgements, [], Key(a), Key(b), answer).Select(judgement => judgement.Exhibit.LeafIndex);

    static LinkView Propose(IReadOnlyList<AccountFacts> facts, IReadOnlyList<Judgement>? judgements = null) => SubjectLinker.Propose(facts, judgements ?? [], []);

    static AccountKey Key(string name) => new("room", name);

    static AccountFacts Facts(string name, params SelectorHit[] hits) => new(Key(name), hits);

    static Judgement Judged(long exhibit, string a, string b, JudgementAnswer answer) => new(new(exhibit), Analyst, Key(a), Key(b), answer, "read both", "view");

    static SelectorHit Mail(string normal, long exhibit) => new(
        new(SelectorKind.Email, normal, normal), SelectorValidity.Checked, new FactPlace(new(exhibit), "m", null, 0, 5), Speaker.Account, null, SelectorFlags.None);
}
