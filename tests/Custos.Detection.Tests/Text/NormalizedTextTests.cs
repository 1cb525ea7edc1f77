using System.Globalization;
using System.Text;
using CsCheck;
using Custos.Fixtures;

namespace Custos.Detection.Tests.Text;

public class NormalizedTextTests
{
    static string Plain(string text) => Encoding.UTF8.GetString(NormalizedText.Of(text).Plain);

    static string Cut(string text, int start, int length) =>
        string.Concat(text.EnumerateRunes().Skip(start).Take(length).Select(r => r.ToString()));

    // Where the words of a term came from, as the person wrote them.
    static string Source(string text, string term)
    {
        var normalized = NormalizedText.Of(text);
        var at = normalized.Plain.IndexOf(Encoding.UTF8.GetBytes(term));
        at.ShouldBeGreaterThanOrEqualTo(0);
        var (start, length) = normalized.SourceSpan(at, Encoding.UTF8.GetByteCount(term));
        return Cut(text, start, length);
    }

    [Theory]
    [InlineData("", " ")]
    [InlineData("   ", " ")]
    [InlineData("Hello, World!", " hello world ")]
    [InlineData("don't DON’T dont", " dont dont dont ")]
    [InlineData("'quoted' rock 'n' roll", " quoted rock n roll ")]
    [InlineData("año ano", " año ano ")]
    [InlineData("an\u0303o", " año ")]
    [InlineData("web-cam web_cam", " web cam web cam ")]
    [InlineData("ｆｕｌｌ ｗｉｄｔｈ", " full width ")]
    [InlineData("𝓬𝓪𝓶", " cam ")]
    [InlineData("STRASSE Straße", " strasse strasse ")]
    [InlineData("c\u200Ba\u00ADm", " cam ")]
    [InlineData("\u202Ecam\u202C", " cam ")]
    [InlineData("hi😀there", " hi 😀 there ")]
    [InlineData("👋🏽", " 👋 ")]
    [InlineData("Σίσυφος", " σίσυφοσ ")]
    [InlineData("сам", " сам ")]
    [InlineData("가각", " 가각 ")]
    public void The_plain_channel_is_one_form_of_what_was_written(string text, string plain) => Plain(text).ShouldBe(plain);

    [Theory]
    [InlineData("see https://example.org/cam?x=1 now", " see \u0001 now ")]
    [InlineData("www.example.org, ok", " \u0001 ok ")]
    [InlineData("at example.com.", " at \u0001 ")]
    [InlineData("mail me at some.one@example.org please", " mail me at \u0002 please ")]
    [InlineData("call +1 555 0100 200 now", " call \u0003 now ")]
    [InlineData("0612345678", " \u0003 ")]
    [InlineData("im 14 0612345678", " im 14 \u0003 ")]
    [InlineData("@some_one in #room-1", " \u0004 in \u0005 ")]
    [InlineData("#1 fan", " 1 fan ")]
    [InlineData("give you $50 ok", " give you \u0006 ok ")]
    [InlineData("5.000 €!", " \u0006 ")]
    [InlineData("at 14:30 or 5pm", " at \u0007 or \u0007 ")]
    [InlineData("on 2026-03-01 and 1/3/26", " on \u0008 and \u0008 ")]
    [InlineData("kernel 6.1.0 is out", " kernel \u0009 is out ")]
    [InlineData("192.168.0.1", " \u0009 ")]
    [InlineData("foo.bar is a file", " foo bar is a file ")]
    [InlineData("14f", " 14f ")]
    [InlineData("14/f", " 14 f ")]
    [InlineData("asl? 14", " asl 14 ")]
    public void An_address_is_one_byte_and_never_words(string text, string plain) => Plain(text).ShouldBe(plain);

    [Fact]
    public void The_names_of_the_two_are_no_words()
    {
        var text = new NormalizedText();
        text.Read("camgirl99: hello Sunny, bye", "Sunny", "camgirl99", Currencies.Signs);
        Encoding.UTF8.GetString(text.Plain).ShouldBe(" \u000A hello \u000A bye ");
    }

    [Theory]
    [InlineData("Turn On Your CAM", " cam ", "CAM")]
    [InlineData("x c\u200Ba\u200Bm\u200B y", " cam ", "c\u200Ba\u200Bm")]
    [InlineData("😀😀 Hi an\u0303o", " año ", "an\u0303o")]
    [InlineData("let's don't go", " dont ", "don't")]
    [InlineData("😀 give $50 now", " \u0006 ", "$50")]
    [InlineData("the ﬁne cam", " fine ", "ﬁne")]
    [InlineData("a x\u033D\u0347 b", " x\u0347\u033D ", "x\u033D\u0347")]
    public void A_span_goes_back_to_the_words_as_written(string text, string term, string source) => Source(text, term).ShouldBe(source);

    [Fact]
    public void Zero_width_letters_are_inside_the_span() => Source("a c\u200B\u200Dam b", " cam ").ShouldBe("c\u200B\u200Dam");

    static readonly Gen<string> AnyText = Gen.Int[0, 0x2FFFF]
        .Where(c => c is < 0xD800 or > 0xDFFF)
        .SelectMany(c => Gen.Frequency((3, Gen.Const(c)), (5, Gen.Int[0x20, 0x7E]), (2, Gen.Int[0xC0, 0x36F]), (1, Gen.Int[0x1F300, 0x1F6FF]), (1, Gen.Int[0x200B, 0x202E]), (1, Gen.Int[0xAC00, 0xAC60])))
        .Array[0, 60].Select(cps => string.Concat(cps.Select(char.ConvertFromUtf32)));

    // "The words as written" means exactly that: what a span cites, read again, holds what was found.
    [Fact]
    public void A_cited_span_read_again_holds_the_term() =>
        AnyText.Sample(text =>
        {
            var normalized = NormalizedText.Of(text);
            foreach (var word in normalized.Words.ToArray())
            {
                if (word.Kind is not (WordKind.Letters or WordKind.Digits or WordKind.Mixed or WordKind.Emoji))
                    continue;
                var (start, length) = normalized.SourceSpan(word.Start - 1, word.End - word.Start + 2);
                if (length <= 0 || start < 0 || start + length > text.EnumerateRunes().Count())
                    return false;
                var again = NormalizedText.Of(Cut(text, start, length));
                // "2pm^" is no time of day, "2pm" alone is: cut off from what follows, a word with digits may be taken out whole.
                if (word.Kind is WordKind.Mixed or WordKind.Digits && again.Plain is [(byte)' ', < (byte)' ', (byte)' '])
                    continue;
                if (again.Plain.IndexOf(normalized.Plain[word.Start..word.End]) < 0)
                    return false;
            }

            return true;
        });

    [Fact]
    public void Every_byte_goes_back_to_a_code_point_of_the_text() =>
        AnyText.Sample(text =>
        {
            var normalized = NormalizedText.Of(text);
            var points = text.EnumerateRunes().Count();
            for (var i = 0; i < normalized.Plain.Length; i++)
            {
                var (start, length) = normalized.SourceSpan(i, 1);
                if (start < 0 || length < 0 || start + length > points)
                    return false;
            }

            return normalized.Plain[0] == ' ' && normalized.Plain[^1] == ' ' && normalized.Plain.IndexOf("  "u8) < 0;
        });

    // The referee is another implementation (CPython's unicodedata), frozen: the runtime's own differs between machines.
    [Fact]
    public void Case_and_forms_fold_as_the_standard_says()
    {
        var path = Path.Combine(Checkout.Root, "tests", "Custos.Detection.Tests", "Vectors", "nfkc-casefold.txt");
        var checkedCount = 0;
        foreach (var line in File.ReadLines(path).Where(l => !l.StartsWith('#')))
        {
            var parts = line.Split(';');
            Points(NormalizedText.CaseFold(FromPoints(parts[0]))).ShouldBe(parts[1], line);
            checkedCount++;
        }

        checkedCount.ShouldBeGreaterThan(3_000);
    }

    static string FromPoints(string points) =>
        string.Concat(points.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => char.ConvertFromUtf32(int.Parse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));

    static string Points(string text) => string.Join(' ', text.EnumerateRunes().Select(r => r.Value.ToString("X4", CultureInfo.InvariantCulture)));

    [Fact]
    public void Ten_thousand_marks_are_read()
    {
        var text = "a" + string.Concat(Enumerable.Repeat("\u0301\u0323", 5_000)) + " cam";
        Plain(text).ShouldEndWith(" cam ");
        Source(text, " cam ").ShouldBe("cam");
    }

    [Fact]
    public void A_hundred_thousand_code_points_are_read()
    {
        var text = string.Concat(Enumerable.Repeat("what a fine day 😀 ", 6_000));
        NormalizedText.Of(text).Words.Length.ShouldBe(30_000);
    }

    [Fact]
    public void A_lone_surrogate_harms_nothing() => Plain("a \uD800 b").ShouldContain(" a ");

    [Fact]
    public void A_sentence_ends_at_a_full_stop_and_not_at_a_pause()
    {
        var text = NormalizedText.Of("turn it on. now... please? ok, go");
        text.Words.ToArray().Select(w => w.Sentence).ShouldBe([0, 0, 0, 1, 1, 2, 2]);
        text.IsQuestion(1).ShouldBeTrue();
        text.IsQuestion(0).ShouldBeFalse();
        text.Words[5].Clause.ShouldNotBe(text.Words[6].Clause);
    }
}
