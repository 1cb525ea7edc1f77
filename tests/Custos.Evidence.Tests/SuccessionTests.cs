using System.Text.Json;
using Custos.Evidence.Ed25519;

namespace Custos.Evidence.Tests;

public class SuccessionTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_successor_log_names_its_predecessors_last_size_and_root()
    {
        using var folder = new Folder();
        Checkpoint last;
        await using (var log = await folder.OpenAsync())
        {
            await log.AppendAsync(Folder.Chats(5), Stop);
            last = log.Checkpoint;
        }

        using var http = WitnessClient.NewHttp();
        var known = await LogSuccession.OfAsync(folder.Path, "op-lantern", TimeProvider.System, http, Stop);
        (known.Origin, known.State).ShouldBe((last.Origin, new LogState(last.Size, last.Root)));

        // operations/ is older than the mark: the mark knows the most.
        var checkpoint = System.IO.Path.Combine(folder.Operation, "log", "checkpoint");
        await File.WriteAllTextAsync(checkpoint, "damaged", Stop);
        known = await LogSuccession.OfAsync(folder.Path, "op-lantern", TimeProvider.System, http, Stop);
        (known.State.Size, known.Source).ShouldBe((6, "the mark beside its key"));
        known.Notes.ShouldHaveSingleItem().ShouldStartWith("its published checkpoint cannot be read");

        var company = new LogCompany { Succeeds = new(known.Origin, known.State, "the \"disk\" was lost") };
        await using var next = await OperationLog.OpenOrCreateAsync(folder.Path, "op-lantern-b", TimeProvider.System, cancellation: Stop, company: company);
        var first = (await Machine.ReadAllAsync(next))[0];
        (first.Number.LeafIndex, first.Entry.Kind).ShouldBe((0, "log.succeeded"));
        var json = JsonDocument.Parse(first.Content).RootElement;
        (json.GetProperty("origin").GetString(), json.GetProperty("size").GetInt64(), json.GetProperty("root").GetString(), json.GetProperty("why").GetString())
            .ShouldBe((last.Origin, 6, Convert.ToBase64String(last.Root.ToArray()), "the \"disk\" was lost"));

        // Opening it again names nothing twice.
        await next.DisposeAsync();
        await using var again = await OperationLog.OpenAsync(folder.Path, "op-lantern-b", TimeProvider.System, company, Stop);
        (await Machine.ReadAllAsync(again)).Count(exhibit => exhibit.Entry.Kind.StartsWith("log.", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_crash_between_the_first_checkpoint_and_the_first_exhibit_still_names_the_predecessor()
    {
        for (var k = 1; ; k++)
        {
            var machine = new Machine();
            machine.Company = options => options with { Succeeds = new("unit.example/custos/op-old", new(7, Sha256Digest.Of("x"u8)), "lost") };
            (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.PowerCut, machine.Disk.Changes + k);
            var failed = false;
            try
            {
                await (await machine.OpenAsync()).DisposeAsync();
            }
            catch (Exception e) when (e is EvidenceLogException or IOException)
            {
                failed = true;
            }

            machine.Disk.Restart();
            await using var log = await machine.OpenAsync();
            (await log.Reader.EntryAsync(new(0), Stop)).Kind.ShouldBe("log.succeeded", $"after operation {k}");
            if (!failed)
                return;
        }
    }
}
