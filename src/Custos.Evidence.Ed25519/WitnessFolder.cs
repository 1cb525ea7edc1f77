using System.Text;

namespace Custos.Evidence.Ed25519;

/// <summary>How a host opens a witness: one folder that holds its key, the logs it knows, and what it cosigned last of each.</summary>
/// <remarks>
/// <c>witness.signer</c> is the key; <c>logs</c> names the logs, each a <c>log &lt;vkey&gt;</c> line of a C2SP tlog-policy; the rest is the
/// witness's state (docs/formats/witness.md). Mode 0700, files 0600, as a key folder's.
/// </remarks>
public static class WitnessFolder
{
    const string Slug = "witness";

    /// <summary>Makes the witness's key and an empty list of logs.</summary>
    /// <param name="folder">The folder; made if absent.</param>
    /// <param name="name">The witness's name, a schemeless URL without spaces and plus signs.</param>
    /// <param name="time">The clock of its cosignatures.</param>
    /// <returns>The public key.</returns>
    /// <exception cref="FormatException">The name cannot be a key's.</exception>
    /// <exception cref="EvidenceLogException">There is a key already.</exception>
    public static VerifierKey Create(string folder, string name, TimeProvider time)
    {
        using var signer = CosignatureSigner.Generate(name, time);
        // data/keys may not be there yet, and is to be as narrow as what stands in it.
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { Length: > 0 } parent && !Directory.Exists(parent) && !OperatingSystem.IsWindows())
            Directory.CreateDirectory(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var keys = KeyFolder.Open(folder, create: true);
        keys.WriteSigner(Slug, signer.ToSecretText());
        if (!File.Exists(LogsPath(folder)))
            Write(LogsPath(folder), "# The logs that this witness knows, one a line: log <vkey>\n");
        return signer.Verifier.Key;
    }

    /// <summary>Adds a log to those the witness knows; the next start reads it.</summary>
    /// <exception cref="FormatException">The key is malformed, cannot be verified, or is known already.</exception>
    public static void AddLog(string folder, VerifierKey log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (NoteVerifiers.Of(log, TimeProvider.System) is not Ed25519Verifier)
            throw new FormatException($"The key '{log.Name}' is not a log's: an Ed25519 key of type 0x01 is needed.");
        if (Logs(folder).Any(known => known.Equals(log)))
            throw new FormatException($"The log '{log.Name}' is known with this key already. Nothing was changed.");
        var path = LogsPath(folder);
        Write(path, (File.Exists(path) ? File.ReadAllText(path).TrimEnd('\n') + "\n" : "") + $"log {log}\n");
    }

    /// <summary>The keys of the logs that the witness knows.</summary>
    /// <exception cref="FormatException">The list is malformed; the message names the line.</exception>
    public static IReadOnlyList<VerifierKey> Logs(string folder)
    {
        var path = LogsPath(folder);
        return File.Exists(path) ? TrustPolicy.Parse(File.ReadAllText(path) + "\nquorum none\n").Logs : [];
    }

    /// <summary>Opens the witness: takes the folder's lock and reads what it cosigned before.</summary>
    /// <exception cref="EvidenceLogException">There is no key, another process holds the folder, or a state cannot be read.</exception>
    /// <exception cref="FormatException">The list of logs is malformed.</exception>
    public static Witness Open(string folder, TimeProvider time)
    {
        var keys = KeyFolder.Open(folder, create: false);
        var secret = keys.ReadSigner(Slug) ?? throw new EvidenceLogException(EvidenceFault.SignerMissing, $"There is no witness's key in '{folder}'. Nothing was cosigned. Make one with 'custos witness key new NAME', or name the folder that holds it.", 0);
        CosignatureSigner signer;
        try
        {
            signer = CosignatureSigner.Parse(secret, time);
        }
        catch (FormatException e)
        {
            throw new EvidenceLogException(EvidenceFault.SignerMissing, $"The witness's key in '{folder}' cannot be read. {e.Message} Nothing was cosigned. Bring the file back from a copy of the folder.", 0, e);
        }

        return Witness.Open(keys, signer, [.. Logs(folder).Select(key => new Ed25519Verifier(key))]);
    }

    static string LogsPath(string folder) => Path.Combine(folder, "logs");

    static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, new UTF8Encoding(false), options);
        file.Write(text);
    }
}
