// Verifies a bag (RFC 8493, section 3; evidence-spec, sections 13 to 15): first every file against the manifests, then every proof, content,
// custody event and recording against the signed checkpoint. Follows no link, fetches nothing, writes nothing.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence;

sealed partial class BagVerifier
{
    // A bag that lies at length would otherwise make a list without end.
    const int MostFindings = 10_000;

    readonly string _root;
    readonly BagTrust _trust;
    readonly CancellationToken _cancellation;
    readonly List<Discrepancy> _wrong = [];
    readonly List<string> _notices = [];
    readonly SortedSet<string> _files = new(StringComparer.Ordinal);
    readonly List<BagLog> _logs = [];
    List<(string Label, string Value)> _info = [];
    long _payloadFiles, _payloadBytes;

    public BagVerifier(string folder, BagTrust trust, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(trust);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _trust = trust;
        _cancellation = cancellation;
    }

    public async Task<BagVerification> RunAsync()
    {
        if (!Directory.Exists(_root))
            throw new DirectoryNotFoundException($"There is no folder '{_root}'.");
        Walk("");
        await BagAsync();
        var slugs = _files.Where(file => file.StartsWith("data/operations/", StringComparison.Ordinal)).Select(file => file.Split('/')).Where(parts => parts.Length > 3).Select(parts => parts[2]).Distinct(StringComparer.Ordinal).ToList();
        if (slugs.Count == 0)
            Wrong(DiscrepancyKind.BagWrong, "data/operations", null, "the bag holds no operation, so there is nothing to prove");
        foreach (var slug in slugs)
            await LogAsync(slug);
        Claims();
        if (_files.Contains(BagIt.Manifest("sha256")))
            _notices.Add($"Pages, renderings, certificates and data/case/ are held by the manifests alone, and whoever changes a bag can make those anew: compare the SHA-256 of manifest-sha256.txt, {(await HashAsync(BagIt.Manifest("sha256")))["sha256"]}, with the one in the unit's custody.exported.");
        if (_wrong.Count > MostFindings)
        {
            _notices.Add(Text($"{_wrong.Count} things are wrong; the first {MostFindings} are listed."));
            _wrong.RemoveRange(MostFindings, _wrong.Count - MostFindings);
        }

        return new() { Bag = Path.GetFileName(_root), Files = _payloadFiles, Bytes = _payloadBytes, Logs = _logs, Discrepancies = _wrong, Notices = _notices };
    }

    void Walk(string folder)
    {
        foreach (var found in new DirectoryInfo(Path.Combine(_root, folder)).EnumerateFileSystemInfos())
        {
            _cancellation.ThrowIfCancellationRequested();
            var path = folder.Length == 0 ? found.Name : $"{folder}/{found.Name}";
            if (found.LinkTarget is not null || found.Attributes.HasFlag(FileAttributes.ReparsePoint))
                Wrong(DiscrepancyKind.BagWrong, path, null, "it is a symbolic link; it was not followed");
            else if (found is DirectoryInfo)
                Walk(path);
            else
                _files.Add(path);
        }
    }

    async Task BagAsync()
    {
        if (Read("bagit.txt", 1_024) is not { } declaration)
            Wrong(DiscrepancyKind.BagWrong, "bagit.txt", null, "it is missing: this is no bag");
        else if (Encoding.UTF8.GetString(declaration) != BagIt.Declaration)
            Wrong(DiscrepancyKind.BagWrong, "bagit.txt", null, "it does not declare BagIt 1.0 and UTF-8");
        if (_files.Contains(BagIt.Fetch))
            Wrong(DiscrepancyKind.BagWrong, BagIt.Fetch, null, "it names payload that is elsewhere; nothing was fetched");
        if (Read("bag-info.txt", 1 << 20) is not { } info)
            Wrong(DiscrepancyKind.BagWrong, "bag-info.txt", null, "it is missing");
        else if (BagIt.Info(Encoding.UTF8.GetString(info)) is { } labels)
            _info = labels;
        else
            Wrong(DiscrepancyKind.BagWrong, "bag-info.txt", null, "it is not lines of label and value");
        var payload = _files.Where(file => file.StartsWith("data/", StringComparison.Ordinal)).ToList();
        var tags = _files.Where(file => !file.StartsWith("data/", StringComparison.Ordinal) && !file.StartsWith("tagmanifest-", StringComparison.Ordinal)).ToList();
        await ManifestsAsync(BagIt.Manifest, payload, payload: true);
        await ManifestsAsync(BagIt.TagManifest, tags, payload: false);
        _payloadFiles = payload.Count;
        _payloadBytes = payload.Sum(file => new FileInfo(Full(file)).Length);
        var oxum = Text($"{_payloadBytes}.{_payloadFiles}");
        if (_info.Count > 0 && _info.Find(line => line.Label == "Payload-Oxum").Value is var said && said != oxum)
            Wrong(DiscrepancyKind.BagWrong, "bag-info.txt", null, said is null ? "it states no Payload-Oxum" : $"Payload-Oxum says {said}; the payload has {oxum} (bytes.files)");
    }

    async Task ManifestsAsync(Func<string, string> name, List<string> files, bool payload)
    {
        var manifests = BagIt.Algorithms.Select(algorithm => (Algorithm: algorithm, Name: name(algorithm), Hashes: Manifest(name(algorithm), algorithm, payload))).ToList();
        foreach (var manifest in manifests.Where(manifest => manifest.Hashes is not null))
        {
            foreach (var missing in manifest.Hashes!.Keys.Where(path => !_files.Contains(path)))
                Wrong(DiscrepancyKind.BagWrong, missing, null, $"{manifest.Name} lists it, and it is missing");
        }

        foreach (var file in files)
        {
            _cancellation.ThrowIfCancellationRequested();
            var hashes = await HashAsync(file);
            var changed = new List<string>();
            foreach (var (algorithm, manifest, listed) in manifests)
            {
                if (listed is null)
                    continue;
                if (!listed.TryGetValue(file, out var right))
                    Wrong(DiscrepancyKind.BagWrong, file, null, $"{manifest} does not list it");
                else if (right != hashes[algorithm])
                    changed.Add(manifest);
            }

            if (changed.Count > 0)
                Wrong(DiscrepancyKind.BagWrong, file, null, $"it is not the file that {string.Join(" and ", changed)} {(changed.Count == 1 ? "lists" : "list")}");
        }
    }

    Dictionary<string, string>? Manifest(string name, string algorithm, bool payload)
    {
        if (Read(name, 1 << 30) is not { } bytes)
        {
            Wrong(DiscrepancyKind.BagWrong, name, null, "it is missing");
            return null;
        }

        var digits = algorithm == "sha256" ? 64 : 128;
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var raw in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            if (line.Length == 0)
                continue;
            var space = line.IndexOfAny([' ', '\t']);
            var path = space < 0 ? "" : BagIt.Decode(line[space..].TrimStart(' ', '\t', '*'));
            if (space != digits || !line[..space].All(char.IsAsciiHexDigit))
                Wrong(DiscrepancyKind.BagWrong, name, null, Text($"line {number} is not a hash and a path"));
            else if (BagIt.WrongPath(path, payload) is { } wrong)
                Wrong(DiscrepancyKind.BagWrong, name, null, Text($"line {number}: the path '{BagIt.Value(path)}' {wrong}"));
            else if (!hashes.TryAdd(path, line[..space].ToLowerInvariant()))
                Wrong(DiscrepancyKind.BagWrong, name, null, Text($"line {number} lists a file for the second time"));
        }

        return hashes;
    }

    async Task<Dictionary<string, string>> HashAsync(string file)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        await using var stream = new FileStream(Full(file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, useAsync: false);
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await stream.ReadAsync(buffer, _cancellation)) > 0)
        {
            sha256.AppendData(buffer, 0, read);
            sha512.AppendData(buffer, 0, read);
        }

        return new() { ["sha256"] = Convert.ToHexStringLower(sha256.GetHashAndReset()), ["sha512"] = Convert.ToHexStringLower(sha512.GetHashAndReset()) };
    }

    /// <summary>What bag-info.txt says of each log is what the checkpoint says.</summary>
    void Claims()
    {
        List<string> Said(string label) => [.. _info.Where(line => line.Label == label).Select(line => line.Value)];
        var said = Said("Custos-Origin").Zip(Said("Custos-Tree-Size"), Said("Custos-Root-Hash")).ToHashSet();
        var found = _logs.Where(log => log.Checkpoint is not null).Select(log => (log.Checkpoint!.Origin, Text($"{log.Checkpoint.Size}"), Convert.ToBase64String(log.Checkpoint.Root.ToArray()))).ToHashSet();
        if (_info.Count > 0 && !said.SetEquals(found))
            Wrong(DiscrepancyKind.BagWrong, "bag-info.txt", null, "origin, tree size and root hash are not those of the checkpoints in the bag");
    }

    /// <summary>A file's bytes; null if it is missing or longer than its kind can be.</summary>
    byte[]? Read(string path, long most)
    {
        if (!_files.Contains(path))
            return null;
        if (new FileInfo(Full(path)).Length <= most)
            return File.ReadAllBytes(Full(path));
        Wrong(DiscrepancyKind.BagWrong, path, null, Text($"it is longer than {most} bytes, so it was not read"));
        return null;
    }

    string Full(string path) => Path.Combine(_root, path);

    void Wrong(DiscrepancyKind kind, string path, ExhibitNumber? exhibit, string sentence) => _wrong.Add(new(kind, path, exhibit, sentence));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
