using System.Text;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework.Tests;

public class DossierAssemblerTests
{
    const string Venue = "irc://h/#room";

    static readonly ActorId Author = new("analyst-1");
    static readonly AccountKey Marlow = new(Venue, "marlow");
    static readonly AccountKey Marl = new("telegram:talk", "Marl");
    static readonly AccountKey Elsewhere = new("irc://h/#other", "marlow");

    [Fact]
    public async Task A_dossier_on_a_handle_takes_in_the_accounts_proposed_with_it_and_says_why()
    {
        var dossier = await Assemble(new Source()).OfAccountAsync("Marl", Author, Cancel);
        dossier.Accounts.ShouldBe([Marlow, Marl]);
        dossier.Links.Single().Sentence.ShouldContain("Both volunteered");
        dossier.Level.ShouldBe(IdentityLevel.SelectorHeld);
        dossier.Case.ShouldBeNull();
    }

    [Fact]
    public async Task A_subject_keeps_the_accounts_it_was_signed_with_when_a_proposal_changes()
    {
        var source = new Source { Decisions = [new(new(90), DateTimeOffset.UnixEpoch, new SubjectOpened(Author, "C-1", "S-1", [Marlow], "one person", "view"))] };
        var dossier = await Assemble(source).OfSubjectAsync("S-1", Author, Cancel);
        dossier.Accounts.ShouldBe([Marlow]);
        dossier.Case!.Opened.ShouldBe(new ExhibitNumber(90));
        dossier.Links.ShouldBeEmpty();
        dossier.Id.ShouldBe("D-lantern-S-1");
    }

    [Fact]
    public async Task An_unknown_handle_or_subject_is_an_error_that_says_what_to_do()
    {
        (await Should.ThrowAsync<DossierException>(() => Assemble(new Source()).OfAccountAsync("nobody", Author, Cancel))).Message.ShouldContain("no account of that handle");
        (await Should.ThrowAsync<DossierException>(() => Assemble(new Source()).OfSubjectAsync("S-9", Author, Cancel))).Message.ShouldContain("No subject of that name");
    }

    [Fact]
    public async Task A_handle_of_two_unlinked_accounts_must_be_named_with_its_venue()
    {
        var source = new Source { Known = [Marlow, Marl, Elsewhere] };
        (await Should.ThrowAsync<DossierException>(() => Assemble(source).OfAccountAsync("marlow", Author, Cancel))).Message.ShouldContain("HANDLE@VENUE");
        (await Assemble(source).OfAccountAsync("marlow@irc://h/#other", Author, Cancel)).Accounts.ShouldBe([Elsewhere]);
    }

    [Fact]
    public async Task A_cited_line_is_quoted_with_two_lines_of_context_on_either_side()
    {
        var dossier = await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel);
        var lines = Lampje(dossier).Quotations.SelectMany(quotation => quotation.Lines).ToList();
        lines.Select(line => line.Exhibit.LeafIndex).ShouldBe([8, 9, 10, 11, 12, 18, 19, 20, 21, 22, 23, 24, 25]);
        lines.Where(line => line.Cited).Select(line => line.Exhibit.LeafIndex).ShouldBe([10, 20, 23]);
    }

    [Fact]
    public async Task Stretches_that_touch_are_one_quotation()
    {
        var source = new Source { CitedAt = [10, 15, 20] };
        var dossier = await Assemble(source).OfAccountAsync("marlow", Author, Cancel);
        Lampje(dossier).Quotations.Count.ShouldBe(1);
        Lampje(dossier).Quotations[0].Lines.Select(line => line.Exhibit.LeafIndex).ShouldBe(Enumerable.Range(8, 15).Select(i => (long)i));
        var apart = await Assemble(new Source { CitedAt = [10, 16] }).OfAccountAsync("marlow", Author, Cancel);
        Lampje(apart).Quotations.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Every_conversation_in_which_something_was_found_is_in_it_the_most_urgent_first()
    {
        var dossier = await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel);
        dossier.Conversations.Select(conversation => conversation.Conduct.Pair.Counterpart).ShouldBe(["lampje", "pebble"]);
        dossier.Conversations[0].Triage!.Band.ShouldBe(2);
        dossier.Conversations[1].Triage.ShouldBeNull();
        dossier.Places.Single().Venue.ShouldBe(Venue);
    }

    [Fact]
    public async Task Statements_and_countries_come_from_the_readings_and_only_what_was_volunteered()
    {
        var dossier = await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel);
        dossier.Statements.Select(statement => (statement.Account, statement.Property)).ShouldBe([(Marlow, "e-mail address"), (Marl, "e-mail address")]);
        dossier.Statements.ShouldAllBe(statement => statement.Basis == StatementBasis.Volunteered);
        dossier.Countries.Unknown.ShouldBeTrue();
    }

    [Fact]
    public async Task The_last_grade_a_person_gave_stands_in_its_own_scheme_instead_of_the_proposed_one()
    {
        var proposed = (await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel)).Statements[0];
        proposed.GradeProposed.ShouldBeTrue();
        var graded = new Source
        {
            Decisions =
            [
                new(new(91), DateTimeOffset.UnixEpoch, new StatementGraded(Author, proposed.Id, Grade.Of(GradeScheme.ThreeFiveTwo, "1", "B", "P"), proposed.Where.Exhibit)),
                new(new(92), DateTimeOffset.UnixEpoch, new StatementGraded(Author, proposed.Id, Grade.Of(GradeScheme.Admiralty, "B", "2", null), proposed.Where.Exhibit)),
            ],
        };
        var statements = (await Assemble(graded).OfAccountAsync("marlow", Author, Cancel)).Statements;
        (statements[0].Grade.ToString(), statements[0].GradeProposed).ShouldBe(("Admiralty: B 2", false));
        statements[1].GradeProposed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_line_that_a_statement_rests_on_is_quoted_and_marked_wherever_it_was_said()
    {
        var elsewhere = await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel);
        elsewhere.Elsewhere.SelectMany(quotation => quotation.Lines).Where(line => line.Cited).Select(line => line.Exhibit.LeafIndex).ShouldBe([5, 6]);
        var within = await Assemble(new Source { CitedAt = [4, 20] }).OfAccountAsync("marlow", Author, Cancel);
        within.Elsewhere.ShouldBeEmpty();
        Lampje(within).Quotations[0].Lines.Single(line => line.Exhibit.LeafIndex == 5).Marks.ShouldBe([new QuotedMark("e-mail address", 0, 12)]);
    }

    [Fact]
    public async Task Each_cited_exhibit_is_handed_to_the_check_once()
    {
        var source = new Source();
        await Assemble(source).OfAccountAsync("marlow", Author, Cancel);
        source.Checked.ShouldBeUnique();
        source.Checked.ShouldBe([5L, 6L, 10L, 20L, 23L], ignoreOrder: true);
    }

    [Fact]
    public async Task Two_gatherings_write_the_same_bytes()
    {
        var first = DossierWriter.Write(await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel), SelectorData.BuiltIn);
        DossierWriter.Write(await Assemble(new Source()).OfAccountAsync("marlow", Author, Cancel), SelectorData.BuiltIn).ShouldBe(first);
        Encoding.UTF8.GetString(first).ShouldContain("to nobody in particular");
    }

    [Fact]
    public async Task What_was_deleted_by_order_is_named_with_order_date_and_count_in_the_dossier_and_where_no_account_is_left()
    {
        var source = new Source { Deletions = [new(new(25), new DateTimeOffset(2026, 11, 29, 9, 30, 0, TimeSpan.Zero), "ORDER-5", 1_200), new(new(28), new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero), "ORDER-6", 1)] };
        var dossier = await Assemble(source).OfAccountAsync("marlow", new("a-1"), Cancel);
        var page = Encoding.UTF8.GetString(DossierWriter.Write(dossier, SelectorData.BuiltIn));
        page.ShouldContain("<h3>Deleted by order</h3>");
        foreach (var word in (string[])["EX-00000025", "2026-11-29 09:30:00 UTC", "ORDER-5", "1,200", "EX-00000028", "ORDER-6", "Findings that rested only on it are gone"])
            page.ShouldContain(word);

        var fault = await Should.ThrowAsync<DossierException>(() => Assemble(source).OfAccountAsync("nobody", new("a-1"), Cancel));
        fault.Message.ShouldEndWith("Deleted by order EX-00000025 of 29 November 2026: 1,200 exhibits. Deleted by order EX-00000028 of 1 December 2026: 1 exhibit. What rested only on those is gone with them.");

        var untouched = await Assemble(new Source()).OfAccountAsync("marlow", new("a-1"), Cancel);
        Encoding.UTF8.GetString(DossierWriter.Write(untouched, SelectorData.BuiltIn)).ShouldNotContain("Deleted by order");
    }

    static DossierConversation Lampje(Dossier dossier) => dossier.Conversations.Single(conversation => conversation.Conduct.Pair.Counterpart == "lampje");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static DossierAssembler Assemble(Source source) => new(source, TriageRules.BuiltIn, SelectorData.BuiltIn);

    /// <summary>An invented operation in memory: thirty lines, two accounts that share an address.</summary>
    sealed class Source : IDossierSource
    {
        internal IReadOnlyList<AccountKey> Known { get; init; } = [Marlow, Marl];

        internal IReadOnlyList<RecordedDecision> Decisions { get; init; } = [];

        internal IReadOnlyList<long> CitedAt { get; init; } = [10, 20, 23];

        internal IReadOnlyList<long> Checked { get; private set; } = [];

        public OperationSlug Operation => new("lantern");

        public DossierVersions Versions => new("Custos", "detection/1", "sha256:0", "builtin/1", false, "data", "phones", "rules");

        public DossierAuthorization? Authorization => null;

        public ValueTask<IReadOnlyList<AccountKey>> AccountsAsync(string handle, CancellationToken cancel) => new([.. Known.Where(account => account.Name == handle)]);

        public ValueTask<IReadOnlyList<RecordedDecision>> DecisionsAsync(CancellationToken cancel) => new(Decisions);

        public ValueTask<SelectorReading?> ReadingAsync(AccountKey account, CancellationToken cancel) => new(account == Elsewhere ? null : Reading(account));

        public ValueTask<LinkView> LinksAsync(CancellationToken cancel) =>
            new(SubjectLinker.Propose([.. Known.Select(account => new AccountFacts(account, account == Elsewhere ? [] : Reading(account).Hits))], [], []));

        public ValueTask<IReadOnlyList<SourcedConversation>> ConversationsAsync(AccountKey account, CancellationToken cancel)
        {
            if (account != Marlow)
                return new([]);
            var alert = new Finding(
                FindingKind.Alert, FindingScope.Pair, Venue, "t1", "marlow", "lampje", AuthorRole.Account, "m20", null, new Score(9_000), null,
                [], [], false, "detection/1", "sha256:0", "builtin/1");
            var findings = CitedAt.Select(exhibit => alert with { Kind = FindingKind.Indicator, Indicators = [InventedCase.Indicator("camera.request", exhibit)] }).ToList();
            return new(
            [
                new(FindingScope.Pair, Venue, "t2", "marlow", "pebble", null, null, [], null, null, Conduct("pebble"), [], false),
                new(FindingScope.Place, Venue, "", "marlow", null, null, null, [], alert with { Scope = FindingScope.Place, Counterpart = null }, new(20), null, [], false),
                new(FindingScope.Pair, Venue, "t1", "marlow", "lampje", null, null, findings, alert, new(20), Conduct("lampje"), [], false),
            ]);
        }

        public ValueTask<IReadOnlyList<TranscriptLine>> LinesAsync(string venue, string thread, AccountKey account, ExhibitNumber exhibit, int before, int after, CancellationToken cancel) => new(
        [
            .. Enumerable.Range(0, 30).Where(i => i >= exhibit.LeafIndex - before && i <= exhibit.LeafIndex + after)
                .Select(i => new TranscriptLine(new(i), new ChatMessage(new(venue), thread, $"m{i}", null, new(i % 2 == 0 ? "marlow" : "lampje"), null, "hello hello", Direction.None), i % 2 == 0 ? LineRole.Account : LineRole.Other)),
        ]);

        internal IReadOnlyList<DossierDeletion> Deletions { get; init; } = [];

        public ValueTask<IReadOnlyList<DossierDeletion>> DeletionsAsync(CancellationToken cancel) => new(Deletions);

        public ValueTask<DossierRecording> RecordingAsync(IReadOnlyList<AccountKey> accounts, IReadOnlyList<ExhibitNumber> cited, CancellationToken cancel)
        {
            Checked = [.. cited.Select(exhibit => exhibit.LeafIndex)];
            return new(new DossierRecording("custos.invalid/lantern", 30, "cm9vdA==", DateTimeOffset.UnixEpoch, null, true, false, [], [], null));
        }

        static SelectorReading Reading(AccountKey account) => new(
            account,
            [
                new(new(SelectorKind.Email, "m@x-demo.org", "m@x-demo.org"), SelectorValidity.Checked, new FactPlace(new(account == Marlow ? 5 : 6), "m5", null, 0, 12), Speaker.Account, null, SelectorFlags.None),
                new(new(SelectorKind.Email, "q@x-demo.org", "q@x-demo.org"), SelectorValidity.Checked, new FactPlace(new(7), "m7", null, 0, 12), Speaker.Quoted, null, SelectorFlags.None),
            ],
            new Dictionary<string, int>(), [], "data");

        static ConductRecord Conduct(string counterpart) => new(
            new PairKey(Venue, "t1", "marlow", counterpart), false, 30, [], [], new(FactState.None, null, null), new(FactState.None, null, null), null, [], [], new(0, 30, 0, 0), []);
    }
}
