using System.Buffers.Binary;
using System.Text;

namespace Custos.Evidence.Tests;

public class DeletionTests
{
    static readonly RecordingSource Source = new("video/webm", "screen", "officer-7");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static CustodyPerson First => new() { Id = "officer-7", Name = "N. Example" };

    static CustodyPerson Second => new() { Id = "super-1" };

    static DeletionOrder Order(params long[] exhibits) => new()
    {
        Exhibits = [.. exhibits.Select(index => new ExhibitNumber(index))],
        Reason = "a bystander's words",
        Authority = new() { Ref = "ORDER-5" },
        Actor = First,
        SecondPerson = Second,
    };

    static string Bundle(long number) => $"{Machine.Folder}/content/{number:D3}";

    static uint Generation(Machine machine, long number) => Generation(machine.Read($"content/{number:D3}")!);

    static uint Generation(byte[] bundle) => BinaryPrimitives.ReadUInt32BigEndian(bundle.AsSpan(16));

    /// <summary>log.opened, then messages 0 to count - 1 as exhibits 1 to count.</summary>
    static async Task<Machine> Recorded(int count, Stack stack = Stack.Directory)
    {
        var machine = await Machine.OnAsync(stack);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, count), Stop);
        return machine;
    }

    /// <summary>With a recording of two parts: exhibits 3 (opening), 4, 5 and 6 (closing), and a message after it.</summary>
    static async Task<Machine> WithRecording(Stack stack = Stack.Directory)
    {
        var machine = await Recorded(2, stack);
        await using var log = await machine.OpenAsync();
        await using var recording = await log.StartRecordingAsync(Source, Stop);
        await recording.AddPartAsync(0, new byte[300], Stop);
        await recording.AddPartAsync(1, new byte[200], Stop);
        await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        await log.AppendAsync(Machine.Messages(2, 1), Stop);
        return machine;
    }

    static async Task ShouldVerifyAsync(Machine machine, long deleted)
    {
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        (found.Deleted, found.Opened).ShouldBe((deleted, found.Entries - deleted));
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Deleting_one_leaves_the_other_255_byte_for_byte_as_recorded_and_every_proof_holds(Stack stack)
    {
        var machine = await Recorded(600, stack);
        await using (var log = await machine.OpenAsync())
        {
            var before = await Machine.ReadAllAsync(log);
            var checkpoint = log.Checkpoint;
            var result = await log.DeleteAsync(Order(7, 300), Stop);
            (result.Order.LeafIndex, result.Recorded.Number.LeafIndex).ShouldBe((602, 603));
            result.Done.Count.ShouldBe(2);
            result.Done.Bundles.ShouldBe([0, 1]);
            result.Done.Generations.ShouldBe([1u, 1u]);
            var ordered = CustodyEvent.Parse((await Machine.ReadAllAsync(log))[602]);
            (ordered.Actor.Id, ordered.SecondPerson!.Id, ordered.Authority!.Ref, ordered.Purpose).ShouldBe(("officer-7", "super-1", "ORDER-5", "a bystander's words"));
            ordered.Exhibits.ShouldBe([7, 300]);
            result.Recorded.Entry.About.ShouldBe([result.Order]);

            var after = await Machine.ReadAllAsync(log);
            foreach (var (old, now) in before.Zip(after))
            {
                now.Entry.Bytes.ToArray().ShouldBe(old.Entry.Bytes.ToArray());
                var gone = now.Number.LeafIndex is 7 or 300;
                now.DeletedBy.ShouldBe(gone ? result.Order : null);
                now.Content.ToArray().ShouldBe(gone ? [] : old.Content.ToArray());
            }

            foreach (var index in (long[])[7, 8, 300])
            {
                var proof = await log.Reader.ProofAsync(new(index), Stop);
                proof.Proves(before[(int)index].Entry.Bytes.Span).ShouldBeTrue();
            }

            Merkle.VerifyConsistency(checkpoint.Size, log.Checkpoint.Size, await log.Reader.ConsistencyAsync(checkpoint.Size, log.Checkpoint.Size, Stop), checkpoint.Root, log.Checkpoint.Root).ShouldBeTrue();
            // The bundle it stands in still grows, under its new key.
            await log.AppendAsync(Machine.Messages(600, 300), Stop);
        }

        (Generation(machine, 0), Generation(machine, 1), Generation(machine, 2)).ShouldBe((2u, 2u, 1u));
        machine.Disk.FileExists($"{Machine.Folder}/deleting").ShouldBeFalse();
        machine.Disk.Files("/data/keys").ShouldNotContain("op-lantern.ring.next");
        await ShouldVerifyAsync(machine, 2);
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task The_bundle_that_still_grows_goes_on_under_its_new_key(Stack stack)
    {
        var machine = await Recorded(10, stack);
        await using (var log = await machine.OpenAsync())
        {
            await log.DeleteAsync(Order(3), Stop);
            await log.AppendAsync(Machine.Messages(10, 5), Stop);
            await log.DeleteAsync(Order(4), Stop);
            await log.AppendAsync(Machine.Messages(15, 500), Stop);
        }

        Generation(machine, 0).ShouldBe(3u);
        await ShouldVerifyAsync(machine, 2);
        await using var again = await machine.OpenAsync();
        (await Machine.ReadAllAsync(again)).Count(exhibit => exhibit.Entry.Kind == "chat" && !exhibit.Content.IsEmpty).ShouldBe(513);
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_copy_of_operations_made_before_cannot_open_what_was_deleted(Stack stack)
    {
        var machine = await Recorded(300, stack);
        var bundle = machine.Read("content/000")!;
        var restore = machine.BackupStore();
        await using (var log = await machine.OpenAsync())
            await log.DeleteAsync(Order(7), Stop);
        machine.Write("content/000", bundle);
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.KeyWrong);
        found.Opened.ShouldBe(found.Entries - 256);
        restore();
        found = await machine.VerifyAsync();
        found.Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.KeyWrong);
        (await Should.ThrowAsync<EvidenceLogException>(async () => await machine.OpenAsync())).Fault.ShouldBe(EvidenceFault.RestoredFromBackup);
    }

    [Theory]
    [InlineData(Fault.Before, Stack.Directory)]
    [InlineData(Fault.AnswerLost, Stack.Directory)]
    [InlineData(Fault.PowerCut, Stack.Directory)]
    [InlineData(Fault.PowerCutByChance, Stack.Directory)]
    [InlineData(Fault.Full, Stack.Directory)]
    [InlineData(Fault.Before, Stack.PostgreSql)]
    [InlineData(Fault.AnswerLost, Stack.PostgreSql)]
    public async Task A_deletion_interrupted_at_any_operation_finishes_at_the_next_start_once(Fault fault, Stack stack)
    {
        var start = (await WithRecording(stack)).Saved();
        for (var change = 1; ; change++)
        {
            var machine = start();
            int failAt;
            await using (var log = await machine.OpenAsync())
            {
                failAt = machine.Disk.Changes + change;
                (machine.Disk.Fault, machine.Disk.FailAt, machine.Disk.Chance) = (fault, failAt, new(change));
                try
                {
                    await log.DeleteAsync(Order(1, 3), Stop);
                    await log.AppendAsync(Machine.Messages(10, 1), Stop);
                }
                catch (EvidenceLogException)
                {
                    // What is on the disk says the rest.
                }
            }

            var whole = machine.Disk.Changes < failAt;
            machine.Restart();
            List<Exhibit> all;
            await using (var log = await machine.OpenAsync())
            {
                await log.AppendAsync(Machine.Messages(10, 3), Stop);
                all = await Machine.ReadAllAsync(log);
            }

            var ordered = all.Count(exhibit => exhibit.Entry.Kind == "custody.deletion-ordered");
            ordered.ShouldBeLessThanOrEqualTo(1, $"change {change}");
            var deleted = all.Where(exhibit => exhibit.Entry.Kind == "custody.deleted").ToList();
            deleted.Count.ShouldBe(ordered, $"change {change}");
            all.Where(exhibit => exhibit.DeletedBy is not null).Select(exhibit => exhibit.Number.LeafIndex).ShouldBe(ordered == 1 ? [1L, 3, 4, 5, 6] : [], $"change {change}");
            machine.Disk.FileExists($"{Machine.Folder}/deleting").ShouldBeFalse($"change {change}");
            (machine.TryRead("recordings/EX-00000003/000000") is null).ShouldBe(ordered == 1, $"change {change}");
            if (ordered == 1)
            {
                var done = CustodyEvent.Parse(deleted[0]).Deletion!;
                (done.Count, done.Recordings![0], done.Bundles![0], done.Generations![0]).ShouldBe((5, 3, 0, 1u), $"change {change}");
                Generation(machine, 0).ShouldBe(2u, $"change {change}");
            }

            all.Where(exhibit => exhibit.Entry.Kind == "chat" && exhibit.DeletedBy is null).Select(exhibit => Encoding.UTF8.GetString(exhibit.Content.Span)).Order(StringComparer.Ordinal)
                .ShouldBe(ordered == 1 ? ["line 1", "line 10", "line 11", "line 12", "line 2"] : ["line 0", "line 1", "line 10", "line 11", "line 12", "line 2"]);
            var found = await machine.VerifyAsync();
            found.Discrepancies.ShouldBeEmpty($"change {change}");
            if (whole)
            {
                ordered.ShouldBe(1);
                break;
            }
        }
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_deleted_recording_loses_its_key_and_its_files_and_every_bundle_that_pointed_to_it_says_so(Stack stack)
    {
        var machine = await WithRecording(stack);
        await using (var log = await machine.OpenAsync())
        {
            machine.TryRead("recordings/EX-00000003/000000").ShouldNotBeNull();
            var result = await log.DeleteAsync(Order(3), Stop);
            result.Done.Recordings.ShouldBe([3]);
            result.Done.Count.ShouldBe(4);
            machine.Disk.ReadAll("/data/keys/op-lantern.recordings").AsSpan(72, 96).ContainsAnyExcept((byte)0).ShouldBeFalse();
            machine.TryRead("recordings/EX-00000003/000000").ShouldBeNull();
            // The next recording takes a key of its own.
            await using var recording = await log.StartRecordingAsync(Source, Stop);
            await recording.AddPartAsync(0, new byte[50], Stop);
            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        }

        await ShouldVerifyAsync(machine, 4);
    }

    [Theory, MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_bundle_that_only_points_to_a_deleted_recording_keeps_its_key(Stack stack)
    {
        var machine = await Recorded(250, stack);
        await using (var log = await machine.OpenAsync())
        {
            await using var recording = await log.StartRecordingAsync(Source, Stop);
            for (var part = 0; part < 8; part++)
                await recording.AddPartAsync(part, new byte[] { (byte)part, 1 }, Stop);
            await log.AppendAsync(Machine.Messages(250, 300), Stop);
            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
            var result = await log.DeleteAsync(Order(251), Stop);
            result.Done.Bundles.ShouldBe([0, 2]);
            result.Done.Count.ShouldBe(10);
        }

        Generation(machine, 1).ShouldBe(1u);
        machine.Read("content/001")![64].ShouldBe((byte)3);
        await ShouldVerifyAsync(machine, 10);
    }

    [Fact]
    public async Task What_is_deleted_cannot_be_opened_and_the_answer_names_the_order()
    {
        var machine = await Recorded(5);
        await using var log = await machine.OpenAsync();
        var result = await log.DeleteAsync(Order(2), Stop);
        var size = log.Size;
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await log.OpenExhibitAsync(new(2), new(First, "looking"), Stop));
        (e.Fault, e.Message.Contains(result.Order.ToString(), StringComparison.Ordinal), log.Size).ShouldBe((EvidenceFault.Deleted, true, size));
        (await Should.ThrowAsync<ArgumentException>(async () => await log.DeleteAsync(Order(2), Stop))).Message.ShouldContain($"deleted by order {result.Order}");
        log.Size.ShouldBe(size);
    }

    [Fact]
    public async Task What_was_deleted_and_comes_again_is_a_new_exhibit_since_its_source_is_forgotten_too()
    {
        var machine = await Recorded(5);
        await using (var log = await machine.OpenAsync())
        {
            (await log.AppendAsync(Machine.Message(1), Stop)).Number.LeafIndex.ShouldBe(2);
            await log.DeleteAsync(Order(2), Stop);
            (await log.AppendAsync(Machine.Message(1), Stop)).Number.LeafIndex.ShouldBe(log.Size - 1);
        }

        var record = machine.Disk.ReadAll(Bundle(0));
        var at = 64;
        for (var slot = 0; slot < 2; slot++)
            at += 21 + BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(at + 17));
        (record[at], record.AsSpan(at + 1, 16).ContainsAnyExcept((byte)0), BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(at + 17))).ShouldBe(((byte)3, false, 8));
    }

    [Fact]
    public async Task A_deletion_without_a_second_person_a_reason_or_an_authority_is_refused()
    {
        var machine = await Recorded(5);
        await using var log = await machine.OpenAsync();
        foreach (var order in (DeletionOrder[])
            [Order(1) with { SecondPerson = First }, Order(1) with { Reason = " " }, Order(1) with { Authority = new() }, Order(1) with { Actor = new() { Id = "N. Example" } }, Order(), Order(99), Order(0), Order([.. Enumerable.Range(0, 4_001).Select(i => (long)i)])])
            await Should.ThrowAsync<ArgumentException>(async () => await log.DeleteAsync(order, Stop));
        log.Size.ShouldBe(6);
        machine.Disk.FileExists($"{Machine.Folder}/deleting").ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_log_says_of_itself_and_a_part_of_a_recording_are_not_deleted_singly()
    {
        var machine = await WithRecording();
        await using var log = await machine.OpenAsync();
        await Machine.ReadAllAsync(log);
        foreach (var index in (long[])[0, 4, 6, 8])
            await Should.ThrowAsync<ArgumentException>(async () => await log.DeleteAsync(Order(index), Stop));
        await using var recording = await log.StartRecordingAsync(Source, Stop);
        (await Should.ThrowAsync<ArgumentException>(async () => await log.DeleteAsync(Order(recording.Opening.Number.LeafIndex), Stop))).Message.ShouldContain("still under way");
    }

    [Fact]
    public async Task What_is_held_is_not_deleted_whoever_asks_until_the_hold_is_lifted()
    {
        var machine = await WithRecording();
        await using (var log = await machine.OpenAsync())
        {
            var court = new CustodyAuthority { Ref = "COURT-1" };
            // A part of the recording is held, so the recording is.
            var hold = await log.HoldAsync(new() { Exhibits = [new(2), new(4)], Reason = "the defence asked for it", Authority = court, Actor = Second }, Stop);
            hold.Entry.Kind.ShouldBe("hold.set");
            foreach (var order in (DeletionOrder[])[Order(2), Order(3), Order(1, 2), Order(2) with { Actor = Second, SecondPerson = First }])
            {
                var e = await Should.ThrowAsync<EvidenceLogException>(async () => await log.DeleteAsync(order, Stop));
                (e.Fault, e.Message.Contains("COURT-1", StringComparison.Ordinal)).ShouldBe((EvidenceFault.Held, true));
            }

            log.State.ShouldBe(EvidenceLogState.Open);
            await log.DeleteAsync(Order(1), Stop);
            var all = await log.HoldAsync(new() { Reason = "everything", Authority = court, Actor = Second }, Stop);
            await Should.ThrowAsync<EvidenceLogException>(async () => await log.DeleteAsync(Order(7), Stop));
            await Should.ThrowAsync<ArgumentException>(async () => await log.LiftHoldAsync(new(1), "why", court, Second, Stop));
            await log.LiftHoldAsync(all.Number, "done", court, Second, Stop);
            await Should.ThrowAsync<ArgumentException>(async () => await log.LiftHoldAsync(all.Number, "done", court, Second, Stop));
            await log.DeleteAsync(Order(7), Stop);
            await log.LiftHoldAsync(hold.Number, "the trial is over", court, Second, Stop);
            (await log.HoldsAsync(Stop)).ShouldAllBe(found => found.LiftedBy != null);
        }

        // Holds outlive a start.
        await using (var log = await machine.OpenAsync())
        {
            (await log.HoldsAsync(Stop)).Count.ShouldBe(2);
            await log.DeleteAsync(Order(2, 3), Stop);
        }

        await ShouldVerifyAsync(machine, 7);
    }

    [Fact]
    public async Task The_account_names_what_had_left_before()
    {
        var machine = await Recorded(5);
        await using var log = await machine.OpenAsync();
        var export = await log.RecordAsync(new() { Kind = CustodyKind.Exported, Actor = First, Exhibits = [1, 2], Recipient = new() { Name = "prosecutor" } }, Stop);
        await log.RecordAsync(new() { Kind = CustodyKind.Exported, Actor = First, Exhibits = [3], Recipient = new() { Name = "another" } }, Stop);
        var result = await log.DeleteAsync(Order(2) with { KeyCopies = "destroyed on 2026-12-03" }, Stop);
        result.Done.EarlierExports.ShouldBe([export.Number.LeafIndex]);
        var recorded = CustodyEvent.Parse((await Machine.ReadAllAsync(log))[(int)result.Recorded.Number.LeafIndex]);
        (recorded.Previous, recorded.Deletion!.KeyCopies).ShouldBe((result.Order.LeafIndex, "destroyed on 2026-12-03"));
    }

    [Fact]
    public async Task Content_gone_without_an_order_that_lists_it_is_a_finding()
    {
        var machine = await Recorded(5);
        await using (var log = await machine.OpenAsync())
            await log.DeleteAsync(Order(2), Stop);
        await ShouldVerifyAsync(machine, 1);
        (await machine.VerifyAsync()).Notices.ShouldContain(notice => notice.Contains("EX-00000006", StringComparison.Ordinal));
        var right = machine.Disk.ReadAll(Bundle(0));
        // Exhibit 3 made to look deleted: under the order that does not list it, and under what is no order.
        foreach (var (order, says) in ((long, string)[])[(6, "does not list it"), (5, "is no order")])
        {
            machine.Disk.Replace(Bundle(0), AsDeleted(right, 3, order));
            (await machine.VerifyAsync()).Discrepancies.ShouldHaveSingleItem().Sentence.ShouldContain(says);
        }

        machine.Disk.Replace(Bundle(0), AsDeleted(right, 0, 6));
        (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Sentence.Contains("no order may delete", StringComparison.Ordinal));
        machine.Disk.DeleteFile(Bundle(0));
        (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.ContentMissing);
    }

    [Fact]
    public async Task A_rotation_after_a_deletion_and_a_deletion_after_a_rotation_leave_a_log_that_verifies()
    {
        var machine = await Recorded(300);
        await using (var log = await machine.OpenAsync())
        {
            await log.DeleteAsync(Order(2), Stop);
            await log.RotateKeyAsync(new(First, "after a deletion"), Stop);
            await log.DeleteAsync(Order(3, 290), Stop);
            await log.AppendAsync(Machine.Messages(300, 300), Stop);
        }

        await ShouldVerifyAsync(machine, 3);
    }

    [Fact]
    public async Task Messages_that_come_while_a_deletion_runs_are_recorded_and_answered()
    {
        var machine = await Recorded(600);
        await using (var log = await machine.OpenAsync())
        {
            var messages = Enumerable.Range(0, 20).Select(call => log.AppendAsync(Machine.Messages(1_000 + (call * 50), 50), Stop).AsTask()).ToList();
            await log.DeleteAsync(Order([.. Enumerable.Range(1, 600).Where(i => i % 50 == 0).Select(i => (long)i)]), Stop);
            await Task.WhenAll(messages);
        }

        await ShouldVerifyAsync(machine, 12);
    }

    [Fact]
    public async Task A_second_deletion_waits_until_the_first_is_accounted_for()
    {
        var machine = await Recorded(600);
        var before = machine.Disk.Journal.Count;
        await using (var log = await machine.OpenAsync())
            await Task.WhenAll(log.DeleteAsync(Order(2, 300), Stop).AsTask(), log.DeleteAsync(Order(3, 301), Stop).AsTask());
        // Its note is written twice, as announced and as ordered, and is gone before another's is written.
        machine.Disk.Journal.Skip(before).Where(change => change.EndsWith("/deleting", StringComparison.Ordinal)).Select(change => change.Split(' ')[0]).ShouldBe(["rename", "rename", "unlink", "rename", "rename", "unlink"]);
        await ShouldVerifyAsync(machine, 4);
    }

    [Fact]
    public async Task Of_two_recordings_that_ran_at_once_only_the_ordered_one_is_deleted()
    {
        var machine = await Recorded(2);
        await using (var log = await machine.OpenAsync())
        {
            // Exhibits 3 and 4 open them; 5 and 8 are parts of the first, 6 and 7 of the second; 9 closes the second, 10 the first.
            await using var first = await log.StartRecordingAsync(Source, Stop);
            await using var second = await log.StartRecordingAsync(Source, Stop);
            await first.AddPartAsync(0, new byte[300], Stop);
            await second.AddPartAsync(0, new byte[200], Stop);
            await second.AddPartAsync(1, new byte[200], Stop);
            await first.AddPartAsync(1, new byte[300], Stop);
            await second.CloseAsync(RecordingEnd.Stopped, Stop);
            (await Should.ThrowAsync<ArgumentException>(async () => await log.DeleteAsync(Order(3), Stop))).Message.ShouldContain("EX-00000003 is still under way");
            await first.CloseAsync(RecordingEnd.Stopped, Stop);
            var result = await log.DeleteAsync(Order(3), Stop);
            (result.Done.Count, result.Done.Recordings!.ShouldHaveSingleItem()).ShouldBe((4, 3));
            (await Machine.ReadAllAsync(log)).Where(exhibit => exhibit.DeletedBy is not null).Select(exhibit => exhibit.Number.LeafIndex).ShouldBe([3, 5, 8, 10]);
        }

        machine.TryRead("recordings/EX-00000003/000000").ShouldBeNull();
        machine.TryRead("recordings/EX-00000004/000001").ShouldNotBeNull();
        await ShouldVerifyAsync(machine, 4);
    }

    [Fact]
    public async Task The_account_names_every_event_by_which_some_of_it_may_have_left_before_and_none_that_came_after()
    {
        var machine = await Recorded(30);
        await using var log = await machine.OpenAsync();
        async Task<long> Left(string kind, CustodyEvent what) => (await log.RecordAsync(what with { Kind = kind }, Stop)).Number.LeafIndex;
        CustodyEvent By(IReadOnlyList<long>? exhibits = null, (long From, long Through)? range = null, long? root = null) => new() { Actor = First, Exhibits = exhibits, Range = range is { } r ? new() { From = r.From, Through = r.Through } : null, RootExhibit = root };
        List<long> may =
        [
            await Left(CustodyKind.Exported, By([5])), await Left(CustodyKind.Transferred, By([4, 6])), await Left(CustodyKind.Exported, By(root: 5)), await Left(CustodyKind.Exported, By(range: (5, 5))),
            await Left(CustodyKind.Exported, By(range: (6, 9))), await Left(CustodyKind.Exported, By(range: (0, 30))), await Left(CustodyKind.Exported, By()),
        ];
        await Left(CustodyKind.Exported, By([4]));
        await Left(CustodyKind.Exported, By(range: (7, 9)));
        var early = await Left(CustodyKind.Exported, By(range: (0, 4)));
        await Left(CustodyKind.Exported, By(root: 4));
        await Left(CustodyKind.Viewed, By([5]));
        (await log.DeleteAsync(Order(5, 6), Stop)).Done.EarlierExports.ShouldBe(may);
        await Left(CustodyKind.Exported, By([8]));
        var none = await log.DeleteAsync(Order(12), Stop);
        none.Done.EarlierExports.ShouldBe([may[5], may[6]]);
        none.Done.KeyCopies.ShouldBe("unknown");
        (await log.DeleteAsync(Order(1), Stop)).Done.EarlierExports.ShouldBe([may[5], may[6], early]);
    }

    [Theory]
    [InlineData("something else", "names no order")]
    [InlineData("EX-00000002", "which is no order")]
    [InlineData("EX-00000099", "which is no order")]
    public async Task A_note_of_a_deletion_that_names_no_order_stops_the_start_and_deletes_nothing(string text, string says)
    {
        var machine = await Recorded(5);
        var bundle = machine.Read("content/000");
        machine.Write("deleting", Encoding.ASCII.GetBytes(text + "\n"));
        var e = await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync());
        e.Fault.ShouldBe(EvidenceFault.LogDamaged);
        e.Message.ShouldContain(says);
        machine.Read("content/000").ShouldBe(bundle);
        // Announced, and never on record: nobody was told that it is ordered.
        machine.Write("deleting", Encoding.ASCII.GetBytes($"announced {new string('7', 32)}\n"));
        await (await machine.OpenAsync()).DisposeAsync();
        machine.TryRead("deleting").ShouldBeNull();
        await ShouldVerifyAsync(machine, 0);
    }

    [Theory]
    [InlineData(0, 1u)]
    [InlineData(1, 1u)]
    [InlineData(2, 2u)]
    public async Task Where_the_power_goes_about_the_new_bundle_its_key_is_the_one_put_aside_or_the_old_one(int after, uint generation)
    {
        var start = await Recorded(600);
        var whole = start.Copy();
        await using (var log = await whole.OpenAsync())
            await log.DeleteAsync(Order(300), Stop);
        // The new bundle takes the old one's place, its directory is flushed, its slot is written.
        var placed = whole.Disk.Journal.FindIndex(change => change == $"rename {Bundle(1)}");
        whole.Disk.Journal[placed + 1].ShouldBe($"fsync-dir {Machine.Folder}/content");
        var aside = whole.Disk.Journal.FindLastIndex(placed, change => change == "fsync /data/keys/op-lantern.ring.next");
        whole.Disk.Journal.FindIndex(aside, change => change == "fsync-dir /data/keys").ShouldBeInRange(aside, placed);

        var machine = start.Copy();
        await using (var log = await machine.OpenAsync())
        {
            var opened = whole.Disk.Journal.FindIndex(change => change.EndsWith("/deleting.next", StringComparison.Ordinal));
            (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.PowerCut, machine.Disk.Changes + placed - opened + 1 + after);
            await Should.ThrowAsync<EvidenceLogException>(async () => await log.DeleteAsync(Order(300), Stop));
            // What reached the disk is not known: nothing goes on before a start has looked.
            log.State.ShouldBe(EvidenceLogState.Stopped);
            (await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(9_999), Stop))).Fault.ShouldBe(EvidenceFault.Stopped);
        }

        machine.Disk.Restart();
        // What the disk holds before the next start does anything.
        Generation(machine, 1).ShouldBe(generation);
        machine.Disk.FileExists("/data/keys/op-lantern.ring.next").ShouldBeTrue();
        await using (var log = await machine.OpenAsync())
            (await Machine.ReadAllAsync(log)).Where(exhibit => exhibit.DeletedBy is not null).Select(exhibit => exhibit.Number.LeafIndex).ShouldBe([300]);
        machine.Disk.FileExists("/data/keys/op-lantern.ring.next").ShouldBeFalse();
        await ShouldVerifyAsync(machine, 1);
    }

    [Fact]
    public async Task A_hold_without_a_reason_an_authority_or_its_exhibits_is_refused_and_holds_nothing()
    {
        var machine = await Recorded(5);
        await using var log = await machine.OpenAsync();
        var court = new CustodyAuthority { Ref = "COURT-1" };
        var right = new HoldOrder { Exhibits = [new(2)], Reason = "asked for", Authority = court, Actor = Second };
        foreach (var order in (HoldOrder[])[right with { Reason = " " }, right with { Authority = new() }, right with { Exhibits = [] }, right with { Exhibits = [new(6)] }, right with { Exhibits = [new(-1)] }, right with { Actor = new() { Id = "N. Example" } }])
            await Should.ThrowAsync<ArgumentException>(async () => await log.HoldAsync(order, Stop));
        log.Size.ShouldBe(6);
        var hold = await log.HoldAsync(right with { Exhibits = [new(5), new(2), new(2)] }, Stop);
        (hold.Number.LeafIndex, (await log.HoldsAsync(Stop)).ShouldHaveSingleItem().Exhibits!.SequenceEqual([2, 5])).ShouldBe((6, true));
        hold.Entry.About.ShouldBe([new ExhibitNumber(2), new ExhibitNumber(5)]);
        await Should.ThrowAsync<ArgumentException>(async () => await log.LiftHoldAsync(hold.Number, " ", court, Second, Stop));
        await Should.ThrowAsync<ArgumentException>(async () => await log.LiftHoldAsync(hold.Number, "done", new(), Second, Stop));
        await Should.ThrowAsync<EvidenceLogException>(async () => await log.DeleteAsync(Order(5), Stop));
        await log.DeleteAsync(Order(3, 4), Stop);
        await log.LiftHoldAsync(hold.Number, "done", court, Second, Stop);
        (await log.HoldsAsync(Stop)).ShouldHaveSingleItem().LiftedBy.ShouldBe(new ExhibitNumber(log.Size - 1));
        await log.DeleteAsync(Order(5), Stop);
    }

    [Fact]
    public async Task A_hold_waits_for_a_deletion_that_runs()
    {
        var machine = await Recorded(5);
        await using (var log = await machine.OpenAsync())
        {
            var deletion = log.DeleteAsync(Order(2), Stop).AsTask();
            var hold = await log.HoldAsync(new() { Reason = "the defence asked for it", Authority = new() { Ref = "COURT-1" }, Actor = Second }, Stop);
            hold.Number.LeafIndex.ShouldBeGreaterThan((await deletion).Recorded.Number.LeafIndex);
        }

        await ShouldVerifyAsync(machine, 1);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("""{"exhibits":"all","reason":"asked for","authority":{"ref":"COURT-1"},"actor":{"id":"super-1"}}""")]
    public void A_hold_that_cannot_be_read_is_damage_and_not_the_absence_of_a_hold(string content)
    {
        var entry = LogEntry.Parse(Encoding.ASCII.GetBytes($$"""{"v":1,"kind":"hold.set","at":"2026-12-03T14:05:09.000000Z","actor":"super-1","size":{{content.Length}},"sha256":"{{Sha256Digest.Of("x"u8)}}"}"""));
        var e = Should.Throw<EvidenceLogException>(() => HoldContent.Parse(new Exhibit(new(7), entry, Encoding.UTF8.GetBytes(content))));
        (e.Fault, e.Message.Contains("The hold EX-00000007 cannot be read", StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true));
    }

    [Fact]
    public async Task What_would_stay_and_does_not_open_stops_a_deletion_before_it_is_ordered()
    {
        var machine = await Recorded(5);
        var bundle = machine.Read("content/000");
        bundle[^4] ^= 1;
        machine.Write("content/000", bundle);
        await using var log = await machine.OpenAsync();
        await Should.ThrowAsync<EvidenceLogException>(async () => await log.DeleteAsync(Order(2), Stop));
        (log.Size, log.State).ShouldBe((6, EvidenceLogState.Open));
        machine.Read("content/000").ShouldBe(bundle);
        machine.TryRead("deleting").ShouldBeNull();
    }

    static byte[] AsDeleted(byte[] bundle, int slot, long order)
    {
        var at = 64;
        for (var i = 0; i < slot; i++)
            at += 21 + BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(at + 17));
        var end = at + 21 + BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(at + 17));
        var record = new byte[29];
        record[0] = 3;
        record[20] = 8;
        BinaryPrimitives.WriteInt64BigEndian(record.AsSpan(21), order);
        return [.. bundle[..at], .. record, .. bundle[end..]];
    }
}
