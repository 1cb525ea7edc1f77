namespace Custos.Evidence.Tests;

public class VerifyTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Task<Machine> Recorded(params int[] calls) => Recorded(Stack.Directory, calls);

    static async Task<Machine> Recorded(Stack stack, params int[] calls)
    {
        var machine = await Machine.OnAsync(stack);
        await using var log = await machine.OpenAsync();
        var sent = 0;
        foreach (var count in calls)
        {
            await log.AppendAsync(Machine.Messages(sent, count), Stop);
            sent += count;
        }

        return machine;
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_changed_byte_anywhere_in_a_small_log_is_reported_with_its_path(Stack stack)
    {
        var machine = await Recorded(stack, 2, 3);
        await machine.ShouldVerifyAsync();
        var changed = 0;
        foreach (var path in await machine.FilesAsync())
        {
            var bytes = machine.Read(path);
            for (var at = 0; at < bytes.Length; at++)
            {
                // Source ids are the writer's own note for repeats, bound to nothing a reader relies on.
                if (path.StartsWith("content/", StringComparison.Ordinal) && IsSourceId(bytes, at))
                    continue;
                bytes[at] ^= 0x04;
                machine.Write(path, bytes);
                var found = await machine.VerifyAsync();
                found.Verified.ShouldBeFalse($"{path}, byte {at}");
                found.Discrepancies.ShouldContain(wrong => wrong.Path == path, $"{path}, byte {at}: {string.Join("; ", found.Discrepancies)}");
                bytes[at] ^= 0x04;
                changed++;
            }

            machine.Write(path, bytes);
        }

        changed.ShouldBeGreaterThan(3_000);
        await machine.ShouldVerifyAsync();
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_store_that_cannot_be_read_is_an_error_and_never_a_verdict(Stack stack)
    {
        var machine = await Recorded(stack, 300);
        for (var read = 1; ; read++)
        {
            machine.FailRead(read);
            try
            {
                (await machine.VerifyAsync(overTheWire: true)).Verified.ShouldBeTrue();
                read.ShouldBeGreaterThan(10);
                break;
            }
            catch (LogStoreException e)
            {
                e.Fault.ShouldBe(EvidenceFault.Io);
            }

            machine.Restart();
        }
    }

    static bool IsSourceId(byte[] bundle, int at)
    {
        var records = new List<ContentRecord>();
        ContentBundle.Scan(bundle, Machine.Origin, 0, 6, records, out _);
        return records.Any(record => at >= record.Offset - 20 && at < record.Offset - 4);
    }

    static readonly (string File, int Length, DiscrepancyKind Kind, long? Exhibit)[] Cuts =
    [
        ("log/tile/0/000", 8191, DiscrepancyKind.TileSize, 0),
        ("log/tile/0/001.p/45", 32 * 44, DiscrepancyKind.TileSize, 256),
        ("log/tile/0/001.p/45", 32 * 46, DiscrepancyKind.TileSize, 256),
        ("log/tile/1/000.p/1", 31, DiscrepancyKind.TileSize, 0),
        ("log/tile/0/000", -1, DiscrepancyKind.TileMissing, 0),
        ("log/tile/1/000.p/1", -1, DiscrepancyKind.TileMissing, 0),
        ("log/tile/entries/001.p/45", -1, DiscrepancyKind.TileMissing, 256),
        ("log/tile/entries/000", 100, DiscrepancyKind.BundleMalformed, 0),
        ("log/tile/entries/000", 1_000_000, DiscrepancyKind.BundleMalformed, 0),
        ("log/checkpoint", -1, DiscrepancyKind.CheckpointMissing, null),
        ("log/checkpoint", 30, DiscrepancyKind.NoteMalformed, null),
        ("content/000", -1, DiscrepancyKind.ContentMissing, 0),
        ("content/000", 64, DiscrepancyKind.BundleMalformed, 0),
        ("content/001", 1_000, DiscrepancyKind.BundleMalformed, 263),
        ("content/001", -1, DiscrepancyKind.ContentMissing, 256),
        ("log/tile/entries/001.p/45", 100, DiscrepancyKind.BundleMalformed, 256),
        ("log/tile/entries/001.p/45", 1_000_000, DiscrepancyKind.BundleMalformed, 256),
        ("content/000", 1_000_000, DiscrepancyKind.BundleMalformed, 255),
    ];

    public static TheoryData<Stack, string, int, DiscrepancyKind, long?> CutsOfBothStores()
    {
        var data = new TheoryData<Stack, string, int, DiscrepancyKind, long?>();
        foreach (var stack in (Stack[])[Stack.Directory, Stack.PostgreSql])
        {
            foreach (var (file, length, kind, exhibit) in Cuts)
                data.Add(stack, file, length, kind, exhibit);
        }

        return data;
    }

    [Theory, MemberData(nameof(CutsOfBothStores))]
    public async Task A_file_cut_grown_or_gone_is_named_with_the_exhibit_where_it_begins(Stack stack, string file, int length, DiscrepancyKind kind, long? exhibit)
    {
        var machine = await Recorded(stack, 300);
        var bytes = machine.Read(file);
        machine.Delete(file);
        if (length >= 0)
        {
            Array.Resize(ref bytes, length);
            machine.Write(file, bytes);
        }

        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldContain(wrong => wrong.Kind == kind && wrong.Path == file && wrong.Exhibit == (exhibit == null ? null : new ExhibitNumber(exhibit.Value)), string.Join("; ", found.Discrepancies));
        found.Sentence.ShouldStartWith("NOT VERIFIED");
    }

    [Fact]
    public async Task Progress_is_told_bundle_by_bundle_in_entries()
    {
        var machine = await Recorded(600);
        var told = new List<long>();
        await using var store = machine.Store();
        (await LogVerifier.VerifyAsync(store, TrustPolicy.Of(machine.Signer.Verifier.Key), [machine.Signer.Verifier], progress: new Told(told), cancellation: TestContext.Current.CancellationToken)).Verified.ShouldBeTrue();
        told.ShouldBe([256, 512, 601]);
    }

    sealed class Told(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }

    [Fact]
    public async Task One_changed_entry_is_one_finding_with_its_number_and_one_changed_tile_one_with_its_path()
    {
        var machine = await Recorded(700);
        var bundle = Machine.Folder + "/log/tile/entries/001";
        var bytes = machine.Disk.ReadAll(bundle);
        var at = bytes.AsSpan().IndexOf("\"size\":8"u8);
        bytes[at + 7] = (byte)'9';
        machine.Disk.Replace(bundle, bytes);
        var found = await machine.VerifyAsync();
        found.Discrepancies.Where(wrong => wrong.Kind == DiscrepancyKind.EntryWrong).ShouldHaveSingleItem().Exhibit.ShouldBe(new ExhibitNumber(256));
        found.Discrepancies.ShouldAllBe(wrong => wrong.Kind == DiscrepancyKind.EntryWrong || wrong.Kind == DiscrepancyKind.ContentWrong);

        machine = await Recorded(700);
        var tile = Machine.Folder + "/log/tile/0/001";
        bytes = machine.Disk.ReadAll(tile);
        bytes[32 * 7] ^= 1;
        machine.Disk.Replace(tile, bytes);
        var wrongTile = (await machine.VerifyAsync()).Discrepancies.ShouldHaveSingleItem();
        (wrongTile.Kind, wrongTile.Path, wrongTile.Exhibit).ShouldBe((DiscrepancyKind.TileWrong, "log/tile/0/001", new ExhibitNumber(263)));
    }

    [Theory]
    [InlineData("log/tile/0/002.p/1", "beyond the checkpoint")]
    [InlineData("log/tile/0/001.p/46", "beyond the checkpoint")]
    [InlineData("log/tile/entries/002", "beyond the checkpoint")]
    [InlineData("log/tile/1/000.p/2", "beyond the checkpoint")]
    [InlineData("log/tile/2/000.p/1", "beyond the checkpoint")]
    [InlineData("content/002", "beyond the checkpoint")]
    // Numbers whose first leaf no count of leaves reaches.
    [InlineData("log/tile/0/x036/x028/x797/x018/x963/968", "beyond the checkpoint")]
    [InlineData("log/tile/7/x072/x057/x594/x037/x927/936", "beyond the checkpoint")]
    [InlineData("content/x072/x057/x594/x037/x927/936", "beyond the checkpoint")]
    [InlineData("log/tile/8/000", "no part of the log")]
    [InlineData("log/tile/0/0", "no part of the log")]
    [InlineData("log/other", "no part of the log")]
    public async Task A_file_that_the_tree_does_not_need_is_named_and_wrongs_nothing(string file, string why)
    {
        var machine = await Recorded(300);
        machine.Write(file, [1, 2, 3]);
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        found.Notices.ShouldContain(notice => notice.StartsWith(file, StringComparison.Ordinal) && notice.Contains(why, StringComparison.Ordinal), string.Join("; ", found.Notices));
        machine.Delete(file);
        (await machine.VerifyAsync()).Notices.ShouldNotContain(notice => notice.Contains(file, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("log/tile/0/001.p/1", 32 * 2, DiscrepancyKind.TileSize)]
    [InlineData("log/tile/0/001.p/1", 32, DiscrepancyKind.TileWrong)]
    [InlineData("log/tile/0/000.p/1", 31, DiscrepancyKind.TileSize)]
    [InlineData("log/tile/entries/001.p/1", 9, DiscrepancyKind.BundleMalformed)]
    public async Task An_older_tile_that_is_no_beginning_of_the_newer_one_is_named(string file, int length, DiscrepancyKind kind)
    {
        var machine = await Recorded(300);
        machine.Write(file, new byte[length]);
        (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Kind == kind && wrong.Path == file);
    }

    [Fact]
    public async Task An_older_bundle_with_another_entry_is_named()
    {
        var machine = await Recorded(299, 1);
        const string File = "log/tile/entries/001.p/44";
        var bytes = machine.Read(File);
        bytes[30] ^= 1;
        machine.Write(File, bytes);
        var found = (await machine.VerifyAsync()).Discrepancies.ShouldHaveSingleItem();
        (found.Kind, found.Path, found.Exhibit).ShouldBe((DiscrepancyKind.EntryWrong, File, new ExhibitNumber(256)));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(302)]
    [InlineData(70_000)]
    [InlineData(1L << 55)]
    [InlineData(long.MaxValue)]
    public async Task A_signed_size_that_the_files_do_not_reach_is_found_whatever_it_is(long size)
    {
        var machine = await Recorded(300);
        var right = Checkpoint.Parse(SignedNote.Parse(machine.Read("log/checkpoint")).Text);
        machine.Write("log/checkpoint", SignedNote.Sign(new Checkpoint(Machine.Origin, size, right.Root).ToText(), machine.Signer).ToBytes());
        var found = await machine.VerifyAsync();
        found.Verified.ShouldBeFalse();
        found.Discrepancies.ShouldContain(wrong => wrong.Kind == (size < 301 ? DiscrepancyKind.RootWrong : DiscrepancyKind.TileMissing));
        found.Checkpoint!.Size.ShouldBe(size);
    }

    [Fact]
    public async Task Contents_swapped_between_slots_are_found()
    {
        var machine = await Recorded(4);
        var path = Machine.Folder + "/content/000";
        var bytes = machine.Disk.ReadAll(path);
        var records = new List<ContentRecord>();
        ContentBundle.Scan(bytes, Machine.Origin, 0, 5, records, out _);
        var first = bytes.AsSpan(records[1].Offset, records[1].Length).ToArray();
        bytes.AsSpan(records[2].Offset, records[2].Length).CopyTo(bytes.AsSpan(records[1].Offset));
        first.CopyTo(bytes, records[2].Offset);
        machine.Disk.Replace(path, bytes);
        (await machine.VerifyAsync()).Discrepancies.Select(wrong => (wrong.Kind, wrong.Exhibit!.Value.LeafIndex)).ShouldBe([(DiscrepancyKind.ContentWrong, 1), (DiscrepancyKind.ContentWrong, 2)]);
    }

    [Fact]
    public async Task A_record_that_claims_to_be_deleted_without_an_order_is_a_finding()
    {
        var machine = await Recorded(1);
        var path = Machine.Folder + "/content/000";
        var bytes = machine.Disk.ReadAll(path);
        var records = new List<ContentRecord>();
        ContentBundle.Scan(bytes, Machine.Origin, 0, 2, records, out _);
        var cut = bytes[..(records[1].Offset + 8)];
        ContentBundle.WriteRecordHeader(cut.AsSpan(records[1].Offset - 21), ContentType.Deleted, SourceId.None, 8);
        cut.AsSpan(records[1].Offset).Clear();
        machine.Disk.Replace(path, cut);
        var found = (await machine.VerifyAsync()).Discrepancies.ShouldHaveSingleItem();
        (found.Kind, found.Exhibit).ShouldBe((DiscrepancyKind.ContentMissing, new ExhibitNumber(1)));
    }

    [Fact]
    public async Task A_ring_slot_that_is_zero_or_changed_closes_its_bundle_only()
    {
        var machine = await Recorded(700);
        var path = "/data/keys/op-lantern.ring";
        var ring = machine.Disk.ReadAll(path);
        var zeroed = ring.ToArray();
        zeroed.AsSpan(64 + 96, 96).Clear();
        machine.Disk.Replace(path, zeroed);
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.KeyMissing);
        found.Opened.ShouldBe(701 - 256);
        ring[64 + 96 + 30] ^= 1;
        machine.Disk.Replace(path, ring);
        (await machine.VerifyAsync()).Discrepancies.ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.KeyWrong);
    }

    [Fact]
    public async Task The_log_of_another_origin_and_the_key_of_another_log_do_not_verify()
    {
        var machine = await Recorded(1);
        await using var store = machine.Store();
        using var other = new Ed25519.Ed25519Signer("unit.example/custos/op-other", new byte[32]);
        var found = await LogVerifier.VerifyAsync(store, TrustPolicy.Of(other.Verifier.Key), [other.Verifier], cancellation: Stop);
        found.Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.OriginDiffers);
        using var sameName = new Ed25519.Ed25519Signer(Machine.Origin, new byte[32]);
        found = await LogVerifier.VerifyAsync(store, TrustPolicy.Of(sameName.Verifier.Key), [sameName.Verifier], cancellation: Stop);
        found.Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.NoKnownSignature);
    }

    [Fact]
    public async Task A_clock_that_goes_back_is_recorded_as_it_was_and_noticed()
    {
        var machine = new Machine();
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Message(0), Stop);
            machine.Time.AdjustTime(machine.Time.GetUtcNow().AddMinutes(-5));
            await log.AppendAsync(Machine.Message(1), Stop);
        }

        var found = await machine.VerifyAsync();
        found.Verified.ShouldBeTrue();
        found.Notices.ShouldContain(notice => notice.Contains("clock went back 1 times, first at EX-00000002", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(256, 0)]
    [InlineData(257, 256)]
    [InlineData(1_000, 613)]
    public async Task A_proof_can_be_checked_without_the_log(int count, int index)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, count), Stop);
        var proof = await log.Reader.ProofAsync(new(index), Stop);
        var entry = await log.Reader.EntryAsync(new(index), Stop);
        var read = TlogProof.Parse(proof.ToBytes());
        read.Proves(entry.Bytes.Span).ShouldBeTrue();
        read.Note.Open([machine.Signer.Verifier]).Status.ShouldBe(NoteStatus.Verified);
        var other = entry.Bytes.ToArray();
        other[20] ^= 1;
        read.Proves(other).ShouldBeFalse();
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.ProofAsync(new(count + 1), Stop));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.ConsistencyAsync(1, count + 2, Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 0\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 00\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra %\nindex 1\n\n")]
    public void A_malformed_proof_is_refused(string text) => Should.Throw<FormatException>(() => TlogProof.Parse(System.Text.Encoding.UTF8.GetBytes(text)));
}
