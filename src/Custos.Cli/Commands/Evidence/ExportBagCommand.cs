using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Custos.Capture.Decoding;
using Custos.Casework;
using Custos.Cli.Commands.Casework;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Identity;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos export bag</c>: exhibits with everything a stranger needs to check them.</summary>
static class ExportBagCommand
{
    const string Help =
        "Write a bag (BagIt 1.0, docs/formats/bag.md): the chosen exhibits with salt, content and proof, their custody, recordings by reference, the signed checkpoint,\n"
        + "drafts of certificates, and a page that says how to check it all without this program. It is verified before it gets its name, and its leaving is recorded.\n"
        + "The bytes of recordings go along only with --with-media and the receiver's written instruction.\n"
        + "Exit: 0 done; 1 could not finish, no bag was left; 2 usage, or no such exhibit; 4 refused: --with-media without an instruction.";

    // What nobody will hand over exhibit by exhibit.
    const int MostInRange = 1_000_000;

    internal static Command Create()
    {
        var exhibits = new Option<string[]>("--exhibit", "-e") { Description = "EX-00001234, a bare number, or a stretch A..B; may be given again. A recording is named by any of its exhibits.", AllowMultipleArgumentsPerToken = true };
        var account = new Option<string?>("--account") { Description = "The exhibits that a dossier on this account cites, and the dossier with them." };
        var output = new Option<string>("--output", "-o") { Description = "The folder in which the bag is made, as NAME-DATE-NN.", Required = true };
        var recipient = new Option<string>("--recipient") { Description = "For whom, for the custody event.", Required = true };
        var method = new Option<string>("--method") { Description = "How it will be handed over.", DefaultValueFactory = _ => "unknown" };
        var reason = new Option<string>("--reason") { Description = "Why it leaves, for the custody event.", Required = true };
        var organization = new Option<string?>("--organization") { Description = "The unit, for bag-info.txt; otherwise the authority of the operation's authorisation." };
        var media = new Option<bool>("--with-media") { Description = "Also the bytes of the recordings." };
        var instruction = new Option<string?>("--instruction") { Description = "With --with-media: the receiver's written instruction, by its reference." };
        var whole = new Option<bool>("--whole-log") { Description = "Also the operation's whole log: time, kind and size of every exhibit, no content." };
        var files = new Option<string[]>("--case-file") { Description = "A file to put under data/case/; may be given again.", AllowMultipleArgumentsPerToken = true };
        var (operation, data, actor, json) = (Workbench.Operation(), Workbench.Data(), Workbench.Actor(), Workbench.Json());
        var command = new Command("bag", Help) { operation, exhibits, account, output, recipient, method, reason, organization, media, instruction, whole, files, data, actor, json };
        command.SetAction((parsed, cancellation) =>
        {
            var (chosen, handle) = (parsed.GetValue(exhibits) ?? [], parsed.GetValue(account));
            if (chosen.Length == 0 && handle is null)
                return Task.FromResult(Workbench.Fail(Workbench.Usage, "Name exhibits with --exhibit, or an account with --account. Nothing was written."));
            if (parsed.GetValue(media) && string.IsNullOrWhiteSpace(parsed.GetValue(instruction)))
                return Task.FromResult(Workbench.Fail(Workbench.Refused, "Refused: the bytes of recordings leave only under the receiver's written instruction. Cite it with --instruction, or leave out --with-media. Nothing was written."));
            var folder = parsed.GetRequiredValue(data);
            return Workbench.InOperationAsync(folder, parsed.GetRequiredValue(operation), async room =>
            {
                var by = ActorId.Parse(parsed.GetRequiredValue(actor));
                var numbers = new SortedSet<ExhibitNumber>(chosen.SelectMany(Stretch));
                var extra = new List<BagFile>();
                foreach (var path in parsed.GetValue(files) ?? [])
                    extra.Add(new("case/" + Path.GetFileName(path), await File.ReadAllBytesAsync(path, cancellation)));
                try
                {
                    if (handle is not null)
                        extra.Add(await DossierAsync(folder, room, handle, by, parsed.GetRequiredValue(reason), parsed.GetRequiredValue(recipient), numbers, cancellation));
                    if (Program() is { } program)
                        extra.Add(program);
                    var name = Free(parsed.GetRequiredValue(output), room.Slug.Value);
                    var written = await EvidenceBag.WriteAsync(
                        name,
                        new()
                        {
                            Operations = [new(room.Evidence, room.Custody, Path.Combine(Path.GetFullPath(folder), "operations", room.Slug.Value), [.. numbers])],
                            Person = new() { Id = by.Value },
                            Tool = Workbench.Tool,
                            Purpose = parsed.GetRequiredValue(reason),
                            Recipient = new() { Name = parsed.GetRequiredValue(recipient), Method = parsed.GetRequiredValue(method) },
                            Authority = room.Authority,
                            Organization = parsed.GetValue(organization) ?? room.Authorization.Authority.Name,
                            MediaInstruction = parsed.GetValue(media) ? parsed.GetValue(instruction) : null,
                            WholeLog = parsed.GetValue(whole),
                            Files = extra,
                            Rendering = Rendering,
                            Verifier = key => NoteVerifiers.Of(key, TimeProvider.System),
                        },
                        Progress(),
                        cancellation);
                    Report(written, parsed.GetValue(json));
                    return Workbench.Done;
                }
                catch (ArgumentException fault)
                {
                    return Workbench.Fail(Workbench.Usage, fault.Message.Split(" (Parameter", 2)[0]);
                }
                catch (DossierException fault)
                {
                    return Workbench.Fail(Workbench.Usage, fault.Message);
                }
            }, cancellation);
        });
        return command;
    }

    static IEnumerable<ExhibitNumber> Stretch(string text)
    {
        if (text.Split("..", 2) is not [var first, var last])
            return [ExhibitNumber.Parse(text)];
        var (from, through) = (ExhibitNumber.Parse(first), ExhibitNumber.Parse(last));
        return through >= from && through.LeafIndex - from.LeafIndex < MostInRange
            ? Enumerable.Range(0, (int)(through.LeafIndex - from.LeafIndex) + 1).Select(i => new ExhibitNumber(from.LeafIndex + i))
            : throw new FormatException($"A stretch goes from a smaller number to a larger one and holds at most a million; '{text}' does not. Nothing was written.");
    }

    static async Task<BagFile> DossierAsync(string folder, OperationRoom room, string handle, ActorId by, string reason, string recipient, SortedSet<ExhibitNumber> numbers, CancellationToken cancellation)
    {
        var source = await OperationDossierSource.OpenAsync(room, new(by.Value, Workbench.Tool, reason), Path.Combine(folder, "operations", room.Slug.Value), cancellation);
        var dossier = await new DossierAssembler(source, TriageRules.BuiltIn, SelectorData.BuiltIn).OfAccountAsync(handle, by, cancellation) with { Recipient = recipient };
        if (dossier.Recording.Verified == false)
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"A cited exhibit does not verify at size {dossier.Recording.TreeSize}. Nothing was written. Stop work on this log and run custos verify.", dossier.Recording.TreeSize);
        numbers.UnionWith(source.Cited);
        return new("case/dossier.html", DossierWriter.Write(dossier, SelectorData.BuiltIn));
    }

    // The program for strangers goes along as its source, so that they need nothing else of ours.
    static BagFile? Program() =>
        Path.Combine(AppContext.BaseDirectory, "interop", "verify.go") is var path && File.Exists(path) ? new("verify.go", File.ReadAllBytes(path)) : null;

    static string Free(string output, string slug)
    {
        var day = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(Path.GetFullPath(output), string.Create(CultureInfo.InvariantCulture, $"{slug}-{day}-{number:D2}"));
            if (!Path.Exists(path) && !Path.Exists(path + ".partial"))
                return path;
        }
    }

    /// <summary>How this program reads a message, for people; the content beside it is the evidence.</summary>
    static string? Rendering(Exhibit exhibit)
    {
        if (exhibit.Entry.Kind != "chat" || ExhibitDecoder.TryDecode(exhibit) is not { Message: var said })
            return null;
        return $"""
            exhibit  {exhibit.Number}
            time     {said.At?.ToString() ?? "unknown"}, as the source states it
            venue    {Visible(said.Venue.Value)}
            thread   {Visible(said.Thread)}
            from     {Visible(said.From.Value)}
            text     {Visible(said.Text)}

            This is how {Workbench.Tool} reads content.bin. The content is the evidence.

            """;
    }

    // What cannot be seen, or turns the direction of a line, is written as its number.
    static string Visible(string text) => string.Concat(text.Select(c =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? string.Create(CultureInfo.InvariantCulture, $"[U+{(int)c:X4}]") : c.ToString()));

    static Progress<long>? Progress() => System.Console.IsErrorRedirected
        ? null
        : new(written =>
        {
            if (written % 100 == 0)
                System.Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{written:N0} exhibits written "));
        });

    static void Report(WrittenBag written, bool json)
    {
        var found = written.Verification;
        if (json)
        {
            System.Console.WriteLine(new JsonObject
            {
                ["bag"] = written.Folder,
                ["files"] = found.Files,
                ["bytes"] = found.Bytes,
                ["manifestSha256"] = written.ManifestSha256.ToString(),
                ["exported"] = new JsonArray([.. written.Exported.Select(exported => (JsonNode)exported.Event.ToString())]),
                ["operations"] = new JsonArray([.. found.Logs.Select(log => (JsonNode)new JsonObject
                {
                    ["operation"] = log.Slug, ["size"] = log.Checkpoint!.Size, ["root"] = Convert.ToBase64String(log.Checkpoint.Root.ToArray()), ["proofs"] = log.Proofs, ["contents"] = log.Contents, ["deleted"] = log.Deleted, ["custodyEvents"] = log.Events, ["partsElsewhere"] = log.Elsewhere,
                })]),
            }.ToJsonString(Workbench.JsonForm));
            return;
        }

        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written.Folder}: {found.Files:N0} files, {found.Bytes:N0} bytes. {found.Sentence}"));
        System.Console.WriteLine($"manifest-sha256.txt has SHA-256 {written.ManifestSha256}; the leaving is recorded as {string.Join(", ", written.Exported.Select(exported => exported.Event))}.");
        System.Console.WriteLine("data/HOW-TO-VERIFY.txt says how a stranger checks it. The certificates in it are drafts, signed by nobody.");
    }
}
