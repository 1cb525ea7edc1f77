using CsCheck;

namespace Custos.Detection.Tests.Matching;

public class LiteralMatcherTests
{
    static List<LiteralHit> Naive(byte[][] terms, ReadOnlySpan<byte> text)
    {
        var hits = new List<LiteralHit>();
        for (var start = 0; start < text.Length; start++)
        {
            for (var term = 0; term < terms.Length; term++)
            {
                if (text[start..].StartsWith(terms[term]))
                    hits.Add(new(start, term));
            }
        }

        return hits;
    }

    static List<LiteralHit> Found(LiteralMatcher matcher, ReadOnlySpan<byte> text)
    {
        var buffer = default(HitBuffer);
        matcher.Find(text, ref buffer);
        return [.. Enumerable.Range(0, buffer.Count).Select(i => buffer[i])];
    }

    static readonly Gen<(byte[][] Terms, byte[] Text)> Small =
        from alphabet in Gen.Int[2, 4]
        from terms in Gen.Int[0, alphabet - 1].Select(i => (byte)('a' + i)).Array[1, 20].Array[1, 40]
        from text in Gen.Int[0, alphabet - 1].Select(i => (byte)('a' + i)).Array[0, 300]
        select (terms, text);

    [Fact]
    public void The_matcher_finds_what_a_naive_scan_finds() =>
        Small.Sample(x => Found(LiteralMatcher.Build(x.Terms), x.Text).SequenceEqual(Naive(x.Terms, x.Text)));

    [Fact]
    public void Every_byte_may_stand_in_a_literal()
    {
        var terms = Enumerable.Range(0, 256).Select(i => new[] { (byte)i, (byte)(255 - i) }).ToArray();
        var text = Enumerable.Range(0, 1_024).Select(i => (byte)(i * 37 % 256)).ToArray();
        Found(LiteralMatcher.Build(terms), text).ShouldBe(Naive(terms, text));
        var pairs = Enumerable.Range(0, 512).Select(i => (byte)(i % 2 == 0 ? i / 2 : 255 - (i / 2))).ToArray();
        Found(LiteralMatcher.Build(terms), pairs).Count.ShouldBeGreaterThanOrEqualTo(256);
        Found(LiteralMatcher.Build(terms), pairs).ShouldBe(Naive(terms, pairs));
    }

    [Fact]
    public void Equal_literals_are_each_reported()
    {
        byte[][] terms = ["ab"u8.ToArray(), "ab"u8.ToArray()];
        Found(LiteralMatcher.Build(terms), "xabab"u8).ShouldBe([new(1, 0), new(1, 1), new(3, 0), new(3, 1)]);
    }

    [Fact]
    public void An_empty_literal_is_refused() =>
        Should.Throw<ArgumentException>(() => LiteralMatcher.Build(["a"u8.ToArray(), []])).Message.ShouldContain("Literal 1 is empty");

    [Fact]
    public void A_search_with_nothing_to_find_and_nothing_to_search_finds_nothing()
    {
        Found(LiteralMatcher.Build([]), "abc"u8).ShouldBeEmpty();
        Found(LiteralMatcher.Build(["abc"u8.ToArray()]), []).ShouldBeEmpty();
    }
}
