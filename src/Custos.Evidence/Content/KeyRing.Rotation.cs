// Rotating the operation key (evidence-spec, section 8): slots are wrapped anew, content is not touched. `.key` names both versions
// while that runs, so that a slot of either opens; a crash at any place leaves a ring that opens, and the next start finishes.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Custos.Evidence;

public sealed partial class KeyRing
{
    /// <summary>Content of the custody event of a rotation that is not finished; null if there is none.</summary>
    internal byte[]? Rotating { get; private set; }

    /// <summary>The version under which keys are wrapped now.</summary>
    internal uint Version
    {
        get
        {
            lock (_gate)
                return _versions.Keys.Last();
        }
    }

    /// <summary>The unit key under which the operation key is.</summary>
    internal string UnitKeyId => _under.Id;

    /// <summary>Adds a version, under this unit key or another. From when it returns everything new is wrapped with it.</summary>
    /// <param name="under">The unit key for it, and for the versions there are.</param>
    /// <param name="custody">The custody event that is to be recorded when the slots are done.</param>
    internal void BeginRotation(IUnitKey under, byte[] custody)
    {
        lock (_gate)
        {
            var next = _versions.Keys.Last() + 1;
            var key = RandomNumberGenerator.GetBytes(32);
            var lines = _versions.Append(new(next, key)).Select(version => Line(_origin, version.Key, under, version.Value)).ToList();
            new OperationKeyFile(lines, custody, null).Write(_disk, _keyPath);
            _versions[next] = key;
            (_under, Rotating) = (under, custody);
        }
    }

    /// <summary>Wraps every slot under the newest version: the ring, and the keys of recordings. Doing it again changes nothing.</summary>
    internal void Rewrap()
    {
        lock (_gate)
        {
            Rewrap(RecordingsPath, "CUSTOSR2"u8, RecordingSlotBytes, slot => (BinaryPrimitives.ReadInt64BigEndian(slot), 8), "custos/recordings/v1");
            Rewrap(_ringPath, "CUSTOSR1"u8, SlotBytes, _ => (-1, 0), RingPurpose);
        }
    }

    /// <summary>Forgets the versions before the newest: nothing is under them any more.</summary>
    internal void EndRotation()
    {
        lock (_gate)
        {
            var (version, key) = _versions.Last();
            new OperationKeyFile([Line(_origin, version, _under, key)], null, null).Write(_disk, _keyPath);
            foreach (var old in _versions.Keys.Where(old => old != version).ToList())
            {
                CryptographicOperations.ZeroMemory(_versions[old]);
                _versions.Remove(old);
            }

            Rotating = null;
        }
    }

    delegate (long Number, int Offset) SlotReader(ReadOnlySpan<byte> slot);

    void Rewrap(string path, ReadOnlySpan<byte> magic, int stride, SlotReader read, string purpose)
    {
        if (_disk.TryReadAll(path) is not { } bytes)
            return;
        if (!bytes.AsSpan().StartsWith(FileHeader(magic, _origin)))
            throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The key file '{path}' belongs to another log or is malformed. No slot was changed. Bring the file back from a copy of the key folder.", 0);
        var (newest, under) = _versions.Last();
        var changed = false;
        var key = new byte[32];
        for (var at = RingHeaderBytes; at + stride <= bytes.Length; at += stride)
        {
            var (number, offset) = read(bytes.AsSpan(at, stride));
            if (number < 0)
                number = (at - RingHeaderBytes) / stride;
            var slot = bytes.AsSpan(at + offset, SlotBytes);
            var (generation, version) = (BinaryPrimitives.ReadUInt32BigEndian(slot), BinaryPrimitives.ReadUInt32BigEndian(slot[4..]));
            // A slot that does not open is left as it is: the verifier names it, rotated or not.
            if (generation == 0 || version == newest || !_versions.TryGetValue(version, out var old)
                || !KeyWrap.TryUnwrap(old, slot.Slice(8, KeyWrap.WrappedBytes), SlotAdditional(purpose, number, generation, version), key))
                continue;
            BinaryPrimitives.WriteUInt32BigEndian(slot[4..], newest);
            KeyWrap.Wrap(under, key, SlotAdditional(purpose, number, generation, newest)).CopyTo(slot[8..]);
            changed = true;
        }

        CryptographicOperations.ZeroMemory(key);
        // Whole and beside it, since a slot lies across the sectors of a disk: one half-written would cost 256 exhibits.
        if (changed)
            _disk.Replace(path, bytes, secret: true, beside: ".rewrapped");
    }
}
