using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Custos.Evidence;
using Custos.Pipeline;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Pipeline;

/// <summary><c>custos search</c>: where words occur in what was recorded. The search is recorded before a hit is shown.</summary>
static class SearchCommand
{
    const string Help =
        "Finds messages that hold every word given. A word may end in *, words in quotation marks stand together; case and marks on letters are passed over.\n" +
        "Who searched, for what reason, and which exhibits were shown becomes a custody event of the operation before anything is shown; a search without a hit goes to the unit's own log.\n" +
        "Exit codes: 0 done, with hits or without; 1 could not finish; 2 usage; 3 done, with more hits than were asked for; 4 refused.";

    internal static Command Create()
    {
        var words = new Argument<string[]>("words") { Description = "What to look for", Arity = ArgumentArity.OneOrMore };
        var operation = Workbench.Operation();
        var reason = new Option<string>("--reason") { Description = "Why; it is recorded", Required = true };
        var actor = Workbench.Actor();
        var most = new Option<int>("--most") { Description = "Hits at most", DefaultValueFactory = _ => 100 };
        var data = Workbench.Data();
        var json = new Option<bool>("--json") { Description = "One JSON object a hit" };
        var command = new Command("search", Help) { words, operation, reason, actor, most, data, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var why = parsed.GetValue(reason)!.Trim();
            if (why.Length == 0)
                return Workbench.Fail(Workbench.Usage, "--reason is a sentence: why the search is made. Nothing was searched.");
            if (parsed.GetValue(most) is < 1 or > 10_000)
                return Workbench.Fail(Workbench.Usage, "--most is a number from 1 to 10,000. Nothing was searched.");
            return await Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), async workspace =>
            {
                var person = ActorId.Parse(parsed.GetRequiredValue(actor));
                await using var room = await workspace.OpenOperationAsync(OperationSlug.Parse(parsed.GetRequiredValue(operation)), cancellation);
                var stale = await SettleAsync(room, cancellation);
                var found = await room.Index.SearchAsync(string.Join(' ', parsed.GetValue(words)!), parsed.GetValue(most), cancellation);
                await RecordAsync(workspace, room, found, person, why, cancellation);
                Show(found, parsed.GetValue(json));
                if (stale is not null)
                    System.Console.Error.WriteLine(stale);
                if (!found.More)
                    return stale is null ? Workbench.Done : Workbench.PartsLeftOut;
                System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"There are more than {found.Hits.Count} hits. Ask for more with --most, or give another word."));
                return Workbench.PartsLeftOut;
            }, cancellation);
        });
        return command;
    }

    /// <summary>What is not searchable yet, in words; null if everything is.</summary>
    static async Task<string?> SettleAsync(OperationRoom room, CancellationToken cancellation)
    {
        try
        {
            await room.SettleAsync(cancellation);
            return null;
        }
        catch (IndexUnavailableException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"Only exhibits up to {new ExhibitNumber(room.Health.IndexedUpTo - 1)} were searched. {e.Message}");
        }
    }

    static async Task RecordAsync(Workspace workspace, OperationRoom room, SearchHits found, ActorId person, string reason, CancellationToken cancellation)
    {
        var searched = new CustodyEvent
        {
            Kind = CustodyKind.Searched,
            Actor = new() { Id = person.Value },
            Purpose = reason,
            Tool = new() { Name = Workbench.Tool },
            Exhibits = [.. found.Hits.Select(hit => hit.Message.Exhibit.LeafIndex)],
        };
        if (found.Hits.Count > 0)
        {
            await room.Custody.RecordAsync(searched, cancellation);
            return;
        }

        // Nothing of the operation was shown, so its log has nothing to say of it (casework-spec, section 4).
        await using var unit = await workspace.OpenUnitLogAsync(cancellation);
        await unit.RecordAsync(searched with { Exhibits = null, Case = room.Slug.Value }, cancellation);
    }

    static void Show(SearchHits found, bool json)
    {
        foreach (var hit in found.Hits)
        {
            var said = hit.Message.Message;
            if (!json)
            {
                System.Console.WriteLine($"{hit.Message.Exhibit}  {said.At?.ToString() ?? "time unknown"}  {Printable(said.Venue.Value)}  <{Printable(said.From.Value)}> {Printable(said.Text)}");
                continue;
            }

            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                writer.WriteStartObject();
                writer.WriteString("exhibit", hit.Message.Exhibit.ToString());
                writer.WriteString("venue", said.Venue.Value);
                writer.WriteString("thread", said.Thread);
                writer.WriteString("id", said.Id);
                writer.WriteString("at", said.At?.ToString());
                writer.WriteString("from", said.From.Value);
                writer.WriteString("text", said.Text);
                writer.WriteString("alert", hit.AlertId);
                writer.WriteEndObject();
            }

            System.Console.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        }

        if (!json)
            System.Console.WriteLine(found.Hits.Count switch { 0 => "No hit.", 1 => "1 hit.", _ => string.Create(CultureInfo.InvariantCulture, $"{found.Hits.Count:N0} hits.") });
    }

    // What someone wrote in a chat must not move the cursor or turn the reading order on this terminal.
    static string Printable(string text) => string.Create(text.Length, text, static (shown, text) =>
    {
        for (var i = 0; i < text.Length; i++)
            shown[i] = char.IsControl(text[i]) || char.GetUnicodeCategory(text[i]) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '\uFFFD' : text[i];
    });
}
