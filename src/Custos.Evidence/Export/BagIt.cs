// BagIt 1.0 (RFC 8493): section 2.1 (required elements), 2.2 (optional elements), 3 (what makes a bag complete and valid).
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

/// <summary>The fixed parts of the format.</summary>
static class BagIt
{
    public const string Declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
    public const string Fetch = "fetch.txt";

    /// <summary>The algorithms of our bags; RFC 8493, section 2.4 asks for SHA-512 of every reader.</summary>
    public static readonly string[] Algorithms = ["sha256", "sha512"];

    public static string Manifest(string algorithm) => $"manifest-{algorithm}.txt";

    public static string TagManifest(string algorithm) => $"tagmanifest-{algorithm}.txt";

    public static HashAlgorithmName Name(string algorithm) => algorithm switch
    {
        "sha256" => HashAlgorithmName.SHA256,
        "sha512" => HashAlgorithmName.SHA512,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    // Section 2.1.3: only these three are encoded.
    public static string Encode(string path) =>
        path.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    public static string Decode(string path) =>
        path.Replace("%0D", "\r", StringComparison.OrdinalIgnoreCase).Replace("%0A", "\n", StringComparison.OrdinalIgnoreCase).Replace("%25", "%", StringComparison.Ordinal);

    /// <summary>A line of a manifest: <c>hex  path</c>.</summary>
    public static string Line(ReadOnlySpan<byte> hash, string path) => $"{Convert.ToHexStringLower(hash)}  {Encode(path)}\n";

    /// <summary>Why a path may not stand in a manifest of payload, or null.</summary>
    public static string? WrongPath(string path, bool payload)
    {
        if (path.Length == 0 || path[0] is '/' or '~' or '\\' || path.Contains('\\', StringComparison.Ordinal) || (path.Length > 1 && path[1] == ':'))
            return "is not relative to the bag";
        var parts = path.Split('/');
        if (parts.Any(part => part is ".." or "." or ""))
            return "holds a step that is no name";
        if (payload && parts[0] != "data")
            return "is outside data/";
        return !payload && parts[0] == "data" ? "is a payload file in a manifest of tag files" : null;
    }

    /// <summary>Reads <c>bag-info.txt</c>: label, colon, value; a line that begins with white space continues the one before.</summary>
    public static List<(string Label, string Value)>? Info(string text)
    {
        var found = new List<(string, string)>();
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            if (line.Length == 0)
                continue;
            if (line[0] is ' ' or '\t')
            {
                if (found.Count == 0)
                    return null;
                found[^1] = (found[^1].Item1, found[^1].Item2 + " " + line.Trim());
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                return null;
            found.Add((line[..colon].TrimEnd(), line[(colon + 1)..].Trim()));
        }

        return found;
    }

    /// <summary>A value that stays on its line whatever it holds.</summary>
    public static string Value(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
}

/// <summary>Writes the files of one bag: each durable and hashed as it is written, the manifests last.</summary>
sealed class BagWriter(IDisk disk, string root)
{
    readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, (byte[] Sha256, byte[] Sha512)> _payload = new(StringComparer.Ordinal);
    long _bytes;

    /// <summary>Makes the bag's folder.</summary>
    public void Begin()
    {
        disk.CreateDirectory(root, secret: true);
        _directories.Add("");
    }

    /// <summary>Adds a payload file; the path begins with <c>data/</c>.</summary>
    public void Add(string path, ReadOnlySpan<byte> bytes)
    {
        Directories(path);
        disk.WriteNew(Full(path), bytes, secret: true);
        Hashed(path, SHA256.HashData(bytes), SHA512.HashData(bytes), bytes.Length);
    }

    /// <summary>Adds a payload file whose bytes come in pieces.</summary>
    public async Task AddAsync(string path, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        Directories(path);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        using var file = disk.Open(Full(path), DiskOpen.CreateNew, secret: true);
        long at = 0;
        await foreach (var piece in pieces)
        {
            file.Write(at, piece.Span);
            sha256.AppendData(piece.Span);
            sha512.AppendData(piece.Span);
            at += piece.Length;
        }

        file.Flush();
        Hashed(path, sha256.GetHashAndReset(), sha512.GetHashAndReset(), at);
    }

    /// <summary>SHA-256 of a payload file that was added.</summary>
    public Sha256Digest HashOf(string path) => new(_payload[path].Sha256);

    /// <summary>Writes declaration, information and manifests, and makes every name durable.</summary>
    /// <returns>The manifests and tag manifests, for the custody event.</returns>
    public IReadOnlyList<CustodyObject> End(IEnumerable<(string Label, string Value)> info)
    {
        var tags = new List<(string Name, byte[] Bytes)>
        {
            ("bagit.txt", Encoding.UTF8.GetBytes(BagIt.Declaration)),
            ("bag-info.txt", Encoding.UTF8.GetBytes(string.Concat(info.Append(("Payload-Oxum", string.Create(CultureInfo.InvariantCulture, $"{_bytes}.{_payload.Count}"))).Select(line => $"{line.Item1}: {BagIt.Value(line.Item2)}\n")))),
            (BagIt.Manifest("sha256"), Encoding.UTF8.GetBytes(string.Concat(_payload.Select(file => BagIt.Line(file.Value.Sha256, file.Key))))),
            (BagIt.Manifest("sha512"), Encoding.UTF8.GetBytes(string.Concat(_payload.Select(file => BagIt.Line(file.Value.Sha512, file.Key))))),
        };
        var listed = tags.OrderBy(tag => tag.Name, StringComparer.Ordinal).ToList();
        tags.Add((BagIt.TagManifest("sha256"), Encoding.UTF8.GetBytes(string.Concat(listed.Select(tag => BagIt.Line(SHA256.HashData(tag.Bytes), tag.Name))))));
        tags.Add((BagIt.TagManifest("sha512"), Encoding.UTF8.GetBytes(string.Concat(listed.Select(tag => BagIt.Line(SHA512.HashData(tag.Bytes), tag.Name))))));
        foreach (var (name, bytes) in tags)
            disk.WriteNew(Full(name), bytes, secret: true);
        foreach (var directory in _directories.OrderByDescending(name => name.Length))
            disk.FlushDirectory(Full(directory));
        return [.. tags.Where(tag => tag.Name.Contains("manifest", StringComparison.Ordinal)).Select(tag => new CustodyObject { Sha256 = Convert.ToHexStringLower(SHA256.HashData(tag.Bytes)), Size = tag.Bytes.Length, Mime = $"text/plain; name={tag.Name}" })];
    }

    /// <summary>Removes all that was written; the caller is on the way out already, so a failure is only told.</summary>
    /// <returns>Whether nothing is left.</returns>
    public bool TryRemove()
    {
        try
        {
            Remove(root);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    void Remove(string folder)
    {
        if (!disk.DirectoryExists(folder))
            return;
        foreach (var name in disk.Directories(folder))
            Remove(Path.Combine(folder, name));
        foreach (var name in disk.Files(folder))
            disk.DeleteFile(Path.Combine(folder, name));
        disk.DeleteDirectory(folder);
    }

    void Hashed(string path, byte[] sha256, byte[] sha512, long bytes)
    {
        _payload.Add(path, (sha256, sha512));
        _bytes += bytes;
    }

    void Directories(string path)
    {
        var at = path.IndexOf('/', StringComparison.Ordinal);
        for (; at >= 0; at = path.IndexOf('/', at + 1))
        {
            if (_directories.Add(path[..at]))
                disk.CreateDirectory(Full(path[..at]), secret: true);
        }
    }

    string Full(string path) => path.Length == 0 ? root : Path.Combine(root, path);
}
