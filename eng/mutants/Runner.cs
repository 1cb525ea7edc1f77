using System.Diagnostics;
using System.Reflection;

namespace Custos.Mutants;

/// <summary>Switches mutants on one by one and calls the tests that come by them, until one fails.</summary>
sealed class Runner(Suite suite, Switch mutants, Ledger ledger, List<Mutant> all, Func<Mutant, bool> wanted, Func<string, bool> asked)
{
    /// <summary>All is tried.</summary>
    public const int Done = 0;

    /// <summary>This process is of no more use: another goes on.</summary>
    public const int Restart = 3;

    // What a test leaves behind adds up.
    const int MostInOneProcess = 400;

    readonly Dictionary<int, string> _files = all.ToDictionary(mutant => mutant.Id, mutant => mutant.File);
    readonly Dictionary<(string File, string Test), int> _kills = [];

    public static async Task<Runner> OpenAsync(Ledger ledger, List<Mutant> all, Func<Mutant, bool> wanted, string project, Func<string, bool> asked)
    {
        var suite = await Suite.FindAsync(Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, project + ".Tests.dll")));
        return new(suite, new(Assembly.Load(project)), ledger, all, wanted, asked);
    }

    /// <summary>What each test comes by that was not called before.</summary>
    public int Look()
    {
        var known = ledger.Tests.Select(test => test.Name).ToHashSet();
        foreach (var test in suite.Tests.Where(test => asked(test) && !known.Contains(test)))
        {
            mutants.Watch();
            var ended = suite.Run(test, TimeSpan.FromMinutes(5), out var took);
            var (met, once) = mutants.Seen();
            // Watching takes time, and so does what is compiled on the first call.
            if (ended == Ended.Passed && took > TimeSpan.FromMilliseconds(200) && suite.Run(test, TimeSpan.FromMinutes(5), out var alone) == Ended.Passed && alone < took)
                took = alone;
            if (ended == Ended.Passed)
                ledger.Add(test, took, met, once);
            else
                Console.Error.WriteLine($"{test}: {ended} without a mutant, so it is not asked");
            if (ended == Ended.NotInTime)
                return Restart;
        }

        return Done;
    }

    /// <summary>Tries every mutant about which a test has more to say.</summary>
    /// <param name="limit">How much of the tests' time one mutant may take, earlier runs included; the cheapest come first.</param>
    public int TryAll(TimeSpan limit)
    {
        // Whatever was being tried when the last process ended: once is an accident, twice is the mutant.
        foreach (var (id, verdict) in ledger.Verdicts.Where(pair => pair.Value.Word is "trying" or "trying-again").ToList())
            ledger.Add(id, verdict with { Word = verdict.Word == "trying" ? "again" : "crashed" });
        foreach (var (id, verdict) in ledger.Verdicts.Where(pair => pair.Value.Word == "killed" && _files.ContainsKey(pair.Key)))
            Count(id, verdict.By);
        var tried = 0;
        foreach (var mutant in all.Where(mutant => mutant.CanBeTried && wanted(mutant) && !ledger.Once.Contains(mutant.Id)))
        {
            if (ledger.Verdicts.GetValueOrDefault(mutant.Id) is { Open: false })
                continue;
            if (!Try(mutant, limit, ref tried) || tried > MostInOneProcess)
                return Restart;
        }

        return Done;
    }

    /// <summary>Tries a mutant that was on when this process began.</summary>
    public int TryOnce(int id, TimeSpan limit)
    {
        var near = all.Where(mutant => mutant.File == _files[id]).Select(mutant => mutant.Id).ToHashSet();
        var met = new List<int>();
        ledger.Add(id, new("trying", "", []));
        foreach (var i in Within(limit, Enumerable.Range(0, ledger.Tests.Count).Where(i => Available(i) && ledger.Tests[i].Mutants.Overlaps(near)).OrderBy(i => ledger.Tests[i].Took)))
        {
            mutants.On = id;
            if (suite.Run(ledger.Tests[i].Name, Patience(i), out _) is not Ended.Passed and var ended)
            {
                ledger.Add(id, new(ended == Ended.Failed ? "killed" : "timed-out", ledger.Tests[i].Name, [.. met]));
                return Done;
            }

            met.Add(i);
        }

        ledger.Add(id, new("survived", "", [.. met]));
        return Done;
    }

    /// <returns>False if this process is of no more use.</returns>
    bool Try(Mutant mutant, TimeSpan limit, ref int tried)
    {
        var before = ledger.Verdicts.GetValueOrDefault(mutant.Id) ?? new("", "", []);
        var met = before.Met.ToHashSet();
        var left = Enumerable.Range(0, ledger.Tests.Count).Where(i => Available(i) && !met.Contains(i) && ledger.Tests[i].Mutants.Contains(mutant.Id)).ToList();
        var spent = met.Aggregate(TimeSpan.Zero, (sum, i) => sum + ledger.Tests[i].Took);
        var now = Within(limit - spent, left.OrderBy(i => ledger.Tests[i].Took / (1 + _kills.GetValueOrDefault((mutant.File, ledger.Tests[i].Name))))).ToList();
        if (now.Count == 0)
        {
            var word = left.Count > 0 ? "partly" : met.Count > 0 ? "survived" : "not-reached";
            if (word != before.Word)
                ledger.Add(mutant.Id, new(word, "", before.Met));
            return true;
        }

        tried++;
        var again = before.Word == "again";
        // In a new process a test that failed is asked without the mutant first; then it need not be asked after it.
        if (again && before.By.Length > 0)
        {
            var passes = suite.Run(before.By, TimeSpan.FromMinutes(5), out _) == Ended.Passed;
            now = passes ? [.. now.OrderByDescending(i => ledger.Tests[i].Name == before.By)] : [.. now.Where(i => ledger.Tests[i].Name != before.By)];
            if (!passes)
                Console.Error.WriteLine($"{before.By}: fails without a mutant too, so mutant {mutant.Id} is not asked about it");
        }

        ledger.Add(mutant.Id, new(again ? "trying-again" : "trying", before.By, before.Met));
        foreach (var i in now)
        {
            var (test, _, _) = ledger.Tests[i];
            mutants.On = mutant.Id;
            var ended = suite.Run(test, Patience(i), out _);
            mutants.On = -1;
            if (ended == Ended.Passed)
            {
                met.Add(i);
                continue;
            }

            if (ended == Ended.NotInTime)
            {
                ledger.Add(mutant.Id, new("timed-out", test, [.. met]));
                return IsQuiet();
            }

            var confirmed = (again && test == before.By) || suite.Run(test, Patience(i), out _) == Ended.Passed;
            ledger.Add(mutant.Id, new(confirmed ? "killed" : "again", test, [.. met]));
            if (confirmed)
                Count(mutant.Id, test);
            return confirmed;
        }

        ledger.Add(mutant.Id, new(left.Count > now.Count ? "partly" : "survived", "", [.. met]));
        return true;
    }

    /// <summary>Whether what hung waits only; what runs in circles would slow all that follows.</summary>
    static bool IsQuiet()
    {
        Thread.Sleep(100);
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        Thread.Sleep(200);
        process.Refresh();
        return process.TotalProcessorTime - before < TimeSpan.FromMilliseconds(20);
    }

    bool Available(int i) => asked(ledger.Tests[i].Name) && suite.Tests.Contains(ledger.Tests[i].Name);

    TimeSpan Patience(int i) => TimeSpan.FromSeconds(3) + (15 * ledger.Tests[i].Took);

    IEnumerable<int> Within(TimeSpan limit, IEnumerable<int> tests)
    {
        var left = limit;
        foreach (var i in tests)
        {
            if (ledger.Tests[i].Took > left)
                continue;
            left -= ledger.Tests[i].Took;
            yield return i;
        }
    }

    void Count(int id, string test) => _kills[(_files[id], test)] = 1 + _kills.GetValueOrDefault((_files[id], test));
}
