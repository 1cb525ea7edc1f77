using System.Globalization;

namespace Custos.Detection;

/// <summary>Something in the files of a pack that has to change before it is read.</summary>
/// <param name="File">Path below the pack's folder, with forward slashes.</param>
/// <param name="Line">One-based; 0 where the problem is the file itself.</param>
/// <param name="Column">One-based; 0 where the problem is the line or the file.</param>
/// <param name="Text">What is wrong and what to write.</param>
public sealed record PackProblem(string File, int Line, int Column, string Text)
{
    /// <summary>As an editor reads it: <c>file:line:column: text</c>.</summary>
    public override string ToString() => Line == 0
        ? $"{File}: {Text}"
        : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Text}");
}

/// <summary>A pack that is refused, whole: never half a pack. Commands end with exit code 4.</summary>
#pragma warning disable CA1032 // Without its problems it would help nobody.
public sealed class PackException : Exception
#pragma warning restore CA1032
{
    internal PackException(string directory, IReadOnlyList<PackProblem> problems)
        : base(Say(directory, problems)) => Problems = problems;

    /// <summary>What has to change, in the order of files and lines.</summary>
    public IReadOnlyList<PackProblem> Problems { get; }

    static string Say(string directory, IReadOnlyList<PackProblem> problems) =>
        string.Create(CultureInfo.InvariantCulture, $"The pack in '{directory}' is refused, and nothing of it is used: {problems[0]}") +
        (problems.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({problems.Count - 1} more: 'custos packs lint' lists them.)"));
}
