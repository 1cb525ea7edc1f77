using Custos.Console.Client;
using Custos.Evidence;
using Custos.Evidence.Ed25519;

namespace Custos.EndToEnd.Console;

/// <summary>The pages' client over a real data folder: recorded first, then shown.</summary>
public class WorkspaceClientTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_queue_ranks_what_was_imported_and_says_why()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var slice = await made.Client().QueueAsync(new(), 0, 100, Cancel);
        slice.Total.ShouldBeGreaterThan(0);
        slice.Rows.Count.ShouldBe(slice.Total);
        slice.Bands.Sum().ShouldBe(slice.Total);
        slice.Rows.Select(row => row.Rank).ShouldBe(Enumerable.Range(1, slice.Total));
        slice.Rows.Select(row => row.Band).ShouldBeInOrder();
        foreach (var row in slice.Rows)
        {
            row.Reasons.ShouldNotBeEmpty();
            row.Probability.ShouldBeNull("builtin/1 is not calibrated");
            row.Reasons.SelectMany(reason => reason.Exhibits).ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task A_conversation_is_shown_without_words_and_its_opening_is_recorded_before_they_are_given()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client("inspector-3");
        var alert = (await RecordedFolder.FirstAsync(client)).Address;
        var review = (await client.ConversationAsync(alert, Cancel)).ShouldNotBeNull();
        review.Lines.ShouldNotBeEmpty();
        review.Indicators.ShouldNotBeEmpty();
        review.Lines.SelectMany(line => line.Spans).Count().ShouldBe(review.Indicators.Count);

        var before = (await client.ExhibitAsync(review.Lines[0].Exhibit, Cancel))!.Custody.Count;
        var opened = await client.OpenConversationAsync(alert, "triage", Cancel);
        opened.Texts.Count.ShouldBe(review.Lines.Count);
        foreach (var line in review.Lines)
            opened.Texts[line.Ordinal].EnumerateRunes().Count().ShouldBe(line.Length);

        await made.SettleAsync();
        var custody = (await client.ExhibitAsync(review.Lines[0].Exhibit, Cancel))!.Custody;
        custody.Count.ShouldBe(before + 1);
        custody[^1].Actor.ShouldBe("inspector-3");
        custody[^1].Why.ShouldBe("triage");
        custody[^1].Exhibit.ShouldBe(opened.CustodyEvent);

        await client.CloseAsync(opened.CustodyEvent, Cancel);
        await client.CloseAsync(opened.CustodyEvent, Cancel);
        await made.SettleAsync();
        (await client.ExhibitAsync(review.Lines[0].Exhibit, Cancel))!.Custody.Count.ShouldBe(before + 2, "closed once");
    }

    [Fact]
    public async Task An_exhibit_shows_its_leaf_and_a_proof_that_another_tool_can_check()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var exhibit = (await client.ConversationAsync((await RecordedFolder.FirstAsync(client)).Address, Cancel))!.Lines[0].Exhibit;
        var view = (await client.ExhibitAsync(exhibit, Cancel)).ShouldNotBeNull();
        view.Kind.ShouldBe("chat");
        var proof = TlogProof.Parse((await client.ProofAsync(exhibit, Cancel)).ShouldNotBeNull());
        proof.Index.ShouldBe(exhibit.Number.LeafIndex);
        proof.Proves(System.Text.Encoding.ASCII.GetBytes(view.Entry)).ShouldBeTrue();
        view.LeafHash.ShouldBe(Merkle.Leaf(System.Text.Encoding.ASCII.GetBytes(view.Entry)).ToString());

        var opened = await client.OpenExhibitAsync(exhibit, "disclosure", Cancel);
        opened.Text.ShouldNotBeNullOrEmpty();
        opened.Header.ShouldContain(field => field.Key == "venue");
        (await client.ExhibitAsync(exhibit, Cancel))!.Custody.ShouldContain(row => row.Why == "disclosure");
    }

    [Fact]
    public async Task Log_health_names_what_is_missing_and_the_log_verifies()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var health = (await client.LogHealthAsync(RecordedFolder.Operation, Cancel)).ShouldNotBeNull();
        health.Notes.ShouldContain(note => note.Level == NoteLevel.Good);
        health.Notes.Count(note => note.Level == NoteLevel.Missing).ShouldBe(2, "no witness, no time-stamp");
        health.Notes.ShouldNotContain(note => note.Level == NoteLevel.Wrong);
        var answer = await client.VerifyAsync(RecordedFolder.Operation, Cancel);
        answer.Holds.ShouldBeTrue();
        answer.Faults.ShouldBeEmpty();
        answer.Size.ShouldBeGreaterThanOrEqualTo(health.Size);
    }

    [Fact]
    public async Task A_changed_byte_is_found_by_verify_now()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var bundle = Path.Combine(made.Folder, "operations/lantern/content/000");
        var bytes = await File.ReadAllBytesAsync(bundle, Cancel);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes, Cancel);
        var answer = await made.Client().VerifyAsync(RecordedFolder.Operation, Cancel);
        answer.Holds.ShouldBeFalse();
        answer.Faults.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_dismissal_is_a_decision_in_the_log_and_a_reopened_alert_waits_again()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var total = (await client.QueueAsync(new(), 0, 1, Cancel)).Total;
        var alert = (await RecordedFolder.FirstAsync(client)).Address;
        await client.DecideAsync(alert, new(AlertState.Dismissed, "harmless in context", null), Cancel);
        (await client.QueueAsync(new(), 0, 1, Cancel)).Total.ShouldBe(total - 1);
        (await client.QueueAsync(new(State: AlertState.Dismissed), 0, 1, Cancel)).Rows.ShouldHaveSingleItem().StateNote.ShouldBe("harmless in context");

        await client.DecideAsync(alert, new(AlertState.Waiting, "read again", null), Cancel);
        (await client.QueueAsync(new(), 0, 1, Cancel)).Total.ShouldBe(total);
        await client.DecideAsync(alert, new(AlertState.Deferred, "waiting for an answer", new DateOnly(2999, 1, 1)), Cancel);
        (await client.QueueAsync(new(State: AlertState.Deferred), 0, 1, Cancel)).Total.ShouldBe(1);
    }

    [Fact]
    public async Task A_search_is_recorded_where_it_showed_something_and_in_the_units_log_where_it_did_not()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var answer = await client.OpenSearchAsync("goedemorgen", null, "triage", Cancel);
        answer.Hits.ShouldNotBeEmpty();
        answer.CustodyEvents.ShouldHaveSingleItem().Operation.ShouldBe(RecordedFolder.Operation);
        (await client.ExhibitAsync(answer.CustodyEvents[0], Cancel))!.Kind.ShouldBe("custody.searched");

        var none = await client.OpenSearchAsync("zzzzzz", null, "triage", Cancel);
        none.Hits.ShouldBeEmpty();
        none.CustodyEvents.ShouldBeEmpty();
        await using var unit = await OperationLog.OpenAsync(made.Folder, "unit", TimeProvider.System, Cancel);
        (await unit.Reader.EntryAsync(new(unit.Size - 1), Cancel)).Kind.ShouldBe("custody.searched");

        await Should.ThrowAsync<RefusedException>(async () => await client.OpenSearchAsync("!!", null, "triage", Cancel));
    }

    [Fact]
    public async Task An_operation_says_what_it_permits_and_a_venue_what_was_recorded()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var operation = (await client.OperationsAsync(Cancel)).ShouldHaveSingleItem();
        operation.Authority.ShouldBe("Example Regional Police");
        operation.AuthorizationExhibit.ShouldNotBeNull();
        operation.Messages.ShouldBe(565);
        var venue = (await client.VenuesAsync(null, Cancel)).ShouldHaveSingleItem();
        venue.Messages.ShouldBe(565);
        venue.HoursHeard.ShouldBeNull("an import was not listened to");
        venue.Kind.ShouldBe("social network");
    }

    [Fact]
    public async Task Pages_read_beside_another_writer_and_an_opening_waits_its_turn()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var alert = (await RecordedFolder.FirstAsync(client)).Address;
        await using var other = await OperationLog.OpenAsync(made.Folder, RecordedFolder.Operation, TimeProvider.System, Cancel);
        (await client.ConversationAsync(alert, Cancel)).ShouldNotBeNull();
        (await client.LogHealthAsync(RecordedFolder.Operation, Cancel)).ShouldNotBeNull();
        var refusal = await Should.ThrowAsync<RefusedException>(async () => await client.OpenConversationAsync(alert, "triage", Cancel));
        refusal.Message.ShouldContain("another process");
    }

    [Fact]
    public async Task A_queue_whose_index_is_gone_says_that_alerts_may_be_missing()
    {
        await using var made = await RecordedFolder.MakeAsync();
        (await made.Client().QueueAsync(new(), 0, 1, Cancel)).Behind.ShouldBeNull();
        await made.Desk.Index(RecordedFolder.Operation).ResetAsync(new("detection/0", "none", "none", "none", 0), Cancel);
        var slice = await made.Client().QueueAsync(new(), 0, 1, Cancel);
        slice.Total.ShouldBe(0);
        slice.Behind.ShouldNotBeNull().ShouldContain("exhibits of lantern");
    }

    [Fact]
    public async Task What_is_not_there_is_said_to_be_missing()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        (await client.ConversationAsync(new("lantern", "999999-0"), Cancel)).ShouldBeNull();
        (await client.ConversationAsync(new("elsewhere", "1-0"), Cancel)).ShouldBeNull();
        (await client.ExhibitAsync(new("lantern", new(99_999_999)), Cancel)).ShouldBeNull();
        (await client.ProofAsync(new("elsewhere", new(0)), Cancel)).ShouldBeNull();
        (await client.LogHealthAsync("elsewhere", Cancel)).ShouldBeNull();
        (await client.ProposalAsync(new("lantern", "nothing"), Cancel)).ShouldBeNull();
    }
}
