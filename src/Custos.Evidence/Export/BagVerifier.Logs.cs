using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Custos.Evidence;

sealed partial class BagVerifier
{
    const string ExhibitFolder = "exhibits/";

    /// <summary>One operation of the bag.</summary>
    sealed class Place(string slug)
    {
        public string At { get; } = $"data/operations/{slug}/";

        public Checkpoint? Checkpoint { get; set; }

        public byte[] CheckpointBytes { get; set; } = [];

        public List<INoteVerifier> LogKeys { get; set; } = [];

        public SortedDictionary<long, LogEntry> Entries { get; } = [];

        public Dictionary<long, byte[]> Custody { get; } = [];

        public List<(long Index, long Order)> Deleted { get; } = [];

        public Dictionary<long, RecordingContent> Closings { get; } = [];

        public long Proofs { get; set; }

        public long Contents { get; set; }

        public long Elsewhere { get; set; }
    }

    async Task LogAsync(string slug)
    {
        var place = new Place(slug);
        var inBag = Keys(place, Checkpoint(place));
        var anchored = Anchors(place, inBag.Policy, inBag.Verifiers);
        Quorum(place, inBag.Policy, inBag.Verifiers, anchored);
        foreach (var index in Numbers(place, ExhibitFolder))
        {
            _cancellation.ThrowIfCancellationRequested();
            Exhibit(place, index);
        }

        Orders(place);
        var events = Events(place);
        await RecordingsAsync(place);
        Strangers(place);
        if (_files.Contains(place.At + "log/checkpoint"))
            await WholeLogAsync(place, inBag.Policy, inBag.Verifiers);
        _logs.Add(new(slug, place.Checkpoint, inBag.Own, place.Proofs, place.Contents, place.Deleted.Count, events, place.Elsewhere));
    }

    SignedNote? Checkpoint(Place place)
    {
        var path = place.At + "checkpoint";
        if (Read(path, SignedNote.MaxBytes) is not { } bytes)
        {
            Wrong(DiscrepancyKind.CheckpointMissing, path, null, "there is no checkpoint, so nothing can be proved");
            return null;
        }

        SignedNote note;
        try
        {
            note = SignedNote.Parse(bytes);
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.NoteMalformed, path, null, e.Message);
            return null;
        }

        try
        {
            place.Checkpoint = Custos.Evidence.Checkpoint.Parse(note.Text);
            place.CheckpointBytes = bytes;
            return note;
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.CheckpointMalformed, path, null, e.Message);
            return null;
        }
    }

    /// <summary>Which keys count, and whether the log's signed the checkpoint.</summary>
    (TrustPolicy? Policy, List<INoteVerifier> Verifiers, IReadOnlyList<VerifierKey> Own) Keys(Place place, SignedNote? note)
    {
        var path = place.At + "policy";
        TrustPolicy? own = null;
        if (Read(path, 1 << 20) is not { } bytes)
        {
            Wrong(DiscrepancyKind.BagWrong, path, null, "the policy is missing");
        }
        else
        {
            try
            {
                own = TrustPolicy.Parse(Encoding.UTF8.GetString(bytes));
            }
            catch (FormatException e)
            {
                Wrong(DiscrepancyKind.BagWrong, path, null, e.Message);
            }
        }

        var policy = _trust.Policy ?? own;
        var shown = own is { Logs.Count: > 0 } ? string.Join(", ", own.Logs) : "none";
        if (_trust.Policy is null && !_trust.AcceptPolicyInBag)
            Wrong(DiscrepancyKind.NoKnownSignature, path, null, $"no key was given to trust, so it is not known whose log this is. The bag names {shown}; compare it with the key you were given, then name that with --policy, or believe the bag with --accept-policy-in-bag");
        else if (_trust.Policy is null)
            _notices.Add($"The key of {place.At.TrimEnd('/')} was taken from the bag itself; compare it with the one you were given: {shown}");
        if (policy is null)
            return (null, [], []);
        var verifiers = new List<INoteVerifier>();
        foreach (var key in policy.Logs.Concat(policy.Witnesses.Select(witness => witness.Key)))
        {
            try
            {
                if (_trust.Verifier(key) is { } verifier)
                    verifiers.Add(verifier);
            }
            catch (FormatException e)
            {
                Wrong(DiscrepancyKind.NoKnownSignature, path, null, $"the key '{key.Name}' cannot be used. {e.Message}");
            }
        }

        if (place.Checkpoint is { } checkpoint && note is not null)
        {
            place.LogKeys = [.. verifiers.Where(verifier => policy.Logs.Contains(verifier.Key) && verifier.Key.Name == checkpoint.Origin)];
            Signed(place.At + "checkpoint", checkpoint, note, place.LogKeys, policy);
        }

        return (policy, verifiers, own?.Logs ?? []);
    }

    bool Signed(string path, Checkpoint checkpoint, SignedNote note, List<INoteVerifier> keys, TrustPolicy policy)
    {
        var verdict = note.Open(keys);
        if (policy.Logs.All(key => key.Name != checkpoint.Origin))
            Wrong(DiscrepancyKind.OriginDiffers, path, null, $"the checkpoint is of '{checkpoint.Origin}', which the policy does not name");
        else if (verdict.Status == NoteStatus.SignatureWrong)
            Wrong(DiscrepancyKind.SignatureWrong, path, null, $"the signature of '{verdict.Wrong!.Name}' does not hold");
        else if (verdict.Status == NoteStatus.NoKnownSignature)
            Wrong(DiscrepancyKind.NoKnownSignature, path, null, "no key of the policy signed the checkpoint");
        else
            return true;
        return false;
    }

    void Quorum(Place place, TrustPolicy? policy, List<INoteVerifier> verifiers, long anchored)
    {
        if (policy is null || place.Checkpoint is not { } checkpoint)
            return;
        if (policy.Quorum is null)
        {
            _notices.Add($"The policy for {checkpoint.Origin} asks for no witness: whoever holds the log's key could have written it anew.");
            return;
        }

        var judged = policy.Judge(SignedNote.Parse(place.CheckpointBytes), verifiers);
        if (judged.QuorumReached)
            return;
        if (anchored > 0)
            _notices.Add(Text($"The witnesses have seen {checkpoint.Origin} up to size {anchored}; what follows rests on the log's own signature."));
        else
            Wrong(DiscrepancyKind.QuorumMissing, place.At + "checkpoint", null, $"the quorum '{policy.Quorum}' is not reached, here or at an earlier checkpoint; missing: {string.Join(", ", judged.Missing)}");
    }

    /// <summary>Every anchor is a beginning of the checkpoint.</summary>
    /// <returns>The largest size that the quorum has seen, or 0.</returns>
    long Anchors(Place place, TrustPolicy? policy, List<INoteVerifier> verifiers)
    {
        long seen = 0;
        foreach (var folder in _files.Where(file => file.StartsWith(place.At + "anchors/", StringComparison.Ordinal)).Select(file => file[..file.LastIndexOf('/')]).Distinct(StringComparer.Ordinal).ToList())
        {
            var path = folder + "/checkpoint";
            SignedNote note;
            Checkpoint old;
            try
            {
                if (Read(path, SignedNote.MaxBytes) is not { } bytes)
                    throw new FormatException("The anchor has no checkpoint.");
                note = SignedNote.Parse(bytes);
                old = Custos.Evidence.Checkpoint.Parse(note.Text);
            }
            catch (FormatException e)
            {
                Wrong(DiscrepancyKind.AnchorWrong, path, null, e.Message);
                continue;
            }

            if (place.Checkpoint is not { } checkpoint)
                continue;
            if (policy is not null)
                Signed(path, old, note, place.LogKeys, policy);
            if (folder[(folder.LastIndexOf('/') + 1)..] != old.Size.ToString("D12", CultureInfo.InvariantCulture) || old.Origin != checkpoint.Origin)
                Wrong(DiscrepancyKind.AnchorWrong, path, null, Text($"it is of '{old.Origin}' at size {old.Size}, not what its folder says"));
            else if (Hashes(folder + "/consistency") is not { } proof || !Merkle.VerifyConsistency(old.Size, checkpoint.Size, proof, old.Root, checkpoint.Root))
                Wrong(DiscrepancyKind.AnchorWrong, folder + "/consistency", null, Text($"it does not show that size {old.Size} is a beginning of size {checkpoint.Size}"));
            else if (policy?.Quorum is not null && policy.Judge(note, verifiers).QuorumReached)
                seen = Math.Max(seen, old.Size);
            foreach (var token in _files.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal) && file.EndsWith(".tsr", StringComparison.Ordinal)).ToList())
                Stamp(path, token, old.Size);
        }

        return seen;
    }

    void Stamp(string checkpoint, string token, long size)
    {
        var authority = token[(token.LastIndexOf('/') + 1)..^4];
        if (_trust.Timestamps is not { } verifier)
        {
            _notices.Add($"{token} is present, not checked here: openssl ts -verify -data {checkpoint} -in {token} -CAfile ROOT.pem -untrusted {token[..^4]}.pem");
            return;
        }

        if (Read(checkpoint, SignedNote.MaxBytes) is not { } bytes || Read(token, 1 << 16) is not { } reply)
            return;
        if (Read(token[..^4] + ".tsq", 1 << 16) is not { } query)
        {
            Wrong(DiscrepancyKind.TimestampWrong, token, null, "the request that it answers is missing");
            return;
        }

        var finding = verifier.Verify(authority, bytes, query, reply);
        if (finding.Wrong is { } wrong)
            Wrong(DiscrepancyKind.TimestampWrong, token, null, wrong);
        else
            _notices.Add(Text($"'{authority}' stamped size {size}; it states {finding.Time:yyyy-MM-dd'T'HH:mm:ss'Z'}{(finding.Rooted ? "." : "; who signed it was not judged, for no root was given (--roots).")}"));
    }

    List<Sha256Digest>? Hashes(string path)
    {
        if (Read(path, 1 << 16) is not { } bytes)
            return null;
        var hashes = new List<Sha256Digest>();
        foreach (var line in Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Base64Text.TryDecode(line, out var hash) || hash.Length != 32)
                return null;
            hashes.Add(new(hash));
        }

        return hashes;
    }

    SortedSet<long> Numbers(Place place, string below)
    {
        var numbers = new SortedSet<long>();
        foreach (var name in _files.Where(file => file.StartsWith(place.At + below, StringComparison.Ordinal)).Select(file => file[(place.At.Length + below.Length)..].Split('/')[0]).Distinct(StringComparer.Ordinal).ToList())
        {
            if (Number(name) is { } index)
                numbers.Add(index);
            else
                Wrong(DiscrepancyKind.BagWrong, place.At + below + name, null, "it is not named for an exhibit");
        }

        return numbers;
    }

    // Only the one form that is printed: two names for one exhibit would let one hide behind the other.
    static long? Number(string text)
    {
        try
        {
            var number = ExhibitNumber.Parse(text);
            return number.ToString() == text ? number.LeafIndex : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    void Exhibit(Place place, long index)
    {
        var number = new ExhibitNumber(index);
        var folder = $"{place.At}{ExhibitFolder}{number}/";
        if (Read(folder + "entry.json", LogEntry.MaxBytes) is not { } bytes)
        {
            Wrong(DiscrepancyKind.BagWrong, folder + "entry.json", number, "the entry is missing");
            return;
        }

        Proof(place, number, $"{folder}{number}.tlog-proof", bytes);
        LogEntry entry;
        try
        {
            entry = LogEntry.Parse(bytes);
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.EntryMalformed, folder + "entry.json", number, e.Message);
            return;
        }

        if (entry.About.Count > 0 && entry.About[^1].LeafIndex >= index)
            Wrong(DiscrepancyKind.EntryMalformed, folder + "entry.json", number, $"it speaks of {entry.About[^1]}, which is not before it");
        place.Entries[index] = entry;
        Content(place, number, folder, entry);
    }

    void Proof(Place place, ExhibitNumber number, string path, byte[] entry)
    {
        if (Read(path, SignedNote.MaxBytes + 8_192) is not { } bytes)
        {
            Wrong(DiscrepancyKind.ProofWrong, path, number, "the proof is missing");
            return;
        }

        try
        {
            var proof = TlogProof.Parse(bytes);
            var checkpoint = Custos.Evidence.Checkpoint.Parse(proof.Note.Text);
            if (proof.Index != number.LeafIndex)
                Wrong(DiscrepancyKind.ProofWrong, path, number, Text($"it is the proof of number {proof.Index}"));
            else if (place.Checkpoint is { } known && checkpoint != known)
                Wrong(DiscrepancyKind.ProofWrong, path, number, "it leads to another checkpoint than the bag's");
            else if (!proof.Proves(entry))
                Wrong(DiscrepancyKind.ProofWrong, path, number, "it does not show that the entry stands in the log at this number");
            else if (!proof.Note.ToBytes().AsSpan().SequenceEqual(place.CheckpointBytes) && proof.Note.Open(place.LogKeys).Status == NoteStatus.SignatureWrong)
                Wrong(DiscrepancyKind.SignatureWrong, path, number, "the signature in the proof does not hold");
            else
                place.Proofs++;
        }
        catch (FormatException e)
        {
            Wrong(DiscrepancyKind.ProofWrong, path, number, e.Message);
        }
    }

    void Content(Place place, ExhibitNumber number, string folder, LogEntry entry)
    {
        var there = (_files.Contains(folder + "salt.bin"), _files.Contains(folder + "content.bin"));
        if (Read(folder + "deleted.txt", 1_024) is { } deleted)
        {
            if (there != (false, false))
                Wrong(DiscrepancyKind.ContentWrong, folder, number, "it is said to be deleted, and its salt or content is here");
            if (Number(Encoding.ASCII.GetString(deleted).TrimEnd('\n')) is { } order)
                place.Deleted.Add((number.LeafIndex, order));
            else
                Wrong(DiscrepancyKind.ContentMissing, folder + "deleted.txt", number, "it names no order");
            return;
        }

        // A part of a recording has its bytes in the recording's file, or not in the bag.
        if (entry.Kind == "recording.part")
            return;
        if (there != (true, true))
        {
            Wrong(DiscrepancyKind.ContentMissing, folder, number, "its salt or content is missing, and no order accounts for it");
            return;
        }

        var (salt, content) = (Read(folder + "salt.bin", 32), Read(folder + "content.bin", EntryText.MaxContent));
        if (salt is null || content is null)
            return;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(content);
        if (salt.Length != 32 || content.Length != entry.Size || new Sha256Digest(hash.GetHashAndReset()) != entry.Commitment)
        {
            Wrong(DiscrepancyKind.ContentWrong, folder + "content.bin", number, "salt and content do not match the commitment in its entry");
            return;
        }

        place.Contents++;
        if (entry.Kind.StartsWith("custody.", StringComparison.Ordinal))
            place.Custody[number.LeafIndex] = content;
        if (entry.Kind == "recording.closed" && entry.About.Count == 1)
            Closing(place, number, folder, entry.About[0].LeafIndex, content);
    }

    void Closing(Place place, ExhibitNumber number, string folder, long opening, byte[] content)
    {
        try
        {
            if (JsonSerializer.Deserialize(content, RecordingJson.Default.RecordingContent) is { } closing)
                place.Closings[opening] = closing;
        }
        catch (JsonException)
        {
            Wrong(DiscrepancyKind.ContentWrong, folder + "content.bin", number, "the closing of the recording cannot be read");
        }
    }

    /// <summary>What was deleted cites an order, which is in the bag, and lists it.</summary>
    void Orders(Place place)
    {
        foreach (var order in place.Deleted.Select(deleted => deleted.Order).Distinct().Order())
        {
            if (place.Custody.TryGetValue(order, out var content) && CustodyBook.Parse(content, new(order), place.Entries[order]) is { } custody && DeletionOrder.Lacks(custody) is { } lacking)
                Wrong(DiscrepancyKind.OrderWrong, $"{place.At}{ExhibitFolder}{new ExhibitNumber(order)}/content.bin", new(order), $"the order to delete {lacking}");
        }

        foreach (var (index, order) in place.Deleted)
        {
            var (number, entry) = (new ExhibitNumber(index), place.Entries[index]);
            var path = $"{place.At}{ExhibitFolder}{number}/deleted.txt";
            if (!place.Entries.TryGetValue(order, out var ordered) || !place.Custody.TryGetValue(order, out var content))
                Wrong(DiscrepancyKind.ContentMissing, path, number, $"its order {new ExhibitNumber(order)} is not in the bag");
            else if (ordered.Kind != "custody.deletion-ordered" || CustodyBook.Parse(content, new(order), ordered) is not { } custody)
                Wrong(DiscrepancyKind.ContentMissing, path, number, $"{new ExhibitNumber(order)} is no order to delete");
            else if (custody.Exhibits?.Any(listed => listed == index || (entry.Kind.StartsWith("recording.", StringComparison.Ordinal) && entry.About.Contains(new(listed)))) != true)
                Wrong(DiscrepancyKind.ContentMissing, path, number, $"the order {new ExhibitNumber(order)} does not list it");
        }
    }

    /// <summary>The list of events is what the exhibits say, and none is left out.</summary>
    long Events(Place place)
    {
        var path = place.At + "custody/events.jsonl";
        if (Read(path, 1 << 30) is not { } bytes)
        {
            Wrong(DiscrepancyKind.CustodyWrong, path, null, "the list of custody events is missing");
            return 0;
        }

        var listed = new HashSet<long>();
        var line = 0;
        foreach (var text in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            line++;
            try
            {
                using var json = JsonDocument.Parse(text);
                var said = json.RootElement;
                if (Number(said.GetProperty("exhibit").GetString() ?? "") is not { } index || !place.Entries.TryGetValue(index, out var entry))
                    Wrong(DiscrepancyKind.CustodyWrong, path, null, Text($"line {line} names an exhibit that is not in the bag"));
                else if (!listed.Add(index))
                    Wrong(DiscrepancyKind.CustodyWrong, path, new(index), Text($"line {line} lists it for the second time"));
                else if (said.GetProperty("kind").GetString() != entry.Kind || said.GetProperty("actor").GetString() != entry.Actor || said.GetProperty("at").GetString() != CustodyPage.Time(entry.RecordedAt))
                    Wrong(DiscrepancyKind.CustodyWrong, path, new(index), Text($"line {line} is not what its entry says"));
                else if (said.GetProperty("event") is { ValueKind: not JsonValueKind.Null } custody && place.Custody.TryGetValue(index, out var content) && !Encoding.UTF8.GetBytes(custody.GetRawText()).AsSpan().SequenceEqual(content))
                    Wrong(DiscrepancyKind.CustodyWrong, path, new(index), Text($"line {line} is not what its content says"));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                Wrong(DiscrepancyKind.CustodyWrong, path, null, Text($"line {line} is no event"));
            }
        }

        foreach (var (index, entry) in place.Entries)
        {
            if (entry.Kind.StartsWith("custody.", StringComparison.Ordinal) && !listed.Contains(index))
                Wrong(DiscrepancyKind.CustodyWrong, path, new(index), "the event is in the bag and not in the list");
        }

        return listed.Count;
    }

    /// <summary>Parts in order, each with its entry; the bytes, if they are here, part by part against their commitments.</summary>
    async Task RecordingsAsync(Place place)
    {
        var listed = new HashSet<long>();
        foreach (var opening in Numbers(place, "recordings/"))
        {
            var folder = $"{place.At}recordings/{new ExhibitNumber(opening)}/";
            if (Parts(place, folder, opening, listed) is not { } parts)
                continue;
            var media = _files.Where(file => file.StartsWith(folder + "media.", StringComparison.Ordinal)).ToList();
            if (media.Count == 0)
                place.Elsewhere += parts.Count;
            else if (media.Count == 1)
                await MediaAsync(place, media[0], opening, parts);
            // Only one of them could be what the parts join to, and a reader would not know which.
            foreach (var one in media.Count > 1 ? media : [])
                Wrong(DiscrepancyKind.BagWrong, one, new(opening), "several files stand where the recording's bytes belong");
            if (place.Closings.TryGetValue(opening, out var closing) && closing.Parts != parts.Count)
                Wrong(DiscrepancyKind.ContentWrong, folder + "parts.txt", new(opening), Text($"the recording was closed with {closing.Parts} parts; {parts.Count} are listed"));
        }

        foreach (var (index, entry) in place.Entries)
        {
            if (entry.Kind == "recording.part" && !listed.Contains(index))
                Wrong(DiscrepancyKind.BagWrong, $"{place.At}{ExhibitFolder}{new ExhibitNumber(index)}", new(index), "it is a part of a recording whose parts.txt does not list it");
        }
    }

    List<(int Size, long Index)>? Parts(Place place, string folder, long opening, HashSet<long> listed)
    {
        if (Read(folder + "parts.txt", 1 << 26) is not { } bytes)
        {
            Wrong(DiscrepancyKind.BagWrong, folder + "parts.txt", new(opening), "the list of parts is missing");
            return null;
        }

        var parts = new List<(int, long)>();
        var last = -1;
        foreach (var text in Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = text.Split(' ');
            if (words.Length != 3 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var part) || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || Number(words[2]) is not { } index || part <= last)
            {
                Wrong(DiscrepancyKind.BagWrong, folder + "parts.txt", new(opening), "a line is not number, size and exhibit in ascending order");
                return null;
            }

            last = part;
            listed.Add(index);
            parts.Add((size, index));
            if (!place.Entries.TryGetValue(index, out var entry) || entry.Kind != "recording.part" || !entry.About.SequenceEqual([new ExhibitNumber(opening)]) || entry.Size != size)
                Wrong(DiscrepancyKind.BagWrong, folder + "parts.txt", new(index), "it is not in the bag as a part of this recording with this size");
        }

        return parts;
    }

    async Task MediaAsync(Place place, string media, long opening, List<(int Size, long Index)> parts)
    {
        if (new FileInfo(Full(media)).Length != parts.Sum(part => (long)part.Size))
        {
            Wrong(DiscrepancyKind.ContentWrong, media, new(opening), "its length is not that of its parts");
            return;
        }

        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = File.OpenRead(Full(media));
        foreach (var (size, index) in parts)
        {
            _cancellation.ThrowIfCancellationRequested();
            var bytes = new byte[Math.Min(size, Recording.MaxPartBytes)];
            await stream.ReadExactlyAsync(bytes, _cancellation);
            whole.AppendData(bytes);
            var number = new ExhibitNumber(index);
            if (Read($"{place.At}{ExhibitFolder}{number}/salt.bin", 32) is not { } salt)
            {
                Wrong(DiscrepancyKind.ContentMissing, $"{place.At}{ExhibitFolder}{number}/salt.bin", number, "the part's bytes are here and its salt is not");
                continue;
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(salt);
            hash.AppendData(bytes);
            if (!place.Entries.TryGetValue(index, out var entry) || new Sha256Digest(hash.GetHashAndReset()) != entry.Commitment)
                Wrong(DiscrepancyKind.ContentWrong, media, number, "the part's bytes do not match the commitment in its entry");
            else
                place.Contents++;
        }

        if (place.Closings.TryGetValue(opening, out var closing) && closing.Sha256 != Convert.ToHexStringLower(whole.GetHashAndReset()))
            Wrong(DiscrepancyKind.ContentWrong, media, new(opening), "its bytes are not those that the recording was closed with");
    }

    /// <summary>A file that nothing above looked at would borrow the credit of those that were proved.</summary>
    void Strangers(Place place)
    {
        foreach (var file in _files.Where(file => file.StartsWith(place.At, StringComparison.Ordinal)).ToList())
        {
            if (!Belongs(place, file[place.At.Length..].Split('/'), file))
                Wrong(DiscrepancyKind.BagWrong, file, null, "no such file belongs in a bag, so nothing proves it");
        }
    }

    static bool Belongs(Place place, string[] steps, string file) => steps switch
    {
        ["policy" or "checkpoint"] or ["custody", "events.jsonl"] or ["recordings", _, "parts.txt"] or ["log", "checkpoint"] => true,
        ["anchors", _, var name] => name is "checkpoint" or "consistency" || name.EndsWith(".tsq", StringComparison.Ordinal) || name.EndsWith(".tsr", StringComparison.Ordinal) || name.EndsWith(".pem", StringComparison.Ordinal),
        ["exhibits", var exhibit, var name] => name is "entry.json" or "salt.bin" or "content.bin" or "deleted.txt" or "rendering.txt" || name == exhibit + ".tlog-proof",
        ["recordings", _, var name] => name.StartsWith("media.", StringComparison.Ordinal),
        ["custody", var page] => page.EndsWith(".html", StringComparison.Ordinal) && Number(page[..^5]) is { } index && place.Entries.ContainsKey(index),
        ["log", "tile", ..] => TilePath.TryParse(file.AsSpan(place.At.Length + 4), out var tile) && tile.Level <= 7 && tile.Width == TilePath.WidthAt(place.Checkpoint?.Size ?? 0, tile.Level, tile.Number),
        _ => false,
    };

    async Task WholeLogAsync(Place place, TrustPolicy? policy, List<INoteVerifier> verifiers)
    {
        if (policy is null || DirectoryLogStore.At(Full(place.At + "log")) is not { } store)
            return;
        await using (store)
        {
            var found = await LogVerifier.VerifyAsync(store, policy, verifiers, cancellation: _cancellation);
            foreach (var wrong in found.Discrepancies.Where(wrong => wrong.Kind != DiscrepancyKind.QuorumMissing))
                _wrong.Add(wrong with { Path = wrong.Path is null ? null : place.At + wrong.Path });
            if (found.Checkpoint != place.Checkpoint)
                Wrong(DiscrepancyKind.ProofWrong, place.At + "log/checkpoint", null, "it is another checkpoint than the bag's");
        }
    }
}
