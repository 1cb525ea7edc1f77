namespace Custos.Evidence;

/// <summary>Where a data folder's unit key is: in <c>keys/unit.key</c>, or in a device that <c>keys/unit.pkcs11</c> names.</summary>
public static class UnitKeys
{
    /// <summary>Opens the device that a key folder names; the text of <c>unit.pkcs11</c> and its path go in. A host that has the guest sets it; null where none is linked.</summary>
    public static Func<string, string, IUnitKey>? Device { get; set; }

    /// <summary>Opens the unit key of a folder, or makes one in a file.</summary>
    /// <param name="folder">The key folder.</param>
    /// <param name="create">Whether to make one if there is none.</param>
    /// <exception cref="EvidenceLogException">It is missing or malformed, or the device cannot be used.</exception>
    public static IUnitKey Open(KeyFolder folder, bool create)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (folder.ReadDevice() is not { } settings)
            return FileUnitKey.Open(folder, create);
        var open = Device ?? throw new EvidenceLogException(EvidenceFault.KeyDevice, $"The unit key is in a token, which '{folder.DevicePath}' names, and this program cannot reach one. Nothing was changed. Use custos.", 0);
        var device = open(settings, folder.DevicePath);
        // While operations move from the file into the token, or back, both open.
        return folder.Disk.FileExists(folder.UnitKeyPath) ? new Both(device, FileUnitKey.Open(folder, create: false)) : device;
    }

    /// <summary>Removes a unit key's file that a device replaced, once no operation is under it any more.</summary>
    /// <returns>The operations that still are; if any, nothing was removed.</returns>
    public static IReadOnlyList<string> RetireFile(KeyFolder folder, IUnitKey device)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(device);
        var left = folder.UnitKeyIds().Where(operation => operation.Ids.Any(id => id != device.Id)).Select(operation => operation.Slug).ToList();
        if (left.Count == 0 && folder.Disk.FileExists(folder.UnitKeyPath))
        {
            folder.Disk.DeleteFile(folder.UnitKeyPath);
            folder.Disk.FlushDirectory(Path.GetDirectoryName(folder.UnitKeyPath)!);
        }

        return left;
    }

    sealed class Both(IUnitKey device, IUnitKey file) : IUnitKey
    {
        public string Id => device.Id;

        public byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> additional) => device.Wrap(key, additional);

        public bool TryUnwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> additional, Span<byte> key) => device.TryUnwrap(wrapped, additional, key);

        public IUnitKey? Named(string id) => device.Named(id) ?? file.Named(id);
    }
}
