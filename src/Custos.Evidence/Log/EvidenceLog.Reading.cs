// Reading content leaves a trace first (evidence-spec, section 11): a person's before a byte is shown, a machine's once per run.
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    /// <summary>Opens or creates a log: takes its locks, finds out what a crash left, refuses what would make two histories.</summary>
    /// <exception cref="EvidenceLogException">It cannot be opened; the fault says why, the message what to do.</exception>
    public static async Task<EvidenceLog> OpenAsync(EvidenceLogOptions options, CancellationToken cancellation = default)
    {
        var opening = await Opening.OpenAsync(options, cancellation);
        var log = new EvidenceLog(options, opening);
        try
        {
            if (opening.Event is { } happened)
            {
                var content = happened.Kind == "log.opened" && options.Succeeds is { } old
                    ? new NewExhibit("log.succeeded", options.Actor, LogEventContent.Of(old, options.Signer.Verifier.Key.ToString()))
                    : new NewExhibit(happened.Kind, options.Actor, LogEventContent.Of(options, happened.What, []));
                await log.JoinAsync([content], cancellation);
            }

            if (opening.Behind is { } behind)
                await log.JoinAsync([new("log.opened", options.Actor, LogEventContent.Of(options, "opened with a clock behind its last entry", [], behind))], cancellation);
            if (opening.Missing.Count > 0)
                await log.JoinAsync([new("log.opened", options.Actor, LogEventContent.Of(options, "opened without its witnesses", opening.Missing))], cancellation);

            await log.FinishRotationAsync();
            await log.FinishDeletionAsync();
            await log.FinishRecordingsAsync();
            await log.FinishClosingAsync();
        }
        catch (IOException e)
        {
            // Told while the log still knows how much is safe.
            var why = log.Explain(e);
            await log.DisposeAsync();
            throw why;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }

        return log;
    }

    /// <inheritdoc/>
    public async ValueTask<Exhibit> RecordAsync(CustodyEvent custody, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(custody);
        if (!CustodyKind.ByCallers.Contains(custody.Kind))
            throw new ArgumentException($"'{custody.Kind}' is not a custody event that a caller records. Nothing was recorded.", nameof(custody));
        var exhibit = custody.ToExhibit(Size);
        Check(exhibit, reserved: true);
        return (await JoinAsync([exhibit], cancellation))[0];
    }

    /// <summary>Opens an exhibit for a person: the opening is recorded and durable before its content is read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such exhibit.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped, or the content cannot be opened.</exception>
    public async ValueTask<ExhibitView> OpenExhibitAsync(ExhibitNumber number, Access access, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentOutOfRangeException.ThrowIfNegative(number.LeafIndex, nameof(number));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number.LeafIndex, Size, nameof(number));
        if (await DeletedByAsync(number.LeafIndex) is { } order)
            throw new EvidenceLogException(EvidenceFault.Deleted, $"The content of {number} was deleted by order {order}. Its entry and its proof remain, and the order says under which authority.", Size);
        var opening = await RecordAsync(Viewing(CustodyKind.Viewed, number, access, new() { Revealed = access.Revealed }), cancellation);
        var exhibit = await FindAsync(number.LeafIndex);
        var since = _options.Time.GetTimestamp();
        return new(exhibit, opening, access, async view =>
        {
            var seconds = Math.Round(_options.Time.GetElapsedTime(since).TotalSeconds, 3);
            await RecordAsync(Viewing(CustodyKind.ViewEnded, number, view.Access, new() { Seconds = seconds }) with { Previous = view.Opening.Number.LeafIndex }, CancellationToken.None);
        });
    }

    /// <summary>Reads exhibits in order, content included but for parts of recordings, as far as the log reached when the reading began.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped, or content cannot be opened.</exception>
    public async IAsyncEnumerable<Exhibit> ReadAsync(ExhibitNumber from, long count, MachineRun run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentOutOfRangeException.ThrowIfNegative(from.LeafIndex, nameof(from));
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var size = Size;
        var end = count >= size - from.LeafIndex ? size : from.LeafIndex + count;
        if (from.LeafIndex >= end)
            yield break;
        await RecordAsync(
            new()
            {
                Kind = CustodyKind.Decrypted,
                Range = new() { From = from.LeafIndex, Through = end - 1 },
                Actor = new() { Id = run.Actor },
                Authority = run.Authority,
                Purpose = $"{run.Purpose} ({from} to {new ExhibitNumber(end - 1)})",
                Tool = new() { Name = run.Tool },
            },
            cancellation);
        // A recording is not decoded, indexed or thumbnailed, so its bytes are not handed to a program that reads on.
        await using var bundles = new BundleOpener(_store, _ring, _options.Origin, parts: false);
        for (var index = from.LeafIndex; index < end; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return await bundles.OpenAsync(index, size, cancellation);
        }
    }

    static CustodyEvent Viewing(string kind, ExhibitNumber number, Access access, CustodyViewing viewing) => new()
    {
        Kind = kind,
        Exhibits = [number.LeafIndex],
        RootExhibit = number.LeafIndex,
        Actor = access.Person,
        Authority = access.Authority,
        Purpose = access.Purpose,
        Case = access.Case,
        Viewing = viewing,
    };

    async ValueTask<ExhibitNumber?> DeletedByAsync(long index)
    {
        await using var bundles = new BundleOpener(_store, _ring, _options.Origin, parts: false);
        return (await bundles.StateAsync(index, Size, CancellationToken.None)).Order is { } order ? new ExhibitNumber(order) : null;
    }

    async ValueTask<Exhibit> FindAsync(long index)
    {
        await using var bundles = new BundleOpener(_store, _ring, _options.Origin, parts: true);
        return await bundles.OpenAsync(index, Size, CancellationToken.None);
    }
}

/// <summary>What a content bundle holds of an exhibit.</summary>
/// <param name="Number">The exhibit.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="Plain">Salt and content; empty if deleted, or if a part was not asked for.</param>
/// <param name="DeletedBy">Leaf index of the order that deleted it.</param>
/// <param name="Part">Recording and number, if its bytes are a part of a recording.</param>
readonly record struct OpenedRecord(ExhibitNumber Number, LogEntry Entry, ReadOnlyMemory<byte> Plain, long? DeletedBy, (long Opening, int Part)? Part)
{
    public ReadOnlyMemory<byte> Salt => Plain.IsEmpty ? default : Plain[..32];

    public ReadOnlyMemory<byte> Content => Plain.IsEmpty ? default : Plain[32..];
}

/// <summary>Opens sealed exhibits, a bundle at a time.</summary>
sealed class BundleOpener(ILogStore store, KeyRing ring, string origin, bool parts) : IAsyncDisposable
{
    readonly LogReader _reader = new(store);
    readonly List<ContentRecord> _records = [];
    readonly TreeHasher _hasher = new();
    long _number = -1;
    ReadOnlyMemory<byte>[] _entries = [];
    byte[] _bytes = [];
    SealedContent? _key;
    KeyVerdict _keyVerdict;

    public async ValueTask<Exhibit> OpenAsync(long index, long size, CancellationToken cancellation)
    {
        var opened = await OpenRecordAsync(index, size, cancellation);
        return new(opened.Number, opened.Entry, opened.Content, opened.DeletedBy is { } order ? new ExhibitNumber(order) : null);
    }

    /// <summary>All that the content bundle holds of an exhibit: the salt too, or the order that deleted it.</summary>
    public async ValueTask<OpenedRecord> OpenRecordAsync(long index, long size, CancellationToken cancellation)
    {
        var number = new ExhibitNumber(index);
        if (_number != index >> 8)
            await LoadAsync(index >> 8, size, cancellation);
        LogEntry entry;
        try
        {
            entry = LogEntry.Parse(_entries[(int)(index & 255)].Span);
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"{number}: {e.Message} Run the verifier over the log.", 0, e);
        }

        if (_records.Count <= (index & 255))
            throw Wrong(number, "its record is missing");
        var record = _records[(int)(index & 255)];
        switch (record.Type)
        {
            case ContentType.Deleted:
                return record.Length == 8
                    ? new(number, entry, default, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(record.Offset)), null)
                    : throw Wrong(number, "its record is malformed");
            case ContentType.SealedOutside:
                if (record.Length != OutsidePart.BodyBytes)
                    throw Wrong(number, "its record is malformed");
                var opening = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(record.Offset));
                var part = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(record.Offset + 8));
                return new(number, entry, parts ? await PartAsync(opening, part, number, entry, cancellation) : default, null, (opening, part));
            default:
                return new(number, entry, Open(record, index, entry), null, null);
        }
    }

    /// <summary>Where the content of an exhibit is, without opening it.</summary>
    public async ValueTask<(LogEntry Entry, ContentState State, long? Order)> StateAsync(long index, long size, CancellationToken cancellation)
    {
        if (_number != index >> 8)
            await LoadAsync(index >> 8, size, cancellation);
        if (_records.Count <= (index & 255))
            throw Wrong(new(index), "its record is missing");
        var entry = LogEntry.Parse(_entries[(int)(index & 255)].Span);
        var record = _records[(int)(index & 255)];
        return record.Type switch
        {
            ContentType.Deleted when record.Length == 8 => (entry, ContentState.Deleted, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(record.Offset))),
            ContentType.SealedOutside => (entry, ContentState.SealedPart, null),
            _ => (entry, ContentState.Sealed, null),
        };
    }

    async ValueTask<byte[]> PartAsync(long opening, int part, ExhibitNumber number, LogEntry entry, CancellationToken cancellation)
    {
        if (ring.TryRecordingKey(opening, out var key) != KeyVerdict.Opened)
            throw Wrong(number, "its recording's key is missing or another one");
        var bytes = await store.ReadPartAsync(opening, part, cancellation) ?? throw Wrong(number, "its part's file is missing");
        using var seal = new SealedContent(key);
        if (seal.Open(SealContext.Part(origin, opening, part), bytes, out var plain) != SealVerdict.Opened || plain.Length - 32 != entry.Size || Sha256Digest.Of(plain) != entry.Commitment)
            throw Wrong(number, "its part was changed, or does not match its commitment");
        return plain;
    }

    public ValueTask DisposeAsync()
    {
        _key?.Dispose();
        _hasher.Dispose();
        return default;
    }

    async ValueTask LoadAsync(long number, long size, CancellationToken cancellation)
    {
        _number = -1;
        _entries = await _reader.EntriesOfAsync(number, size, cancellation);
        var (verdict, key) = await ReadAsync(number, cancellation);
        // Read between a deletion's two steps, bundle and slot are of two generations; the next look finds both new.
        if (verdict == KeyVerdict.Wrong)
            (verdict, key) = await ReadAsync(number, cancellation);
        _key?.Dispose();
        _key = null;
        _keyVerdict = verdict;
        if (_keyVerdict == KeyVerdict.Opened)
            _key = new(key);
        _number = number;
    }

    async ValueTask<(KeyVerdict Verdict, byte[] Key)> ReadAsync(long number, CancellationToken cancellation)
    {
        _bytes = await store.ReadContentAsync(number, cancellation) ?? throw Wrong(new(number << 8), "its content bundle is missing");
        var wrong = ContentBundle.Scan(_bytes, origin, number, _entries.Length, _records, out _);
        return _records.Count == 0
            ? throw Wrong(new(number << 8), wrong ?? "its content bundle is empty")
            : (ring.TryKey(number, ContentBundle.Generation(_bytes), out var key), key);
    }

    byte[] Open(ContentRecord record, long index, LogEntry entry)
    {
        var number = new ExhibitNumber(index);
        if (_key is null)
            throw Wrong(number, _keyVerdict == KeyVerdict.Missing ? "its bundle's key is missing" : "its bundle's key is another one");
        var verdict = _key.Open(SealContext.Content(origin, index), _bytes.AsSpan(record.Offset, record.Length), out var plain);
        if (verdict != SealVerdict.Opened || plain.Length < 32)
            throw Wrong(number, verdict == SealVerdict.Truncated ? "it is cut off" : "it was sealed elsewhere or changed");
        var hash = new byte[32];
        _hasher.Hash(plain, [], hash);
        if (plain.Length - 32 != entry.Size || new Sha256Digest(hash) != entry.Commitment)
        {
            CryptographicOperations.ZeroMemory(plain);
            throw Wrong(number, "it does not match its commitment");
        }

        return plain;
    }

    static EvidenceLogException Wrong(ExhibitNumber number, string what) =>
        new(EvidenceFault.LogDamaged, $"The content of {number} cannot be opened: {what}. The log itself is unchanged. Run the verifier over it, and bring damaged files back from a copy.", 0);
}
