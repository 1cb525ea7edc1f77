using System.Text;
using CsCheck;

namespace Custos.Evidence.Tests;

public class SealTests
{
    static byte[] Seq(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i & 255))];

    static byte[] Context => SealContext.Content(Machine.Origin, 1234);

    [Theory]
    [InlineData(0, 72, "1c806c4fdadf056139ab48c9c4df2d696879fb31992eca82c0a334db8e0ff04d")]
    [InlineData(5, 77, "61b4a66575554cc10480c48910addd0a33b04406fce565f61f0b88dd9552006d")]
    [InlineData(16384, 16472, "7d5a80b2c658675f7f9cf0105d74dc59c2afaf36d4e0ee20506eea32da6277f3")]
    [InlineData(20000, 20088, "b49ec4a0ff8160f5da19b296a44c1dc3136a8075459a717fb06996396ed49b07")]
    public void The_published_vectors_come_out_byte_for_byte(int length, int sealedLength, string hash)
    {
        using var seal = new SealedContent(Seq(32));
        var output = new byte[SealedContent.SealedLength(length)];
        // In two pieces, as the log seals salt and content.
        seal.Seal(Seq(24), Context, Seq(length).AsSpan(0, Math.Min(32, length)), Seq(length).AsSpan(Math.Min(32, length)), output);
        output.Length.ShouldBe(sealedLength);
        Convert.ToHexStringLower(output.AsSpan(24, 32)).ShouldBe("b94934b407c3835f4df7f893d2bfecbf25a33d2285ed5b715f9019dca7458b58");
        Sha256Digest.Of(output).ToString().ShouldBe(hash);
        seal.Open(Context, output, out var plain).ShouldBe(SealVerdict.Opened);
        plain.ShouldBe(Seq(length));
    }

    [Fact]
    public void Any_length_opens_again_and_any_two_pieces_seal_as_one()
    {
        (from length in Gen.Int[0, 70_000] from cut in Gen.Int[0, 70_000] select (length, Math.Min(cut, length))).Sample(
            sizes =>
            {
                // One for each sample: it belongs to one thread, and samples are drawn on several.
                using var seal = new SealedContent(Seq(32));
                var (length, cut) = sizes;
                var plain = Seq(length);
                var output = new byte[SealedContent.SealedLength(length)];
                seal.Seal(Seq(24), Context, plain.AsSpan(0, cut), plain.AsSpan(cut), output);
                SealedContent.PlaintextLength(output.Length).ShouldBe(length);
                seal.Open(Context, output, out var opened).ShouldBe(SealVerdict.Opened);
                opened.ShouldBe(plain);
            },
            iter: 60);
    }

    [Fact]
    public void Content_opens_only_in_its_own_slot_operation_and_part_and_with_its_own_key()
    {
        using var seal = new SealedContent(Seq(32));
        var output = seal.Seal(Context, "hello"u8);
        seal.Open(SealContext.Content(Machine.Origin, 1235), output, out _).ShouldBe(SealVerdict.OtherKey);
        seal.Open(SealContext.Content("unit.example/custos/op-other", 1234), output, out _).ShouldBe(SealVerdict.OtherKey);
        seal.Open(SealContext.Part(Machine.Origin, 1234, 0), output, out _).ShouldBe(SealVerdict.OtherKey);
        using var other = new SealedContent(Seq(64).AsSpan(32));
        other.Open(Context, output, out var plain).ShouldBe(SealVerdict.OtherKey);
        plain.ShouldBeEmpty();
    }

    [Fact]
    public void Every_changed_bit_is_noticed()
    {
        using var seal = new SealedContent(Seq(32));
        var output = seal.Seal(Context, "hello"u8);
        for (var bit = 0; bit < output.Length * 8; bit++)
        {
            output[bit / 8] ^= (byte)(1 << (bit % 8));
            seal.Open(Context, output, out var plain).ShouldNotBe(SealVerdict.Opened);
            plain.ShouldBeEmpty();
            output[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Content_cut_at_a_chunk_border_is_truncated_and_not_shorter()
    {
        using var seal = new SealedContent(Seq(32));
        var output = seal.Seal(Context, Seq(40_000));
        const int Chunk = SealedContent.ChunkBytes + 16;
        foreach (var length in (int[])[0, 55, 56, 71, 56 + Chunk, 56 + (2 * Chunk), 56 + Chunk + 15])
            seal.Open(Context, output.AsSpan(0, length), out _).ShouldBe(SealVerdict.Truncated, $"{length} bytes");
        // The last chunk missing but for an empty one, the first chunk doubled, two chunks swapped.
        seal.Open(Context, output.AsSpan(0, 56 + Chunk + 16), out _).ShouldBe(SealVerdict.Changed);
        seal.Open(Context, [.. output[..(56 + Chunk)], .. output[56..]], out _).ShouldBe(SealVerdict.Changed);
        seal.Open(Context, [.. output[..56], .. output[(56 + Chunk)..(56 + (2 * Chunk))], .. output[56..(56 + Chunk)], .. output[(56 + (2 * Chunk))..]], out var plain).ShouldBe(SealVerdict.Changed);
        plain.ShouldBeEmpty();
    }

    [Fact]
    public async Task Equal_content_gives_different_commitments_and_ciphertexts()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        var answers = await log.AppendAsync(new NewExhibit[] { new("chat", "a", "same"u8.ToArray()), new("chat", "a", "same"u8.ToArray()) }, TestContext.Current.CancellationToken);
        answers[0].Entry.Commitment.ShouldNotBe(answers[1].Entry.Commitment);
        var bundle = machine.Disk.ReadAll(Machine.Folder + "/content/000");
        var records = new List<ContentRecord>();
        ContentBundle.Scan(bundle, Machine.Origin, 0, 3, records, out _).ShouldBeNull();
        bundle.AsSpan(records[1].Offset, records[1].Length).SequenceEqual(bundle.AsSpan(records[2].Offset, records[2].Length)).ShouldBeFalse();
    }

    [Fact]
    public async Task No_file_outside_the_key_folder_holds_content_or_a_key()
    {
        var machine = new Machine();
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(new NewExhibit("chat", "a", "a sentence to look for"u8.ToArray()), TestContext.Current.CancellationToken);
        var keys = machine.Disk.Files("/data/keys").Where(name => name.EndsWith(".key", StringComparison.Ordinal)).Select(name => Encoding.UTF8.GetString(machine.Disk.ReadAll("/data/keys/" + name)).Trim().Split(' ')[^1]).ToList();
        keys.Count.ShouldBe(2);
        var pending = new Stack<string>([Machine.Folder]);
        while (pending.TryPop(out var folder))
        {
            foreach (var name in machine.Disk.Files(folder))
            {
                var bytes = machine.Disk.ReadAll($"{folder}/{name}");
                bytes.AsSpan().IndexOf("sentence"u8).ShouldBe(-1, name);
                foreach (var key in keys)
                {
                    bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(key)).ShouldBe(-1, name);
                    bytes.AsSpan().IndexOf(Convert.FromBase64String(key)).ShouldBe(-1, name);
                }
            }

            foreach (var name in machine.Disk.Directories(folder))
                pending.Push($"{folder}/{name}");
        }
    }
}
