using System.Text;

namespace Custos.Evidence.Tests;

public sealed class AnchorTests : IDisposable
{
    readonly Machine _machine = new();
    readonly TestWitness _one, _two;

    public AnchorTests()
    {
        _one = new("w1", 0x40, _machine.Signer.Verifier, _machine.Time);
        _two = new("w2", 0x60, _machine.Signer.Verifier, _machine.Time);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The whole verifier, with what the policy asks of the witnesses.</summary>
    async Task<Verification> VerifyAsync(string rule = "any", ITimestampVerifier? stamps = null)
    {
        await using var store = _machine.Store();
        return await LogVerifier.VerifyAsync(
            store,
            TestWitness.PolicyOf(_machine.Signer.Verifier, rule, _one, _two),
            [_machine.Signer.Verifier, _one.Verifier, _two.Verifier],
            new() { Anchors = _machine.Anchors, Timestamps = stamps },
            cancellation: Stop);
    }

    /// <summary>Lets the clock go on until something has happened. The work between two looks is the log's own.</summary>
    async Task UntilAsync(Func<bool> happened, TimeSpan step)
    {
        while (!happened())
        {
            _machine.Time.Advance(step);
            await Task.Yield();
            Stop.ThrowIfCancellationRequested();
        }
    }

    static NoteSignature[] Lines(EvidenceLog log) => [.. log.SignedCheckpoint.Signatures];

    async Task RecordAsync(int from = 0, int count = 5)
    {
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(from, count), Stop);
    }

    [Fact]
    public async Task A_checkpoint_that_witnesses_saw_is_kept_published_and_never_changed()
    {
        _machine.Company = TestWitness.Policy("all", _one, _two);
        await using (var log = await _machine.OpenAsync())
        {
            await log.AppendAsync(Machine.Messages(0, 5), Stop);
            var anchor = await log.AnchorAsync(Stop);
            anchor.CosignedBy.Order().ShouldBe(["w1", "w2"]);
            (anchor.Checkpoint.Size, anchor.Missing.Count, log.Checkpoint.Size).ShouldBe((6, 0, 6));
            Lines(log).Length.ShouldBe(3);
            var kept = _machine.Anchors.Read(6)!.Checkpoint;
            kept.ShouldBe(log.SignedCheckpoint.ToBytes());
            (await log.Reader.ProofAsync(new(2), Stop)).Note.Signatures.Count.ShouldBe(3);
            _machine.Time.Advance(TimeSpan.FromSeconds(5));
            // Asked again at the same size: the witnesses sign a later time, and the anchor stays.
            await log.AnchorAsync(Stop);
            _machine.Anchors.Read(6)!.Checkpoint.ShouldBe(kept);
            Lines(log).Length.ShouldBe(3);
            await log.AppendAsync(Machine.Messages(5, 5), Stop);
            Lines(log).Length.ShouldBe(1);
            // Anchoring appended nothing.
            log.Size.ShouldBe(11);
        }

        // Closing had the rest seen.
        _machine.Anchors.Sizes().ShouldBe([6, 11]);
        (_one.Size, _two.Size).ShouldBe((11, 11));
        var found = await VerifyAsync("all");
        found.Discrepancies.ShouldBeEmpty();
        found.Witnessed.ShouldBe(11);
    }

    [Fact]
    public async Task Every_minute_with_new_exhibits_the_log_is_seen_and_without_new_ones_nobody_is_asked()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 5), Stop);
        await UntilAsync(() => _one.Size == 6 && Lines(log).Length == 2, TimeSpan.FromSeconds(10));
        var asked = _one.Asked;
        for (var i = 0; i < 30; i++)
            await UntilAsync(() => true, TimeSpan.FromSeconds(30));
        _one.Asked.ShouldBe(asked);
        await log.AppendAsync(Machine.Messages(5, 1), Stop);
        await UntilAsync(() => _one.Size == 7, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_silent_witness_delays_no_acknowledgement_and_the_other_is_asked_all_the_same()
    {
        _machine.Company = TestWitness.Policy("none", _one, _two);
        _two.Instead = TestWitness.Silent;
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 5), Stop);
        var anchoring = log.AnchorAsync(Stop);
        // Each of these is answered while the anchor waits for the silent one: no clock moves here.
        for (var i = 0; i < 50; i++)
            await log.AppendAsync(Machine.Messages(100 + (3 * i), 3), Stop);
        anchoring.IsCompleted.ShouldBeFalse();
        await UntilAsync(() => anchoring.IsCompleted, TimeSpan.FromSeconds(1));
        var anchor = await anchoring;
        anchor.CosignedBy.ShouldBe(["w1"]);
        anchor.Missing.ShouldHaveSingleItem().ShouldBe("w2: it did not answer within 10 s");
        log.Neighbours.Single(neighbour => neighbour.Name == "w2").Failure.ShouldBe("it did not answer within 10 s");
        log.Size.ShouldBe(156);
        _two.Instead = TestWitness.Away;
    }

    [Fact]
    public async Task The_log_works_on_while_a_witness_is_away_says_so_and_asks_again_until_it_is_back()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        _one.Instead = TestWitness.Away;
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 5), Stop);
        (await log.AnchorAsync(Stop)).IsSeen.ShouldBeFalse();
        _machine.Anchors.Sizes().ShouldBeEmpty();
        log.Neighbours[0].Failure!.ShouldContain("cannot be reached");
        await log.AppendAsync(Machine.Messages(5, 5), Stop);
        await UntilAsync(() => _one.Asked >= 6, TimeSpan.FromSeconds(1));
        _one.Instead = null;
        await UntilAsync(() => log.Neighbours[0].Failure is null && log.Neighbours[0].AnsweredSize == 11, TimeSpan.FromSeconds(10));
        _one.Size.ShouldBe(11);
    }

    [Fact]
    public async Task Every_lie_of_a_witness_is_no_cosignature_and_stops_nothing()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 5), Stop);
        using var other = new TestWitness("w1", 0x20, _machine.Signer.Verifier, _machine.Time);
        var wrongKey = SignedNote.Line(new("w1.example/w", _one.Verifier.Key.Id, new byte[72])) + "\n";
        var plain = SignedNote.Line(new("w1.example/w", _one.Verifier.Key.Id, _machine.Signer.Sign(log.SignedCheckpoint.Text))) + "\n";
        foreach (var (status, type, body) in (IEnumerable<(int, string, string)>)
            [
                (200, "text/plain", ""), (200, "text/plain", "thank you\n"), (200, "text/plain", wrongKey), (200, "text/plain", plain),
                (409, "text/x.tlog.size", "99999999\n"), (409, "text/x.tlog.size", "6\n"), (409, "text/x.tlog.size", "-4\n"), (409, "text/plain", "99\n"), (409, "text/x.tlog.size", "9"),
                (422, "text/plain", "no"), (404, "text/plain", ""), (500, "text/plain", ""), (302, "text/plain", ""), (200, "text/plain", new string('x', 100_000)),
            ])
        {
            _one.Instead = (request, _) => Task.FromResult(request.Method == HttpMethod.Get ? TestWitness.Answer(404, "text/plain", []) : TestWitness.Answer(status, type, Encoding.UTF8.GetBytes(body)));
            var anchor = await log.AnchorAsync(Stop);
            anchor.IsSeen.ShouldBeFalse($"{status} {body}");
            anchor.Missing.ShouldBe(["w1: " + log.Neighbours[0].Failure], $"{status} {body}");
            log.State.ShouldBe(EvidenceLogState.Open);
        }

        _one.Instead = null;
        (await log.AnchorAsync(Stop)).CosignedBy.ShouldBe(["w1"]);
        _machine.Anchors.Sizes().ShouldBe([6]);
    }

    [Fact]
    public async Task What_a_witness_shows_counts_only_with_the_logs_own_signature_and_name()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 5), Stop);
        using var other = new Ed25519.Ed25519Signer(Machine.Origin, new byte[32]);
        var (larger, elsewhere) = (new Checkpoint(Machine.Origin, 99, Sha256Digest.Of("x"u8)).ToText(), new Checkpoint("unit.example/custos/op-other", 99, Sha256Digest.Of("x"u8)).ToText());
        var real = SignedNote.Sign(larger, _machine.Signer);
        foreach (var (status, shown) in (IEnumerable<(int, byte[])>)
            [
                (409, SignedNote.Sign(larger, other).ToBytes()), (409, SignedNote.Sign(elsewhere, _machine.Signer).ToBytes()), (409, SignedNote.Of(larger, []).ToBytes()),
                (409, SignedNote.Of(larger, [real.Signatures[0] with { Signature = new byte[64] }]).ToBytes()), (409, [.. "nothing"u8]), (422, SignedNote.Sign(larger, other).ToBytes()),
            ])
        {
            _one.Instead = (request, _) => Task.FromResult(request.Method == HttpMethod.Get ? TestWitness.Answer(200, "text/plain", shown) : TestWitness.Answer(status, "text/x.tlog.size", "99\n"u8.ToArray()));
            (await log.AnchorAsync(Stop)).IsSeen.ShouldBeFalse();
            log.State.ShouldBe(EvidenceLogState.Open, Encoding.UTF8.GetString(shown));
        }

        // The same, signed by this key: it is at work elsewhere.
        _one.Instead = (request, _) => Task.FromResult(request.Method == HttpMethod.Get ? TestWitness.Answer(200, "text/plain", real.ToBytes()) : TestWitness.Answer(409, "text/x.tlog.size", "99\n"u8.ToArray()));
        (await Should.ThrowAsync<EvidenceLogException>(() => log.AnchorAsync(Stop))).Fault.ShouldBe(EvidenceFault.RestoredFromBackup);
        log.State.ShouldBe(EvidenceLogState.Stopped);
    }

    [Fact]
    public async Task A_copy_of_the_keys_at_work_elsewhere_is_noticed_by_a_witness_and_stops_the_log()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await RecordAsync();
        var copy = _machine.Copy();
        await using var here = await _machine.OpenAsync();
        await using var there = await copy.OpenAsync();
        await there.AppendAsync(Machine.Messages(50, 9), Stop);
        (await there.AnchorAsync(Stop)).CosignedBy.ShouldBe(["w1"]);
        await here.AppendAsync(Machine.Messages(5, 2), Stop);
        var stopped = await Should.ThrowAsync<EvidenceLogException>(() => here.AnchorAsync(Stop));
        stopped.Fault.ShouldBe(EvidenceFault.RestoredFromBackup);
        stopped.Message.ShouldContain("shows a checkpoint of size 15");
        here.State.ShouldBe(EvidenceLogState.Stopped);
        await Should.ThrowAsync<EvidenceLogException>(async () => await here.AppendAsync(Machine.Message(9), Stop));
    }

    [Fact]
    public async Task A_copy_that_outgrew_the_witness_is_another_history_and_stops_too()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await RecordAsync();
        var copy = _machine.Copy();
        await using var here = await _machine.OpenAsync();
        await using var there = await copy.OpenAsync();
        await there.AppendAsync(Machine.Messages(50, 2), Stop);
        await there.AnchorAsync(Stop);
        await here.AppendAsync(Machine.Messages(5, 20), Stop);
        (await Should.ThrowAsync<EvidenceLogException>(() => here.AnchorAsync(Stop))).Fault.ShouldBe(EvidenceFault.ForkRefused);
    }

    [Fact]
    public async Task A_restored_machine_is_refused_by_a_witness_before_anything_is_signed()
    {
        _machine.Company = TestWitness.Policy("any", _one, _two);
        await RecordAsync();
        var backup = _machine.Copy();
        await RecordAsync(5, 5);
        // Everything is older here, mark and all: only the witness knows better.
        var refused = await Should.ThrowAsync<EvidenceLogException>(() => backup.OpenAsync());
        refused.Fault.ShouldBe(EvidenceFault.RestoredFromBackup);
        refused.Message.ShouldContain("custos log succeed");
        // A reason does not go past what a witness shows.
        backup.Company = options => TestWitness.Policy("any", _one, _two)(options) with { WithoutWitnesses = "they are slow" };
        (await Should.ThrowAsync<EvidenceLogException>(() => backup.OpenAsync())).Fault.ShouldBe(EvidenceFault.RestoredFromBackup);
        await using var log = await _machine.OpenAsync();
        await log.AppendAsync(Machine.Message(20), Stop);
    }

    [Fact]
    public async Task Without_its_witnesses_a_log_opens_only_for_a_reason_which_is_recorded()
    {
        _machine.Company = TestWitness.Policy("all", _one, _two);
        await RecordAsync();
        _two.Instead = TestWitness.Away;
        var before = _machine.Disk.ReadAll(Machine.Folder + "/log/checkpoint");
        var refused = await Should.ThrowAsync<EvidenceLogException>(() => _machine.OpenAsync());
        refused.Fault.ShouldBe(EvidenceFault.WitnessesMissing);
        refused.Message.ShouldContain("w2: it cannot be reached");
        _machine.Disk.ReadAll(Machine.Folder + "/log/checkpoint").ShouldBe(before);

        _machine.Company = options => TestWitness.Policy("all", _one, _two)(options) with { WithoutWitnesses = "the line to \"w2\" is down" };
        await using (var log = await _machine.OpenAsync())
        {
            var opened = (await Machine.ReadAllAsync(log)).Last(exhibit => exhibit.Entry.Kind == "log.opened");
            opened.Number.LeafIndex.ShouldBe(6);
            var json = System.Text.Json.JsonDocument.Parse(opened.Content).RootElement;
            json.GetProperty("why").GetString().ShouldBe("the line to \"w2\" is down");
            json.GetProperty("missing")[0].GetString().ShouldBe("w2: it cannot be reached (connection refused)");
        }

        // With all of them back the reason is not needed, and none is recorded.
        _two.Instead = null;
        await using var again = await _machine.OpenAsync();
        (await Machine.ReadAllAsync(again)).Count(exhibit => exhibit.Entry.Kind == "log.opened").ShouldBe(2);
    }

    [Fact]
    public async Task With_a_quorum_of_one_the_other_may_be_away_at_the_start()
    {
        _machine.Company = TestWitness.Policy("any", _one, _two);
        _two.Instead = TestWitness.Away;
        await RecordAsync();
        await RecordAsync(5, 5);
        (await VerifyAsync()).Discrepancies.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whatever_a_crash_left_is_signed_only_after_the_witnesses_were_asked()
    {
        for (var k = 1; ; k++)
        {
            var machine = new Machine();
            using var witness = new TestWitness("w1", 0x40, machine.Signer.Verifier, machine.Time);
            machine.Company = TestWitness.Policy("any", witness);
            await using (var log = await machine.OpenAsync())
            {
                (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.PowerCut, machine.Disk.Changes + k);
                try
                {
                    await log.AppendAsync(Machine.Message(1), Stop);
                }
                catch (EvidenceLogException)
                {
                    // The power is gone.
                }

                if (log.State == EvidenceLogState.Open)
                {
                    k.ShouldBeGreaterThan(15);
                    return;
                }
            }

            machine.Disk.Restart();
            var before = machine.Disk.ReadAll(Machine.Folder + "/log/checkpoint");
            witness.Instead = TestWitness.Away;
            (await Should.ThrowAsync<EvidenceLogException>(() => machine.OpenAsync())).Fault.ShouldBe(EvidenceFault.WitnessesMissing);
            machine.Disk.ReadAll(Machine.Folder + "/log/checkpoint").ShouldBe(before);
            witness.Instead = null;
            await using var again = await machine.OpenAsync();
            again.Size.ShouldBeInRange(1, 2);
        }
    }

    [Fact]
    public async Task The_verifier_judges_the_quorum_and_names_what_no_witness_has_seen()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await RecordAsync();
        var seen = await VerifyAsync();
        (seen.Verified, seen.Witnessed).ShouldBe((true, 6L));
        // Both are asked for, one signed.
        (await VerifyAsync("all")).Discrepancies.ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.QuorumMissing);

        _machine.Company = options => options;
        await RecordAsync(5, 3);
        var grown = await VerifyAsync();
        (grown.Verified, grown.Witnessed).ShouldBe((true, 6L));
        grown.Notices.ShouldContain("The witnesses have seen the log up to size 6; the 3 entries from EX-00000006 rest on the log's own signature so far.");
        VerificationText.Json("op-lantern", grown).ShouldContain("\"witnessed\":6");
    }

    [Fact]
    public async Task Every_changed_byte_of_an_anchor_is_reported_or_makes_a_cosignature_not_count()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await RecordAsync();
        _machine.Company = options => options;
        await RecordAsync(5, 3);
        var path = $"{Machine.Folder}/anchors/000000000006/checkpoint";
        var bytes = _machine.Disk.ReadAll(path);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x04;
            _machine.Disk.Replace(path, bytes);
            var found = await VerifyAsync();
            found.Verified.ShouldBeFalse($"byte {at}");
            found.Discrepancies.ShouldAllBe(wrong => wrong.Kind == DiscrepancyKind.AnchorWrong || wrong.Kind == DiscrepancyKind.QuorumMissing);
            bytes[at] ^= 0x04;
        }
    }

    [Fact]
    public async Task An_anchor_of_another_history_and_one_beyond_the_log_are_named()
    {
        _machine.Company = TestWitness.Policy("none", _one);
        await RecordAsync();
        var path = $"{Machine.Folder}/anchors/000000000006/checkpoint";
        var bytes = _machine.Disk.ReadAll(path);
        var other = SignedNote.Sign(new Checkpoint(Machine.Origin, 6, Sha256Digest.Of("x"u8)).ToText(), _machine.Signer);
        _machine.Disk.Replace(path, other.ToBytes());
        (await VerifyAsync()).Discrepancies.ShouldHaveSingleItem().ToString().ShouldBe("AnchorWrong anchors/000000000006/checkpoint: it has another root than the log at size 6: two histories");
        _machine.Disk.Replace(path, bytes);
        _machine.Disk.CreateDirectories($"{Machine.Folder}/anchors/000000000009");
        _machine.Disk.Replace($"{Machine.Folder}/anchors/000000000009/checkpoint", SignedNote.Sign(new Checkpoint(Machine.Origin, 9, Sha256Digest.Of("x"u8)).ToText(), _machine.Signer).ToBytes());
        (await VerifyAsync()).Discrepancies.ShouldHaveSingleItem().Sentence.ShouldContain("others have seen size 9, and the log ends at 6");
    }

    [Fact]
    public void Whoever_is_away_is_asked_again_after_a_second_and_then_after_twice_as_long_up_to_five_minutes()
    {
        var (now, neighbour) = (_machine.Time.GetUtcNow(), new Neighbour("w1", null, null));
        (neighbour.AgainAt, neighbour.State).ShouldBe((null, new NeighbourState("w1", false, null, 0, null)));
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        {
            neighbour.Failed("away", now);
            neighbour.AgainAt.ShouldBe(now.AddSeconds(seconds));
            neighbour.State.Failure.ShouldBe("away");
        }

        neighbour.Answered(7, now);
        (neighbour.AgainAt, neighbour.State).ShouldBe((null, new NeighbourState("w1", false, now, 7, null)));
        neighbour.Failed("away again", now);
        (neighbour.AgainAt, neighbour.State).ShouldBe((now.AddSeconds(1), new NeighbourState("w1", false, now, 7, "away again")));
    }

    [Fact]
    public void A_time_stamp_is_kept_with_its_request_and_its_chain_and_its_reply_comes_last()
    {
        var (disk, anchors) = (_machine.Disk, _machine.Anchors);
        anchors.Sizes().ShouldBeEmpty();
        anchors.Read(6).ShouldBeNull();
        anchors.Keep(6, "seen"u8);
        anchors.Keep(6, "seen later"u8);
        var before = disk.Journal.Count;
        anchors.Keep(6, "t1", new([1], [2], "the chain", _machine.Time.GetUtcNow()));
        disk.Journal.Skip(before).Where(change => change.StartsWith("rename", StringComparison.Ordinal)).Select(change => change[^3..]).ShouldBe(["tsq", "pem", "tsr"]);
        disk.ReadAll($"{Machine.Folder}/{AnchorFolder.PathOf(6, "t1.pem")}").ShouldBe("the chain"u8.ToArray());
        var kept = anchors.Read(6)!;
        (kept.Size, Encoding.UTF8.GetString(kept.Checkpoint!)).ShouldBe((6, "seen"));
        var stamp = kept.Stamps.ShouldHaveSingleItem();
        (stamp.Authority, (int)stamp.Query![0], (int)stamp.Reply![0]).ShouldBe(("t1", 1, 2));

        // Of a stamp that a crash cut off there is the request alone; folders of other names are no anchors.
        disk.Replace($"{Machine.Folder}/{AnchorFolder.PathOf(6, "t0.tsq")}", [3]);
        anchors.Read(6)!.Stamps.Select(each => (each.Authority, each.Reply is null)).ShouldBe([("t0", true), ("t1", false)]);
        anchors.Keep(5, "seen before"u8);
        foreach (var name in (string[])["7", "00000000000x", "0000000000007", "+00000000007"])
            disk.CreateDirectories($"{Machine.Folder}/anchors/{name}");
        anchors.Sizes().ShouldBe([5, 6]);
    }

    [Fact]
    public async Task Whatever_disk_operation_fails_while_anchoring_the_log_loses_nothing_and_opens_again()
    {
        foreach (var fault in Enum.GetValues<Fault>())
        {
            for (var k = 1; ; k++)
            {
                var machine = new Machine();
                using var witness = new TestWitness("w1", 0x40, machine.Signer.Verifier, machine.Time);
                machine.Company = TestWitness.Policy("any", witness);
                var log = await machine.OpenAsync();
                await log.AppendAsync(Machine.Messages(0, 5), Stop);
                (machine.Disk.Fault, machine.Disk.FailAt) = (fault, machine.Disk.Changes + k);
                var failed = false;
                try
                {
                    await log.AnchorAsync(Stop);
                    failed = log.State != EvidenceLogState.Open || machine.Disk.Changes >= machine.Disk.FailAt;
                }
                catch (EvidenceLogException)
                {
                    failed = true;
                }

                await log.DisposeAsync();
                machine.Disk.Restart();
                await using (var again = await machine.OpenAsync())
                    await again.AppendAsync(Machine.Messages(0, 7), Stop);
                await using var store = machine.Store();
                var found = await LogVerifier.VerifyAsync(store, TestWitness.PolicyOf(machine.Signer.Verifier, "any", witness), [machine.Signer.Verifier, witness.Verifier], new() { Anchors = machine.Anchors }, cancellation: Stop);
                found.Discrepancies.ShouldBeEmpty($"{fault} at {k}");
                (found.Checkpoint!.Size, found.Witnessed).ShouldBe((8, 8));
                if (!failed)
                {
                    k.ShouldBeGreaterThan(8, fault.ToString());
                    break;
                }
            }
        }
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }
}
