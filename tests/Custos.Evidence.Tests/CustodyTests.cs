using System.Text;

namespace Custos.Evidence.Tests;

public class CustodyTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Access Officer => new(new() { Id = "officer-7", Name = "N. Example", Role = "analyst", Unit = "unit" }, "review of the queue", new() { Ref = "AUTH-1" }) { Revealed = true };

    [Fact]
    public async Task Opening_by_a_person_is_durable_before_a_byte_is_shown_and_closing_is_recorded()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 3), Stop);
        await using (var view = await log.OpenExhibitAsync(new(2), Officer, Stop))
        {
            Encoding.UTF8.GetString(view.Exhibit.Content.Span).ShouldBe("line 1");
            view.Opening.Number.LeafIndex.ShouldBe(4);
            log.Size.ShouldBe(5);
            view.Opening.Entry.About.ShouldBe([new ExhibitNumber(2)]);
            var opened = CustodyEvent.Parse(view.Opening);
            (opened.Kind, opened.Actor.Id, opened.Purpose, opened.Authority!.Ref, opened.Viewing!.Revealed).ShouldBe(("viewed", "officer-7", "review of the queue", "AUTH-1", true));
            machine.Time.Advance(TimeSpan.FromSeconds(12));
        }

        var all = await Machine.ReadAllAsync(log);
        var closed = CustodyEvent.Parse(all[5]);
        (closed.Kind, closed.Viewing!.Seconds, closed.Previous).ShouldBe(("view-ended", 12, 4));
    }

    [Fact]
    public async Task A_view_ends_once_and_an_event_cites_only_what_stands_before_it()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 3), Stop);
        var view = await log.OpenExhibitAsync(new(2), Officer, Stop);
        await view.DisposeAsync();
        await view.DisposeAsync();
        log.Size.ShouldBe(6);
        // 6 is the event's own number, 99 nobody's: its content names them, its entry cannot.
        var exported = await log.RecordAsync(new() { Kind = CustodyKind.Exported, Exhibits = [-1, 5, 1, 6, 99], Actor = new() { Id = "officer-7" } }, Stop);
        exported.Entry.About.ShouldBe([new ExhibitNumber(1), new ExhibitNumber(5)]);
        CustodyEvent.Parse(exported).Exhibits.ShouldBe([-1, 5, 1, 6, 99]);
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task A_person_sees_nothing_when_the_opening_cannot_be_recorded()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 3), Stop);
        (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.Before, machine.Disk.Changes + 1);
        await Should.ThrowAsync<EvidenceLogException>(async () => await log.OpenExhibitAsync(new(2), Officer, Stop));
    }

    [Fact]
    public async Task A_machine_reading_is_one_event_for_the_run_and_not_one_for_each_exhibit()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 600), Stop);
        (await Machine.ReadAllAsync(log)).Count.ShouldBe(601);
        log.Size.ShouldBe(602);
        var run = CustodyEvent.Parse((await Machine.ReadAllAsync(log))[601]);
        (run.Kind, run.Tool!.Name, run.Actor.Id).ShouldBe(("decrypted", "tests", "tester"));
        run.Purpose.ShouldBe("reading back (EX-00000000 to EX-00000600)");
        (run.Range!.From, run.Range.Through).ShouldBe((0, 600));
    }

    [Fact]
    public async Task A_reading_begins_and_ends_where_it_was_told()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 300), Stop);
        var read = new List<long>();
        await foreach (var exhibit in log.ReadAsync(new(250), 10, new("a", "b", "c"), Stop))
            read.Add(exhibit.Number.LeafIndex);
        read.ShouldBe(Enumerable.Range(250, 10).Select(i => (long)i));
        await foreach (var exhibit in log.ReadAsync(new(5_000), 10, new("a", "b", "c"), Stop))
            read.Add(exhibit.Number.LeafIndex);
        read.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Every_field_of_a_custody_event_comes_back_as_it_was_recorded()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        var at = new DateTimeOffset(2026, 12, 3, 10, 0, 0, TimeSpan.Zero);
        var custody = new CustodyEvent
        {
            Kind = CustodyKind.Exported,
            Exhibits = [0],
            Range = new() { From = 0, Through = 0 },
            RootExhibit = 0,
            Case = "C-1",
            Actor = new() { Id = "officer-7" },
            SecondPerson = new() { Id = "officer-8", Name = "unknown" },
            Authority = new() { Ref = "AUTH-1", ValidFrom = at, ValidTo = at.AddDays(1), ValidThen = true },
            Purpose = "referral",
            Time = new() { Utc = at, Source = "ntp.example.org", OffsetMs = 1.5, UncertaintyMs = 0.5, AnchorSize = 1 },
            Place = new() { Site = "office", Host = "host" },
            Tool = new() { Name = "custos", Version = "0.1.0", BuildSha256 = new string('a', 64), SettingsSha256 = new string('b', 64) },
            Input = [new() { Sha256 = new string('c', 64), Size = 5, Mime = "text/plain" }],
            Output = [new() { Size = 6 }],
            Previous = 0,
            Change = new() { What = "line endings", Why = "mail" },
            Recipient = new() { Name = "prosecutor", Method = "by hand", Receipt = "R-9" },
            Verification = new() { TreeSize = 1, Result = "verified" },
            Viewing = new() { Seconds = 1, Revealed = false },
            Disclosure = "art. 25",
            Deletion = new() { Order = 0, Count = 1, Bundles = [0], Generations = [1], EarlierExports = [0], KeyCopies = "none" },
            Corrects = 0,
        };
        var exhibit = await log.RecordAsync(custody, Stop);
        exhibit.Entry.Kind.ShouldBe("custody.exported");
        var back = CustodyEvent.Parse(exhibit);
        Encoding.UTF8.GetString(back.ToContent()).ShouldBe(Encoding.UTF8.GetString(custody.ToContent()));
        typeof(CustodyEvent).GetProperties().ShouldAllBe(field => field.GetValue(back) != null);
    }

    [Theory]
    [InlineData("chat", "{}", "is of kind chat, not a custody event")]
    [InlineData("custody.viewed", "{\"actor\":", "holds no custody event")]
    [InlineData("custody.viewed", "not JSON", "holds no custody event")]
    public void An_exhibit_that_is_no_custody_event_is_not_read_as_one(string kind, string content, string says)
    {
        var entry = LogEntry.Parse(Encoding.ASCII.GetBytes($$"""{"v":1,"kind":"{{kind}}","at":"2026-12-03T14:05:09.000000Z","actor":"irc-1","size":5,"sha256":"{{Sha256Digest.Of("x"u8)}}"}"""));
        Should.Throw<FormatException>(() => CustodyEvent.Parse(new Exhibit(new(7), entry, Encoding.UTF8.GetBytes(content)))).Message.ShouldContain("EX-00000007 " + says);
    }

    [Fact]
    public async Task A_correction_is_a_new_event_and_the_old_one_stands()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        var first = await log.RecordAsync(new() { Kind = CustodyKind.Imported, Actor = new() { Id = "officer-7" }, Purpose = "wrong file" }, Stop);
        var second = await log.RecordAsync(new() { Kind = CustodyKind.Corrected, Actor = new() { Id = "officer-7" }, Corrects = first.Number.LeafIndex, Purpose = "right file" }, Stop);
        second.Entry.About.ShouldBe([first.Number]);
        CustodyEvent.Parse((await Machine.ReadAllAsync(log))[(int)first.Number.LeafIndex]).Purpose.ShouldBe("wrong file");
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("deletion-ordered")]
    [InlineData("")]
    [InlineData("invented")]
    public async Task What_only_the_log_may_say_is_refused(string kind)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await Should.ThrowAsync<ArgumentException>(async () => await log.RecordAsync(new() { Kind = kind, Actor = new() { Id = "officer-7" } }, Stop));
        log.Size.ShouldBe(1);
    }
}
