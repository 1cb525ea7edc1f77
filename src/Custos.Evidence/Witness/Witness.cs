// C2SP tlog-witness (c2sp.org/tlog-witness), the witness's side: it cosigns a checkpoint only if the log grew to it from the last one it cosigned.
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Custos.Evidence;

/// <summary>A witness's answer to one request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">Cosignature lines, a size, a checkpoint, or a sentence that says what is wrong.</param>
public sealed record WitnessAnswer(int Status, string? ContentType, byte[] Body)
{
    /// <summary>The media type of a 409: the size that the witness has recorded.</summary>
    public const string SizeType = "text/x.tlog.size";

    internal static WitnessAnswer Refuse(int status, string sentence) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(sentence + "\n"));

    internal static WitnessAnswer Recorded(long size) => new(409, SizeType, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size}\n")));
}

/// <summary>Sees checkpoints of logs it knows, and cosigns those that continue what it saw before. It never cosigns two histories of one log.</summary>
/// <remarks>
/// State: one file a log, <c>&lt;hex SHA-256(origin)&gt;</c>, the last cosigned checkpoint with the log's signature and ours. It is exchanged and
/// flushed before the answer leaves. After a failed write nothing is known of what reached the disk: the witness stops, and the next start reads it.
/// </remarks>
public sealed class Witness : IDisposable
{
    /// <summary>The longest request that is read, in bytes.</summary>
    public const int MaxBytes = SignedNote.MaxBytes;

    readonly KeyFolder _folder;
    readonly INoteSigner _signer;
    readonly IDisposable _lock;
    readonly Dictionary<string, KnownLog> _logs = new(StringComparer.Ordinal);
    volatile EvidenceLogException? _stopped;

    Witness(KeyFolder folder, INoteSigner signer, IDisposable @lock)
    {
        _folder = folder;
        _signer = signer;
        _lock = @lock;
    }

    /// <summary>The witness's public key, to be written into the policies of those who trust it.</summary>
    public VerifierKey Key => _signer.Verifier.Key;

    /// <summary>Logs it knows, by origin, with the size it last cosigned.</summary>
    public IReadOnlyList<(string Origin, long Size)> Logs => [.. _logs.Values.Select(log => (log.Origin, log.Size)).OrderBy(log => log.Origin, StringComparer.Ordinal)];

    /// <summary>Takes the folder's lock and reads what was cosigned before.</summary>
    /// <param name="folder">Where its state is kept, mode 0700; one process at a time.</param>
    /// <param name="signer">Its key, of type 0x04.</param>
    /// <param name="logs">The keys of the logs it knows; a key's name is its log's origin.</param>
    /// <exception cref="EvidenceLogException">Another process holds the folder, or a state cannot be read.</exception>
    public static Witness Open(KeyFolder folder, INoteSigner signer, IReadOnlyList<INoteVerifier> logs)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(logs);
        var witness = new Witness(folder, signer, folder.Lock("witness", Holder.Text));
        try
        {
            foreach (var log in logs.GroupBy(log => log.Key.Name, StringComparer.Ordinal))
                witness._logs.Add(log.Key, witness.Load(log.Key, [.. log]));
            return witness;
        }
        catch
        {
            witness.Dispose();
            throw;
        }
    }

    /// <summary>Answers <c>POST &lt;prefix&gt;/add-checkpoint</c>.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <returns>200 with a cosignature line, or 400, 403, 404, 409, 422 as docs/formats/witness.md orders them.</returns>
    /// <exception cref="EvidenceLogException">The state could not be written; this witness answers nothing any more.</exception>
    public async Task<WitnessAnswer> AddCheckpointAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (!AddCheckpointRequest.TryParse(body.Span, out var request, out var wrong))
            return WitnessAnswer.Refuse(400, wrong);
        if (!_logs.TryGetValue(request.Checkpoint.Origin, out var log))
            return WitnessAnswer.Refuse(404, "This witness does not know the log.");
        // One at a time for each log, so that what is compared is what is replaced.
        await log.Gate.WaitAsync(cancellation);
        try
        {
            if (_stopped is { } earlier)
                throw new EvidenceLogException(EvidenceFault.Stopped, $"The witness stopped earlier: {earlier.Message}", log.Size, earlier);
            return Judge(log, request) ?? Cosign(log, request);
        }
        finally
        {
            log.Gate.Release();
        }
    }

    /// <summary>Answers <c>GET &lt;prefix&gt;/&lt;hex SHA-256(origin)&gt;/checkpoint</c>: the last cosigned checkpoint, or 404.</summary>
    public WitnessAnswer Checkpoint(string originHash)
    {
        var log = _logs.Values.FirstOrDefault(log => log.Name == originHash);
        return log?.Note is { } note ? new(200, "text/plain; charset=utf-8", note) : WitnessAnswer.Refuse(404, "This witness has cosigned nothing of that log.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock.Dispose();
        foreach (var log in _logs.Values)
            log.Gate.Dispose();
    }

    /// <summary>The table of docs/formats/witness.md, in its order; null if the checkpoint may be cosigned.</summary>
    static WitnessAnswer? Judge(KnownLog log, AddCheckpointRequest request)
    {
        var (old, proof, checkpoint) = (request.Old, request.Proof, request.Checkpoint);
        if (request.Note.Open(log.Verifiers).Status != NoteStatus.Verified)
            return WitnessAnswer.Refuse(403, "No key that this witness trusts for the log signed the checkpoint, or its signature fails.");
        if (old > checkpoint.Size)
            return WitnessAnswer.Refuse(400, "The old size is larger than the checkpoint's.");
        if (old != log.Size)
            return WitnessAnswer.Recorded(log.Size);
        // Without the size: who asks already has it, and another proof would help nobody.
        if (old == checkpoint.Size && old > 0 && proof.Count == 0 && checkpoint.Root != log.Root)
            return WitnessAnswer.Refuse(409, "A checkpoint of this size and another root was cosigned.");
        var holds = old == checkpoint.Size || old == 0
            ? proof.Count == 0 && (checkpoint.Size != 0 || checkpoint.Root == Merkle.EmptyRoot)
            : Merkle.VerifyConsistency(old, checkpoint.Size, proof, log.Root, checkpoint.Root);
        return holds ? null : WitnessAnswer.Refuse(422, "The checkpoint is not shown to continue the one that was cosigned last.");
    }

    WitnessAnswer Cosign(KnownLog log, AddCheckpointRequest request)
    {
        var ours = new NoteSignature(_signer.Name, _signer.Verifier.Key.Id, _signer.Sign(request.Note.Text));
        // Kept are the log's own lines that hold and ours; what else stood on the note is nobody's word here.
        var kept = SignedNote.Of(request.Note.Text, [.. request.Note.Signatures.Where(line => log.Verifiers.Any(key => key.Key.Name == line.Name && key.Key.Id == line.KeyId)).DistinctBy(line => line.KeyId), ours]).ToBytes();
        try
        {
            var path = _folder.WitnessPath(log.Name);
            _folder.Disk.Exchange(path, () => Same(_folder.Disk.TryReadAll(path), log.Note), kept);
        }
        catch (LogStoreException e)
        {
            _stopped = new(
                e.Fault,
                string.Create(CultureInfo.InvariantCulture, $"The witness could not record size {request.Checkpoint.Size} of '{log.Origin}': {e.Message} No cosignature was given. Look at the disk and start the witness again."),
                log.Size,
                e);
            throw _stopped;
        }

        (log.Size, log.Root, log.Note) = (request.Checkpoint.Size, request.Checkpoint.Root, kept);
        return new(200, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(SignedNote.Line(ours) + "\n"));
    }

    static bool Same(byte[]? there, byte[]? held) => there is null ? held is null : held is not null && there.AsSpan().SequenceEqual(held);

    KnownLog Load(string origin, IReadOnlyList<INoteVerifier> verifiers)
    {
        var log = new KnownLog(origin, verifiers);
        var path = _folder.WitnessPath(log.Name);
        // Left by a crash before the exchange; we hold the folder's lock.
        if (_folder.Disk.FileExists(path + ".next"))
            _folder.Disk.DeleteFile(path + ".next");
        if (_folder.Disk.TryReadAll(path) is not { } bytes)
            return log;
        try
        {
            var note = SignedNote.Parse(bytes);
            var checkpoint = Custos.Evidence.Checkpoint.Parse(note.Text);
            if (checkpoint.Origin != origin || note.Open([_signer.Verifier]).Status != NoteStatus.Verified)
                throw new FormatException("It is of another log, or this witness's key did not cosign it.");
            (log.Size, log.Root, log.Note) = (checkpoint.Size, checkpoint.Root, bytes);
            return log;
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"What the witness cosigned last of '{origin}' cannot be read from '{path}'. {e.Message} Nothing was cosigned. Bring the file back from a copy of the witness's folder; never remove it.", 0, e);
        }
    }

    sealed class KnownLog(string origin, IReadOnlyList<INoteVerifier> verifiers)
    {
        public string Origin { get; } = origin;

        public string Name { get; } = WitnessClient.HashOf(origin);

        public IReadOnlyList<INoteVerifier> Verifiers { get; } = verifiers;

        public SemaphoreSlim Gate { get; } = new(1);

        public long Size { get; set; }

        public Sha256Digest Root { get; set; } = Merkle.EmptyRoot;

        public byte[]? Note { get; set; }
    }
}

/// <summary>The body of an <c>add-checkpoint</c>: <c>old &lt;size&gt;</c>, proof lines, an empty line, the checkpoint.</summary>
sealed record AddCheckpointRequest(long Old, IReadOnlyList<Sha256Digest> Proof, SignedNote Note, Checkpoint Checkpoint)
{
    const int MostHashes = 63;

    public static MediaTypeHeaderValue ContentType { get; } = new("text/plain", "utf-8");

    public byte[] ToBytes()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {Old}\n");
        foreach (var hash in Proof)
            text.Append(Convert.ToBase64String(hash.ToArray())).Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. Note.ToBytes()];
    }

    public static bool TryParse(ReadOnlySpan<byte> body, out AddCheckpointRequest request, out string wrong)
    {
        request = null!;
        wrong = "The request is longer than 1,000,000 bytes.";
        if (body.Length > Witness.MaxBytes)
            return false;
        wrong = "The request does not begin with the line 'old <size>'.";
        if (!TryLine(ref body, out var line) || !line.StartsWith("old ", StringComparison.Ordinal) || !Custos.Evidence.Checkpoint.TrySize(line[4..], out var old))
            return false;
        var proof = new List<Sha256Digest>();
        while (true)
        {
            wrong = "The request has no empty line before the checkpoint.";
            if (!TryLine(ref body, out line))
                return false;
            if (line.Length == 0)
                break;
            wrong = "A proof line is not the base64 of 32 bytes, or is the 64th.";
            if (proof.Count == MostHashes || !Base64Text.TryDecode(line, out var hash) || hash.Length != 32)
                return false;
            proof.Add(new(hash));
        }

        try
        {
            var note = SignedNote.Parse(body);
            request = new(old, proof, note, Custos.Evidence.Checkpoint.Parse(note.Text));
            return true;
        }
        catch (FormatException e)
        {
            wrong = e.Message;
            return false;
        }
    }

    // A line of ASCII; anything else is no size and no base64, and its caller says so.
    static bool TryLine(ref ReadOnlySpan<byte> rest, out string line)
    {
        var end = rest.IndexOf((byte)'\n');
        line = end < 0 ? "" : Encoding.Latin1.GetString(rest[..end]);
        if (end < 0)
            return false;
        rest = rest[(end + 1)..];
        return true;
    }
}
