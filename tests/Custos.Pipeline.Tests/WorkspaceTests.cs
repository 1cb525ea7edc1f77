using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Pipeline.Tests;

public class WorkspaceTests
{
    [Fact]
    public async Task A_folder_becomes_a_data_folder_and_says_its_format()
    {
        using var folder = new DataFolder();
        await using (var workspace = await folder.OpenAsync())
            workspace.Operations().ShouldBeEmpty();
        File.ReadAllText(Path.Combine(folder.Data, "format")).ShouldBe("custos-data/1\n");
    }

    [Fact]
    public async Task A_folder_of_a_newer_program_is_refused_with_what_to_do()
    {
        using var folder = new DataFolder();
        Directory.CreateDirectory(folder.Data);
        File.WriteAllText(Path.Combine(folder.Data, "format"), "custos-data/2\n");
        var refused = await Should.ThrowAsync<WorkspaceException>(folder.OpenAsync);
        refused.Fault.ShouldBe(WorkspaceFault.NewerFormat);
        refused.Message.ShouldContain("has format 2; this program knows 1");
        refused.Message.ShouldContain("Open it with the newer Custos");
        Directory.GetFiles(folder.Data).Select(Path.GetFileName).ShouldBe(["format"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("custos-data/0\n")]
    [InlineData("custos-data/one\n")]
    [InlineData("something else")]
    public async Task A_format_that_is_none_is_refused(string line)
    {
        using var folder = new DataFolder();
        Directory.CreateDirectory(folder.Data);
        File.WriteAllText(Path.Combine(folder.Data, "format"), line);
        (await Should.ThrowAsync<WorkspaceException>(folder.OpenAsync)).Fault.ShouldBe(WorkspaceFault.NotADataFolder);
    }

    [Fact]
    public async Task A_folder_with_other_things_in_it_is_not_taken_over()
    {
        using var folder = new DataFolder();
        Directory.CreateDirectory(folder.Data);
        File.WriteAllText(Path.Combine(folder.Data, "holiday.txt"), "photographs");
        (await Should.ThrowAsync<WorkspaceException>(folder.OpenAsync)).Message.ShouldContain("is not empty");
        Directory.GetFiles(folder.Data).Length.ShouldBe(1);
    }

    [Fact]
    public async Task The_authorisation_is_what_an_operation_begins_with()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        var yaml = DataFolder.Authorization();
        await using (var room = await workspace.CreateOperationAsync(DataFolder.Lantern, yaml, new ActorId("ada"), Cancel))
        {
            var (number, entry) = (await room.Evidence.Reader.EntriesAsync(new(0), 2, Cancel).ToListAsync(Cancel))[1];
            number.ShouldBe(new ExhibitNumber(1));
            entry.Kind.ShouldBe("authorization");
            entry.Actor.ShouldBe("ada");
        }

        workspace.Operations().ShouldBe([DataFolder.Lantern]);
        await using (var room = await workspace.OpenOperationAsync(DataFolder.Lantern, Cancel))
            room.Authorization.Venues.Single().Id.Value.ShouldBe(DataFolder.Venue);
    }

    [Fact]
    public async Task An_authorisation_that_is_not_valid_or_is_another_operations_makes_nothing()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        var other = await Should.ThrowAsync<WorkspaceException>(() => workspace.CreateOperationAsync(new("op-other"), DataFolder.Authorization(), new ActorId("ada"), Cancel));
        other.Message.ShouldContain("is for the operation 'op-lantern', not for 'op-other'");
        var broken = await Should.ThrowAsync<WorkspaceException>(() => workspace.CreateOperationAsync(DataFolder.Lantern, "authorization-format: 1\n"u8.ToArray(), new ActorId("ada"), Cancel));
        broken.Fault.ShouldBe(WorkspaceFault.NoAuthorization);
        broken.Authorization.ShouldNotBeEmpty();
        workspace.Operations().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_operation_is_made_once()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        await (await workspace.CreateOperationAsync(DataFolder.Lantern, DataFolder.Authorization(), new ActorId("ada"), Cancel)).DisposeAsync();
        var again = await Should.ThrowAsync<WorkspaceException>(() => workspace.CreateOperationAsync(DataFolder.Lantern, DataFolder.Authorization(), new ActorId("ada"), Cancel));
        again.Fault.ShouldBe(WorkspaceFault.OperationExists);
    }

    [Fact]
    public async Task Making_an_operation_that_was_cut_off_before_its_authorisation_goes_on()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        await (await Evidence.Ed25519.OperationLog.OpenOrCreateAsync(folder.Data, "op-lantern", TimeProvider.System, cancellation: Cancel)).DisposeAsync();
        (await Should.ThrowAsync<WorkspaceException>(() => workspace.OpenOperationAsync(DataFolder.Lantern, Cancel))).Fault.ShouldBe(WorkspaceFault.NoAuthorization);
        await using var room = await workspace.CreateOperationAsync(DataFolder.Lantern, DataFolder.Authorization(), new ActorId("ada"), Cancel);
        room.Authorization.Operation.ShouldBe(DataFolder.Lantern);
    }

    [Fact]
    public async Task A_second_process_on_one_operation_is_refused_and_told_what_to_do()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        await using var room = await workspace.CreateOperationAsync(DataFolder.Lantern, DataFolder.Authorization(), new ActorId("ada"), Cancel);
        await using var second = DataFolder.Custos("search", "weather", "--operation", "op-lantern", "--reason", "a test", "--data", folder.Data);
        (await second.EndAsync()).ShouldBe(1);
        second.Output.ShouldContain("The operation 'op-lantern' is at work in another process");
        second.Output.ShouldContain("Nothing was changed. Stop it, or wait until it ends.");
    }

    [Fact]
    public async Task An_operation_that_is_not_there_is_said_to_be_missing()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        (await Should.ThrowAsync<WorkspaceException>(() => workspace.OpenOperationAsync(new("op-none"), Cancel))).Fault.ShouldBe(WorkspaceFault.NoSuchOperation);
        workspace.Operations().ShouldBeEmpty();
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
