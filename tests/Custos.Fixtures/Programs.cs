namespace Custos.Fixtures;

/// <summary>The system's programs that tests drive.</summary>
public static class Programs
{
    static readonly string[] AlsoIn = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

    /// <summary>A program's path, or null if it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(AlsoIn)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Why a test that needs these programs is skipped; null if they are all there.</summary>
    /// <exception cref="InvalidOperationException">One is absent and <c>CUSTOS_INTEROP</c> is <c>required</c>: the test fails instead.</exception>
    public static string? Missing(params string[] names)
    {
        var absent = names.Where(name => Find(name) is null).ToList();
        if (absent.Count == 0)
            return null;
        var reason = $"not installed: {string.Join(", ", absent)} (apt-get install {string.Join(' ', absent)})";
        return Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required"
            ? throw new InvalidOperationException($"CUSTOS_INTEROP is 'required', but {reason}")
            : reason;
    }

    /// <summary>Debian's Chromium, or null if it is not installed.</summary>
    public static string? Chromium => Find("chromium");
}
