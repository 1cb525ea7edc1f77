// Step 5 of evidence-spec, section 14: every anchor is a beginning of the log, its cosignatures and time-stamps hold; and whom the quorum
// has seen. A log is cosigned once a minute and at its closing, not at every commit: what follows the newest cosigned checkpoint is named.

namespace Custos.Evidence;

public sealed partial class LogVerifier
{
    readonly Dictionary<string, (int Count, DateTimeOffset Last, long Size, bool Rooted)> _stamps = new(StringComparer.Ordinal);
    PolicyVerdict _judged = new(false, [], [], false);
    long _witnessed;

    async Task AnchorsAsync(TrustPolicy policy, IReadOnlyList<INoteVerifier> verifiers)
    {
        if (policy.Quorum is not null && _judged.QuorumReached)
            _witnessed = _checkpoint.Size;
        var sizes = _options.Anchors?.Sizes() ?? [];
        foreach (var size in sizes)
        {
            _cancellation.ThrowIfCancellationRequested();
            await AnchorAsync(_options.Anchors!.Read(size)!, policy, verifiers);
        }

        if (sizes.Count > 0)
            _notices.Add(sizes.Count == 1 ? Text($"The checkpoint of size {sizes[0]} that others saw was compared with this log.") : Text($"{sizes.Count} checkpoints that others saw were compared with this log, the newest of size {sizes[^1]}."));
        foreach (var (authority, (count, last, size, rooted)) in _stamps.OrderBy(stamp => stamp.Key, StringComparer.Ordinal))
        {
            _notices.Add(_options.Timestamps is null
                ? Text($"Time-stamps of '{authority}' that were not looked at: {count}.")
                : rooted
                    ? Text($"Time-stamps of '{authority}' that hold: {count}; the last states {last:yyyy-MM-dd'T'HH:mm:ss'Z'} for size {size}.")
                    : Text($"Time-stamps of '{authority}' that hold for their bytes: {count}, the last stating {last:yyyy-MM-dd'T'HH:mm:ss'Z'} for size {size}; who signed them was not judged, for no root was given."));
        }

        if (policy.Quorum is null || _witnessed == _checkpoint.Size)
            return;
        if (_witnessed > 0)
            _notices.Add(Text($"The witnesses have seen the log up to size {_witnessed}; the {_checkpoint.Size - _witnessed} entries from {new ExhibitNumber(_witnessed)} rest on the log's own signature so far."));
        else
            Wrong(DiscrepancyKind.QuorumMissing, "log/checkpoint", null, $"the quorum '{policy.Quorum}' is not reached, here or at any earlier checkpoint; missing: {string.Join(", ", _judged.Missing)}");
    }

    async Task AnchorAsync(AnchorFiles anchor, TrustPolicy policy, IReadOnlyList<INoteVerifier> verifiers)
    {
        var path = AnchorFolder.PathOf(anchor.Size, "checkpoint");
        if (anchor.Checkpoint is not { } bytes)
        {
            _notices.Add($"{path} is missing: a crash left the folder without it.");
            return;
        }

        Checkpoint checkpoint;
        SignedNote note;
        try
        {
            note = SignedNote.Parse(bytes);
            checkpoint = Checkpoint.Parse(note.Text);
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.AnchorWrong, path, null, e.Message);
            return;
        }

        var signed = note.Open([.. verifiers.Where(verifier => policy.Logs.Contains(verifier.Key) && verifier.Key.Name == _checkpoint.Origin)]).Status;
        if (checkpoint.Origin != _checkpoint.Origin || checkpoint.Size != anchor.Size || signed != NoteStatus.Verified)
            Wrong(DiscrepancyKind.AnchorWrong, path, null, "it is not a checkpoint of this size that the log's key signed");
        else if (checkpoint.Size > _checkpoint.Size)
            Wrong(DiscrepancyKind.AnchorWrong, path, null, Text($"others have seen size {checkpoint.Size}, and the log ends at {_checkpoint.Size}: this is an older copy"));
        else if (await RootAtAsync(checkpoint.Size) is not { } root)
            _notices.Add($"{path} could not be compared: tiles below it are missing.");
        else if (root != checkpoint.Root)
            Wrong(DiscrepancyKind.AnchorWrong, path, null, Text($"it has another root than the log at size {checkpoint.Size}: two histories"));
        else if (policy.Quorum is not null && checkpoint.Size > _witnessed && policy.Judge(note, verifiers).QuorumReached)
            _witnessed = checkpoint.Size;
        foreach (var stamp in anchor.Stamps)
            Stamp(anchor.Size, bytes, stamp);
    }

    void Stamp(long size, byte[] bytes, AnchorStamp stamp)
    {
        var path = AnchorFolder.PathOf(size, stamp.Authority + ".tsr");
        if (stamp.Reply is not { } reply)
        {
            _notices.Add($"{path} is missing: the request beside it was not answered, or a crash came between.");
            return;
        }

        if (stamp.Query is not { } query)
        {
            Wrong(DiscrepancyKind.TimestampWrong, path, null, "the request that it answers is missing");
            return;
        }

        var finding = _options.Timestamps?.Verify(stamp.Authority, bytes, query, reply);
        if (finding is { Wrong: { } wrong })
        {
            Wrong(DiscrepancyKind.TimestampWrong, path, null, wrong);
            return;
        }

        var count = _stamps.GetValueOrDefault(stamp.Authority).Count;
        _stamps[stamp.Authority] = (count + 1, finding?.Time ?? default, size, finding?.Rooted ?? false);
    }

    async Task<Sha256Digest?> RootAtAsync(long size)
    {
        if (size == 0)
            return Merkle.EmptyRoot;
        try
        {
            return await new TileTree(_store, _checkpoint.Size, _cancellation).RangeAsync(0, size);
        }
        catch (EvidenceLogException)
        {
            // A missing tile is a finding already.
            return null;
        }
    }
}
