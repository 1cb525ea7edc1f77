using System.Text;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework.Tests;

public class DecisionTests
{
    static readonly ActorId By = new("analyst-1");
    static readonly AlertAddress Alert = new(FindingScope.Pair, "irc://h/#r", "t1", "marlow", "lampje", new(42));
    static readonly AccountKey A = new("irc://h/#r", "marlow");
    static readonly AccountKey B = new("telegram", "123", "s2");

    public static TheoryData<Decision> Decisions => new((Decision[])[
        new AlertDismissed(By, Alert, "a poem, \"quoted\""),
        new AlertDeferred(By, Alert with { Scope = FindingScope.Place, Thread = "", Counterpart = null }, new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero), "wait for the zone"),
        new AlertReopened(By, Alert, "looked at again"),
        new CaseOpened(By, "C-1", [Alert, Alert with { Exhibit = new(7) }], "repeated"),
        new SubjectOpened(By, "C-1", "S-1", [A, B], "one address", "ab12"),
        new AccountsJudged(By, A, B, JudgementAnswer.Negative, "two people in one house", "ab12"),
        new JudgementWithdrawn(By, new(99), "a mistake"),
        new StatementGraded(By, "id-1", Grade.Of(GradeScheme.Admiralty, "B", "2", null), new(12)),
        new StatementGraded(By, "id-2", Grade.AsReceived("5x5x5", "B", "2", "3"), new(12)),
        new DossierSigned(By, "D-1", 2, "00ff", 4_096, "cm9vdA=="),
        new PackPublished(By, new("supervisor-2"), "sha256:01", "sha256:00", "our own words", null),
        new PackPublished(By, new("supervisor-2"), "sha256:02", "sha256:01", "quieter", new("lantern", 1_000_001, 7, 3, 2))]);

    [Theory, MemberData(nameof(Decisions))]
    public void A_decision_reads_back_as_it_was_made(Decision decision)
    {
        var content = DecisionJson.Write(decision);
        var read = DecisionJson.Read(decision.Kind, content).ShouldNotBeNull();
        DecisionJson.Write(read).ShouldBe(content);
        read.GetType().ShouldBe(decision.GetType());
        read.By.ShouldBe(By);
        content[^1].ShouldBe((byte)'\n');
    }

    [Fact]
    public void The_written_form_is_fixed() =>
        Encoding.UTF8.GetString(DecisionJson.Write(new AlertDismissed(By, Alert, "a poem"))).ShouldBe(
            """{"v":1,"by":"analyst-1","alert":{"scope":"pair","venue":"irc://h/#r","thread":"t1","account":"marlow","counterpart":"lampje","exhibit":"EX-00000042"},"reason":"a poem"}""" + "\n");

    [Theory]
    [InlineData("alert.dismissed", "{")]
    [InlineData("alert.dismissed", "{}")]
    [InlineData("judgement", """{"v":1,"by":"a","a":["x","y"],"b":["x","y","z"],"answer":"positive","reason":"r","view":"v"}""")]
    [InlineData("judgement", """{"v":1,"by":"a","a":["x","y","z"],"b":["x","y","z"],"answer":"perhaps","reason":"r","view":"v"}""")]
    [InlineData("grade", """{"v":1,"by":"a","statement":"s","exhibit":"EX-1","scheme":"3x5x2","source":"9","information":"D","handling":null}""")]
    [InlineData("case.opened", """{"v":2,"by":"a"}""")]
    public void Content_in_another_form_is_an_error_that_repeats_none_of_it(string kind, string content)
    {
        var error = Should.Throw<FormatException>(() => DecisionJson.Read(kind, Encoding.UTF8.GetBytes(content)));
        error.Message.ShouldNotContain("perhaps");
    }

    [Fact]
    public void Another_kind_is_no_decision() => DecisionJson.Read("chat", Encoding.UTF8.GetBytes("{}")).ShouldBeNull();

    [Fact]
    public async Task A_decision_is_one_exhibit_that_names_what_it_is_about()
    {
        var log = new KeptLog();
        var number = await new DecisionLog(log).AppendAsync(new CaseOpened(By, "C-1", [.. Enumerable.Range(0, 20).Select(i => Alert with { Exhibit = new(40 - i) })], "many"), TestContext.Current.CancellationToken);
        number.LeafIndex.ShouldBe(0);
        var exhibit = log.Kept.Single();
        exhibit.Kind.ShouldBe("case.opened");
        exhibit.Actor.ShouldBe("analyst-1");
        exhibit.About.Count.ShouldBe(16);
        exhibit.About.Select(about => about.LeafIndex).ShouldBeInOrder();
        ((CaseOpened)DecisionJson.Read(exhibit.Kind, exhibit.Content)!).Alerts.Count.ShouldBe(20);
    }

    [Fact]
    public void A_judgement_and_its_withdrawal_come_back_as_identity_reads_them()
    {
        var judged = new AccountsJudged(By, A, B, JudgementAnswer.Positive, "one voice", "ab12").At(new(5));
        judged.ShouldBe(new Judgement(new(5), By, A, B, JudgementAnswer.Positive, "one voice", "ab12"));
        new JudgementWithdrawn(By, new(5), "a mistake").At(new(6)).Withdrawn.ShouldBe(new ExhibitNumber(5));
    }

    // A scratch log numbers like the real one; what it is given is kept here to look at.
    sealed class KeptLog : IExhibitLog
    {
        readonly ScratchLog _scratch = new(TimeProvider.System);

        internal List<NewExhibit> Kept { get; } = [];

        public ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation)
        {
            Kept.Add(exhibit);
            return _scratch.AppendAsync(exhibit, cancellation);
        }

        public ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
        {
            Kept.AddRange(exhibits.ToArray());
            return _scratch.AppendAsync(exhibits, cancellation);
        }
    }
}
