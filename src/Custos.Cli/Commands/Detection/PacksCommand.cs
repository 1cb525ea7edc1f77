using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Custos.Detection;
using Custos.Server.Workspaces;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos packs</c>: what is looked for, checked before it counts.</summary>
static class PacksCommand
{
    const string Help =
        "Checks the vocabulary of detection (docs/formats/packs.md). Exit codes: 0 done; 2 usage; 4 the pack is refused, with every problem by file, line and column.";

    internal static Command Create()
    {
        var packs = new Option<DirectoryInfo?>("--packs") { Description = "The folder that holds pack.yaml (the one that came with the program if not given)", Recursive = true };
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output", Recursive = true };
        var lint = new Command("lint", "Reads every file, rule, term and example, and names every problem.");
        lint.SetAction(parsed => WithDirectory(parsed.GetValue(packs), directory => Lint(directory, parsed.GetValue(json))));
        var test = new Command("test", "Reads every example, lists written out: it must fire; every counter-example must not.");
        test.SetAction(parsed => WithDirectory(parsed.GetValue(packs), directory => Test(directory, parsed.GetValue(json))));
        var hash = new Command("hash", "Prints the pack's hash, as findings carry it.");
        hash.SetAction(parsed => WithDirectory(parsed.GetValue(packs), directory => Hash(directory, parsed.GetValue(json))));
        return new Command("packs", Help) { lint, test, hash, PackShadowCommand.Create(packs, json), PackChangeCommand.Create(packs, json), PackChangeCommand.Lists(packs, json), PackPublishCommand.Create(json), PackPublishCommand.Published(json), packs, json };
    }

    /// <summary>Where the pack in force of a data folder is what a change begins from.</summary>
    internal static Option<string?> Data() => new("--data") { Description = "A data folder: its pack in force is what is changed, and its own changed pack is the candidate" };

    /// <summary>Finds the folder of the pack: the one named, else the one in force in a data folder, else the one that came with the program.</summary>
    internal static int WithDirectory(DirectoryInfo? named, string? data, Func<string, int> run)
    {
        if (named is not null || data is null)
            return WithDirectory(named, run);
        try
        {
            return run(new PackShelf(data).InForce().Directory);
        }
        catch (WorkspaceException refused)
        {
            return Workbench.Fail(Workbench.Refused, refused.Message);
        }
    }

    internal static int WithDirectory(DirectoryInfo? named, Func<string, int> run)
    {
        if ((named?.FullName ?? Pack.FindDirectory()) is { } directory)
            return run(directory);
        System.Console.Error.WriteLine("There is no folder 'packs' beside the program. Nothing was read. Name one with --packs.");
        return 4;
    }

    static int Lint(string directory, bool json)
    {
        var problems = PackLint.Check(directory);
        if (json)
            Write(w => Problems(w, problems));
        else if (problems.Count == 0)
            System.Console.Out.WriteLine($"No problem in '{directory}'.");
        return Refused(directory, problems, json);
    }

    static int Test(string directory, bool json)
    {
        if (Load(directory, json) is not { } pack)
            return 4;
        var result = PackLint.Test(pack);
        if (json)
        {
            Write(w =>
            {
                w.WriteNumber("rules", result.Rules);
                w.WriteNumber("examples", result.Examples);
                w.WriteNumber("sentences", result.Sentences);
                Problems(w, result.Problems);
            });
        }
        else
        {
            System.Console.Out.WriteLine($"{result.Rules} rules, {result.Examples} examples and counter-examples, {result.Sentences} sentences with lists written out: {result.Problems.Count} wrong.");
        }

        return Refused(directory, result.Problems, json);
    }

    static int Hash(string directory, bool json)
    {
        if (Load(directory, json) is not { } pack)
            return 4;
        if (json)
            Write(w => w.WriteString("hash", pack.Hash));
        else
            System.Console.Out.WriteLine(pack.Hash);
        return 0;
    }

    internal static Pack? Load(string directory, bool json)
    {
        try
        {
            return Pack.Load(directory);
        }
        catch (PackException refused)
        {
            if (json)
                Write(w => Problems(w, refused.Problems));
            Refused(directory, refused.Problems, json);
            return null;
        }
    }

    internal static int Refused(string directory, IReadOnlyList<PackProblem> problems, bool json)
    {
        if (problems.Count == 0)
            return 0;
        if (!json)
        {
            foreach (var problem in problems)
                System.Console.Error.WriteLine(problem);
        }

        System.Console.Error.WriteLine($"The pack in '{directory}' is refused: {problems.Count} to change. Nothing was changed.");
        return 4;
    }

    static void Problems(Utf8JsonWriter writer, IReadOnlyList<PackProblem> problems)
    {
        writer.WriteStartArray("problems");
        foreach (var problem in problems)
        {
            writer.WriteStartObject();
            writer.WriteString("file", problem.File);
            writer.WriteNumber("line", problem.Line);
            writer.WriteNumber("column", problem.Column);
            writer.WriteString("text", problem.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    internal static void Write(Action<Utf8JsonWriter> fill)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            fill(writer);
            writer.WriteEndObject();
        }

        System.Console.Out.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
