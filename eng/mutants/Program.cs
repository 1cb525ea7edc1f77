using System.Diagnostics;
using System.Globalization;
using Custos.Mutants;

const string Project = "Custos.Evidence";
const string Usage = """
    Mutation tests over src/Custos.Evidence, in process. README.md beside this program says how.
      Mutants make CHECKOUT FOLDER               all mutants in one build of the tests, with dotnet-stryker
      Mutants run FOLDER --limit SECONDS [--in TEXT]... [--skip TEXT]... [--only TEXT]...
                                                 tries what is left, in files, without tests or with those tests alone
                                                 whose names hold the text; may be cut off and begun again
      Mutants report FOLDER... [--survivors]     the score, by folder of the sources, each survivor by its place;
                                                 of runs over parts (--in) together
    Exit: 0, or 2 for wrong use.
    """;

switch (args)
{
    case ["make", var checkout, var folder]:
        return await Maker.MakeAsync(Path.GetFullPath(checkout), Path.GetFullPath(folder), Project);
    case ["run", var folder, .. var rest]:
        return Run(Path.GetFullPath(folder), rest);
    case ["inner", var folder, var once, .. var rest]:
        return await InnerAsync(folder, int.Parse(once, CultureInfo.InvariantCulture), rest);
    case ["report", var folder, .. var rest]:
        Report.Print(Mutant.Read(Path.Combine(folder, "report.json"), Project), [folder, .. rest.Where(word => word != "--survivors")], rest.Contains("--survivors"));
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

// One process after another: a mutant may hang one, end one, or leave it unfit.
static int Run(string folder, string[] rest)
{
    var (ended, written) = (Runner.Restart, -1L);
    while (ended != Runner.Done)
    {
        // Nothing more can be done by one that ends before it has written a line.
        if (ended is 2 or 130 or 143 || written == (written = Ledger.Length(folder)))
            return ended;
        ended = Start(folder, -1, rest);
    }

    List<int> once;
    var files = Texts(rest, "--in");
    using (var ledger = new Ledger(folder))
        once = [.. Mutant.Read(Path.Combine(folder, "report.json"), Project).Where(mutant => mutant.CanBeTried && Holds(mutant.File, files) && ledger.Once.Contains(mutant.Id) && ledger.Verdicts.GetValueOrDefault(mutant.Id) is null or { Open: true }).Select(mutant => mutant.Id)];
    foreach (var id in once)
    {
        if (Start(folder, id, rest) == Runner.Done)
            continue;
        using var ledger = new Ledger(folder);
        ledger.Add(id, new("crashed", "", []));
    }

    return 0;
}

static int Start(string folder, int once, string[] rest)
{
    var build = Path.Combine(folder, "build");
    var start = new ProcessStartInfo("dotnet", ["exec", "--depsfile", $"{build}/{Project}.Tests.deps.json", "--runtimeconfig", $"{build}/{Project}.Tests.runtimeconfig.json", $"{build}/Mutants.dll", "inner", folder, once.ToString(CultureInfo.InvariantCulture), .. rest]);
    // What dotnet-stryker's switch reads when the process first comes by it.
    start.Environment["ActiveMutation"] = once.ToString(CultureInfo.InvariantCulture);
    // A mutant that never stops asking for memory ends itself and not the machine.
    start.Environment["DOTNET_GCHeapHardLimit"] = "0x80000000";
    using var process = Process.Start(start)!;
    process.WaitForExit();
    return process.ExitCode;
}

static async Task<int> InnerAsync(string folder, int once, string[] rest)
{
    var limit = Texts(rest, "--limit") is [.., var seconds] ? TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)) : TimeSpan.Zero;
    var (files, skip, only) = (Texts(rest, "--in"), Texts(rest, "--skip"), Texts(rest, "--only"));
    if (limit <= TimeSpan.Zero)
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    using var ledger = new Ledger(folder);
    var all = Mutant.Read(Path.Combine(folder, "report.json"), Project);
    var runner = await Runner.OpenAsync(ledger, all, mutant => Holds(mutant.File, files), Project, test => !skip.Exists(test.Contains) && Holds(test, only));
    if (once >= 0)
        Leave(runner.TryOnce(once, limit));
    if (runner.Look() is not Runner.Done and var ended)
        Leave(ended);
    Leave(runner.TryAll(limit));
    return 0;
}

static List<string> Texts(string[] options, string name) => [.. options.Zip(options.Skip(1)).Where(pair => pair.First == name).Select(pair => pair.Second)];

static bool Holds(string name, List<string> texts) => texts.Count == 0 || texts.Exists(name.Contains);

// At once: a test that hangs would keep the process.
static void Leave(int code) => Environment.Exit(code);
