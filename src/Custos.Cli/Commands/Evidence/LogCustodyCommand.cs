using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Custos.Capture.Transcripts;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos log custody</c>: the chain of custody of one exhibit.</summary>
static class LogCustodyCommand
{
    const string Help =
        "Print the chain of custody of one exhibit: every act upon it that the log holds, corrections and what they correct both shown.\n"
        + "That it was looked up is recorded before an event is opened, and stands last on the page. With --html the page is written to a file and its leaving is recorded.\n"
        + "Exit: 0 done; 1 could not finish; 2 usage, or no such exhibit.";

    internal static Command Create()
    {
        var exhibit = new Argument<string>("EXHIBIT") { Description = "EX-00001234, or the bare number." };
        var (operation, data, actor, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var reason = Reason("look at the chain of custody");
        var html = new Option<string?>("--html") { Description = "Write one self-contained HTML file; it appears whole or not at all, and replaces one of that name." };
        var command = new Command("custody", Help) { exhibit, operation, html, reason, data, actor, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var person = new CustodyPerson { Id = ActorId.Parse(parsed.GetRequiredValue(actor)).Value };
            if (Find(room, parsed.GetRequiredValue(exhibit)) is not { } number)
                return Missing(room, parsed.GetRequiredValue(exhibit));
            var why = parsed.GetRequiredValue(reason);
            var chain = await room.CustodyOfAsync(number, new(person, why), cancellation);
            if (parsed.GetValue(html) is not { } path)
            {
                System.Console.WriteLine(parsed.GetValue(json) ? CustodyPage.Json(chain) : CustodyPage.Text(chain).TrimEnd('\n'));
                return Workbench.Done;
            }

            var page = Encoding.UTF8.GetBytes(CustodyPage.Html(chain));
            var left = await WriteAsync(room, page, path, new()
            {
                Kind = CustodyKind.Exported,
                Exhibits = [number.LeafIndex],
                RootExhibit = number.LeafIndex,
                Actor = person,
                Purpose = $"{why} (page of the chain of custody)",
                Recipient = new() { Name = "unknown", Method = $"file {Path.GetFileName(path)}" },
                Tool = new() { Name = Workbench.Tool },
                Output = [new() { Sha256 = Convert.ToHexStringLower(SHA256.HashData(page)), Size = page.Length, Mime = "text/html" }],
            }, cancellation);
            System.Console.WriteLine(parsed.GetValue(json)
                ? CustodyPage.Json(chain)
                : $"{path}: {chain.Steps.Count} events of {number}. SHA-256 {Convert.ToHexStringLower(SHA256.HashData(page))}; its leaving is recorded as {left}.");
            return Workbench.Done;
        }, cancellation));
        return command;
    }

    internal static Option<string> Reason(string otherwise) => new("--reason") { Description = "Why, for the custody event.", DefaultValueFactory = _ => otherwise };

    /// <summary>The exhibit a person named, or null if the log holds none of that number.</summary>
    internal static ExhibitNumber? Find(OperationRoom room, string text) =>
        ExhibitNumber.Parse(text) is var number && number.LeafIndex < room.Reader.Size ? number : null;

    internal static int Missing(OperationRoom room, string text) =>
        Workbench.Fail(Workbench.Usage, $"There is no exhibit {text} in '{room.Slug}': it holds EX-00000000 to {new ExhibitNumber(room.Reader.Size - 1)}. Nothing was recorded.");

    // Recorded first: a file that left without a custody event would be worse than an event whose file never came.
    static async Task<ExhibitNumber> WriteAsync(OperationRoom room, byte[] page, string path, CustodyEvent leaving, CancellationToken cancellation)
    {
        var partial = WholeFile.Staged(path);
        try
        {
            await File.WriteAllBytesAsync(partial, page, cancellation);
            var recorded = await room.Custody.RecordAsync(leaving, cancellation);
            WholeFile.Keep(path);
            return recorded.Number;
        }
        catch
        {
            WholeFile.Drop(path);
            throw;
        }
    }
}
