// The key hierarchy of evidence-spec, section 8: unit key -> operation key versions -> one key per content bundle, wrapped in a
// slot of the ring. AES-256-GCM (NIST SP 800-38D) wraps; every wrapping is bound to what it is for by its additional data.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

/// <summary>The key at the root of a unit's hierarchy: a file, or a device that never shows it.</summary>
public interface IUnitKey
{
    /// <summary>8 hex digits by which wrapped keys name it.</summary>
    string Id { get; }

    /// <summary>Wraps a 32-byte key: nonce (12), ciphertext (32), tag (16).</summary>
    byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> additional);

    /// <summary>Unwraps a key; false if it is not from this unit key or for another purpose.</summary>
    bool TryUnwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> additional, Span<byte> key);

    /// <summary>The unit key of an id, if it is this one or one that this one replaces; else null.</summary>
    IUnitKey? Named(string id) => id == Id ? this : null;
}

static class KeyWrap
{
    public const int WrappedBytes = 12 + 32 + 16;

    public static byte[] Wrap(ReadOnlySpan<byte> under, ReadOnlySpan<byte> key, ReadOnlySpan<byte> additional)
    {
        var wrapped = new byte[WrappedBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, 12));
        using var aead = new AesGcm(under, 16);
        aead.Encrypt(wrapped.AsSpan(0, 12), key, wrapped.AsSpan(12, 32), wrapped.AsSpan(44, 16), additional);
        return wrapped;
    }

    public static bool TryUnwrap(ReadOnlySpan<byte> under, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> additional, Span<byte> key)
    {
        if (wrapped.Length != WrappedBytes)
            return false;
        using var aead = new AesGcm(under, 16);
        try
        {
            aead.Decrypt(wrapped[..12], wrapped.Slice(12, 32), wrapped.Slice(44, 16), key, additional);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}

/// <summary>What a slot of the ring yields.</summary>
enum KeyVerdict
{
    Opened,
    Missing,
    Wrong,
}

/// <summary>The keys of one operation's content bundles. Key bytes never leave the assembly.</summary>
public sealed partial class KeyRing : IDisposable
{
    const string RingPurpose = "custos/ring/v1";
    const int SlotBytes = 96;
    const int RingHeaderBytes = 64;
    // Section 17's memory budget.
    const int MostCached = 1_024;

    readonly Lock _gate = new();
    readonly IDisk _disk;
    readonly string _keyPath;
    readonly string _ringPath;
    readonly string _origin;
    IUnitKey _under;
    readonly SortedDictionary<uint, byte[]> _versions;
    readonly Dictionary<long, (uint Generation, byte[] Key)> _cache = [];

    KeyRing(KeyFolder folder, string origin, IUnitKey under, SortedDictionary<uint, byte[]> versions, OperationKeyFile file)
    {
        var slug = KeyFolder.SlugOf(origin);
        _disk = folder.Disk;
        _keyPath = folder.PathOf(slug, "key");
        _ringPath = folder.PathOf(slug, "ring");
        _origin = origin;
        _under = under;
        _versions = versions;
        (Rotating, DestroyedBy) = (file.Rotating, file.DestroyedBy);
    }

    /// <summary>Opens an operation's ring for reading content.</summary>
    /// <exception cref="EvidenceLogException">A key file is missing, malformed, or not under this unit key.</exception>
    public static KeyRing Open(KeyFolder folder, string origin, IUnitKey unitKey)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(unitKey);
        var path = folder.PathOf(KeyFolder.SlugOf(origin), "key");
        var file = OperationKeyFile.Read(folder.Disk, path)
            ?? throw new EvidenceLogException(EvidenceFault.SignerMissing, $"There is no operation key '{path}', so sealed content cannot be opened. Bring the file back from a copy of the key folder.", 0);
        var versions = new SortedDictionary<uint, byte[]>();
        foreach (var (version, unit, wrapped) in file.Versions)
        {
            var key = new byte[32];
            if (unitKey.Named(unit) is not { } under || !under.TryUnwrap(wrapped, OperationKeyFile.Additional(origin, version), key))
                throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The operation key '{path}' is not under the unit key {unitKey.Id}. Nothing was changed. Bring back the unit key {unit}.", 0);
            versions[version] = key;
        }

        return new(folder, origin, file.Versions.Count == 0 ? unitKey : unitKey.Named(file.Versions[^1].UnitKeyId)!, versions, file);
    }

    internal static void Create(KeyFolder folder, string origin, IUnitKey unitKey)
    {
        var slug = KeyFolder.SlugOf(origin);
        // A crash while an operation was being created leaves files that nothing was sealed under: they are used as they are.
        if (!folder.Disk.FileExists(folder.PathOf(slug, "key")))
        {
            var key = RandomNumberGenerator.GetBytes(32);
            new OperationKeyFile([Line(origin, 1, unitKey, key)], null, null).Write(folder.Disk, folder.PathOf(slug, "key"));
            CryptographicOperations.ZeroMemory(key);
        }

        if (!folder.Disk.FileExists(folder.PathOf(slug, "ring")))
            folder.Disk.Replace(folder.PathOf(slug, "ring"), RingHeader(origin), secret: true);
    }

    /// <summary>A fresh key for a bundle, and the slot that must be durable before anything under it is marked.</summary>
    internal (byte[] Key, byte[] Slot) NewKey(long bundle, uint generation)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        lock (_gate)
        {
            var (version, under) = _versions.Last();
            var slot = new byte[SlotBytes];
            BinaryPrimitives.WriteUInt32BigEndian(slot, generation);
            BinaryPrimitives.WriteUInt32BigEndian(slot.AsSpan(4), version);
            KeyWrap.Wrap(under, key, SlotAdditional(RingPurpose, bundle, generation, version)).CopyTo(slot, 8);
            Remember(bundle, generation, key);
            return (key, slot);
        }
    }

    internal void WriteSlots(IReadOnlyList<(long Bundle, byte[] Slot)> slots)
    {
        if (slots.Count == 0)
            return;
        using var file = _disk.Open(_ringPath, DiskOpen.ReadWrite, secret: true);
        foreach (var (bundle, slot) in slots)
            file.Write(RingHeaderBytes + (SlotBytes * bundle), slot);
        file.Flush();
    }

    /// <summary>The key of a bundle of a generation.</summary>
    internal KeyVerdict TryKey(long bundle, uint generation, out byte[] key)
    {
        lock (_gate)
        {
            if (_cache.TryGetValue(bundle, out var cached) && cached.Generation == generation)
            {
                key = cached.Key;
                return KeyVerdict.Opened;
            }
        }

        key = [];
        var slot = new byte[SlotBytes];
        using (var file = _disk.Open(_ringPath, DiskOpen.Read))
        {
            Span<byte> header = stackalloc byte[RingHeaderBytes];
            if (file.Read(0, header) != RingHeaderBytes || !header.SequenceEqual(RingHeader(_origin)))
                return KeyVerdict.Wrong;
            if (file.Read(RingHeaderBytes + (SlotBytes * bundle), slot) != SlotBytes)
                return KeyVerdict.Missing;
        }

        var (found, version) = (BinaryPrimitives.ReadUInt32BigEndian(slot), BinaryPrimitives.ReadUInt32BigEndian(slot.AsSpan(4)));
        if (found == 0)
            return KeyVerdict.Missing;
        var opened = new byte[32];
        lock (_gate)
        {
            if (found != generation || !_versions.TryGetValue(version, out var under) || !KeyWrap.TryUnwrap(under, slot.AsSpan(8, KeyWrap.WrappedBytes), SlotAdditional(RingPurpose, bundle, found, version), opened))
                return KeyVerdict.Wrong;
            Remember(bundle, generation, opened);
        }

        key = opened;
        return KeyVerdict.Opened;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var key in _versions.Values)
                CryptographicOperations.ZeroMemory(key);
            _cache.Clear();
        }
    }

    void Remember(long bundle, uint generation, byte[] key)
    {
        if (_cache.Count >= MostCached)
            _cache.Clear();
        _cache[bundle] = (generation, key);
    }

    static byte[] RingHeader(string origin) => FileHeader("CUSTOSR1"u8, origin);

    static OperationKeyLine Line(string origin, uint version, IUnitKey unitKey, ReadOnlySpan<byte> key) =>
        new(version, unitKey.Id, unitKey.Wrap(key, OperationKeyFile.Additional(origin, version)));

    byte[] SlotAdditional(string purpose, long bundle, uint generation, uint version)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{purpose}\0{_origin}\0"), .. new byte[16]];
        var tail = bytes.AsSpan(bytes.Length - 16);
        BinaryPrimitives.WriteInt64BigEndian(tail, bundle);
        BinaryPrimitives.WriteUInt32BigEndian(tail[8..], generation);
        BinaryPrimitives.WriteUInt32BigEndian(tail[12..], version);
        return bytes;
    }
}
