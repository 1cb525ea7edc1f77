using System.Diagnostics.CodeAnalysis;

namespace Custos.Yaml;

/// <summary>A value of a file in the strict subset, with its place.</summary>
public abstract class YamlNode
{
    internal YamlNode(int line, int column)
    {
        Line = line;
        Column = column;
    }

    /// <summary>One-based line of its first character.</summary>
    public int Line { get; }

    /// <summary>One-based column of its first character, in UTF-16 units as editors count.</summary>
    public int Column { get; }
}

/// <summary>Text. Nothing is implied: <c>no</c>, <c>12</c> and <c>null</c> are words until the reader of the file decides.</summary>
public sealed class YamlScalar : YamlNode
{
    internal YamlScalar(string text, bool quoted, int line, int column)
        : base(line, column)
    {
        Text = text;
        Quoted = quoted;
    }

    /// <summary>The text, escapes resolved.</summary>
    public string Text { get; }

    /// <summary>True if it stood in single or double quotation marks.</summary>
    public bool Quoted { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A list.</summary>
public sealed class YamlList : YamlNode
{
    internal YamlList(IReadOnlyList<YamlNode> values, int line, int column)
        : base(line, column) => Values = values;

    /// <summary>Its values, in the order of the file.</summary>
    public IReadOnlyList<YamlNode> Values { get; }
}

/// <summary>A key and its value.</summary>
/// <param name="Key">The key's text.</param>
/// <param name="Line">One-based line of the key.</param>
/// <param name="Column">One-based column of the key.</param>
/// <param name="Value">Its value.</param>
public sealed record YamlEntry(string Key, int Line, int Column, YamlNode Value);

/// <summary>A map. Keys are unique and keep the order of the file.</summary>
public sealed class YamlMap : YamlNode
{
    readonly Dictionary<string, YamlEntry> _byKey;

    internal YamlMap(IReadOnlyList<YamlEntry> entries, Dictionary<string, YamlEntry> byKey, int line, int column)
        : base(line, column)
    {
        Entries = entries;
        _byKey = byKey;
    }

    /// <summary>Keys with their places and values, in the order of the file.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; }

    /// <summary>The value under a key, compared ordinally; null where the file has no such key.</summary>
    public YamlNode? Get(string key) => _byKey.TryGetValue(key, out var entry) ? entry.Value : null;

    /// <summary>The value under a key, if the file has it.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out YamlNode? value)
    {
        value = Get(key);
        return value is not null;
    }
}
