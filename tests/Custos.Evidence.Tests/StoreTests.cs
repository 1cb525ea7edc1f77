using System.Text;

namespace Custos.Evidence.Tests;

/// <summary>The directory store alone, on a disk that writes down in which order things were done to it.</summary>
public class StoreTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    readonly MemoryDisk _disk = new();

    public StoreTests() => _disk.CreateDirectory("/data", false);

    static byte[] Record(int length = 3) => [1, .. new byte[16], 0, 0, 0, (byte)length, .. new byte[length]];

    static byte[] Bundle(long number, int records) => [.. ContentBundle.Header(Machine.Origin, number, 1), .. Enumerable.Repeat(Record(), records).SelectMany(record => record)];

    static TileWrite Tile(int level, long number, int width) => new(TilePath.Of(level, number, width), new byte[32]);

    static LogBatch Batch(IReadOnlyList<TileWrite> tiles, params ContentWrite[] content) => new(LogState.Empty, LogState.Empty, tiles, content);

    DirectoryLogStore Store() => new(Machine.Folder, _disk, helpers: 0);

    async Task<DirectoryLogStore> OpenAsync()
    {
        var store = Store();
        (await store.OpenAsync(Machine.Origin, create: true, Stop)).ShouldNotBeNull();
        return store;
    }

    void Put(string file, byte[]? bytes = null)
    {
        var path = $"{Machine.Folder}/{file}";
        _disk.CreateDirectories(Path.GetDirectoryName(path)!);
        _disk.Replace(path, bytes ?? [1]);
    }

    byte[] Read(string file) => _disk.ReadAll($"{Machine.Folder}/{file}");

    static async Task<List<string>> FilesAsync(DirectoryLogStore store)
    {
        var files = new List<string>();
        await foreach (var file in store.ListAsync(Stop))
            files.Add(file);
        return files;
    }

    async Task<List<string>> ChangesAsync(Func<ValueTask> act)
    {
        var before = _disk.Journal.Count;
        await act();
        return [.. _disk.Journal.Skip(before).Select(change => change.Replace(Machine.Folder + "/", "", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task Only_who_holds_the_lock_writes()
    {
        await using var store = Store();
        (await store.OpenAsync(Machine.Origin, create: false, Stop)).ShouldBeNull();
        _disk.Journal.Count.ShouldBe(1);
        async Task ShouldBeRefusedAsync()
        {
            foreach (var write in (Func<ValueTask>[])
                [
                    () => store.TrimAsync(0, Stop), () => store.IntegrateAsync(Batch([]), Stop), () => store.PublishAsync(new byte[1], Stop), () => store.TidyAsync(0, 1, Stop),
                    () => store.WritePartAsync(1, 0, new byte[1], Stop), () => store.MarkRecordingAsync(1, true, Stop), () => store.AnnounceRecordingAsync(new(7), true, Stop),
                    () => store.ReplaceContentAsync(0, new byte[1], Stop), () => store.DeletePartsAsync(1, Stop), () => store.WriteDeletingAsync("EX-00000001", Stop),
                ])
            {
                (await Should.ThrowAsync<InvalidOperationException>(async () => await write())).Message.ShouldContain("not open for writing");
            }
        }

        await ShouldBeRefusedAsync();
        var state = await store.OpenAsync(Machine.Origin, create: true, Stop);
        state.ShouldBe(new StoredState(null, null));
        await using (var second = Store())
            (await Should.ThrowAsync<EvidenceLogException>(async () => await second.OpenAsync(Machine.Origin, create: true, Stop))).Fault.ShouldBe(EvidenceFault.LockHeld);
        await store.PublishAsync("note"u8.ToArray(), Stop);
        await store.DisposeAsync();
        await ShouldBeRefusedAsync();
        // What was published is there for whoever reads, and for the next writer.
        (await store.ReadNoteAsync(Stop)).ShouldBe("note"u8.ToArray());
        await using var next = Store();
        (await next.OpenAsync(Machine.Origin, create: false, Stop))!.Note.ShouldBe("note"u8.ToArray());
    }

    [Fact]
    public async Task All_files_of_a_commit_are_written_before_the_first_is_flushed_and_names_are_made_durable_from_the_deepest_up()
    {
        await using var store = await OpenAsync();
        var changes = await ChangesAsync(() => store.IntegrateAsync(Batch([Tile(0, 0, 1), Tile(1, 0, 1), Tile(TilePath.Entries, 1_000, 256)], new ContentWrite(1_000, 0, Bundle(1_000, 1))), Stop));
        changes.Where(change => !change.StartsWith("mkdir", StringComparison.Ordinal)).ShouldBe(
        [
            "create content/x001/000", "write content/x001/000", "create log/tile/0/000.p/1", "write log/tile/0/000.p/1", "create log/tile/1/000.p/1", "write log/tile/1/000.p/1",
            "create log/tile/entries/x001/000", "write log/tile/entries/x001/000",
            "fsync content/x001/000", "fsync log/tile/0/000.p/1", "fsync log/tile/1/000.p/1", "fsync log/tile/entries/x001/000",
            "fsync-dir log/tile/0/000.p", "fsync-dir log/tile/1/000.p", "fsync-dir log/tile/entries/x001",
            "fsync-dir log/tile/0", "fsync-dir log/tile/1", "fsync-dir log/tile/entries",
            "fsync-dir content/x001", "fsync-dir log/tile", "fsync-dir content",
        ]);

        // Where the folders are known, only those that gained a name are flushed; a folder of partial tiles may have gone since.
        changes = await ChangesAsync(() => store.IntegrateAsync(Batch([Tile(0, 0, 2)], new ContentWrite(1_000, 1, Record())), Stop));
        changes.ShouldBe(["write content/x001/000", "create log/tile/0/000.p/2", "write log/tile/0/000.p/2", "fsync content/x001/000", "fsync log/tile/0/000.p/2", "fsync-dir log/tile/0/000.p"]);
        Read("content/x001/000").ShouldBe(Bundle(1_000, 2));
        // A tile is written once.
        await Should.ThrowAsync<DiskException>(async () => await store.IntegrateAsync(Batch([Tile(0, 0, 2)]), Stop));
    }

    [Fact]
    public async Task Records_join_the_bundle_that_grows_where_it_ends_also_after_it_was_replaced()
    {
        await using var store = await OpenAsync();
        await store.IntegrateAsync(Batch([], new ContentWrite(0, 0, Bundle(0, 256)), new ContentWrite(1, 0, Bundle(1, 2))), Stop);
        await store.ReplaceContentAsync(0, new byte[70], Stop);
        await store.IntegrateAsync(Batch([], new ContentWrite(1, 2, Record())), Stop);
        Read("content/001").ShouldBe(Bundle(1, 3));
        await store.ReplaceContentAsync(1, Bundle(1, 1), Stop);
        await store.IntegrateAsync(Batch([], new ContentWrite(1, 1, Record())), Stop);
        Read("content/001").ShouldBe(Bundle(1, 2));
        (await store.ReadContentAsync(0, Stop))!.Length.ShouldBe(70);
        (await store.ReadContentAsync(2, Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task A_start_removes_what_a_commit_that_was_never_marked_left_and_nothing_else()
    {
        string[] stay =
        [
            "content/000", "content/001", "content/002", "log/checkpoint",
            "log/tile/0/000", "log/tile/0/001", "log/tile/0/002.p/40", "log/tile/0/002.p/88", "log/tile/1/000.p/1", "log/tile/1/000.p/2", "log/tile/entries/000", "log/tile/entries/001", "log/tile/entries/002.p/88",
        ];
        await using (var store = await OpenAsync())
        {
            foreach (var file in stay.Concat(
                [
                    "log/checkpoint.next", "log/tile/0/000.p/9", "log/tile/0/001.p/250", "log/tile/0/002", "log/tile/0/002.p/89", "log/tile/0/002.p/88x", "log/tile/0/003", "log/tile/0/034", "log/tile/0/034.p/24",
                    "log/tile/1/000", "log/tile/1/000.p/3", "log/tile/1/001.p/1", "log/tile/entries/001.p/7", "log/tile/entries/002", "log/tile/entries/002.p/90", "log/tile/entries/034.p/24", "content/003", "content/034",
                ]))
            {
                Put(file);
            }

            Put("content/002", [.. Bundle(2, 88), 9, 9]);
            await store.TrimAsync(600, Stop);
            (await FilesAsync(store)).ShouldBe(stay);
            Read("content/002").ShouldBe(Bundle(2, 88));
            // What the next commit adds begins where the last record ends.
            await store.IntegrateAsync(Batch([], new ContentWrite(2, 88, Record())), Stop);
            Read("content/002").ShouldBe(Bundle(2, 89));
            foreach (var folder in (string[])["log/tile/0/001.p", "log/tile/0/034.p", "log/tile/entries/001.p"])
                _disk.DirectoryExists($"{Machine.Folder}/{folder}").ShouldBeFalse(folder);
            // At the edge of a bundle nothing of the next one stays.
            await store.TrimAsync(512, Stop);
            (await FilesAsync(store)).ShouldBe(stay.Where(file => !file.Contains("002", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_tail_bundle_that_does_not_hold_its_records_stops_the_start_and_stays_as_it_is()
    {
        await using var store = await OpenAsync();
        async Task ShouldSayAsync(string what)
        {
            var e = await Should.ThrowAsync<EvidenceLogException>(async () => await store.TrimAsync(3, Stop));
            (e.Fault, e.Message.Contains(what, StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true), e.Message);
        }

        await ShouldSayAsync("it is missing");
        Put("content/000", Bundle(0, 2));
        await ShouldSayAsync("record 2 is missing");
        Put("content/000", [.. Bundle(0, 2), .. Record().AsSpan(0, 20)]);
        await ShouldSayAsync("record 2 is missing");
        Put("content/000", Bundle(0, 3)[..^1]);
        await ShouldSayAsync("record 2 reaches past the end");
        Read("content/000").ShouldBe(Bundle(0, 3)[..^1]);
        Put("content/000", Bundle(0, 3));
        (await ChangesAsync(() => store.TrimAsync(3, Stop))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Partial_tiles_go_when_their_full_tile_is_published_and_a_reader_then_gets_the_full_one()
    {
        await using var store = await OpenAsync();
        foreach (var file in (string[])["0/000.p/200", "0/001.p/1", "1/000.p/1", "entries/000.p/200", "entries/001.p/1"])
            Put("log/tile/" + file);
        foreach (var file in (string[])["0/000", "entries/000"])
            Put("log/tile/" + file, [2]);
        await store.TidyAsync(200, 257, Stop);
        (await FilesAsync(store)).ShouldBe(["log/tile/0/000", "log/tile/0/001.p/1", "log/tile/1/000.p/1", "log/tile/entries/000", "log/tile/entries/001.p/1"]);
        _disk.DirectoryExists($"{Machine.Folder}/log/tile/0/000.p").ShouldBeFalse();
        (await ChangesAsync(() => store.TidyAsync(257, 300, Stop))).ShouldBeEmpty();
        (await ChangesAsync(() => store.TidyAsync(256, 600, Stop))).ShouldBeEmpty();
        (await store.ReadTileAsync(TilePath.Of(0, 0, 200), Stop)).ShouldBe([2]);
        (await store.ReadTileAsync(TilePath.Of(0, 1, 1), Stop)).ShouldBe([1]);
        (await store.ReadTileAsync(TilePath.Of(0, 1, 2), Stop)).ShouldBeNull();
        (await store.ReadTileAsync(TilePath.Of(0, 1, 256), Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task Recordings_under_way_and_announced_are_found_again_and_every_note_of_them_is_durable()
    {
        await using var store = await OpenAsync();
        var id = new SourceId((UInt128)0xABC);
        (await ChangesAsync(() => store.AnnounceRecordingAsync(id, announced: false, Stop))).ShouldBeEmpty();
        (await ChangesAsync(() => store.MarkRecordingAsync(7, underWay: false, Stop))).ShouldBeEmpty();
        await store.AnnounceRecordingAsync(id, announced: true, Stop);
        foreach (var opening in (long[])[7, 9])
            await store.MarkRecordingAsync(opening, underWay: true, Stop);
        (await ChangesAsync(() => store.WritePartAsync(7, 12, new byte[] { 5 }, Stop))).ShouldBe(
            ["create recordings/EX-00000007/000012.next", "write recordings/EX-00000007/000012.next", "fsync recordings/EX-00000007/000012.next", "rename recordings/EX-00000007/000012", "fsync-dir recordings/EX-00000007"]);
        await store.WritePartAsync(7, 2, new byte[] { 6 }, Stop);
        foreach (var other in (string[])["recordings/EX-00000007/00003", "recordings/EX-00000007/0000003", "recordings/EX-00000007/-00003", "recordings/other", "recordings/" + new string('g', 32), "recordings/" + new string('1', 31)])
            Put(other);
        var (underWay, announced) = await store.OpenRecordingsAsync(Stop);
        underWay.Select(recording => (recording.Opening, string.Join(' ', recording.Parts))).Order().ShouldBe([(7, "2 12"), (9, "")]);
        announced.ShouldBe([id]);
        (await store.ReadPartAsync(7, 12, Stop)).ShouldBe([5]);
        (await store.ReadPartAsync(7, 3, Stop)).ShouldBeNull();

        (await ChangesAsync(() => store.AnnounceRecordingAsync(id, announced: false, Stop))).ShouldBe([$"unlink recordings/{id}", "fsync-dir recordings"]);
        (await ChangesAsync(() => store.MarkRecordingAsync(9, underWay: false, Stop))).ShouldBe(["unlink recordings/EX-00000009/open", "fsync-dir recordings/EX-00000009"]);
        (underWay, announced) = await store.OpenRecordingsAsync(Stop);
        (underWay.ShouldHaveSingleItem().Opening, announced.Count).ShouldBe((7, 0));

        var changes = await ChangesAsync(() => store.DeletePartsAsync(7, Stop));
        changes[^2..].ShouldBe(["rmdir recordings/EX-00000007", "fsync-dir recordings"]);
        changes.Count.ShouldBe(6 + 2);
        (await ChangesAsync(() => store.DeletePartsAsync(7, Stop))).ShouldBeEmpty();
        (await store.OpenRecordingsAsync(Stop)).UnderWay.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_note_of_a_deletion_is_durable_when_it_is_written_and_when_it_is_taken_away()
    {
        await using var store = await OpenAsync();
        (await store.ReadDeletingAsync(Stop)).ShouldBeNull();
        (await ChangesAsync(() => store.WriteDeletingAsync(null, Stop))).ShouldBeEmpty();
        (await ChangesAsync(() => store.WriteDeletingAsync("EX-00000003", Stop)))[^3..].ShouldBe(["fsync deleting.next", "rename deleting", "fsync-dir " + Machine.Folder]);
        Encoding.ASCII.GetString(Read("deleting")).ShouldBe("EX-00000003\n");
        (await store.ReadDeletingAsync(Stop)).ShouldBe("EX-00000003");
        (await ChangesAsync(() => store.WriteDeletingAsync(null, Stop))).ShouldBe(["unlink deleting", "fsync-dir " + Machine.Folder]);
    }

    [Fact]
    public async Task A_folder_is_read_as_an_operation_as_a_published_tree_or_not_at_all()
    {
        using var folder = new Folder();
        DirectoryLogStore.At(folder.Path).ShouldBeNull();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "checkpoint"), "a note", Stop);
        await using (var tree = DirectoryLogStore.At(folder.Path)!)
        {
            (tree.HasContent, tree.Place, (await FilesAsync(tree)).ShouldHaveSingleItem()).ShouldBe((false, folder.Path, "log/checkpoint"));
            Encoding.ASCII.GetString((await tree.ReadNoteAsync(Stop))!).ShouldBe("a note");
        }

        await (await folder.OpenAsync()).DisposeAsync();
        await using var operation = DirectoryLogStore.At(folder.Operation)!;
        operation.HasContent.ShouldBeTrue();
        (await FilesAsync(operation)).ShouldBe(["content/000", "log/checkpoint", "log/tile/0/000.p/1", "log/tile/entries/000.p/1"]);
        LogStores.IsOperation(folder.Operation).ShouldBeTrue();
        LogStores.IsOperation(folder.Path).ShouldBeFalse();
    }
}
