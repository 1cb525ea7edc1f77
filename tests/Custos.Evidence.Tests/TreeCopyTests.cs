namespace Custos.Evidence.Tests;

/// <summary>The published tree of a log, written to a folder of its own.</summary>
public class TreeCopyTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<Machine> Recorded(int count)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, count), Stop);
        return machine;
    }

    static List<string> Files(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_tree_is_the_files_of_its_size_and_a_later_copy_adds_only_what_the_older_one_lacks()
    {
        using var folder = new Folder();
        var tree = Path.Combine(folder.Path, "deep", "tree");
        var machine = await Recorded(599);
        await using var store = machine.Store();
        var done = new List<long>();
        var (checkpoint, files) = await TreeCopy.WriteAsync(store, tree, new Listed(done), Stop);
        (checkpoint.Size, files).ShouldBe((600, 8));
        done.ShouldBe([256, 512, 600]);
        List<string> expected = ["checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"];
        Files(tree).ShouldBe(expected);
        foreach (var file in expected)
            File.ReadAllBytes(Path.Combine(tree, file)).ShouldBe(machine.Read("log/" + file), file);
        await using (var copy = DirectoryLogStore.At(tree)!)
            (await LogVerifier.VerifyAsync(copy, TrustPolicy.Of(machine.Signer.Verifier.Key), [machine.Signer.Verifier], cancellation: Stop)).Discrepancies.ShouldBeEmpty();

        // Of what was full nothing is written again: whoever serves the folder may keep it for ever.
        File.WriteAllText(Path.Combine(tree, "tile/0/001"), "kept");
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(599, 168), Stop);
        (checkpoint, files) = await TreeCopy.WriteAsync(store, tree, new Listed(done), Stop);
        (checkpoint.Size, files).ShouldBe((768, 4));
        File.ReadAllText(Path.Combine(tree, "tile/0/001")).ShouldBe("kept");
        File.ReadAllBytes(Path.Combine(tree, "tile/0/002")).ShouldBe(machine.Read("log/tile/0/002"));
        File.ReadAllBytes(Path.Combine(tree, "checkpoint")).ShouldBe(machine.Read("log/checkpoint"));
        (await TreeCopy.WriteAsync(store, tree, cancellation: Stop)).Files.ShouldBe(2);
    }

    [Fact]
    public async Task A_partial_tile_is_cut_out_of_the_full_one_where_the_log_has_grown_since()
    {
        var machine = await Recorded(299);
        var note = machine.Read("log/checkpoint");
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(299, 300), Stop);
        using var folder = new Folder();
        machine.Write("log/checkpoint", note);
        await using var store = machine.Store();
        (await TreeCopy.WriteAsync(store, folder.Path, cancellation: Stop)).Checkpoint.Size.ShouldBe(300);
        Files(folder.Path).ShouldBe(["checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"]);
        new FileInfo(Path.Combine(folder.Path, "tile/0/001.p/44")).Length.ShouldBe(44 * 32);
        await using var copy = DirectoryLogStore.At(folder.Path)!;
        (await LogVerifier.VerifyAsync(copy, TrustPolicy.Of(machine.Signer.Verifier.Key), [machine.Signer.Verifier], cancellation: Stop)).Discrepancies.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("log/tile/0/001.p/44", null, "is missing")]
    [InlineData("log/tile/0/001.p/44", 44 * 32 - 1, "is too short")]
    [InlineData("log/tile/entries/001.p/44", 20, "does not hold its entries")]
    public async Task A_log_that_lacks_something_is_copied_without_a_checkpoint(string file, int? length, string says)
    {
        var machine = await Recorded(299);
        if (length is { } left)
            machine.Write(file, machine.Read(file)[..left]);
        else
            machine.Delete(file);
        using var folder = new Folder();
        await using var store = machine.Store();
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await TreeCopy.WriteAsync(store, folder.Path, cancellation: Stop));
        (e.Fault, e.Message.Contains(says, StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true), e.Message);
        File.Exists(Path.Combine(folder.Path, "checkpoint")).ShouldBeFalse();
        // What was begun is no obstacle once the log is whole.
        await using var whole = (await Recorded(299)).Store();
        (await TreeCopy.WriteAsync(whole, folder.Path, cancellation: Stop)).Checkpoint.Size.ShouldBe(300);
    }

    [Fact]
    public async Task A_folder_that_holds_anything_else_is_refused_and_left_as_it_is()
    {
        var machine = await Recorded(5);
        await using var store = machine.Store();
        async Task ShouldBeRefusedAsync(Action<string> prepare, string says)
        {
            using var folder = new Folder();
            prepare(folder.Path);
            var before = Files(folder.Path);
            var e = await Should.ThrowAsync<EvidenceLogException>(async () => await TreeCopy.WriteAsync(store, folder.Path, cancellation: Stop));
            (e.Fault, e.Message.Contains(says, StringComparison.Ordinal)).ShouldBe((EvidenceFault.StoreUnsafe, true), e.Message);
            Files(folder.Path).ShouldBe(before);
        }

        Action<string> Holding(string origin, long size) => folder => File.WriteAllBytes(Path.Combine(folder, "checkpoint"), SignedNote.Sign(new Checkpoint(origin, size, Merkle.EmptyRoot).ToText(), machine.Signer).ToBytes());
        await ShouldBeRefusedAsync(folder => File.WriteAllText(Path.Combine(folder, "letter.txt"), "x"), "something else than a log's tree");
        await ShouldBeRefusedAsync(folder => File.WriteAllText(Path.Combine(folder, "checkpoint"), "x"), "cannot be read");
        await ShouldBeRefusedAsync(Holding("unit.example/custos/op-other", 0), "holds 'unit.example/custos/op-other' at size 0");
        await ShouldBeRefusedAsync(Holding(Machine.Origin, 7), "at size 7; this is");
        using var older = new Folder();
        Holding(Machine.Origin, 0)(older.Path);
        (await TreeCopy.WriteAsync(store, older.Path, cancellation: Stop)).Files.ShouldBe(3);
    }

    sealed class Listed(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
