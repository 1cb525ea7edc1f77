using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Capture.Transcripts;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Capture;

/// <summary><c>custos export transcript</c>: everything that was said, as <c>custos-transcript/1</c>.</summary>
static class ExportTranscriptCommand
{
    internal static Command Create()
    {
        var operation = Workbench.Operation();
        var output = new Option<string>("--output", "-o") { Description = "The file; it appears whole or not at all, and replaces one of that name.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why it leaves, for the custody event.", DefaultValueFactory = _ => "export" };
        var data = Workbench.Data();
        var actor = Workbench.Actor();
        var json = Workbench.Json();
        var command = new Command(
            "transcript",
            "Write every recorded message as custos-transcript/1 (docs/formats/custos-transcript.md): words verbatim, in the order they were recorded.\n"
            + "Exit: 0 done; 1 could not finish; 2 usage; 3 done, but some exhibits of a format this program does not know were left out.")
        {
            operation, output, reason, data, actor, json,
        };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(parsed.GetRequiredValue(data), parsed.GetRequiredValue(operation), async room =>
        {
            var path = parsed.GetRequiredValue(output);
            var actorId = ActorId.Parse(parsed.GetRequiredValue(actor));
            var export = await TranscriptExport.WriteAsync(room.Reader, room.Custody, new(actorId.Value, Workbench.Tool, parsed.GetRequiredValue(reason)), path, null, cancellation);
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(new JsonObject
                {
                    ["operation"] = room.Slug.Value,
                    ["output"] = path,
                    ["messages"] = export.Messages,
                    ["otherLines"] = export.OtherLines,
                    ["unknown"] = export.Unknown,
                    ["deleted"] = new JsonArray([.. export.Deleted.Select(gone => (JsonNode)new JsonObject { ["order"] = gone.Order.ToString(), ["at"] = SpokenAt.Utc(gone.At).ToString(), ["messages"] = gone.Messages })]),
                    ["bytes"] = export.Bytes,
                    ["sha256"] = export.Sha256.ToString(),
                    ["from"] = export.First?.LeafIndex,
                    ["to"] = export.Last?.LeafIndex,
                }.ToJsonString(Workbench.JsonForm));
            }
            else
            {
                System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{export.Messages:N0} messages written to {path} ({export.Bytes:N0} bytes, SHA-256 {export.Sha256})."));
                foreach (var gone in export.Deleted)
                    System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Not in it: {gone.Messages:N0} {(gone.Messages == 1 ? "message" : "messages")} deleted by order {gone.Order} of {gone.At:yyyy-MM-dd}."));
            }

            return export.Unknown > 0
                ? Workbench.Fail(Workbench.PartsLeftOut, string.Create(CultureInfo.InvariantCulture, $"{export.Unknown:N0} exhibits are in a format this program does not know and were left out. A newer program may know it."))
                : Workbench.Done;
        }, cancellation));
        return command;
    }
}
