using Custos.Capture.Import;
using Custos.Yaml;

namespace Custos.Cli.Commands.Capture;

/// <summary>Reads the column map of a CSV file: <c>from: Author</c>, <c>text: Content</c> and so on (docs/operating/import.md).</summary>
static class ColumnsFile
{
    static readonly string[] Columns = ["from", "text", "venue", "thread", "id", "at", "to", "direction"];
    static readonly string[] Times = ["date", "unix", "unix-ms"];

    static readonly Dictionary<string, char> Delimiters = new(StringComparer.Ordinal)
    {
        ["comma"] = ',',
        ["semicolon"] = ';',
        ["tab"] = '\t',
        ["bar"] = '|',
    };

    /// <exception cref="StrictYamlException">The map says something it cannot; the message has the place.</exception>
    internal static CsvColumns Read(string path)
    {
        var map = StrictYaml.ParseMap(File.ReadAllText(path), path);
        foreach (var entry in map.Entries)
        {
            if (!Columns.Contains(entry.Key) && entry.Key is not ("delimiter" or "header" or "time"))
                throw new StrictYamlException(path, entry.Line, entry.Column, $"There is no field '{entry.Key}'; the fields are {string.Join(", ", Columns)}, delimiter, header and time.");
            if (entry.Value is not YamlScalar { Text.Length: > 0 })
                throw new StrictYamlException(path, entry.Value.Line, entry.Value.Column, $"'{entry.Key}' needs one value: a column's name in the first row, or its number from 1.");
        }

        string? Text(string key) => (map.Get(key) as YamlScalar)?.Text;
        StrictYamlException Wrong(string key, string problem) => new(path, map.Get(key)?.Line ?? map.Line, map.Get(key)?.Column ?? map.Column, problem);
        var delimiter = Text("delimiter") ?? "comma";
        var header = Text("header") ?? "yes";
        var time = Text("time") ?? "date";
        return new()
        {
            From = Text("from") ?? throw Wrong("from", "The field 'from' is missing: which column holds the handle that spoke?"),
            Text = Text("text") ?? throw Wrong("text", "The field 'text' is missing: which column holds the words?"),
            Venue = Text("venue"),
            Thread = Text("thread"),
            Id = Text("id"),
            At = Text("at"),
            To = Text("to"),
            Direction = Text("direction"),
            Delimiter = Delimiters.TryGetValue(delimiter, out var known) ? known : throw Wrong("delimiter", $"The delimiter is one of {string.Join(", ", Delimiters.Keys)}."),
            HasHeader = header is "yes" or "no" ? header == "yes" : throw Wrong("header", "The header is yes or no."),
            Time = Times.Contains(time) ? time : throw Wrong("time", $"The time is one of {string.Join(", ", Times)}."),
        };
    }
}
