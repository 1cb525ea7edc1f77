using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>Exhibits on their way through one commit: sequenced and sealed here, written by the committer.</summary>
/// <remarks>Owned by the sequencer until it is handed over, then by the committer; never by both.</remarks>
sealed class Batch(LogState expected)
{
    public LogState Expected { get; } = expected;

    public LogState Next { get; set; } = expected;

    public List<(Call Call, int Position)> Exhibits { get; } = [];

    public List<(Call Call, int Position, long Index)> Repeats { get; } = [];

    /// <summary>Filled by the sealing workers, in order.</summary>
    public Exhibit[] Made { get; private set; } = [];

    public byte[] LeafHashes { get; private set; } = [];

    public long ContentBytes { get; set; }

    public List<TileWrite> Tiles { get; } = [];

    public List<ContentWrite> Content { get; } = [];

    public List<(long Bundle, byte[] Slot)> Slots { get; } = [];

    /// <summary>Bundles touched: where each one's records begin in the buffer, and which slot is its first.</summary>
    public List<(long Number, int FirstSlot, int Offset)> Pieces { get; } = [];

    public bool HasWork => Exhibits.Count > 0 || Repeats.Count > 0;

    public void Reserve(int count)
    {
        if (Made.Length >= count)
            return;
        var size = Math.Max(count, Math.Min(EvidenceLogOptions.MostPerBatch, Made.Length * 2));
        var (made, hashes) = (new Exhibit[size], new byte[size * 32]);
        Made.CopyTo(made, 0);
        LeafHashes.CopyTo(hashes, 0);
        (Made, LeafHashes) = (made, hashes);
    }

    public void Fail(Exception e)
    {
        foreach (var (call, _) in Exhibits)
            call.Fail(e);
        foreach (var (call, _, _) in Repeats)
            call.Fail(e);
    }
}

/// <summary>A worker's own state for sealing: one hash, one keyed hash, one context.</summary>
sealed class SealWorker(byte[] contextPrefix) : IDisposable
{
    readonly byte[] _context = [.. contextPrefix, 0, 0, 0, 0, 0, 0, 0, 0];
    SealedContent? _sealed;
    byte[]? _key;

    public TreeHasher Hasher { get; } = new();

    public SealedContent Under(byte[] key)
    {
        if (!ReferenceEquals(key, _key))
        {
            _sealed?.Dispose();
            _sealed = new(key);
            _key = key;
        }

        return _sealed!;
    }

    public ReadOnlySpan<byte> Context(long leaf)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(_context.AsSpan(_context.Length - 8), leaf);
        return _context;
    }

    public void Dispose()
    {
        _sealed?.Dispose();
        Hasher.Dispose();
    }
}

/// <summary>The last source ids and the exhibits they made (evidence-spec, section 2).</summary>
sealed class SourceIds
{
    public const int Remembered = 65_536;

    readonly Dictionary<UInt128, long> _indices = new(1024);
    readonly Queue<UInt128> _order = new(1024);

    public bool TryGet(SourceId source, out long index) => _indices.TryGetValue(source.Value, out index);

    public void Add(SourceId source, long index)
    {
        if (source == SourceId.None || !_indices.TryAdd(source.Value, index))
            return;
        _order.Enqueue(source.Value);
        if (_order.Count > Remembered)
            _indices.Remove(_order.Dequeue());
    }

    public void Forget(SourceId source)
    {
        if (!_indices.Remove(source.Value))
            return;
        // A place left in the queue would make the id, come again, be forgotten too early.
        for (var left = _order.Count; left > 0; left--)
        {
            if (_order.Dequeue() is var id && id != source.Value)
                _order.Enqueue(id);
        }
    }
}

static class Salts
{
    public static byte[] Fresh(int count)
    {
        var salts = new byte[count * SealedContent.SaltBytes];
        RandomNumberGenerator.Fill(salts);
        return salts;
    }
}
