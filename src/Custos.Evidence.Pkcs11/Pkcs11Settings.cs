// keys/unit.pkcs11: which token holds the unit key. Lines of a name and a value; never a PIN.
using System.Text;

namespace Custos.Evidence.Pkcs11;

/// <summary>Which token holds the unit key, and where its PIN is.</summary>
/// <param name="Module">Path of the token maker's PKCS #11 module.</param>
/// <param name="Token">The token's label.</param>
/// <param name="Id">The key's CKA_ID, 8 hex digits; empty for a key that is still to be made.</param>
public sealed record Pkcs11Settings(string Module, string Token, string Id)
{
    /// <summary>The variable in which the PIN is looked for where no file is named.</summary>
    public const string PinVariable = "CUSTOS_TOKEN_PIN";

    const string Header = "custos/unitkey-pkcs11/v1";

    /// <summary>A file that holds the PIN, readable by its owner only; null for the environment variable.</summary>
    public string? PinFile { get; init; }

    /// <summary>Reads the settings of a key folder.</summary>
    /// <exception cref="EvidenceLogException">They are malformed.</exception>
    public static Pkcs11Settings Parse(string text, string path)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var well = lines.Length > 0 && lines[0] == Header;
        foreach (var line in lines.Skip(1))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            well &= space > 0 && line[..space] is "module" or "token" or "id" or "pin-file" && values.TryAdd(line[..space], line[(space + 1)..].Trim());
        }

        if (well && values.TryGetValue("module", out var module) && values.TryGetValue("token", out var token) && values.TryGetValue("id", out var id) && IsId(id))
            return new(module, token, id) { PinFile = values.GetValueOrDefault("pin-file") };
        throw new EvidenceLogException(EvidenceFault.KeyDevice, $"'{path}' does not name a token: its first line is '{Header}', then 'module PATH', 'token LABEL', 'id 8-hex-digits' and, if the PIN is in a file, 'pin-file PATH'. Nothing was changed.", 0);
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string ToText() => $"{Header}\nmodule {Module}\ntoken {Token}\nid {Id}\n{(PinFile is null ? "" : $"pin-file {PinFile}\n")}";

    // A key that is still to be made has no id.
    internal string Named => Id.Length == 0 ? "" : " " + Id;

    /// <summary>The PIN's bytes; the caller writes zeros over them.</summary>
    /// <exception cref="EvidenceLogException">There is none, or others may read the file it is in.</exception>
    internal byte[] ReadPin()
    {
        if (PinFile is null)
        {
            return Environment.GetEnvironmentVariable(PinVariable) is { Length: > 0 } pin
                ? Encoding.UTF8.GetBytes(pin)
                : throw Missing($"there is no PIN for the token '{Token}'", $"Put it into a file of mode 0600 that 'pin-file' names, or into {PinVariable}; never on the command line.");
        }

        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(PinFile) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
                throw Missing($"others than its owner may read the PIN's file '{PinFile}'", $"Run: chmod 600 '{PinFile}'");
            return File.ReadAllBytes(PinFile).AsSpan().TrimEnd("\r\n"u8).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Missing($"the PIN's file '{PinFile}' cannot be read", "Bring it back, or correct 'pin-file'.");
        }
    }

    EvidenceLogException Missing(string what, string todo) => new(EvidenceFault.KeyDevice, $"The unit key{Named} cannot be used: {what}. Nothing was changed. {todo}", 0);

    static bool IsId(string id) => id.Length == 8 && id.All(char.IsAsciiHexDigitLower);
}
