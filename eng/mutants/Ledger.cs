using System.Globalization;

namespace Custos.Mutants;

/// <summary>What became of a mutant.</summary>
/// <param name="Word"><c>killed</c>, <c>timed-out</c>, <c>crashed</c>, <c>survived</c>, <c>partly</c>, <c>not-reached</c>; on the way <c>trying</c>, <c>again</c>, <c>trying-again</c>.</param>
/// <param name="By">The test that told, or that was under way.</param>
/// <param name="Met">Lines of the tests that it passed, in <see cref="Ledger.Tests"/>.</param>
sealed record Verdict(string Word, string By, int[] Met)
{
    /// <summary>Whether a further test could change it.</summary>
    public bool Open => Word is "survived" or "partly" or "not-reached" or "again";
}

/// <summary>Two files that grow by a line at a time, so that a run may be cut off and go on: what each test comes by, and what became of each mutant.</summary>
sealed class Ledger : IDisposable
{
    readonly StreamWriter _tests, _verdicts;

    public Ledger(string folder)
    {
        Directory.CreateDirectory(folder);
        var (tests, verdicts) = (Path.Combine(folder, "tests.tsv"), Path.Combine(folder, "verdicts.tsv"));
        foreach (var words in Lines(tests))
        {
            Tests.Add((words[0], TimeSpan.FromMilliseconds(double.Parse(words[1], CultureInfo.InvariantCulture)), [.. Numbers(words[2])]));
            Once.UnionWith(Numbers(words[3]));
        }

        foreach (var words in Lines(verdicts))
            Verdicts[int.Parse(words[0], CultureInfo.InvariantCulture)] = new(words[1], words[2], Numbers(words[3]));
        (_tests, _verdicts) = (At(tests), At(verdicts));
    }

    /// <summary>Bytes written so far.</summary>
    public static long Length(string folder) => Directory.GetFiles(folder, "*.tsv").Sum(file => new FileInfo(file).Length);

    /// <summary>Tests in the order in which they were first called: name, time, the mutants that it comes by.</summary>
    public List<(string Name, TimeSpan Took, HashSet<int> Mutants)> Tests { get; } = [];

    /// <summary>Mutants in what a process does once: only a new one shows them.</summary>
    public HashSet<int> Once { get; } = [];

    public Dictionary<int, Verdict> Verdicts { get; } = [];

    public void Add(string test, TimeSpan took, List<int> mutants, List<int> once)
    {
        Tests.Add((test, took, [.. mutants]));
        Once.UnionWith(once);
        _tests.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{test}\t{took.TotalMilliseconds:F1}\t{string.Join(',', mutants)}\t{string.Join(',', once)}"));
    }

    public void Add(int mutant, Verdict verdict)
    {
        Verdicts[mutant] = verdict;
        _verdicts.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{mutant}\t{verdict.Word}\t{verdict.By}\t{string.Join(',', verdict.Met)}"));
    }

    public void Dispose()
    {
        _tests.Dispose();
        _verdicts.Dispose();
    }

    static StreamWriter At(string path)
    {
        var cut = File.Exists(path) && File.ReadAllBytes(path) is [.., not (byte)'\n'];
        var writer = new StreamWriter(path, append: true) { AutoFlush = true };
        if (cut)
            writer.WriteLine();
        return writer;
    }

    // A line that was cut off has too few words.
    static List<string[]> Lines(string path) => File.Exists(path) ? [.. File.ReadLines(path).Select(line => line.Split('\t')).Where(words => words.Length == 4)] : [];

    static int[] Numbers(string words) => words.Length == 0 ? [] : [.. words.Split(',').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
}
