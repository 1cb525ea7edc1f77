using System.Buffers.Binary;
using System.Text;
using Custos.Evidence.Ed25519;

namespace Custos.Evidence.Tests;

/// <summary>The verifier against who holds the log's key and writes past the program: each departure has its own finding.</summary>
public class VerdictTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static byte[] Entry(string kind = "chat", string about = "", int second = 9) =>
        Encoding.ASCII.GetBytes($$"""{"v":1,"kind":"{{kind}}","at":"2026-12-03T14:05:{{second:D2}}.000000Z","actor":"irc-1"{{about}},"size":5,"sha256":"{{Sha256Digest.Of("x"u8)}}"}""");

    /// <summary>A published tree over any entries, signed by the log's key.</summary>
    static Machine Forged(params byte[][] entries)
    {
        var machine = new Machine();
        using var hasher = new TreeHasher();
        var (edge, tiles) = (new TreeEdge(), new List<TileWrite>());
        edge.Append(entries.SelectMany(entry => Merkle.Leaf(entry).ToArray()).ToArray(), hasher, tiles);
        foreach (var tile in tiles)
            machine.Write($"log/{tile.Path}", tile.Data.ToArray());
        foreach (var (number, some) in entries.Chunk(TilePath.FullWidth).Index())
            machine.Write($"log/{TilePath.Of(TilePath.Entries, number, some.Length)}", [.. some.SelectMany(entry => (byte[])[(byte)(entry.Length >> 8), (byte)entry.Length, .. entry])]);
        Sign(machine, new Checkpoint(Machine.Origin, entries.Length, edge.Root(hasher)).ToText());
        return machine;
    }

    static void Sign(Machine machine, ReadOnlySpan<byte> text, INoteSigner? signer = null) => machine.Write("log/checkpoint", SignedNote.Sign(text, signer ?? machine.Signer).ToBytes());

    static async Task<Machine> Recorded(int count)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, count), Stop);
        return machine;
    }

    /// <summary>As who has no keys verifies it.</summary>
    static async Task<Verification> VerifyAsync(Machine machine, VerificationOptions? options = null, params INoteVerifier[] others)
    {
        await using var store = machine.Store();
        var logs = others.Aggregate($"log {machine.Signer.Verifier.Key}\n", (text, other) => text + $"log {other.Key}\n");
        return await LogVerifier.VerifyAsync(store, TrustPolicy.Parse(logs + "quorum none\n"), [machine.Signer.Verifier, .. others], options, cancellation: Stop);
    }

    static (DiscrepancyKind, string?, long?) Single(Verification found, string says)
    {
        var one = found.Discrepancies.ShouldHaveSingleItem(string.Join("; ", found.Discrepancies));
        one.Sentence.ShouldContain(says);
        found.Verified.ShouldBeFalse();
        found.Sentence.ShouldStartWith("NOT VERIFIED");
        return (one.Kind, one.Path, one.Exhibit?.LeafIndex);
    }

    [Fact]
    public async Task A_forged_tree_of_right_entries_verifies_so_that_the_others_fail_for_their_own_reason()
    {
        var found = await VerifyAsync(Forged(Entry("log.opened"), Entry(about: ",\"about\":[0]"), Entry("log.closed", second: 10)));
        found.Discrepancies.ShouldBeEmpty();
        (found.Entries, found.Opened, found.Deleted, found.Witnessed).ShouldBe((3, 0, 0, 0));
        found.Notices.ShouldBe(["The policy asks for no witness: whoever holds the log's key could have written it anew.", "Sealed content is not kept here: entries and proofs were verified, contents were not."]);
        found.Sentence.ShouldBe($"Verified: 3 entries of {Machine.Origin} follow to the signed root.");
    }

    [Theory]
    [InlineData(",\"about\":[1]")]
    [InlineData(",\"about\":[0,2]")]
    public async Task An_entry_that_speaks_of_what_is_not_before_it_is_malformed(string about)
    {
        var machine = Forged(Entry(), Entry(about: about), Entry());
        Single(await VerifyAsync(machine), "not before it").ShouldBe((DiscrepancyKind.EntryMalformed, "log/tile/entries/000.p/3", 1));
        (await VerifyAsync(machine, new() { OtherEntries = true })).Discrepancies.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_entry_in_another_form_is_malformed_and_the_rest_is_checked()
    {
        var found = await VerifyAsync(Forged(Entry(), Encoding.ASCII.GetBytes("{\"v\":2}"), Entry(about: ",\"about\":[2]")));
        found.Discrepancies.Select(wrong => (wrong.Kind, wrong.Exhibit!.Value.LeafIndex)).ShouldBe([(DiscrepancyKind.EntryMalformed, 1), (DiscrepancyKind.EntryMalformed, 2)]);
        found.Entries.ShouldBe(3);
        found.Sentence.ShouldBe($"NOT VERIFIED: 2 things are wrong in the 3 entries of {Machine.Origin}.");
    }

    [Fact]
    public async Task Whatever_follows_the_closing_of_an_operation_is_malformed()
    {
        var found = await VerifyAsync(Forged(Entry(), Entry("log.closed"), Entry(), Entry("log.closed")));
        found.Discrepancies.Select(wrong => (wrong.Kind, wrong.Exhibit!.Value.LeafIndex)).ShouldBe([(DiscrepancyKind.EntryMalformed, 2), (DiscrepancyKind.EntryMalformed, 3)]);
        found.Discrepancies.ShouldAllBe(wrong => wrong.Sentence.Contains("follows EX-00000001, which closed the operation", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_step_back_of_the_clock_is_counted_and_the_first_is_named()
    {
        var found = await VerifyAsync(Forged(Entry(second: 9), Entry(second: 9), Entry(second: 8), Entry(second: 20), Entry(second: 10)));
        found.Verified.ShouldBeTrue();
        found.Notices.ShouldContain("The log's clock went back 2 times, first at EX-00000002.");
    }

    [Fact]
    public async Task A_checkpoint_is_refused_for_its_form_its_signature_its_origin_and_its_signer_each_by_name()
    {
        var machine = Forged(Entry(), Entry());
        var right = SignedNote.Parse(machine.Read("log/checkpoint"));
        var text = Encoding.UTF8.GetString(right.Text);

        Sign(machine, Encoding.UTF8.GetBytes(text.Replace("\n2\n", "\n02\n", StringComparison.Ordinal)));
        Single(await VerifyAsync(machine), "leading zeros").ShouldBe((DiscrepancyKind.CheckpointMalformed, "log/checkpoint", null));

        var signature = right.Signatures[0].Signature.ToArray();
        signature[7] ^= 1;
        machine.Write("log/checkpoint", SignedNote.Of(right.Text, [right.Signatures[0] with { Signature = signature }]).ToBytes());
        Single(await VerifyAsync(machine), "does not hold").ShouldBe((DiscrepancyKind.SignatureWrong, "log/checkpoint", null));

        using var other = new Ed25519Signer("unit.example/custos/op-other", new byte[32]);
        Sign(machine, right.Text, other);
        Single(await VerifyAsync(machine), "no key of the policy").ShouldBe((DiscrepancyKind.NoKnownSignature, "log/checkpoint", null));
        // Trusted for its own log, it is nobody for this one.
        Single(await VerifyAsync(machine, null, other.Verifier), "signed by another log's key").ShouldBe((DiscrepancyKind.OriginDiffers, "log/checkpoint", null));

        Sign(machine, Encoding.UTF8.GetBytes(text.Replace("op-lantern", "op-other", StringComparison.Ordinal)));
        Single(await VerifyAsync(machine), "which the policy does not name").ShouldBe((DiscrepancyKind.OriginDiffers, "log/checkpoint", null));

        machine.Delete("log/checkpoint");
        var gone = await VerifyAsync(machine);
        Single(gone, "no checkpoint").ShouldBe((DiscrepancyKind.CheckpointMissing, "log/checkpoint", null));
        gone.Sentence.ShouldBe("NOT VERIFIED: there is no checkpoint");
    }

    [Fact]
    public async Task Above_65_536_entries_what_is_wrong_with_a_tile_is_said_of_the_exhibit_where_it_begins()
    {
        const string Upper = "log/tile/1/001.p/2";
        var machine = Forged([.. Enumerable.Repeat(Entry(), 65_536 + 512 + 7)]);
        (await VerifyAsync(machine)).Discrepancies.ShouldBeEmpty();
        var right = machine.Read(Upper);
        machine.Delete(Upper);
        Single(await VerifyAsync(machine), "missing").ShouldBe((DiscrepancyKind.TileMissing, Upper, 65_536));
        machine.Write(Upper, right[..^1]);
        Single(await VerifyAsync(machine), "has 63 bytes where 64 are right").ShouldBe((DiscrepancyKind.TileSize, Upper, 65_536));
        right[40] ^= 1;
        machine.Write(Upper, right);
        Single(await VerifyAsync(machine), "hash 1 does not follow from the leaves below it, which begin with EX-00065792").ShouldBe((DiscrepancyKind.TileWrong, Upper, 65_792));
        right[40] ^= 1;
        machine.Write(Upper, right);
        machine.Delete("log/tile/2/000.p/1");
        Single(await VerifyAsync(machine), "missing").ShouldBe((DiscrepancyKind.TileMissing, "log/tile/2/000.p/1", 0));
    }

    [Fact]
    public async Task Entries_and_tiles_that_agree_and_are_not_what_was_signed_have_another_root()
    {
        var (signed, other) = (Forged(Entry(), Entry()), Forged(Entry(), Entry("chat.b")));
        other.Write("log/checkpoint", signed.Read("log/checkpoint"));
        Single(await VerifyAsync(other), "not the one that was signed").ShouldBe((DiscrepancyKind.RootWrong, "log/checkpoint", null));
    }

    [Fact]
    public async Task Of_an_entry_and_its_tile_the_one_that_was_changed_is_named()
    {
        var machine = await Recorded(3);
        var (entries, tile) = ("log/tile/entries/000.p/4", "log/tile/0/000.p/4");
        var (rightEntries, rightTile) = (machine.Read(entries), machine.Read(tile));
        var changed = rightEntries.ToArray();
        changed[^20] = changed[^20] == (byte)'1' ? (byte)'2' : (byte)'1';
        machine.Write(entries, changed);
        Single(await VerifyAsync(machine), "does not hash to its leaf").ShouldBe((DiscrepancyKind.EntryWrong, entries, 3));
        var changedTile = rightTile.ToArray();
        changedTile[(2 * 32) + 5] ^= 1;
        machine.Write(tile, changedTile);
        (await VerifyAsync(machine)).Discrepancies.Select(wrong => (wrong.Kind, wrong.Path, wrong.Exhibit?.LeafIndex)).ShouldBe(
            [(DiscrepancyKind.EntryWrong, entries, 2), (DiscrepancyKind.TileWrong, tile, 2), (DiscrepancyKind.EntryWrong, entries, 3), (DiscrepancyKind.TileWrong, tile, 3), (DiscrepancyKind.RootWrong, "log/checkpoint", null)],
            ignoreOrder: true);
        machine.Write(entries, rightEntries);
        Single(await VerifyAsync(machine), "does not hold the hash").ShouldBe((DiscrepancyKind.TileWrong, tile, 2));
    }

    [Fact]
    public async Task A_changed_hash_of_an_upper_tile_is_named_with_the_first_leaf_below_it()
    {
        var machine = await Recorded(700);
        var bytes = machine.Read("log/tile/1/000.p/2");
        bytes[40] ^= 1;
        machine.Write("log/tile/1/000.p/2", bytes);
        Single(await VerifyAsync(machine), "hash 1 does not follow").ShouldBe((DiscrepancyKind.TileWrong, "log/tile/1/000.p/2", 256));
    }

    [Fact]
    public async Task Without_its_first_bundle_no_entry_is_checked_and_that_is_said()
    {
        var machine = await Recorded(300);
        machine.Delete("log/tile/entries/000");
        Single(await VerifyAsync(machine), "no entry was checked").ShouldBe((DiscrepancyKind.TileMissing, "log/tile/entries/000", null));
        machine = await Recorded(300);
        var bundle = machine.Read("log/tile/entries/001.p/45");
        machine.Delete("log/tile/entries/001.p/45");
        Single(await VerifyAsync(machine), "bundle is missing").ShouldBe((DiscrepancyKind.TileMissing, "log/tile/entries/001.p/45", 256));
        machine.Write("log/tile/entries/001.p/45", bundle);
        machine.Delete("log/tile/0/000");
        Single(await VerifyAsync(machine), "tile is missing").ShouldBe((DiscrepancyKind.TileMissing, "log/tile/0/000", 0));
    }

    [Fact]
    public async Task A_mark_that_is_behind_of_another_history_of_another_log_or_missing_is_a_finding_and_one_ahead_a_notice()
    {
        var machine = await Recorded(3);
        var state = new LogState(4, Checkpoint.Parse(SignedNote.Parse(machine.Read("log/checkpoint")).Text).Root);
        async Task<Verification> With(LogMark? mark)
        {
            if (mark is null)
                machine.Disk.DeleteFile("/data/keys/op-lantern.head");
            else
                machine.Disk.Replace("/data/keys/op-lantern.head", mark.ToBytes());
            return await VerifyAsync(machine, new() { Marks = KeyFolder.Open("/data/keys", create: false, machine.Disk) });
        }

        (await With(new(Machine.Origin, state))).Discrepancies.ShouldBeEmpty();
        Single(await With(new(Machine.Origin, state with { Size = 3 })), "behind the checkpoint").ShouldBe((DiscrepancyKind.MarkWrong, "keys", null));
        Single(await With(new(Machine.Origin, state with { Root = Merkle.EmptyRoot })), "two histories").ShouldBe((DiscrepancyKind.MarkWrong, "keys", null));
        Single(await With(new("unit.example/custos/op-other", state)), "belongs to").ShouldBe((DiscrepancyKind.MarkWrong, "keys", null));
        var ahead = await With(new(Machine.Origin, state with { Size = 5 }));
        ahead.Discrepancies.ShouldBeEmpty();
        ahead.Notices.ShouldContain(notice => notice.Contains("The mark stands at 5", StringComparison.Ordinal));
        Single(await With(null), "no mark").ShouldBe((DiscrepancyKind.MarkWrong, "keys", null));
    }

    /// <summary>The bundle with one record made into something else.</summary>
    static byte[] With(byte[] bundle, int slot, byte? type = null, byte[]? body = null)
    {
        var at = ContentBundle.HeaderBytes;
        for (var i = 0; i < slot; i++)
            at += ContentBundle.RecordHeaderBytes + BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(at + 17));
        var end = at + ContentBundle.RecordHeaderBytes + BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(at + 17));
        body ??= bundle[(at + ContentBundle.RecordHeaderBytes)..end];
        byte[] header = bundle[at..(at + ContentBundle.RecordHeaderBytes)];
        header[0] = type ?? header[0];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(17), body.Length);
        return [.. bundle[..at], .. header, .. body, .. bundle[end..]];
    }

    [Theory]
    [InlineData(0, null, DiscrepancyKind.BundleMalformed, "unknown type 0")]
    [InlineData(4, null, DiscrepancyKind.BundleMalformed, "unknown type 4")]
    [InlineData(3, 9, DiscrepancyKind.BundleMalformed, "names no order")]
    [InlineData(3, 7, DiscrepancyKind.BundleMalformed, "names no order")]
    [InlineData(3, 8, DiscrepancyKind.ContentMissing, "is no order for it")]
    [InlineData(2, 11, DiscrepancyKind.BundleMalformed, "does not name its recording")]
    [InlineData(1, 109, DiscrepancyKind.ContentWrong, "another length")]
    [InlineData(1, 111, DiscrepancyKind.ContentWrong, "another length")]
    [InlineData(1, 71, DiscrepancyKind.ContentWrong, "another length")]
    [InlineData(1, 0, DiscrepancyKind.ContentWrong, "another length")]
    public async Task A_record_that_is_not_what_its_entry_says_is_found_without_keys(byte type, int? length, DiscrepancyKind kind, string says)
    {
        var machine = await Recorded(3);
        machine.Write("content/000", With(machine.Read("content/000"), 2, type, length is { } bytes ? new byte[bytes] : null));
        Single(await VerifyAsync(machine), says).ShouldBe((kind, "content/000", 2));
    }

    [Fact]
    public async Task Contents_of_another_length_than_their_entries_say_are_found_without_keys_and_none_when_they_fit()
    {
        var machine = await Recorded(12);
        var found = await VerifyAsync(machine);
        found.Discrepancies.ShouldBeEmpty();
        found.Notices.ShouldContain("No keys were given: contents were counted, not opened.");
        // "line 9" is one byte shorter than "line 10".
        var bundle = machine.Read("content/000");
        var records = new List<ContentRecord>();
        ContentBundle.Scan(bundle, Machine.Origin, 0, 13, records, out _);
        machine.Write("content/000", With(bundle, 10, body: bundle.AsSpan(records[11].Offset, records[11].Length).ToArray()));
        Single(await VerifyAsync(machine), "another length").ShouldBe((DiscrepancyKind.ContentWrong, "content/000", 10));
    }

    [Fact]
    public async Task Bytes_behind_a_full_bundle_are_a_finding_and_behind_one_that_grows_a_notice()
    {
        var machine = await Recorded(300);
        machine.Write("content/001", [.. machine.Read("content/001"), 1, 2, 3]);
        var found = await VerifyAsync(machine);
        found.Discrepancies.ShouldBeEmpty();
        found.Notices.ShouldContain("content/001 holds 3 bytes beyond the checkpoint.");
        machine.Write("content/000", [.. machine.Read("content/000"), 1, 2, 3]);
        Single(await VerifyAsync(machine), "3 bytes follow").ShouldBe((DiscrepancyKind.BundleMalformed, "content/000", 255));
    }

    static async Task<(Machine Machine, string First, string Second)> WithRecording()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await using var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop);
        await recording.AddPartAsync(0, new byte[300], Stop);
        await recording.AddPartAsync(1, new byte[300], Stop);
        await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        return (machine, "recordings/EX-00000001/000000", "recordings/EX-00000001/000001");
    }

    static byte[] Place(long opening, int part)
    {
        var body = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(body, opening);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(8), part);
        return body;
    }

    [Fact]
    public async Task A_part_that_is_gone_cut_doubled_or_of_another_recording_is_found_without_keys()
    {
        var (machine, first, second) = await WithRecording();
        (await VerifyAsync(machine)).Discrepancies.ShouldBeEmpty();
        var (bytes, bundle) = (machine.Read(second), machine.Read("content/000"));
        machine.Write(second, bytes[..^1]);
        Single(await VerifyAsync(machine), "another length").ShouldBe((DiscrepancyKind.ContentWrong, second, 3));
        machine.Delete(second);
        Single(await VerifyAsync(machine), "file is gone").ShouldBe((DiscrepancyKind.ContentMissing, second, 3));
        machine.Write(second, bytes);

        machine.Write("content/000", With(bundle, 3, body: Place(1, 0)));
        Single(await VerifyAsync(machine), "part 0 of EX-00000001 has two entries").ShouldBe((DiscrepancyKind.BundleMalformed, "content/000", 3));
        machine.Write("recordings/EX-00000000/000001", bytes);
        machine.Write("content/000", With(bundle, 3, body: Place(0, 1)));
        Single(await VerifyAsync(machine), "another recording than its entry").ShouldBe((DiscrepancyKind.BundleMalformed, "content/000", 3));
        machine.Write("content/000", With(bundle, 4, type: 2, body: Place(1, 1)));
        (await VerifyAsync(machine)).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.BundleMalformed && wrong.Exhibit == new ExhibitNumber(4) && wrong.Sentence.Contains("another recording", StringComparison.Ordinal));
        machine.Write("content/000", bundle);
        machine.TryRead(first).ShouldNotBeNull();
        (await VerifyAsync(machine)).Discrepancies.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, DiscrepancyKind.KeyMissing)]
    [InlineData(false, DiscrepancyKind.KeyWrong)]
    public async Task A_recordings_key_that_is_missing_or_another_one_closes_its_parts_only(bool missing, DiscrepancyKind kind)
    {
        var (machine, first, second) = await WithRecording();
        var keys = machine.Disk.ReadAll("/data/keys/op-lantern.recordings");
        if (missing)
            keys.AsSpan(72, 96).Clear();
        else
            keys[72 + 30] ^= 1;
        machine.Disk.Replace("/data/keys/op-lantern.recordings", keys);
        var found = await machine.VerifyAsync();
        found.Discrepancies.Where(wrong => wrong.Path is not null).Select(wrong => (wrong.Kind, wrong.Path)).ShouldBe([(kind, first), (kind, second)]);
        found.Opened.ShouldBe(3);
    }

    [Theory]
    [InlineData("line 9", "the content does not match the commitment in its entry")]
    [InlineData("line 99", "another length")]
    public async Task Other_content_sealed_by_who_holds_the_keys_is_found_and_neither_shown_nor_sealed_on(string text, string says)
    {
        var machine = await Recorded(3);
        var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
        using (var ring = KeyRing.Open(keys, Machine.Origin, FileUnitKey.Open(keys, create: false)))
        {
            ring.TryKey(0, 1, out var key).ShouldBe(KeyVerdict.Opened);
            using var seal = new SealedContent(key);
            machine.Write("content/000", With(machine.Read("content/000"), 2, body: seal.Seal(SealContext.Content(Machine.Origin, 2), [.. new byte[32], .. Encoding.ASCII.GetBytes(text)])));
        }

        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldAllBe(wrong => wrong.Kind == DiscrepancyKind.ContentWrong && wrong.Path == "content/000" && wrong.Exhibit == new ExhibitNumber(2));
        found.Discrepancies.ShouldContain(wrong => wrong.Sentence.Contains(says, StringComparison.Ordinal));
        found.Opened.ShouldBe(3);
        await using var log = await machine.OpenAsync();
        var officer = new CustodyPerson { Id = "officer-7" };
        var refused = await Should.ThrowAsync<EvidenceLogException>(async () => await log.OpenExhibitAsync(new(2), new(officer, "review"), Stop));
        (refused.Fault, refused.Message.Contains("does not match its commitment", StringComparison.Ordinal), refused.Message.Contains("line", StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true, false));
        await Should.ThrowAsync<EvidenceLogException>(() => Machine.ReadAllAsync(log));
        await Should.ThrowAsync<EvidenceLogException>(async () => await log.DeleteAsync(new() { Exhibits = [new(1)], Reason = "r", Authority = new() { Ref = "A" }, Actor = officer, SecondPerson = new() { Id = "super-1" } }, Stop));
        machine.TryRead("deleting").ShouldBeNull();
    }

    /// <summary>What who holds every key can do past the program: another content of one exhibit, and entry, tiles, checkpoint and mark that agree with it.</summary>
    static void Rewrite(Machine machine, int index, string content)
    {
        var size = (int)Checkpoint.Parse(SignedNote.Parse(machine.Read("log/checkpoint")).Text).Size;
        var bundle = machine.Read("content/000");
        var records = new List<ContentRecord>();
        ContentBundle.Scan(bundle, Machine.Origin, 0, size, records, out _);
        var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
        using var ring = KeyRing.Open(keys, Machine.Origin, FileUnitKey.Open(keys, create: false));
        ring.TryKey(0, ContentBundle.Generation(bundle), out var key).ShouldBe(KeyVerdict.Opened);
        using var seal = new SealedContent(key);
        byte[] plain = [.. new byte[32], .. Encoding.UTF8.GetBytes(content)];
        machine.Write("content/000", With(bundle, index, body: seal.Seal(SealContext.Content(Machine.Origin, index), plain)));

        var entries = EntryBundle.Split(machine.Read($"log/{TilePath.Of(TilePath.Entries, 0, size)}"), size, cut: false)!.Select(entry => entry.ToArray()).ToArray();
        var entry = Encoding.ASCII.GetString(entries[index]);
        entries[index] = Encoding.ASCII.GetBytes($"{entry[..entry.IndexOf(",\"size\"", StringComparison.Ordinal)]},\"size\":{plain.Length - 32},\"sha256\":\"{Sha256Digest.Of(plain)}\"}}");
        var forged = Forged(entries);
        foreach (var file in machine.Disk.Files($"{Machine.Folder}/log").Concat(Older(machine)))
            machine.Delete($"log/{file}");
        foreach (var file in (string[])[$"log/{TilePath.Of(TilePath.Entries, 0, size)}", $"log/{TilePath.Of(0, 0, size)}", "log/checkpoint"])
            machine.Write(file, forged.Read(file));
        machine.Disk.Replace("/data/keys/op-lantern.head", new LogMark(Machine.Origin, new(size, Checkpoint.Parse(SignedNote.Parse(forged.Read("log/checkpoint")).Text).Root)).ToBytes());
    }

    static List<string> Older(Machine machine) =>
        [.. ((string[])["tile/0/000.p", "tile/entries/000.p"]).SelectMany(folder => machine.Disk.Files($"{Machine.Folder}/log/{folder}").Select(file => $"{folder}/{file}"))];

    static readonly CustodyPerson s_first = new() { Id = "officer-7" }, s_second = new() { Id = "super-1" };

    /// <summary>Exhibits 1 to 3; 4 holds 2; 5 lifts it; 6 orders that 2 is deleted; 7 says it was; 8 is a message.</summary>
    static async Task<(Machine Machine, CustodyEvent Order)> HeldLiftedDeleted()
    {
        var machine = await Recorded(3);
        await using var log = await machine.OpenAsync();
        var court = new CustodyAuthority { Ref = "COURT-1" };
        var hold = await log.HoldAsync(new() { Exhibits = [new(2)], Reason = "asked for", Authority = court, Actor = s_second }, Stop);
        await log.LiftHoldAsync(hold.Number, "the trial is over", court, s_second, Stop);
        await log.DeleteAsync(new() { Exhibits = [new(2)], Reason = "r", Authority = court, Actor = s_first, SecondPerson = s_second }, Stop);
        await log.AppendAsync(Machine.Message(9), Stop);
        return (machine, new() { Kind = CustodyKind.DeletionOrdered, Exhibits = [2], Actor = s_first, SecondPerson = s_second, Authority = court, Purpose = "r" });
    }

    public static TheoryData<string, string> LackingOrders => new()
    {
        { "no second person", "names no second person" }, { "one person twice", "names no second person" }, { "no reason", "gives no reason" }, { "no authority", "cites no authority" },
        { "a name for a person", "names a person by something else" }, { "no exhibit", "names no exhibit" }, { "another exhibit", "does not list it" }, { "{", "the order cannot be read" }, { "null", "the order cannot be read" },
        { """{"exhibits":[2],"actor":null,"secondPerson":{"id":"super-1"},"authority":{"ref":"C"},"purpose":"r"}""", "names no second person" },
    };

    [Theory]
    [MemberData(nameof(LackingOrders))]
    public async Task An_order_that_who_holds_every_key_wrote_past_the_program_lacks_what_it_lacks(string order, string says)
    {
        var (machine, right) = await HeldLiftedDeleted();
        (await machine.VerifyAsync()).Discrepancies.ShouldBeEmpty();
        Rewrite(machine, 6, Encoding.UTF8.GetString(right.ToContent()));
        (await machine.VerifyAsync()).Discrepancies.ShouldBeEmpty();
        CustodyEvent? wrong = order switch
        {
            "no second person" => right with { SecondPerson = null },
            "one person twice" => right with { SecondPerson = s_first },
            "no reason" => right with { Purpose = " " },
            "no authority" => right with { Authority = null },
            "a name for a person" => right with { SecondPerson = new() { Id = "N. Example" } },
            "no exhibit" => right with { Exhibits = null },
            "another exhibit" => right with { Exhibits = [3] },
            _ => null,
        };
        Rewrite(machine, 6, wrong is null ? order : Encoding.UTF8.GetString(wrong.ToContent()));
        var found = await machine.VerifyAsync();
        found.Discrepancies.ShouldContain(discrepancy => discrepancy.Sentence.Contains(says, StringComparison.Ordinal));
        found.Discrepancies.ShouldAllBe(discrepancy => discrepancy.Exhibit == new ExhibitNumber(6) || (wrong == null || wrong.Exhibits == null || wrong.Exhibits[0] == 3) && discrepancy.Exhibit == new ExhibitNumber(2));
        // What an order says is sealed: without keys it is not read, and that is said.
        var without = await VerifyAsync(machine);
        without.Discrepancies.ShouldBeEmpty();
        without.Notices.ShouldContain("Without keys it was not read what the orders to delete say, nor whether a hold forbade them.");
    }

    [Fact]
    public async Task No_bag_is_made_of_what_an_order_without_a_second_person_deleted()
    {
        var (machine, right) = await HeldLiftedDeleted();
        using var folder = new Folder();
        Directory.CreateDirectory(folder.Operation);
        await File.WriteAllTextAsync(Path.Combine(folder.Operation, "policy"), $"log {machine.Signer.Verifier.Key}\nquorum none\n", Stop);
        async Task<WrittenBag> WriteAsync(string name)
        {
            await using var log = await machine.OpenAsync();
            return await EvidenceBag.WriteAsync(
                Path.Combine(folder.Path, name),
                new()
                {
                    Operations = [new(log, log, folder.Operation, [new(2)])],
                    Person = s_first,
                    Tool = "tests",
                    Purpose = "referral 7",
                    Recipient = new() { Name = "desk" },
                    Verifier = key => NoteVerifiers.Of(key, TimeProvider.System),
                },
                cancellation: Stop);
        }

        Rewrite(machine, 6, Encoding.UTF8.GetString((right with { SecondPerson = s_first }).ToContent()));
        (await Should.ThrowAsync<EvidenceLogException>(() => WriteAsync("wrong"))).Message.ShouldContain("names no second person");
        Directory.Exists(Path.Combine(folder.Path, "wrong")).ShouldBeFalse();
        (machine, _) = await HeldLiftedDeleted();
        (await WriteAsync("right")).Verification.Verified.ShouldBeTrue();
    }

    [Theory]
    [InlineData(5, """{"hold":3,"reason":"r","authority":{"ref":"C"},"actor":{"id":"super-1"}}""", "while the hold EX-00000004 forbade it")]
    [InlineData(5, """{"reason":"r","authority":{"ref":"C"},"actor":{"id":"super-1"}}""", "while the hold EX-00000004 forbade it")]
    [InlineData(4, """{"reason":"r","authority":{"ref":"C"},"actor":{"id":"super-1"}}""", null)]
    [InlineData(4, """{"exhibits":[3],"reason":"r","authority":{"ref":"C"},"actor":{"id":"super-1"}}""", null)]
    [InlineData(4, "{", "the hold cannot be read")]
    [InlineData(5, "null", "the hold cannot be read")]
    public async Task What_was_deleted_while_a_hold_forbade_it_is_found(int index, string content, string? says)
    {
        var (machine, _) = await HeldLiftedDeleted();
        Rewrite(machine, index, content);
        var found = (await machine.VerifyAsync()).Discrepancies;
        if (says is null)
            found.ShouldBeEmpty();
        else
            found.ShouldContain(wrong => wrong.Sentence.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_is_held_by_a_hold_that_names_nothing_and_was_never_lifted()
    {
        var (machine, _) = await HeldLiftedDeleted();
        Rewrite(machine, 4, """{"reason":"r","authority":{"ref":"C"},"actor":{"id":"super-1"}}""");
        Rewrite(machine, 5, """{"hold":1,"reason":"r","authority":{"ref":"C"},"actor":{"id":"super-1"}}""");
        var found = await machine.VerifyAsync();
        found.Discrepancies.Select(wrong => (wrong.Kind, wrong.Exhibit!.Value.LeafIndex)).ShouldBe([(DiscrepancyKind.OrderWrong, 2)]);
    }

    [Fact]
    public async Task An_order_that_was_given_before_a_message_was_recorded_does_not_account_for_it()
    {
        var (machine, _) = await HeldLiftedDeleted();
        machine.Write("content/000", With(machine.Read("content/000"), 8, type: 3, body: [0, 0, 0, 0, 0, 0, 0, 6]));
        Single(await VerifyAsync(machine), "EX-00000006 is no order for it").ShouldBe((DiscrepancyKind.ContentMissing, "content/000", 8));
    }

    [Fact]
    public async Task What_is_not_there_is_not_opened_and_leaves_no_trace_in_the_log()
    {
        var machine = await Recorded(3);
        await using var log = await machine.OpenAsync();
        foreach (var index in (long[])[-1, 4, 5, long.MaxValue])
        {
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.OpenExhibitAsync(new(index), new(new() { Id = "officer-7" }, "review"), Stop));
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.CustodyOfAsync(new(index), new(new() { Id = "officer-7" }, "review"), Stop));
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.EntryAsync(new(index), Stop));
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.InclusionAsync(index, 4, Stop));
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.ProofAsync(new(index), Stop));
        }

        log.Size.ShouldBe(4);
    }

    [Fact]
    public async Task An_anchor_that_is_not_the_logs_own_checkpoint_of_its_size_is_a_finding_and_one_half_written_a_notice()
    {
        var machine = await Recorded(300);
        var state = Checkpoint.Parse(SignedNote.Parse(machine.Read("log/checkpoint")).Text);
        using var other = new Ed25519Signer(Machine.Origin, new byte[32]);
        byte[] Note(string origin, long size, INoteSigner? signer = null) => SignedNote.Sign(new Checkpoint(origin, size, state.Root).ToText(), signer ?? machine.Signer).ToBytes();
        Task<Verification> With(string folder, params (string File, byte[] Bytes)[] files)
        {
            machine.Disk.CreateDirectories($"{Machine.Folder}/anchors/{folder}");
            foreach (var name in machine.Disk.Files($"{Machine.Folder}/anchors/{folder}"))
                machine.Disk.DeleteFile($"{Machine.Folder}/anchors/{folder}/{name}");
            foreach (var (file, bytes) in files)
                machine.Write($"anchors/{folder}/{file}", bytes);
            return VerifyAsync(machine, new() { Anchors = machine.Anchors });
        }

        const string Path = "anchors/000000000301/checkpoint";
        var right = await With("000000000301", ("checkpoint", Note(Machine.Origin, 301)));
        right.Discrepancies.ShouldBeEmpty();
        right.Notices.ShouldContain("The checkpoint of size 301 that others saw was compared with this log.");
        foreach (var (bytes, says) in (IEnumerable<(byte[], string)>)
            [
                (Note(Machine.Origin, 300), "not a checkpoint of this size"), (Note("unit.example/custos/op-other", 301), "not a checkpoint of this size"), (Note(Machine.Origin, 301, other), "not a checkpoint of this size"),
                ([.. "no note"u8], "malformed"), (SignedNote.Sign("no checkpoint\n"u8, machine.Signer).ToBytes(), "A checkpoint has"),
            ])
            Single(await With("000000000301", ("checkpoint", bytes)), says).ShouldBe((DiscrepancyKind.AnchorWrong, Path, null));

        var half = await With("000000000301");
        half.Discrepancies.ShouldBeEmpty();
        half.Notices.ShouldContain($"{Path} is missing: a crash left the folder without it.");
        (await With("000000000301", ("checkpoint", Note(Machine.Origin, 301)), ("tsa.tsq", [1]))).Notices.ShouldContain(notice => notice.StartsWith("anchors/000000000301/tsa.tsr is missing", StringComparison.Ordinal));
        Single(await With("000000000301", ("checkpoint", Note(Machine.Origin, 301)), ("tsa.tsr", [1])), "request that it answers is missing").ShouldBe((DiscrepancyKind.TimestampWrong, "anchors/000000000301/tsa.tsr", null));
        (await With("000000000301", ("checkpoint", Note(Machine.Origin, 301)), ("tsa.tsq", [1]), ("tsa.tsr", [1]))).Notices.ShouldContain("Time-stamps of 'tsa' that were not looked at: 1.");

        // Size 256 cannot be compared without the tile that holds its root; the missing tile is the finding.
        await With("000000000301", ("checkpoint", Note(Machine.Origin, 301)));
        machine.Delete("log/tile/1/000.p/1");
        var cut = await With("000000000256", ("checkpoint", Note(Machine.Origin, 256)));
        cut.Discrepancies.ShouldAllBe(wrong => wrong.Kind == DiscrepancyKind.TileMissing);
        cut.Notices.ShouldContain("anchors/000000000256/checkpoint could not be compared: tiles below it are missing.");
    }

    [Fact]
    public async Task A_reader_answers_within_the_log_only()
    {
        var machine = await Recorded(3);
        await using var log = await machine.OpenAsync();
        foreach (var (old, size) in ((long, long)[])[(-1, 4), (1, 5), (3, 2), (long.MinValue, 4)])
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.ConsistencyAsync(old, size, Stop));
        foreach (var (index, size) in ((long, long)[])[(0, 5), (3, 3), (-1, 1)])
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await log.Reader.InclusionAsync(index, size, Stop));
    }

    [Fact]
    public async Task A_closing_or_an_order_that_cannot_be_read_is_a_finding()
    {
        var (machine, _, _) = await WithRecording();
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Message(0), Stop);
            await log.DeleteAsync(new() { Exhibits = [new(5)], Reason = "r", Authority = new() { Ref = "A" }, Actor = new() { Id = "officer-7" }, SecondPerson = new() { Id = "super-1" } }, Stop);
        }

        (await machine.VerifyAsync()).Discrepancies.ShouldBeEmpty();
        var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
        using var ring = KeyRing.Open(keys, Machine.Origin, FileUnitKey.Open(keys, create: false));
        ring.TryKey(0, 2, out var key).ShouldBe(KeyVerdict.Opened);
        using var seal = new SealedContent(key);
        var bundle = machine.Read("content/000");
        foreach (var (index, says) in ((int, string)[])[(4, "the closing of the recording cannot be read"), (6, "the order cannot be read")])
        {
            machine.Write("content/000", With(bundle, index, body: seal.Seal(SealContext.Content(Machine.Origin, index), [.. new byte[32], .. "not JSON"u8])));
            (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.ContentWrong && wrong.Exhibit == new ExhibitNumber(index) && wrong.Sentence == says);
        }
    }
}
