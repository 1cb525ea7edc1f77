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
        LocalPack.Write(_folder.Path, _candidate, Change([new("device", "Lookie")])).Problems.Single().Text.ShouldContain("has 'Lookie' already");
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

    [Fact]
    public void What_a_local_file_adds_is_read_with_who_and_why_and_can_be_taken_out_again()
    {
        LocalPack.Write(_folder.Path, _candidate, Change([new("device", "lookie"), new("device", "a \"new\" cam")], [new("photography", "tripod")], [new("en.camera.ask", RuleStrength.Weak)]));
        var entries = LocalPack.Read(_candidate);
        entries.Select(e => (e.Kind, e.Name, e.Value, e.Reason, e.By)).ShouldBe([
            (LocalEntryKind.Term, "device", "lookie", "too many", "A. Analyst"), (LocalEntryKind.Term, "device", "a \"new\" cam", "too many", "A. Analyst"),
            (LocalEntryKind.Sign, "photography", "tripod", "too many", "A. Analyst"), (LocalEntryKind.Strength, "en.camera.ask", "weak", "too many", "A. Analyst")]);

        var before = File.ReadAllText(Path.Combine(_candidate, "local/en-001.yaml"));
        LocalPack.TakeBack(_folder.Path, _candidate, entries[0]).Problems.ShouldBeEmpty();
        var changed = Pack.Load(_candidate);
        changed.Languages[0].Lists["device"].Terms.ShouldNotContain("lookie");
        changed.Languages[0].Lists["device"].Terms.ShouldContain("a \"new\" cam");
        LocalPack.Read(_candidate).Select(e => e with { Line = 0 }).ShouldBe(entries.Skip(1).Select(e => e with { Line = 0 }));
        File.ReadAllText(Path.Combine(_candidate, "local/en-001.yaml.1")).ShouldBe(before, "the older file is kept");

        foreach (var entry in entries.Skip(1))
            LocalPack.TakeBack(_folder.Path, _candidate, entry).Problems.ShouldBeEmpty();
        Pack.HashOf(_candidate).ShouldBe(_folder.Load().Hash, "nothing is left of the change");
        LocalPack.TakeBack(_folder.Path, _candidate, entries[0]).Problems.Single().Text.ShouldContain("not in the file now");
    }

    [Fact]
    public void A_file_written_by_hand_keeps_its_rules_when_a_term_is_taken_out()
    {
        LocalPack.Write(_folder.Path, _candidate, Change(strengths: [new("en.camera.ask", RuleStrength.Strong)]));
        File.WriteAllText(Path.Combine(_candidate, "local/own.yaml"), """
            # our words (B. Analyst)
            pack-format: 1
            language: en
            lists:
              lens: {marks: optional, terms: ["wide: angle", 'it''s']}
              device:
                - spy cam
            rules:
              - id: local.lens
                code: camera.request
                say: {first: ask, then: lens, within: 3}
                examples: ["{ask} {lens}"]
                counter-examples: ["a {lens}"]
            """.ReplaceLineEndings("\n"));
        var before = Pack.Load(_candidate);
        var taken = LocalPack.Read(_candidate).Single(e => e.Value == "spy cam");
        taken.ShouldBe(new("local/own.yaml", 7, LocalEntryKind.Term, "en", "device", "spy cam", "our words", "B. Analyst"));
        LocalPack.TakeBack(_folder.Path, _candidate, taken).Problems.ShouldBeEmpty();
        var after = Pack.Load(_candidate);
        after.Languages[0].Lists["lens"].ShouldBeEquivalentTo(before.Languages[0].Lists["lens"]);
        after.Rules.Single(r => r.Id == "local.lens").Say.ShouldBe(before.Rules.Single(r => r.Id == "local.lens").Say);

        // The rule needs the list: lint refuses what is left, and nothing is changed.
        foreach (var last in LocalPack.Read(_candidate).Where(e => e.Name == "lens").Take(1))
            LocalPack.TakeBack(_folder.Path, _candidate, last).Problems.ShouldBeEmpty();
        var hash = Pack.HashOf(_candidate);
        var refused = LocalPack.TakeBack(_folder.Path, _candidate, LocalPack.Read(_candidate).Single(e => e.Name == "lens"));
        refused.Problems.ShouldContain(p => p.File == "local/own.yaml" && p.Text.Contains("names the list 'lens'"));
        Pack.HashOf(_candidate).ShouldBe(hash);
        Directory.Exists(_candidate + ".next").ShouldBeFalse();
    }

    [Fact]
    public void A_unit_keeps_its_own_words_when_the_program_comes_with_others()
    {
        LocalPack.Write(_folder.Path, _candidate, Change([new("device", "lookie")]));
        var begun = _candidate + "-begun";
        try
        {
            _folder.Edit("  second-person: [you, your]\n", "  second-person: [you, your, yours]\n  negation: [\"don't\"]\n");
            Pack.HashOf(_candidate, withLocal: false).ShouldNotBe(Pack.HashOf(_folder.Path, withLocal: false));
            LocalPack.Begin(_folder.Path, _candidate, begun).Problems.ShouldBeEmpty();
            var pack = Pack.Load(begun);
            pack.Languages[0].Lists["second-person"].Terms.ShouldContain("yours");
            pack.Languages[0].Lists["device"].Terms.ShouldContain("lookie");
            Should.Throw<ArgumentException>(() => LocalPack.Begin(_folder.Path, _candidate, begun)).Message.ShouldContain("a changed pack already");
        }
        finally
        {
            if (Directory.Exists(begun))
                Directory.Delete(begun, recursive: true);
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        if (Directory.Exists(_candidate))
            Directory.Delete(_candidate, recursive: true);
    }
}
