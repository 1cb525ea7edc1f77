using System.Text.Json;
using CsCheck;
using Custos.Fixtures;

namespace Custos.Evidence.Tests;

public class MerkleTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    // RFC 6962, section 2.1, word for word: the referee of the tiles.
    static Sha256Digest Mth(ReadOnlySpan<Sha256Digest> leaves)
    {
        if (leaves.Length == 0)
            return Merkle.EmptyRoot;
        if (leaves.Length == 1)
            return leaves[0];
        var k = 1;
        while (k * 2 < leaves.Length)
            k *= 2;
        return Merkle.Node(Mth(leaves[..k]), Mth(leaves[k..]));
    }

    static Sha256Digest[] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => Merkle.Leaf(BitConverter.GetBytes(i)))];

    static byte[] Bytes(Sha256Digest[] leaves) => [.. leaves.SelectMany(leaf => leaf.ToArray())];

    /// <summary>A log's tiles in memory, grown in pieces.</summary>
    sealed class Tiles : ILogStore
    {
        readonly Dictionary<TilePath, byte[]> _tiles = [];
        readonly TreeEdge _edge = new();
        byte[] _note = [];

        public string Place => "memory";

        public bool HasContent => false;

        public Sha256Digest Grow(Sha256Digest[] leaves)
        {
            using var hasher = new TreeHasher();
            var written = new List<TileWrite>();
            _edge.Append(Bytes(leaves), hasher, written);
            foreach (var tile in written)
                _tiles.Add(tile.Path, tile.Data.ToArray());
            var root = _edge.Root(hasher);
            _note = [.. new Checkpoint("memory", _edge.Size, root).ToText(), .. "\n\u2014 memory AAAAAAAA\n"u8];
            return root;
        }

        public ValueTask<byte[]?> ReadNoteAsync(CancellationToken cancellation) => new(_note);

        public ValueTask<byte[]?> ReadTileAsync(TilePath path, CancellationToken cancellation) =>
            new(_tiles.GetValueOrDefault(path) ?? _tiles.GetValueOrDefault(path with { Width = TilePath.FullWidth }));

        public ValueTask<StoredState?> OpenAsync(string origin, bool create, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask TrimAsync(long size, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask IntegrateAsync(LogBatch batch, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask PublishAsync(ReadOnlyMemory<byte> note, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask TidyAsync(long oldSize, long newSize, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<byte[]?> ReadContentAsync(long number, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask WritePartAsync(long opening, int part, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<byte[]?> ReadPartAsync(long opening, int part, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask ReplaceContentAsync(long number, ReadOnlyMemory<byte> bundle, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DeletePartsAsync(long opening, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<string?> ReadDeletingAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask WriteDeletingAsync(string? deletion, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask MarkRecordingAsync(long opening, bool underWay, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask AnnounceRecordingAsync(SourceId opening, bool announced, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<OpenRecordings> OpenRecordingsAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public IAsyncEnumerable<string> ListAsync(CancellationToken cancellation) => AsyncEnumerable.Empty<string>();

        public ValueTask DisposeAsync() => default;
    }

    [Fact]
    public void Every_prefix_of_a_log_has_the_root_of_the_recursive_definition()
    {
        var leaves = Leaves(1_100);
        Gen.Int[1, 300].Array[1, 12].Sample(
            pieces =>
            {
                var tiles = new Tiles();
                var size = 0;
                foreach (var piece in pieces)
                {
                    var take = Math.Min(piece, leaves.Length - size);
                    if (take == 0)
                        break;
                    tiles.Grow(leaves[size..(size + take)]).ShouldBe(Mth(leaves.AsSpan(0, size + take)));
                    size += take;
                }
            },
            iter: 60);
    }

    [Fact]
    public async Task Every_inclusion_and_consistency_proof_up_to_size_130_verifies_and_none_with_a_hash_index_or_size_changed()
    {
        const int Most = 130;
        var leaves = Leaves(Most);
        var tiles = new Tiles();
        tiles.Grow(leaves);
        var reader = new LogReader(tiles);
        var roots = Enumerable.Range(0, Most + 1).Select(size => Mth(leaves.AsSpan(0, size))).ToArray();
        for (var size = 1; size <= Most; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var proof = await reader.InclusionAsync(index, size, Stop);
                Merkle.VerifyInclusion(index, size, leaves[index], proof, roots[size]).ShouldBeTrue();
                Merkle.VerifyInclusion(index, size, leaves[(index + 1) % Most], proof, roots[size]).ShouldBeFalse();
                Merkle.VerifyInclusion(index, size, leaves[index], proof, roots[size - 1]).ShouldBeFalse();
                Merkle.VerifyInclusion(index, size, leaves[index], [.. proof, leaves[0]], roots[size]).ShouldBeFalse();
                if (index + 1 < size)
                    Merkle.VerifyInclusion(index + 1, size, leaves[index], proof, roots[size]).ShouldBeFalse();
                if (proof.Count > 0)
                    Merkle.VerifyInclusion(index, size, leaves[index], [.. proof.Skip(1)], roots[size]).ShouldBeFalse();
            }

            for (var old = 1; old <= size; old++)
            {
                var proof = await reader.ConsistencyAsync(old, size, Stop);
                Merkle.VerifyConsistency(old, size, proof, roots[old], roots[size]).ShouldBeTrue();
                Merkle.VerifyConsistency(old, size, [.. proof, leaves[0]], roots[old], roots[size]).ShouldBeFalse();
                Merkle.VerifyConsistency(old, size, proof, roots[old - 1], roots[size]).ShouldBeFalse();
                Merkle.VerifyConsistency(old, size, proof, roots[old], roots[size - 1]).ShouldBeFalse();
                for (var i = 0; i < proof.Count; i++)
                    Merkle.VerifyConsistency(old, size, [.. proof.Select((hash, at) => at == i ? leaves[i] : hash)], roots[old], roots[size]).ShouldBe(proof[i] == leaves[i]);
            }
        }
    }

    [Fact]
    public void A_size_of_70_000_has_the_tiles_that_the_specification_counts()
    {
        var tiles = new List<TileWrite>();
        using var hasher = new TreeHasher();
        new TreeEdge().Append(new byte[70_000 * 32], hasher, tiles);
        tiles.Count(tile => tile.Path is { Level: 0, Width: 256 }).ShouldBe(273);
        tiles.Select(tile => tile.Path.ToString()).ShouldContain("tile/0/273.p/112");
        tiles.Count(tile => tile.Path is { Level: 1, Width: 256 }).ShouldBe(1);
        tiles.Select(tile => tile.Path.ToString()).ShouldContain("tile/1/001.p/17");
        tiles.Select(tile => tile.Path.ToString()).ShouldContain("tile/2/000.p/1");
        tiles.Count.ShouldBe(273 + 1 + 1 + 1 + 1);
    }

    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(TilePath.Entries, 1000, 7, "tile/entries/x001/000.p/7")]
    [InlineData(63, 999, 255, "tile/63/999.p/255")]
    [InlineData(7, 1000, 1, "tile/7/x001/000.p/1")]
    [InlineData(10, 1_000_000, 10, "tile/10/x001/x000/000.p/10")]
    [InlineData(0, 9_223_372_036_854_774_999, 256, "tile/0/x009/x223/x372/x036/x854/x774/999")]
    public void Tile_paths_round_trip_to_the_documented_examples(int level, long number, int width, string path)
    {
        TilePath.Of(level, number, width).ToString().ShouldBe(path);
        TilePath.TryParse(path, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(TilePath.Of(level, number, width));
    }

    [Theory]
    [InlineData("tile/00/000")]
    [InlineData("tile//000")]
    [InlineData("tile/0")]
    [InlineData("tile/")]
    [InlineData("tile/0/")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/+1/000")]
    [InlineData("tile/000/000")]
    [InlineData("tile/Entries/000")]
    [InlineData("tiles/0/000")]
    [InlineData("tale/0/000")]
    [InlineData("TILE/0/000")]
    [InlineData("tile")]
    [InlineData("")]
    [InlineData("tile/0/00a")]
    [InlineData("tile/0/0a0")]
    [InlineData("tile/0/a00")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/000/")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/x001/")]
    [InlineData("tile/0/x001.067")]
    [InlineData("tile/0/x0010/067")]
    [InlineData("tile/0/x00/067")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p/-1")]
    [InlineData("tile/0/000.p/1/2")]
    [InlineData("tile/0/000.p/0001")]
    [InlineData("tile/0/.p/1")]
    [InlineData("tile/0/000p/1")]
    // The first number whose tile would not fit into what counts leaves, and the first that no number holds.
    [InlineData("tile/0/x009/x223/x372/x036/x854/x775/000")]
    [InlineData("tile/0/x009/x223/x372/x036/x854/x775/808")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/64/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/067")]
    [InlineData("tile/0/x001/x067")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/8/0/000")]
    [InlineData("tile/data/000")]
    [InlineData("checkpoint")]
    public void What_is_no_tile_path_is_refused(string path) => TilePath.TryParse(path, out _).ShouldBeFalse();

    [Theory]
    [InlineData(-2, 0, 1)]
    [InlineData(64, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, -1)]
    [InlineData(0, 0, 257)]
    public void There_is_no_tile_outside_its_ranges(int level, long number, int width) => Should.Throw<ArgumentOutOfRangeException>(() => TilePath.Of(level, number, width));

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 1, 0, 0)]
    [InlineData(256, 0, 0, 256)]
    [InlineData(256, 0, 1, 0)]
    [InlineData(256, 1, 0, 1)]
    [InlineData(257, 0, 1, 1)]
    [InlineData(70_000, 0, 273, 112)]
    [InlineData(70_000, TilePath.Entries, 273, 112)]
    [InlineData(70_000, 1, 1, 17)]
    [InlineData(70_000, 2, 0, 1)]
    [InlineData(70_000, 3, 0, 0)]
    [InlineData(1L << 56, 7, 0, 1)]
    [InlineData((1L << 56) - 1, 7, 0, 0)]
    [InlineData(long.MaxValue, 7, 0, 127)]
    [InlineData(long.MaxValue, 8, 0, 0)]
    [InlineData(long.MaxValue, 63, 0, 0)]
    [InlineData(long.MaxValue, 0, long.MaxValue >> 8, 255)]
    [InlineData(long.MaxValue, 0, (long.MaxValue >> 8) + 1, 0)]
    [InlineData(1, 0, long.MaxValue, 0)]
    [InlineData(70_000, 0, 1L << 56, 0)]
    public void A_tile_holds_what_the_size_of_the_tree_leaves_for_it(long size, int level, long number, int width) => TilePath.WidthAt(size, level, number).ShouldBe(width);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(255, 1, 255)]
    [InlineData(256, 2, 0)]
    [InlineData(65_535, 2, 255)]
    [InlineData(65_536, 3, 0)]
    [InlineData((1L << 56) - 1, 7, 255)]
    [InlineData(1L << 56, 8, 0)]
    [InlineData(long.MaxValue, 8, 255)]
    public void A_tree_has_as_many_levels_as_its_size_has_bytes(long size, int levels, int width)
    {
        TreeEdge.Levels(size).ShouldBe(levels);
        TreeEdge.EdgeWidth(size, 0).ShouldBe(width);
        for (var level = 0; level < 8; level++)
            TreeEdge.EdgeWidth(size, level).ShouldBe(BitConverter.GetBytes(size)[level]);
        TreeEdge.EdgeWidth(size, 8).ShouldBe(0);
    }

    [Fact]
    public void Any_number_round_trips() =>
        Gen.Long[0, long.MaxValue / 1_000_000].Sample(number => TilePath.TryParseNumber(TilePath.NumberPath(number), out var parsed) && parsed == number);

    [Fact]
    public async Task Roots_and_proofs_are_those_of_two_other_programs()
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        using var vectors = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Checkout.TestData, "vectors", "tlog", "rfc6962-reference.json"), Stop));
        var root = vectors.RootElement;
        var leaves = root.GetProperty("leafInputs").EnumerateArray().Select(leaf => Merkle.Leaf(Convert.FromHexString(leaf.GetString()!))).ToArray();
        var tiles = new Tiles();
        tiles.Grow(leaves);
        var reader = new LogReader(tiles);
        foreach (var entry in root.GetProperty("roots").EnumerateArray())
            (await reader.RootAsync(entry.GetProperty("size").GetInt64(), Stop)).ToString().ShouldBe(entry.GetProperty("root").GetString());
        var proofs = 0;
        foreach (var entry in root.GetProperty("inclusion").EnumerateArray())
        {
            var proof = await reader.InclusionAsync(entry.GetProperty("index").GetInt64(), entry.GetProperty("size").GetInt64(), Stop);
            proof.Select(hash => hash.ToString()).ShouldBe(entry.GetProperty("proof").EnumerateArray().Select(hash => hash.GetString()!));
            proofs++;
        }

        foreach (var entry in root.GetProperty("consistency").EnumerateArray())
        {
            var (from, to) = (entry.GetProperty("size1").GetInt64(), entry.GetProperty("size2").GetInt64());
            var proof = await reader.ConsistencyAsync(from, to, Stop);
            proof.Select(hash => hash.ToString()).ShouldBe(entry.GetProperty("proof").EnumerateArray().Select(hash => hash.GetString()!));
            proofs++;
        }

        proofs.ShouldBe(72);
    }

    [Fact]
    public async Task Proof_cases_of_another_project_are_accepted_and_refused_as_it_does()
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        using var vectors = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Checkout.TestData, "vectors", "tlog", "merkle-proof-cases.json"), Stop));
        var cases = 0;
        foreach (var entry in vectors.RootElement.GetProperty("inclusion").EnumerateArray())
        {
            var accepted = Hashes(entry, "proof") is { } proof && Hash(entry, "leafHash") is { } leaf && Hash(entry, "root") is { } root
                && Number(entry, "leafIdx") is { } index && Number(entry, "treeSize") is { } size && Merkle.VerifyInclusion(index, size, leaf, proof, root);
            accepted.ShouldBe(!entry.GetProperty("wantErr").GetBoolean(), entry.GetProperty("name").GetString());
            cases++;
        }

        foreach (var entry in vectors.RootElement.GetProperty("consistency").EnumerateArray())
        {
            var accepted = Hashes(entry, "proof") is { } proof && Hash(entry, "root1") is { } oldRoot && Hash(entry, "root2") is { } newRoot
                && Number(entry, "size1") is { } oldSize && Number(entry, "size2") is { } newSize && Merkle.VerifyConsistency(oldSize, newSize, proof, oldRoot, newRoot);
            accepted.ShouldBe(!entry.GetProperty("wantErr").GetBoolean(), entry.GetProperty("name").GetString());
            cases++;
        }

        cases.ShouldBe(196);
    }

    // What cannot even be a hash or a size is refused where it is read.
    // One case has roots of 12 bytes that are equal, and wants no more than that: their digests stand for them.
    static Sha256Digest? Hash(JsonElement entry, string name) => entry.GetProperty(name).GetString() is { } text && Base64Text.TryDecode(text, out var bytes) ? bytes.Length == 32 ? new Sha256Digest(bytes) : Sha256Digest.Of(bytes) : null;

    static long? Number(JsonElement entry, string name) => entry.GetProperty(name).TryGetInt64(out var number) ? number : null;

    static List<Sha256Digest>? Hashes(JsonElement entry, string name)
    {
        if (entry.GetProperty(name).ValueKind == JsonValueKind.Null)
            return [];
        var hashes = new List<Sha256Digest>();
        foreach (var hash in entry.GetProperty(name).EnumerateArray())
        {
            if (!Base64Text.TryDecode(hash.GetString()!, out var bytes) || bytes.Length != 32)
                return null;
            hashes.Add(new(bytes));
        }

        return hashes;
    }
}
