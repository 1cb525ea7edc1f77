using System.Security.Cryptography;
using System.Text;
using Custos.Fixtures;

namespace Custos.Detection.Tests;

public class PackTests
{
    [Fact]
    public void The_packs_that_ship_are_read_whole()
    {
        var pack = Pack.Load(Path.Combine(Checkout.Root, "packs"));
        pack.Languages.Select(l => l.Language).ShouldContain("en");
        pack.ChildAgeBelow.ShouldBe(18);
        pack.Contexts.Select(c => c.Name).ShouldBe(RuleLanguage.WordContexts.Order(StringComparer.Ordinal));
        Path.GetFullPath(Pack.FindDirectory()!).ShouldBe(Path.GetFullPath(Path.Combine(Checkout.Root, "packs")));
    }

    [Fact]
    public void A_pack_is_what_its_files_say()
    {
        using var folder = new PackFolder();
        var pack = folder.Load();
        var english = pack.Languages.ShouldHaveSingleItem();
        english.FunctionWords.ShouldBe(["the", "and"]);
        english.NumberWords.ShouldBe([new("eleven", 11)]);
        english.Contexts["photography"].ShouldBe(["lens"]);
        english.Lists["emoji-camera"].Terms.ShouldBe(["\U0001F4F7"]);
        var rule = pack.Rules.ShouldHaveSingleItem();
        rule.Say.ShouldBe(new RuleSay.Sequence("ask", "device", 3));
        rule.Strength.ShouldBe(RuleStrength.Plain);
        rule.Needs.ShouldBe(["second-person"]);
        rule.Unless.ShouldBe(["negated", "photography"]);
        (rule.File, rule.Line).ShouldBe(("en/camera.yaml", 12));
        rule.Examples.ShouldHaveSingleItem().ShouldBe(new PackExample("can you {ask} your {device}", 17, 16));
        pack.Services.ShouldBe([new NamedTerm("skype", "skype")]);
        pack.Currencies.ShouldContain(new NamedTerm("$", "USD"));
    }

    [Fact]
    public void A_template_writes_out_every_combination_once()
    {
        using var folder = new PackFolder();
        folder.Load().Languages[0].Lists["asked"].Terms.ShouldBe(
            ["turn on cam", "turn on video call", "turn on you cam", "turn on you video call", "turn on your cam", "turn on your video call",
             "switch on cam", "switch on video call", "switch on you cam", "switch on you video call", "switch on your cam", "switch on your video call"],
            ignoreOrder: true);
    }

    [Fact]
    public void The_hash_is_over_the_sorted_lines_of_its_files()
    {
        using var folder = new PackFolder();
        var lines = Directory.GetFiles(folder.Path, "*.yaml", SearchOption.AllDirectories)
            .Select(file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))) + "  " + Path.GetRelativePath(folder.Path, file) + "\n")
            .Order(StringComparer.Ordinal);
        folder.Load().Hash.ShouldBe("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)))));
    }

    [Fact]
    public void A_comment_changes_the_hash_and_a_file_that_is_no_pack_file_does_not()
    {
        using var folder = new PackFolder();
        var before = folder.Load().Hash;
        folder.Write("README.md", "notes");
        folder.Load().Hash.ShouldBe(before);
        folder.Write("en/camera.yaml", PackFolder.Camera + "# a word\n");
        folder.Load().Hash.ShouldNotBe(before);
    }

    [Theory]
    [InlineData("code: camera.request", "code: camera.wish", 13, "No such code")]
    [InlineData("code: camera.request", "code: broadcast", 13, "no rule may carry it")]
    [InlineData("id: en.camera.ask", "id: nl.camera.ask", 12, "Begin the id with 'en.'")]
    [InlineData("then: device", "then: devices", 12, "'devices', which the pack 'en' does not have")]
    [InlineData("within: 3", "within: 0", 14, "from 1 to 20")]
    [InlineData("within: 3", "inside: 3", 14, "No such key here")]
    [InlineData("needs: [second-person]", "needs: [you]", 15, "No such need")]
    [InlineData("needs: [second-person]", "needs: [\"open:age\"]", 15, "No such need")]
    [InlineData("unless: [negated, photography]", "unless: [films]", 16, "No such context")]
    [InlineData("contexts: {photography: [lens]}", "contexts: {films: [lens]}", 5, "No such context")]
    [InlineData("device: [cam, \"video call\"]", "device: []", 8, "no terms")]
    [InlineData("device: [cam, \"video call\"]", "age: [cam]", 8, "makes this list itself")]
    [InlineData("{second-person?}", "{age}", 10, "cannot be written out")]
    [InlineData("{second-person?}", "{asked}", 10, "contains itself")]
    [InlineData("{second-person?}", "{nobody}", 10, "no list 'nobody'")]
    [InlineData("{second-person?}", "{nobody", 10, "not closed")]
    [InlineData("number-words: {eleven: 11}", "number-words: {eleven: 90}", 4, "from 8 to 21")]
    [InlineData("language: en", "language: nl", 2, "write 'language: en'")]
    [InlineData("pack-format: 1", "pack-format: 2", 1, "pack-format 1")]
    [InlineData("  device: [cam, \"video call\"]", "  device: [cam, \"video call\"]\n  device: [x]", 9, "second time")]
    public void What_a_pack_may_not_say_is_refused_at_its_line(string from, string to, int line, string says)
    {
        using var folder = new PackFolder();
        folder.Edit(from, to);
        var problems = Should.Throw<PackException>(folder.Load).Problems;
        problems.ShouldContain(p => p.File == "en/camera.yaml" && p.Line == line && p.Text.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_problem_is_listed_and_nothing_of_the_pack_is_used()
    {
        using var folder = new PackFolder();
        folder.Write("en/other.yaml", "pack-format: 1\nlanguage: en\nrules:\n  - id: en.camera.ask\n    code: camera.request\n    say: {any: device}\n");
        folder.Write("services.yaml", "pack-format: 1\nservices: {skype: [skype], other: [skype]}\n");
        File.Delete(Path.Combine(folder.Path, "emoji.yaml"));
        var refused = Should.Throw<PackException>(folder.Load);
        refused.Problems.Count.ShouldBe(3);
        refused.Problems.Select(p => p.File).ShouldBe(["emoji.yaml", "en/other.yaml", "services.yaml"]);
        refused.Message.ShouldContain("nothing of it is used");
        refused.Message.ShouldContain("2 more");
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused() =>
        Should.Throw<PackException>(() => Pack.Load("/nowhere/packs")).Message.ShouldContain("--packs");

    [Fact]
    public void A_unit_adds_terms_and_changes_a_strength_without_an_engineer()
    {
        using var folder = new PackFolder();
        folder.Write("local/ours.yaml", "pack-format: 1\nlanguage: en\nlists: {device: [lookie]}\ncontexts: {photography: [tripod]}\nstrength:\n  - {rule: en.camera.ask, strength: weak, reason: too many, by: A. Analyst}\n");
        var pack = folder.Load();
        pack.Languages[0].Lists["device"].Terms.ShouldBe(["cam", "video call", "lookie"]);
        pack.Languages[0].Lists["asked"].Terms.ShouldContain("turn on your lookie");
        pack.Languages[0].Contexts["photography"].ShouldBe(["lens", "tripod"]);
        pack.Rules.ShouldHaveSingleItem().Strength.ShouldBe(RuleStrength.Weak);
        pack.LocalChanges.ShouldBe([new LocalChange("en.camera.ask", RuleStrength.Weak, "too many", "A. Analyst")]);
    }

    [Fact]
    public void A_unit_switches_a_rule_off_with_a_reason_and_a_name()
    {
        using var folder = new PackFolder();
        folder.Write("local/ours.yaml", "pack-format: 1\nlanguage: en\ndisable:\n  - {rule: en.camera.ask, reason: too many, by: A. Analyst}\n");
        folder.Load().Rules.ShouldBeEmpty();
        folder.Write("local/ours.yaml", "pack-format: 1\nlanguage: en\ndisable:\n  - {rule: en.camera.ask, by: A. Analyst}\n");
        Should.Throw<PackException>(folder.Load).Problems.ShouldHaveSingleItem().Text.ShouldContain("'reason' is missing");
    }

    [Fact]
    public void A_unit_may_not_make_a_code_or_take_a_shipped_id()
    {
        using var folder = new PackFolder();
        folder.Write("local/ours.yaml", "pack-format: 1\nlanguage: en\nrules:\n  - {id: en.ours, code: local.code, say: {any: device}}\n");
        Should.Throw<PackException>(folder.Load).Problems.Select(p => p.Text).ShouldBe(
            ["Begin the id with 'local.' and write small letters, digits, hyphens and full stops.", "No such code; the list is closed: see docs/formats/packs.md."]);
    }
}
