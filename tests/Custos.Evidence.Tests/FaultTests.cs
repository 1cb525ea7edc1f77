using System.Text;

namespace Custos.Evidence.Tests;

public class FaultTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    // After 250 and the log's opening: ends within a bundle, fills one to the brim, opens the next, crosses into the one after.
    static readonly int[] Calls = [3, 2, 1, 4];

    /// <summary>A machine with a log, or with nothing yet, ready to fail.</summary>
    static async Task<Func<Machine>> Ready(Stack stack, int recorded, bool outside)
    {
        var machine = await Machine.OnAsync(stack, outside);
        if (recorded > 0)
        {
            await using var log = await machine.OpenAsync();
            await log.AppendAsync(Machine.Messages(-recorded, recorded), Stop);
        }

        return machine.Saved();
    }

    static async Task BreakEverywhere(Stack stack, Fault fault, int recorded, bool outside)
    {
        var start = await Ready(stack, recorded, outside);
        var whole = start();
        var changes = await BreakAt(whole, int.MaxValue, recorded);
        changes.ShouldBeGreaterThan(30);
        for (var change = 1; change <= changes; change++)
        {
            var machine = start();
            (machine.Disk.Fault, machine.Disk.Chance) = (fault, new(change));
            await BreakAt(machine, change, recorded);
        }
    }

    // What is on the way when the machine fails, and after the start: everything acknowledged, once, in its place; nothing else lost when sent again.
    static async Task<int> BreakAt(Machine machine, int change, int recorded)
    {
        machine.Disk.FailAt = change;
        var acknowledged = new Dictionary<int, long>();
        try
        {
            await using var log = await machine.OpenAsync();
            var sent = 0;
            foreach (var count in Calls)
            {
                var answers = await log.AppendAsync(Machine.Messages(sent, count), Stop);
                for (var i = 0; i < count; i++)
                    acknowledged.Add(sent + i, answers[i].Number.LeafIndex);
                sent += count;
            }
        }
        catch (EvidenceLogException e)
        {
            e.Message.ShouldNotContain("line ");
        }
        catch (IOException)
        {
            // The keys' own files, before there was a log.
        }

        var changes = machine.Disk.Changes;
        machine.Restart();
        await using (var log = await machine.OpenAsync())
        {
            var sent = 0;
            foreach (var count in Calls)
            {
                var answers = await log.AppendAsync(Machine.Messages(sent, count), Stop);
                for (var i = 0; i < count; i++)
                {
                    if (acknowledged.TryGetValue(sent + i, out var number))
                        answers[i].Number.LeafIndex.ShouldBe(number, $"message {sent + i}, change {change}");
                }

                sent += count;
            }

            var all = await Machine.ReadAllAsync(log);
            var messages = all.Where(exhibit => exhibit.Entry.Kind == "chat").Select(exhibit => Encoding.UTF8.GetString(exhibit.Content.Span)).ToList();
            messages.ShouldBe(Enumerable.Range(-recorded, recorded + sent).Select(i => $"line {i}"), $"change {change}");
            all.Select(exhibit => exhibit.Number.LeafIndex).ShouldBe(Enumerable.Range(0, all.Count).Select(i => (long)i));
        }

        await machine.ShouldVerifyAsync();
        return changes;
    }

    // For PostgreSQL an operation is a statement too: it was not sent, or it was done and the answer was lost.
    [Theory]
    [InlineData(Stack.Directory, Fault.Before)]
    [InlineData(Stack.Directory, Fault.AnswerLost)]
    [InlineData(Stack.Directory, Fault.PowerCut)]
    [InlineData(Stack.Directory, Fault.PowerCutByChance)]
    [InlineData(Stack.Directory, Fault.Full)]
    [InlineData(Stack.PostgreSql, Fault.Before)]
    [InlineData(Stack.PostgreSql, Fault.AnswerLost)]
    // The writer's machine is gone at that step, with what its key folder had not flushed; the server goes on.
    [InlineData(Stack.PostgreSql, Fault.PowerCut)]
    public Task An_acknowledged_exhibit_survives_a_failure_of_any_operation(Stack stack, Fault fault) => BreakEverywhere(stack, fault, recorded: 250, outside: false);

    [Theory]
    [InlineData(Stack.Directory, Fault.Before)]
    [InlineData(Stack.Directory, Fault.AnswerLost)]
    [InlineData(Stack.Directory, Fault.PowerCut)]
    [InlineData(Stack.Directory, Fault.PowerCutByChance)]
    [InlineData(Stack.PostgreSql, Fault.Before)]
    [InlineData(Stack.PostgreSql, Fault.AnswerLost)]
    public Task An_operation_whose_creation_was_cut_off_anywhere_is_created_at_the_next_start(Stack stack, Fault fault) => BreakEverywhere(stack, fault, recorded: 0, outside: false);

    [Theory]
    [InlineData(Stack.Directory, Fault.AnswerLost)]
    [InlineData(Stack.Directory, Fault.PowerCut)]
    public Task With_a_mark_outside_it_survives_too(Stack stack, Fault fault) => BreakEverywhere(stack, fault, recorded: 250, outside: true);

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_read_that_fails_while_a_log_is_opened_or_read_back_is_said_and_loses_nothing(Stack stack)
    {
        var start = await Ready(stack, recorded: 300, outside: false);
        for (var read = 1; ; read++)
        {
            var machine = start();
            machine.FailRead(read);
            var whole = false;
            try
            {
                await using var log = await machine.OpenAsync();
                (await Machine.ReadAllAsync(log)).Count.ShouldBeGreaterThanOrEqualTo(301);
                whole = true;
            }
            catch (Exception e) when (e is EvidenceLogException { Fault: EvidenceFault.Io } or LogStoreException { Fault: EvidenceFault.Io } or DiskException)
            {
                e.Message.ShouldNotContain("line ");
            }

            machine.Restart();
            await using (var log = await machine.OpenAsync())
                (await log.AppendAsync(Machine.Message(-300), Stop)).Number.LeafIndex.ShouldBe(1);
            await machine.ShouldVerifyAsync();
            if (whole)
            {
                read.ShouldBeGreaterThan(8);
                break;
            }
        }
    }

    [Fact]
    public async Task A_failed_fsync_is_never_tried_again_and_the_log_says_how_many_exhibits_are_safe()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 10), Stop);
        machine.Disk.Fault = Fault.Before;
        machine.Disk.FailAt = machine.Disk.Changes + 1;
        while (true)
        {
            var before = machine.Disk.Journal.Count;
            var e = await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(10), Stop));
            e.Fault.ShouldBe(EvidenceFault.Io);
            e.DurableCount.ShouldBe(11);
            e.Message.ShouldContain("EX-00000010");
            machine.Disk.Journal.Count.ShouldBe(before + 1);
            break;
        }

        log.State.ShouldBe(EvidenceLogState.Stopped);
        var changes = machine.Disk.Changes;
        (await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(11), Stop))).Fault.ShouldBe(EvidenceFault.Stopped);
        machine.Disk.Changes.ShouldBe(changes);
    }

    [Fact]
    public async Task A_full_disk_names_the_path_and_the_safe_count_and_appending_works_after_space_is_freed()
    {
        var machine = new Machine();
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 10), Stop);
            (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.Full, machine.Disk.Changes + 2);
            var e = await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Messages(10, 300), Stop));
            e.Fault.ShouldBe(EvidenceFault.DiskFull);
            e.DurableCount.ShouldBe(11);
            e.Message.ShouldContain("/data/");
            e.Message.ShouldContain("EX-00000010");
            e.Message.ShouldContain("Free space");
        }

        machine.Disk.Restart();
        await using (var log = await machine.OpenAsync())
            (await log.AppendAsync(Machine.Messages(10, 300), Stop))[0].Number.LeafIndex.ShouldBe(11);
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task A_crash_between_mark_and_publish_yields_the_very_checkpoint_that_would_have_been_published()
    {
        var whole = new Machine();
        byte[] published;
        await using (var log = await whole.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 10), Stop);
            published = log.SignedCheckpoint.ToBytes();
        }

        var last = whole.Disk.Journal.FindLastIndex(change => change.EndsWith(".head", StringComparison.Ordinal)) + 1;
        var broken = new Machine { Disk = { Fault = Fault.PowerCut, FailAt = last + 2 } };
        await using (var log = await broken.OpenAsync())
            await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Messages(0, 10), Stop));
        broken.Disk.Restart();
        await using var again = await broken.OpenAsync();
        again.Size.ShouldBe(11);
        // Salts differ, so roots do: what must agree is that the size is signed without anything sent again.
        Checkpoint.Parse(SignedNote.Parse(published).Text).Size.ShouldBe(again.Checkpoint.Size);
        SignedNote.Sign(again.Checkpoint.ToText(), broken.Signer).ToBytes().ShouldBe(again.SignedCheckpoint.ToBytes());
    }

    [Fact]
    public async Task A_write_that_persisted_but_was_reported_lost_is_recorded_once_when_its_source_sends_it_again()
    {
        var machine = new Machine();
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 3), Stop);
            // The rename of the published checkpoint takes effect, its answer does not arrive.
            var next = machine.Disk.Journal.Count;
            await log.AppendAsync(Machine.Message(3), Stop);
            var steps = machine.Disk.Journal.Skip(next).TakeWhile(change => !change.StartsWith("rename", StringComparison.Ordinal) || !change.EndsWith("checkpoint", StringComparison.Ordinal)).Count();
            (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.AnswerLost, machine.Disk.Changes + steps + 1);
            await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(4), Stop));
        }

        machine.Disk.Restart();
        await using var again = await machine.OpenAsync();
        again.Size.ShouldBe(6);
        (await again.AppendAsync(Machine.Message(4), Stop)).Number.LeafIndex.ShouldBe(5);
        again.Size.ShouldBe(6);
    }
}
