using System.Runtime.InteropServices;

namespace Custos.Detection.Tests.Matching;

/// <summary>Text that ends, or begins, where memory ends: a read of one byte too many stops the process.</summary>
public sealed unsafe partial class GuardPageTests : IDisposable
{
    const int PageSize = 4_096;
    const nint Protected = 0, ReadWrite = 3, PrivateAnonymous = 0x22;

    readonly byte* _pages;

    public GuardPageTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "memory is protected through the Linux calls here");
        _pages = (byte*)Map(0, 4 * PageSize, ReadWrite, PrivateAnonymous, -1, 0);
        ((nint)_pages).ShouldNotBe(-1);
        Protect((nint)_pages, PageSize, Protected).ShouldBe(0);
        Protect((nint)_pages + (3 * PageSize), PageSize, Protected).ShouldBe(0);
    }

    public void Dispose()
    {
        if (_pages is not null)
            Unmap((nint)_pages, 4 * PageSize).ShouldBe(0);
    }

    // Written at the very beginning and at the very end of two pages between two that may not be touched.
    ReadOnlySpan<byte> At(bool end, ReadOnlySpan<byte> text)
    {
        var at = _pages + PageSize + (end ? (2 * PageSize) - text.Length : 0);
        text.CopyTo(new Span<byte>(at, text.Length));
        return new(at, text.Length);
    }

    [Theory]
    [InlineData((int)MatcherTiers.All)]
    [InlineData((int)MatcherTiers.Automaton)]
    [InlineData((int)MatcherTiers.Grams)]
    public void A_needle_at_either_end_is_found_and_nothing_beyond_is_read(int tier)
    {
        byte[][] terms = [.. new[] { "needle", "abcdefghijkl", "lastword", "abcde", "fghij", "qwertzuiopyxcvbnmlkj" }.Select(term => System.Text.Encoding.ASCII.GetBytes(term))];
        var matcher = LiteralMatcher.Build(terms, true, (MatcherTiers)tier);
        var buffer = default(HitBuffer);
        foreach (var needle in terms)
        {
            for (var between = 0; between < 80; between++)
            {
                byte[] text = [.. needle, .. Enumerable.Repeat((byte)'-', between), .. needle];
                foreach (var end in new[] { false, true })
                {
                    matcher.Find(At(end, text), ref buffer);
                    var starts = Enumerable.Range(0, buffer.Count).Select(i => buffer[i]).Where(hit => terms[hit.Term].AsSpan().SequenceEqual(needle)).Select(hit => hit.Start);
                    starts.ShouldBe([0, needle.Length + between]);
                }
            }
        }

        for (var length = 0; length <= 2 * PageSize; length += length < 64 ? 1 : 509)
        {
            var text = new byte[length];
            text.AsSpan().Fill((byte)'n');
            matcher.Find(At(true, text), ref buffer);
            matcher.Find(At(false, text), ref buffer);
            buffer.Count.ShouldBe(0);
        }
    }

    [Fact]
    public void A_phrase_at_either_end_is_found_and_nothing_beyond_is_read()
    {
        var text = new NormalizedText();
        byte[][] terms = [.. new[] { "cam", "turn on your cam", "a", "abcdefgh", "abcdefghi" }.Select(term =>
        {
            text.Read(term, null, null, Currencies.Signs);
            return text.Plain.ToArray();
        })];
        var matcher = new PhraseMatcher(terms);
        var numbers = new int[4];
        var buffer = default(HitBuffer);
        foreach (var said in new[] { "cam", "turn on your cam", "abcdefgh a abcdefghi", "a", "so turn on your cam" })
        {
            text.Read(said, null, null, Currencies.Signs);
            matcher.Find(text.Plain, text.Words, ref numbers, ref buffer);
            var expected = Enumerable.Range(0, buffer.Count).Select(i => buffer[i]).ToList();
            expected.ShouldNotBeEmpty();
            foreach (var end in new[] { false, true })
            {
                matcher.Find(At(end, text.Plain), text.Words, ref numbers, ref buffer);
                Enumerable.Range(0, buffer.Count).Select(i => buffer[i]).ShouldBe(expected);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint at, nint length, nint protection, nint flags, nint file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint at, nint length, nint protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint at, nint length);
}
