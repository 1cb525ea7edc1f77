// keys/unit.key (evidence-spec, section 8): the key in use on the first line; while it is being changed, the one it replaces below it.
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

/// <summary>The unit key in <c>keys/unit.key</c>: <c>custos/unitkey/v1 id base64</c>.</summary>
public sealed class FileUnitKey : IUnitKey
{
    const string Header = "custos/unitkey/v1";

    readonly byte[] _key;
    readonly FileUnitKey? _replaces;

    FileUnitKey(string id, byte[] key, FileUnitKey? replaces)
    {
        Id = id;
        _key = key;
        _replaces = replaces;
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <summary>The id of the key that this one replaces, while some operation may still be under it; else null.</summary>
    public string? Replaces => _replaces?.Id;

    /// <summary>Reads the unit key of a folder, or makes one.</summary>
    /// <exception cref="EvidenceLogException">It is missing or malformed.</exception>
    public static FileUnitKey Open(KeyFolder folder, bool create)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var path = folder.UnitKeyPath;
        if (Read(folder) is { } found)
            return found;
        if (!create)
            throw new EvidenceLogException(EvidenceFault.SignerMissing, $"There is no unit key '{path}', so sealed content cannot be opened. Bring the file back from a copy of the key folder.", 0);
        // One unit key for all operations: two that are created at once must not each make one.
        using var alone = Alone(folder);
        return Read(folder) ?? Write(folder, Make(null));
    }

    /// <summary>Makes a new unit key in front of the one in use. Operations are moved under it one by one; until <see cref="Retire"/> both open.</summary>
    /// <returns>The new key; the one that an earlier, unfinished change made, if there was one.</returns>
    /// <exception cref="EvidenceLogException">There is no unit key, or another process changes it.</exception>
    public static FileUnitKey Change(KeyFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var alone = Alone(folder);
        var current = Open(folder, create: false);
        return current._replaces is not null ? current : Write(folder, Make(current));
    }

    /// <summary>Forgets the key that was replaced, once no operation is under it any more.</summary>
    /// <returns>The operations that still are; if any, nothing was forgotten.</returns>
    /// <exception cref="EvidenceLogException">A key file is missing or malformed, or another process changes it.</exception>
    public static IReadOnlyList<string> Retire(KeyFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var alone = Alone(folder);
        var current = Open(folder, create: false);
        var left = folder.UnitKeyIds().Where(operation => operation.Ids.Any(id => id != current.Id)).Select(operation => operation.Slug).ToList();
        if (left.Count == 0 && current._replaces is not null)
            Write(folder, new(current.Id, current._key, null));
        return left;
    }

    /// <inheritdoc/>
    public byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> additional) => KeyWrap.Wrap(_key, key, additional);

    /// <inheritdoc/>
    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> additional, Span<byte> key) => KeyWrap.TryUnwrap(_key, wrapped, additional, key);

    /// <inheritdoc/>
    public IUnitKey? Named(string id) => id == Id ? this : _replaces?.Named(id);

    static FileUnitKey? Read(KeyFolder folder)
    {
        var path = folder.UnitKeyPath;
        if (folder.Disk.TryReadAll(path) is not { } bytes)
            return null;
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        CryptographicOperations.ZeroMemory(bytes);
        FileUnitKey? read = null;
        foreach (var line in lines.Reverse())
        {
            var words = line.Split(' ');
            if (words.Length != 3 || words[0] != Header || words[1].Length != 8 || !Base64Text.TryDecode(words[2], out var key) || key.Length != 32)
            {
                read = null;
                break;
            }

            read = new(words[1], key, read);
        }

        return read ?? throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The unit key '{path}' is malformed. Nothing was changed. Bring the file back from a copy of the key folder.", 0);
    }

    static FileUnitKey Make(FileUnitKey? replaces) => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)), RandomNumberGenerator.GetBytes(32), replaces);

    static FileUnitKey Write(KeyFolder folder, FileUnitKey key)
    {
        var text = new StringBuilder();
        for (var line = key; line is not null; line = line._replaces)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Header} {line.Id} {Convert.ToBase64String(line._key)}\n");
        folder.Disk.Replace(folder.UnitKeyPath, Encoding.UTF8.GetBytes(text.ToString()), secret: true);
        return key;
    }

    static IDisposable Alone(KeyFolder folder)
    {
        var path = folder.UnitKeyPath + ".lock";
        return folder.Disk.Lock(path, Holder.Text, secret: true) ?? throw KeyFolder.LockHeld(path, folder.Disk);
    }
}
