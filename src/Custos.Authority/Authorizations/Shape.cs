using System.Globalization;
using Custos.Yaml;

namespace Custos.Authority;

/// <summary>What a value of the file must be. The schema is these, put together once and read by both the checker and the documentation's test.</summary>
abstract record Shape;

/// <summary>A map with these fields and no others.</summary>
sealed record MapShape(params Field[] Fields) : Shape;

/// <summary>A field of a map.</summary>
sealed record Field(string Name, Shape Shape, bool Required = true);

/// <summary>A list with at least so many values.</summary>
sealed record ListShape(Shape Of, int AtLeast) : Shape;

/// <summary>One word or line; the check gives the problem, or null.</summary>
sealed record TextShape(Func<string, string?> Check) : Shape;

/// <summary>Finds everything that is wrong, not just the first: a file is signed by people who meet seldom.</summary>
sealed class ShapeChecker(string file)
{
    internal List<AuthorizationFault> Faults { get; } = [];

    internal void Check(YamlNode node, Shape shape, string field)
    {
        switch (shape)
        {
            case MapShape map:
                CheckMap(node, map, field);
                break;
            case ListShape list:
                CheckList(node, list, field);
                break;
            case TextShape text when node is YamlScalar scalar:
                if (text.Check(scalar.Text) is { } problem)
                    Add(node.Line, node.Column, field, problem);
                break;
            default:
                Add(node.Line, node.Column, field, "one value is expected here, as in 'key: value'.");
                break;
        }
    }

    internal void Add(int line, int column, string field, string problem) => Faults.Add(new(file, line, column, field, problem));

    void CheckMap(YamlNode node, MapShape shape, string field)
    {
        if (node is not YamlMap map)
        {
            Add(node.Line, node.Column, field, $"keys are expected here: {Names(shape)}.");
            return;
        }

        foreach (var entry in map.Entries)
        {
            var known = Array.Find(shape.Fields, candidate => candidate.Name == entry.Key);
            var path = Path(field, entry.Key);
            if (known is null)
                Add(entry.Line, entry.Column, path, Acts.IsNeverPermitted(entry.Key) ? NeverPermitted(entry.Key) : $"there is no such field; here stand {Names(shape)}.");
            else
                Check(entry.Value, known.Shape, path);
        }

        foreach (var missing in shape.Fields.Where(candidate => candidate.Required && map.Get(candidate.Name) is null))
            Add(node.Line, node.Column, Path(field, missing.Name), "the field is missing.");
    }

    void CheckList(YamlNode node, ListShape shape, string field)
    {
        if (node is not YamlList list)
        {
            Add(node.Line, node.Column, field, "a list is expected here, each value after '- '.");
            return;
        }

        if (list.Values.Count < shape.AtLeast)
            Add(node.Line, node.Column, field, string.Create(CultureInfo.InvariantCulture, $"at least {shape.AtLeast} is needed."));
        for (var i = 0; i < list.Values.Count; i++)
            Check(list.Values[i], shape.Of, string.Create(CultureInfo.InvariantCulture, $"{field}[{i + 1}]"));
    }

    internal static string NeverPermitted(string word) =>
        $"'{word}' can never be permitted: no authorisation may let anyone be the first to raise sex, payment or a camera.";

    static string Path(string field, string name) => field.Length == 0 ? name : $"{field}.{name}";

    static string Names(MapShape shape) => string.Join(", ", shape.Fields.Select(candidate => $"'{candidate.Name}'"));
}
