namespace Custos.Mutants;

/// <summary>What a run came to, as lines of a table.</summary>
static class Report
{
    static readonly string[] Words = ["killed", "timed-out", "crashed", "survived", "partly", "not-reached"];

    public static void Print(List<Mutant> all, IReadOnlyList<string> folders, bool survivors)
    {
        var verdicts = new Dictionary<int, Verdict>();
        foreach (var folder in folders)
        {
            using var ledger = new Ledger(folder);
            foreach (var (id, verdict) in ledger.Verdicts.Where(pair => Words.Contains(pair.Value.Word)))
            {
                if (!verdicts.TryGetValue(id, out var known) || (known.Open && Array.IndexOf(Words, verdict.Word) < Array.IndexOf(Words, known.Word)))
                    verdicts[id] = verdict;
            }
        }

        Console.Out.WriteLine("| folder | made | not compiled | ignored | left | tried | " + string.Join(" | ", Words) + " | score |");
        Console.Out.WriteLine("| --- | " + string.Join(" | ", Enumerable.Repeat("---", Words.Length + 6)) + " |");
        foreach (var group in all.GroupBy(mutant => mutant.File.Split('/')[0]).Append(new Whole(all)))
            Row(group.Key, [.. group], verdicts);
        if (!survivors)
            return;
        foreach (var mutant in all.Where(mutant => mutant.CanBeTried && verdicts.GetValueOrDefault(mutant.Id) is null or { Open: true }))
            Console.Out.WriteLine($"{mutant.File}:{mutant.Line}:{mutant.Column} {mutant.Id} {verdicts.GetValueOrDefault(mutant.Id)?.Word ?? "untried"}: {mutant.What}: {mutant.Replacement.ReplaceLineEndings(" ")}");
    }

    static void Row(string name, List<Mutant> mutants, Dictionary<int, Verdict> verdicts)
    {
        var left = mutants.Where(mutant => mutant.CanBeTried).ToList();
        var words = left.Select(mutant => verdicts.GetValueOrDefault(mutant.Id)?.Word).OfType<string>().CountBy(word => word).ToDictionary();
        var tried = words.Values.Sum();
        var gone = tried - words.GetValueOrDefault("survived") - words.GetValueOrDefault("partly") - words.GetValueOrDefault("not-reached");
        Console.Out.WriteLine(FormattableString.Invariant($"| {name} | {mutants.Count} | {mutants.Count(m => m.Status == "CompileError")} | {mutants.Count(m => m.Status == "Ignored")} | {left.Count} | {tried} | {string.Join(" | ", Words.Select(word => words.GetValueOrDefault(word)))} | {100.0 * gone / Math.Max(1, tried):F1} % |"));
    }

    sealed class Whole(List<Mutant> all) : List<Mutant>(all), IGrouping<string, Mutant>
    {
        public string Key => "**all**";
    }
}
