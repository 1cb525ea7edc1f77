namespace Custos.Evidence.Tests;

public class ClosingTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static CustodyPerson First => new() { Id = "officer-7" };

    static ClosingOrder Order => new() { Reason = "the trial is over", Authority = new() { Ref = "ORDER-9" }, Actor = First };

    static ClosingOrder Destroying => Order with { DestroyKey = true, SecondPerson = new() { Id = "super-1" } };

    static async Task<Machine> Recorded(Stack stack = Stack.Directory)
    {
        var machine = await Machine.OnAsync(stack);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 300), Stop);
        await using var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop);
        await recording.AddPartAsync(0, new byte[100], Stop);
        await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        return machine;
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Nothing_is_recorded_in_a_closed_log_by_any_program_and_it_verifies(Stack stack)
    {
        var machine = await Recorded(stack);
        long size;
        await using (var log = await machine.OpenAsync())
        {
            var waiting = Enumerable.Range(0, 10).Select(call => log.AppendAsync(Machine.Messages(1_000 + (call * 10), 10), Stop).AsTask()).ToList();
            var closing = await log.CloseAsync(Order, Stop);
            await Task.WhenAll(waiting);
            closing.Entry.Kind.ShouldBe("log.closed");
            closing.Number.LeafIndex.ShouldBe(log.Size - 1);
            (log.State, log.ClosedBy).ShouldBe((EvidenceLogState.Closed, closing.Number));
            (await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(1), Stop))).Fault.ShouldBe(EvidenceFault.Closed);
            size = log.Size;
        }

        await using (var log = await machine.OpenAsync())
        {
            log.State.ShouldBe(EvidenceLogState.Closed);
            foreach (var act in (Func<Task>[])
                [async () => await log.AppendAsync(Machine.Message(1), Stop), async () => await log.OpenExhibitAsync(new(1), new(First, "looking"), Stop), async () => await log.CloseAsync(Order, Stop), async () => await log.RotateKeyAsync(new(First, "why"), Stop), async () => await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop)])
            {
                var e = await Should.ThrowAsync<EvidenceLogException>(act);
                (e.Fault, e.Message.Contains(log.ClosedBy.ToString()!, StringComparison.Ordinal)).ShouldBe((EvidenceFault.Closed, true));
            }

            log.Size.ShouldBe(size);
        }

        await machine.ShouldVerifyAsync();
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task With_its_key_destroyed_nothing_opens_and_everything_still_verifies(Stack stack)
    {
        var machine = await Recorded(stack);
        await using (var log = await machine.OpenAsync())
            await log.CloseAsync(Destroying, Stop);
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        (found.Opened, found.Entries).ShouldBe((0, 305));
        found.Notices.ShouldContain(notice => notice.Contains("EX-00000304", StringComparison.Ordinal));
        machine.Disk.ReadAll("/data/keys/op-lantern.ring").Length.ShouldBe(64 + (2 * 96), "the slots are written over where they stand");
        foreach (var file in (string[])["ring", "recordings"])
            machine.Disk.ReadAll($"/data/keys/op-lantern.{file}").AsSpan(64).ContainsAnyExcept((byte)0).ShouldBeFalse();
        System.Text.Encoding.UTF8.GetString(machine.Disk.ReadAll("/data/keys/op-lantern.key")).ShouldBe("custos/opkey-destroyed/v1 EX-00000304\n");
        await using var again = await machine.OpenAsync();
        (again.State, again.ClosedBy).ShouldBe((EvidenceLogState.Closed, new ExhibitNumber(304)));
        (await again.Reader.ProofAsync(new(7), Stop)).Proves((await again.Reader.EntryAsync(new(7), Stop)).Bytes.Span).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true, "operation key destroyed")]
    [InlineData(false, "operation key kept")]
    public async Task The_last_exhibit_says_who_closed_why_under_which_authority_and_what_became_of_the_key(bool destroy, string what)
    {
        var machine = await Recorded();
        await using var log = await machine.OpenAsync();
        var closing = await log.CloseAsync(destroy ? Destroying : Order, Stop);
        var custody = CustodyEvent.Parse(closing.Content.Span, "closed")!;
        (custody.Actor.Id, custody.SecondPerson?.Id, custody.Authority!.Ref, custody.Purpose).ShouldBe(("officer-7", destroy ? "super-1" : null, "ORDER-9", "the trial is over"));
        (custody.Change!.What, custody.Change.Why).ShouldBe((what, "the trial is over"));
        closing.Entry.Actor.ShouldBe("officer-7");
    }

    [Fact]
    public async Task A_key_that_a_crash_left_after_the_last_exhibit_is_destroyed_at_the_next_start()
    {
        var machine = await Recorded();
        await using (var log = await machine.OpenAsync())
        {
            // The first step of destroying it: the operation key is written anew.
            var rehearsal = machine.Copy();
            int steps;
            await using (var other = await rehearsal.OpenAsync())
            {
                var before = rehearsal.Disk.Journal.Count;
                await other.CloseAsync(Destroying, Stop);
                steps = rehearsal.Disk.Journal.FindIndex(before, change => change == "create /data/keys/op-lantern.key.next") - before;
            }

            (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.PowerCut, machine.Disk.Changes + steps + 1);
            await Should.ThrowAsync<EvidenceLogException>(async () => await log.CloseAsync(Destroying, Stop));
        }

        machine.Disk.Restart();
        machine.Disk.ReadAll("/data/keys/op-lantern.ring").AsSpan(64).ContainsAnyExcept((byte)0).ShouldBeTrue();
        await using (var log = await machine.OpenAsync())
            (log.State, log.ClosedBy).ShouldBe((EvidenceLogState.Closed, new ExhibitNumber(304)));
        (await machine.VerifyAsync()).Opened.ShouldBe(0);
        machine.Disk.ReadAll("/data/keys/op-lantern.ring").AsSpan(64).ContainsAnyExcept((byte)0).ShouldBeFalse();
        System.Text.Encoding.UTF8.GetString(machine.Disk.ReadAll("/data/keys/op-lantern.key")).ShouldBe("custos/opkey-destroyed/v1 EX-00000304\n");
    }

    [Fact]
    public async Task A_log_that_goes_on_after_its_key_was_destroyed_is_not_opened()
    {
        var machine = await Recorded();
        machine.Disk.Replace("/data/keys/op-lantern.key", "custos/opkey-destroyed/v1 EX-00000203\n"u8, secret: true);
        var e = await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync());
        (e.Fault, e.Message.Contains("EX-00000203 closed it, and the log goes on after that", StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true));
    }

    [Fact]
    public async Task A_closing_waits_for_a_deletion_that_runs()
    {
        var machine = await Recorded();
        await using (var log = await machine.OpenAsync())
        {
            var deletion = log.DeleteAsync(new() { Exhibits = [new(7)], Reason = "a bystander's words", Authority = new() { Ref = "ORDER-5" }, Actor = First, SecondPerson = new() { Id = "super-1" } }, Stop).AsTask();
            var closing = await log.CloseAsync(Order, Stop);
            closing.Number.LeafIndex.ShouldBeGreaterThan((await deletion).Order.LeafIndex + 1);
            closing.Number.LeafIndex.ShouldBe(log.Size - 1);
        }

        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        found.Deleted.ShouldBe(1);
    }

    [Theory]
    [InlineData(Fault.Before)]
    [InlineData(Fault.AnswerLost)]
    [InlineData(Fault.PowerCut)]
    [InlineData(Fault.PowerCutByChance)]
    public async Task A_closing_cut_off_anywhere_is_whole_or_has_not_begun(Fault fault)
    {
        var start = await Recorded();
        for (var change = 1; ; change++)
        {
            var machine = start.Copy();
            int failAt;
            await using (var log = await machine.OpenAsync())
            {
                failAt = machine.Disk.Changes + change;
                (machine.Disk.Fault, machine.Disk.FailAt, machine.Disk.Chance) = (fault, failAt, new(change));
                try
                {
                    await log.CloseAsync(Destroying, Stop);
                }
                catch (EvidenceLogException)
                {
                    // What is on the disk says the rest.
                }
            }

            var whole = machine.Disk.Changes < failAt;
            machine.Disk.Restart();
            bool closed;
            await using (var log = await machine.OpenAsync())
                closed = log.State == EvidenceLogState.Closed;
            var found = await machine.VerifyAsync();
            found.Discrepancies.ShouldBeEmpty($"change {change}");
            found.Opened.ShouldBe(closed ? 0 : found.Entries, $"change {change}");
            (machine.Disk.ReadAll("/data/keys/op-lantern.ring").AsSpan(64).ContainsAnyExcept((byte)0)).ShouldBe(!closed, $"change {change}");
            if (whole)
            {
                closed.ShouldBeTrue();
                break;
            }
        }
    }

    [Fact]
    public async Task A_key_under_a_hold_is_not_destroyed_and_none_without_a_second_person_or_while_a_recording_runs()
    {
        var machine = await Recorded();
        await using var log = await machine.OpenAsync();
        await log.HoldAsync(new() { Exhibits = [new(3)], Reason = "the defence", Authority = new() { Ref = "COURT-1" }, Actor = First }, Stop);
        (await Should.ThrowAsync<EvidenceLogException>(async () => await log.CloseAsync(Destroying, Stop))).Fault.ShouldBe(EvidenceFault.Held);
        foreach (var order in (ClosingOrder[])[Order with { DestroyKey = true }, Destroying with { SecondPerson = First }, Destroying with { SecondPerson = new() { Id = "N. Example" } }, Order with { Reason = "" }, Order with { Authority = new() }, Order with { Actor = new() { Id = "N. Example" } }])
            await Should.ThrowAsync<ArgumentException>(async () => await log.CloseAsync(order, Stop));
        await using (var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop))
        {
            await Should.ThrowAsync<ArgumentException>(async () => await log.CloseAsync(Order, Stop));
            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        }

        log.State.ShouldBe(EvidenceLogState.Open);
        // What is held stays, and so may the operation be closed.
        await log.CloseAsync(Order, Stop);
    }
}
