using System.Globalization;
using System.Security.Cryptography;
using Custos.Vocabulary;

namespace Custos.Detection.Training;

/// <summary>One conversation of a corpus, in the order it was spoken. No state crosses from one to another.</summary>
/// <param name="Id">Unique in its corpus.</param>
/// <param name="Messages">As detection reads them.</param>
public sealed record CorpusConversation(string Id, IReadOnlyList<ChatMessage> Messages);

/// <summary>Conversations, read again for every pass and one at a time, so that memory does not grow with the corpus.</summary>
public interface ICorpus
{
    /// <summary>SHA-256 of the file, as hexadecimal digits.</summary>
    string Digest { get; }

    /// <summary>The conversations in the order of the file.</summary>
    /// <exception cref="CorpusException">The file is not what it should be.</exception>
    IEnumerable<CorpusConversation> Conversations();

    /// <summary>The messages as they came; a log of several rooms mixes them.</summary>
    /// <exception cref="CorpusException">The file is not what it should be.</exception>
    IEnumerable<ChatMessage> Messages() => Conversations().SelectMany(c => c.Messages);
}

/// <summary>A corpus or a list of labels that cannot be used: what is wrong and where, never the words.</summary>
#pragma warning disable CA1032 // Without its file and place it would help nobody.
public sealed class CorpusException : Exception
#pragma warning restore CA1032
{
    internal CorpusException(string message)
        : base(message)
    {
    }
}

/// <summary>The authors whose conversations are positive: one id a line.</summary>
public sealed class PositiveAuthors
{
    readonly Dictionary<string, int> _lineOf = new(StringComparer.Ordinal);
    readonly string _path;

    PositiveAuthors(string path, string digest) => (_path, Digest) = (path, digest);

    /// <summary>SHA-256 of the file, as hexadecimal digits.</summary>
    public string Digest { get; }

    /// <summary>How many.</summary>
    public int Count => _lineOf.Count;

    /// <summary>True if the author is one of them.</summary>
    public bool Contains(string author) => _lineOf.ContainsKey(author);

    /// <summary>Reads the list.</summary>
    /// <exception cref="CorpusException">A line is no id: the training corpus's <c>-diff</c> file, for one, lists edited lines and not labels.</exception>
    public static PositiveAuthors Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var positives = new PositiveAuthors(path, Digests.Of(path));
        int number = 0, wrong = 0, first = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var id = line.Trim();
            if (id.Length == 0)
                continue;
            if (id.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' || char.IsControl(c)) || id.Length > 256)
            {
                wrong++;
                first = first == 0 ? number : first;
                continue;
            }

            positives._lineOf.TryAdd(id, number);
        }

        if (wrong > 0)
        {
            throw new CorpusException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' is no list of positive authors: {wrong} of its lines are no author id, the first is line {first}. Nothing was written. The corpus's '-diff' file lists edited lines, not labels; name the file with one author id a line."));
        }

        return positives.Count > 0 ? positives : throw new CorpusException($"'{path}' names no author. Nothing was written. It holds one author id a line.");
    }

    /// <summary>Refuses a list that names an author the corpus does not hold.</summary>
    internal void MustBeIn(Func<string, bool> holds)
    {
        var unknown = _lineOf.Where(p => !holds(p.Key)).Select(p => p.Value).ToList();
        if (unknown.Count > 0)
        {
            throw new CorpusException(string.Create(CultureInfo.InvariantCulture,
                $"'{_path}' names {unknown.Count} of {Count} authors that the corpus does not hold, the first on line {unknown.Min()}. Nothing was written. Name the list that belongs to this corpus; a '-diff' file is no list of authors."));
        }
    }
}

/// <summary>Lines that a judge found telling: conversation, then line, apart by a tab.</summary>
public sealed class LabelledLines
{
    readonly HashSet<(string, string)> _lines = [];

    LabelledLines(string digest) => Digest = digest;

    /// <summary>SHA-256 of the file, as hexadecimal digits.</summary>
    public string Digest { get; }

    /// <summary>How many.</summary>
    public int Count => _lines.Count;

    /// <summary>True if the line was found telling.</summary>
    public bool Contains(string conversation, string line) => _lines.Contains((conversation, line));

    /// <summary>Reads the list.</summary>
    /// <exception cref="CorpusException">A line is no pair of conversation and line.</exception>
    public static LabelledLines Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var labels = new LabelledLines(Digests.Of(path));
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var parts = line.Split('\t', StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
            {
                throw new CorpusException(string.Create(CultureInfo.InvariantCulture,
                    $"'{path}' line {number} is no conversation id and line apart by a tab. Nothing was written. --lines takes the labelled lines of the corpus's second problem."));
            }

            labels._lines.Add((parts[0], parts[1]));
        }

        return labels;
    }
}

static class Digests
{
    internal static string Of(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
