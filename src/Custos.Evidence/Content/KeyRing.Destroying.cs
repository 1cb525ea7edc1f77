// Destroying keys (evidence-spec, section 10). The slot of a bundle that is sealed anew stands in `.ring.next` from before the new bundle
// is in place until the ring has it: header as the ring's, u64 bundle, slot. A bundle one generation above its slot takes it from there.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Custos.Evidence;

public sealed partial class KeyRing
{
    string PendingPath => _ringPath + ".next";

    /// <summary>Makes the slot of a bundle that is about to be replaced durable beside the ring.</summary>
    internal void AnnounceSlot(long bundle, byte[] slot)
    {
        DropPending();
        byte[] bytes = [.. RingHeader(_origin), .. new byte[8], .. slot];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(RingHeaderBytes), bundle);
        _disk.WriteNew(PendingPath, bytes, secret: true);
        _disk.FlushDirectory(Path.GetDirectoryName(PendingPath)!);
    }

    /// <summary>Writes the slot over the old one: from here no copy of the operation's folder brings back what the old key opened.</summary>
    internal void FinishSlot(long bundle, byte[] slot)
    {
        WriteSlots([(bundle, slot)]);
        DropPending();
    }

    /// <summary>The bundle whose slot stands beside the ring; null if none does, -1 if what stands there is cut off.</summary>
    internal long? PendingBundle =>
        _disk.TryReadAll(PendingPath) is not { } bytes ? null
        : bytes.Length == RingHeaderBytes + 8 + SlotBytes && bytes.AsSpan().StartsWith(RingHeader(_origin)) ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(RingHeaderBytes))
        : -1;

    /// <summary>At start-up: a bundle that was replaced gets its slot; a slot whose bundle was not replaced is dropped.</summary>
    /// <param name="found">The generation of <see cref="PendingBundle"/> as it is now; null if it is missing.</param>
    internal void SettleSlot(uint? found)
    {
        if (PendingBundle is { } bundle and >= 0)
        {
            var slot = _disk.ReadAll(PendingPath)[^SlotBytes..];
            var (generation, version) = (BinaryPrimitives.ReadUInt32BigEndian(slot), BinaryPrimitives.ReadUInt32BigEndian(slot.AsSpan(4)));
            if (found == generation && _versions.TryGetValue(version, out var under)
                && KeyWrap.TryUnwrap(under, slot.AsSpan(8, KeyWrap.WrappedBytes), SlotAdditional(RingPurpose, bundle, generation, version), new byte[32]))
                WriteSlots([(bundle, slot)]);
        }

        DropPending();
    }

    /// <summary>Writes zeros over the key of a recording.</summary>
    internal void DestroyRecordingKey(long opening)
    {
        lock (_gate)
        {
            if (_disk.TryReadAll(RecordingsPath) is not { } bytes)
                return;
            using var file = _disk.Open(RecordingsPath, DiskOpen.ReadWrite, secret: true);
            for (var at = RingHeaderBytes; at + RecordingSlotBytes <= bytes.Length; at += RecordingSlotBytes)
            {
                if (BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)) == opening)
                    file.Write(at + 8, new byte[SlotBytes]);
            }

            file.Flush();
        }
    }

    /// <summary>The exhibit that closed the operation, if its key was destroyed: nothing opens any more.</summary>
    internal ExhibitNumber? DestroyedBy { get; private set; }

    /// <summary>Destroys the operation's key: from here nothing opens. Doing it again changes nothing.</summary>
    internal void Destroy(ExhibitNumber closing)
    {
        lock (_gate)
        {
            if (DestroyedBy is null)
                OperationKeyFile.Destroyed(closing).Write(_disk, _keyPath);
            DestroyedBy = closing;
            foreach (var key in _versions.Values)
                CryptographicOperations.ZeroMemory(key);
            _versions.Clear();
            _cache.Clear();
            ZeroSlots(_ringPath, "CUSTOSR1"u8);
            ZeroSlots(RecordingsPath, "CUSTOSR2"u8);
        }
    }

    void ZeroSlots(string path, ReadOnlySpan<byte> magic)
    {
        if (_disk.TryReadAll(path) is not { } bytes || !bytes.AsSpan().StartsWith(FileHeader(magic, _origin)) || !bytes.AsSpan(RingHeaderBytes).ContainsAnyExcept((byte)0))
            return;
        using var file = _disk.Open(path, DiskOpen.ReadWrite, secret: true);
        file.Write(RingHeaderBytes, new byte[bytes.Length - RingHeaderBytes]);
        file.Flush();
    }

    void DropPending()
    {
        if (!_disk.FileExists(PendingPath))
            return;
        _disk.DeleteFile(PendingPath);
        _disk.FlushDirectory(Path.GetDirectoryName(PendingPath)!);
    }
}
