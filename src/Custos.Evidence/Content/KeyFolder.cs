// keys/ (evidence-spec, section 5): mode 0700, files 0600; wider modes are refused with the command that narrows them.
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>The folder of secrets beside the logs: unit key, signing keys, operation keys, bundle keys and marks.</summary>
/// <remarks>Back it up apart from <c>operations/</c>, in few copies: whoever holds both can read everything.</remarks>
public sealed class KeyFolder
{
    readonly string _path;

    KeyFolder(string path, IDisk disk)
    {
        _path = path;
        Disk = disk;
    }

    internal IDisk Disk { get; }

    /// <summary>Opens the folder.</summary>
    /// <param name="path">The folder, <c>data/keys</c>.</param>
    /// <param name="create">Whether to make it, mode 0700, if it is not there.</param>
    /// <exception cref="EvidenceLogException">It is missing, or others may read it.</exception>
    public static KeyFolder Open(string path, bool create) => Open(path, create, RealDisk.Instance);

    internal static KeyFolder Open(string path, bool create, IDisk disk)
    {
        path = Path.GetFullPath(path);
        if (!disk.DirectoryExists(path))
        {
            if (!create)
                throw new EvidenceLogException(EvidenceFault.SignerMissing, $"There is no key folder '{path}'. Nothing was changed. Name the data folder that holds it, or create the operation first.", 0);
            disk.CreateDirectories(path, secret: true);
        }

        if (disk.IsOpenToOthers(path))
            throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"Others than its owner may enter the key folder '{path}'. Nothing was changed. Run: chmod 700 '{path}'", 0);
        foreach (var name in disk.Files(path))
        {
            var file = Path.Combine(path, name);
            if (disk.IsOpenToOthers(file))
                throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"Others than its owner may read the key file '{file}'. Nothing was changed. Run: chmod 600 '{file}'", 0);
        }

        return new(path, disk);
    }

    /// <summary>The secret form of an operation's signing key, or null.</summary>
    public string? ReadSigner(string slug) => Disk.TryReadAll(PathOf(slug, "signer")) is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null;

    /// <summary>Keeps a new operation's signing key.</summary>
    /// <exception cref="EvidenceLogException">There is one already: a signing key is never written over.</exception>
    public void WriteSigner(string slug, string secretText)
    {
        var path = PathOf(slug, "signer");
        if (Disk.FileExists(path))
            throw new EvidenceLogException(EvidenceFault.ForkRefused, $"There is a signing key '{path}' already; it was not written over.", 0);
        Disk.Replace(path, Encoding.UTF8.GetBytes(secretText + "\n"), secret: true);
    }

    /// <summary>The operations that have a mark here, by slug.</summary>
    public IReadOnlyList<string> Slugs() =>
        [.. Disk.Files(_path).Where(name => name.EndsWith(".head", StringComparison.Ordinal)).Select(name => name[..^5]).Order(StringComparer.Ordinal)];

    /// <summary>The state that an operation's mark holds, or null if it has none.</summary>
    public LogState? MarkOf(string slug) => LogMark.Read(Disk, PathOf(slug, "head"))?.State;

    /// <summary>The state that a mark in some other place holds, or null if there is none.</summary>
    /// <exception cref="EvidenceLogException">It is malformed.</exception>
    public static LogState? ReadMark(string path) => LogMark.Read(RealDisk.Instance, path)?.State;

    /// <summary>The origin that an operation's mark names, or null if it has none.</summary>
    public string? OriginOf(string slug) => LogMark.Read(Disk, PathOf(slug, "head"))?.Origin;

    /// <summary>For each operation with a key here, the ids of the unit keys that its versions are under.</summary>
    /// <exception cref="EvidenceLogException">A key file is malformed.</exception>
    public IReadOnlyList<(string Slug, IReadOnlyList<string> Ids)> UnitKeyIds() =>
        [.. Slugs().Select(slug => (slug, (IReadOnlyList<string>)[.. (OperationKeyFile.Read(Disk, PathOf(slug, "key"))?.Versions ?? []).Select(version => version.UnitKeyId).Distinct()]))];

    /// <summary>The versions of an operation's key that its slots may be under: one, or two while a rotation is not finished; none if it was destroyed.</summary>
    /// <exception cref="EvidenceLogException">The key file is malformed.</exception>
    public IReadOnlyList<uint> KeyVersions(string slug) => [.. (OperationKeyFile.Read(Disk, PathOf(slug, "key"))?.Versions ?? []).Select(version => version.Version)];

    // The unit's own log has the slug of the unit key's file; two dots are in no slug, so this name is nobody else's.
    internal string PathOf(string slug, string extension) => Path.Combine(_path, (slug, extension) is ("unit", "key") ? "unit.log.key" : slug + "." + extension);

    /// <summary>Names the device that holds the unit key from now on. Operations are moved under it by rotating.</summary>
    /// <exception cref="EvidenceLogException">There is one already: it was not written over.</exception>
    public void WriteDevice(string settings)
    {
        if (Disk.FileExists(DevicePath))
            throw new EvidenceLogException(EvidenceFault.KeyDevice, $"'{DevicePath}' names a token already; it was not written over.", 0);
        Disk.Replace(DevicePath, Encoding.UTF8.GetBytes(settings), secret: true);
    }

    /// <summary>The text that names the device, or null.</summary>
    public string? ReadDevice() => Disk.TryReadAll(DevicePath) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    internal string DevicePath => Path.Combine(_path, "unit.pkcs11");

    internal string UnitKeyPath => Path.Combine(_path, "unit.key");

    /// <summary>Where a witness keeps what it cosigned last of a log, in a folder of its own.</summary>
    internal string WitnessPath(string originHash) => Path.Combine(_path, originHash);

    internal IDisposable Lock(string slug, string holder) =>
        Disk.Lock(PathOf(slug, "lock"), holder, secret: true) ?? throw LockHeld(PathOf(slug, "lock"), Disk);

    internal static EvidenceLogException LockHeld(string path, IDisk disk)
    {
        string who;
        try
        {
            who = Encoding.UTF8.GetString(disk.ReadAll(path)).Trim();
        }
        catch (IOException)
        {
            who = "";
        }

        return new(EvidenceFault.LockHeld, $"Another process writes this log: '{path}' is held{(who.Length > 0 ? $" by {who}" : "")}. Nothing was changed. Stop it, or wait until it ends.", 0);
    }

    /// <summary>Everything after the last slash of the origin.</summary>
    internal static string SlugOf(string origin) => origin[(origin.LastIndexOf('/') + 1)..];
}

/// <summary>The mark (evidence-spec, sections 5 to 7): the newest state the key was allowed to sign.</summary>
sealed record LogMark(string Origin, LogState State)
{
    const string Header = "custos/head/v1";

    public byte[] ToBytes() =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Header}\n{Origin}\n{State.Size}\n{Convert.ToBase64String(State.Root.ToArray())}\n"));

    public static LogMark? Read(IDisk disk, string path)
    {
        if (disk.TryReadAll(path) is not { } bytes)
            return null;
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (lines.Length == 5 && lines[0] == Header && lines[4].Length == 0 && Checkpoint.TrySize(lines[2], out var size) && Base64Text.TryDecode(lines[3], out var root) && root.Length == 32)
            return new(lines[1], new(size, new(root)));
        throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The mark '{path}' is malformed. Nothing was signed. Bring the file back from a copy of the key folder.", 0);
    }

    /// <summary>Moves the mark from one state to the next, or finds that another writer moved it.</summary>
    public static void Advance(IDisk disk, string path, LogMark? held, LogMark next) => disk.Exchange(path, () => Read(disk, path) == held, next.ToBytes());
}

/// <summary>The mark is not what this writer left there.</summary>
sealed class MarkMovedException(string message) : LogStoreException(EvidenceFault.HeadMoved, message);
