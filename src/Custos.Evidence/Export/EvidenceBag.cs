// The export bag (evidence-spec, section 13): BagIt 1.0 outside, exhibits with salt, content and proof inside. Written beside its place,
// verified as a stranger would, recorded as a custody event, and only then given its name.
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Custos.Evidence;

/// <summary>Writes and verifies export bags.</summary>
public static class EvidenceBag
{
    // A list of this many numbers stays below the 65,536 bytes of a custody event.
    const int ExhibitsAnEvent = 4_000;

    /// <summary>Writes a bag: it stands under its name whole and verified, or not at all.</summary>
    /// <param name="folder">The bag's folder; there is none of that name yet.</param>
    /// <param name="selection">What goes into it.</param>
    /// <param name="progress">Exhibits written.</param>
    /// <param name="cancellation">Stops before the export is recorded; what was written is removed.</param>
    /// <exception cref="ArgumentException">The selection is empty or names an exhibit that a log does not hold; nothing was written.</exception>
    /// <exception cref="EvidenceLogException">The folder is there already, the disk is full or not writable, a log is damaged, or the bag did not verify. No bag was left under that name.</exception>
    public static Task<WrittenBag> WriteAsync(string folder, BagSelection selection, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        WriteAsync(folder, selection, RealDisk.Instance, progress, cancellation);

    /// <summary>Verifies a bag with nothing else at hand: reports all that is wrong, follows no link and writes nothing.</summary>
    /// <exception cref="IOException">There is no such folder, or a file cannot be read.</exception>
    public static Task<BagVerification> VerifyAsync(string folder, BagTrust trust, CancellationToken cancellation = default) =>
        new BagVerifier(folder, trust, cancellation).RunAsync();

    internal static async Task<WrittenBag> WriteAsync(string folder, BagSelection selection, IDisk disk, IProgress<long>? progress, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(selection);
        Check(selection);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var partial = folder + ".partial";
        if (disk.DirectoryExists(folder) || disk.FileExists(folder))
            throw Failed(folder, "there is something of that name already", "Choose another name.");
        if (disk.DirectoryExists(partial) || disk.FileExists(partial))
            throw Failed(folder, $"'{partial}' is there, left by an export that was cut off", "Remove it, or choose another name.");
        var writer = new BagWriter(disk, partial);
        var begun = false;
        try
        {
            disk.CreateDirectories(Path.GetDirectoryName(folder)!);
            writer.Begin();
            begun = true;
            var logs = new List<BaggedLog>();
            foreach (var operation in selection.Operations)
                logs.Add(await OperationAsync(writer, disk, operation, selection, progress, cancellation));
            foreach (var file in selection.Files)
                writer.Add("data/" + file.Path, file.Content.Span);
            var name = Path.GetFileName(folder);
            writer.Add("data/certificates/902-13-draft.txt", Encoding.UTF8.GetBytes(CertificateDraft.Of90213(name, selection, logs)));
            writer.Add("data/certificates/902-14-draft.txt", Encoding.UTF8.GetBytes(CertificateDraft.Of90214(name, selection, logs)));
            writer.Add("data/HOW-TO-VERIFY.txt", Encoding.UTF8.GetBytes(HowToVerify.Of(name, selection, logs)));
            var manifests = writer.End(Info(name, selection, logs));
            cancellation.ThrowIfCancellationRequested();
            var found = await new BagVerifier(partial, new() { AcceptPolicyInBag = true, Verifier = selection.Verifier }, cancellation).RunAsync();
            if (!found.Verified)
                throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The bag was written and does not verify, so it was removed: {found.Discrepancies[0]} Run the verifier over the log.", 0);
            cancellation.ThrowIfCancellationRequested();
            // From here on the export is on record, so it is finished.
            var exported = await RecordAsync(selection, logs, manifests);
            try
            {
                disk.Rename(partial, folder);
                disk.FlushDirectory(Path.GetDirectoryName(folder)!);
            }
            catch (IOException e)
            {
                begun = false;
                throw new EvidenceLogException(EvidenceFault.Io, $"The bag is whole and its export is recorded ({string.Join(", ", exported.Select(recorded => recorded.Event))}), but it could not be given its name: {e.Message.TrimEnd('.')}. Rename '{partial}' to '{folder}' by hand.", 0, e);
            }

            return new(folder, found with { Bag = name }, exported, Sha256Digest.Parse(manifests.First(manifest => manifest.Mime!.EndsWith("=" + BagIt.Manifest("sha256"), StringComparison.Ordinal)).Sha256!));
        }
        catch (Exception e) when (begun)
        {
            var left = writer.TryRemove() ? "" : $" What was written could not be removed: delete '{partial}'.";
            if (e is IOException or UnauthorizedAccessException || left.Length > 0)
                throw Failed(folder, IsFull(e) ? "the disk is full" : e.Message.TrimEnd('.'), e is OperationCanceledException ? left.Trim() : $"Make room or name another place, and export again.{left}", e);
            throw;
        }
        catch (IOException e)
        {
            throw Failed(folder, IsFull(e) ? "the disk is full" : e.Message.TrimEnd('.'), "Name a folder that can be written to.", e);
        }
    }

    static EvidenceLogException Failed(string folder, string what, string todo, Exception? inner = null) => new(
        IsFull(inner) ? EvidenceFault.DiskFull : EvidenceFault.Io,
        $"The bag '{folder}' was not made: {what}. The log is unchanged but for the record that contents were read for it. {todo}".TrimEnd(),
        0, inner);

    static bool IsFull(Exception? e) => e is LogStoreException { Fault: EvidenceFault.DiskFull };

    static void Check(BagSelection selection)
    {
        if (selection.Operations.Count == 0 || selection.Operations.Any(operation => operation.Exhibits.Count == 0))
            throw new ArgumentException("A bag holds at least one exhibit of each operation it names. Nothing was written.", nameof(selection));
        if (selection.Operations.Select(operation => KeyFolder.SlugOf(operation.Log.Origin)).Distinct(StringComparer.Ordinal).Count() != selection.Operations.Count)
            throw new ArgumentException("A bag names each operation once. Nothing was written.", nameof(selection));
        foreach (var operation in selection.Operations)
        {
            foreach (var number in operation.Exhibits)
            {
                if (number.LeafIndex < 0 || number.LeafIndex >= operation.Log.Size)
                    throw new ArgumentException($"There is no exhibit {number} in {operation.Log.Origin}. Nothing was written.", nameof(selection));
            }
        }

        foreach (var file in selection.Files)
        {
            var wrong = BagIt.WrongPath("data/" + file.Path, payload: true);
            if (wrong is not null || file.Path.StartsWith("operations/", StringComparison.Ordinal) || file.Path.StartsWith("certificates/", StringComparison.Ordinal) || file.Path == "HOW-TO-VERIFY.txt")
                throw new ArgumentException($"A file of the bag may not stand at '{file.Path}'. Nothing was written.", nameof(selection));
        }
    }

    static IEnumerable<(string, string)> Info(string name, BagSelection selection, List<BaggedLog> logs)
    {
        yield return ("Source-Organization", selection.Organization);
        yield return ("Bagging-Date", selection.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        yield return ("External-Identifier", name);
        yield return ("Bag-Software-Agent", selection.Tool);
        foreach (var log in logs)
        {
            yield return ("Custos-Origin", log.Checkpoint.Origin);
            yield return ("Custos-Tree-Size", log.Checkpoint.Size.ToString(CultureInfo.InvariantCulture));
            yield return ("Custos-Root-Hash", Convert.ToBase64String(log.Checkpoint.Root.ToArray()));
        }
    }

    static async Task<IReadOnlyList<(string Operation, ExhibitNumber Event)>> RecordAsync(BagSelection selection, List<BaggedLog> logs, IReadOnlyList<CustodyObject> manifests)
    {
        var events = new List<(string, ExhibitNumber)>();
        for (var i = 0; i < logs.Count; i++)
        {
            foreach (var exhibits in logs[i].Contents.Chunk(ExhibitsAnEvent))
            {
                var recorded = await selection.Operations[i].Custody.RecordAsync(
                    Act(CustodyKind.Exported, selection, exhibits) with
                    {
                        Recipient = selection.Recipient,
                        Output = manifests,
                        Disclosure = selection.MediaInstruction is { } instruction ? $"recordings included under the receiver's written instruction {instruction}" : null,
                    },
                    CancellationToken.None);
                events.Add((logs[i].Slug, recorded.Number));
            }
        }

        return events;
    }

    static CustodyEvent Act(string kind, BagSelection selection, IReadOnlyList<long> exhibits) => new()
    {
        Kind = kind,
        Exhibits = exhibits,
        Actor = selection.Person,
        Authority = selection.Authority,
        Purpose = selection.Purpose,
        Tool = new() { Name = selection.Tool },
    };

    static async Task<BaggedLog> OperationAsync(BagWriter writer, IDisk disk, BagOperation operation, BagSelection selection, IProgress<long>? progress, CancellationToken cancellation)
    {
        var log = operation.Log;
        var slug = KeyFolder.SlugOf(log.Origin);
        var at = $"data/operations/{slug}/";
        var chosen = await BagPlan.ChooseAsync(log.Reader, operation.Exhibits, log.Size, cancellation);
        // What is opened is on record before it is; without an instruction no part of a recording is opened.
        var opened = selection.MediaInstruction is null ? chosen.Contents : [.. chosen.Contents.Concat(chosen.Parts.Values.SelectMany(parts => parts)).Order()];
        foreach (var exhibits in opened.Chunk(ExhibitsAnEvent))
            await operation.Custody.RecordAsync(Act(CustodyKind.Decrypted, selection, exhibits) with { Purpose = $"{selection.Purpose} (read for a bag, with the custody events about them)" }, cancellation);
        var through = log.Size;
        // So that proofs lead to a checkpoint that others have seen; with nobody to ask it does nothing.
        await log.AnchorAsync(cancellation);
        await using var opener = log.OpenBundles(parts: false);
        var book = await CustodyBook.ReadAsync(log.Reader, opener, chosen.All.ToHashSet(), chosen.First, through, cancellation);
        var (checkpoint, note, anchors) = await BagPlan.AnchorsAsync(log, disk, operation.Folder, through, cancellation);
        var bagged = new BaggedLog(slug, checkpoint, note, anchors) { Policy = disk.ReadAll(Path.Combine(operation.Folder, "policy")), Contents = chosen.Contents };
        writer.Add(at + "policy", bagged.Policy);
        writer.Add(at + "checkpoint", note.ToBytes());
        foreach (var anchor in anchors)
        {
            foreach (var (name, bytes) in anchor.Files)
                writer.Add($"{at}{anchor.Folder}/{name}", bytes);
            writer.Add($"{at}{anchor.Folder}/consistency", Encoding.ASCII.GetBytes(string.Concat((await log.Reader.ConsistencyAsync(anchor.Size, checkpoint.Size, cancellation)).Select(hash => Convert.ToBase64String(hash.ToArray()) + "\n"))));
        }

        if (selection.WholeLog)
            await BagPlan.WholeLogAsync(writer, log, checkpoint, note, at + "log/", cancellation);
        var custody = new SortedSet<long>();
        var (all, contents) = (new HashSet<long>(chosen.All), new HashSet<long>(chosen.Contents));
        foreach (var index in chosen.All)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = await WriteExhibitAsync(writer, at, log, opener, bagged, index, selection, cancellation);
            // An order stands in the chain of what it deleted, whatever else it names.
            if (record.DeletedBy is { } order)
                custody.Add(order);
            if (record.Entry.Kind.StartsWith("custody.", StringComparison.Ordinal))
                custody.Add(index);
            var chain = await EvidenceLog.ChainAsync(book, opener, index, checkpoint, cancellation);
            custody.UnionWith(chain.Steps.Select(step => step.Number.LeafIndex));
            if (contents.Contains(index))
                writer.Add($"{at}custody/{chain.Exhibit}.html", Encoding.UTF8.GetBytes(CustodyPage.Html(chain)));
            progress?.Report(++bagged.Written);
        }

        foreach (var (opening, parts) in chosen.Parts)
            await RecordingAsync(writer, at, log, bagged, opening, parts, selection, cancellation);
        foreach (var index in custody.Where(index => !all.Contains(index)))
            await WriteExhibitAsync(writer, at, log, opener, bagged, index, selection with { Rendering = null }, cancellation);
        writer.Add(at + "custody/events.jsonl", await EventsAsync(custody, opener, checkpoint.Size, cancellation));
        bagged.Events = custody.Count;
        return bagged;
    }

    static async Task<OpenedRecord> WriteExhibitAsync(BagWriter writer, string at, EvidenceLog log, BundleOpener opener, BaggedLog bagged, long index, BagSelection selection, CancellationToken cancellation)
    {
        var size = bagged.Checkpoint.Size;
        var record = await opener.OpenRecordAsync(index, size, cancellation);
        var folder = $"{at}exhibits/{record.Number}/";
        writer.Add(folder + "entry.json", record.Entry.Bytes.Span);
        var proof = new TlogProof(index, await log.Reader.InclusionAsync(index, size, cancellation), bagged.Note);
        writer.Add($"{folder}{record.Number}.tlog-proof", proof.ToBytes());
        if (record.DeletedBy is { } order)
        {
            writer.Add(folder + "deleted.txt", Encoding.ASCII.GetBytes($"{new ExhibitNumber(order)}\n"));
            bagged.Deleted.Add((record.Number, new(order)));
        }
        else if (record.Part is null)
        {
            writer.Add(folder + "salt.bin", record.Salt.Span);
            writer.Add(folder + "content.bin", record.Content.Span);
            bagged.Hashes.Add((record.Number, record.Entry, writer.HashOf(folder + "content.bin")));
            if (selection.Rendering?.Invoke(new(record.Number, record.Entry, record.Content)) is { } rendering)
                writer.Add(folder + "rendering.txt", Encoding.UTF8.GetBytes(rendering));
        }

        return record;
    }

    static async Task RecordingAsync(BagWriter writer, string at, EvidenceLog log, BaggedLog bagged, long opening, IReadOnlyList<long> parts, BagSelection selection, CancellationToken cancellation)
    {
        await using var opener = log.OpenBundles(parts: selection.MediaInstruction is not null);
        var (size, folder) = (bagged.Checkpoint.Size, $"{at}recordings/{new ExhibitNumber(opening)}/");
        var lines = new List<(int Part, int Size, ExhibitNumber Exhibit)>();
        var whole = true;
        await using var numbers = log.OpenBundles(parts: false);
        foreach (var index in parts)
        {
            var record = await numbers.OpenRecordAsync(index, size, cancellation);
            whole &= record.Part is not null;
            // What was deleted has no number of its part left; its place in the order stands for it.
            lines.Add((record.Part?.Part ?? lines.Count, record.Entry.Size, record.Number));
        }

        lines.Sort();
        writer.Add(folder + "parts.txt", Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Part:D6} {line.Size} {line.Exhibit}\n")))));
        if (selection.MediaInstruction is null || !whole)
        {
            bagged.Recordings.Add((new(opening), lines.Count, null));
            return;
        }

        var media = folder + "media." + await ExtensionAsync(opener, opening, size, cancellation);
        await writer.AddAsync(media, PiecesAsync());
        bagged.Recordings.Add((new(opening), lines.Count, media[at.Length..]));

        async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync()
        {
            foreach (var (_, _, exhibit) in lines)
            {
                var record = await opener.OpenRecordAsync(exhibit.LeafIndex, size, cancellation);
                writer.Add($"{at}exhibits/{exhibit}/salt.bin", record.Salt.Span);
                yield return record.Content;
            }
        }
    }

    static async Task<string> ExtensionAsync(BundleOpener opener, long opening, long size, CancellationToken cancellation)
    {
        try
        {
            var content = JsonSerializer.Deserialize((await opener.OpenRecordAsync(opening, size, cancellation)).Content.Span, RecordingJson.Default.RecordingContent);
            return content?.Mime?.Split(';')[0].Trim() switch
            {
                "video/webm" or "audio/webm" => "webm",
                "video/mp4" => "mp4",
                "video/x-matroska" => "mkv",
                "audio/ogg" or "video/ogg" => "ogg",
                "image/png" => "png",
                _ => "bin",
            };
        }
        catch (JsonException)
        {
            return "bin";
        }
    }

    /// <summary>The events of all chains, one a line, each with its content as it was recorded.</summary>
    static async Task<byte[]> EventsAsync(IEnumerable<long> events, BundleOpener opener, long size, CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        foreach (var index in events)
        {
            var step = await opener.OpenRecordAsync(index, size, cancellation);
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                json.WriteString("exhibit", step.Number.ToString());
                json.WriteString("kind", step.Entry.Kind);
                json.WriteString("at", CustodyPage.Time(step.Entry.RecordedAt));
                json.WriteString("actor", step.Entry.Actor);
                json.WritePropertyName("event");
                if (CustodyBook.Parse(step.Content, step.Number, step.Entry) is null)
                    json.WriteNullValue();
                else
                    json.WriteRawValue(step.Content.Span);
                json.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }

        return stream.ToArray();
    }
}
