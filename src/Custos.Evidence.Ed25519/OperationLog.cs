using System.Text;

namespace Custos.Evidence.Ed25519;

/// <summary>Who and what else takes part when a log is opened.</summary>
public sealed record LogCompany
{
    /// <summary>Time-stamping authorities to be asked.</summary>
    public IReadOnlyList<ITimestampAuthority> Authorities { get; init; } = [];

    /// <summary>Why a person goes on although too few witnesses answer; null to refuse.</summary>
    public string? WithoutWitnesses { get; init; }

    /// <summary>Why a person goes on although the clock stands before the log's last entry; null to refuse.</summary>
    public string? ClockBehind { get; init; }

    /// <summary>The log that a new one continues; null for none.</summary>
    public Predecessor? Succeeds { get; init; }

    /// <summary>Where the second marks are kept; null for none.</summary>
    public OutsideMarks? Marks { get; init; }
}

/// <summary>How a host opens an operation's log: data folder and slug in, log out.</summary>
/// <remarks>
/// <c>keys/</c> and <c>operations/&lt;slug&gt;/</c> stand below one data folder, as evidence-spec, section 5 lays them out. One process writes
/// an operation at a time; <see cref="EvidenceFault.LockHeld"/> says who holds it.
/// </remarks>
public static class OperationLog
{
    /// <summary>The unit's part of an origin where none is set.</summary>
    public const string DefaultUnit = "unit.example";

    // Public keys whose seeds stand in specifications and test vectors: anyone could sign with them.
    static readonly HashSet<string> PublishedKeys = new(StringComparer.Ordinal)
    {
        "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        "s/mYkHickGzouQUVirqB8m7aHibDWq8bdlwpMkqJVyU=",
        "8rWjstBwIFgwPJvhDZchjwy0Pw0cZ3OjvpSIj/8Z/sw=",
        "sS1skczF4gFHRfcqS632e7CjP2MzM02jeAP0H3XRc+g=",
        "GlzZBxQ8OExB6DDFvOEqqIF+xWSaqr8sMTiLNbLXRNc=",
    };

    /// <summary>Whether there is an operation of this slug in the data folder.</summary>
    public static bool Exists(string dataFolder, string slug) =>
        File.Exists(Path.Combine(dataFolder, "keys", slug + ".head")) || File.Exists(Path.Combine(dataFolder, "operations", slug, "log", "checkpoint"));

    /// <summary>The slugs of the operations in a data folder.</summary>
    public static IReadOnlyList<string> List(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "operations");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Where(LogStores.IsOperation).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Opens an operation's log for writing and reading.</summary>
    /// <exception cref="EvidenceLogException">There is none, another process holds it, or continuing it is refused.</exception>
    public static Task<EvidenceLog> OpenAsync(string dataFolder, string slug, TimeProvider time, CancellationToken cancellation = default) =>
        OpenAsync(dataFolder, slug, time, null, cancellation);

    /// <summary>Opens an operation's log for writing and reading, with others who take part.</summary>
    /// <exception cref="EvidenceLogException">There is none, another process holds it, or continuing it is refused.</exception>
    public static Task<EvidenceLog> OpenAsync(string dataFolder, string slug, TimeProvider time, LogCompany? company, CancellationToken cancellation = default) =>
        OpenAsync(dataFolder, slug, time, create: false, DefaultUnit, company ?? new(), cancellation);

    /// <summary>Opens an operation's log, or makes it: keys, mark, a checkpoint of size 0, then <c>log.opened</c>.</summary>
    /// <param name="dataFolder">The folder with <c>keys/</c> and <c>operations/</c>; made if absent.</param>
    /// <param name="slug">A neutral code word, a-z, 0-9 and hyphen.</param>
    /// <param name="time">The clock that stamps entries.</param>
    /// <param name="unit">The unit's domain name: the origin of a new log is <c>unit/custos/slug</c>.</param>
    /// <param name="company">Who else takes part.</param>
    /// <param name="cancellation">Stops before anything is appended.</param>
    /// <exception cref="EvidenceLogException">Another process holds it, or continuing it is refused.</exception>
    public static Task<EvidenceLog> OpenOrCreateAsync(string dataFolder, string slug, TimeProvider time, string unit = DefaultUnit, LogCompany? company = null, CancellationToken cancellation = default) =>
        OpenAsync(dataFolder, slug, time, create: true, unit, company ?? new(), cancellation);

    /// <summary>Makes an operation whose log is kept elsewhere than in its folder.</summary>
    /// <param name="dataFolder">The folder with <c>keys/</c> and <c>operations/</c>; made if absent.</param>
    /// <param name="slug">A neutral code word, a-z, 0-9 and hyphen.</param>
    /// <param name="store"><c>postgres:Host=db.example;Database=custos;Username=custos_log</c>, without a password.</param>
    /// <param name="time">The clock that stamps entries.</param>
    /// <param name="unit">The unit's domain name.</param>
    /// <param name="company">Who else takes part.</param>
    /// <param name="cancellation">Stops before anything is appended.</param>
    /// <exception cref="FormatException">The store's name cannot be read, holds a password, or is of a kind that this program does not reach.</exception>
    /// <exception cref="IOException">The operation is kept elsewhere already.</exception>
    /// <exception cref="EvidenceLogException">The store cannot be reached or trusted, or another process holds the log.</exception>
    public static async Task<EvidenceLog> OpenOrCreateInAsync(string dataFolder, string slug, string store, TimeProvider time, string unit = DefaultUnit, LogCompany? company = null, CancellationToken cancellation = default)
    {
        var folder = Path.Combine(Path.GetFullPath(dataFolder), "operations", slug);
        var keys = KeyFolder.Open(Path.Combine(dataFolder, "keys"), create: true);
        var setting = StoreSetting.Parse(keys.ReadSigner(slug) is { } secret ? Ed25519Signer.Parse(secret).Name : $"{unit}/custos/{slug}", store);
        await LogStores.Reach(setting).DisposeAsync();
        setting.Write(folder);
        try
        {
            return await OpenOrCreateAsync(dataFolder, slug, time, unit, cancellation: cancellation, company: company);
        }
        catch when (keys.OriginOf(slug) is null)
        {
            // Nothing was signed yet: a wrong address may be put right.
            File.Delete(Path.Combine(folder, "store"));
            throw;
        }
    }

    /// <summary>The trust policy of an operation's folder: the vkeys that sign its log.</summary>
    /// <exception cref="FormatException">The policy is missing or malformed.</exception>
    public static TrustPolicy PolicyOf(string operationFolder)
    {
        var path = Path.Combine(operationFolder, "policy");
        return File.Exists(path) ? TrustPolicy.Parse(File.ReadAllText(path)) : throw new FormatException($"There is no policy '{path}', so the log's key is unknown.");
    }

    static async Task<EvidenceLog> OpenAsync(string dataFolder, string slug, TimeProvider time, bool create, string unit, LogCompany company, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(dataFolder);
        ArgumentNullException.ThrowIfNull(slug);
        var operation = Path.Combine(dataFolder, "operations", slug);
        var keys = KeyFolder.Open(Path.Combine(dataFolder, "keys"), create);
        var origin = keys.OriginOf(slug);
        var secret = keys.ReadSigner(slug);
        var there = Exists(dataFolder, slug);
        if (secret is null && there)
            throw Missing(keys.OriginOf(slug) ?? slug, "signing key", $"keys/{slug}.signer");
        if (secret is null && !create)
            throw new EvidenceLogException(EvidenceFault.MarkMissing, $"There is no operation '{slug}' in '{dataFolder}'. Nothing was made. Create it first, or name another data folder.", 0);
        Ed25519Signer signer;
        if (secret is null)
        {
            signer = Ed25519Signer.Generate($"{unit}/custos/{slug}");
            keys.WriteSigner(slug, signer.ToSecretText());
        }
        else
        {
            try
            {
                signer = Ed25519Signer.Parse(secret);
            }
            catch (FormatException e)
            {
                throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The signing key 'keys/{slug}.signer' cannot be read. {e.Message} Nothing was signed. Bring the file back from a copy of the key folder.", 0, e);
            }
        }

        if (PublishedKeys.Contains(Convert.ToBase64String(signer.Verifier.Key.Key)))
            throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"The signing key of '{slug}' is a published test key: anyone can sign with it. Nothing was signed. Create the operation with a key of its own.", 0);
        var trusted = TrustedBy(operation);
        var log = await EvidenceLog.OpenAsync(
            new()
            {
                Origin = origin ?? signer.Name,
                Store = LogStores.Of(dataFolder, slug),
                Keys = keys,
                UnitKey = UnitKeys.Open(keys, create && !there),
                Signer = signer,
                Time = time,
                Create = create,
                OutsideMark = company.Marks?.PathOf(signer.Verifier.Key),
                Policy = trusted,
                Verifiers = trusted is null ? [] : NoteVerifiers.Of(trusted, time),
                WithoutWitnesses = company.WithoutWitnesses,
                ClockBehind = company.ClockBehind,
                Authorities = company.Authorities,
                Anchors = new AnchorFolder(operation),
                Succeeds = company.Succeeds,
            },
            cancellation);
        var policy = Path.Combine(operation, "policy");
        if (!File.Exists(policy))
            await File.WriteAllTextAsync(policy, $"log {signer.Verifier.Key}\nquorum none\n", new UTF8Encoding(false), CancellationToken.None);
        return log;
    }

    /// <summary>The policy beside the log, or null for a log that has none yet.</summary>
    static TrustPolicy? TrustedBy(string operation)
    {
        if (!File.Exists(Path.Combine(operation, "policy")))
            return null;
        try
        {
            var policy = PolicyOf(operation);
            return policy.Witnesses.FirstOrDefault(witness => witness.Url is not null && !(Uri.TryCreate(witness.Url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")) is { Url: { } wrong }
                ? throw new FormatException($"The witness's address '{wrong}' is not an http or https address.")
                : policy;
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.StoreUnsafe, $"The policy in '{operation}' cannot be used: {e.Message} Nothing was signed. Correct the file.", 0, e);
        }
    }

    static EvidenceLogException Missing(string operation, string what, string path) =>
        new(EvidenceFault.SignerMissing, $"There is a log of '{operation}' and no {what} '{path}'. Nothing was signed. Bring back the key folder that belongs to it.", 0);
}
