using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Custos.Study;

namespace Custos.Cli.Commands.Study;

/// <summary><c>custos study</c>: how much of it.</summary>
static class StudyCommand
{
    internal static Command Create() => new("study", "Count people, places and hours, with denominators and intervals.") { StudyTableCommand.Create() };
}

/// <summary><c>custos study table</c>: accounts, people between bounds, venues, hours listened, alerts per venue-hour, share identified.</summary>
static class StudyTableCommand
{
    const string Help =
        "Print what an operation shows: accounts, people between a lower and an upper bound, hours listened, alerts per venue-hour with exact Poisson intervals,\n"
        + "share identified with its Wilson interval, countries claimed and inferred apart. For the unit: small cells are not hidden.\n"
        + "Exit: 0 done; 1 could not finish; 2 usage; 3 done, but what has no exposure was left out (named).";

    internal static Command Create()
    {
        var operation = Workbench.Operation();
        var output = new Option<string?>("--output", "-o") { Description = "A file instead of standard output; .csv and .json choose their form." };
        var data = Workbench.Data();
        var json = Workbench.Json();
        var command = new Command("table", Help) { operation, output, data, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var source = await OperationStudySource.OpenAsync(room, RandomNumberGenerator.GetBytes(32), cancellation);
            var table = await StudyTable.OfAsync(source, cancellation);
            var path = parsed.GetValue(output);
            var text = parsed.GetValue(json) || path?.EndsWith(".json", StringComparison.Ordinal) == true ? Encoding.UTF8.GetString(StudyWriter.Json(table))
                : path?.EndsWith(".csv", StringComparison.Ordinal) == true ? StudyWriter.Csv(table)
                : StudyWriter.Text(table) + Legend(source);
            if (path is null)
                System.Console.Write(text);
            else
                await File.WriteAllTextAsync(path, text, new UTF8Encoding(false), cancellation);
            // The text says it itself, where it is read.
            if (path is not null || parsed.GetValue(json))
            {
                foreach (var line in table.LeftOut)
                    await System.Console.Error.WriteLineAsync(line);
            }

            return table.LeftOut.Count > 0 ? Workbench.PartsLeftOut : Workbench.Done;
        }, cancellation));
        return command;
    }

    static string Legend(OperationStudySource source)
    {
        var text = new StringBuilder("\nCodes, for the unit alone:\n");
        foreach (var (key, venue) in source.Legend)
            text.Append(key.Code).Append("  ").Append(venue).Append('\n');
        return text.ToString();
    }
}
