namespace Custos.Fixtures;

/// <summary>A folder of a test's own, removed with what is in it.</summary>
public sealed class ScratchFolder : IDisposable
{
    /// <summary>Makes it.</summary>
    public ScratchFolder() => Path = Directory.CreateTempSubdirectory("custos-test-").FullName;

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>A path within it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A program that is just ending may still write into it. What is left lies in the system's temporary folder.
        }
    }
}
