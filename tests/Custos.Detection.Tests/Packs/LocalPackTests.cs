namespace Custos.Detection.Tests;

public sealed class LocalPackTests : IDisposable
{
    readonly PackFolder _folder = new();
    readonly string _candidate = Path.Combine(Path.GetTempPath(), "custos-candidate-" + Guid.NewGuid().ToString("N"));

    public LocalPackTests() => _folder.Edit("  second-person: [you, your]\n", "  second-person: [you, your]\n  negation: [\"don't\"]\n");

    static PackChange Change(AddedTerm[]? terms = null, AddedTerm[]? signs = null, KeyValuePair<string, RuleStrength>[]? strengths = null, string[]? disabled = null, string reason = "too many", string by = "A. Analyst") =>
        new("en", terms ?? [], signs ?? [], strengths ?? [], disabled ?? [], reason, by);

    [Fact]
    public void A_change_is_written_beside_the_pack_that_counts()
    {
        var before = _folder.Load().Hash;
        var result = LocalPack.Write(_folder.Path, _candidate, Change(
            [new("device", "lookie"), new("device", "a \"new\" cam")], [new("photography", "tripod")], [new("en.camera.ask", RuleStrength.Weak)], reason: "too many: at \\ night"));
        result.Problems.ShouldBeEmpty();
        result.File.ShouldBe("local/en-001.yaml");
        var changed = Pack.Load(_candidate);
        changed.Hash.ShouldBe(result.Hash);
        changed.Languages[0].Lists["device"].Terms.ShouldContain("lookie");
        changed.Languages[0].Contexts["photography"].ShouldContain("tripod");
        changed.LocalChanges.ShouldBe([new LocalChange("en.camera.ask", RuleStrength.Weak, "too many: at \\ night", "A. Analyst")]);
        _folder.Load().Hash.ShouldBe(before);
    }

    [Fact]
    public void Changes_gather_in_files_of_their_own()
    {
        LocalPack.Write(_folder.Path, _candidate, Change([new("device", "lookie")])).File.ShouldBe("local/en-001.yaml");
        LocalPack.Write(_folder.Path, _candidate, Change(disabled: ["en.camera.ask"])).File.ShouldBe("local/en-002.yaml");
        Pack.Load(_candidate).Rules.ShouldBeEmpty();
    }

    [Fact]
    public void A_change_that_lint_refuses_leaves_nothing_behind()
    {
        LocalPack.Write(_folder.Path, _candidate, Change(disabled: ["en.no.such"])).Problems.ShouldNotBeEmpty();
        Directory.Exists(_candidate).ShouldBeFalse();
        LocalPack.Write(_folder.Path, _candidate, Change([new("device", "lookie")])).Problems.ShouldBeEmpty();
        LocalPack.Write(_folder.Path, _candidate, Change([new("devise", "lens")])).Problems.Single().Text.ShouldContain("no list 'devise'");
        Directory.GetFiles(Path.Combine(_candidate, "local")).Length.ShouldBe(1);
    }

    [Fact]
    public void A_change_says_why_and_by_whom_and_has_a_folder_of_its_own()
    {
        Should.Throw<ArgumentException>(() => LocalPack.Write(_folder.Path, _candidate, Change([new("device", "lookie")], reason: " "))).Message.ShouldContain("Give a reason");
        Should.Throw<ArgumentException>(() => LocalPack.Write(_folder.Path, _folder.Path, Change([new("device", "lookie")]))).Message.ShouldContain("a folder of its own");
        Should.Throw<ArgumentException>(() => LocalPack.Write(_folder.Path, _candidate, Change())).Message.ShouldContain("changes nothing");
        Directory.Exists(_candidate).ShouldBeFalse();
    }

    public void Dispose()
    {
        _folder.Dispose();
        if (Directory.Exists(_candidate))
            Directory.Delete(_candidate, recursive: true);
    }
}
