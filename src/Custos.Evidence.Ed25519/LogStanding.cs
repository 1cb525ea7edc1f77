using System.Globalization;

namespace Custos.Evidence.Ed25519;

/// <summary>How much a sentence on a log's health weighs.</summary>
public enum StandingLevel
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Something is missing that a court may ask for.</summary>
    Missing,

    /// <summary>Stop work on this log.</summary>
    Wrong,
}

/// <summary>A sentence on a log's health.</summary>
public sealed record StandingNote(StandingLevel Level, string Sentence);

/// <summary>A log's health, read from its files: who signed, who has seen it, who stamped it, and what is missing. Takes no lock.</summary>
/// <remarks>What the process that holds the log knows beside it, why a witness did not answer just now, stands in <see cref="EvidenceLog.Neighbours"/>.</remarks>
public static class LogStanding
{
    // A log is seen every minute; what is older and unseen means that somebody is away.
    static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>Reads a log's health.</summary>
    /// <param name="log">The operation's folder.</param>
    /// <param name="policy">The policy beside it.</param>
    /// <param name="timestamps">Judges time-stamps.</param>
    /// <param name="time">The clock.</param>
    /// <param name="marks">Where the second marks are kept; null for none.</param>
    /// <param name="authorities">The time-stamping authorities that are asked, by name.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <exception cref="EvidenceLogException">There is no readable checkpoint, or a mark is malformed.</exception>
    public static async Task<IReadOnlyList<StandingNote>> ReadAsync(LogFolder log, TrustPolicy policy, ITimestampVerifier timestamps, TimeProvider time, OutsideMarks? marks, IReadOnlyList<string> authorities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(timestamps);
        ArgumentNullException.ThrowIfNull(time);
        await using var store = LogStores.At(log.Path) ?? throw new EvidenceLogException(EvidenceFault.LogDamaged, $"There is no published checkpoint in '{log.Path}'.", 0);
        var reader = new LogReader(store);
        var (checkpoint, note) = await reader.CheckpointAsync(cancellation);
        var verifiers = NoteVerifiers.Of(policy, time);
        // The newest first, so that each witness's and each authority's last word is met first.
        var seen = new List<(long Size, SignedNote Note)> { (checkpoint.Size, note) };
        var anchors = log.Anchors.Sizes().Reverse().Select(log.Anchors.Read).OfType<AnchorFiles>().Where(anchor => anchor.Checkpoint is not null);
        var notes = new List<StandingNote>
        {
            policy.Judge(note, verifiers).LogSigned
                ? new(StandingLevel.Good, "The checkpoint is signed by this operation's key and covers every exhibit.")
                : new(StandingLevel.Wrong, "The checkpoint is not signed by this operation's key. Stop work on this log."),
        };
        var stamps = new Dictionary<string, (long Size, StampFinding Finding)>(StringComparer.Ordinal);
        foreach (var anchor in anchors)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryNote(anchor.Checkpoint!) is { } kept)
                seen.Add((anchor.Size, kept));
            foreach (var stamp in anchor.Stamps.Where(stamp => stamp is { Query: not null, Reply: not null }))
            {
                if (!stamps.ContainsKey(stamp.Authority))
                    stamps[stamp.Authority] = (anchor.Size, timestamps.Verify(stamp.Authority, anchor.Checkpoint, stamp.Query, stamp.Reply));
            }

            if (anchor.Size > checkpoint.Size)
                notes.Add(new(StandingLevel.Wrong, Text($"Others have seen size {anchor.Size}, and the log ends at {checkpoint.Size}: this is an older copy. Stop work on it.")));
            // Everyone's last word is known: older anchors say nothing more.
            if (stamps.Count > 0 && policy.Witnesses.All(witness => seen.Any(one => Line(one.Note, witness.Key, verifiers) is not null)))
                break;
        }

        if (StoreSetting.Read(log.Path) is { Kind: "postgres" })
            notes.AddRange(Shared(store.Place, policy));
        var guarded = Mark(log, policy, marks, notes);
        notes.AddRange(await WitnessesAsync(policy, verifiers, reader, checkpoint, seen, time, guarded, cancellation));
        if (stamps.Count == 0)
            notes.Add(new(StandingLevel.Missing, "There is no time-stamp: that the log existed by a given day rests on this computer's clock alone."));
        // Only the anchors down to the newest that anybody stamped were looked at.
        foreach (var authority in authorities.Where(authority => !stamps.ContainsKey(authority)))
            notes.Add(new(StandingLevel.Missing, stamps.Count == 0 ? $"The authority '{authority}' has stamped nothing yet." : Text($"The authority '{authority}' has not stamped size {stamps.Values.Max(stamp => stamp.Size)}, which another has.")));
        foreach (var (authority, (size, finding)) in stamps.OrderBy(stamp => stamp.Key, StringComparer.Ordinal))
        {
            notes.Add(finding.Wrong is { } wrong
                ? new(StandingLevel.Wrong, $"The last time-stamp of '{authority}' does not count: {wrong}.")
                : new(finding.Rooted ? StandingLevel.Good : StandingLevel.Missing, Text($"'{authority}' stamped size {size} of {checkpoint.Size} on {finding.Time:yyyy-MM-dd' at 'HH:mm' UTC'}{(finding.Rooted ? "" : "; who signed it was not judged, for its root certificate is not here")}.")));
        }

        return notes;
    }

    /// <summary>The mark outside the data folder, against the one beside the key, which is always moved first.</summary>
    /// <returns>Whether there is one.</returns>
    static bool Mark(LogFolder log, TrustPolicy policy, OutsideMarks? marks, List<StandingNote> notes)
    {
        var keys = Path.Combine(log.DataFolder, "keys");
        if (marks is null || policy.Logs.Count == 0 || !Directory.Exists(keys) || marks.Read(policy.Logs[0]) is not { } outside)
            return false;
        var inside = KeyFolder.ReadMark(Path.Combine(keys, log.Name + ".head"));
        notes.Add((inside?.Size ?? 0) < outside.Size
            ? new(StandingLevel.Wrong, Text($"The mark outside the data folder has seen size {outside.Size}, and the one beside the key {inside?.Size ?? 0}: this is an older copy. Stop work on it."))
            : new(StandingLevel.Good, $"A second mark is kept outside the data folder, in '{marks.Folder}': on this machine an older copy of all of it is noticed."));
        return true;
    }

    // A server that several machines reach changes two things: who writes, and what an older copy is (evidence-spec, section 7).
    static IEnumerable<StandingNote> Shared(string place, TrustPolicy policy)
    {
        yield return new(StandingLevel.Good, $"The log is kept in the {place}: of all machines that reach it one at a time can write, by a lock that the server keeps and a count that it raises with each writer. A standby may lag behind: the mark in keys/ and the witnesses tell it from the log.");
        if (policy.Quorum is null)
            yield return new(StandingLevel.Missing, "Where several machines have copies of keys/, only a witness that the policy requires notices that an older copy of the database and of keys/ together was brought back.");
    }

    static async Task<List<StandingNote>> WitnessesAsync(TrustPolicy policy, IReadOnlyList<INoteVerifier> verifiers, LogReader reader, Checkpoint checkpoint, List<(long Size, SignedNote Note)> seen, TimeProvider time, bool guarded, CancellationToken cancellation)
    {
        if (policy.Quorum is null && policy.Witnesses.Count == 0)
            return [new(StandingLevel.Missing, $"No witness is asked: whoever holds the log's key could have written it anew{(guarded ? "" : ", and a restored backup cannot be noticed")}.")];
        var notes = new List<StandingNote>();
        if (policy.Quorum is null)
            notes.Add(new(StandingLevel.Missing, $"No witness is needed by the policy (quorum none){(guarded ? "." : ": a restored backup is not noticed before something is signed.")}"));
        foreach (var (name, key, url) in policy.Witnesses)
        {
            var last = seen.FirstOrDefault(one => Line(one.Note, key, verifiers) is not null);
            if (last.Note is null)
            {
                notes.Add(new(StandingLevel.Missing, url is null ? $"The witness '{name}' has cosigned nothing, and the policy gives no address to ask it at." : $"The witness '{name}' has cosigned nothing yet."));
                continue;
            }

            var stated = CosignatureVerifier.StatedTime(Line(last.Note, key, verifiers)!.Signature.Span);
            // How long the first exhibit that it has not seen has been waiting.
            var late = last.Size < checkpoint.Size && time.GetUtcNow() - (await reader.EntryAsync(new(last.Size), cancellation)).RecordedAt > Late;
            notes.Add(new(late ? StandingLevel.Missing : StandingLevel.Good, Text($"The witness '{name}' cosigned size {last.Size} of {checkpoint.Size} on {stated:yyyy-MM-dd' at 'HH:mm' UTC'}{(late ? "; what came since waits for it" : "")}.")));
        }

        if (policy.Quorum is not null && !seen.Any(one => policy.Judge(one.Note, verifiers).QuorumReached))
            notes.Add(new(StandingLevel.Missing, $"The quorum '{policy.Quorum}' of the policy was not reached for any checkpoint that is here."));
        return notes;
    }

    static NoteSignature? Line(SignedNote note, VerifierKey key, IReadOnlyList<INoteVerifier> verifiers) =>
        verifiers.FirstOrDefault(verifier => verifier.Key.Equals(key)) is { } known
            ? note.Signatures.FirstOrDefault(line => line.Name == key.Name && line.KeyId == key.Id && known.Verify(note.Text, line.Signature.Span))
            : null;

    static SignedNote? TryNote(byte[] bytes)
    {
        try
        {
            return SignedNote.Parse(bytes);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
