using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Evidence.Tests;

public class NoteTests
{
    const string Foo = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static byte[] Seq(int count, int from = 0) => [.. Enumerable.Range(from, count).Select(i => (byte)(i & 255))];

    static async Task<JsonDocument> Vectors()
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        return JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Checkout.TestData, "vectors", "tlog", "signed-note.json"), Stop));
    }

    [Fact]
    public async Task Notes_are_accepted_and_refused_as_the_reference_does()
    {
        using var vectors = await Vectors();
        var seen = 0;
        foreach (var entry in vectors.RootElement.GetProperty("notes").EnumerateArray())
        {
            var name = entry.GetProperty("name").GetString()!;
            var bytes = entry.TryGetProperty("note", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!) : Convert.FromBase64String(entry.GetProperty("noteBase64").GetString()!);
            string verdict;
            try
            {
                verdict = SignedNote.Parse(bytes).Open([new Ed25519Verifier(VerifierKey.Parse(entry.GetProperty("knownKey").GetString()!))]).Status switch
                {
                    NoteStatus.Verified => "ok",
                    NoteStatus.NoKnownSignature => "unverified",
                    _ => "invalid-signature",
                };
            }
            catch (FormatException e)
            {
                e.Message.ShouldContain("line ");
                verdict = "malformed";
            }

            verdict.ShouldBe(entry.GetProperty("expect").GetString(), name);
            seen++;
        }

        seen.ShouldBe(18);
    }

    [Fact]
    public async Task Verifier_keys_and_checkpoints_are_accepted_and_refused_as_the_reference_does()
    {
        using var vectors = await Vectors();
        foreach (var entry in vectors.RootElement.GetProperty("verifierKeys").EnumerateArray())
            Accepts(() => VerifierKey.Parse(entry.GetProperty("vkey").GetString()!)).ShouldBe(entry.GetProperty("accept").GetBoolean(), entry.GetProperty("origin").GetString());
        foreach (var entry in vectors.RootElement.GetProperty("checkpointParse").EnumerateArray())
            Accepts(() => Checkpoint.Parse(Encoding.UTF8.GetBytes(entry.GetProperty("text").GetString()!))).ShouldBe(entry.GetProperty("accept").GetBoolean(), entry.GetProperty("name").GetString());
        var signer = vectors.RootElement.GetProperty("signer");
        SignedNote.Sign(Encoding.UTF8.GetBytes(signer.GetProperty("text").GetString()!), Ed25519Signer.Parse(signer.GetProperty("signerKey").GetString()!)).ToBytes()
            .ShouldBe(Encoding.UTF8.GetBytes(signer.GetProperty("expectedNote").GetString()!));
        var message = vectors.RootElement.GetProperty("cosignatureMessage");
        var signed = message.GetProperty("signedMessage").GetString()!;
        CosignatureVerifier.Message(Encoding.UTF8.GetBytes(signed[(signed.IndexOf("\ntime", StringComparison.Ordinal) + 17)..]), message.GetProperty("time").GetInt64()).ShouldBe(Encoding.UTF8.GetBytes(signed));
    }

    static bool Accepts(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [Fact]
    public void The_published_vectors_of_the_log_key_come_out_byte_for_byte()
    {
        const string Origin = Machine.Origin;
        using var signer = new Ed25519Signer(Origin, Seq(32));
        signer.Verifier.Key.ToString().ShouldBe("unit.example/custos/op-lantern+9b587255+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
        var empty = SignedNote.Sign(new Checkpoint(Origin, 0, Merkle.EmptyRoot).ToText(), signer);
        Encoding.UTF8.GetString(empty.ToBytes()).ShouldBe(
            $"{Origin}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 {Origin} m1hyVZK4dJKnlOqdK+QcsKvEjt/mxIAy9qtnm+NBnXqbOGnXoQkUUpc3qfMOV5wVXa33TIJGd/mhaSMsUb6NmC0k1gk=\n");
        var one = SignedNote.Sign(new Checkpoint(Origin, 1, Sha256Digest.Parse("1855c77d40cacefdd8ef9a04a437388461104807430122770e8bd560f9cfcc6d")).ToText(), signer);
        SignedNote.Line(one.Signatures[0]).ShouldEndWith("m1hyVZYplQP8qpRj8cic8P+g/4dn1er0x/NDG4vJ+fSHr7evnguv234q5gzK/PAKeQnHfDKul+f9TUWAiZH+mDpaiw8=");
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1764770709));
        using var witness = new CosignatureSigner("witness.example/w1", Seq(32, 0x80), time);
        witness.Verifier.Key.ToString().ShouldBe("witness.example/w1+9f274363+BM0Us3+VbpUxlP9/tzs9gdzFYdYadTgJS3w+GmQ+5fOq");
        SignedNote.Line(one.WithSignature(witness).Signatures[1]).ShouldEndWith("nydDYwAAAABpMEOVaz9Ra+MPw5BhH0/iIVrG3NlBrE19V0m/JlyI5yhjfob3Zn466AbAFRl2LbHGzNCeER8WjZhmlAd3kokw7uEGBw==");
    }

    [Fact]
    public void The_entry_of_the_published_vector_is_written_and_read_as_it_stands()
    {
        var commitment = Sha256Digest.Of([.. Seq(32), .. "hello"u8]);
        commitment.ToString().ShouldBe("e301c3733305cb982100a8c44467524d44e892e4fe2f59296e38c78bdf940b47");
        var entry = LogEntry.Create("chat", new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero).AddTicks(1_234_567), "irc-1", [], 5, commitment);
        Encoding.ASCII.GetString(entry.Bytes.Span).ShouldBe("""{"v":1,"kind":"chat","at":"2026-12-03T14:05:09.123456Z","actor":"irc-1","size":5,"sha256":"e301c3733305cb982100a8c44467524d44e892e4fe2f59296e38c78bdf940b47"}""");
        Merkle.Leaf(entry.Bytes.Span).ToString().ShouldBe("1855c77d40cacefdd8ef9a04a437388461104807430122770e8bd560f9cfcc6d");
        var read = LogEntry.Parse(entry.Bytes.Span);
        (read.Kind, read.RecordedAt, read.Actor, read.Size, read.Commitment).ShouldBe((entry.Kind, entry.RecordedAt, entry.Actor, entry.Size, entry.Commitment));
    }

    [Theory]
    [InlineData("{\"kind\":\"chat\",\"v\":1", "version 1")]
    [InlineData("{\"v\": 1,\"kind\":\"chat\"", "version 1")]
    [InlineData("{\"v\":1,\"kind\":\"Chat\"", "kind")]
    [InlineData("{\"v\":1,\"kind\":\"ch\\u0061t\"", "kind")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"actor\":\"a\"", "time")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09Z\"", "time")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09.123456Z\",\"actor\":\"A\"", "actor")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09.123456Z\",\"actor\":\"a\",\"about\":[2,1]", "ascending")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09.123456Z\",\"actor\":\"a\",\"about\":[]", "ascending")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09.123456Z\",\"actor\":\"a\",\"size\":05", "size")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09.123456Z\",\"actor\":\"a\",\"size\":5,\"sha256\":\"E301c3733305cb982100a8c44467524d44e892e4fe2f59296e38c78bdf940b47\"}", "lower-case")]
    [InlineData("{\"v\":1,\"kind\":\"chat\",\"at\":\"2026-12-03T14:05:09.123456Z\",\"actor\":\"a\",\"size\":5,\"sha256\":\"e301c3733305cb982100a8c44467524d44e892e4fe2f59296e38c78bdf940b47\",\"x\":1}", "follows")]
    public void An_entry_in_another_form_is_refused_with_where_it_departs(string entry, string where)
    {
        LogEntry.TryParse(Encoding.ASCII.GetBytes(entry), out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => LogEntry.Parse(Encoding.ASCII.GetBytes(entry))).Message.ShouldContain(where);
    }

    [Fact]
    public void An_unknown_signature_changes_nothing_and_a_wrong_known_one_refuses_the_note()
    {
        using var known = new Ed25519Signer("a.example", Seq(32));
        using var unknown = new Ed25519Signer("b.example", Seq(32, 9));
        var note = SignedNote.Sign("text\n"u8, unknown);
        note.Open([known.Verifier]).Status.ShouldBe(NoteStatus.NoKnownSignature);
        note.WithSignature(known).Open([known.Verifier]).Status.ShouldBe(NoteStatus.Verified);
        var wrong = new NoteSignature("b.example", unknown.Verifier.Key.Id, new byte[64]);
        note.WithSignature(known).WithSignature(wrong).Open([known.Verifier]).Status.ShouldBe(NoteStatus.Verified);
        // The second line of one key counts no more, so it cannot spoil the first either: as the reference does.
        note.WithSignature(known).WithSignature(wrong).Open([known.Verifier, unknown.Verifier]).SignedBy.Count.ShouldBe(2);
        SignedNote.Sign("text\n"u8, known).WithSignature(wrong).Open([known.Verifier, unknown.Verifier]).Status.ShouldBe(NoteStatus.SignatureWrong);
    }

    [Fact]
    public void A_checkpoint_ends_in_a_line_feed()
    {
        var text = Encoding.ASCII.GetString(new Checkpoint("o.example/a", 1, Sha256Digest.Of("x"u8)).ToText());
        Checkpoint.Parse(Encoding.ASCII.GetBytes(text)).Size.ShouldBe(1);
        foreach (var wrong in (string[])["", "\n", "\n\n", text[..^1], text + "x"])
            Should.Throw<FormatException>(() => Checkpoint.Parse(Encoding.ASCII.GetBytes(wrong)));
    }

    [Fact]
    public void A_proofs_lines_are_named_as_they_are_and_in_their_order()
    {
        using var signer = new Ed25519Signer("o.example/a", Seq(32));
        var note = Encoding.UTF8.GetString(SignedNote.Sign(new Checkpoint("o.example/a", 2, Sha256Digest.Of("x"u8)).ToText(), signer).ToBytes());
        var hash = Convert.ToBase64String(new byte[32]);
        byte[] Proof(string head) => Encoding.UTF8.GetBytes(head + "\n\n" + note);
        var right = TlogProof.Parse(Proof($"c2sp.org/tlog-proof@v1\nindex 1\n{hash}"));
        (right.Index, right.Hashes.Count).ShouldBe((1, 1));
        TlogProof.Parse(Proof($"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n{hash}")).Hashes.ShouldBe([new Sha256Digest(new byte[32])]);
        foreach (var head in (string[])[$"c2sp.org/tlog-proof@v1\nIndex 1\n{hash}", $"c2sp.org/tlog-proof@v1\n1\n{hash}", $"c2sp.org/tlog-proof@v1\n123456 1\n{hash}", $"c2sp.org/tlog-proof@v1\nindex 1\nextra AAAA\n{hash}", $"c2sp.org/tlog-proof@v1\n{hash}\nindex 1"])
            Should.Throw<FormatException>(() => TlogProof.Parse(Proof(head)));
    }

    [Fact]
    public void A_note_has_at_most_a_million_bytes()
    {
        using var signer = new Ed25519Signer("a.example", Seq(32));
        var line = SignedNote.Sign("\n"u8, signer).ToBytes().Length - 1;
        byte[] Note(int length) => SignedNote.Of([.. Enumerable.Repeat((byte)'a', length - line - 1), (byte)'\n'], SignedNote.Sign("\n"u8, signer).Signatures).ToBytes();
        Note(SignedNote.MaxBytes).Length.ShouldBe(SignedNote.MaxBytes);
        SignedNote.Parse(Note(SignedNote.MaxBytes)).Signatures.Count.ShouldBe(1);
        Should.Throw<FormatException>(() => SignedNote.Parse(Note(SignedNote.MaxBytes + 1))).Message.ShouldContain("1000001 bytes");
    }

    [Fact]
    public void A_note_with_101_signatures_is_refused_and_one_with_100_is_read()
    {
        using var signer = new Ed25519Signer("a.example", Seq(32));
        var note = SignedNote.Sign("text\n"u8, signer);
        while (note.Signatures.Count < 100)
            note = note.WithSignature(note.Signatures[0]);
        SignedNote.Parse(note.ToBytes()).Signatures.Count.ShouldBe(100);
        Should.Throw<FormatException>(() => SignedNote.Parse(note.WithSignature(note.Signatures[0]).ToBytes())).Message.ShouldContain("line 103");
    }

    [Theory]
    [InlineData("text\n\n\u2014 a+b AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 a b AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 a AAAA AAAA\n")]
    [InlineData("text\n\n\u2014  AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 a\u2003b AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 a AAAAAA==\n")]
    [InlineData("text\n\n")]
    [InlineData("")]
    [InlineData("text\r\n\n\u2014 a AAAAAAAA\n")]
    [InlineData("te\0xt\n\n\u2014 a AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 a AAAAAAAA")]
    [InlineData("text\n\u2014 a AAAAAAAA\n")]
    [InlineData("text\n\n- a AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 a AAAAAAAA\nmore\n")]
    public void A_malformed_note_is_refused(string note) => Should.Throw<FormatException>(() => SignedNote.Parse(Encoding.UTF8.GetBytes(note)));

    [Fact]
    public void A_key_with_a_wrong_id_is_told_the_right_one() =>
        Should.Throw<FormatException>(() => VerifierKey.Parse(Foo.Replace("530d903a", "530d903b", StringComparison.Ordinal))).Message.ShouldContain("530d903a");

    [Theory]
    [InlineData("log KEY\nquorum none\n", true)]
    [InlineData("# only a comment\nlog KEY https://log.example.org/\n\nquorum none", true)]
    [InlineData("log KEY\n", false)]
    [InlineData("log KEY\nquorum none\nquorum none\n", false)]
    [InlineData("log KEY\nlog KEY\nquorum none\n", false)]
    [InlineData("log KEY\nquorum w1\n", false)]
    [InlineData("log KEY\ngroup g all w1\nquorum none\n", false)]
    [InlineData("log KEY\nwitness w1 W1\ngroup g 2 w1\nquorum g\n", false)]
    [InlineData("log KEY\nwitness w1 W1\ngroup g 1 w1\nquorum g\n", true)]
    [InlineData("watch KEY\nquorum none\n", false)]
    public void A_policy_is_read_or_refused_by_line(string text, bool accepted)
    {
        var policy = text.Replace("KEY", Foo, StringComparison.Ordinal).Replace("W1", "witness.example/w1+9f274363+BM0Us3+VbpUxlP9/tzs9gdzFYdYadTgJS3w+GmQ+5fOq", StringComparison.Ordinal);
        Accepts(() => TrustPolicy.Parse(policy)).ShouldBe(accepted);
    }

    [Fact]
    public void A_quorum_counts_witnesses_and_not_what_only_looks_like_one()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1764770709));
        using var log = new Ed25519Signer(Machine.Origin, Seq(32, 3));
        using var first = new CosignatureSigner("witness.example/w1", Seq(32, 0x80), time);
        using var second = new CosignatureSigner("witness.example/w2", Seq(32, 0x60), time);
        var policy = TrustPolicy.Parse($"log {log.Verifier.Key}\nwitness w1 {first.Verifier.Key}\nwitness w2 {second.Verifier.Key}\ngroup both all w1 w2\nquorum both\n");
        INoteVerifier[] verifiers = [log.Verifier, first.Verifier, second.Verifier];
        var note = SignedNote.Sign(new Checkpoint(Machine.Origin, 0, Merkle.EmptyRoot).ToText(), log);
        policy.Judge(note.WithSignature(first), verifiers).QuorumReached.ShouldBeFalse();
        policy.Judge(note.WithSignature(first).WithSignature(second), verifiers).QuorumReached.ShouldBeTrue();
        // Time 0; a time far ahead; another checkpoint.
        policy.Judge(note.WithSignature(first).WithSignature(new NoteSignature(second.Name, second.Verifier.Key.Id, new byte[72])), verifiers).Missing.ShouldBe(["w2"]);
        time.Advance(TimeSpan.FromHours(1));
        var ahead = note.WithSignature(first).WithSignature(second);
        time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(1764770709).AddHours(2));
        policy.Judge(ahead, verifiers).QuorumReached.ShouldBeTrue();
        var other = SignedNote.Sign(new Checkpoint(Machine.Origin, 1, Merkle.EmptyRoot).ToText(), second);
        policy.Judge(note.WithSignature(first).WithSignature(other.Signatures[0]), verifiers).QuorumReached.ShouldBeFalse();
    }

    [Theory]
    [InlineData("size-1")]
    [InlineData("size-257")]
    [InlineData("size-70000")]
    public async Task Sample_logs_of_another_program_verify_and_every_changed_bit_is_refused(string name)
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        using var folder = new Folder();
        var logs = Path.Combine(Checkout.TestData, "vectors", "tlog", "logs");
        var copy = Path.Combine(folder.Path, name);
        if (File.Exists(Path.Combine(logs, name + ".zip")))
        {
            await ZipFile.ExtractToDirectoryAsync(Path.Combine(logs, name + ".zip"), folder.Path, Stop);
            copy = Path.GetDirectoryName(Directory.GetFiles(folder.Path, "checkpoint", SearchOption.AllDirectories).Single())!;
        }
        else
        {
            foreach (var file in Directory.GetFiles(Path.Combine(logs, name), "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(Path.Combine(logs, name), file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        var policy = Path.Combine(folder.Path, "trusted");
        await File.WriteAllTextAsync(policy, $"log {(await File.ReadAllTextAsync(Path.Combine(copy, "vkey"), Stop)).Trim()}\nwitness w {(await File.ReadAllTextAsync(Path.Combine(copy, "witness.vkey"), Stop)).Trim()}\nquorum w\n", Stop);
        Task<Verification> Verify() => new LogFolder(name, copy).VerifyAsync(policy, null, otherEntries: true, TimeProvider.System, cancellation: Stop);
        (await Verify()).Discrepancies.ShouldBeEmpty();

        var proof = TlogProof.Parse(await File.ReadAllBytesAsync(Path.Combine(copy, "leaf.tlog-proof"), Stop));
        var leaf = await File.ReadAllBytesAsync(Path.Combine(copy, "leaf"), Stop);
        proof.Proves(leaf).ShouldBeTrue();
        leaf[^1] ^= 1;
        proof.Proves(leaf).ShouldBeFalse();
        proof.ToBytes().ShouldBe(await File.ReadAllBytesAsync(Path.Combine(copy, "leaf.tlog-proof"), Stop));
        // Of the large log a bit of every fortieth file; of the small ones every bit of the checkpoint and of short tiles, a bit of some bytes of long ones.
        // With CUSTOS_EVERY_BIT=1 every bit of the small logs is changed in turn: 300,000 verifications, some minutes.
        var (large, all) = (name == "size-70000", Environment.GetEnvironmentVariable("CUSTOS_EVERY_BIT") == "1");
        var files = Directory.GetFiles(copy, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) == "checkpoint" || Path.GetRelativePath(copy, file).StartsWith("tile", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        foreach (var file in large ? files.Where((_, i) => i % 40 == 0) : files)
        {
            var bytes = await File.ReadAllBytesAsync(file, Stop);
            var step = large ? 8 * bytes.Length : all || bytes.Length <= 400 ? 1 : bytes.Length > 4_096 ? 8_171 : 299;
            for (var bit = 0; bit < 8 * bytes.Length; bit += step)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                await File.WriteAllBytesAsync(file, bytes, Stop);
                bool verified;
                try
                {
                    verified = (await Verify()).Verified;
                }
                catch (FormatException)
                {
                    verified = false;
                }

                verified.ShouldBeFalse($"{Path.GetRelativePath(copy, file)}, bit {bit}");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            await File.WriteAllBytesAsync(file, bytes, Stop);
        }
    }
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task From_its_seed_a_sample_log_comes_out_byte_for_byte(int which)
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        using var folder = new Folder();
        var root = Path.Combine(Checkout.TestData, "vectors", "tlog");
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(root, "index.json"), Stop));
        var (told, witness) = (index.RootElement.GetProperty("logs")[which], index.RootElement.GetProperty("witness"));
        var there = Path.Combine(root, told.GetProperty("path").GetString()!);
        if (there.EndsWith(".zip", StringComparison.Ordinal))
        {
            await ZipFile.ExtractToDirectoryAsync(there, folder.Path, Stop);
            there = Path.GetDirectoryName(Directory.GetFiles(folder.Path, "checkpoint", SearchOption.AllDirectories).Single())!;
        }

        var (origin, size, old) = (told.GetProperty("origin").GetString()!, told.GetProperty("size").GetInt32(), told.GetProperty("oldSize").GetInt32());
        using var signer = new Ed25519Signer(origin, Convert.FromHexString(told.GetProperty("testOnlySeedHex").GetString()!));
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(witness.GetProperty("cosignatureTimeUnix").GetInt64()));
        using var cosigner = new CosignatureSigner(witness.GetProperty("name").GetString()!, Convert.FromHexString(witness.GetProperty("testOnlySeedHex").GetString()!), clock);
        var brief = told.GetProperty("entryRule").GetString()!.StartsWith("{\"seq\":<i>}", StringComparison.Ordinal);
        byte[] Entry(int i) => Encoding.UTF8.GetBytes(brief
            ? $$"""{"seq":{{i}}}"""
            : $$"""{"seq":{{i}},"kind":"sample","commitment":"{{Sha256Digest.Of(Encoding.ASCII.GetBytes($"custos sample {i}"))}}"}""");

        var made = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var hasher = new TreeHasher();
        var (edge, tiles) = (new TreeEdge(), new List<TileWrite>());
        edge.Append(Enumerable.Range(0, size).SelectMany(i => Merkle.Leaf(Entry(i)).ToArray()).ToArray(), hasher, tiles);
        foreach (var tile in tiles)
            made.Add(tile.Path.ToString(), tile.Data.ToArray());
        foreach (var bundle in Enumerable.Range(0, size).Chunk(256))
        {
            using var bytes = new MemoryStream();
            foreach (var entry in bundle.Select(Entry))
                bytes.Write([(byte)(entry.Length >> 8), (byte)entry.Length, .. entry]);
            made.Add(TilePath.Of(TilePath.Entries, bundle[0] >> 8, bundle.Length).ToString(), bytes.ToArray());
        }

        made.Add("checkpoint", SignedNote.Sign(new Checkpoint(origin, size, edge.Root(hasher)).ToText(), signer).WithSignature(cosigner).ToBytes());
        made.Add("vkey", Encoding.ASCII.GetBytes(signer.Verifier.Key + "\n"));
        made.Add("witness.vkey", Encoding.ASCII.GetBytes(cosigner.Verifier.Key + "\n"));
        await using var store = DirectoryLogStore.At(there)!;
        var reader = new LogReader(store);
        var chosen = told.GetProperty("chosenIndex").GetInt32();
        static byte[] Lines(IReadOnlyList<Sha256Digest> hashes) => Encoding.ASCII.GetBytes(string.Concat(hashes.Select(hash => Convert.ToBase64String(hash.ToArray()) + "\n")));
        made.Add("leaf", Entry(chosen));
        made.Add("inclusion", Lines(await reader.InclusionAsync(chosen, size, Stop)));
        made.Add("consistency", old == size ? [] : Lines(await reader.ConsistencyAsync(old, size, Stop)));
        made.Add("leaf.tlog-proof", (await reader.ProofAsync(new(chosen), Stop)).ToBytes());

        foreach (var file in Directory.GetFiles(there, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(there, file);
            // The index is a number in words, and the older checkpoint needs the older tree.
            if (name is not ("index" or "old.checkpoint"))
                made.GetValueOrDefault(name).ShouldBe(await File.ReadAllBytesAsync(file, Stop), name);
        }
    }

    [Theory]
    [InlineData("o.example/a\n1\n{0}", false)]
    [InlineData("o.example/a\n1\n{0}\nextension\n", true)]
    [InlineData("o.example/a\n1\n{0}\nextension\n\n", false)]
    [InlineData("o.example/a\n1\n{0}\n\nextension\n", false)]
    [InlineData("\n1\n{0}\n", false)]
    [InlineData("o.example/a\n1\n", false)]
    public void A_checkpoint_may_have_lines_behind_its_three_and_none_of_them_empty(string text, bool reads)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Replace("{0}", Convert.ToBase64String(Merkle.EmptyRoot.ToArray()), StringComparison.Ordinal));
        if (reads)
            Checkpoint.Parse(bytes).Size.ShouldBe(1);
        else
            Should.Throw<FormatException>(() => Checkpoint.Parse(bytes)).Message.ShouldContain("checkpoint");
    }

    [Theory]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\n\n", true)]
    [InlineData("c2sp.org/tlog-proof@v1\nextra aGk=\nindex 0\n\n", true)]
    [InlineData("c2sp.org/tlog-proof@v1\nextra a\nindex 0\n\n", false)]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\naGk=\n\n", false)]
    [InlineData("c2sp.org/tlog-proof@v1\nindx 0\n\n", false)]
    [InlineData("c2sp.org/tlog-proof@v1\nextra aGk=\n\n", false)]
    [InlineData("c2sp.org/tlog-proof@v1\n\n", false)]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 0\n\n", false)]
    public void A_proof_has_a_header_perhaps_an_extra_line_and_an_index(string head, bool reads)
    {
        using var signer = new Ed25519Signer(Machine.Origin, Seq(32));
        byte[] bytes = [.. Encoding.UTF8.GetBytes(head), .. SignedNote.Sign(new Checkpoint(Machine.Origin, 1, Merkle.EmptyRoot).ToText(), signer).ToBytes()];
        if (reads)
            TlogProof.Parse(bytes).Index.ShouldBe(0);
        else
            Should.Throw<FormatException>(() => TlogProof.Parse(bytes)).Message.Length.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_proof_has_at_most_63_hashes()
    {
        using var signer = new Ed25519Signer(Machine.Origin, Seq(32));
        var note = SignedNote.Sign(new Checkpoint(Machine.Origin, 1, Merkle.EmptyRoot).ToText(), signer).ToBytes();
        byte[] Of(int hashes) => [.. Encoding.UTF8.GetBytes("c2sp.org/tlog-proof@v1\nindex 0\n" + string.Concat(Enumerable.Repeat(Convert.ToBase64String(Merkle.EmptyRoot.ToArray()) + "\n", hashes)) + "\n"), .. note];
        TlogProof.Parse(Of(63)).Index.ShouldBe(0);
        Should.Throw<FormatException>(() => TlogProof.Parse(Of(64)));
    }

    [Fact]
    public void A_key_of_another_length_is_refused_and_two_sealings_of_one_text_differ()
    {
        Should.Throw<ArgumentException>(() => new SealedContent(Seq(31)));
        using var seal = new SealedContent(Seq(32));
        seal.Seal([1], [2]).ShouldNotBe(seal.Seal([1], [2]));
    }

    [Fact]
    public void A_number_with_a_NUL_behind_it_is_no_number()
    {
        Checkpoint.TrySize("7", out _).ShouldBeTrue();
        Checkpoint.TrySize("7\0", out _).ShouldBeFalse();
        ExhibitNumber.TryParse("EX-00000007\0", out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => TlogProof.Parse("c2sp.org/tlog-proof@v1\nindex 7\0\n\n"u8));
        AddCheckpointRequest.TryParse("old 7\0\n\n"u8, out _, out var wrong).ShouldBeFalse();
        wrong.ShouldContain("does not begin with the line 'old <size>'");
    }
}
