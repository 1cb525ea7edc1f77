using System.CommandLine;
using System.Globalization;
using Custos.Casework;
using Custos.Detection;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos packs publish</c>: a changed pack becomes what is looked for, by a decision in the unit's own log. <c>custos packs published</c>: what was decided.</summary>
static class PackPublishCommand
{
    const string Help =
        "Puts a changed pack in force in a data folder: two persons decide it, the decision stands in the unit's own log with the pack's hash, and the pack is kept for good. " +
        "Each operation is derived again with it when it is next opened; what was found before can be found again with the pack that was in force then.\n" +
        "Exit codes: 0 published; 1 could not finish; 2 usage; 4 the pack is refused. Unless it is 0 nothing was recorded.";

    internal static Command Create(Option<bool> json)
    {
        var (data, actor) = (Workbench.Data(), Workbench.Actor());
        var candidate = new Option<DirectoryInfo?>("--candidate") { Description = "The folder of the changed pack (the one in the data folder if not given)" };
        var operation = new Option<string?>("--tried-on") { Description = "An operation whose recorded log both packs read first; what was compared stands in the decision" };
        var second = new Option<string>("--second") { Description = "Pseudonym of the other person who agreed", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why, as it will stand in the log", Required = true };
        var command = new Command("publish", Help) { data, candidate, operation, actor, second, reason };
        command.SetAction((parsed, cancellation) => Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), workspace => RunAsync(
            workspace, parsed.GetValue(candidate)?.FullName ?? workspace.Packs.Candidate, parsed.GetValue(operation), ActorId.Parse(parsed.GetRequiredValue(actor)), ActorId.Parse(parsed.GetRequiredValue(second)),
            parsed.GetRequiredValue(reason), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    internal static Command Published(Option<bool> json)
    {
        var data = Workbench.Data();
        var command = new Command("published", "Lists what was published in a data folder, latest first: the first is in force. Exit codes: 0 done; 1 could not read; 2 usage.") { data };
        command.SetAction((parsed, cancellation) => Workbench.InWorkspaceAsync(parsed.GetRequiredValue(data), workspace =>
        {
            var all = workspace.Packs.Published().Reverse().ToList();
            if (parsed.GetValue(json))
            {
                PacksCommand.Write(w =>
                {
                    w.WriteString("inForce", workspace.Packs.InForce().Hash);
                    w.WriteStartArray("published");
                    foreach (var publication in all)
                    {
                        w.WriteStartObject();
                        Json(w, publication);
                        w.WriteEndObject();
                    }

                    w.WriteEndArray();
                });
            }
            else if (all.Count == 0)
            {
                System.Console.Out.WriteLine($"Nothing was published: {PackShelf.Shipped.Hash} is in force, as it came with the program.");
            }
            else
            {
                foreach (var publication in all)
                    Print(publication);
            }

            return Task.FromResult(Workbench.Done);
        }, cancellation));
        return command;
    }

    static async Task<int> RunAsync(Workspace workspace, string candidate, string? operation, ActorId actor, ActorId second, string reason, bool json, CancellationToken cancellation)
    {
        try
        {
            var seen = Directory.Exists(candidate) ? Pack.HashOf(candidate) : null;
            PackTrial? tried = null;
            if (operation is not null && seen is not null)
            {
                var (report, days) = await PackShadowCommand.TryAsync(workspace, operation, Pack.Load(workspace.Packs.InForce().Directory), Pack.Load(candidate), actor, cancellation);
                tried = PackTrialRun.Of(operation, report, days);
            }

            var (publication, problems) = await workspace.PublishPackAsync(candidate, seen, actor, second, reason, tried, cancellation);
            if (publication is null)
                return PacksCommand.Refused(candidate, problems, json);
            if (json)
                PacksCommand.Write(w => Json(w, publication));
            else
                Print(publication);
            return Workbench.Done;
        }
        catch (ArgumentException wrong)
        {
            return Workbench.Fail(Workbench.Usage, wrong.Message);
        }
        catch (PackException refused)
        {
            return PacksCommand.Refused(candidate, refused.Problems, json);
        }
    }

    static void Print(PackPublication publication)
    {
        var decision = publication.Decision;
        System.Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{decision.Hash}\n  published {publication.At:yyyy-MM-dd HH:mm:ss'Z'} by {decision.By} with {decision.Second}: {decision.Reason}"));
        System.Console.Out.WriteLine($"  recorded as unit/{publication.Exhibit}; it replaces {decision.Replaces}");
        System.Console.Out.WriteLine(decision.Tried is { } tried
            ? string.Create(CultureInfo.InvariantCulture, $"  tried on {tried.Operation}: messages {tried.Messages}, days {tried.Days}, alerts gained {tried.Gained}, lost {tried.Lost}")
            : "  tried on nothing");
    }

    static void Json(System.Text.Json.Utf8JsonWriter w, PackPublication publication)
    {
        var decision = publication.Decision;
        w.WriteString("pack", decision.Hash);
        w.WriteString("replaces", decision.Replaces);
        w.WriteString("exhibit", $"unit/{publication.Exhibit}");
        w.WriteString("at", publication.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        w.WriteString("by", decision.By.Value);
        w.WriteString("second", decision.Second.Value);
        w.WriteString("reason", decision.Reason);
        if (decision.Tried is not { } tried)
        {
            w.WriteNull("tried");
            return;
        }

        w.WriteStartObject("tried");
        w.WriteString("operation", tried.Operation);
        w.WriteNumber("messages", tried.Messages);
        w.WriteNumber("days", tried.Days);
        w.WriteNumber("gained", tried.Gained);
        w.WriteNumber("lost", tried.Lost);
        w.WriteEndObject();
    }
}
