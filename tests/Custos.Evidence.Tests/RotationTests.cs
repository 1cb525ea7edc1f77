using System.Buffers.Binary;
using System.Text;

namespace Custos.Evidence.Tests;

public class RotationTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static KeyChange Change => new(new() { Id = "officer-7" }, "yearly");

    static string Keys(string extension) => $"/data/keys/op-lantern.{extension}";

    /// <summary>The operation key versions that the slots of the ring and of the recordings are under.</summary>
    static List<uint> Versions(Machine machine)
    {
        var found = new List<uint>();
        foreach (var (extension, stride, offset) in (ReadOnlySpan<(string, int, int)>)[("ring", 96, 0), ("recordings", 104, 8)])
        {
            if (!machine.Disk.FileExists(Keys(extension)))
                continue;
            var bytes = machine.Disk.ReadAll(Keys(extension)).AsSpan();
            for (var at = 64; at + stride <= bytes.Length; at += stride)
            {
                if (BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + offset)..]) != 0)
                    found.Add(BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + offset + 4)..]));
            }
        }

        return found;
    }

    static async Task<Machine> Recorded(int messages = 600)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, messages), Stop);
        await using var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop);
        await recording.AddPartAsync(0, new byte[100], Stop);
        await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        return machine;
    }

    [Fact]
    public async Task After_a_rotation_old_content_opens_and_nothing_is_wrapped_with_the_old_version()
    {
        var machine = await Recorded();
        Versions(machine).ShouldAllBe(version => version == 1);
        var content = machine.Disk.ReadAll($"{Machine.Folder}/content/000");
        await using (var log = await machine.OpenAsync())
        {
            var rotation = await log.RotateKeyAsync(Change, Stop);
            rotation.Version.ShouldBe(2u);
            rotation.Recorded.Entry.Kind.ShouldBe("custody.rotated");
            var custody = CustodyEvent.Parse(rotation.Recorded);
            (custody.Actor.Id, custody.Purpose, custody.Change!.What).ShouldBe(("officer-7", "yearly", "operation key, from version 1 to 2"));
            await log.AppendAsync(Machine.Messages(600, 600), Stop);
            await using var recording = await log.StartRecordingAsync(new("video/webm", "screen", "officer-7"), Stop);
            await recording.AddPartAsync(0, new byte[100], Stop);
            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        }

        Versions(machine).ShouldAllBe(version => version == 2);
        Versions(machine).Count.ShouldBe(7);
        machine.Disk.ReadAll($"{Machine.Folder}/content/000").ShouldBe(content);
        Encoding.UTF8.GetString(machine.Disk.ReadAll(Keys("key"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith("custos/opkey/v1 2 ");
        await machine.ShouldVerifyAsync();
        await using var again = await machine.OpenAsync();
        (await Machine.ReadAllAsync(again)).Count(exhibit => exhibit.Entry.Kind == "chat").ShouldBe(1_200);
    }

    [Fact]
    public async Task A_key_folder_with_the_new_version_only_does_not_open_a_ring_of_before()
    {
        var machine = await Recorded();
        var before = machine.Disk.ReadAll(Keys("ring"));
        await using (var log = await machine.OpenAsync())
            await log.RotateKeyAsync(Change, Stop);
        machine.Disk.Replace(Keys("ring"), before);
        (await machine.VerifyAsync()).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.KeyWrong);
    }

    [Theory]
    [InlineData(Fault.Before)]
    [InlineData(Fault.AnswerLost)]
    [InlineData(Fault.PowerCut)]
    [InlineData(Fault.PowerCutByChance)]
    [InlineData(Fault.Full)]
    public async Task A_rotation_cut_off_anywhere_leaves_a_log_that_opens_and_is_recorded_once(Fault fault)
    {
        var start = await Recorded(258);
        for (var change = 1; ; change++)
        {
            var machine = start.Copy();
            int failAt;
            await using (var log = await machine.OpenAsync())
            {
                failAt = machine.Disk.Changes + change;
                (machine.Disk.Fault, machine.Disk.FailAt, machine.Disk.Chance) = (fault, failAt, new(change));
                try
                {
                    await log.RotateKeyAsync(Change, Stop);
                    await log.AppendAsync(Machine.Messages(900, 3), Stop);
                }
                catch (EvidenceLogException)
                {
                    // What is on the disk says the rest.
                }
            }

            var whole = machine.Disk.Changes < failAt;
            machine.Disk.Restart();
            List<Exhibit> all;
            await using (var log = await machine.OpenAsync())
            {
                await log.AppendAsync(Machine.Messages(900, 20), Stop);
                all = await Machine.ReadAllAsync(log);
            }

            all.Count(exhibit => exhibit.Entry.Kind == "chat").ShouldBe(278, $"change {change}");
            var rotated = all.Where(exhibit => exhibit.Entry.Kind == "custody.rotated").ToList();
            var lines = Encoding.UTF8.GetString(machine.Disk.ReadAll(Keys("key"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            lines.Length.ShouldBe(1, $"change {change}");
            // The key file is the first thing written: where it was not, nothing was begun.
            var version = lines[0].StartsWith("custos/opkey/v1 2 ", StringComparison.Ordinal) ? 2u : 1u;
            rotated.Count.ShouldBe(version == 2 ? 1 : 0, $"change {change}");
            if (rotated.Count == 1)
                CustodyEvent.Parse(rotated[0]).Actor.Id.ShouldBe("officer-7");
            Versions(machine).ShouldAllBe(found => found == version, $"change {change}");
            await machine.ShouldVerifyAsync();
            if (whole)
            {
                version.ShouldBe(2u);
                break;
            }
        }
    }

    [Fact]
    public async Task A_rotation_while_messages_come_loses_none_and_wraps_all_anew()
    {
        var machine = new Machine { MaxBatch = 100 };
        await using (var log = await machine.OpenAsync())
        {
            var messages = Enumerable.Range(0, 20).Select(call => log.AppendAsync(Machine.Messages(call * 100, 100), Stop).AsTask()).ToList();
            await log.RotateKeyAsync(Change, Stop);
            await log.RotateKeyAsync(Change, Stop);
            await Task.WhenAll(messages);
        }

        Versions(machine).ShouldAllBe(version => version == 3);
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task A_new_unit_key_replaces_the_old_one_when_no_operation_is_under_it_any_more()
    {
        var machine = await Recorded();
        var folder = KeyFolder.Open("/data/keys", create: false, machine.Disk);
        var old = FileUnitKey.Open(folder, create: false);
        var next = FileUnitKey.Change(folder);
        (next.Id == old.Id, next.Replaces).ShouldBe((false, old.Id));
        // Said again after an interruption, it goes on with the same key.
        FileUnitKey.Change(folder).Id.ShouldBe(next.Id);
        FileUnitKey.Retire(folder).ShouldBe(["op-lantern"]);
        FileUnitKey.Open(folder, create: false).Replaces.ShouldBe(old.Id);
        await machine.ShouldVerifyAsync();
        await using (var log = await machine.OpenAsync())
        {
            var rotation = await log.RotateKeyAsync(Change with { Under = next }, Stop);
            rotation.UnitKey.ShouldBe(next.Id);
            CustodyEvent.Parse(rotation.Recorded).Change!.What.ShouldBe($"operation key, from version 1 to 2; from unit key {old.Id} to {next.Id}");
        }

        FileUnitKey.Retire(folder).ShouldBeEmpty();
        var text = Encoding.UTF8.GetString(machine.Disk.ReadAll("/data/keys/unit.key"));
        text.ShouldNotContain(old.Id);
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
        await machine.ShouldVerifyAsync();
    }

    [Theory]
    [InlineData("ring", 64, 96)]
    [InlineData("recordings", 72, 96)]
    public async Task A_slot_that_does_not_open_is_left_as_it_is_and_named_and_the_others_are_wrapped_anew(string extension, int at, int length)
    {
        var machine = await Recorded();
        var before = machine.Disk.ReadAll(Keys(extension));
        before[at + 30] ^= 1;
        machine.Disk.Replace(Keys(extension), before);
        await using (var log = await machine.OpenAsync())
            await log.RotateKeyAsync(Change, Stop);
        machine.Disk.ReadAll(Keys(extension)).AsSpan(at, length).ToArray().ShouldBe(before.AsSpan(at, length).ToArray());
        Versions(machine).Count(version => version == 2).ShouldBe(3);
        (await machine.VerifyAsync()).Discrepancies.Where(wrong => wrong.Path is not null).ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.KeyWrong);
    }

    [Fact]
    public async Task A_rotation_without_a_reason_is_refused()
    {
        var machine = await Recorded();
        await using var log = await machine.OpenAsync();
        var size = log.Size;
        await Should.ThrowAsync<ArgumentException>(async () => await log.RotateKeyAsync(new(new() { Id = "officer-7" }, " "), Stop));
        await Should.ThrowAsync<ArgumentException>(async () => await log.RotateKeyAsync(new(new() { Id = "Not An Id" }, "yearly"), Stop));
        log.Size.ShouldBe(size);
    }
}
