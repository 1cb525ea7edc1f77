// Start-up (evidence-spec, section 7): nothing is signed unless the mark already says so, and two histories are refused.
using System.Globalization;

namespace Custos.Evidence;

/// <summary>A log as it stands after start-up, ready to be appended to.</summary>
sealed class Opening
{
    public required IDisposable KeyLock { get; init; }

    public required KeyRing Ring { get; init; }

    public required LogState State { get; init; }

    public required SignedNote Note { get; init; }

    public required LogMark Mark { get; init; }

    public required LogMark? OutsideMark { get; init; }

    public required TreeEdge Edge { get; init; }

    public required byte[] TailEntries { get; init; }

    public required byte[]? TailKey { get; init; }

    public required SourceIds Sources { get; init; }

    /// <summary>What start-up itself must put on record: <c>log.opened</c>, <c>log.recovered</c>, or nothing.</summary>
    public required (string Kind, string What)? Event { get; init; }

    /// <summary>Witnesses without which a person went on, and why each gave no answer that counts.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>How the clock stands before the last entry, if a person went on with it; null if it does not.</summary>
    public required string? Behind { get; init; }

    public static (Checkpoint Checkpoint, SignedNote Note) Sign(EvidenceLogOptions options, LogState state)
    {
        var checkpoint = new Checkpoint(options.Origin, state.Size, state.Root);
        var note = SignedNote.Sign(checkpoint.ToText(), options.Signer);
        if (note.Open([options.Signer.Verifier]).Status != NoteStatus.Verified)
            throw new EvidenceLogException(EvidenceFault.Io, $"The log's own signature over size {state.Size} does not verify, so it was not published. Check the machine, then start again.", state.Size);
        return (checkpoint, note);
    }

    public static async Task<Opening> OpenAsync(EvidenceLogOptions options, CancellationToken cancellation)
    {
        Check(options);
        var slug = KeyFolder.SlugOf(options.Origin);
        var keyLock = options.Keys.Lock(slug, Holder.Text);
        var opened = false;
        KeyRing? ring = null;
        try
        {
            var disk = options.Keys.Disk;
            var markPath = options.Keys.PathOf(slug, "head");
            var mark = ReadMark(options, markPath);
            var outside = options.OutsideMark is null ? null : ReadMark(options, options.OutsideMark);
            // Size 0 has one root, so a store that was lost before the first exhibit may be made again.
            var stored = await options.Store.OpenAsync(options.Origin, options.Create && mark is null or { State.Size: 0 }, cancellation);
            var noteBytes = stored?.Note;
            Remove(disk, markPath + ".next");
            if (options.OutsideMark is not null)
                Remove(disk, options.OutsideMark + ".next");

            (string, string)? happened = null;
            LogState state;
            IReadOnlyList<string> missing = [];
            string? behind = null;
            var publish = false;
            if (noteBytes is null && mark is null && stored?.Integrated is null or { Size: 0 })
            {
                if (outside is { State.Size: > 0 })
                    throw Restored($"the mark '{options.OutsideMark}' has seen size {outside.State.Size}, and there is no log here");
                if (!options.Create)
                    throw new EvidenceLogException(EvidenceFault.MarkMissing, $"There is no log '{options.Origin}' in '{options.Store.Place}'. Nothing was made. Create the operation first, or name the data folder that holds it.", 0);
                missing = await WitnessRound.AskAsync(options, LogState.Empty, null, cancellation);
                KeyRing.Create(options.Keys, options.Origin, options.UnitKey);
                state = LogState.Empty;
                mark = new(options.Origin, state);
                LogMark.Advance(disk, markPath, null, mark);
                happened = ("log.opened", "created");
                publish = true;
            }
            else if (mark is null)
            {
                throw new EvidenceLogException(EvidenceFault.MarkMissing, $"There is a log in '{options.Store.Place}' and no mark '{markPath}', so what its key has signed is unknown. Nothing was signed. Bring back the key folder that belongs to it.", 0);
            }
            else if (stored is null)
            {
                throw Restored($"the key has been allowed to sign size {mark.State.Size}, and there is no log in '{options.Store.Place}'");
            }
            else
            {
                (state, publish, var recovered) = await JudgeAsync(options, mark, outside, stored, cancellation);
                behind = await BehindAsync(options, state.Size, cancellation);
                missing = await WitnessRound.AskAsync(options, state, noteBytes, cancellation);
                // Also when a crash came between the first checkpoint and the first exhibit.
                if (state.Size == 0)
                    happened = ("log.opened", "created");
                if (state.Size > mark.State.Size)
                {
                    if (recovered)
                        happened = ("log.recovered", string.Create(CultureInfo.InvariantCulture, $"the mark stood at {mark.State.Size}, the log at {state.Size}"));
                    var raised = new LogMark(options.Origin, state);
                    LogMark.Advance(disk, markPath, mark, raised);
                    mark = raised;
                }
            }

            if (options.OutsideMark is { } outsidePath && outside?.State != state)
            {
                disk.CreateDirectories(Path.GetDirectoryName(Path.GetFullPath(outsidePath))!);
                var raised = new LogMark(options.Origin, state);
                LogMark.Advance(disk, outsidePath, outside, raised);
                outside = raised;
            }

            await options.Store.TrimAsync(state.Size, cancellation);
            ring = KeyRing.Open(options.Keys, options.Origin, options.UnitKey);
            if (noteBytes is not null)
                await SettleSlotAsync(options.Store, ring, cancellation);
            var edge = await LoadEdgeAsync(options.Store, state.Size, cancellation);
            using var hasher = new TreeHasher();
            if (edge.Root(hasher) != state.Root)
                throw Damaged(options, state.Size, $"its tiles do not hash to the root of size {state.Size}");
            var tail = await LoadTailAsync(options, edge, hasher, cancellation);
            var (sources, tailKey) = await LoadContentAsync(options, ring, state.Size, cancellation);
            SignedNote note;
            if (publish)
            {
                (_, note) = Sign(options, state);
                await options.Store.PublishAsync(note.ToBytes(), cancellation);
            }
            else
            {
                note = SignedNote.Parse(noteBytes);
            }

            opened = true;
            return new()
            {
                KeyLock = keyLock,
                Ring = ring,
                State = state,
                Note = note,
                Mark = mark,
                OutsideMark = outside,
                Edge = edge,
                TailEntries = tail,
                TailKey = tailKey,
                Sources = sources,
                Event = happened,
                Missing = missing,
                Behind = behind,
            };
        }
        catch (LogStoreException e) when (e.Fault == EvidenceFault.HeadMoved)
        {
            throw new EvidenceLogException(e.Fault, $"{e.Message} Find the other writer of this log and stop it before starting again.", 0, e);
        }
        catch (LogStoreException e)
        {
            throw new EvidenceLogException(e.Fault, $"The log '{options.Origin}' could not be opened: {e.Message}. What was published is unchanged. Check its storage and start again.", 0, e);
        }
        finally
        {
            if (!opened)
            {
                ring?.Dispose();
                await options.Store.DisposeAsync();
                keyLock.Dispose();
            }
        }
    }

    static void Check(EvidenceLogOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!VerifierKey.IsName(options.Origin) || options.Origin.Length > 120 || KeyFolder.SlugOf(options.Origin) is not { Length: > 0 } slug || !EntryText.IsSlug(slug))
            throw new ArgumentException("An origin is a schemeless URL of at most 120 characters that ends in a slug of a-z, 0-9 and hyphen.", nameof(options));
        if (options.MaxBatch is < 1 or > EvidenceLogOptions.MostPerBatch)
            throw new ArgumentException("A commit takes 1 to 8,192 exhibits.", nameof(options));
        if (options.Signer.Name != options.Origin)
            throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The signing key belongs to '{options.Signer.Name}', not to '{options.Origin}'. Nothing was signed. Bring back the key folder that belongs to the log.", 0);
    }

    static LogMark? ReadMark(EvidenceLogOptions options, string path)
    {
        var mark = LogMark.Read(options.Keys.Disk, path);
        if (mark is not null && mark.Origin != options.Origin)
            throw new EvidenceLogException(EvidenceFault.ForkRefused, $"The mark '{path}' belongs to '{mark.Origin}', not to '{options.Origin}'. Nothing was signed. Name the right operation.", 0);
        return mark;
    }

    static void Remove(IDisk disk, string path)
    {
        if (disk.FileExists(path))
            disk.DeleteFile(path);
    }

    /// <summary>Section 7's table: which state is this log in, and is its checkpoint still to be signed?</summary>
    static async Task<(LogState State, bool Publish, bool Recovered)> JudgeAsync(EvidenceLogOptions options, LogMark mark, LogMark? outside, StoredState stored, CancellationToken cancellation)
    {
        var noteBytes = stored.Note;
        var newest = mark.State;
        if (outside is not null && outside.State.Size > newest.Size)
            newest = outside.State;
        else if (outside is not null && outside.State.Size == newest.Size && outside.State.Root != newest.Root)
            throw Fork($"the marks agree on size {newest.Size} and differ in its root");
        // Which of the two says so, for whoever has to find out why.
        var allowed = newest.Size > mark.State.Size ? $"the key has been allowed to sign size {newest.Size}, says the mark '{options.OutsideMark}'" : $"the key has been allowed to sign size {newest.Size}";
        Checkpoint? checkpoint = null;
        if (noteBytes is not null)
        {
            try
            {
                var note = SignedNote.Parse(noteBytes);
                var verdict = note.Open([options.Signer.Verifier]);
                checkpoint = Checkpoint.Parse(note.Text);
                if (verdict.Status == NoteStatus.SignatureWrong)
                    throw Damaged(options, mark.State.Size, "its checkpoint's signature does not hold");
                if (verdict.Status == NoteStatus.NoKnownSignature)
                    throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The checkpoint in '{options.Store.Place}' is not signed by the key {options.Signer.Verifier.Key.Id:x8}. Nothing was signed. Bring back the key folder that belongs to the log.", 0);
            }
            catch (FormatException e)
            {
                throw Damaged(options, mark.State.Size, $"its checkpoint cannot be read ({e.Message})");
            }

            if (checkpoint.Origin != options.Origin)
                throw Fork($"the checkpoint belongs to '{checkpoint.Origin}'");
        }

        // A row ahead of its mark is an ordinary crash; what was published or marked elsewhere is not.
        var recovered = newest.Size > mark.State.Size || checkpoint?.Size > mark.State.Size;
        if (stored.Integrated is { } row)
        {
            if (checkpoint is not null && checkpoint.Size > row.Size)
                throw Damaged(options, row.Size, $"its checkpoint says {checkpoint.Size}, and it ends at {row.Size}");
            if (row.Size < newest.Size)
                throw Restored($"{allowed}, and the log in '{options.Store.Place}' ends at {row.Size}");
            if (row.Size == newest.Size && row.Root != newest.Root)
                throw Fork($"mark and store agree on size {newest.Size} and differ in its root");
            if (checkpoint is not null && checkpoint.Size == row.Size && checkpoint.Root != row.Root)
                throw Fork($"checkpoint and store agree on size {row.Size} and differ in its root");
            // Written whole, and not marked yet: a crash after step 4, or an older copy of keys/. Either way it must have grown from what was signed.
            List<LogState> signed = [mark.State, newest, new(checkpoint?.Size ?? 0, checkpoint?.Root ?? Merkle.EmptyRoot)];
            if (signed.Any(state => state.Size < row.Size))
                await NeedRootAsync(options, row, row, damaged: true, cancellation);
            foreach (var state in signed.Where(state => state.Size < row.Size))
                await NeedRootAsync(options, state, row, damaged: false, cancellation);
            return (row, checkpoint?.Size != row.Size, recovered);
        }

        if (checkpoint is not null && checkpoint.Size > newest.Size)
        {
            // keys/ is an older copy. Its mark is raised only if the log proves that it grew from there.
            var reached = new LogState(checkpoint.Size, checkpoint.Root);
            await NeedRootAsync(options, reached, reached, damaged: true, cancellation);
            await NeedRootAsync(options, newest, reached, damaged: false, cancellation);
            return (reached, false, recovered);
        }

        if (checkpoint is not null && checkpoint.Size == newest.Size)
        {
            if (checkpoint.Root != newest.Root)
                throw Fork($"mark and checkpoint agree on size {newest.Size} and differ in its root");
            if (newest.Size > mark.State.Size)
                await NeedRootAsync(options, mark.State, newest, damaged: false, cancellation);
            return (newest, false, recovered);
        }

        // A mark is ahead: a crash before publishing, if the tiles reach it; else operations/ is an older copy.
        if (!await HasRootAsync(options.Store, newest, newest.Size, cancellation))
            throw Restored($"{allowed}, and the log in '{options.Store.Place}' ends at {checkpoint?.Size ?? 0}");
        if (checkpoint is not null)
            await NeedRootAsync(options, new(checkpoint.Size, checkpoint.Root), newest, damaged: false, cancellation);
        if (newest.Size > mark.State.Size)
            await NeedRootAsync(options, mark.State, newest, damaged: false, cancellation);
        return (newest, true, recovered);
    }

    /// <summary>Whether the clock stands before the last entry by more than clocks are corrected by: what is recorded then would look older than what is there.</summary>
    static async Task<string?> BehindAsync(EvidenceLogOptions options, long size, CancellationToken cancellation)
    {
        if (size == 0)
            return null;
        var last = new ExhibitNumber(size - 1);
        var path = TilePath.Of(TilePath.Entries, last.LeafIndex >> 8, TilePath.WidthAt(size, TilePath.Entries, last.LeafIndex >> 8));
        var now = options.Time.GetUtcNow();
        // What cannot be read is refused further on, as damage.
        if (await options.Store.ReadTileAsync(path, cancellation) is not { } bytes || EntryBundle.Split(bytes, path.Width, cut: true) is not { } entries
            || EntryText.Read(entries[^1].Span, out _, out var at, out _, out _, out _, out _) is not null || at - now <= EvidenceLogOptions.ClockTolerance)
            return null;
        var behind = string.Create(CultureInfo.InvariantCulture, $"the clock says {now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, and {last} was recorded at {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        return options.ClockBehind is { Length: > 0 } ? behind : throw new EvidenceLogException(
            EvidenceFault.ClockWentBack,
            $"This machine's clock went back: {behind}. Nothing was recorded, because it would look older than it is. Set the clock right and start again. If it is right now and was ahead then, go on and say why: --clock-behind REASON, which is recorded.",
            size);
    }

    static async Task NeedRootAsync(EvidenceLogOptions options, LogState state, LogState within, bool damaged, CancellationToken cancellation)
    {
        if (await HasRootAsync(options.Store, state, within.Size, cancellation))
            return;
        throw damaged
            ? Damaged(options, state.Size, $"its tiles do not hash to the root of size {state.Size}")
            : Fork($"the log at size {within.Size} did not grow from size {state.Size} as it was signed");
    }

    internal static async Task<bool> HasRootAsync(ILogStore store, LogState state, long size, CancellationToken cancellation)
    {
        if (state.Size == 0)
            return state.Root == Merkle.EmptyRoot;
        try
        {
            return await new TileTree(store, size, cancellation).RangeAsync(0, state.Size) == state.Root;
        }
        catch (EvidenceLogException e) when (e.Fault == EvidenceFault.LogDamaged)
        {
            return false;
        }
    }

    static async Task SettleSlotAsync(ILogStore store, KeyRing ring, CancellationToken cancellation)
    {
        if (ring.PendingBundle is not { } bundle)
            return;
        var bytes = bundle < 0 ? null : await store.ReadContentAsync(bundle, cancellation);
        ring.SettleSlot(bytes is { Length: >= ContentBundle.HeaderBytes } ? ContentBundle.Generation(bytes) : null);
    }

    static async Task<TreeEdge> LoadEdgeAsync(ILogStore store, long size, CancellationToken cancellation)
    {
        var tiles = new Dictionary<int, byte[]>();
        for (var level = 0; level < TreeEdge.Levels(size); level++)
        {
            if (TreeEdge.EdgeWidth(size, level) is > 0 and var width)
            {
                var path = TilePath.Of(level, size >> (8 * level) >> 8, width);
                tiles[level] = await store.ReadTileAsync(path, cancellation) is { } bytes && bytes.Length >= width * 32 ? bytes : throw LogReader.Damaged(path, "is missing or too short");
            }
        }

        return TreeEdge.Load(size, path => tiles[path.Level]);
    }

    static async Task<byte[]> LoadTailAsync(EvidenceLogOptions options, TreeEdge edge, TreeHasher hasher, CancellationToken cancellation)
    {
        var width = TreeEdge.EdgeWidth(edge.Size, 0);
        if (width == 0)
            return [];
        var path = TilePath.Of(TilePath.Entries, edge.Size >> 8, width);
        var bytes = await options.Store.ReadTileAsync(path, cancellation) ?? throw LogReader.Damaged(path, "is missing");
        var entries = EntryBundle.Split(bytes, width, cut: true) ?? throw LogReader.Damaged(path, "does not hold its entries");
        var hash = new byte[32];
        var length = 0;
        for (var i = 0; i < width; i++)
        {
            hasher.Leaf(entries[i].Span, hash);
            if (!edge.Tile(0).Slice(i * 32, 32).SequenceEqual(hash))
                throw LogReader.Damaged(path, $"does not hold the entry of {new ExhibitNumber((edge.Size & ~255L) + i)} as it was recorded");
            length += 2 + entries[i].Length;
        }

        return bytes[..length];
    }

    static async Task<(SourceIds Sources, byte[]? TailKey)> LoadContentAsync(EvidenceLogOptions options, KeyRing ring, long size, CancellationToken cancellation)
    {
        var sources = new SourceIds();
        var records = new List<ContentRecord>();
        byte[]? tailKey = null;
        var bundles = (size + 255) >> 8;
        var number = Math.Max(0, bundles - (SourceIds.Remembered / 256));
        await foreach (var found in options.Store.ReadContentsAsync(number, bundles - number, cancellation))
        {
            var slots = (int)Math.Min(256, size - (number << 8));
            // An older bundle that is gone or damaged is the verifier's to report; appending needs the tail only.
            var bytes = found ?? [];
            var wrong = ContentBundle.Scan(bytes, options.Origin, number, slots, records, out _);
            for (var i = 0; i < records.Count; i++)
                sources.Add(records[i].Source, (number << 8) + i);
            if (++number != bundles || slots == 256 || ring.DestroyedBy is not null)
                continue;
            var tail = bundles - 1;
            if (wrong is not null)
                throw Damaged(options, size, $"content/{TilePath.NumberPath(tail)} is not what was recorded: {wrong}");
            if (ring.TryKey(tail, ContentBundle.Generation(bytes), out tailKey) is not KeyVerdict.Opened)
                throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The key of content bundle {tail} is not in the ring, so nothing can be sealed beside what is there. Nothing was changed. Bring back the key folder that belongs to the log.", size);
        }

        return (sources, tailKey);
    }

    internal static EvidenceLogException Restored(string why) => new(
        EvidenceFault.RestoredFromBackup,
        $"This is an older copy of the log: {why}. Nothing was signed, because continuing would make two histories. Bring the missing files back, or keep this copy as it is and continue in a new log that names it: custos log succeed.",
        0);

    internal static EvidenceLogException Fork(string why) => new(
        EvidenceFault.ForkRefused,
        $"Continuing would make two histories: {why}. Nothing was signed. Keep both copies and find out where they part.",
        0);

    static EvidenceLogException Damaged(EvidenceLogOptions options, long size, string what) => new(
        EvidenceFault.LogDamaged,
        $"The log in '{options.Store.Place}' is not what was published: {what}. Nothing was changed. Bring the damaged files back from a copy of the operation's folder.",
        size);
}
