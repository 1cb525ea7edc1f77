// Decoding in the order of console-spec, "Live capture": UTF-8, then the declared charset, else windows-1252 as the WHATWG
// Encoding Standard maps it (https://encoding.spec.whatwg.org/#windows-1252): every byte is a character, so none is lost.
using System.Text;

namespace Custos.Capture.Import;

static class Charsets
{
    internal const string Fallback = "windows-1252";

    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Encoding?> Known = new(StringComparer.OrdinalIgnoreCase);

    internal static void Check(string name)
    {
        if (Find(name) is null)
            throw new ImportException(ImportFault.Option, $"'{name}' is no charset this program knows. Nothing was recorded. Write a name such as windows-1252, windows-1251, koi8-r or iso-8859-15 with --charset.");
    }

    internal static string Decode(ReadOnlySpan<byte> bytes, string? charset) =>
        (charset is null ? null : Find(charset) ?? Find(Fallback)) is { } encoding ? encoding.GetString(bytes) : Encoding.UTF8.GetString(bytes);

    static Encoding? Find(string name) => Known.GetOrAdd(name, static wanted =>
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(wanted);
        if (encoding is null)
        {
            try
            {
                encoding = Encoding.GetEncoding(wanted);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        // A multi-unit encoding would part lines elsewhere than the reader did.
        return encoding is UnicodeEncoding or UTF32Encoding ? null : encoding;
    });
}
