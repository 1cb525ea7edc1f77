// The file `format` of a data folder: one line, `custos-data/<version>`, LF.
using System.Globalization;

namespace Custos.Server.Workspaces;

static class DataFormat
{
    internal const int Version = 1;
    const string FileName = "format";
    const string Prefix = "custos-data/";

    internal static void CheckOrCreate(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            Create(folder, path);
        Check(folder);
    }

    internal static void Check(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new WorkspaceException(WorkspaceFault.NotADataFolder, $"'{folder}' is no data folder: it has no file 'format'. Nothing was changed. Name the data folder with --data; 'custos operation open' makes one.");
        var line = ReadLine(path);
        if (!line.StartsWith(Prefix, StringComparison.Ordinal)
            || !int.TryParse(line.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || version < 1)
        {
            throw new WorkspaceException(WorkspaceFault.NotADataFolder,
                $"'{path}' does not name a format of Custos. Nothing was changed. Choose another folder with --data, or restore this file: its one line is '{Prefix}{Version}'.");
        }

        if (version > Version)
        {
            throw new WorkspaceException(WorkspaceFault.NewerFormat,
                $"The data folder '{folder}' has format {version}; this program knows {Version}. Nothing was read or changed. Open it with the newer Custos that wrote it.");
        }
    }

    static void Create(string folder, string path)
    {
        // A folder with other things in it is someone's mistake in --data, not a place for keys.
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => !entry.EndsWith(".next", StringComparison.Ordinal)))
        {
            throw new WorkspaceException(WorkspaceFault.NotADataFolder,
                $"The folder '{folder}' is not empty and has no file 'format'. Nothing was changed. Choose an empty or new folder with --data.");
        }

        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Renamed into place, so that a crash leaves either no file or a whole one.
        var next = path + ".next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Version}\n"));
        File.Move(next, path, overwrite: true);
    }

    static string ReadLine(string path)
    {
        using var reader = new StreamReader(path);
        var buffer = new char[64];
        var read = reader.ReadBlock(buffer);
        var text = new string(buffer, 0, read);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('\r');
    }
}
