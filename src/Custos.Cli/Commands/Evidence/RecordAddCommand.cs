using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Authority;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos record add</c>: seals a recorded file, part by part.</summary>
static class RecordAddCommand
{
    const string Help =
        "Seal a recorded file into an operation, in parts of 8 MiB: each part is on disk and its entry published before the next is read.\n" +
        "With '-' what comes on standard input is sealed while it arrives: a part ends when it is full, or when its first byte is two seconds old.\n" +
        "The authorisation must permit 'record' at the venue, now. The file is not decoded, indexed or thumbnailed.\n" +
        "Stopped half-way, what was acknowledged stays and the recording is closed as interrupted.\n" +
        "Exit: 0 done; 1 could not finish; 2 usage; 4 refused by the authorisation.";

    // What a crash may cost of a recording that arrives slowly.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The recording; - for standard input." };
        var venue = new Option<string>("--venue") { Description = "The place it was made of, as the authorisation names it.", Required = true };
        var mime = new Option<string>("--mime") { Description = "What kind of file it is said to be.", DefaultValueFactory = _ => "application/octet-stream" };
        var (operation, data, actor, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var command = new Command("add", Help) { file, operation, data, venue, mime, actor, json };
        command.SetAction((parsed, cancellation) => Workbench.InOperationAsync(
            parsed.GetRequiredValue(data),
            parsed.GetRequiredValue(operation),
            room => AddAsync(room, parsed.GetRequiredValue(file), new VenueId(parsed.GetRequiredValue(venue)), parsed.GetRequiredValue(mime), ActorId.Parse(parsed.GetRequiredValue(actor)), parsed.GetValue(json), cancellation),
            cancellation));
        return command;
    }

    static async Task<int> AddAsync(OperationRoom room, string path, VenueId venue, string mime, ActorId actor, bool json, CancellationToken cancellation)
    {
        var scope = Scope.Check(room.Authorization, Act.Record, venue, null, TimeProvider.System.GetUtcNow());
        if (!scope.Permitted)
        {
            foreach (var missing in scope.Missing)
                await System.Console.Error.WriteLineAsync(missing.ToString());
            return Workbench.Fail(Workbench.Refused, "Refused: nothing was recorded.");
        }

        var arriving = path == "-";
        await using var stream = arriving ? System.Console.OpenStandardInput() : File.OpenRead(path);
        if (!arriving && stream.Length == 0)
            return Workbench.Fail(Workbench.Usage, $"'{path}' is empty; nothing was recorded.");
        await using var recording = await room.Evidence.StartRecordingAsync(new(mime, $"{(arriving ? "standard input" : Path.GetFileName(path))}, of {venue}", actor.Value), cancellation);
        var reader = new PartReader(stream, Patience, TimeProvider.System);
        var buffer = new byte[Recording.MaxPartBytes];
        var (parts, bytes) = (0, 0L);
        try
        {
            int read;
            while ((read = await reader.FillAsync(buffer, cancellation)) > 0)
            {
                await recording.AddPartAsync(parts++, buffer.AsMemory(0, read), cancellation);
                bytes += read;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Closed here, so that the record says at once what the next start would have to find out.
            await EndAsync(e is IOException ? RecordingEnd.Lost : RecordingEnd.Interrupted);
            throw;
        }

        var closing = await EndAsync(RecordingEnd.Stopped);
        await room.SettleAsync(cancellation);
        System.Console.WriteLine(json
            ? new JsonObject { ["operation"] = room.Slug.Value, ["opened"] = recording.Opening.Number.ToString(), ["closed"] = closing.Number.ToString(), ["parts"] = parts, ["bytes"] = bytes }.ToJsonString(Workbench.JsonForm)
            : string.Create(CultureInfo.InvariantCulture, $"sealed {bytes:N0} bytes in {parts} parts, {recording.Opening.Number} to {closing.Number}"));
        return Workbench.Done;

        async Task<Exhibit> EndAsync(RecordingEnd end)
        {
            var closing = await recording.CloseAsync(end, CancellationToken.None);
            await room.Custody.RecordAsync(
                new()
                {
                    Kind = CustodyKind.Imported,
                    Actor = new() { Id = actor.Value },
                    Exhibits = [recording.Opening.Number.LeafIndex, closing.Number.LeafIndex],
                    RootExhibit = recording.Opening.Number.LeafIndex,
                    Purpose = end == RecordingEnd.Stopped ? $"recording of {venue}" : $"recording of {venue}, broken off",
                    Tool = new() { Name = Workbench.Tool },
                    Output = [new() { Size = bytes, Mime = mime, Sha256 = Recording.Sha256Of(closing) }],
                },
                CancellationToken.None);
            return closing;
        }
    }
}
