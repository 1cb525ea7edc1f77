using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary>A mistake in <c>--data</c>, through the command line.</summary>
public class DataFolderTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static readonly string[][] Commands =
    [
        ["operation", "list"],
        ["operation", "show", "lantern"],
        ["import", Path.Combine(Checkout.Root, "samples", "demo", "lantern-chat.transcript.jsonl"), "--operation", "lantern"],
        ["search", "school", "--operation", "lantern", "--reason", "looking"],
        ["log", "custody", "EX-00000001", "--operation", "lantern"],
        ["log", "anchor", "lantern"],
        ["hold", "list", "--operation", "lantern"],
        ["rebuild"],
    ];

    static async Task ShouldRefuseAsync(string data, string[] command, string why)
    {
        var refused = await VerifyProgramsTests.CustosAsync([.. command, "--data", data]);
        var said = $"custos {string.Join(' ', command)}: {refused.Output}{refused.Error}";
        refused.Code.ShouldBe(2, said);
        refused.Error.ShouldContain(why, customMessage: said);
        refused.Error.ShouldContain("Nothing was changed", customMessage: said);
    }

    [Fact]
    public async Task A_folder_of_other_things_never_becomes_a_data_folder()
    {
        using var folder = new ScratchFolder();
        var home = folder["home"];
        Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(Path.Combine(home, ".profile"), "# somebody's\n", Stop);
        foreach (var command in Commands)
            await ShouldRefuseAsync(home, command, "no file 'format'");
        await ShouldRefuseAsync(home, ["operation", "open", "lantern", "--authorization", Path.Combine(Checkout.Root, "samples", "demo", "authorization.yaml")], "is not empty and has no file 'format'");
        Directory.EnumerateFileSystemEntries(home, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ShouldBe([".profile"]);
    }

    [Fact]
    public async Task An_empty_or_a_new_folder_becomes_one_only_by_opening_an_operation()
    {
        using var folder = new ScratchFolder();
        var (empty, absent) = (folder["empty"], folder["typing-error"]);
        Directory.CreateDirectory(empty);
        foreach (var command in Commands)
        {
            await ShouldRefuseAsync(empty, command, "'custos operation open' makes one");
            await ShouldRefuseAsync(absent, command, "'custos operation open' makes one");
        }

        Directory.EnumerateFileSystemEntries(empty).ShouldBeEmpty();
        Directory.Exists(absent).ShouldBeFalse();
        var opened = await VerifyProgramsTests.CustosAsync("operation", "open", "lantern", "--authorization", Path.Combine(Checkout.Root, "samples", "demo", "authorization.yaml"), "--data", empty);
        opened.Code.ShouldBe(0, opened.Error);
        (await VerifyProgramsTests.CustosAsync("operation", "list", "--data", empty)).Output.ShouldContain("unit.example/custos/lantern");
    }
}
