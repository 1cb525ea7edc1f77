using System.Text.Json;

namespace Custos.Evidence.Tests;

public class RecordingTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static readonly RecordingSource Source = new("video/webm", "screen", "officer-7") { ExpectedRate = 1_000 };

    static byte[] Part(int number, int length = 20_000) => [.. Enumerable.Range(0, length).Select(i => (byte)((i + (number * 7)) & 255))];

    static async Task<JsonElement> Content(EvidenceLog log, string kind)
    {
        var exhibit = (await Machine.ReadAllAsync(log)).Last(exhibit => exhibit.Entry.Kind == kind);
        return JsonDocument.Parse(exhibit.Content).RootElement;
    }

    static async Task<byte[]> Joined(EvidenceLog log)
    {
        var bytes = new List<byte>();
        foreach (var part in (await Machine.ReadAllAsync(log)).Where(exhibit => exhibit.Entry.Kind == "recording.part").Select(exhibit => exhibit.Number).ToList())
        {
            await using var view = await log.OpenExhibitAsync(part, new(new() { Id = "officer-7" }, "joining"), Stop);
            bytes.AddRange(view.Exhibit.Content.ToArray());
        }

        return [.. bytes];
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task Parts_joined_are_the_exact_bytes_and_the_closing_states_them(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using (var log = await machine.OpenAsync())
        {
            await using var recording = await log.StartRecordingAsync(Source, Stop);
            for (var part = 0; part < 3; part++)
            {
                var exhibit = await recording.AddPartAsync(part, Part(part), Stop);
                exhibit.Entry.Size.ShouldBe(20_000);
                exhibit.Entry.About.ShouldBe([recording.Opening.Number]);
                recording.SealedUpTo.ShouldBe(part + 1);
            }

            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
            byte[] all = [.. Part(0), .. Part(1), .. Part(2)];
            var closing = await Content(log, "recording.closed");
            (closing.GetProperty("parts").GetInt32(), closing.GetProperty("bytes").GetInt64(), closing.GetProperty("why").GetString()).ShouldBe((3, 60_000, "stopped"));
            closing.GetProperty("sha256").GetString().ShouldBe(Sha256Digest.Of(all).ToString());
            closing.TryGetProperty("missing", out _).ShouldBeFalse();
            (await Joined(log)).ShouldBe(all);
            var opening = await Content(log, "recording.opened");
            (opening.GetProperty("mime").GetString(), opening.GetProperty("source").GetString()).ShouldBe(("video/webm", "screen"));
        }

        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task A_part_is_acknowledged_only_after_its_entry_is_published()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await using var recording = await log.StartRecordingAsync(Source, Stop);
        var before = machine.Disk.Journal.Count;
        var exhibit = await recording.AddPartAsync(0, Part(0), Stop);
        log.Size.ShouldBe(exhibit.Number.LeafIndex + 1);
        var journal = machine.Disk.Journal.Skip(before).ToList();
        var file = $"{Machine.Folder}/recordings/EX-00000001/000000";
        journal.IndexOf($"rename {file}").ShouldBeLessThan(journal.IndexOf($"rename {Machine.Folder}/log/checkpoint"));
        journal.IndexOf($"fsync {file}.next").ShouldBeInRange(0, journal.IndexOf($"rename {file}") - 1);
        // Its key was on the disk before there was anything that it seals.
        machine.Disk.Journal.Take(before).ShouldContain("fsync /data/keys/op-lantern.recordings");
        machine.Disk.ReadAll(file).AsSpan().IndexOf(Part(0).AsSpan(0, 64)).ShouldBe(-1);
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task The_same_part_twice_is_one_exhibit_and_a_different_one_is_refused(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using var log = await machine.OpenAsync();
        await using var recording = await log.StartRecordingAsync(Source, Stop);
        var first = await recording.AddPartAsync(0, Part(0), Stop);
        (await recording.AddPartAsync(0, Part(0), Stop)).Number.ShouldBe(first.Number);
        var e = await Should.ThrowAsync<EvidenceLogException>(async () => await recording.AddPartAsync(0, Part(1), Stop));
        e.Fault.ShouldBe(EvidenceFault.PartDiffers);
        e.Message.ShouldContain(first.Number.ToString());
        await recording.AddPartAsync(1, Part(1), Stop);
        await Should.ThrowAsync<ArgumentException>(async () => await recording.AddPartAsync(2, default, Stop));
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_missing_part_is_named_at_closing(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using (var log = await machine.OpenAsync())
        {
            await using var recording = await log.StartRecordingAsync(Source, Stop);
            await recording.AddPartAsync(3, Part(3), Stop);
            await recording.AddPartAsync(0, Part(0), Stop);
            recording.SealedUpTo.ShouldBe(1);
            await recording.CloseAsync(RecordingEnd.Lost, Stop);
            var closing = await Content(log, "recording.closed");
            closing.GetProperty("missing").EnumerateArray().Select(part => part.GetInt32()).ShouldBe([1, 2]);
            closing.GetProperty("why").GetString().ShouldBe("lost");
        }

        await machine.ShouldVerifyAsync();
    }

    [Theory]
    [InlineData(Stack.Directory, Fault.Before)]
    [InlineData(Stack.Directory, Fault.AnswerLost)]
    [InlineData(Stack.Directory, Fault.PowerCut)]
    [InlineData(Stack.Directory, Fault.PowerCutByChance)]
    [InlineData(Stack.PostgreSql, Fault.Before)]
    [InlineData(Stack.PostgreSql, Fault.AnswerLost)]
    public async Task A_recording_cut_off_by_any_failure_is_closed_as_interrupted_and_joins_to_what_was_acknowledged(Stack stack, Fault fault)
    {
        var first = await Machine.OnAsync(stack);
        await (await first.OpenAsync()).DisposeAsync();
        var start = first.Saved();
        for (var change = 1; ; change++)
        {
            var machine = start();
            (machine.Disk.Fault, machine.Disk.FailAt, machine.Disk.Chance) = (fault, change, new(change));
            var (sent, acknowledged, ended) = (0, 0, false);
            try
            {
                await using var log = await machine.OpenAsync();
                await using var recording = await log.StartRecordingAsync(Source, Stop);
                for (var part = 0; part < 2; part++)
                {
                    sent++;
                    await recording.AddPartAsync(part, Part(part, 500), Stop);
                    acknowledged++;
                }

                await recording.CloseAsync(RecordingEnd.Stopped, Stop);
                ended = true;
            }
            catch (EvidenceLogException)
            {
                // What is on the disk says the rest.
            }

            var whole = machine.Disk.Changes < change;
            machine.Restart();
            await using (var log = await machine.OpenAsync())
            {
                var kinds = (await Machine.ReadAllAsync(log)).Select(exhibit => exhibit.Entry.Kind).ToList();
                kinds.Count(kind => kind == "recording.closed").ShouldBe(kinds.Count(kind => kind == "recording.opened"), $"change {change}");
                var parts = kinds.Count(kind => kind == "recording.part");
                parts.ShouldBeInRange(acknowledged, sent, $"change {change}");
                (await Joined(log)).ShouldBe(Enumerable.Range(0, parts).SelectMany(part => Part(part, 500)), $"change {change}");
                if (kinds.Contains("recording.closed"))
                    (await Content(log, "recording.closed")).GetProperty("parts").GetInt32().ShouldBe(parts);
            }

            await machine.ShouldVerifyAsync();
            if (whole && ended)
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Machine.Stacks), MemberType = typeof(Machine))]
    public async Task A_part_that_is_changed_swapped_or_gone_is_found(Stack stack)
    {
        var machine = await Machine.OnAsync(stack);
        await using (var log = await machine.OpenAsync())
        {
            await using var recording = await log.StartRecordingAsync(Source, Stop);
            await recording.AddPartAsync(0, Part(0), Stop);
            await recording.AddPartAsync(1, Part(1), Stop);
            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        }

        var (first, second) = ("recordings/EX-00000001/000000", "recordings/EX-00000001/000001");
        var (one, two) = (machine.Read(first), machine.Read(second));
        var changed = one.ToArray();
        changed[100] ^= 1;
        machine.Write(first, changed);
        (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.ContentWrong && wrong.Path == "recordings/EX-00000001/000000");
        machine.Write(first, two);
        machine.Write(second, one);
        (await machine.VerifyAsync()).Discrepancies.Count(wrong => wrong.Kind == DiscrepancyKind.ContentWrong && wrong.Path != null).ShouldBe(2);
        machine.Delete(first);
        (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.ContentMissing);
    }

    [Theory]
    [InlineData(new[] { 0, 1 }, null)]
    [InlineData(new[] { 0 }, "1 parts; 2 are in the log")]
    [InlineData(new int[0], "0 parts; 2 are in the log")]
    [InlineData(new[] { 1, 0 }, "do not join")]
    [InlineData(new[] { 0, 0 }, "do not join")]
    public async Task A_closing_that_states_other_parts_or_bytes_than_are_there_is_found(int[] stated, string? wrong)
    {
        var machine = new Machine();
        await using (var log = await machine.OpenAsync())
        {
            await using var recording = await log.StartRecordingAsync(Source, Stop);
            await recording.AddPartAsync(0, Part(0), Stop);
            await recording.AddPartAsync(1, Part(1, 10), Stop);
            var keys = KeyFolder.Open("/data/keys", create: false, machine.Disk);
            using var ring = KeyRing.Open(keys, Machine.Origin, FileUnitKey.Open(keys, create: false));
            ring.TryRecordingKey(recording.Opening.Number.LeafIndex, out var key).ShouldBe(KeyVerdict.Opened);
            using var seal = new SealedContent(key);
            await log.CloseRecordingAsync(recording.Opening.Number, stated, seal, "officer-7", RecordingEnd.Stopped);
        }

        var found = (await machine.VerifyAsync()).Discrepancies;
        if (wrong is null)
        {
            found.ShouldBeEmpty();
            return;
        }

        var one = found.ShouldHaveSingleItem();
        (one.Kind, one.Exhibit).ShouldBe((DiscrepancyKind.ContentWrong, new ExhibitNumber(4)));
        one.Sentence.ShouldContain(wrong);
    }

    [Fact]
    public async Task A_part_has_a_number_and_bytes_within_its_bounds_and_a_closed_recording_takes_none()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await using var recording = await log.StartRecordingAsync(Source, Stop);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await recording.AddPartAsync(-1, Part(0), Stop));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await recording.AddPartAsync(1_000_000, Part(0), Stop));
        await Should.ThrowAsync<ArgumentException>(async () => await recording.AddPartAsync(0, new byte[Recording.MaxPartBytes + 1], Stop));
        log.Size.ShouldBe(2, "nothing was recorded of them");
        (await recording.AddPartAsync(0, new byte[Recording.MaxPartBytes], Stop)).Entry.Size.ShouldBe(Recording.MaxPartBytes);
        (await recording.AddPartAsync(999_999, new byte[1], Stop)).Entry.Size.ShouldBe(1);
        var size = (await recording.CloseAsync(RecordingEnd.Stopped, Stop)).Number.LeafIndex + 1;
        await Should.ThrowAsync<ObjectDisposedException>(async () => await recording.AddPartAsync(1, Part(1), Stop));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await recording.CloseAsync(RecordingEnd.Stopped, Stop));
        log.Size.ShouldBe(size);
    }
}
