using System.Diagnostics;
using System.Globalization;
using System.Text;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;

namespace Custos.Evidence.Tests;

/// <summary>The Go program of tests/interop, built once from Debian's packages, without a download.</summary>
public sealed class GoProgram : IDisposable
{
    const string Packages = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog";

    readonly string _folder = Directory.CreateTempSubdirectory("custos-interop-").FullName;
    readonly string? _missing;

    public GoProgram()
    {
        if (!Directory.Exists(Packages))
        {
            _missing = "golang-go and golang-golang-x-mod-dev are not installed";
            return;
        }

        try
        {
            var build = new ProcessStartInfo("go", ["build", "-o", Path.Combine(_folder, "verify"), Path.Combine(Checkout.Root, "tests", "interop", "verify.go")]) { RedirectStandardError = true };
            build.Environment["GO111MODULE"] = "off";
            build.Environment["GOPATH"] = "/usr/share/gocode";
            build.Environment["GOCACHE"] = Path.Combine(_folder, "cache");
            build.Environment["GOFLAGS"] = "";
            using var process = Process.Start(build)!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(0, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            _missing = "go is not installed";
        }
    }

    public void Need()
    {
        if (_missing is not null && Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required")
            Assert.Fail(_missing);
        Assert.SkipWhen(_missing is not null, _missing ?? "");
    }

    public async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(_folder, "verify"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

public class InteropTests(GoProgram go) : IClassFixture<GoProgram>
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string Write(Folder folder, string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    [Fact]
    public async Task Another_program_accepts_our_logs_at_every_size_and_how_they_grew()
    {
        go.Need();
        using var folder = new Folder();
        await using var log = await folder.OpenAsync();
        var published = Path.Combine(folder.Operation, "log");
        var vkey = TrustPolicy.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Operation, "policy"), Stop)).Logs[0].ToString();
        var chance = new Random(7);
        byte[]? older = null;
        long olderSize = 0;
        foreach (var size in (long[])[1, 2, 3, 7, 255, 256, 257, 1_000, 65_535, 65_536, 65_537, 70_000, 300_001, 1_000_000])
        {
            while (size > log.Size)
                await log.AppendAsync(Folder.Chats((int)Math.Min(50_000, size - log.Size), (int)log.Size), Stop);
            log.Size.ShouldBe(size);
            var (code, output) = await go.RunAsync("log", "-vkey", vkey, published);
            code.ShouldBe(0, output);
            output.Trim().ShouldBe($"{log.Origin} {size} {Convert.ToBase64String(log.Checkpoint.Root.ToArray())}");

            var index = chance.NextInt64(size);
            var proof = Write(folder, "proof", (await log.Reader.ProofAsync(new(index), Stop)).ToBytes());
            var entry = (await log.Reader.EntryAsync(new(index), Stop)).Bytes.ToArray();
            (code, output) = await go.RunAsync("proof", "-vkey", vkey, proof, Write(folder, "entry", entry));
            code.ShouldBe(0, output);
            output.Trim().ShouldBe(string.Create(CultureInfo.InvariantCulture, $"{log.Origin} {index} at {size}"));
            entry[30] ^= 1;
            (await go.RunAsync("proof", "-vkey", vkey, proof, Write(folder, "entry", entry))).Code.ShouldBe(1);

            var newer = log.SignedCheckpoint.ToBytes();
            if (older is not null)
            {
                var hashes = string.Concat((await log.Reader.ConsistencyAsync(olderSize, size, Stop)).Select(hash => Convert.ToBase64String(hash.ToArray()) + "\n"));
                (code, output) = await go.RunAsync("consistency", "-vkey", vkey, Write(folder, "older", older), Write(folder, "newer", newer), Write(folder, "hashes", Encoding.ASCII.GetBytes(hashes)));
                code.ShouldBe(0, output);
            }

            (older, olderSize) = (newer, size);
        }

        (await go.RunAsync("log", "-vkey", "unit.example/custos/op-lantern+9b587255+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", published)).Code.ShouldBe(1);
    }

    [Fact]
    public async Task Another_program_accepts_the_trees_written_out_of_PostgreSQL_at_every_size()
    {
        go.Need();
        using var folder = new Folder();
        await using var database = await Cluster.Current.DatabaseAsync();
        var tree = Path.Combine(folder.Path, "tree");
        var machine = new Machine { Database = database };
        var vkey = machine.Signer.Verifier.Key.ToString();
        await using var log = await machine.OpenAsync();
        await using var store = machine.Store();
        foreach (var size in (long[])[1, 2, 3, 7, 255, 256, 257, 1_000, 65_536, 65_537, 70_000, 300_001])
        {
            while (size > log.Size)
                await log.AppendAsync(Folder.Chats((int)Math.Min(50_000, size - log.Size), (int)log.Size), Stop);
            // Into the same folder each time: only what is new is written.
            await TreeCopy.WriteAsync(store, tree, cancellation: Stop);
            var (code, output) = await go.RunAsync("log", "-vkey", vkey, tree);
            code.ShouldBe(0, output);
            output.Trim().ShouldBe($"{log.Origin} {size} {Convert.ToBase64String(log.Checkpoint.Root.ToArray())}");
            if (size > 1_000)
                continue;
            await using var copy = DirectoryLogStore.At(tree)!;
            (await LogVerifier.VerifyAsync(copy, TrustPolicy.Of(machine.Signer.Verifier.Key), [machine.Signer.Verifier], cancellation: Stop)).Discrepancies.ShouldBeEmpty();
        }

        // Another log's folder is not written into.
        File.WriteAllBytes(Path.Combine(tree, "checkpoint"), SignedNote.Sign(new Checkpoint("unit.example/custos/op-other", 1, Merkle.EmptyRoot).ToText(), machine.Signer).ToBytes());
        (await Should.ThrowAsync<EvidenceLogException>(async () => await TreeCopy.WriteAsync(store, tree, cancellation: Stop))).Message.ShouldContain("Name another folder");
    }

    [Fact]
    public async Task Another_program_accepts_the_log_without_leaves()
    {
        go.Need();
        using var folder = new Folder();
        using var signer = new Ed25519Signer(Machine.Origin, Enumerable.Range(7, 32).Select(i => (byte)i).ToArray());
        Write(folder, "checkpoint", SignedNote.Sign(new Checkpoint(Machine.Origin, 0, Merkle.EmptyRoot).ToText(), signer).ToBytes());
        var (code, output) = await go.RunAsync("log", "-vkey", signer.Verifier.Key.ToString(), folder.Path);
        code.ShouldBe(0, output);
        await using var store = DirectoryLogStore.At(folder.Path)!;
        (await LogVerifier.VerifyAsync(store, TrustPolicy.Of(signer.Verifier.Key), [signer.Verifier], cancellation: Stop)).Verified.ShouldBeTrue();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(257)]
    public async Task Every_changed_bit_of_a_log_is_refused_by_both_programs(int size)
    {
        go.Need();
        using var folder = new Folder();
        await using (var log = await folder.OpenAsync())
            await log.AppendAsync(Folder.Chats(size - 1), Stop);
        var published = Path.Combine(folder.Operation, "log");
        var vkey = TrustPolicy.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Operation, "policy"), Stop)).Logs[0].ToString();
        if (size > 7)
        {
            // Too many bits to try them all: one in each file, and one in the middle of each.
            foreach (var file in Directory.GetFiles(published, "*", SearchOption.AllDirectories))
            {
                // Older partial tiles are read by our verifier only.
                if (file.Contains(".p/1", StringComparison.Ordinal) && !file.Contains("001.p", StringComparison.Ordinal) && !file.Contains("tile/1/", StringComparison.Ordinal))
                    continue;
                var bytes = await File.ReadAllBytesAsync(file, Stop);
                foreach (var at in (int[])[0, bytes.Length / 2])
                {
                    bytes[at] ^= 1;
                    await File.WriteAllBytesAsync(file, bytes, Stop);
                    (await go.RunAsync("log", "-vkey", vkey, published)).Code.ShouldBe(1, file);
                    (await LogFolder.Find(folder.Path, null)[0].VerifyAsync(null, null, false, TimeProvider.System, cancellation: Stop)).Verified.ShouldBeFalse(file);
                    bytes[at] ^= 1;
                }

                await File.WriteAllBytesAsync(file, bytes, Stop);
            }

            return;
        }

        var (code, output) = await go.RunAsync("flips", "-vkey", vkey, published);
        code.ShouldBe(0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[^1].ShouldEndWith("bits of 3 files");
        // Go's base64 lets the last bits of a group go: the same bytes, another text. Ours refuses that too (VerifyTests).
        var checkpoint = await File.ReadAllBytesAsync(Path.Combine(published, "checkpoint"), Stop);
        foreach (var line in lines.SkipLast(1))
        {
            var words = line.Split(' ');
            words[1].ShouldBe("checkpoint");
            var (at, bit) = (int.Parse(words[2], CultureInfo.InvariantCulture), int.Parse(words[3], CultureInfo.InvariantCulture));
            checkpoint[at + 1].ShouldBe((byte)'=', line);
            checkpoint[at] ^= (byte)(1 << bit);
            Should.Throw<FormatException>(() => SignedNote.Parse(checkpoint));
            checkpoint[at] ^= (byte)(1 << bit);
        }
    }

    [Fact]
    public async Task Notes_are_accepted_and_refused_as_another_program_does()
    {
        go.Need();
        using var folder = new Folder();
        using var known = new Ed25519Signer("a.example/log", Enumerable.Range(7, 32).Select(i => (byte)i).ToArray());
        using var unknown = new Ed25519Signer("b.example/log", Enumerable.Range(9, 32).Select(i => (byte)i).ToArray());
        var chance = new Random(20261203);
        var notes = new List<byte[]>();
        while (notes.Count < 3_000)
        {
            var note = SignedNote.Sign(Encoding.UTF8.GetBytes($"text {notes.Count}\n{(notes.Count % 3 == 0 ? "\n" : "")}more\n"), notes.Count % 5 == 0 ? unknown : known);
            if (notes.Count % 2 == 0)
                note = note.WithSignature(notes.Count % 4 == 0 ? unknown : known);
            var bytes = note.ToBytes();
            for (var change = chance.Next(3); change > 0; change--)
            {
                var at = chance.Next(bytes.Length);
                bytes = chance.Next(5) switch
                {
                    0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                    1 => [.. bytes[..at], (byte)"\n +\r\u00e2\u0080"[chance.Next(6)], .. bytes[at..]],
                    2 => bytes[..at],
                    3 => [.. bytes, .. bytes.AsSpan(Math.Max(0, bytes.AsSpan().LastIndexOf("\u2014 "u8)))],
                    _ => [.. bytes[..at], (byte)(bytes[at] ^ (1 << chance.Next(8))), .. bytes[(at + 1)..]],
                };
                if (bytes.Length == 0)
                    break;
            }

            notes.Add(bytes);
        }

        var file = Write(folder, "notes", Encoding.ASCII.GetBytes(string.Join('\n', notes.Select(Convert.ToBase64String)) + "\n"));
        var (code, output) = await go.RunAsync("notes", "-vkey", known.Verifier.Key.ToString(), file);
        code.ShouldBe(0, output);
        var theirs = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        theirs.Length.ShouldBe(notes.Count);
        var verdicts = new Dictionary<string, int>();
        var stricter = 0;
        for (var i = 0; i < notes.Count; i++)
        {
            string ours;
            try
            {
                ours = SignedNote.Parse(notes[i]).Open([known.Verifier]).Status switch
                {
                    NoteStatus.Verified => "ok",
                    NoteStatus.SignatureWrong => "invalid-signature",
                    _ => "unverified",
                };
            }
            catch (FormatException)
            {
                ours = "malformed";
            }

            verdicts[ours] = verdicts.GetValueOrDefault(ours) + 1;
            if (ours == "malformed" && theirs[i] is "ok" or "unverified" or "invalid-signature" && ours != theirs[i])
                stricter++;
            else
                ours.ShouldBe(theirs[i], Convert.ToBase64String(notes[i]));
        }

        verdicts.Count.ShouldBe(4);
        // Only base64 with loose last bits: six signatures in a hundred end in one that a changed bit can hit.
        stricter.ShouldBeLessThan(30);
    }

    [Fact]
    public async Task Another_program_opens_what_we_sealed_and_checks_what_a_witness_signed()
    {
        go.Need();
        using var folder = new Folder();
        var key = Enumerable.Range(3, 32).Select(i => (byte)i).ToArray();
        using var seal = new SealedContent(key);
        foreach (var length in (int[])[0, 5, 16_383, 16_384, 16_385, 40_000])
        {
            var plain = Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 26))).ToArray();
            var sealedBytes = seal.Seal(SealContext.Content(Machine.Origin, 1234), plain);
            var (code, output) = await go.RunAsync("open", "-key", Convert.ToHexStringLower(key), "-origin", Machine.Origin, "-leaf", "1234", Write(folder, "sealed", sealedBytes));
            code.ShouldBe(0, output);
            output.ShouldBe(Encoding.ASCII.GetString(plain));
            (await go.RunAsync("open", "-key", Convert.ToHexStringLower(key), "-origin", Machine.Origin, "-leaf", "1235", Write(folder, "sealed", sealedBytes))).Code.ShouldBe(1);
        }

        using var log = new Ed25519Signer(Machine.Origin, key);
        using var witness = new CosignatureSigner("witness.example/w1", key, TimeProvider.System);
        var note = SignedNote.Sign(new Checkpoint(Machine.Origin, 0, Merkle.EmptyRoot).ToText(), log).WithSignature(witness).ToBytes();
        (await go.RunAsync("cosignature", "-witness", witness.Verifier.Key.ToString(), Write(folder, "cosigned", note))).Code.ShouldBe(0);
        (await go.RunAsync("checkpoint", "-vkey", log.Verifier.Key.ToString(), Write(folder, "cosigned", note))).Code.ShouldBe(0);
        note[30] ^= 1;
        (await go.RunAsync("cosignature", "-witness", witness.Verifier.Key.ToString(), Write(folder, "cosigned", note))).Code.ShouldBe(1);
    }

    [Fact]
    public async Task Another_program_accepts_an_anchor_and_the_checkpoint_that_it_became()
    {
        go.Need();
        using var folder = new Folder();
        var machine = new Machine();
        using var witness = new TestWitness("w1", 0x40, machine.Signer.Verifier, machine.Time);
        machine.Company = TestWitness.Policy("any", witness);
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 300), Stop);
        await log.AnchorAsync(Stop);
        var (key, cosigner) = (machine.Signer.Verifier.Key.ToString(), witness.Verifier.Key.ToString());
        foreach (var note in (byte[][])[machine.Anchors.Read(301)!.Checkpoint!, machine.Read("log/checkpoint")!])
        {
            var path = Write(folder, "note", note);
            (await go.RunAsync("checkpoint", "-vkey", key, path)).ShouldBe((0, $"{Machine.Origin} 301 {Convert.ToBase64String(log.Checkpoint.Root.ToArray())}\n"));
            (await go.RunAsync("cosignature", "-witness", cosigner, path)).Code.ShouldBe(0);
        }

        // What the witness shows is the same to another program.
        (await go.RunAsync("cosignature", "-witness", cosigner, Write(folder, "note", witness.Witness.Checkpoint(WitnessClient.HashOf(Machine.Origin)).Body))).Code.ShouldBe(0);
        // A cosignature moved to another checkpoint is none.
        await log.AppendAsync(Machine.Message(301), Stop);
        var moved = log.SignedCheckpoint.WithSignature(SignedNote.Parse(machine.Anchors.Read(301)!.Checkpoint).Signatures[1]).ToBytes();
        (await go.RunAsync("cosignature", "-witness", cosigner, Write(folder, "note", moved))).Code.ShouldBe(1);
    }
}
