using System.Globalization;

namespace Custos.Evidence.Ed25519;

/// <summary>A log on disk that is to be verified: which folder, and which keys are trusted for it.</summary>
/// <param name="Name">The operation's slug, or the folder's name.</param>
/// <param name="Path">The operation's folder, or a published tree.</param>
public sealed record LogFolder(string Name, string Path)
{
    /// <summary>The logs of a data folder, of one operation's folder, or of a published tree.</summary>
    /// <param name="folder">Any of the three.</param>
    /// <param name="operation">One operation of a data folder, or null for all.</param>
    /// <exception cref="DirectoryNotFoundException">The folder holds no log.</exception>
    public static IReadOnlyList<LogFolder> Find(string folder, string? operation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder = System.IO.Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        if (Directory.Exists(System.IO.Path.Combine(folder, "operations")))
        {
            var slugs = OperationLog.List(folder).Where(slug => operation is null || slug == operation).ToList();
            if (slugs.Count == 0)
                throw new DirectoryNotFoundException(operation is null ? $"There is no operation in '{folder}'." : $"There is no operation '{operation}' in '{folder}'.");
            return [.. slugs.Select(slug => new LogFolder(slug, System.IO.Path.Combine(folder, "operations", slug)))];
        }

        if (File.Exists(System.IO.Path.Combine(folder, "checkpoint")) || LogStores.IsOperation(folder) || Directory.Exists(System.IO.Path.Combine(folder, "tile")))
            return [new(System.IO.Path.GetFileName(folder), folder)];
        throw new DirectoryNotFoundException($"'{folder}' is no data folder, no operation and no log: it has neither operations/, log/ nor checkpoint.");
    }

    /// <summary>Verifies the log.</summary>
    /// <param name="policyFile">The policy to trust, or null for the one beside the log.</param>
    /// <param name="keyFolder">Keys to open content with, or null.</param>
    /// <param name="otherEntries">True for a log of another program.</param>
    /// <param name="time">The clock by which cosignatures are judged.</param>
    /// <param name="progress">Entries done.</param>
    /// <param name="timestamps">Judges time-stamps, or null to count them only.</param>
    /// <param name="cancellation">Stops between bundles.</param>
    /// <exception cref="FormatException">No policy can be read.</exception>
    /// <exception cref="EvidenceLogException">The keys cannot be read.</exception>
    public async Task<Verification> VerifyAsync(string? policyFile, string? keyFolder, bool otherEntries, TimeProvider time, IProgress<long>? progress = null, ITimestampVerifier? timestamps = null, CancellationToken cancellation = default)
    {
        var (policy, notice) = ReadPolicy(policyFile);
        var verifiers = NoteVerifiers.Of(policy, time);
        await using var store = LogStores.At(Path) ?? throw new DirectoryNotFoundException($"'{Path}' has no checkpoint.");
        KeyFolder? keys = null;
        KeyRing? ring = null;
        try
        {
            if (keyFolder is not null)
            {
                keys = KeyFolder.Open(keyFolder, create: false);
                ring = KeyRing.Open(keys, policy.Logs[0].Name, UnitKeys.Open(keys, create: false));
            }

            var found = await LogVerifier.VerifyAsync(store, policy, verifiers, new() { Keys = ring, Marks = keys, OtherEntries = otherEntries, Anchors = Anchors, Timestamps = timestamps }, progress, cancellation);
            return notice is null ? found : found with { Notices = [notice, .. found.Notices] };
        }
        finally
        {
            ring?.Dispose();
        }
    }

    /// <summary>The checkpoints that others have seen: in the operation's folder, whichever store holds the log; of a published tree, beside it.</summary>
    public AnchorFolder Anchors => new(File.Exists(System.IO.Path.Combine(Path, "policy")) || Directory.Exists(System.IO.Path.Combine(Path, "log")) ? Path : System.IO.Path.GetDirectoryName(Path) ?? Path);

    /// <summary>The data folder, if the log stands in one: where the authorities' roots are.</summary>
    public string DataFolder => System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, "..", ".."));

    (TrustPolicy Policy, string? Notice) ReadPolicy(string? policyFile)
    {
        if (policyFile is not null)
            return (Parse(policyFile), null);
        // Beside log/, or beside a published tree's own parent.
        foreach (var path in (string[])[System.IO.Path.Combine(Path, "policy"), System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? Path, "policy")])
        {
            if (!File.Exists(path))
                continue;
            var policy = Parse(path);
            return (policy, string.Create(CultureInfo.InvariantCulture, $"The key was taken from the policy beside the log; compare it with the one you were given: {policy.Logs[0]}"));
        }

        throw new FormatException($"There is no policy beside '{Path}': name the keys you trust with --policy FILE.");
    }

    static TrustPolicy Parse(string path)
    {
        var policy = TrustPolicy.Parse(File.ReadAllText(path));
        return policy.Logs.Count > 0 ? policy : throw new FormatException($"The policy '{path}' names no log.");
    }
}
