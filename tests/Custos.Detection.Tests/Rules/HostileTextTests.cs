using CsCheck;
using Custos.Fixtures;

namespace Custos.Detection.Tests.Rules;

/// <summary>Whatever is written, it is read: with the packs that ship, over text made to break a reader.</summary>
public class HostileTextTests
{
    static readonly DetectionEngine Shipped = DetectionEngine.Open(Pack.Load(Path.Combine(Checkout.Root, "packs")), DetectionModel.Builtin, new());

    static readonly string[] Pieces =
    [
        "14", "99999999999999999999", "1.2.3", "$", "€5.000,00", "5.", ".5", "1,", "usd", "USD 1e9", "12:", ":30", "24:61", "1/2/", "//", "http://", "www.", "@", "@@a", "#", "#a", "a@b", "a@b.com", "x.y.z",
        "+", "+1", "(", ")", "+999999999999999999999", "0000000000", "-", "--", "\n", "\r\n", "\t", "\0", "\u0007", "'", "’", "can't", "'s", "\"", "“", "”", "> ", "<a>", "[12:00] <b> ", "im", "im 14", "f", "14f", "f14",
        "/f", "cam", "c4m", "c a m", "c.a.m", "caaaam", "how old are you", "😀", "👩‍👩‍👧", "🏽", "🇳🇱", "🇨🇦🇲", "\uD800", "\uDC00", "\u0301", "e\u0301", "\u0345", "\u200D", "\uFE0F", "\u202E", "ﷺ", "ǅ", "ß", "İ", "ı", "ﬁ",
        "가", "ᄀ", "ᅡ", "ᆨ", "сам", "самolet", "٣", "१४", "㎏", "½", "𝟜", "①", "\u3002", "？", "¿", "…", "ö", "~", "!", "|", "1l|!", "0x1f", "c++", "a1b2c3", "iiiii", "lllll", "IlIlI", "aaaaaaaaaa", "\u2028", "\uFFFF", "\U000E0041",
    ];

    static readonly Gen<string> Text = Gen.Select(Gen.Int[0, Pieces.Length - 1], Gen.Int[0, 3])
        .Select((piece, gap) => Pieces[piece] + (gap == 0 ? "" : gap == 1 ? "." : " ")).Array[0, 25].Select(string.Concat);

    [Fact]
    public void Any_text_is_read_and_every_span_lies_in_it() =>
        Gen.Select(Text, Text, Text).Sample((a, b, c) =>
        {
            var told = new Told(Shipped).Says("ann\uD800", a).Says("14f", b, to: "ann\uD800").Says("cam", c).Says("14f", a + b + c);
            return told.Findings.TrueForAll(f => f.Indicators.All(i =>
                i.Start >= 0 && i.Length > 0 && i.Start + i.Length <= Points(told.Texts[i.MessageId])));
        });

    // A lone surrogate counts as one, as it does in a text that was read from UTF-8.
    static int Points(string text) => text.EnumerateRunes().Count();

    [Fact]
    public void Any_characters_are_read() =>
        Gen.Char.Array[0, 200].Select(chars => new string(chars)).Sample(text =>
        {
            var told = new Told(Shipped).Says("ann", text).Says("bob", text);
            return told.Findings.TrueForAll(f => f.Indicators.All(i => i.Start >= 0 && i.Start + i.Length <= Points(text)));
        });

    [Theory]
    [InlineData("how old are you ", 6_000)]
    [InlineData("a.", 50_000)]
    [InlineData("1 ", 50_000)]
    [InlineData("@a", 50_000)]
    [InlineData("$5", 50_000)]
    [InlineData("\u0301", 100_000)]
    [InlineData("\"", 100_000)]
    [InlineData("c 4 m ", 16_000)]
    [InlineData("turn on your cam ", 6_000)]
    [InlineData("i will send your pics to everyone unless you ", 2_200)]
    [InlineData("ann ", 25_000)]
    [InlineData("www.", 25_000)]
    [InlineData("http://", 14_000)]
    public void A_hundred_thousand_characters_of_one_kind_are_read(string piece, int times) =>
        new Told(Shipped).Says("ann", string.Concat(Enumerable.Repeat(piece, times))).Indicators.Count().ShouldBeLessThanOrEqualTo(257);

    // What waits for a state that never comes may not take the place of what needs none.
    [Fact]
    public void What_is_said_three_hundred_times_is_found_from_the_first_on()
    {
        var told = new Told(Shipped).Says("ann", string.Concat(Enumerable.Repeat("turn on your cam ", 300)));
        var found = told.Indicators.Where(i => i.Code == "camera.request").Select(i => i.Start).ToArray();
        found.Length.ShouldBeGreaterThan(200);
        found[0].ShouldBe(0);
    }
}
