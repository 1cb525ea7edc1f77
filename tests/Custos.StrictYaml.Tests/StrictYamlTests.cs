using System.Globalization;
using System.Text;
using CsCheck;

namespace Custos.Yaml.Tests;

public class StrictYamlTests
{
    [Fact]
    public void Maps_lists_and_scalars_keep_their_order_and_their_places()
    {
        var root = StrictYaml.ParseMap(
            "# a comment\n\nlanguage: en   # behind\nlists:\n  device: [cam, \"video call\", 'it''s']\nrules:\n  - id: a.b\n    say: {first: ask, within: 3}\n  - plain words: kept\n",
            "x.yaml");
        root.Entries.Select(e => e.Key).ShouldBe(["language", "lists", "rules"]);
        root.Entries[1].Line.ShouldBe(4);
        var device = ((YamlMap)root.Get("lists")!).Get("device").ShouldBeOfType<YamlList>();
        device.Values.Cast<YamlScalar>().Select(v => v.Text).ShouldBe(["cam", "video call", "it's"]);
        device.Values.Cast<YamlScalar>().Select(v => v.Quoted).ShouldBe([false, true, true]);
        (device.Values[1].Line, device.Values[1].Column).ShouldBe((5, 17));
        var rules = (YamlList)root.Get("rules")!;
        var first = (YamlMap)rules.Values[0];
        (first.Line, first.Column).ShouldBe((7, 5));
        ((YamlScalar)((YamlMap)first.Get("say")!).Get("within")!).Text.ShouldBe("3");
        ((YamlScalar)((YamlMap)rules.Values[1]).Get("plain words")!).Text.ShouldBe("kept");
        root.Get("absent").ShouldBeNull();
    }

    [Theory]
    [InlineData("a: no", "no")]
    [InlineData("a: 014", "014")]
    [InlineData("a: ~", "~")]
    [InlineData("a: 1e3", "1e3")]
    [InlineData("a: true", "true")]
    [InlineData("a: http://example.org/#x", "http://example.org/#x")]
    [InlineData("a: -1", "-1")]
    [InlineData("a: ''", "")]
    [InlineData("a: \"\\u00f1 \\U0001F600 \\x41 \\\\ \\n\"", "\u00f1 \U0001F600 A \\ \n")]
    [InlineData("\uFEFFa: b\r\n", "b")]
    public void No_type_is_implied(string text, string expected) =>
        ((YamlScalar)StrictYaml.ParseMap(text, "x").Get("a")!).Text.ShouldBe(expected);

    [Theory]
    [InlineData("", 1, 1, "says nothing")]
    [InlineData("# only this", 1, 1, "says nothing")]
    [InlineData(" a: b", 1, 2, "beginning of the line")]
    [InlineData("a: b\na: c", 2, 1, "second time (first on line 1)")]
    [InlineData("a: {b: c, b: d}", 1, 11, "second time")]
    [InlineData("a:\tb", 1, 3, "A tab")]
    [InlineData("a:\n   b: c", 2, 4, "write 2")]
    [InlineData("a:\n  b: c\n   d: e", 3, 4, "two spaces a level")]
    [InlineData("a: b\n  c", 2, 3, "stays on one line")]
    [InlineData("a: |\n  b", 1, 4, "several lines")]
    [InlineData("a: >\n  b", 1, 4, "several lines")]
    [InlineData("a: &x b", 1, 4, "Anchors")]
    [InlineData("a: *x", 1, 4, "Anchors")]
    [InlineData("a: !!str b", 1, 4, "Tags")]
    [InlineData("<<: b", 1, 1, "Merge keys")]
    [InlineData("a: {<<: b}", 1, 5, "Merge keys")]
    [InlineData("---\na: b", 1, 1, "Document markers")]
    [InlineData("%YAML 1.2\na: b", 1, 1, "without a key")]
    [InlineData("a:", 1, 3, "has no value")]
    [InlineData("a:\nb: c", 1, 3, "has no value")]
    [InlineData("a: {b: }", 1, 8, "has no value")]
    [InlineData("a:\n- b", 2, 1, "indent it by 2")]
    [InlineData("- - a", 1, 3, "brackets")]
    [InlineData("-  a", 1, 3, "one space after the dash")]
    [InlineData("a: [b", 1, 4, "not closed")]
    [InlineData("a: [b # ]", 1, 4, "not closed")]
    [InlineData("a: [b,]", 1, 7, "cannot start")]
    [InlineData("a: [b] c", 1, 8, "behind the end")]
    [InlineData("a: 'b' c", 1, 8, "behind the end")]
    [InlineData("a: 'b'#c", 1, 7, "behind the end")]
    [InlineData("a: \"b", 1, 4, "not closed")]
    [InlineData("a: \"\\q\"", 1, 5, "escape")]
    [InlineData("a: \"\\ud83d\"", 1, 5, "hexadecimal")]
    [InlineData("a: b: c", 1, 5, "quotation marks")]
    [InlineData("a: b:", 1, 5, "quotation marks")]
    [InlineData("a: @b", 1, 4, "cannot start")]
    [InlineData("a: -", 1, 4, "stands alone")]
    [InlineData("a: [-]", 1, 5, "stands alone")]
    [InlineData("? a", 1, 1, "without a key")]
    [InlineData("just text", 1, 1, "without a key")]
    [InlineData("- a\nb: c", 2, 1, "side by side")]
    [InlineData("a: b\n- c", 2, 1, "two more spaces")]
    [InlineData("a: \u0007", 1, 4, "control character U+0007")]
    [InlineData("a: \u2028", 1, 4, "U+2028")]
    [InlineData("a: b\rc: d", 1, 5, "control character U+000D")]
    [InlineData("[a, b]\nc: d", 2, 1, "belongs to nothing")]
    public void What_is_outside_the_subset_is_refused_at_its_place(string text, int line, int column, string says)
    {
        var error = Should.Throw<StrictYamlException>(() => StrictYaml.Parse(text, "packs/en/x.yaml"));
        (error.Line, error.Column).ShouldBe((line, column));
        error.Problem.ShouldContain(says);
        error.Message.ShouldStartWith($"packs/en/x.yaml:{line}:{column}: ");
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Should.Throw<StrictYamlException>(() => StrictYaml.Parse("a: " + (char)0xD800, "x")).Problem.ShouldContain("surrogate");

    [Fact]
    public void Nesting_is_bounded()
    {
        var flow = "a: " + new string('[', 5_000_000) + new string(']', 5_000_000);
        Should.Throw<StrictYamlException>(() => StrictYaml.Parse(flow, "x")).Problem.ShouldContain("Nested more than 32 deep");

        var block = new StringBuilder();
        for (var level = 0; level < 200; level++)
            block.Append(' ', level * 2).Append("a:\n");
        Should.Throw<StrictYamlException>(() => StrictYaml.Parse(block.ToString(), "x")).Problem.ShouldContain("Nested more than 32 deep");

        var dashes = new StringBuilder();
        for (var level = 0; level < 200; level++)
            dashes.Append(' ', level * 2).Append("-\n");
        Should.Throw<StrictYamlException>(() => StrictYaml.Parse(dashes.ToString(), "x")).Problem.ShouldContain("Nested more than 32 deep");
    }

    [Fact]
    public void A_huge_file_is_refused_with_its_size() =>
        Should.Throw<StrictYamlException>(() => StrictYaml.Parse(new string('a', StrictYaml.MaximumLength + 1), "x")).Problem.ShouldContain("16777217 characters");

    [Fact]
    public void A_long_file_is_read_whole()
    {
        var text = new StringBuilder("terms:\n");
        for (var number = 0; number < 200_000; number++)
            text.Append(CultureInfo.InvariantCulture, $"  - word{number}\n");
        ((YamlList)StrictYaml.ParseMap(text.ToString(), "x").Get("terms")!).Values.Count.ShouldBe(200_000);
    }

    [Fact]
    public void A_long_line_is_read_in_linear_time()
    {
        var text = "a: [" + string.Join(", ", Enumerable.Range(0, 300_000)) + "]";
        ((YamlList)StrictYaml.ParseMap(text, "x").Get("a")!).Values.Count.ShouldBe(300_000);
        var long1 = "a: " + new string('x', 4_000_000) + "\nb: c";
        ((YamlScalar)StrictYaml.ParseMap(long1, "x").Get("a")!).Text.Length.ShouldBe(4_000_000);
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Samples.Root, Gen.Bool).Sample((tree, blocks) =>
        {
            var text = Samples.Write(tree, blocks);
            Samples.Show(StrictYaml.Parse(text, "x")).ShouldBe(Samples.Show(tree));
        }, iter: 3_000);

    [Fact]
    public void What_is_read_here_is_the_same_tree_elsewhere() =>
        Gen.Select(Samples.Root, Gen.Bool).Sample((tree, blocks) =>
        {
            var text = Samples.Write(tree, blocks);
            Samples.Referee(text).ShouldBe(Samples.Show(StrictYaml.Parse(text, "x")));
        }, iter: 3_000);

    [Fact]
    public void Whatever_this_reader_accepts_the_referee_reads_alike()
    {
        var accepted = 0;
        Samples.Noise.Sample(text =>
        {
            YamlNode root;
            try
            {
                root = StrictYaml.Parse(text, "x");
            }
            catch (StrictYamlException)
            {
                return;
            }

            Interlocked.Increment(ref accepted);
            Samples.Referee(text).ShouldBe(Samples.Show(root), text);
        }, iter: 100_000);
        accepted.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else() =>
        Gen.String.Sample(text =>
        {
            try
            {
                StrictYaml.Parse(text, "x");
            }
            catch (StrictYamlException)
            {
            }
        }, iter: 20_000);
}
