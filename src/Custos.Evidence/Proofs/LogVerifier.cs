// The whole verifier (evidence-spec, section 14). It recomputes the tree from the entries with the same rules that wrote it
// (RFC 6962, section 2.1; C2SP tlog-tiles) and compares every file with what must be in it.
using System.Globalization;
using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>Verifies a whole log: reports all that is wrong, and never writes.</summary>
public sealed partial class LogVerifier : IDisposable
{
    // A checkpoint that lies about its size would otherwise make a list without end.
    const int MostFindings = 100_000;

    readonly ILogStore _store;
    readonly VerificationOptions _options;
    readonly CancellationToken _cancellation;
    readonly List<Discrepancy> _wrong = [];
    readonly List<string> _notices = [];
    readonly TreeHasher _hasher = new();
    readonly List<ContentRecord> _records = [];
    readonly KeyRing? _keys;
    ExhibitNumber? _closedAt;
    readonly Dictionary<long, SortedSet<int>> _parts = [];
    readonly List<(long Index, long Opening, RecordingContent Content)> _closings = [];
    Checkpoint _checkpoint = new("", 0, default);
    TreeEdge _edge = new();
    DateTimeOffset _last = DateTimeOffset.MinValue;
    long _backwards, _firstBackwards, _entries, _opened;

    LogVerifier(ILogStore store, VerificationOptions options, CancellationToken cancellation)
    {
        _store = store;
        _options = options;
        // A ring whose operation was closed for good opens nothing: contents are counted, as without keys.
        _keys = options.Keys is { DestroyedBy: null } keys ? keys : null;
        _cancellation = cancellation;
    }

    /// <summary>Verifies a log.</summary>
    /// <param name="store">Where it is; no lock is taken.</param>
    /// <param name="policy">Who must have signed.</param>
    /// <param name="verifiers">Verifiers of the policy's keys.</param>
    /// <param name="options">With or without content.</param>
    /// <param name="progress">Entries done.</param>
    /// <param name="cancellation">Stops between bundles.</param>
    public static async Task<Verification> VerifyAsync(ILogStore store, TrustPolicy policy, IReadOnlyList<INoteVerifier> verifiers, VerificationOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(verifiers);
        using var verifier = new LogVerifier(store, options ?? new(), cancellation);
        return await verifier.RunAsync(policy, verifiers, progress);
    }

    /// <inheritdoc/>
    public void Dispose() => _hasher.Dispose();

    async Task<Verification> RunAsync(TrustPolicy policy, IReadOnlyList<INoteVerifier> verifiers, IProgress<long>? progress)
    {
        if (!await ReadCheckpointAsync(policy, verifiers))
            return new() { Discrepancies = _wrong, Notices = _notices };
        var bundles = ((_checkpoint.Size - 1) >> 8) + 1;
        for (long number = 0; number < bundles; number++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var entries = await BundleAsync(number);
            if (_store.HasContent)
                await ContentAsync(number, entries);
            progress?.Report(Math.Min(_checkpoint.Size, (number + 1) << 8));
            if (_wrong.Count > MostFindings)
            {
                _notices.Add(Text($"More than {MostFindings} things are wrong; what follows {new ExhibitNumber((number + 1) << 8)} was not looked at."));
                return new() { Checkpoint = _checkpoint, Entries = _entries, Opened = _opened, Deleted = _deleted.Count, Discrepancies = _wrong, Notices = _notices };
            }
        }

        if (_edge.Root(_hasher) != _checkpoint.Root)
            Wrong(DiscrepancyKind.RootWrong, "log/checkpoint", null, $"the root of {_checkpoint.Size} leaves is not the one that was signed");
        Orders();
        await ClosingsAsync();
        await FilesAsync();
        await AnchorsAsync(policy, verifiers);
        Mark();
        if (!_store.HasContent)
            _notices.Add("Sealed content is not kept here: entries and proofs were verified, contents were not.");
        else if (_options.Keys is null)
            _notices.Add("No keys were given: contents were counted, not opened.");
        if (_backwards > 0)
            _notices.Add(Text($"The log's clock went back {_backwards} times, first at {new ExhibitNumber(_firstBackwards)}."));
        return new() { Checkpoint = _checkpoint, Entries = _entries, Opened = _opened, Deleted = _deleted.Count, Witnessed = _witnessed, Discrepancies = _wrong, Notices = _notices };
    }

    async Task<bool> ReadCheckpointAsync(TrustPolicy policy, IReadOnlyList<INoteVerifier> verifiers)
    {
        const string Path = "log/checkpoint";
        if (await _store.ReadNoteAsync(_cancellation) is not { } bytes)
        {
            Wrong(DiscrepancyKind.CheckpointMissing, Path, null, "there is no checkpoint");
            return false;
        }

        SignedNote note;
        try
        {
            note = SignedNote.Parse(bytes);
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.NoteMalformed, Path, null, e.Message);
            return false;
        }

        try
        {
            _checkpoint = Checkpoint.Parse(note.Text);
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.CheckpointMalformed, Path, null, e.Message);
            return false;
        }

        var logs = verifiers.Where(verifier => policy.Logs.Contains(verifier.Key)).ToList();
        var verdict = note.Open(logs);
        if (policy.Logs.All(key => key.Name != _checkpoint.Origin))
            Wrong(DiscrepancyKind.OriginDiffers, Path, null, $"the checkpoint is of '{_checkpoint.Origin}', which the policy does not name");
        else if (verdict.Status == NoteStatus.SignatureWrong)
            Wrong(DiscrepancyKind.SignatureWrong, Path, null, $"the signature of '{verdict.Wrong!.Name}' does not hold");
        else if (verdict.Status == NoteStatus.NoKnownSignature)
            Wrong(DiscrepancyKind.NoKnownSignature, Path, null, "no key of the policy signed the checkpoint");
        else if (verdict.SignedBy.All(verifier => verifier.Key.Name != _checkpoint.Origin))
            Wrong(DiscrepancyKind.OriginDiffers, Path, null, $"the checkpoint is of '{_checkpoint.Origin}' and signed by another log's key");
        _judged = policy.Judge(note, verifiers);
        if (policy.Quorum is null)
            _notices.Add("The policy asks for no witness: whoever holds the log's key could have written it anew.");
        // A sentence that names a size no disk could hold would keep the loop below busy for ever.
        if (_checkpoint.Size > 0 && await _store.ReadTileAsync(TilePath.Of(TilePath.Entries, 0, TilePath.WidthAt(_checkpoint.Size, TilePath.Entries, 0)), _cancellation) is null)
        {
            Wrong(DiscrepancyKind.TileMissing, "log/tile/entries/000", null, "the first entry bundle is missing, so no entry was checked");
            return false;
        }

        return true;
    }

    /// <summary>One bundle of up to 256 entries: entries against the tile of their hashes, and up the tree.</summary>
    async Task<ReadOnlyMemory<byte>[]?> BundleAsync(long number)
    {
        var width = TilePath.WidthAt(_checkpoint.Size, TilePath.Entries, number);
        var path = TilePath.Of(TilePath.Entries, number, width);
        var tilePath = TilePath.Of(0, number, width);
        var entries = await EntriesAsync(path);
        var tile = await TileAsync(tilePath);
        var hashes = new byte[width * 32];
        for (var i = 0; i < width && entries is not null; i++)
            _hasher.Leaf(entries[i].Span, hashes.AsSpan(i * 32, 32));
        if (entries is null)
        {
            // The tile stands in, so that one missing file is one finding; without it the tree cannot be followed here.
            tile?.AsSpan(0, hashes.Length).CopyTo(hashes);
        }
        else if (tile is not null && !tile.AsSpan(0, hashes.Length).SequenceEqual(hashes))
        {
            await PartAsync(number, width, hashes, tile);
        }

        await GrowAsync(hashes, number, width);
        if (entries is null)
            return null;
        _entries += width;
        for (var i = 0; i < width && !_options.OtherEntries; i++)
            Grammar(entries[i].Span, (number << 8) + i);
        return entries;
    }

    /// <summary>Entries and their tile disagree: the hash above says which of the two was changed.</summary>
    async Task PartAsync(long number, int width, byte[] fromEntries, byte[] tile)
    {
        var above = await AboveAsync(number, width);
        var entriesHold = Follows(fromEntries, width, above);
        var tileHolds = Follows(tile.AsSpan(0, fromEntries.Length), width, above);
        for (var i = 0; i < width; i++)
        {
            if (fromEntries.AsSpan(i * 32, 32).SequenceEqual(tile.AsSpan(i * 32, 32)))
                continue;
            var exhibit = new ExhibitNumber((number << 8) + i);
            if (!entriesHold)
                Wrong(DiscrepancyKind.EntryWrong, Log(TilePath.Of(TilePath.Entries, number, width)), exhibit, "the entry does not hash to its leaf");
            if (!tileHolds)
                Wrong(DiscrepancyKind.TileWrong, Log(TilePath.Of(0, number, width)), exhibit, "the tile does not hold the hash of the entry");
        }

        // The tree is followed with whichever of the two fits, so that one change is not reported all the way up.
        if (tileHolds && !entriesHold)
            tile.AsSpan(0, fromEntries.Length).CopyTo(fromEntries);
    }

    async Task<Sha256Digest?> AboveAsync(long number, int width)
    {
        if (width < TilePath.FullWidth)
            return _checkpoint.Root;
        var path = TilePath.Of(1, number >> 8, TilePath.WidthAt(_checkpoint.Size, 1, number >> 8));
        var at = (int)(number & 255) * 32;
        return await _store.ReadTileAsync(path, _cancellation) is { } parent && parent.Length >= at + 32 ? new Sha256Digest(parent.AsSpan(at, 32)) : null;
    }

    bool Follows(ReadOnlySpan<byte> hashes, int width, Sha256Digest? above)
    {
        if (above is null)
            return false;
        if (width < TilePath.FullWidth)
        {
            var edge = _edge.Copy();
            edge.Append(hashes, _hasher, []);
            return edge.Root(_hasher) == above;
        }

        Span<byte> root = stackalloc byte[32];
        _hasher.Perfect(hashes, root);
        return new Sha256Digest(root) == above;
    }

    /// <summary>Adds leaves and compares every tile above them that became complete, at the end the partial ones too.</summary>
    async Task GrowAsync(byte[] hashes, long number, int width)
    {
        var tiles = new List<TileWrite>();
        _edge.Append(hashes, _hasher, tiles);
        var last = ((number << 8) + width) == _checkpoint.Size;
        if (last)
        {
            for (var level = 1; level < TreeEdge.Levels(_checkpoint.Size); level++)
            {
                // An upper tile whose width did not change with the last bundle is handed out no more: take it from the edge.
                if (TreeEdge.EdgeWidth(_checkpoint.Size, level) is > 0 and var edge)
                    tiles.Add(new(TilePath.Of(level, _checkpoint.Size >> (8 * level) >> 8, edge), _edge.Tile(level).ToArray()));
            }
        }

        foreach (var tile in tiles.Where(tile => tile.Path.Level > 0 && (last || tile.Path.Width == TilePath.FullWidth)).DistinctBy(tile => tile.Path))
        {
            if (await TileAsync(tile.Path) is { } stored)
                Compare(tile.Path, tile.Data.Span, stored);
        }
    }

    void Compare(TilePath path, ReadOnlySpan<byte> right, ReadOnlySpan<byte> stored)
    {
        for (var i = 0; i < right.Length; i += 32)
        {
            if (!right.Slice(i, 32).SequenceEqual(stored.Slice(i, 32)))
            {
                var leaf = ((path.Number << 8) + (i / 32)) << (8 * path.Level);
                Wrong(DiscrepancyKind.TileWrong, Log(path), new(leaf), Text($"hash {i / 32} does not follow from the leaves below it, which begin with {new ExhibitNumber(leaf)}"));
                return;
            }
        }
    }

    async Task<ReadOnlyMemory<byte>[]?> EntriesAsync(TilePath path)
    {
        if (await _store.ReadTileAsync(path, _cancellation) is not { } bytes)
        {
            Wrong(DiscrepancyKind.TileMissing, Log(path), new(path.Number << 8), "the entry bundle is missing");
            return null;
        }

        if (EntryBundle.Split(bytes, path.Width, cut: false) is { } exact)
            return exact;
        // A partial bundle may be gone once the full one is there; then the full one holds 256.
        if (path.Width < TilePath.FullWidth && EntryBundle.Split(bytes, TilePath.FullWidth, cut: false) is { } full)
            return full[..path.Width];
        Wrong(DiscrepancyKind.BundleMalformed, Log(path), new(path.Number << 8), Text($"the bundle does not hold {path.Width} entries and nothing else"));
        return null;
    }

    async Task<byte[]?> TileAsync(TilePath path)
    {
        if (await _store.ReadTileAsync(path, _cancellation) is not { } bytes)
        {
            Wrong(DiscrepancyKind.TileMissing, Log(path), new((path.Number << 8) << (8 * path.Level)), "the tile is missing");
            return null;
        }

        if (bytes.Length == path.Width * 32 || bytes.Length == TilePath.FullWidth * 32)
            return bytes;
        Wrong(DiscrepancyKind.TileSize, Log(path), new((path.Number << 8) << (8 * path.Level)), Text($"the tile has {bytes.Length} bytes where {path.Width * 32} are right"));
        return null;
    }

    void Grammar(ReadOnlySpan<byte> bytes, long index)
    {
        var wrong = EntryText.Read(bytes, out var kind, out var at, out _, out var about, out _, out _);
        if (wrong is null && about.Length > 0 && about[^1].LeafIndex >= index)
            wrong = $"it speaks of {about[^1]}, which is not before it";
        if (wrong is null && _closedAt is { } closed)
            wrong = $"it follows {closed}, which closed the operation for good";
        if (wrong is not null)
        {
            Wrong(DiscrepancyKind.EntryMalformed, Log(TilePath.Of(TilePath.Entries, index >> 8, TilePath.WidthAt(_checkpoint.Size, TilePath.Entries, index >> 8))), new(index), wrong);
            return;
        }

        if (kind == Ordered)
            _orders.Add(index);
        if (kind == "log.closed")
            _closedAt ??= new(index);
        if (at < _last && _backwards++ == 0)
            _firstBackwards = index;
        _last = at;
    }

    async Task ContentAsync(long number, ReadOnlyMemory<byte>[]? entries)
    {
        var width = TilePath.WidthAt(_checkpoint.Size, TilePath.Entries, number);
        var path = "content/" + TilePath.NumberPath(number);
        if (await _store.ReadContentAsync(number, _cancellation) is not { } bytes)
        {
            Wrong(DiscrepancyKind.ContentMissing, path, new(number << 8), Text($"the content of {width} exhibits is gone, and no order accounts for it"));
            return;
        }

        var wrong = ContentBundle.Scan(bytes, _checkpoint.Origin, number, width, _records, out var end);
        if (wrong is not null)
            Wrong(DiscrepancyKind.BundleMalformed, path, new((number << 8) + _records.Count), wrong);
        else if (end < bytes.Length && width == TilePath.FullWidth)
            Wrong(DiscrepancyKind.BundleMalformed, path, new((number << 8) + 255), Text($"{bytes.Length - end} bytes follow its last record"));
        else if (end < bytes.Length)
            _notices.Add(Text($"{path} holds {bytes.Length - end} bytes beyond the checkpoint."));
        for (var i = 0; i < _records.Count; i++)
        {
            if (_records[i].Type == ContentType.SealedOutside)
                await PartAsync(path, (number << 8) + i, bytes.AsMemory(_records[i].Offset, _records[i].Length), entries?[i]);
            else if (_records[i].Type == ContentType.Deleted && _records[i].Length == 8)
                Deleted((number << 8) + i, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(_records[i].Offset)), path, entries?[i]);
            else if (_records[i].Type == ContentType.Deleted)
                Wrong(DiscrepancyKind.BundleMalformed, path, new((number << 8) + i), "a deleted record names no order");
            else if (_records[i].Type == ContentType.Sealed && SealedContent.PlaintextLength(_records[i].Length) is var length && (length < 32 || Claimed(entries, i) is { } size && size != length - 32))
                Wrong(DiscrepancyKind.ContentWrong, path, new((number << 8) + i), "the sealed content has another length than its entry says");
        }

        if (_keys is { } keys && _records.Count > 0)
            OpenAll(keys, number, path, bytes, entries);
    }

    /// <summary>A part of a recording: its file is there, opens in its own place, and matches the entry.</summary>
    async Task PartAsync(string path, long index, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte>? entry)
    {
        if (body.Length != OutsidePart.BodyBytes)
        {
            Wrong(DiscrepancyKind.BundleMalformed, path, new(index), "the record of a part does not name its recording and number");
            return;
        }

        var opening = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(body.Span);
        var part = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(body.Span[8..]);
        var file = Text($"recordings/{new ExhibitNumber(opening)}/{part:D6}");
        if (entry is not { } leaf || EntryText.Read(leaf.Span, out var kind, out _, out _, out var about, out var size, out var commitment) is not null)
            return;
        if (kind != "recording.part" || about.Length != 1 || about[0].LeafIndex != opening)
            Wrong(DiscrepancyKind.BundleMalformed, path, new(index), "the record names another recording than its entry");
        if (!(_parts.TryGetValue(opening, out var parts) ? parts : _parts[opening] = []).Add(part))
            Wrong(DiscrepancyKind.BundleMalformed, path, new(index), Text($"part {part} of {new ExhibitNumber(opening)} has two entries"));
        if (await _store.ReadPartAsync(opening, part, _cancellation) is not { } bytes)
        {
            Wrong(DiscrepancyKind.ContentMissing, file, new(index), "the part's file is gone, and no order accounts for it");
            return;
        }

        if (SealedContent.PlaintextLength(bytes.Length) != size + 32L)
            Wrong(DiscrepancyKind.ContentWrong, file, new(index), "the part has another length than its entry says");
        else if (_keys is { } keys)
            OpenPart(keys, file, index, opening, part, bytes, commitment);
    }

    void OpenPart(KeyRing keys, string file, long index, long opening, int part, byte[] bytes, Sha256Digest commitment)
    {
        var verdict = keys.TryRecordingKey(opening, out var key);
        if (verdict != KeyVerdict.Opened)
        {
            Wrong(verdict == KeyVerdict.Missing ? DiscrepancyKind.KeyMissing : DiscrepancyKind.KeyWrong, file, new(index), "the recording's key is missing or another one");
            return;
        }

        using var seal = new SealedContent(key);
        if (seal.Open(SealContext.Part(_checkpoint.Origin, opening, part), bytes, out var plain) != SealVerdict.Opened || Sha256Digest.Of(plain) != commitment)
            Wrong(DiscrepancyKind.ContentWrong, file, new(index), "the part was changed, or does not match the commitment in its entry");
        else
            _opened++;
    }

    void Closing(long index, long opening, ReadOnlySpan<byte> content)
    {
        try
        {
            if (System.Text.Json.JsonSerializer.Deserialize(content, RecordingJson.Default.RecordingContent) is { } closing)
                _closings.Add((index, opening, closing));
        }
        catch (System.Text.Json.JsonException)
        {
            Wrong(DiscrepancyKind.ContentWrong, null, new(index), "the closing of the recording cannot be read");
        }
    }

    /// <summary>What a closing states is what is there: parts, bytes, and the hash over all bytes in order.</summary>
    async Task ClosingsAsync()
    {
        foreach (var (index, opening, closing) in _closings)
        {
            var parts = _parts.GetValueOrDefault(opening) ?? [];
            if (parts.Count != closing.Parts)
            {
                Wrong(DiscrepancyKind.ContentWrong, null, new(index), Text($"the recording was closed with {closing.Parts} parts; {parts.Count} are in the log"));
                continue;
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long bytes = 0;
            using var seal = _keys!.TryRecordingKey(opening, out var key) == KeyVerdict.Opened ? new SealedContent(key) : null;
            foreach (var part in parts)
            {
                // A part that does not open is a finding already.
                if (seal is null || await _store.ReadPartAsync(opening, part, _cancellation) is not { } stored || seal.Open(SealContext.Part(_checkpoint.Origin, opening, part), stored, out var plain) != SealVerdict.Opened)
                    continue;
                hash.AppendData(plain.AsSpan(32));
                bytes += plain.Length - 32;
            }

            if (bytes != closing.Bytes || Convert.ToHexStringLower(hash.GetHashAndReset()) != closing.Sha256)
                Wrong(DiscrepancyKind.ContentWrong, null, new(index), "the parts do not join to the bytes that the recording was closed with");
        }
    }

    int? Claimed(ReadOnlyMemory<byte>[]? entries, int slot) =>
        !_options.OtherEntries && entries is not null && EntryText.Read(entries[slot].Span, out _, out _, out _, out _, out var size, out _) is null ? size : null;

    void OpenAll(KeyRing keys, long number, string path, byte[] bytes, ReadOnlyMemory<byte>[]? entries)
    {
        var verdict = keys.TryKey(number, ContentBundle.Generation(bytes), out var key);
        if (verdict != KeyVerdict.Opened)
        {
            if (_records.Any(record => record.Type == ContentType.Sealed))
                Wrong(verdict == KeyVerdict.Missing ? DiscrepancyKind.KeyMissing : DiscrepancyKind.KeyWrong, path, new(number << 8), verdict == KeyVerdict.Missing ? "the ring holds no key for the bundle" : "the ring's key is not the bundle's");
            return;
        }

        using var opener = new SealedContent(key);
        Span<byte> hash = stackalloc byte[32];
        for (var i = 0; i < _records.Count; i++)
        {
            if (_records[i].Type != ContentType.Sealed || entries is null)
                continue;
            var index = (number << 8) + i;
            var opened = opener.Open(SealContext.Content(_checkpoint.Origin, index), bytes.AsSpan(_records[i].Offset, _records[i].Length), out var plain);
            if (opened != SealVerdict.Opened)
            {
                Wrong(DiscrepancyKind.ContentWrong, path, new(index), opened switch
                {
                    SealVerdict.Truncated => "the sealed content is cut off",
                    SealVerdict.OtherKey => "the content was sealed under another key or for another place",
                    _ => "the sealed content was changed",
                });
                continue;
            }

            _hasher.Hash(plain, [], hash);
            var read = EntryText.Read(entries[i].Span, out var kind, out _, out _, out var about, out _, out var commitment) is null;
            if (kind == "recording.closed" && about.Length == 1)
                Closing(index, about[0].LeafIndex, plain.AsSpan(32));
            else if (kind == Ordered)
                Order(index, plain.AsSpan(32));
            else if (kind is HoldContent.Set or HoldContent.Lifted)
                Hold(index, kind, plain.AsSpan(32));
            CryptographicOperations.ZeroMemory(plain);
            if (read && new Sha256Digest(hash) != commitment)
                Wrong(DiscrepancyKind.ContentWrong, path, new(index), "the content does not match the commitment in its entry");
            else
                _opened++;
        }
    }

    /// <summary>Files that the tree does not need: older partial tiles must be the beginning of what stands now, the rest is named.</summary>
    async Task FilesAsync()
    {
        await foreach (var file in _store.ListAsync(_cancellation))
        {
            if (file is "log/checkpoint")
                continue;
            if (file.StartsWith("content/", StringComparison.Ordinal) && TilePath.TryParseNumber(file.AsSpan(8), out var bundle))
            {
                if (TilePath.WidthAt(_checkpoint.Size, TilePath.Entries, bundle) == 0)
                    _notices.Add($"{file} is beyond the checkpoint.");
                continue;
            }

            if (!file.StartsWith("log/", StringComparison.Ordinal) || !TilePath.TryParse(file.AsSpan(4), out var tile) || tile.Level > 7)
            {
                _notices.Add($"{file} is no part of the log.");
                continue;
            }

            var width = TilePath.WidthAt(_checkpoint.Size, tile.Level, tile.Number);
            if (tile.Width > width)
                _notices.Add($"{file} is beyond the checkpoint.");
            else if (tile.Width < width)
                await OlderAsync(file, tile, width);
        }
    }

    async Task OlderAsync(string file, TilePath tile, int width)
    {
        if (await _store.ReadTileAsync(tile, _cancellation) is not { } older || await _store.ReadTileAsync(tile with { Width = width }, _cancellation) is not { } newer)
            return;
        if (tile.Level == TilePath.Entries)
        {
            if (EntryBundle.Split(older, tile.Width, cut: false) is null)
                Wrong(DiscrepancyKind.BundleMalformed, file, new(tile.Number << 8), Text($"the bundle does not hold {tile.Width} entries and nothing else"));
            else if (!newer.AsSpan().StartsWith(older))
                Wrong(DiscrepancyKind.EntryWrong, file, new(tile.Number << 8), "an older copy of the bundle differs from the newer one");
        }
        else if (older.Length != tile.Width * 32)
        {
            Wrong(DiscrepancyKind.TileSize, file, new((tile.Number << 8) << (8 * tile.Level)), Text($"the tile has {older.Length} bytes where {tile.Width * 32} are right"));
        }
        else if (newer.Length >= older.Length)
        {
            Compare(tile, newer.AsSpan(0, older.Length), older);
        }
    }

    void Mark()
    {
        if (_options.Marks is not { } folder)
            return;
        var path = folder.PathOf(KeyFolder.SlugOf(_checkpoint.Origin), "head");
        if (LogMark.Read(folder.Disk, path) is not { } mark)
            Wrong(DiscrepancyKind.MarkWrong, "keys", null, "there is no mark for this log");
        else if (mark.Origin != _checkpoint.Origin)
            Wrong(DiscrepancyKind.MarkWrong, "keys", null, $"the mark belongs to '{mark.Origin}'");
        else if (mark.State.Size < _checkpoint.Size)
            Wrong(DiscrepancyKind.MarkWrong, "keys", null, Text($"the mark stands at {mark.State.Size}, behind the checkpoint: the key folder is an older copy"));
        else if (mark.State.Size == _checkpoint.Size && mark.State.Root != _checkpoint.Root)
            Wrong(DiscrepancyKind.MarkWrong, "keys", null, "mark and checkpoint have the same size and different roots: two histories");
        else if (mark.State.Size > _checkpoint.Size)
            _notices.Add(Text($"The mark stands at {mark.State.Size}: what follows the checkpoint is still to be published, or the log is an older copy."));
    }

    void Wrong(DiscrepancyKind kind, string? path, ExhibitNumber? exhibit, string sentence) => _wrong.Add(new(kind, path, exhibit, sentence));

    static string Log(TilePath path) => "log/" + path;

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
