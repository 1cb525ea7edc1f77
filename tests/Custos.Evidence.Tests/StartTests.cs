using System.Text;
using Custos.Evidence.Ed25519;

namespace Custos.Evidence.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class StartTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<Machine> Recorded(Stack stack, int count, bool outside = false)
    {
        var machine = await Machine.OnAsync(stack, outside);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, count), Stop);
        return machine;
    }

    static async Task Add(Machine machine, int from, int count)
    {
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(from, count), Stop);
    }

    static async Task<EvidenceLogException> Refused(Machine machine, EvidenceFault fault)
    {
        var before = machine.TryRead("log/checkpoint");
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await (await machine.OpenAsync()).DisposeAsync());
        e.Fault.ShouldBe(fault);
        machine.TryRead("log/checkpoint").ShouldBe(before, "nothing may be signed");
        return e;
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Two_writers_cannot_open_one_log(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using var log = await machine.OpenAsync();
        (await Refused(machine, EvidenceFault.LockHeld)).Message.ShouldContain("op-lantern.lock");
        await log.AppendAsync(Machine.Message(0), Stop);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_mark_that_moved_under_a_writer_stops_it_before_it_signs(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        await using var log = await machine.OpenAsync();
        // As a second writer would that got past the locks.
        machine.Disk.Replace("/data/keys/op-lantern.head", new LogMark(Machine.Origin, new(9, Merkle.EmptyRoot)).ToBytes());
        var before = machine.Read("log/checkpoint");
        (await Should.ThrowAsync<EvidenceLogException>(async () => await log.AppendAsync(Machine.Message(3), Stop))).Fault.ShouldBe(EvidenceFault.HeadMoved);
        machine.Read("log/checkpoint").ShouldBe(before);
        log.State.ShouldBe(EvidenceLogState.Stopped);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_writer_that_lost_its_lock_stops_before_it_signs(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        await using var first = await machine.OpenAsync();
        machine.ForgetLocks();
        await using var second = await machine.OpenAsync();
        await second.AppendAsync(Machine.Message(3), Stop);
        // Its tiles are already there, written by the other: it may not write over them, and its mark has moved.
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await first.AppendAsync(Machine.Message(4), Stop));
        e.Fault.ShouldBeOneOf(EvidenceFault.HeadMoved, EvidenceFault.Io);
        second.Size.ShouldBe(5);
        await second.AppendAsync(Machine.Message(5), Stop);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_restored_operations_folder_is_refused(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        var restore = machine.BackupStore();
        await Add(machine, 3, 300);
        restore();
        (await Refused(machine, EvidenceFault.RestoredFromBackup)).Message.ShouldContain("304");
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_restored_key_folder_is_caught_up_by_proof_and_that_is_put_on_record(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        var restore = machine.Disk.Backup("/data/keys");
        await Add(machine, 3, 100);
        restore();
        await using (var log = await machine.OpenAsync())
        {
            log.Size.ShouldBe(105);
            (await log.Reader.EntryAsync(new(104), Stop)).Kind.ShouldBe("log.recovered");
        }

        await machine.ShouldVerifyAsync();
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_key_folder_so_old_that_the_key_of_the_tail_bundle_is_gone_is_refused_with_what_to_bring_back(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        var restore = machine.Disk.Backup("/data/keys");
        await Add(machine, 3, 300);
        restore();
        (await Refused(machine, EvidenceFault.SignerMissing)).Message.ShouldContain("key folder");
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_restored_data_folder_is_refused_by_the_mark_outside_it(Stack stack)
    {
        var machine = await Recorded(stack, 3, outside: true);
        var (restore, restoreKeys) = (machine.BackupStore(), machine.Disk.Backup("/data/keys"));
        await Add(machine, 3, 300);
        restore();
        restoreKeys();
        await Refused(machine, EvidenceFault.RestoredFromBackup);
        machine.Disk.DeleteFile("/data/keys/op-lantern.head");
        machine.RemoveLog();
        await Refused(machine, EvidenceFault.RestoredFromBackup);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_mark_outside_that_is_older_is_brought_up(Stack stack)
    {
        var machine = await Recorded(stack, 3, outside: true);
        var restore = machine.Disk.Backup("/state");
        await Add(machine, 3, 5);
        restore();
        await Add(machine, 8, 1);
        LogMark.Read(machine.Disk, Machine.Outside)!.State.Size.ShouldBe(10);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Equal_size_with_another_root_is_refused(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        machine.Disk.Replace("/data/keys/op-lantern.head", new LogMark(Machine.Origin, new(4, Merkle.EmptyRoot)).ToBytes());
        (await Refused(machine, EvidenceFault.ForkRefused)).Message.ShouldContain("two histories");
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_checkpoint_that_did_not_grow_from_the_mark_is_refused(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        machine.Disk.Replace("/data/keys/op-lantern.head", new LogMark(Machine.Origin, new(2, Merkle.EmptyRoot)).ToBytes());
        await Refused(machine, EvidenceFault.ForkRefused);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_checkpoint_smaller_than_the_last_one_signed_is_refused(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        var old = machine.Read("log/checkpoint");
        await Add(machine, 3, 5);
        machine.Write("log/checkpoint", old);
        // The tiles reach the mark: what the mark allowed is published again, nothing smaller.
        await using var log = await machine.OpenAsync();
        log.Size.ShouldBe(9);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_log_without_its_mark_and_a_mark_of_another_log_are_refused(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        var mark = machine.Disk.ReadAll("/data/keys/op-lantern.head");
        machine.Disk.DeleteFile("/data/keys/op-lantern.head");
        (await Refused(machine, EvidenceFault.MarkMissing)).Message.ShouldContain("key folder");
        machine.Disk.WriteNew("/data/keys/op-lantern.head", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(mark).Replace("op-lantern", "op-other", StringComparison.Ordinal)));
        await Refused(machine, EvidenceFault.ForkRefused);
        machine.Disk.Replace("/data/keys/op-lantern.head", "something else"u8);
        await Refused(machine, EvidenceFault.LogDamaged);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Another_signing_key_is_refused(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        var other = machine.With(new Ed25519Signer(Machine.Origin, new byte[32]));
        await Refused(other, EvidenceFault.SignerMissing);
        var wrongName = machine.With(new Ed25519Signer("unit.example/custos/op-other", new byte[32]));
        await Refused(wrongName, EvidenceFault.SignerMissing);
    }

    [Theory]
    [InlineData(Stack.Directory, "log/tile/0/000.p/4")]
    [InlineData(Stack.Directory, "log/tile/entries/000.p/4")]
    [InlineData(Stack.Directory, "log/checkpoint")]
    [InlineData(Stack.PostgreSql, "log/tile/0/000.p/4")]
    [InlineData(Stack.PostgreSql, "log/tile/entries/000.p/4")]
    [InlineData(Stack.PostgreSql, "log/checkpoint")]
    public async Task A_changed_byte_in_what_appending_builds_on_is_refused_and_named(Stack stack, string file)
    {
        var machine = await Recorded(stack, 3);
        var bytes = machine.Read(file);
        bytes[^3] ^= 1;
        machine.Write(file, bytes);
        await Refused(machine, EvidenceFault.LogDamaged);
        machine.Delete(file);
        if (file != "log/checkpoint")
            (await Refused(machine, EvidenceFault.LogDamaged)).Message.ShouldContain(file[4..]);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_content_bundle_that_is_cut_off_is_refused_and_named(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        machine.Write("content/000", machine.Read("content/000")[..^1]);
        (await Refused(machine, EvidenceFault.LogDamaged)).Message.ShouldContain("content/000");
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Remains_of_a_commit_that_was_never_marked_are_removed(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        machine.Write("log/tile/0/000", new byte[8192]);
        machine.Write("log/tile/0/000.p/9", new byte[9 * 32]);
        machine.Write("log/tile/0/002.p/1", new byte[32]);
        machine.Write("log/tile/entries/031", new byte[9]);
        machine.Write("content/001", new byte[9]);
        machine.Lengthen("content/000", new byte[100]);
        machine.Disk.WriteNew("/data/keys/op-lantern.head.next", new byte[9]);
        if (stack == Stack.Directory)
            machine.Disk.WriteNew(Machine.Folder + "/log/checkpoint.next", new byte[9]);
        await Add(machine, 3, 600);
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        found.Notices.Where(notice => notice.Contains("beyond", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_partial_tile_is_gone_only_after_its_full_tile_is_published(Stack stack)
    {
        var machine = await Recorded(stack, 3);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(3, 2), Stop);
        string[] partials = ["log/tile/0/000.p/1", "log/tile/0/000.p/4", "log/tile/0/000.p/6", "log/tile/entries/000.p/6"];
        partials.ShouldAllBe(file => machine.TryRead(file) != null);
        await log.AppendAsync(Machine.Messages(5, 300), Stop);
        // Tidying comes after the answer: the next answer is behind it.
        await log.AppendAsync(Machine.Message(305), Stop);
        partials.ShouldAllBe(file => machine.TryRead(file) == null);
        machine.TryRead("log/tile/0/000")!.Length.ShouldBe(8_192);
        if (stack == Stack.PostgreSql)
            return;
        var full = machine.Disk.Journal.FindIndex(change => change == $"fsync {Machine.Folder}/log/tile/0/000");
        var gone = machine.Disk.Journal.FindIndex(change => change == $"unlink {Machine.Folder}/log/tile/0/000.p/4");
        full.ShouldBeInRange(0, gone);
        machine.Disk.Journal.FindIndex(full, change => change == $"rename {Machine.Folder}/log/checkpoint").ShouldBeInRange(0, gone);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_reader_holding_an_old_checkpoint_still_finds_its_tiles(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 100), Stop);
        var old = log.Checkpoint;
        await log.AppendAsync(Machine.Messages(100, 500), Stop);
        await using var store = machine.Store();
        var tree = new TileTree(store, old.Size, Stop);
        (await tree.RangeAsync(0, old.Size)).ShouldBe(old.Root);
        var proof = await log.Reader.ConsistencyAsync(old.Size, log.Size, Stop);
        Merkle.VerifyConsistency(old.Size, log.Size, proof, old.Root, log.Checkpoint.Root).ShouldBeTrue();
    }

    [Fact]
    public async Task A_mark_outside_that_is_ahead_of_a_restored_key_folder_is_reached_by_proof_and_put_on_record()
    {
        var machine = await Recorded(Stack.Directory, 3, outside: true);
        var restore = machine.Disk.Backup("/data/keys");
        await Add(machine, 3, 100);
        restore();
        await using (var log = await machine.OpenAsync())
        {
            (log.Size, (await log.Reader.EntryAsync(new(104), Stop)).Kind).ShouldBe((105, "log.recovered"));
            LogMark.Read(machine.Disk, "/data/keys/op-lantern.head")!.State.Size.ShouldBe(105);
        }

        await machine.ShouldVerifyAsync();
        // Cut off before the checkpoint was published: what the outside mark allowed is published, once, and that is on record too.
        var published = machine.Read("log/checkpoint");
        restore = machine.Disk.Backup("/data/keys");
        await Add(machine, 103, 5);
        restore();
        machine.Write("log/checkpoint", published);
        await using (var log = await machine.OpenAsync())
            (log.Size, (await log.Reader.EntryAsync(new(110), Stop)).Kind).ShouldBe((111, "log.recovered"));
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task A_mark_outside_of_another_history_or_another_log_is_refused()
    {
        var machine = await Recorded(Stack.Directory, 3, outside: true);
        var right = machine.Disk.ReadAll(Machine.Outside);
        foreach (var (mark, says) in (IEnumerable<(LogMark, string)>)
            [
                (new(Machine.Origin, new(4, Merkle.EmptyRoot)), "the marks agree on size 4"),
                (new("unit.example/custos/op-other", LogMark.Read(machine.Disk, Machine.Outside)!.State), "belongs to"),
            ])
        {
            machine.Disk.Replace(Machine.Outside, mark.ToBytes());
            (await Refused(machine, EvidenceFault.ForkRefused)).Message.ShouldContain(says);
        }

        // Ahead, and of a history that the tiles are not: refused as older, since nothing here reaches it.
        machine.Disk.Replace(Machine.Outside, new LogMark(Machine.Origin, new(9, Merkle.EmptyRoot)).ToBytes());
        await Refused(machine, EvidenceFault.RestoredFromBackup);
        machine.Disk.Replace(Machine.Outside, right);
        await Add(machine, 3, 1);
    }

    [Fact]
    public async Task A_key_folder_of_another_history_is_refused_even_where_the_mark_outside_agrees_with_the_log()
    {
        var machine = await Recorded(Stack.Directory, 3, outside: true);
        machine.Disk.Replace("/data/keys/op-lantern.head", new LogMark(Machine.Origin, new(2, Merkle.EmptyRoot)).ToBytes());
        (await Refused(machine, EvidenceFault.ForkRefused)).Message.ShouldContain("did not grow from size 2");
        // The same before the checkpoint was published.
        machine.Write("log/checkpoint", SignedNote.Sign(new Checkpoint(Machine.Origin, 0, Merkle.EmptyRoot).ToText(), machine.Signer).ToBytes());
        (await Refused(machine, EvidenceFault.ForkRefused)).Message.ShouldContain("did not grow from size 2");
    }

    [Fact]
    public async Task A_signed_checkpoint_that_is_no_beginning_of_what_the_mark_allows_is_refused()
    {
        var machine = await Recorded(Stack.Directory, 3);
        machine.Write("log/checkpoint", SignedNote.Sign(new Checkpoint(Machine.Origin, 2, Merkle.EmptyRoot).ToText(), machine.Signer).ToBytes());
        (await Refused(machine, EvidenceFault.ForkRefused)).Message.ShouldContain("did not grow from size 2");
        machine.Write("log/checkpoint", SignedNote.Sign(new Checkpoint(Machine.Origin, 9, Merkle.EmptyRoot).ToText(), machine.Signer).ToBytes());
        (await Refused(machine, EvidenceFault.LogDamaged)).Message.ShouldContain("root of size 9");
        machine.Write("log/checkpoint", SignedNote.Sign(new Checkpoint("unit.example/custos/op-other", 4, Merkle.EmptyRoot).ToText(), machine.Signer).ToBytes());
        (await Refused(machine, EvidenceFault.ForkRefused)).Message.ShouldContain("belongs to 'unit.example/custos/op-other'");
    }

    [Theory]
    [InlineData("")]
    [InlineData("unit.example")]
    [InlineData("unit.example/custos/")]
    [InlineData("unit.example/custos/Op")]
    [InlineData("unit.example/custos/-op")]
    [InlineData("unit example/custos/op")]
    [InlineData("unit.example/+/op")]
    public async Task An_origin_that_does_not_end_in_a_slug_opens_nothing(string origin)
    {
        foreach (var name in (string[])[origin, "unit.example/" + new string('a', 108) + "/op"])
        {
            var machine = new Machine();
            machine.Company = options => options with { Origin = name };
            await Should.ThrowAsync<ArgumentException>(() => machine.OpenAsync());
            machine.Disk.DirectoryExists(Machine.Folder).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(8_192, true)]
    [InlineData(8_193, false)]
    public async Task A_commit_takes_1_to_8192_exhibits(int most, bool right)
    {
        var machine = new Machine { MaxBatch = most };
        if (!right)
        {
            await Should.ThrowAsync<ArgumentException>(() => machine.OpenAsync());
            return;
        }

        await Add(machine, 0, 3);
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task Loose_modes_on_keys_are_refused_with_the_command_that_narrows_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix");
        using var folder = new Folder();
        await (await folder.OpenAsync()).DisposeAsync();
        var keys = Path.Combine(folder.Path, "keys");
        (File.GetUnixFileMode(keys) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).ShouldBe(UnixFileMode.None);
        var key = Path.Combine(keys, "unit.key");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await folder.OpenAsync());
        e.Fault.ShouldBe(EvidenceFault.StoreUnsafe);
        e.Message.ShouldContain($"chmod 600 '{key}'");
    }

    [Fact]
    public async Task A_key_folder_can_be_looked_at_while_a_writer_moves_its_mark()
    {
        using var folder = new Folder();
        await using var log = await folder.OpenAsync();
        var appending = Task.Run(
            async () =>
            {
                for (var i = 0; i < 200; i++)
                    await log.AppendAsync(Machine.Message(i), Stop);
            },
            Stop);
        var looks = 0;
        while (!appending.IsCompleted)
        {
            KeyFolder.Open(Path.Combine(folder.Path, "keys"), create: false).Slugs().ShouldBe(["op-lantern"]);
            looks++;
        }

        await appending;
        looks.ShouldBeGreaterThan(10);
        Directory.GetFiles(Path.Combine(folder.Path, "keys")).ShouldAllBe(file => File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_published_test_key_signs_no_log()
    {
        using var folder = new Folder();
        var keys = KeyFolder.Open(Path.Combine(folder.Path, "keys"), create: true);
        using var published = new Ed25519Signer(Machine.Origin, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        keys.WriteSigner("op-lantern", published.ToSecretText());
        (await Should.ThrowAsync<EvidenceLogException>(async () => await folder.OpenAsync())).Message.ShouldContain("published test key");
    }

    [Fact]
    public async Task A_checkpoint_whose_signature_was_changed_is_damage_and_is_not_signed_anew()
    {
        var machine = new Machine();
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(0, 5), TestContext.Current.CancellationToken);
        var note = SignedNote.Parse(machine.Read("log/checkpoint"));
        var signature = note.Signatures[0].Signature.ToArray();
        signature[9] ^= 1;
        var changed = SignedNote.Of(note.Text, [note.Signatures[0] with { Signature = signature }]).ToBytes();
        machine.Write("log/checkpoint", changed);
        var e = await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync());
        (e.Fault, e.Message.Contains("signature does not hold", StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true));
        machine.Read("log/checkpoint").ShouldBe(changed);
    }

    [Fact]
    public async Task An_operation_that_is_not_there_is_not_made_by_opening_it()
    {
        using var folder = new Folder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));
        File.SetUnixFileMode(Path.Combine(folder.Path, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await Should.ThrowAsync<EvidenceLogException>(async () => await OperationLog.OpenAsync(folder.Path, "op-lantern", TimeProvider.System, Stop))).Fault.ShouldBe(EvidenceFault.MarkMissing);
        Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(Stack.Directory)]
    [InlineData(Stack.PostgreSql)]
    public async Task A_start_with_a_clock_before_the_last_entry_is_refused_unless_a_person_says_why(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(0, 255), Stop);
        var now = machine.Time.GetUtcNow();
        // As far as clocks are corrected by.
        machine.Time.AdjustTime(now.AddMinutes(-10));
        await (await machine.OpenAsync()).DisposeAsync();

        machine.Time.AdjustTime(now.AddMinutes(-10).AddSeconds(-1));
        var refused = await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync());
        (refused.Fault, refused.DurableCount).ShouldBe((EvidenceFault.ClockWentBack, 256));
        foreach (var word in (string[])["2026-12-03 13:55:08 UTC", "EX-00000255 was recorded at 2026-12-03 14:05:09 UTC", "Nothing was recorded", "Set the clock right", "--clock-behind REASON"])
            refused.Message.ShouldContain(word);

        machine.Company = options => options with { ClockBehind = "the clock was a day ahead until this morning" };
        await using (var log = await machine.OpenAsync())
        {
            log.Size.ShouldBe(257);
            var said = (await Machine.ReadAllAsync(log))[256];
            said.Entry.Kind.ShouldBe("log.opened");
            Encoding.UTF8.GetString(said.Content.Span).ShouldContain("\"why\":\"the clock was a day ahead until this morning\",\"clock\":\"the clock says 2026-12-03 13:55:08 UTC");
            await log.AppendAsync(Machine.Message(300), Stop);
        }

        // It is the last entry that counts: from here on the clock goes forward.
        machine.Company = options => options;
        await (await machine.OpenAsync()).DisposeAsync();
        (await machine.VerifyAsync()).Notices.ShouldContain(notice => notice.Contains("clock went back 1 times, first at EX-00000256", StringComparison.Ordinal));
    }
}
