using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Casework;

namespace Custos.Cli.Commands.Casework;

/// <summary><c>custos law</c>: the matrix of provisions, with its honesty labels.</summary>
static class LawCommand
{
    internal static Command Create() => new("law", "Show provisions and how far each is vouched for. Not legal advice.") { LawShowCommand.Create() };
}

/// <summary><c>custos law show</c>: the provisions of a jurisdiction.</summary>
static class LawShowCommand
{
    const string Help =
        "List the provisions of a jurisdiction with age, belief, date and label. Not legal advice: none is confirmed unless the overlay says by whom.\n"
        + "A jurisdiction without provisions here is not one without a law. Exit: 0 done; 1 could not read; 2 usage; 3 the matrix holds none of that jurisdiction.";

    internal static Command Create()
    {
        var country = new Option<string?>("--country") { Description = "ISO 3166-1, or INT, COE, EU; all if not given." };
        var overlay = new Option<string?>("--overlay") { Description = "The unit's law.overlay.json: what counsel confirmed, who and when." };
        var json = Workbench.Json();
        var command = new Command("show", Help) { country, overlay, json };
        command.SetAction(parsed =>
        {
            LawMatrix matrix;
            try
            {
                matrix = parsed.GetValue(overlay) is { } path ? With(path) : LawMatrix.BuiltIn;
            }
            catch (Exception fault) when (fault is FormatException or IOException or UnauthorizedAccessException)
            {
                return Workbench.Fail(fault is FormatException ? Workbench.Usage : Workbench.CouldNotFinish, fault.Message);
            }

            var entries = matrix.Entries.Where(entry => parsed.GetValue(country) is not { } code || entry.Jurisdiction == code).ToList();
            if (entries.Count == 0)
                return Workbench.Fail(Workbench.PartsLeftOut, "The matrix holds no provision of that jurisdiction, which does not mean that there is no law.");
            foreach (var entry in entries)
                System.Console.WriteLine(parsed.GetValue(json) ? Json(entry) : Text(entry));
            if (!parsed.GetValue(json))
                System.Console.WriteLine("Not legal advice.");
            return Workbench.Done;
        });
        return command;
    }

    static LawMatrix With(string path)
    {
        using var file = File.OpenRead(path);
        return LawMatrix.LoadBuiltIn(file);
    }

    static string Text(LawEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Jurisdiction}  {entry.Instrument}, {entry.Provision}: {entry.Title}\n    [{entry.LabelInWords}] protects under {entry.AgeThreshold?.ToString(CultureInfo.InvariantCulture) ?? "(not stated)"}; belief {entry.BeliefSuffices switch { true => "is enough", false => "is not enough", null => "unknown, counts as not enough" }}; in force since {entry.InForceFrom?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "(date unknown)"}\n    {entry.Note}\n");

    static string Json(LawEntry entry) => new JsonObject
    {
        ["jurisdiction"] = entry.Jurisdiction,
        ["instrument"] = entry.Instrument,
        ["provision"] = entry.Provision,
        ["title"] = entry.Title,
        ["elements"] = new JsonArray([.. entry.Elements.Select(element => (JsonNode)element)]),
        ["ageThreshold"] = entry.AgeThreshold,
        ["beliefSuffices"] = entry.BeliefSuffices,
        ["inForceFrom"] = entry.InForceFrom?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["label"] = entry.LabelInWords,
        ["sourceUrl"] = entry.SourceUrl,
        ["note"] = entry.Note,
        ["notLegalAdvice"] = true,
    }.ToJsonString(Workbench.JsonForm);
}
