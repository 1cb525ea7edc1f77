using System.Globalization;

namespace Custos.Yaml;

/// <summary>A file that is not in the strict subset, or does not say what its reader needs.</summary>
/// <remarks>Readers of a file throw it too, with the place of the node in question, so that every error about a file has one form.</remarks>
#pragma warning disable CA1032 // An error about a file without its place would help nobody.
public sealed class StrictYamlException : Exception
#pragma warning restore CA1032
{
    /// <summary>An error at a place.</summary>
    /// <param name="file">The file's name as the reader of the error knows it.</param>
    /// <param name="line">One-based.</param>
    /// <param name="column">One-based.</param>
    /// <param name="problem">What is wrong and what to write, in a sentence.</param>
    public StrictYamlException(string file, int line, int column, string problem)
        : base(string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}: {problem}"))
    {
        File = file;
        Line = line;
        Column = column;
        Problem = problem;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>One-based line.</summary>
    public int Line { get; }

    /// <summary>One-based column, in UTF-16 units as editors count.</summary>
    public int Column { get; }

    /// <summary>What is wrong and what to write; <see cref="Exception.Message"/> has the place before it.</summary>
    public string Problem { get; }
}
