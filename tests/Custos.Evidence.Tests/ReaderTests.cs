using System.Text;

namespace Custos.Evidence.Tests;

/// <summary>Who reads a log by its published files alone.</summary>
public class ReaderTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<Machine> Recorded(int size)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        if (size > 1)
            await log.AppendAsync(Machine.Messages(0, size - 1), Stop);
        return machine;
    }

    static async Task<List<long>> NumbersAsync(LogReader reader, long from, long count)
    {
        var numbers = new List<long>();
        await foreach (var (number, entry) in reader.EntriesAsync(new(from), count, Stop))
        {
            entry.Kind.ShouldBe(number.LeafIndex == 0 ? "log.opened" : "chat");
            numbers.Add(number.LeafIndex);
        }

        return numbers;
    }

    static async Task ShouldBeDamagedAsync(Func<Task> read, string says)
    {
        var e = await Should.ThrowAsync<EvidenceLogException>(read);
        (e.Fault, e.Message.Contains(says, StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, true), e.Message);
    }

    [Theory]
    [InlineData(0, 600)]
    [InlineData(0, long.MaxValue)]
    [InlineData(0, 1)]
    [InlineData(0, 0)]
    [InlineData(255, 1)]
    [InlineData(255, 2)]
    [InlineData(256, 256)]
    [InlineData(200, 112)]
    [InlineData(100, 412)]
    [InlineData(511, 89)]
    [InlineData(599, 1)]
    [InlineData(599, 2)]
    [InlineData(600, 1)]
    [InlineData(700, long.MaxValue)]
    public async Task Entries_are_read_from_where_and_as_far_as_asked_and_within_the_checkpoint(long from, long count)
    {
        var machine = await Recorded(600);
        await using var store = machine.Store();
        (await NumbersAsync(new(store), from, count)).ShouldBe(Enumerable.Range(0, 600).Select(i => (long)i).Where(i => i >= from && i - from < count));
    }

    [Fact]
    public async Task What_is_not_in_the_log_is_not_answered()
    {
        var machine = await Recorded(4);
        await using var store = machine.Store();
        var reader = new LogReader(store);
        foreach (var index in (long[])[-1, 4, 5])
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await reader.EntryAsync(new(index), Stop));
        foreach (var size in (long[])[-1, 5])
            await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await reader.RootAsync(size, Stop));
        (await reader.EntryAsync(new(0), Stop)).Kind.ShouldBe("log.opened");
        (await reader.EntryAsync(new(3), Stop)).Kind.ShouldBe("chat");
    }

    [Fact]
    public async Task Roots_and_proofs_of_every_earlier_size_come_out_of_the_tiles()
    {
        var machine = await Recorded(600);
        await using var store = machine.Store();
        var reader = new LogReader(store);
        var leaves = new List<byte[]>();
        await foreach (var (_, entry) in reader.EntriesAsync(new(0), 600, Stop))
            leaves.Add(Merkle.Leaf(entry.Bytes.Span).ToArray());
        using var hasher = new TreeHasher();
        foreach (var size in (int[])[0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 600])
        {
            var edge = new TreeEdge();
            edge.Append(leaves.Take(size).SelectMany(leaf => leaf).ToArray(), hasher, []);
            var root = size == 0 ? Merkle.EmptyRoot : edge.Root(hasher);
            (await reader.RootAsync(size, Stop)).ShouldBe(root, $"size {size}");
            var (newest, _) = await reader.CheckpointAsync(Stop);
            var consistency = await reader.ConsistencyAsync(size, 600, Stop);
            if (size is 0 or 600)
                consistency.ShouldBeEmpty();
            if (size > 0)
                Merkle.VerifyConsistency(size, 600, consistency, root, newest.Root).ShouldBeTrue($"size {size}");
            foreach (var index in (int[])[0, 1, size / 2, size - 1])
            {
                if (index >= 0 && index < size)
                    Merkle.VerifyInclusion(index, size, new(leaves[index]), await reader.InclusionAsync(index, size, Stop), root).ShouldBeTrue($"{index} of {size}");
            }
        }
    }

    [Fact]
    public async Task A_checkpoint_that_is_missing_or_cannot_be_read_is_damage()
    {
        var machine = await Recorded(4);
        await using var store = machine.Store();
        machine.Write("log/checkpoint", "no note"u8.ToArray());
        await ShouldBeDamagedAsync(async () => await new LogReader(store).CheckpointAsync(Stop), "cannot be read");
        machine.Write("log/checkpoint", SignedNote.Sign(Encoding.UTF8.GetBytes("no checkpoint\n"), machine.Signer).ToBytes());
        await ShouldBeDamagedAsync(async () => await new LogReader(store).CheckpointAsync(Stop), "cannot be read");
        machine.Delete("log/checkpoint");
        await ShouldBeDamagedAsync(async () => await new LogReader(store).CheckpointAsync(Stop), "There is no published checkpoint");
    }

    [Fact]
    public async Task A_file_that_is_missing_or_short_is_named_and_a_full_one_stands_in_for_a_partial_one()
    {
        var machine = await Recorded(300);
        await using var store = machine.Store();
        var reader = new LogReader(store);
        var (root, tile, entries) = (await reader.RootAsync(300, Stop), machine.Read("log/tile/0/001.p/44"), machine.Read("log/tile/entries/001.p/44"));
        machine.Write("log/tile/0/001.p/44", tile[..^1]);
        await ShouldBeDamagedAsync(async () => await reader.RootAsync(300, Stop), "'tile/0/001.p/44' has 1407 bytes where 1408 are needed");
        await ShouldBeDamagedAsync(async () => await reader.TileOfAsync(TilePath.Of(0, 1, 44), Stop), "is missing or too short");
        machine.Delete("log/tile/0/001.p/44");
        await ShouldBeDamagedAsync(async () => await reader.RootAsync(300, Stop), "'tile/0/001.p/44' is missing");
        await ShouldBeDamagedAsync(async () => await reader.TileOfAsync(TilePath.Of(0, 1, 44), Stop), "is missing or too short");
        machine.Write("log/tile/0/001", [.. tile, .. new byte[32 * 212]]);
        (await reader.RootAsync(300, Stop)).ShouldBe(root);
        (await reader.TileOfAsync(TilePath.Of(0, 1, 44), Stop))[..tile.Length].ShouldBe(tile);

        machine.Write("log/tile/entries/001.p/44", entries[..^1]);
        await ShouldBeDamagedAsync(async () => await reader.EntryAsync(new(299), Stop), "'tile/entries/001.p/44' does not hold its entries");
        machine.Delete("log/tile/entries/001.p/44");
        await ShouldBeDamagedAsync(async () => await reader.EntryAsync(new(256), Stop), "'tile/entries/001.p/44' is missing");
        (await reader.EntryAsync(new(255), Stop)).Kind.ShouldBe("chat");
        machine.Write("log/tile/entries/001.p/44", [.. entries.AsSpan(0, 2), (byte)'x', .. entries.AsSpan(3)]);
        await ShouldBeDamagedAsync(async () => await reader.EntryAsync(new(256), Stop), "EX-00000256: ");
        await ShouldBeDamagedAsync(() => NumbersAsync(reader, 250, 10), "Run the verifier over the log");
    }
}
