// keys/<slug>.recordings (evidence-spec, section 8): header "CUSTOSR2", 24 zero bytes, SHA-256(origin); then slots of u64 opening leaf
// index, ascending, and the 96 bytes of a ring slot, bound to that index.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

public sealed partial class KeyRing
{
    const int RecordingSlotBytes = 8 + SlotBytes;

    string RecordingsPath => Path.ChangeExtension(_ringPath, ".recordings");

    /// <summary>A fresh key for a recording, durable when this returns: no part may be sealed under a key that a crash can take.</summary>
    internal byte[] NewRecordingKey(long opening)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        lock (_gate)
        {
            var (version, under) = _versions.Last();
            var slot = new byte[RecordingSlotBytes];
            BinaryPrimitives.WriteInt64BigEndian(slot, opening);
            BinaryPrimitives.WriteUInt32BigEndian(slot.AsSpan(8), 1);
            BinaryPrimitives.WriteUInt32BigEndian(slot.AsSpan(12), version);
            KeyWrap.Wrap(under, key, SlotAdditional("custos/recordings/v1", opening, 1, version)).CopyTo(slot, 16);
            if (!_disk.FileExists(RecordingsPath))
                _disk.Replace(RecordingsPath, FileHeader("CUSTOSR2"u8, _origin), secret: true);
            using var file = _disk.Open(RecordingsPath, DiskOpen.ReadWrite, secret: true);
            // A slot that a crash cut short is written over.
            var at = RingHeaderBytes + ((file.Length - RingHeaderBytes) / RecordingSlotBytes * RecordingSlotBytes);
            file.Write(at, slot);
            file.Flush();
        }

        return key;
    }

    internal KeyVerdict TryRecordingKey(long opening, out byte[] key)
    {
        key = [];
        if (_disk.TryReadAll(RecordingsPath) is not { } bytes)
            return KeyVerdict.Missing;
        if (!bytes.AsSpan().StartsWith(FileHeader("CUSTOSR2"u8, _origin)))
            return KeyVerdict.Wrong;
        // The last slot of an index counts: an earlier one was written before a crash took the opening back.
        var verdict = KeyVerdict.Missing;
        for (var at = RingHeaderBytes; at + RecordingSlotBytes <= bytes.Length; at += RecordingSlotBytes)
        {
            var slot = bytes.AsSpan(at, RecordingSlotBytes);
            if (BinaryPrimitives.ReadInt64BigEndian(slot) != opening || BinaryPrimitives.ReadUInt32BigEndian(slot[8..]) == 0)
                continue;
            var version = BinaryPrimitives.ReadUInt32BigEndian(slot[12..]);
            var opened = new byte[32];
            lock (_gate)
            {
                verdict = _versions.TryGetValue(version, out var under) && KeyWrap.TryUnwrap(under, slot.Slice(16, KeyWrap.WrappedBytes), SlotAdditional("custos/recordings/v1", opening, 1, version), opened) ? KeyVerdict.Opened : KeyVerdict.Wrong;
            }

            key = verdict == KeyVerdict.Opened ? opened : [];
        }

        return verdict;
    }

    static byte[] FileHeader(ReadOnlySpan<byte> magic, string origin)
    {
        var header = new byte[RingHeaderBytes];
        magic.CopyTo(header);
        Sha256Digest.Of(Encoding.UTF8.GetBytes(origin)).CopyTo(header.AsSpan(32));
        return header;
    }
}
