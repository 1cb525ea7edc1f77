using System.Text;
using CsCheck;
using YamlDotNet.RepresentationModel;

namespace Custos.Yaml.Tests;

/// <summary>Trees, their text, and the referee's reading of the same text.</summary>
static class Samples
{
    internal abstract record Tree;

    internal sealed record Leaf(string Text, bool Quoted) : Tree;

    internal sealed record Row(Tree[] Values) : Tree;

    internal sealed record Table((string Key, Tree Value)[] Entries) : Tree;

    static readonly Gen<string> Words = Gen.OneOf(
        Gen.OneOf("no", "cam", "video call", "14", "a#b", "don't", "it: s", "a: ", "-", "- a", "", " ", "#", "x #y", "[a", "{", "ñ", "\U0001F600", "\"", "\\", "~", "null", "a,b", "?x", ":x", "true", "<<", "---"),
        Gen.String[Gen.Char["abz09 '\"\\#:,-[]{}&*!|>%@`?~ñ\n"], 0, 8]);

    static readonly Gen<Leaf> Leaves = Gen.Select(Words, Gen.Bool, (text, quoted) => new Leaf(text, quoted || !Plainly(text)));

    static readonly Gen<Tree> Trees = Gen.Recursive<Tree>((depth, inner) => depth == 4
        ? Leaves.Select(leaf => (Tree)leaf)
        : Gen.Frequency(
            (3, Leaves.Select(leaf => (Tree)leaf)),
            (1, inner.Array[0, 4].Select(values => (Tree)new Row(values))),
            (1, Tables(inner))));

    internal static readonly Gen<Tree> Root = Gen.OneOf(Tables(Trees), Trees.Array[1, 5].Select(values => (Tree)new Row(values))).Where(tree => tree is not Table { Entries.Length: 0 });

    // Near misses: pieces of the grammar thrown together, so that what this reader accepts is not only what a writer would write.
    internal static readonly Gen<string> Noise = Gen.OneOf(
        "a", "b", ": ", ":", "\n", "\n  ", "\n    ", "- ", "-", "[", "]", "{", "}", ", ", ",", "'", "\"", " # c", "#", " ", "x y", "''", "\\n", "a: b", "- a", "\n  - ", "[a, b]", "{a: b}", "?", "? ", "|", "~", "é").Array[1, 9].Select(string.Concat);

    static Gen<Tree> Tables(Gen<Tree> values) => Gen.Select(Words, values).Array[0, 4].Select(entries =>
        (Tree)new Table([.. entries.DistinctBy(entry => entry.Item1).Select(entry => (entry.Item1, entry.Item2))]));

    static bool Plainly(string text) =>
        text.Length > 0 && text == text.Trim() && text.All(c => char.IsLetterOrDigit(c) || c is ' ' or '\'' or '#' or '-')
        && char.IsLetterOrDigit(text[0]) && !text.Contains(" #", StringComparison.Ordinal);

    internal static string Write(Tree tree, bool blocks)
    {
        var text = new StringBuilder();
        if (blocks && tree is Table or Row { Values.Length: > 0 })
            Block(text, tree, 0);
        else
            text.Append(Flow(tree));
        return text.Append('\n').ToString();
    }

    static void Block(StringBuilder text, Tree tree, int indent)
    {
        if (tree is Row row)
        {
            foreach (var value in row.Values)
            {
                text.Append(' ', indent).Append('-');
                Value(text, value, indent);
            }
        }
        else
        {
            foreach (var (key, value) in ((Table)tree).Entries)
            {
                text.Append(' ', indent).Append(Scalar(new Leaf(key, !Plainly(key)))).Append(':');
                Value(text, value, indent);
            }
        }
    }

    static void Value(StringBuilder text, Tree value, int indent)
    {
        if (value is Table { Entries.Length: > 0 } or Row { Values.Length: > 0 })
        {
            text.Append('\n');
            Block(text, value, indent + 2);
        }
        else
        {
            text.Append(' ').Append(Flow(value)).Append(" # said so\n");
        }
    }

    static string Flow(Tree tree) => tree switch
    {
        Row row => "[" + string.Join(", ", row.Values.Select(Flow)) + "]",
        Table table => "{" + string.Join(", ", table.Entries.Select(entry => Scalar(new Leaf(entry.Key, !Plainly(entry.Key))) + ": " + Flow(entry.Value))) + "}",
        Leaf leaf => Scalar(leaf),
        _ => throw new InvalidOperationException(),
    };

    static string Scalar(Leaf leaf)
    {
        if (!leaf.Quoted)
            return leaf.Text;
        if (!leaf.Text.Contains('\n') && leaf.Text.Length % 2 == 0)
            return "'" + leaf.Text.Replace("'", "''", StringComparison.Ordinal) + "'";
        return "\"" + leaf.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";
    }

    internal static string Show(Tree tree) => tree switch
    {
        Row row => "[" + string.Join(",", row.Values.Select(Show)) + "]",
        Table table => "{" + string.Join(",", table.Entries.Select(entry => Mark(entry.Key) + Show(entry.Value))) + "}",
        Leaf leaf => Mark(leaf.Text),
        _ => throw new InvalidOperationException(),
    };

    internal static string Show(YamlNode node) => node switch
    {
        YamlList list => "[" + string.Join(",", list.Values.Select(Show)) + "]",
        YamlMap map => "{" + string.Join(",", map.Entries.Select(entry => Mark(entry.Key) + Show(entry.Value))) + "}",
        YamlScalar scalar => Mark(scalar.Text),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The same text read by YamlDotNet: a referee in tests, never a part of the product.</summary>
    internal static string Referee(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        stream.Documents.Count.ShouldBe(1);
        return Show(stream.Documents[0].RootNode);
    }

    static string Show(YamlDotNet.RepresentationModel.YamlNode node) => node switch
    {
        YamlSequenceNode list => "[" + string.Join(",", list.Children.Select(Show)) + "]",
        YamlMappingNode map => "{" + string.Join(",", map.Children.Select(entry => Mark(((YamlScalarNode)entry.Key).Value!) + Show(entry.Value))) + "}",
        YamlScalarNode scalar => Mark(scalar.Value!),
        _ => throw new InvalidOperationException(),
    };

    static string Mark(string text) => "<" + text + ">";
}
