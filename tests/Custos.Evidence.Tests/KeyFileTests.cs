using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence.Tests;

/// <summary>The key files byte by byte, read here by code that shares nothing with what wrote them (evidence-spec, section 8).</summary>
public class KeyFileTests
{
    const string Keys = "/data/keys/";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<Machine> Recorded(int count)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, count), Stop);
        await using var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop);
        await recording.AddPartAsync(0, "part"u8.ToArray(), Stop);
        await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        return machine;
    }

    static byte[] Numbers(params object[] numbers)
    {
        var bytes = new List<byte>();
        foreach (var number in numbers)
        {
            var one = new byte[number is long ? 8 : 4];
            if (number is long large)
                BinaryPrimitives.WriteInt64BigEndian(one, large);
            else
                BinaryPrimitives.WriteInt32BigEndian(one, (int)number);
            bytes.AddRange(one);
        }

        return [.. bytes];
    }

    static byte[] Unwrap(ReadOnlySpan<byte> under, ReadOnlySpan<byte> wrapped, string purpose, byte[] tail)
    {
        using var aead = new AesGcm(under, 16);
        var key = new byte[32];
        aead.Decrypt(wrapped[..12], wrapped.Slice(12, 32), wrapped.Slice(44, 16), key, [.. Encoding.UTF8.GetBytes(purpose), 0, .. Encoding.UTF8.GetBytes(Machine.Origin), 0, .. tail]);
        return key;
    }

    [Fact]
    public async Task Content_opens_from_the_files_by_what_is_documented_of_them_alone()
    {
        var machine = await Recorded(300);
        var unit = Encoding.ASCII.GetString(machine.Disk.ReadAll(Keys + "unit.key")).TrimEnd('\n').Split(' ');
        (unit.Length, unit[0], unit[1].Length).ShouldBe((3, "custos/unitkey/v1", 8));
        var line = Encoding.ASCII.GetString(machine.Disk.ReadAll(Keys + "op-lantern.key")).TrimEnd('\n').Split(' ');
        (line.Length, line[0], line[1], line[2]).ShouldBe((4, "custos/opkey/v1", "1", unit[1]));
        var operation = Unwrap(Convert.FromBase64String(unit[2]), Convert.FromBase64String(line[3]), "custos/opkey/v1", Numbers(1));

        byte[] origin = SHA256.HashData(Encoding.UTF8.GetBytes(Machine.Origin));
        var ring = machine.Disk.ReadAll(Keys + "op-lantern.ring");
        ring.AsSpan(0, 64).ToArray().ShouldBe([.. "CUSTOSR1"u8, .. new byte[24], .. origin]);
        ring.Length.ShouldBe(64 + (2 * 96));
        // Bundle 1, its second record: exhibit 257, message 256.
        var slot = ring.AsSpan(64 + 96, 96).ToArray();
        (BinaryPrimitives.ReadInt32BigEndian(slot), BinaryPrimitives.ReadInt32BigEndian(slot.AsSpan(4))).ShouldBe((1, 1));
        slot.AsSpan(68).ToArray().ShouldBe(new byte[28]);
        var key = Unwrap(operation, slot.AsSpan(8, 60), "custos/ring/v1", Numbers(1L, 1, 1));
        var bundle = machine.Read("content/001");
        bundle.AsSpan(0, 64).ToArray().ShouldBe([.. "CUSTOSB1"u8, .. Numbers(1L, 1), .. new byte[12], .. origin]);
        var at = 64 + 21 + BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(64 + 17));
        bundle[at].ShouldBe((byte)1);
        bundle.AsSpan(at + 1, 16).ToArray().ShouldBe(SHA256.HashData(BitConverter.GetBytes(256))[..16]);
        using (var seal = new SealedContent(key))
        {
            byte[] context = [.. "custos/content/v1\0"u8, .. Encoding.UTF8.GetBytes(Machine.Origin), 0, .. Numbers(257L)];
            seal.Open(context, bundle.AsSpan(at + 21, BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(at + 17))), out var plain).ShouldBe(SealVerdict.Opened);
            Encoding.ASCII.GetString(plain.AsSpan(32)).ShouldBe("line 256");
            EntryText.Read(EntryBundle.Split(machine.Read("log/tile/entries/001.p/48"), 48, cut: false)![1].Span, out _, out _, out _, out _, out _, out var commitment).ShouldBeNull();
            commitment.ToArray().ShouldBe(SHA256.HashData(plain));
        }

        var recordings = machine.Disk.ReadAll(Keys + "op-lantern.recordings");
        recordings.AsSpan(0, 72).ToArray().ShouldBe([.. "CUSTOSR2"u8, .. new byte[24], .. origin, .. Numbers(301L)]);
        recordings.Length.ShouldBe(64 + 104);
        using var part = new SealedContent(Unwrap(operation, recordings.AsSpan(80, 60), "custos/recordings/v1", Numbers(301L, 1, 1)));
        byte[] place = [.. "custos/part/v1\0"u8, .. Encoding.UTF8.GetBytes(Machine.Origin), 0, .. Numbers(301L, 0)];
        part.Open(place, machine.Read("recordings/EX-00000301/000000"), out var bytes).ShouldBe(SealVerdict.Opened);
        Encoding.ASCII.GetString(bytes.AsSpan(32)).ShouldBe("part");
        // What stands for the part in the bundle: which recording, which part.
        var record = 64;
        for (var i = 256; i < 302; i++)
            record += 21 + BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(record + 17));
        bundle.AsSpan(record, 33)[21..].ToArray().ShouldBe(Numbers(301L, 0));
        bundle[record].ShouldBe((byte)2);
    }

    [Fact]
    public void A_key_folder_that_is_missing_or_that_others_may_enter_is_not_opened()
    {
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "keys");
        var missing = Should.Throw<EvidenceLogException>(() => KeyFolder.Open(path, create: false));
        (missing.Fault, missing.Message.Contains($"There is no key folder '{path}'", StringComparison.Ordinal), Directory.Exists(path)).ShouldBe((EvidenceFault.SignerMissing, true, false));
        KeyFolder.Open(path, create: true);
        KeyFolder.Open(path, create: false);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        var loose = Should.Throw<EvidenceLogException>(() => KeyFolder.Open(path, create: false));
        (loose.Fault, loose.Message.Contains($"chmod 700 '{path}'", StringComparison.Ordinal)).ShouldBe((EvidenceFault.StoreUnsafe, true));
    }

    [Fact]
    public async Task Whatever_is_written_among_the_keys_is_its_owners_alone_also_while_it_is_written()
    {
        var machine = new Machine { UseOutsideMark = true };
        CustodyPerson officer = new() { Id = "officer-7" }, second = new() { Id = "super-1" };
        await using (var log = await machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 300), Stop);
            await using (var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop))
            {
                await recording.AddPartAsync(0, "part"u8.ToArray(), Stop);
                await recording.CloseAsync(RecordingEnd.Stopped, Stop);
            }

            var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
            await log.RotateKeyAsync(new(officer, "yearly"), Stop);
            await log.RotateKeyAsync(new(officer, "a new unit key") { Under = FileUnitKey.Change(keys) }, Stop);
            await log.DeleteAsync(new() { Exhibits = [new(7), new(301)], Reason = "a bystander's words", Authority = new() { Ref = "ORDER-5" }, Actor = officer, SecondPerson = second }, Stop);
            await log.AppendAsync(Machine.Messages(300, 300), Stop);
            keys.WriteSigner("op-other", "a secret");
            keys.WriteDevice("a token\n");
            await log.CloseAsync(new() { Reason = "the trial is over", Authority = new() { Ref = "ORDER-9" }, Actor = officer, DestroyKey = true, SecondPerson = second }, Stop);
        }

        machine.Disk.Journal.Count(change => change.StartsWith("create " + Keys, StringComparison.Ordinal)).ShouldBeGreaterThan(10);
        machine.Disk.OpenToOthers.Where(path => (path + "/").StartsWith(Keys, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("custos/unitkey/v1 01020304")]
    [InlineData("custos/unitkey/v2 01020304 KEY")]
    [InlineData("custos/unitkey/v1 0102030 KEY")]
    [InlineData("custos/unitkey/v1 01020304 KEY more")]
    [InlineData("custos/unitkey/v1 01020304 SHORT")]
    [InlineData("custos/unitkey/v1 01020304 %")]
    [InlineData("custos/unitkey/v1 01020304 KEY\nsomething else")]
    [InlineData("something else\ncustos/unitkey/v1 01020304 KEY")]
    public void A_malformed_unit_key_is_refused_and_shows_no_key(string text)
    {
        var machine = new Machine();
        var keys = KeyFolder.Open("/data/keys", create: true, machine.Disk);
        var key = Convert.ToBase64String(new byte[32]);
        machine.Disk.Replace(Keys + "unit.key", Encoding.ASCII.GetBytes(text.Replace("KEY", key, StringComparison.Ordinal).Replace("SHORT", Convert.ToBase64String(new byte[31]), StringComparison.Ordinal)));
        var e = Should.Throw<EvidenceLogException>(() => FileUnitKey.Open(keys, create: true));
        (e.Fault, e.Message.Contains(key, StringComparison.Ordinal)).ShouldBe((EvidenceFault.LogDamaged, false));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n", "empty")]
    [InlineData("LINE\nLINE", "malformed")]
    [InlineData("LINE2\nLINE", "malformed")]
    [InlineData("something else", "malformed")]
    [InlineData("LINE more", "malformed")]
    [InlineData("LINE\ncustos/rotating/v1 %", "malformed")]
    [InlineData("custos/opkey/v1 -1 01020304 AAAA", "malformed")]
    [InlineData("custos/opkey/v1 1 01020304 %", "malformed")]
    [InlineData("custos/opkey-destroyed/v1 EX", "malformed")]
    public async Task A_malformed_operation_key_is_refused(string text, string says)
    {
        var machine = await Recorded(1);
        var line = Encoding.ASCII.GetString(machine.Disk.ReadAll(Keys + "op-lantern.key")).TrimEnd('\n');
        machine.Disk.Replace(Keys + "op-lantern.key", Encoding.ASCII.GetBytes(text.Replace("LINE2", line.Replace("v1 1 ", "v1 2 ", StringComparison.Ordinal), StringComparison.Ordinal).Replace("LINE", line, StringComparison.Ordinal)));
        var e = await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync());
        e.Fault.ShouldBe(EvidenceFault.LogDamaged);
        e.Message.ShouldContain(says);
    }

    [Fact]
    public async Task A_key_opens_in_its_own_place_only()
    {
        var machine = await Recorded(700);
        var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
        var unit = FileUnitKey.Open(keys, create: false);
        KeyVerdict Try(long bundle, uint generation)
        {
            using var ring = KeyRing.Open(keys, Machine.Origin, unit);
            return ring.TryKey(bundle, generation, out _);
        }

        KeyVerdict TryRecording(long opening)
        {
            using var ring = KeyRing.Open(keys, Machine.Origin, unit);
            return ring.TryRecordingKey(opening, out _);
        }

        (Try(0, 1), Try(2, 1), Try(3, 1), Try(0, 2), Try(0, 0)).ShouldBe((KeyVerdict.Opened, KeyVerdict.Opened, KeyVerdict.Missing, KeyVerdict.Wrong, KeyVerdict.Wrong));
        (TryRecording(701), TryRecording(700)).ShouldBe((KeyVerdict.Opened, KeyVerdict.Missing));
        var ring = machine.Disk.ReadAll(Keys + "op-lantern.ring");
        // Another bundle's slot; another generation, version, byte of the wrapping; nothing.
        foreach (var (change, verdict) in (IEnumerable<(Action<byte[]>, KeyVerdict)>)
            [
                (bytes => bytes.AsSpan(64 + 96, 96).CopyTo(bytes.AsSpan(64)), KeyVerdict.Wrong),
                (bytes => bytes[64 + 3] = 2, KeyVerdict.Wrong),
                (bytes => bytes[64 + 7] = 2, KeyVerdict.Wrong),
                (bytes => bytes[64 + 8] ^= 1, KeyVerdict.Wrong),
                (bytes => bytes[64 + 67] ^= 1, KeyVerdict.Wrong),
                (bytes => bytes.AsSpan(64, 96).Clear(), KeyVerdict.Missing),
                (bytes => bytes[0] ^= 1, KeyVerdict.Wrong),
                (bytes => bytes[63] ^= 1, KeyVerdict.Wrong),
            ])
        {
            byte[] changed = [.. ring];
            change(changed);
            machine.Disk.Replace(Keys + "op-lantern.ring", changed);
            Try(0, 1).ShouldBe(verdict);
        }

        machine.Disk.Replace(Keys + "op-lantern.ring", ring.AsSpan(0, 64 + 95));
        Try(0, 1).ShouldBe(KeyVerdict.Missing);
        machine.Disk.Replace(Keys + "op-lantern.ring", ring.AsSpan(0, 63));
        Try(0, 1).ShouldBe(KeyVerdict.Wrong);

        var recordings = machine.Disk.ReadAll(Keys + "op-lantern.recordings");
        foreach (var (at, value, verdict) in (IEnumerable<(int, byte, KeyVerdict)>)[(71, 0, KeyVerdict.Missing), (75, 0, KeyVerdict.Missing), (79, 2, KeyVerdict.Wrong), (90, (byte)(recordings[90] ^ 1), KeyVerdict.Wrong), (1, 0, KeyVerdict.Wrong)])
        {
            byte[] changed = [.. recordings];
            changed[at] = value;
            machine.Disk.Replace(Keys + "op-lantern.recordings", changed);
            TryRecording(701).ShouldBe(verdict, $"byte {at}");
        }

        machine.Disk.DeleteFile(Keys + "op-lantern.recordings");
        TryRecording(701).ShouldBe(KeyVerdict.Missing);
        // The same files under another operation's name open nothing.
        foreach (var extension in (string[])["key", "ring"])
            machine.Disk.WriteNew($"{Keys}op-other.{extension}", machine.Disk.ReadAll($"{Keys}op-lantern.{extension}"));
        Should.Throw<EvidenceLogException>(() => KeyRing.Open(keys, "unit.example/custos/op-other", unit)).Fault.ShouldBe(EvidenceFault.SignerMissing);
    }

    [Theory]
    [InlineData("custos/head/v1\nO\n4\nROOT\n", true)]
    [InlineData("custos/head/v2\nO\n4\nROOT\n", false)]
    [InlineData("custos/head/v1\nO\n4\nROOT", false)]
    [InlineData("custos/head/v1\nO\n4\nROOT\n\n", false)]
    [InlineData("custos/head/v1\nO\n04\nROOT\n", false)]
    [InlineData("custos/head/v1\nO\n-4\nROOT\n", false)]
    [InlineData("custos/head/v1\nO\n4\nAAAA\n", false)]
    [InlineData("custos/head/v1\nO\nROOT\n", false)]
    [InlineData("", false)]
    public void A_mark_has_one_form(string text, bool right)
    {
        var machine = new Machine();
        var root = Sha256Digest.Of("x"u8);
        machine.Disk.Replace("/data/mark", Encoding.ASCII.GetBytes(text.Replace("ROOT", Convert.ToBase64String(root.ToArray()), StringComparison.Ordinal)));
        if (right)
            LogMark.Read(machine.Disk, "/data/mark").ShouldBe(new LogMark("O", new(4, root)));
        else
            Should.Throw<EvidenceLogException>(() => LogMark.Read(machine.Disk, "/data/mark")).Fault.ShouldBe(EvidenceFault.LogDamaged);
        LogMark.Read(machine.Disk, "/data/none").ShouldBeNull();
        Encoding.ASCII.GetString(new LogMark("O", new(4, root)).ToBytes()).ShouldBe($"custos/head/v1\nO\n4\n{Convert.ToBase64String(root.ToArray())}\n");
    }

    [Fact]
    public void The_unit_keys_file_is_never_an_operations_and_neither_it_nor_a_token_nor_a_signing_key_is_written_over()
    {
        var machine = new Machine();
        var keys = KeyFolder.Open("/data/keys", create: true, machine.Disk);
        var unit = FileUnitKey.Open(keys, create: true);
        // The unit's own log, whose slug is the name of that file.
        KeyRing.Create(keys, "unit.example/custos/unit", unit);
        machine.Disk.Files("/data/keys").Order(StringComparer.Ordinal).ShouldBe(["unit.key", "unit.log.key", "unit.ring"]);
        FileUnitKey.Open(keys, create: true).Id.ShouldBe(unit.Id);
        KeyRing.Open(keys, "unit.example/custos/unit", unit).Dispose();

        keys.WriteDevice("first");
        Should.Throw<EvidenceLogException>(() => keys.WriteDevice("second")).Fault.ShouldBe(EvidenceFault.KeyDevice);
        keys.ReadDevice().ShouldBe("first");
        keys.WriteSigner("op-lantern", "first");
        Should.Throw<EvidenceLogException>(() => keys.WriteSigner("op-lantern", "second")).Fault.ShouldBe(EvidenceFault.ForkRefused);
        keys.ReadSigner("op-lantern").ShouldBe("first");
    }

    [Fact]
    public async Task A_unit_key_under_which_one_version_of_an_operation_still_stands_is_not_retired()
    {
        var machine = await Recorded(1);
        var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
        var old = FileUnitKey.Open(keys, create: false);
        var next = FileUnitKey.Change(keys);
        var line = Encoding.ASCII.GetString(machine.Disk.ReadAll(Keys + "op-lantern.key"));
        machine.Disk.Replace(Keys + "op-lantern.key", Encoding.ASCII.GetBytes(line + line.Replace($"v1 1 {old.Id}", $"v1 2 {next.Id}", StringComparison.Ordinal)));
        keys.UnitKeyIds().ShouldHaveSingleItem().Ids.ShouldBe([old.Id, next.Id]);
        keys.KeyVersions("op-lantern").ShouldBe([1u, 2u]);
        FileUnitKey.Retire(keys).ShouldBe(["op-lantern"]);
        FileUnitKey.Open(keys, create: false).Replaces.ShouldBe(old.Id);
    }

    [Fact]
    public async Task No_two_keys_are_wrapped_with_one_nonce()
    {
        var machine = await Recorded(1_500);
        var ring = machine.Disk.ReadAll(Keys + "op-lantern.ring");
        var nonces = Enumerable.Range(0, (ring.Length - 64) / 96).Select(slot => Convert.ToHexString(ring.AsSpan(64 + (96 * slot) + 8, 12))).ToList();
        nonces.Add(Convert.ToHexString(machine.Disk.ReadAll(Keys + "op-lantern.recordings").AsSpan(80, 12)));
        nonces.Add(Convert.ToHexString(Convert.FromBase64String(Encoding.ASCII.GetString(machine.Disk.ReadAll(Keys + "op-lantern.key")).TrimEnd('\n').Split(' ')[3]).AsSpan(0, 12)));
        nonces.Count.ShouldBe(8);
        nonces.ShouldBeUnique();
    }
}
