using System.Globalization;
using System.Text.Json;

namespace Custos.Mutants;

/// <summary>One change to the program, as dotnet-stryker's report has it.</summary>
/// <param name="Id">Its number in the mutated assembly.</param>
/// <param name="File">The source file, below the project's folder.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Column">Where it begins, from 1.</param>
/// <param name="What">The tool's name for the kind of change.</param>
/// <param name="Replacement">What stands there instead.</param>
/// <param name="Status">The tool's word: only <c>Ignored</c> and <c>CompileError</c> are of use here.</param>
sealed record Mutant(int Id, string File, int Line, int Column, string What, string Replacement, string Status)
{
    public bool CanBeTried => Status is not ("Ignored" or "CompileError");

    public static List<Mutant> Read(string report, string project)
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllBytes(report));
        return [.. json.RootElement.GetProperty("files").EnumerateObject().SelectMany(file => file.Value.GetProperty("mutants").EnumerateArray().Select(mutant => Of(Below(file.Name, project), mutant))).OrderBy(mutant => mutant.Id)];
    }

    static string Below(string path, string project) => path.Replace('\\', '/') is var slashed && slashed.LastIndexOf(project + "/", StringComparison.Ordinal) is var at and >= 0 ? slashed[(at + project.Length + 1)..] : slashed;

    static Mutant Of(string file, JsonElement mutant)
    {
        var start = mutant.GetProperty("location").GetProperty("start");
        return new(
            int.Parse(mutant.GetProperty("id").GetString()!, CultureInfo.InvariantCulture),
            file,
            start.GetProperty("line").GetInt32(),
            start.GetProperty("column").GetInt32(),
            mutant.GetProperty("mutatorName").GetString()!,
            mutant.GetProperty("replacement").GetString()!,
            mutant.GetProperty("status").GetString()!);
    }
}
