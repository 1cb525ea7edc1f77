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

    static readonly Gen<(byte[][] Terms, byte[] Text)> Longer =
        from alphabet in Gen.Int[2, 4]
        from shortest in Gen.Int[5, 9]
        from terms in Gen.Int[0, alphabet - 1].Select(i => (byte)('a' + i)).Array[shortest, 20].Array[1, 60]
        from text in Gen.Int[0, alphabet - 1].Select(i => (byte)('a' + i)).Array[0, 2_000]
        select (terms, text);

    [Fact]
    public void Every_matcher_tier_finds_what_a_naive_scan_finds() =>
        Longer.Sample(x =>
        {
            var naive = Naive(x.Terms, x.Text);
            return new[] { MatcherTiers.All, MatcherTiers.Automaton, MatcherTiers.Grams }.All(tier => Found(LiteralMatcher.Build(x.Terms, false, tier), x.Text).SequenceEqual(naive));
        });

    [Fact]
    public void Letters_match_in_either_case_where_that_is_asked() =>
        Longer.Sample(x =>
        {
            byte[] Mixed(byte[] bytes, int salt) => [.. bytes.Select((b, i) => (i * 7 + salt) % 3 == 0 ? (byte)(b & 0xDF) : b)];
            var terms = x.Terms.Select((t, i) => Mixed(t, i)).ToArray();
            var naive = Naive(x.Terms, x.Text);
            return new[] { MatcherTiers.All, MatcherTiers.Automaton, MatcherTiers.Grams }.All(tier => Found(LiteralMatcher.Build(terms, true, tier), Mixed(x.Text, 1)).SequenceEqual(naive));
        });

    [Fact]
    public void Only_letters_have_a_case()
    {
        byte[][] terms = ["@bcdef{"u8.ToArray(), "ab[cdef"u8.ToArray()];
        Found(LiteralMatcher.Build(terms, true), "`bcdef{ @BCDEF{ @bcdef[ ab{cdef AB[CDEF"u8).ShouldBe([new(8, 0), new(32, 1)]);
    }

    // Words of many lengths in a long text with needles at both ends: the case packs and lists are made of.
    [Theory]
    [InlineData(5, 40)]
    [InlineData(7, 3_000)]
    [InlineData(3, 2_000)]
    public void Many_literals_in_a_long_text_are_all_found(int shortest, int count)
    {
        var random = new Random(count);
        var terms = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, shortest + random.Next(8)).Select(_ => (byte)('a' + random.Next(16))).ToArray()).ToArray();
        var text = new List<byte>(terms[0]);
        while (text.Count < 60_000)
            text.AddRange(random.Next(3) == 0 ? terms[random.Next(count)] : [(byte)('a' + random.Next(26))]);
        text.AddRange(terms[1]);
        byte[] all = [.. text];
        var automaton = Found(LiteralMatcher.Build(terms, false, MatcherTiers.Automaton), all);
        automaton.Count.ShouldBeGreaterThan(1_000);
        Found(LiteralMatcher.Build(terms), all).ShouldBe(automaton);
        Found(LiteralMatcher.Build(terms, false, MatcherTiers.Grams), all).ShouldBe(automaton);
    }

    [Fact]
    public void The_first_hit_is_where_the_runtimes_own_search_finds_one() =>
        Longer.Sample(x =>
        {
            var values = System.Buffers.SearchValues.Create([.. x.Terms.Select(t => System.Text.Encoding.ASCII.GetString(t))], StringComparison.Ordinal);
            var first = System.Text.Encoding.ASCII.GetString(x.Text).AsSpan().IndexOfAny(values);
            var hits = Found(LiteralMatcher.Build(x.Terms), x.Text);
            return first == (hits.Count == 0 ? -1 : hits[0].Start);
        });

    // A slice in the middle of an array whose other bytes would complete a literal: what lies behind the end is not read as text.
    [Fact]
    public void No_matcher_reads_past_its_buffer()
    {
        var term = "abcdefgh"u8.ToArray();
        var matcher = LiteralMatcher.Build([term]);
        var around = "abcdefghabcdefgh"u8.ToArray();
        for (var start = 0; start <= around.Length; start++)
        {
            for (var length = 0; start + length <= around.Length; length++)
                Found(matcher, around.AsSpan(start, length)).ShouldBe(Naive([term], around.AsSpan(start, length)));
        }
    }

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
