using System.Security.Cryptography;
using System.Text;

namespace Custos.Evidence.Ed25519;

/// <summary>Where the second marks are kept (evidence-spec, section 7): outside the data folder, so that an older copy of all of it is noticed when it is opened.</summary>
/// <param name="Folder">The folder's path; a file a log, named for the log's key.</param>
public sealed record OutsideMarks(string Folder)
{
    /// <summary>The variable that names the folder, or with <c>none</c> says that there is to be none.</summary>
    public const string Variable = "CUSTOS_MARKS";

    /// <summary>The folder that is set, or the one in the person's state directory (XDG Base Directory Specification); null if it was turned off or cannot be made.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static OutsideMarks? Find(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var folder = variable(Variable);
        if (folder is "none")
            return null;
        if (string.IsNullOrEmpty(folder))
        {
            var state = variable("XDG_STATE_HOME");
            if (string.IsNullOrEmpty(state) && variable("HOME") is { Length: > 0 } home)
                state = Path.Combine(home, ".local", "state");
            if (string.IsNullOrEmpty(state))
                return null;
            folder = Path.Combine(state, "custos", "marks");
        }

        try
        {
            return new(Directory.CreateDirectory(folder).FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A log's file: slugs and origins repeat from one data folder to the next, keys do not.</summary>
    public string PathOf(VerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Path.Combine(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString()))) + ".head");
    }

    /// <summary>What the mark of a log holds; null if there is none.</summary>
    /// <exception cref="EvidenceLogException">The file is malformed.</exception>
    public LogState? Read(VerifierKey key) => KeyFolder.ReadMark(PathOf(key));
}
