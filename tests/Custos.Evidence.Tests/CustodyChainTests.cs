using System.Text;
using System.Text.Json;

namespace Custos.Evidence.Tests;

public class CustodyChainTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Access Officer => new(new() { Id = "officer-7", Name = "N. Example", Role = "analyst", Unit = "unit" }, "disclosure", new() { Ref = "AUTH-1", ValidThen = true });

    static CustodyEvent By(string kind, params long[] exhibits) => new() { Kind = kind, Exhibits = exhibits, Actor = new() { Id = "officer-7" }, Purpose = "referral" };

    [Fact]
    public async Task The_chain_of_an_exhibit_holds_every_act_upon_it_in_order_and_no_other()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 3), Stop);
        await using (await log.OpenExhibitAsync(new(2), Officer, Stop))
            await log.RecordAsync(By(CustodyKind.Exported, 1), Stop);
        await Machine.ReadAllAsync(log);
        await log.RecordAsync(By(CustodyKind.Transferred, [.. Enumerable.Range(0, 3).Select(i => (long)i)]), Stop);
        await log.AppendAsync(new NewExhibit("grade", "officer-7", "{}"u8.ToArray()) { About = [new(2)] }, Stop);

        var chain = await log.CustodyOfAsync(new(2), Officer, Stop);

        chain.Steps.Select(step => step.Entry.Kind[8..]).ShouldBe(["viewed", "view-ended", "decrypted", "transferred", "consulted"]);
        chain.Steps[2].Why.ShouldBe(CustodyReach.Range);
        chain.Steps[^1].Event!.Authority!.Ref.ShouldBe("AUTH-1");
        chain.Related.Select(related => related.Entry.Kind).ShouldBe(["grade"]);
        chain.Checkpoint.Size.ShouldBe(log.Size);
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task An_exhibit_that_stands_beyond_the_sixteenth_of_a_long_list_is_found_by_the_list()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 40), Stop);
        var exported = await log.RecordAsync(By(CustodyKind.Exported, [.. Enumerable.Range(1, 40).Select(i => (long)i)]), Stop);
        exported.Entry.About.Count.ShouldBe(16);
        (await log.CustodyOfAsync(new(39), Officer, Stop)).Steps.Select(step => step.Number).ShouldContain(exported.Number);
    }

    [Fact]
    public async Task A_correction_and_what_it_corrects_are_both_shown()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 1), Stop);
        var wrong = await log.RecordAsync(By(CustodyKind.Transferred, 1) with { Recipient = new() { Name = "desk A" } }, Stop);
        // Neither names the exhibit: both reach it by what they correct.
        var right = await log.RecordAsync(By(CustodyKind.Corrected) with { Corrects = wrong.Number.LeafIndex, Change = new() { What = "desk B", Why = "misread label" } }, Stop);
        var righter = await log.RecordAsync(By(CustodyKind.Corrected) with { Corrects = right.Number.LeafIndex, Change = new() { What = "desk C" } }, Stop);

        var chain = await log.CustodyOfAsync(new(1), Officer, Stop);

        chain.Steps.Select(step => step.Number).Take(3).ShouldBe([wrong.Number, right.Number, righter.Number]);
        chain.Steps[0].CorrectedBy.ShouldBe([right.Number]);
        chain.Steps[1].Why.ShouldBe(CustodyReach.Correction);
        foreach (var page in (string[])[CustodyPage.Text(chain), CustodyPage.Html(chain), CustodyPage.Json(chain)])
        {
            foreach (var word in (string[])["desk A", "desk B", "misread label", "desk C", right.Number.ToString()])
                page.ShouldContain(word);
        }
    }

    [Fact]
    public async Task An_event_reaches_an_exhibit_by_name_stretch_whole_correction_or_sequel_and_by_nothing_else()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 9), Stop);
        // Exhibit 10 is a part of 5.
        await log.AppendAsync(new NewExhibit("line", "officer-7", "x"u8.ToArray()) { About = [new(5)] }, Stop);
        var expected = new List<(long, CustodyReach)>();
        async Task<long> Record(CustodyEvent custody, CustodyReach? why)
        {
            var number = (await log.RecordAsync(custody, Stop)).Number.LeafIndex;
            if (why is { } reach)
                expected.Add((number, reach));
            return number;
        }

        CustodyEvent In(long from, long through) => By(CustodyKind.Decrypted) with { Exhibits = null, Range = new() { From = from, Through = through } };
        var viewed = await Record(By(CustodyKind.Viewed, 10), CustodyReach.Exhibit);
        await Record(By(CustodyKind.Viewed, 9), null);
        await Record(By(CustodyKind.Imported) with { RootExhibit = 10 }, CustodyReach.Exhibit);
        await Record(By(CustodyKind.Imported) with { RootExhibit = 5 }, CustodyReach.Whole);
        await Record(By(CustodyKind.Imported) with { RootExhibit = 4 }, null);
        await Record(In(10, 10), CustodyReach.Range);
        await Record(In(0, 10), CustodyReach.Range);
        await Record(In(10, 99), CustodyReach.Range);
        await Record(In(0, 9), null);
        await Record(In(11, 99), null);
        var ended = await Record(By(CustodyKind.ViewEnded) with { Exhibits = null, Previous = viewed }, CustodyReach.Sequel);
        await Record(By(CustodyKind.ViewEnded) with { Exhibits = null, Previous = viewed + 1 }, null);
        await Record(By(CustodyKind.Corrected) with { Exhibits = null, Corrects = ended }, CustodyReach.Correction);
        await Record(By(CustodyKind.Corrected) with { Exhibits = null, Corrects = viewed + 1 }, null);
        // The last entry before the looking up itself.
        await Record(By(CustodyKind.Searched, 10), CustodyReach.Exhibit);

        var steps = (await log.CustodyOfAsync(new(10), Officer, Stop)).Steps;

        steps.Take(steps.Count - 1).Select(step => (step.Number.LeafIndex, step.Why)).ShouldBe(expected);
        steps[^1].Entry.Kind.ShouldBe("custody.consulted");
        // A look-up of the whole does not take the custody of its parts for its own.
        (await log.CustodyOfAsync(new(5), Officer, Stop)).Steps.ShouldNotContain(step => step.Number.LeafIndex == viewed);
    }

    [Fact]
    public async Task What_was_done_with_the_whole_before_its_part_was_recorded_stands_in_the_parts_chain()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 3), Stop);
        var imported = await log.RecordAsync(By(CustodyKind.Imported, 2), Stop);
        var part = await log.AppendAsync(new NewExhibit("line", "officer-7", "x"u8.ToArray()) { About = [new(2)] }, Stop);
        var steps = (await log.CustodyOfAsync(part.Number, Officer, Stop)).Steps;
        (steps[0].Number, steps[0].Why, steps.Count).ShouldBe((imported.Number, CustodyReach.Whole, 2));
    }

    [Fact]
    public async Task The_JSON_of_a_chain_states_where_and_at_which_state_of_the_log_it_was_read()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 1), Stop);
        await log.AppendAsync(new NewExhibit("grade", "officer-8", "{}"u8.ToArray()) { About = [new(1)] }, Stop);
        var chain = await log.CustodyOfAsync(new(1), Officer, Stop);
        var json = CustodyPage.Json(chain);
        foreach (var said in (string[])[Convert.ToBase64String(chain.Checkpoint.Root.ToArray()), Machine.Origin, "EX-00000001", "EX-00000002", "grade", "officer-8", "custody.consulted"])
            json.ShouldContain(said);
        foreach (var page in (string[])[CustodyPage.Text(chain), CustodyPage.Html(chain)])
            page.ShouldContain("grade");
    }

    [Fact]
    public async Task A_part_of_a_recording_shares_the_custody_of_the_whole()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await using var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop);
        var part = await recording.AddPartAsync(0, Encoding.UTF8.GetBytes("colour bars"), Stop);
        var closing = await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        await log.RecordAsync(By(CustodyKind.Imported, recording.Opening.Number.LeafIndex, closing.Number.LeafIndex), Stop);

        var chain = await log.CustodyOfAsync(part.Number, Officer, Stop);

        (chain.State, chain.Steps[0].Why, chain.Steps[0].Entry.Kind).ShouldBe((ContentState.SealedPart, CustodyReach.Whole, "custody.imported"));
        (await log.CustodyOfAsync(recording.Opening.Number, Officer, Stop)).Related.Select(related => related.Entry.Kind).ShouldBe(["recording.part", "recording.closed"]);
    }

    [Fact]
    public async Task The_looking_up_is_durable_before_an_event_is_opened_and_shows_nothing_when_it_cannot_be()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 1), Stop);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.CustodyOfAsync(new(2), Officer, Stop));
        log.Size.ShouldBe(2);
        (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.Before, machine.Disk.Changes + 1);
        await Should.ThrowAsync<EvidenceLogException>(async () => await log.CustodyOfAsync(new(1), Officer, Stop));
    }

    [Fact]
    public async Task The_page_says_who_when_why_and_under_which_authority_and_cannot_run_or_turn_what_somebody_wrote()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 1), Stop);
        await log.RecordAsync(By(CustodyKind.Searched, 1) with { Purpose = "looked for: <script>x</script>\u202Egnp.exe\u001b[2J" }, Stop);

        var chain = await log.CustodyOfAsync(new(1), Officer, Stop);

        var (text, html) = (CustodyPage.Text(chain), CustodyPage.Html(chain));
        foreach (var word in (string[])["officer-7, N. Example, analyst, unit", "disclosure", "AUTH-1, valid then", "2026-12-03T14:05:09.000000Z", chain.Entry.Commitment.ToString(), "none recorded"])
        {
            text.ShouldContain(word);
            html.ShouldContain(word);
        }

        html.ShouldNotContain("<script>");
        html.ShouldContain("default-src &#x27;none&#x27;".Replace("&#x27;", "'", StringComparison.Ordinal));
        foreach (var page in (string[])[text, html])
            page.ShouldAllBe(c => c == '\n' || (!char.IsControl(c) && c != '\u202E'));
        var json = JsonDocument.Parse(CustodyPage.Json(chain)).RootElement;
        json.GetProperty("events")[0].GetProperty("event").GetProperty("purpose").GetString()!.ShouldContain("\u202E");
        json.GetProperty("entry").GetProperty("kind").GetString().ShouldBe("chat");
    }
}
