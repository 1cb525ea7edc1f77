// Lawful deletion (evidence-spec, section 10): the order is published; each bundle it touches is sealed anew under a fresh key, without the
// deleted content; the old key is written over; recordings lose their key and their files; then the account is published. `deleting`
// names the order meanwhile. A crash anywhere: start-up repeats, and no step changes anything twice.
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    const string AnnouncedDeletion = "announced ";

    /// <summary>Deletes the content of exhibits for good, and leaves their entries, their proofs and the order.</summary>
    /// <param name="order">What, why, under which authority, and who the two persons are.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <exception cref="ArgumentException">The order lacks something, or names what cannot be deleted; nothing was recorded or deleted.</exception>
    /// <exception cref="EvidenceLogException"><see cref="EvidenceFault.Held"/>: a legal hold forbids it, nothing was recorded or deleted. Otherwise the log has stopped, and its next start finishes the deletion.</exception>
    public async ValueTask<DeletionResult> DeleteAsync(DeletionOrder order, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        var custody = order.ToCustody();
        if (DeletionOrder.Lacks(custody) is { } lacking)
            throw new ArgumentException($"The order {lacking}. Nothing was recorded or deleted.");
        await _upkeep.WaitAsync(cancellation);
        try
        {
            var plan = await DeletionPlan.MakeAsync(Reader, custody.Exhibits!, Size, cancellation);
            await NeedNoHoldAsync(plan, cancellation);
            await NeedIntactAsync(plan, cancellation);
            Span<byte> chance = stackalloc byte[16];
            RandomNumberGenerator.Fill(chance);
            var exhibit = custody.ToExhibit(Size) with { Source = SourceId.Of(chance) };
            Check(exhibit, reserved: true);
            // The order's number is known only once it is published; until then a start knows it by this.
            await AloneAsync(() => Wait(_store.WriteDeletingAsync(AnnouncedDeletion + exhibit.Source, CancellationToken.None)));
            var ordered = (await JoinAsync([exhibit], CancellationToken.None))[0];
            await AloneAsync(() => Wait(_store.WriteDeletingAsync(ordered.Number.ToString(), CancellationToken.None)));
            return await CarryOutAsync(ordered.Number, custody, plan);
        }
        catch (IOException e)
        {
            throw Explain(e);
        }
        finally
        {
            _upkeep.Release();
        }
    }

    /// <summary>Carries out what a crash left of a deletion.</summary>
    async Task FinishDeletionAsync()
    {
        if (await _store.ReadDeletingAsync(CancellationToken.None) is not { } text)
            return;
        var number = await OrderOfAsync(text.Trim());
        if (number is null)
        {
            // Nobody was told that it is ordered, and it is not on record.
            await AloneAsync(() => Wait(_store.WriteDeletingAsync(null, CancellationToken.None)));
            return;
        }

        var custody = CustodyEvent.Parse(await FindAsync(number.Value.LeafIndex));
        await CarryOutAsync(number.Value, custody, await DeletionPlan.MakeAsync(Reader, custody.Exhibits ?? [], number.Value.LeafIndex, CancellationToken.None));
    }

    async Task<ExhibitNumber?> OrderOfAsync(string text)
    {
        ExhibitNumber number;
        if (text.StartsWith(AnnouncedDeletion, StringComparison.Ordinal) && UInt128.TryParse(text.AsSpan(AnnouncedDeletion.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var source))
        {
            var known = -1L;
            // The sequencer's own: only it may be asked.
            await AloneAsync(() => known = _sources.TryGet(new(source), out var index) ? index : -1);
            if (known < 0)
                return null;
            number = new(known);
        }
        else if (!ExhibitNumber.TryParse(text, out number))
        {
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The file 'deleting' in '{_store.Place}' names no order. Nothing was changed. Bring it back from a copy, or remove it if the log holds a custody.deleted after the last custody.deletion-ordered.", Size);
        }

        var entry = number.LeafIndex < Size ? await Reader.EntryAsync(number) : null;
        return entry?.Kind == "custody." + CustodyKind.DeletionOrdered
            ? number
            : throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The file 'deleting' in '{_store.Place}' names {number}, which is no order. Nothing was changed.", Size);
    }

    async Task<DeletionResult> CarryOutAsync(ExhibitNumber order, CustodyEvent custody, DeletionPlan plan)
    {
        foreach (var bundle in plan.Sealed)
            await AloneAsync(() => Rewrite(bundle, [.. plan.SlotsOf(bundle)], order));
        foreach (var opening in plan.Recordings)
        {
            await AloneAsync(() =>
            {
                _ring.DestroyRecordingKey(opening);
                Wait(_store.DeletePartsAsync(opening, CancellationToken.None));
            });
        }

        foreach (var bundle in plan.Pointing)
            await AloneAsync(() => Rewrite(bundle, [.. plan.SlotsOf(bundle)], order));
        CustodyDeletion done;
        try
        {
            done = await AccountAsync(order, custody, plan);
        }
        catch (IOException e)
        {
            // Ordered and done, and not accounted for: the next start does that.
            Stop(Explain(e));
            throw;
        }

        var account = new CustodyEvent
        {
            Kind = CustodyKind.Deleted,
            Actor = custody.Actor,
            SecondPerson = custody.SecondPerson,
            Authority = custody.Authority,
            Purpose = custody.Purpose,
            Tool = custody.Tool,
            Previous = order.LeafIndex,
            Deletion = done,
        };
        var exhibit = account.ToExhibit(Size) with { About = [order], Source = SourceId.Of(Encoding.UTF8.GetBytes($"custos/deleted/v1\0{order}")) };
        var recorded = (await JoinAsync([exhibit], CancellationToken.None))[0];
        await AloneAsync(() => Wait(_store.WriteDeletingAsync(null, CancellationToken.None)));
        return new(order, recorded, done);
    }

    async Task<CustodyDeletion> AccountAsync(ExhibitNumber order, CustodyEvent custody, DeletionPlan plan)
    {
        var generations = new List<uint>();
        foreach (var bundle in plan.Sealed)
            generations.Add(ContentBundle.Generation(await NeedBundleAsync(bundle)) - 1);
        // Only what left before the order: an account made again after a crash is the same.
        var left = await OpenKindsAsync(kind => kind is "custody." + CustodyKind.Exported or "custody." + CustodyKind.Transferred, order.LeafIndex, CancellationToken.None);
        var exports = left.Where(exhibit => MayHold(CustodyEvent.Parse(exhibit), plan)).Select(exhibit => exhibit.Number.LeafIndex).Take(1_000).ToList();
        return new()
        {
            Order = order.LeafIndex,
            Count = plan.Exhibits.Count,
            Recordings = plan.Recordings.Count == 0 ? null : [.. plan.Recordings],
            Bundles = [.. plan.Sealed],
            Generations = generations,
            EarlierExports = exports.Count == 0 ? null : exports,
            KeyCopies = custody.Deletion?.KeyCopies ?? "unknown",
        };
    }

    // What names neither exhibits nor a range may have been all of it.
    static bool MayHold(CustodyEvent export, DeletionPlan plan) =>
        (export.Exhibits ?? []).Append(export.RootExhibit ?? -1).Any(plan.Exhibits.Contains)
        || (export.Range is { } range && plan.Exhibits.GetViewBetween(range.From, Math.Max(range.From, range.Through)).Count > 0)
        || (export.Exhibits is null && export.RootExhibit is null && export.Range is null);

    /// <summary>Seals a bundle anew without the content of some slots. Done already, it changes nothing.</summary>
    void Rewrite(long number, HashSet<int> slots, ExhibitNumber order)
    {
        var width = (int)Math.Min(256, Size - (number << 8));
        var bytes = Wait(NeedBundleAsync(number));
        var records = new List<ContentRecord>(width);
        if (ContentBundle.Scan(bytes, Origin, number, width, records, out _) is { } wrong)
            throw BundleWrong(number, wrong);
        if (slots.All(slot => records[slot].Type == ContentType.Deleted))
            return;
        var generation = ContentBundle.Generation(bytes);
        var fresh = slots.Any(slot => records[slot].Type == ContentType.Sealed);
        var (key, wrapped) = fresh ? _ring.NewKey(number, generation + 1) : default;
        var rewritten = Rewritten(number, bytes, records, slots, order, fresh ? key : null);
        if (fresh)
            _ring.AnnounceSlot(number, wrapped);
        Wait(_store.ReplaceContentAsync(number, rewritten, CancellationToken.None));
        if (fresh)
            _ring.FinishSlot(number, wrapped);
        if (fresh && number == Size >> 8)
            _tailKey = key;
        // A source id may be made from the content: it goes too, and what is sent again would be a new exhibit.
        foreach (var slot in slots)
            _sources.Forget(records[slot].Source);
    }

    byte[] Rewritten(long number, byte[] bytes, List<ContentRecord> records, HashSet<int> slots, ExhibitNumber order, byte[]? key)
    {
        using var sealer = key is null ? null : new SealedContent(key);
        using var opener = key is null ? null : OpenerOf(number, ContentBundle.Generation(bytes));
        var entries = key is null ? [] : Wait(Reader.EntriesOfAsync(number, Size, CancellationToken.None));
        using var rewritten = new MemoryStream(bytes.Length);
        rewritten.Write(ContentBundle.Header(Origin, number, ContentBundle.Generation(bytes) + (key is null ? 0u : 1u)));
        Span<byte> header = stackalloc byte[ContentBundle.RecordHeaderBytes];
        var cited = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(cited, order.LeafIndex);
        for (var slot = 0; slot < records.Count; slot++)
        {
            var record = records[slot];
            ReadOnlySpan<byte> body = bytes.AsSpan(record.Offset, record.Length);
            if (slots.Contains(slot) && record.Type != ContentType.Deleted)
            {
                record = record with { Type = ContentType.Deleted, Source = SourceId.None };
                body = cited;
            }
            else if (record.Type == ContentType.Sealed && sealer is not null)
            {
                var plain = OpenChecked(opener!, (number << 8) + slot, body, entries[slot].Span);
                body = sealer.Seal(SealContext.Content(Origin, (number << 8) + slot), plain);
                CryptographicOperations.ZeroMemory(plain);
            }

            ContentBundle.WriteRecordHeader(header, record.Type, record.Source, body.Length);
            rewritten.Write(header);
            rewritten.Write(body);
        }

        return rewritten.ToArray();
    }

    SealedContent OpenerOf(long number, uint generation) =>
        _ring.TryKey(number, generation, out var key) == KeyVerdict.Opened ? new(key) : throw BundleWrong(number, "its key is missing or another one");

    byte[] OpenChecked(SealedContent opener, long index, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> entry)
    {
        if (opener.Open(SealContext.Content(Origin, index), sealedBytes, out var plain) == SealVerdict.Opened
            && EntryText.Read(entry, out _, out _, out _, out _, out _, out var commitment) is null
            && Sha256Digest.Of(plain) == commitment)
            return plain;
        throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The content of {new ExhibitNumber(index)}, which would stay, does not open or match its commitment. Run the verifier, bring the damaged bundle back from a copy, and start again.", Size);
    }

    async Task NeedNoHoldAsync(DeletionPlan plan, CancellationToken cancellation)
    {
        foreach (var hold in await HoldsAsync(cancellation))
        {
            if (hold.LiftedBy is not null)
                continue;
            if (hold.Exhibits is null)
                throw Held(hold, "everything in the operation");
            if (hold.Exhibits.FirstOrDefault(plan.Exhibits.Contains, -1) is >= 0 and var held)
                throw Held(hold, new ExhibitNumber(held).ToString());
        }
    }

    EvidenceLogException Held(Hold hold, string what) => new(
        EvidenceFault.Held,
        $"A legal hold forbids it: {hold.Number}, set under {hold.Authority.Ref}, holds {what}. Nothing was recorded or deleted. The hold must be lifted first, by who may lift it.",
        Size);

    /// <summary>Everything that would stay opens, and nothing that is to go is gone already: found out before an order is on record.</summary>
    async Task NeedIntactAsync(DeletionPlan plan, CancellationToken cancellation)
    {
        await using var bundles = new BundleOpener(_store, _ring, Origin, parts: false);
        var size = Size;
        foreach (var bundle in plan.Sealed.Union(plan.Pointing))
        {
            for (var index = bundle << 8; index < Math.Min(size, (bundle + 1) << 8); index++)
            {
                var exhibit = await bundles.OpenAsync(index, size, cancellation);
                if (exhibit.DeletedBy is { } earlier && plan.Exhibits.Contains(index))
                    throw new ArgumentException($"The order cannot be carried out: {exhibit.Number} was deleted by order {earlier} already. Nothing was recorded or deleted.");
            }
        }
    }

    async ValueTask<byte[]> NeedBundleAsync(long number) =>
        await _store.ReadContentAsync(number, CancellationToken.None) is { Length: >= ContentBundle.HeaderBytes } bytes ? bytes : throw BundleWrong(number, "it is missing");

    EvidenceLogException BundleWrong(long number, string what) =>
        new(EvidenceFault.LogDamaged, $"Content bundle {number}, which begins with {new ExhibitNumber(number << 8)}, cannot be sealed anew: {what}. Run the verifier, bring it back from a copy, and start again.", Size);
}
