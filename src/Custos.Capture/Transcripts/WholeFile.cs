namespace Custos.Capture.Transcripts;

/// <summary>A file that has its name only once it is whole: what is cut off before leaves <c>NAME.partial</c>.</summary>
/// <remarks>A device (<c>/dev/null</c>, <c>/dev/stdout</c>) is written as it is: to rename a file over it would take its place for every program of the machine.</remarks>
public static class WholeFile
{
    /// <summary>Where to write what will be <paramref name="path"/>.</summary>
    public static string Staged(string path) => IsDevice(path) ? path : path + ".partial";

    /// <summary>Gives what was staged its name; a file of that name is replaced.</summary>
    /// <exception cref="IOException">It could not be renamed.</exception>
    public static void Keep(string path)
    {
        if (!IsDevice(path))
            File.Move(Staged(path), path, overwrite: true);
    }

    /// <summary>Removes what was staged.</summary>
    public static void Drop(string path)
    {
        if (!IsDevice(path))
            File.Delete(Staged(path));
    }

    static bool IsDevice(string path) => !OperatingSystem.IsWindows() && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);
}
