using System.Net;
using System.Net.Sockets;
using System.Text;
using Custos.Evidence.Ed25519;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Evidence.Tests;

public sealed class WitnessTests : IDisposable
{
    const string Origin = Machine.Origin;

    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero));
    readonly Ed25519Signer _log = new(Origin, Seed(7));
    readonly CosignatureSigner _key;
    readonly MemoryDisk _disk = new();
    Witness _witness;

    public WitnessTests()
    {
        _key = new("witness.example/w1", Seed(0x40), _time);
        _disk.CreateDirectory("/witness", true);
        _disk.FlushDirectory("");
        _witness = Open();
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static byte[] Seed(byte first) => [.. Enumerable.Range(first, 32).Select(i => (byte)i)];

    Witness Open(MemoryDisk? disk = null) => Witness.Open(KeyFolder.Open("/witness", create: false, disk ?? _disk), _key, [_log.Verifier]);

    void Restart()
    {
        _witness.Dispose();
        _disk.Restart();
        _witness = Open();
    }

    /// <summary>Two logs of one key: the same beginning, another entry at 5.</summary>
    static Sha256Digest[] Leaves(int count, bool other = false) => [.. Enumerable.Range(0, count).Select(i => Merkle.Leaf(Encoding.ASCII.GetBytes(other && i == 5 ? "another" : $"entry {i}")))];

    static Sha256Digest Root(ReadOnlySpan<Sha256Digest> leaves)
    {
        if (leaves.Length < 2)
            return leaves.Length == 0 ? Merkle.EmptyRoot : leaves[0];
        var split = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)leaves.Length) / 2;
        return Merkle.Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    // RFC 6962, section 2.1.2, as it is written there.
    static List<Sha256Digest> Subproof(int m, ReadOnlySpan<Sha256Digest> leaves, bool whole)
    {
        if (m == leaves.Length)
            return whole ? [] : [Root(leaves)];
        var k = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)leaves.Length) / 2;
        return m <= k ? [.. Subproof(m, leaves[..k], whole), Root(leaves[k..])] : [.. Subproof(m - k, leaves[k..], false), Root(leaves[..k])];
    }

    SignedNote Note(int size, bool other = false, INoteSigner? signer = null, string origin = Origin) =>
        SignedNote.Sign(new Checkpoint(origin, size, Root(Leaves(size, other))).ToText(), signer ?? _log);

    byte[] Body(int old, int size, bool other = false) =>
        new AddCheckpointRequest(old, old > 0 && old < size ? Subproof(old, Leaves(size, other), true) : [], Note(size, other), new("", 0, default)).ToBytes();

    Task<WitnessAnswer> Ask(byte[] body) => _witness.AddCheckpointAsync(body, Stop);

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    static string Said(WitnessAnswer answer) => Encoding.UTF8.GetString(answer.Body);

    void ShouldCosign(WitnessAnswer answer, SignedNote note)
    {
        answer.Status.ShouldBe(200, Said(answer));
        var signed = SignedNote.Parse([.. note.ToBytes(), .. answer.Body]);
        signed.Open([_key.Verifier]).Status.ShouldBe(NoteStatus.Verified);
    }

    [Fact]
    public async Task The_witness_answers_400_403_404_409_422_and_200_as_the_table_says()
    {
        foreach (var malformed in (string[])["", "old 0\n", "old 07\n\n", "old -1\n\n", "older 0\n\n", "old 0\nnot base64\n\n", "old 0\n" + string.Concat(Enumerable.Repeat(Convert.ToBase64String(new byte[32]) + "\n", 64)) + "\n", "old 0\n\nno note"])
            (await Ask([.. Text(malformed), .. malformed.EndsWith("\n\n", StringComparison.Ordinal) && malformed != "old 0\n" ? Note(3).ToBytes() : []])).Status.ShouldBe(400, malformed);
        (await Ask(new byte[1_000_001])).Status.ShouldBe(400);
        (await Ask([.. "old 0\n\n"u8, .. SignedNote.Sign("unit.example/custos/op-lantern\n007\nAAAA\n"u8, _log).ToBytes()])).Status.ShouldBe(400);

        using var stranger = new Ed25519Signer("unit.example/custos/op-other", Seed(90));
        (await Ask([.. "old 0\n\n"u8, .. Note(3, signer: stranger, origin: stranger.Name).ToBytes()])).Status.ShouldBe(404);
        (await Ask([.. "old 0\n\n"u8, .. Note(3, signer: stranger).ToBytes()])).Status.ShouldBe(403);
        var wrong = Note(3).ToBytes();
        wrong[^8] = wrong[^8] == 'A' ? (byte)'B' : (byte)'A';
        (await Ask([.. "old 0\n\n"u8, .. wrong])).Status.ShouldBe(403);

        (await Ask(Body(4, 3))).Status.ShouldBe(400);
        var recorded = await Ask(Body(2, 3));
        (recorded.Status, recorded.ContentType, Said(recorded)).ShouldBe((409, "text/x.tlog.size", "0\n"));
        (await Ask([.. Text($"old 0\n{Convert.ToBase64String(new byte[32])}\n\n"), .. Note(3).ToBytes()])).Status.ShouldBe(422);
        (await Ask([.. "old 0\n\n"u8, .. SignedNote.Sign(new Checkpoint(Origin, 0, Root(Leaves(1))).ToText(), _log).ToBytes()])).Status.ShouldBe(422);

        ShouldCosign(await Ask(Body(0, 0)), Note(0));
        ShouldCosign(await Ask(Body(0, 3)), Note(3));
        ShouldCosign(await Ask(Body(3, 3)), Note(3));
        (await Ask([.. Text($"old 3\n{Convert.ToBase64String(new byte[32])}\n\n"), .. Note(3).ToBytes()])).Status.ShouldBe(422);
        (await Ask([.. "old 3\n\n"u8, .. Note(7).ToBytes()])).Status.ShouldBe(422);
        ShouldCosign(await Ask(Body(3, 7)), Note(7));
        var again = await Ask(Body(3, 9));
        (again.Status, again.ContentType, Said(again)).ShouldBe((409, "text/x.tlog.size", "7\n"));
    }

    [Theory]
    [InlineData(409, "text/x.tlog.size", "6\n")]
    [InlineData(409, "text/plain", "no\n")]
    [InlineData(422, "text/plain", "no\n")]
    public async Task A_witness_that_saw_another_root_of_our_size_is_no_answer_that_counts(int status, string type, string body)
    {
        var machine = new Machine();
        using var witness = new TestWitness("w1", 0x10, machine.Signer.Verifier, machine.Time);
        machine.Company = TestWitness.Policy("any", witness);
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Machine.Messages(0, 5), Stop);
        machine.Company = TestWitness.Policy("any", witness);
        witness.Instead = (request, _) => Task.FromResult(request.Method == HttpMethod.Get ? TestWitness.Answer(404, "text/plain", []) : TestWitness.Answer(status, type, Encoding.UTF8.GetBytes(body)));
        var refused = await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync());
        refused.Fault.ShouldBe(EvidenceFault.WitnessesMissing);
        refused.Message.ShouldContain($"does not continue what it saw, and shows nothing that we signed ({status})");

        // What it shows is the proof: our own signature over another root.
        var other = SignedNote.Sign(new Checkpoint(Machine.Origin, 6, new Sha256Digest(new byte[32])).ToText(), machine.Signer).ToBytes();
        witness.Instead = (request, _) => Task.FromResult(request.Method == HttpMethod.Get ? TestWitness.Answer(200, "text/plain", other) : TestWitness.Answer(status, type, Encoding.UTF8.GetBytes(body)));
        (await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync())).Fault.ShouldBe(EvidenceFault.ForkRefused);
    }

    [Fact]
    public async Task The_witness_never_cosigns_two_histories()
    {
        ShouldCosign(await Ask(Body(0, 7)), Note(7));
        // The same size with another root; a larger tree that does not continue; the other history from before they part.
        var conflict = await Ask(Body(7, 7, other: true));
        (conflict.Status, conflict.ContentType).ShouldBe((409, "text/plain; charset=utf-8"));
        (await Ask([.. Text($"old 7\n{Convert.ToBase64String(new byte[32])}\n\n"), .. Note(7, other: true).ToBytes()])).Status.ShouldBe(422);
        (await Ask(Body(7, 12, other: true))).Status.ShouldBe(422);
        (await Ask(Body(5, 12, other: true))).Status.ShouldBe(409);
        (await Ask(Body(0, 12, other: true))).Status.ShouldBe(409);
        Restart();
        for (var old = 0; old <= 12; old++)
        {
            for (var size = old; size <= 12; size++)
                (await Ask(Body(old, size, other: true))).Status.ShouldBeOneOf(409, 422);
        }

        ShouldCosign(await Ask(Body(7, 12)), Note(12));
    }

    [Fact]
    public async Task Two_racing_submissions_never_roll_a_witness_back()
    {
        ShouldCosign(await Ask(Body(0, 4)), Note(4));
        for (var round = 4; round < 60; round += 4)
        {
            var start = new TaskCompletionSource();
            var racing = Enumerable.Range(1, 4).Select(async ahead =>
            {
                await start.Task;
                await Task.Yield();
                return await Ask(Body(round, round + ahead));
            }).ToList();
            start.SetResult();
            var answers = await Task.WhenAll(racing);
            answers.Count(answer => answer.Status == 200).ShouldBe(1);
            answers.Count(answer => answer.Status == 409).ShouldBe(3);
            var won = round + 1 + Array.FindIndex(answers, answer => answer.Status == 200);
            Checkpoint.Parse(SignedNote.Parse(_witness.Checkpoint(WitnessClient.HashOf(Origin)).Body).Text).Size.ShouldBe(won);
            if (won < round + 4)
                ShouldCosign(await Ask(Body(won, round + 4)), Note(round + 4));
        }
    }

    [Fact]
    public async Task Whatever_disk_operation_fails_no_cosignature_leaves_that_is_not_kept_and_the_next_start_knows()
    {
        foreach (var fault in Enum.GetValues<Fault>())
        {
            for (var k = 1; ; k++)
            {
                var disk = new MemoryDisk();
                disk.CreateDirectory("/witness", true);
                disk.FlushDirectory("");
                long answered = 0;
                using (var first = Open(disk))
                {
                    (await first.AddCheckpointAsync(Body(0, 4), Stop)).Status.ShouldBe(200);
                    answered = 4;
                    (disk.Fault, disk.FailAt) = (fault, disk.Changes + k);
                    try
                    {
                        (await first.AddCheckpointAsync(Body(4, 7), Stop)).Status.ShouldBe(200);
                        answered = 7;
                    }
                    catch (EvidenceLogException e)
                    {
                        e.Message.ShouldContain("No cosignature was given");
                        // It stops for good: what it would say next could contradict what is on the disk.
                        await Should.ThrowAsync<EvidenceLogException>(() => first.AddCheckpointAsync(Body(4, 9), Stop));
                    }
                }

                disk.Restart();
                using var second = Open(disk);
                second.Logs[0].Size.ShouldBeGreaterThanOrEqualTo(answered);
                second.Logs[0].Size.ShouldBeOneOf(4, 7);
                // Once persisted it answers 409 with the new size, and goes on from there.
                var stale = await second.AddCheckpointAsync(Body(3, 9), Stop);
                Said(stale).ShouldBe($"{second.Logs[0].Size}\n");
                (await second.AddCheckpointAsync(Body((int)second.Logs[0].Size, 9), Stop)).Status.ShouldBe(200);
                if (answered == 7)
                {
                    k.ShouldBeGreaterThan(4);
                    break;
                }
            }
        }
    }

    [Fact]
    public async Task What_was_cosigned_last_is_shown_with_the_logs_signature_and_ours()
    {
        _witness.Checkpoint(WitnessClient.HashOf(Origin)).Status.ShouldBe(404);
        _witness.Checkpoint(WitnessClient.HashOf("unit.example/custos/op-other")).Status.ShouldBe(404);
        _witness.Checkpoint("../op").Status.ShouldBe(404);
        var note = Note(3).WithSignature(new NoteSignature("someone.example", 7, new byte[64]));
        (await Ask([.. "old 0\n\n"u8, .. note.ToBytes()])).Status.ShouldBe(200);
        Restart();
        var shown = _witness.Checkpoint(WitnessClient.HashOf(Origin));
        (shown.Status, shown.ContentType).ShouldBe((200, "text/plain; charset=utf-8"));
        var read = SignedNote.Parse(shown.Body);
        read.Open([_log.Verifier]).Status.ShouldBe(NoteStatus.Verified);
        read.Open([_key.Verifier]).Status.ShouldBe(NoteStatus.Verified);
        read.Signatures.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_changed_state_or_one_of_another_witness_is_refused_and_never_taken_for_nothing()
    {
        ShouldCosign(await Ask(Body(0, 3)), Note(3));
        _witness.Dispose();
        var path = "/witness/" + WitnessClient.HashOf(Origin);
        var bytes = _disk.ReadAll(path);
        foreach (var changed in (byte[][])[[], bytes[..^3], Note(3).ToBytes(), [.. bytes.Select(b => b == (byte)'3' ? (byte)'4' : b)]])
        {
            _disk.Replace(path, changed);
            Should.Throw<EvidenceLogException>(() => Open()).Message.ShouldContain("never remove it");
        }

        _disk.Replace(path, bytes);
        _witness = Open();
        _witness.Logs.ShouldBe([(Origin, 3L)]);
    }

    [Fact]
    public void Two_processes_cannot_serve_one_witness() =>
        Should.Throw<EvidenceLogException>(() => Open()).Fault.ShouldBe(EvidenceFault.LockHeld);

    [Fact]
    public async Task A_second_writer_past_the_lock_is_stopped_by_the_exchange()
    {
        _disk.ForgetLocks();
        using var second = Open();
        ShouldCosign(await Ask(Body(0, 3)), Note(3));
        var stopped = await Should.ThrowAsync<EvidenceLogException>(() => second.AddCheckpointAsync(Body(0, 7, other: true), Stop));
        stopped.Fault.ShouldBe(EvidenceFault.HeadMoved);
        Checkpoint.Parse(SignedNote.Parse(_disk.ReadAll("/witness/" + WitnessClient.HashOf(Origin))).Text).Size.ShouldBe(3);
    }

    [Fact]
    public async Task What_asks_witnesses_and_authorities_follows_no_redirect_and_sends_no_cookie_back()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = new List<string>();
        var serving = Task.Run(
            async () =>
            {
                for (var i = 0; i < 2; i++)
                {
                    using var client = await listener.AcceptTcpClientAsync(Stop);
                    await using var stream = client.GetStream();
                    using var reader = new StreamReader(stream);
                    for (string? line; (line = await reader.ReadLineAsync(Stop)) is { Length: > 0 };)
                        asked.Add(line);
                    await stream.WriteAsync("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), Stop);
                }
            },
            Stop);
        using var http = WitnessClient.NewHttp();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/here");
            using var response = await http.SendAsync(request, Stop);
            ((int)response.StatusCode).ShouldBe(302);
        }

        await serving;
        asked.Where(line => line.StartsWith("GET ", StringComparison.Ordinal)).ShouldBe(["GET /here HTTP/1.1", "GET /here HTTP/1.1"]);
        asked.ShouldNotContain(line => line.StartsWith("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_witnesses_key_round_trips_in_its_secret_form_and_a_logs_key_is_not_one()
    {
        using var read = CosignatureSigner.Parse(_key.ToSecretText(), _time);
        read.Verifier.Key.ShouldBe(_key.Verifier.Key);
        Should.Throw<FormatException>(() => CosignatureSigner.Parse(_log.ToSecretText(), _time)).Message.ShouldNotContain(Convert.ToBase64String(Seed(7)));
        Should.Throw<FormatException>(() => Ed25519Signer.Parse(_key.ToSecretText()));
    }

    public void Dispose()
    {
        _witness.Dispose();
        _log.Dispose();
        _key.Dispose();
    }
}
