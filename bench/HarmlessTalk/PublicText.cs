using System.Text;
using System.Text.Json;

namespace Custos.HarmlessTalk;

/// <summary>Texts that people wrote for others to read, as if two sides had said them line by line: what nobody meant as chat, and nobody invented for a test.</summary>
static class PublicText
{
    const int Most = 2_000;

    /// <summary>Each file below a folder as one dialogue, its lines said by two sides in turn; blank lines are left out.</summary>
    /// <param name="folder">Plain text, UTF-8 or else Latin-1.</param>
    /// <returns>Lines of custos-transcript/1, by path.</returns>
    public static IEnumerable<string> Lines(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var thread = Path.GetRelativePath(folder, file);
            var said = 0;
            foreach (var line in Text(file).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                yield return $$"""{"venue":"public text","thread":{{Json(thread)}},"id":"{{said}}","from":"{{(said % 2 == 0 ? "abe" : "bo")}}","text":{{Json(line.Length > Most ? line[..Most] : line)}}}""";
                said++;
            }
        }
    }

    static string Json(string text) => JsonSerializer.Serialize(text);

    static string Text(string file)
    {
        var bytes = File.ReadAllBytes(file);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
