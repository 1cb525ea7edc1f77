using System.Globalization;
using System.Security.Cryptography;
using Custos.Capture.Decoding;
using Custos.Evidence;

namespace Custos.Capture.Transcripts;

/// <summary>What was exported.</summary>
/// <param name="Messages">Messages written.</param>
/// <param name="OtherLines">Recorded lines that are no message of their format (a join, a notice of the server): left out, as they say nothing.</param>
/// <param name="Unknown">Chat exhibits whose format this program does not know: left out.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Sha256">Hash of the file.</param>
/// <param name="First">The first exhibit written; null if there was none.</param>
/// <param name="Last">The last one.</param>
/// <param name="Deleted">What is not in it because it was deleted by order.</param>
public sealed record ExportedTranscript(long Messages, long OtherLines, long Unknown, long Bytes, Sha256Digest Sha256, ExhibitNumber? First, ExhibitNumber? Last, IReadOnlyList<DeletedByOrder> Deleted);

/// <summary>Messages whose content was deleted under one order; their entries and proofs remain.</summary>
/// <param name="Order">The exhibit of the order.</param>
/// <param name="At">When it was recorded, UTC.</param>
/// <param name="Messages">Chat exhibits; which of them were messages of their format nobody can tell any more.</param>
public sealed record DeletedByOrder(ExhibitNumber Order, DateTimeOffset At, long Messages);

/// <summary>Writes what a log recorded as <c>custos-transcript/1</c>: the words verbatim, in the order they were recorded.</summary>
public static class TranscriptExport
{
    /// <summary>Writes to a file, which appears whole or not at all.</summary>
    /// <param name="reader">The log.</param>
    /// <param name="custody">Where the leaving is recorded, before the file has its name.</param>
    /// <param name="run">Who exports, with what, why.</param>
    /// <param name="path">Where to; replaced once the whole is written.</param>
    /// <param name="progress">Told how many exhibits were read.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    public static async Task<ExportedTranscript> WriteAsync(IExhibitReader reader, ICustodyLog custody, MachineRun run, string path, IProgress<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(custody);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var partial = WholeFile.Staged(path);
        try
        {
            ExportedTranscript result;
            await using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 17))
            {
                result = await WriteAsync(reader, run, stream, progress, cancellation);
                await stream.FlushAsync(cancellation);
                stream.Flush(flushToDisk: true);
            }

            await custody.RecordAsync(Custody(result, run, Path.GetFileName(path)), cancellation);
            WholeFile.Keep(path);
            return result;
        }
        catch
        {
            WholeFile.Drop(path);
            throw;
        }
    }

    /// <summary>Writes to a stream; the reading is recorded by the reader, the leaving is the caller's to record.</summary>
    public static async Task<ExportedTranscript> WriteAsync(IExhibitReader reader, MachineRun run, Stream stream, IProgress<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(stream);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var writer = new TranscriptWriter();
        long messages = 0, otherLines = 0, unknown = 0, bytes = 0, read = 0;
        ExhibitNumber? first = null, last = null;
        var deleted = new SortedDictionary<ExhibitNumber, DeletedByOrder>();
        writer.WriteHeader();
        await foreach (var exhibit in reader.ReadAsync(new(0), long.MaxValue, run, cancellation))
        {
            if ((++read & 0xFFF) == 0)
                progress?.Report(read);
            // An order comes after what it deletes.
            if (deleted.TryGetValue(exhibit.Number, out var order))
                deleted[exhibit.Number] = order with { At = exhibit.Entry.RecordedAt };
            if (exhibit.Entry.Kind != "chat")
                continue;
            if (exhibit.DeletedBy is { } by)
            {
                deleted[by] = new(by, default, (deleted.TryGetValue(by, out var earlier) ? earlier.Messages : 0) + 1);
                continue;
            }

            if (ExhibitDecoder.TryDecode(exhibit) is not { } decoded)
            {
                var known = RecordedForm.TryRead(exhibit.Content, out var header, out _) && ExhibitDecoder.Find(header!.Format) is not null;
                _ = known ? otherLines++ : unknown++;
                continue;
            }

            writer.Write(decoded.Message);
            messages++;
            first ??= exhibit.Number;
            last = exhibit.Number;
            if (writer.Written.Length >= 1 << 16)
                await FlushAsync();
        }

        await FlushAsync();
        return new(messages, otherLines, unknown, bytes, new(hash.GetHashAndReset()), first, last, [.. deleted.Values]);

        async ValueTask FlushAsync()
        {
            hash.AppendData(writer.Written.Span);
            bytes += writer.Written.Length;
            await stream.WriteAsync(writer.Written, cancellation);
            writer.Clear();
        }
    }

    static CustodyEvent Custody(ExportedTranscript export, MachineRun run, string fileName) => new()
    {
        Kind = CustodyKind.Exported,
        Exhibits = export is { First: { } first, Last: { } last } ? first == last ? [first.LeafIndex] : [first.LeafIndex, last.LeafIndex] : null,
        Range = export is { First: { } from, Last: { } through } ? new() { From = from.LeafIndex, Through = through.LeafIndex } : null,
        Actor = new() { Id = run.Actor },
        Authority = run.Authority,
        Purpose = string.Create(CultureInfo.InvariantCulture, $"{run.Purpose}: transcript of {export.Messages} messages{string.Concat(export.Deleted.Select(gone => $"; {gone.Messages} deleted by order {gone.Order}"))}"),
        Recipient = new() { Name = "unknown", Method = $"file {fileName}" },
        Tool = new() { Name = run.Tool },
        Output = [new() { Sha256 = export.Sha256.ToString(), Size = export.Bytes, Mime = "application/jsonl" }],
    };
}
