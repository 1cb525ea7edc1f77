using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Custos.Console.Client;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Timestamps;

namespace Custos.Server.Client;

/// <summary>What the files of a data folder's logs say. Takes no lock and writes nothing: it works beside an import or a capture.</summary>
sealed class LogFiles(string dataFolder, TimeProvider time, OutsideMarks? marks = null)
{
    internal bool Exists(string operation) => OperationLog.List(dataFolder).Contains(operation);

    internal async Task<T?> ReadAsync<T>(string operation, Func<LogReader, ValueTask<T?>> read)
        where T : class
    {
        if (!Exists(operation))
            return null;
        await using var store = LogStores.Of(dataFolder, operation);
        return await read(new LogReader(store));
    }

    internal async Task<long> SizeAsync(string operation, CancellationToken cancellation)
    {
        await using var store = LogStores.Of(dataFolder, operation);
        return (await new LogReader(store).CheckpointAsync(cancellation)).Checkpoint.Size;
    }

    // The authorisation stands right after what the log says of itself.
    internal async Task<ExhibitNumber?> FirstOfKindAsync(string operation, string kind, CancellationToken cancellation)
    {
        await using var store = LogStores.Of(dataFolder, operation);
        await foreach (var (number, entry) in new LogReader(store).EntriesAsync(new(0), 64, cancellation))
        {
            if (entry.Kind == kind)
                return number;
        }

        return null;
    }

    internal async IAsyncEnumerable<LogEntry> EntriesAsync(string operation, ExhibitNumber from, long count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var store = LogStores.Of(dataFolder, operation);
        await foreach (var (_, entry) in new LogReader(store).EntriesAsync(from, count, cancellation))
            yield return entry;
    }

    internal async Task<(LogEntry Entry, long Size)?> EntryAsync(ExhibitAddress exhibit, CancellationToken cancellation)
    {
        if (!Exists(exhibit.Operation))
            return null;
        await using var store = LogStores.Of(dataFolder, exhibit.Operation);
        var log = new LogReader(store);
        var (checkpoint, _) = await log.CheckpointAsync(cancellation);
        return exhibit.Number.LeafIndex < checkpoint.Size ? (await log.EntryAsync(exhibit.Number, cancellation), checkpoint.Size) : null;
    }

    internal Task<byte[]?> ProofAsync(ExhibitAddress exhibit, CancellationToken cancellation) => ReadAsync(exhibit.Operation, async log =>
    {
        var (checkpoint, _) = await log.CheckpointAsync(cancellation);
        return exhibit.Number.LeafIndex < checkpoint.Size ? (await log.ProofAsync(exhibit.Number, cancellation)).ToBytes() : null;
    });

    internal Task<LogHealth?> HealthAsync(string operation, CancellationToken cancellation) => ReadAsync(operation, async log =>
    {
        var folder = Folder(operation);
        var (checkpoint, note) = await log.CheckpointAsync(cancellation);
        var last = checkpoint.Size > 0 ? (await log.EntryAsync(new(checkpoint.Size - 1), cancellation)).RecordedAt : (DateTimeOffset?)null;
        var notes = new List<HealthNote>();
        TrustPolicy? policy = null;
        try
        {
            policy = OperationLog.PolicyOf(folder);
        }
        catch (FormatException e)
        {
            notes.Add(new(NoteLevel.Wrong, e.Message));
        }

        if (policy is not null)
            notes.AddRange((await LogStanding.ReadAsync(new(operation, folder), policy, TimestampVerifier.Beside(dataFolder), time, marks, Authorities(notes), cancellation)).Select(note => new HealthNote((NoteLevel)note.Level, note.Sentence)));
        return new LogHealth(
            operation, checkpoint.Origin, checkpoint.Size, Convert.ToBase64String(checkpoint.Root.ToArray()), Encoding.UTF8.GetString(note.ToBytes()),
            policy is { Logs.Count: > 0 } ? policy.Logs[0].ToString() : null, folder, last, notes);
    });

    List<string> Authorities(List<HealthNote> notes)
    {
        try
        {
            return [.. TimestampSettings.Read(dataFolder).Select(authority => authority.Name)];
        }
        catch (FormatException e)
        {
            notes.Add(new(NoteLevel.Wrong, e.Message));
            return [];
        }
    }

    /// <summary>Verifies a log and opens its contents.</summary>
    /// <param name="operation">The log.</param>
    /// <param name="recorded">Runs the verification with the keys, once their use is on record.</param>
    /// <param name="cancellation">Stops between bundles.</param>
    internal async Task<VerifyAnswer> VerifyAsync(string operation, Func<LogFolder, string, Func<string, Task<Verification>>, Task<Verification>> recorded, CancellationToken cancellation)
    {
        if (!Exists(operation))
            throw new RefusedException($"There is no operation '{operation}' in '{dataFolder}'. Nothing was verified.");
        var began = time.GetTimestamp();
        try
        {
            var log = new LogFolder(operation, Folder(operation));
            var found = await recorded(log, Path.Combine(dataFolder, "keys"), keys => log.VerifyAsync(null, keys, otherEntries: false, time, null, TimestampVerifier.Beside(dataFolder), cancellation));
            var done = new List<string>
            {
                string.Create(CultureInfo.InvariantCulture, $"{found.Entries:#,0} entries follow to the root that was signed."),
                string.Create(CultureInfo.InvariantCulture, $"{found.Opened:#,0} contents were opened and match what the log promised of them."),
            };
            if (found.Deleted > 0)
                done.Add(string.Create(CultureInfo.InvariantCulture, $"{found.Deleted:#,0} contents were lawfully deleted; what is left proves that they were there."));
            return new(
                found.Verified, found.Checkpoint?.Size ?? 0, [.. found.Verified ? done : [], .. found.Notices], [.. found.Discrepancies.Take(50).Select(wrong => wrong.ToString())],
                time.GetUtcNow(), time.GetElapsedTime(began));
        }
        catch (Exception e) when (e is FormatException or EvidenceLogException or IOException)
        {
            throw new RefusedException($"The log of '{operation}' could not be verified. {e.Message}", e);
        }
    }

    string Folder(string operation) => Path.Combine(dataFolder, "operations", operation);
}
