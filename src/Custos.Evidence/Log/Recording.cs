// Recordings and large files (evidence-spec, section 9): a part is sealed to its own file, durably, before its entry is appended, and
// acknowledged only when that is published.
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Custos.Evidence;

/// <summary>What a recording is of.</summary>
/// <param name="Mime">The declared type; nothing is decoded to check it.</param>
/// <param name="Source">Where it comes from: a file's name, a device.</param>
/// <param name="Operator">Pseudonym of who records.</param>
public sealed record RecordingSource(string Mime, string Source, string Operator)
{
    /// <summary>The rate that is expected, in bytes a second, if one is.</summary>
    public double? ExpectedRate { get; init; }
}

/// <summary>Why a recording ended.</summary>
public enum RecordingEnd
{
    /// <summary>Somebody stopped it, or the file ended.</summary>
    Stopped,

    /// <summary>The source was lost.</summary>
    Lost,

    /// <summary>The program ended before the recording did; closed at the next start.</summary>
    Interrupted,
}

/// <summary>The content of <c>recording.opened</c> and <c>recording.closed</c>.</summary>
sealed record RecordingContent
{
    public string? Mime { get; init; }

    public string? Source { get; init; }

    public double? ExpectedRate { get; init; }

    public int? Parts { get; init; }

    public long? Bytes { get; init; }

    public string? Sha256 { get; init; }

    public IReadOnlyList<int>? Missing { get; init; }

    public string? Why { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordingContent))]
sealed partial class RecordingJson : JsonSerializerContext;

/// <summary>A recording that is under way: parts are sealed as they come.</summary>
public sealed class Recording : IAsyncDisposable
{
    /// <summary>The largest part, in bytes.</summary>
    public const int MaxPartBytes = 8 << 20;

    /// <summary>SHA-256 over all bytes of a recording in order, as its closing states it; null if the exhibit states none.</summary>
    /// <param name="closing">What <see cref="CloseAsync"/> answered.</param>
    public static string? Sha256Of(Exhibit closing)
    {
        ArgumentNullException.ThrowIfNull(closing);
        return JsonSerializer.Deserialize(closing.Content.Span, RecordingJson.Default.RecordingContent)?.Sha256;
    }

    readonly EvidenceLog _log;
    readonly SealedContent _seal;
    readonly SemaphoreSlim _gate = new(1);
    readonly SortedDictionary<int, (Sha256Digest Plain, Exhibit Exhibit)> _parts = [];
    readonly string _actor;
    int _sealedUpTo;
    bool _closed;

    internal Recording(EvidenceLog log, Exhibit opening, byte[] key, string actor)
    {
        _log = log;
        Opening = opening;
        _seal = new(key);
        _actor = actor;
    }

    /// <summary>The exhibit that opened it; its number names the folder.</summary>
    public Exhibit Opening { get; }

    /// <summary>Parts that are sealed, published and without a gap before them.</summary>
    public int SealedUpTo => Volatile.Read(ref _sealedUpTo);

    /// <summary>Seals a part and answers when its entry is published.</summary>
    /// <param name="part">Its number, from 0. A number that never comes is a gap, named at closing.</param>
    /// <param name="bytes">1 byte to 8 MiB.</param>
    /// <param name="cancellation">Stops before the part is sealed.</param>
    /// <returns>The part's exhibit; the first one when the same part comes again.</returns>
    /// <exception cref="EvidenceLogException"><see cref="EvidenceFault.PartDiffers"/> if a part of this number holds other bytes; else the log has stopped.</exception>
    public async ValueTask<Exhibit> AddPartAsync(int part, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, 999_999);
        if (bytes.Length is 0 or > MaxPartBytes)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A part has 1 byte to {MaxPartBytes}; this one has {bytes.Length}."), nameof(bytes));
        await _gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var plain = Sha256Digest.Of(bytes.Span);
            if (_parts.TryGetValue(part, out var known))
            {
                return known.Plain == plain
                    ? known.Exhibit
                    : throw new EvidenceLogException(EvidenceFault.PartDiffers, $"Part {part} of {Opening.Number} came again with other bytes. The first one, {known.Exhibit.Number}, stands. Give the new bytes a number of their own.", _log.Size);
            }

            var exhibit = await _log.SealPartAsync(Opening.Number, part, bytes, _seal, _actor);
            _parts[part] = (plain, exhibit);
            while (_parts.ContainsKey(_sealedUpTo))
                _sealedUpTo++;
            return exhibit;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the recording: parts, bytes, the hash over all bytes in order, what is missing.</summary>
    public async ValueTask<Exhibit> CloseAsync(RecordingEnd why, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var closing = await _log.CloseRecordingAsync(Opening.Number, [.. _parts.Keys], _seal, _actor, why);
            _closed = true;
            return closing;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets go of the keys. A recording that was not closed is closed as interrupted at the next start.</summary>
    public ValueTask DisposeAsync()
    {
        _closed = true;
        _seal.Dispose();
        _gate.Dispose();
        return default;
    }
}

public sealed partial class EvidenceLog
{
    /// <summary>Opens a recording: what it is of is on record, and its key durable, before the first part.</summary>
    /// <exception cref="EvidenceLogException">The log has stopped.</exception>
    public async ValueTask<Recording> StartRecordingAsync(RecordingSource source, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        var content = JsonSerializer.SerializeToUtf8Bytes(new() { Mime = source.Mime, Source = source.Source, ExpectedRate = source.ExpectedRate }, RecordingJson.Default.RecordingContent);
        Span<byte> chance = stackalloc byte[16];
        RandomNumberGenerator.Fill(chance);
        var exhibit = new NewExhibit("recording.opened", source.Operator, content) { Source = SourceId.Of(chance) };
        Check(exhibit, reserved: true);
        try
        {
            // Its number is known only once it is published; until then a start that finds it open knows it by this.
            await _store.AnnounceRecordingAsync(exhibit.Source, announced: true, cancellation);
            var opening = (await JoinAsync([exhibit], CancellationToken.None))[0];
            var key = _ring.NewRecordingKey(opening.Number.LeafIndex);
            await _store.MarkRecordingAsync(opening.Number.LeafIndex, underWay: true, CancellationToken.None);
            await _store.AnnounceRecordingAsync(exhibit.Source, announced: false, CancellationToken.None);
            return new(this, opening, key, source.Operator);
        }
        catch (IOException e)
        {
            throw Explain(e);
        }
    }

    internal async Task<Exhibit> SealPartAsync(ExhibitNumber opening, int part, ReadOnlyMemory<byte> bytes, SealedContent seal, string actor)
    {
        var plain = new byte[32 + bytes.Length];
        RandomNumberGenerator.Fill(plain.AsSpan(0, 32));
        bytes.CopyTo(plain.AsMemory(32));
        var commitment = Sha256Digest.Of(plain);
        try
        {
            await _store.WritePartAsync(opening.LeafIndex, part, seal.Seal(SealContext.Part(Origin, opening.LeafIndex, part), plain), CancellationToken.None);
        }
        catch (IOException e)
        {
            throw Explain(e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }

        return await AppendPartAsync(new(opening.LeafIndex, part, bytes.Length, commitment), actor);
    }

    async Task<Exhibit> AppendPartAsync(OutsidePart part, string actor) =>
        (await JoinAsync([new("recording.part", actor, default) { About = [new(part.Opening)], Source = part.Source, Outside = part }], CancellationToken.None))[0];

    internal async Task<Exhibit> CloseRecordingAsync(ExhibitNumber opening, IReadOnlyList<int> parts, SealedContent? seal, string actor, RecordingEnd why)
    {
        // Read back from the disk: what is stated is what is there.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        foreach (var part in parts)
        {
            var plain = await OpenPartAsync(opening.LeafIndex, part, seal!);
            hash.AppendData(plain.AsSpan(32));
            bytes += plain.Length - 32;
        }

        var last = parts.Count == 0 ? -1 : parts[^1];
        var missing = Enumerable.Range(0, last + 1).Except(parts).Take(1_000).ToList();
        var content = new RecordingContent
        {
            Parts = parts.Count,
            Bytes = bytes,
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
            Missing = missing.Count == 0 ? null : missing,
            Why = why switch { RecordingEnd.Stopped => "stopped", RecordingEnd.Lost => "lost", RecordingEnd.Interrupted => "interrupted", _ => throw new ArgumentOutOfRangeException(nameof(why)) },
        };
        var closing = (await JoinAsync([new("recording.closed", actor, JsonSerializer.SerializeToUtf8Bytes(content, RecordingJson.Default.RecordingContent)) { About = [opening], Source = SourceId.Of(System.Text.Encoding.UTF8.GetBytes($"custos/closed/v1\0{opening}")) }], CancellationToken.None))[0];
        try
        {
            await _store.MarkRecordingAsync(opening.LeafIndex, underWay: false, CancellationToken.None);
        }
        catch (IOException e)
        {
            throw Explain(e);
        }

        return closing;
    }

    /// <summary>What a crash left open: parts that were sealed get their entries, then the recording is closed as interrupted.</summary>
    async Task FinishRecordingsAsync()
    {
        var (underWay, announced) = await _store.OpenRecordingsAsync(CancellationToken.None);
        // Nothing is being appended yet, so the source ids may be asked from here.
        foreach (var source in announced)
        {
            if (_sources.TryGet(source, out var opening) && underWay.All(recording => recording.Opening != opening))
                underWay = [.. underWay, (opening, [])];
        }

        foreach (var (opening, parts) in underWay)
        {
            var opened = opening < Size ? await Reader.EntryAsync(new(opening)) : null;
            if (opened?.Kind != "recording.opened")
                throw PartWrong(opening, 0, "belongs to no recording of this log");
            var verdict = _ring.TryRecordingKey(opening, out var key);
            if (verdict != KeyVerdict.Opened && parts.Count > 0)
                throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The key of the recording {new ExhibitNumber(opening)} is not in the key folder, so its parts cannot be taken up. Nothing was changed. Bring back the key folder that belongs to the log.", Size);
            using var seal = verdict == KeyVerdict.Opened ? new SealedContent(key) : null;
            foreach (var part in parts)
            {
                var plain = await OpenPartAsync(opening, part, seal!);
                // Known by its source id if its entry was published; then nothing is added.
                await AppendPartAsync(new(opening, part, plain.Length - 32, Sha256Digest.Of(plain)), opened.Actor);
                CryptographicOperations.ZeroMemory(plain);
            }

            await CloseRecordingAsync(new(opening), parts, seal, opened.Actor, RecordingEnd.Interrupted);
        }

        foreach (var source in announced)
            await _store.AnnounceRecordingAsync(source, announced: false, CancellationToken.None);
    }

    async Task<byte[]> OpenPartAsync(long opening, int part, SealedContent seal)
    {
        byte[] bytes;
        try
        {
            bytes = await _store.ReadPartAsync(opening, part, CancellationToken.None) ?? throw PartWrong(opening, part, "is missing");
        }
        catch (IOException e)
        {
            throw Explain(e);
        }

        return seal.Open(SealContext.Part(Origin, opening, part), bytes, out var plain) == SealVerdict.Opened && plain.Length >= 32
            ? plain
            : throw PartWrong(opening, part, "was sealed elsewhere or changed");
    }

    static EvidenceLogException PartWrong(long opening, int part, string what) =>
        new(EvidenceFault.LogDamaged, $"Part {part} of {new ExhibitNumber(opening)} {what}. The log itself is unchanged. Run the verifier over it, and bring the file back from a copy.", 0);
}
