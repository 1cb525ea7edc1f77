using System.Text;
using CsCheck;

namespace Custos.Detection.Tests.Text;

public class FoldedTextTests
{
    static List<Indicator> Read(string text) => [.. new Told().Says("ann", text).Indicators.Where(i => i.Code != "evasion")];

    static string Cited(string text, Indicator indicator) =>
        string.Concat(text.EnumerateRunes().Skip(indicator.Start).Take(indicator.Length).Select(r => r.ToString()));

    [Theory]
    [InlineData("can you turn on your с\u0430m", "turn on your с\u0430m", "look-alikes")]
    [InlineData("can you turn on your ᴄam", "turn on your ᴄam", "look-alikes")]
    [InlineData("can you turn on your c4m", "turn on your c4m", "leet")]
    [InlineData("can you turn on your w3bc@m", "turn on your w3bc@m", "leet")]
    [InlineData("can you 5how your cam", "5how your cam", "leet")]
    [InlineData("can you turn on your c a m", "turn on your c a m", "spacing")]
    [InlineData("can you turn on your c . a . m now", "turn on your c . a . m", "spacing")]
    [InlineData("can you turn on your c.a.m", "turn on your c.a.m", "spacing")]
    [InlineData("can you turn on your web.ca.m", "turn on your web.ca.m", "punctuation")]
    [InlineData("can you turn on your w-ebcam", "turn on your w-ebcam", "punctuation")]
    [InlineData("can you turn on your caaaaam", "turn on your caaaaam", "repeats")]
    [InlineData("can you turnnnn on your cam", "turnnnn on your cam", "repeats")]
    [InlineData("can you turn on your c\u0335a\u0335m\u0335", "turn on your c\u0335a\u0335m\u0335", "marks")]
    [InlineData("can you turn on your ćam", "turn on your ćam", "marks")]
    [InlineData("can you turn on your c\u0301am", "turn on your c\u0301am", "marks")]
    [InlineData("can you TŪRN ön yòur ĊÅṀ", "TŪRN ön yòur ĊÅṀ", "marks")]
    [InlineData("can you turn on your c*m", "turn on your c*m", "mask")]
    [InlineData("can you turn on your c#m now", "turn on your c#m", "mask")]
    [InlineData("can you turn on your w*bcam", "turn on your w*bcam", "mask")]
    [InlineData("can you turn on your we**am", "turn on your we**am", "mask")]
    [InlineData("can you turn on your webc*m", "turn on your webc*m", "mask")]
    [InlineData("can you turn on your v***o call", "turn on your v***o call", "mask")]
    [InlineData("can you turn on your c*a*m", "turn on your c*a*m", "spacing")]
    [InlineData("can you t*rn on your cam", "t*rn on your cam", "mask")]
    [InlineData("yo*r friend may turn on the cam", "turn on the cam", "mask")]
    [InlineData("can you turn on your we*bcam", "turn on your we*bcam", "punctuation")]
    [InlineData("can you turn \U0001F600 on your cam", "turn \U0001F600 on your cam", "emoji")]
    [InlineData("can you turn\u2764\uFE0F on your cam", "turn\u2764\uFE0F on your cam", "emoji")]
    [InlineData("y0u may turn on the cam", "turn on the cam", "leet")]
    [InlineData("can you turn on your v1d30 c4ll", "turn on your v1d30 c4ll", "leet")]
    [InlineData("can you 5h0w the cam", "5h0w the cam", "leet")]
    [InlineData("can you s.how the cam", "s.how the cam", "punctuation")]
    [InlineData("can you sh.ow the cam", "sh.ow the cam", "punctuation")]
    [InlineData("can you show the we.bcam", "show the we.bcam", "punctuation")]
    [InlineData("can you i s-h-o-w the cam", "s-h-o-w the cam", "spacing")]
    public void A_hidden_word_is_read_and_cited_as_written(string text, string cited, string step)
    {
        var indicator = Read(text).Single();
        indicator.Code.ShouldBe("camera.request");
        Cited(text, indicator).ShouldBe(cited);
        indicator.Folded.ShouldBe([step]);
    }

    [Fact]
    public void Several_steps_are_named_in_their_order()
    {
        var indicator = Read("can you tuuurn on your c4.m").Single();
        indicator.Folded.ShouldBe(["leet", "punctuation", "repeats"]);
    }

    [Fact]
    public void What_only_folding_could_read_is_evasion_and_evasion_opens_no_gate()
    {
        var told = new Told().Says("ann", "can you turn on your c4m");
        told.Indicators.Select(i => i.Code).ShouldBe(["evasion", "camera.request"]);
        told.Says("ann", "can you turn on your cam").Codes("m2").ShouldBe(["camera.request"]);
        Evidence.CountsForGate(Family.Evasion).ShouldBeFalse();
    }

    [Theory]
    [InlineData("you switch on сам")]
    [InlineData("он сам you show")]
    public void A_look_alike_in_a_Latin_message_is_read(string text) => Read(text).Count.ShouldBeLessThanOrEqualTo(1);

    [Fact]
    public void The_Russian_word_for_himself_is_not_a_camera()
    {
        var book = TestBook.NewBuilder();
        var ru = new Told(new(book.Build(), "sha256:test", DetectionModel.Builtin, new()));
        ru.Says("ann", "он сам это сделал, you show сам").Says("ann", "сам").Indicators.ShouldBeEmpty();
        Read("can you show your сам").Single().Folded.ShouldBe(["look-alikes"]);
    }

    [Theory]
    [InlineData("can you show your carn")]
    [InlineData("can you show your scam")]
    [InlineData("can you show your caam")]
    [InlineData("you may show webfoo.camlock")]
    [InlineData("a) c b) a c) m you show")]
    [InlineData("can you show c, a; m")]
    [InlineData("can you show https://example.org/c4m")]
    [InlineData("can you show c4m@example.org")]
    [InlineData("you show 0xca4m")]
    [InlineData("you show file c4m.txt")]
    [InlineData("you show @c4m")]
    public void What_is_no_hidden_word_stays_what_it_is(string text) => Read(text).ShouldBeEmpty();

    [Fact]
    public void A_doubled_letter_is_not_a_single_one()
    {
        var b = TestBook.NewBuilder();
        b.AddTerms(b.List("en", "double"), ["meet now"]);
        b.Add(new() { Id = "en.double", Definition = IndicatorCatalogue.Find("meeting.request")!, Language = 0, Kind = SayKind.Any, Lists = [b.List("en", "double")], Strength = RuleStrength.Plain });
        var engine = new DetectionEngine(b.Build(), "sha256:test", DetectionModel.Builtin, new());
        bool Fires(string text) => new Told(engine).Says("ann", text).Indicators.Any(i => i.Rule == "en.double");
        Fires("meet now").ShouldBeTrue();
        Fires("meeeet now").ShouldBeTrue();
        Fires("met now").ShouldBeFalse();
        Fires("m3et now").ShouldBeTrue();
        Fires("mett now").ShouldBeFalse();
    }

    [Fact]
    public void Fourteen_f_is_no_word_in_disguise()
    {
        var told = new Told().Says("ann", "asl?").Says("bob", "14f heeeere");
        told.Indicators.Single(i => i.Code == "age.stated").Folded.ShouldBeEmpty();
    }

    static readonly string[] Terms = ["cam", "webcam", "dont tell anyone", "turn on", "our secret", "skype", "meet me"];

    // Whatever is folded, what is cited holds the term again when it is read by itself.
    [Fact]
    public void A_cited_span_read_again_in_the_folded_channel_holds_the_term() =>
        Gen.Select(Gen.Int[0, Terms.Length - 1], Gen.Int[0, 1 << 20], Gen.Int[0, 3]).Sample((term, seed, tricks) =>
        {
            var hidden = Hide("dont tell anyone", seed, tricks);
            var text = "ok " + hidden + " ok";
            var found = new Told().Says("ann", text).Indicators.Where(i => i.Code == "secrecy").ToList();
            return found.TrueForAll(i => new Told().Says("ann", Cited(text, i)).Indicators.Any(j => j.Code == "secrecy"));
        });

    static string Hide(string term, int seed, int tricks)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        foreach (var c in term)
        {
            text.Append(random.Next(4) switch
            {
                0 when tricks == 0 && c == 'o' => 'о',
                0 when tricks == 1 && c == 'e' => '3',
                1 when tricks == 1 && c == 'o' => '0',
                _ => c,
            });
            if (tricks == 2 && c != ' ' && random.Next(3) == 0)
                text.Append('\u200B');
            if (tricks == 3 && c != ' ' && random.Next(3) == 0)
                text.Append(c).Append(c);
        }

        return text.ToString();
    }

    static readonly string[] Harmless =
    [
        "the", "cat", "sat", "on", "a", "mat", "e.g.", "i.e.", "u.s.", "and/or", "x-ray", "t-shirt", "mp3", "win10", "1st", "2nd", "3rd", "10am", "50mb", "v2", "h264", "0x1f", "c++", "c#", "node.js",
        "foo.bar", "a1", "b2b", "4x4", "lol", "looool", "hmmm", "yesss", "sooo", "nooo", "$5", "100%", "a", "b", "c", "i", "u", "r", "2", "4", "8", "1!", "wow!!!", "don't", "it's", "o'clock",
    ];

    // What ends like an address is a word with a full stop in it only if it is a word that is looked for.
    [Fact]
    public void An_address_that_is_a_word_with_a_full_stop_in_it_is_read_as_both()
    {
        Read("can you turn on yo.ur cam").ShouldNotBeEmpty();
        var book = TestBook.NewBuilder();
        book.AddTerms(book.List("en", "cam-ask"), ["this"]);
        var told = new Told(new(book.Build(), "sha256:test", DetectionModel.Builtin, new()));
        told.Says("ann", "you th.is cam").Indicators.Single(i => i.Code == "camera.request").Folded.ShouldBe(["punctuation"]);
        told.Says("ann", "you t.me cam https://th.is/cam cam.show").Codes("m2").ShouldBeEmpty();
    }

    // What only needs a hidden word is itself as written: the step says why the plain channel did not read it.
    [Fact]
    public void A_hidden_word_that_a_rule_needs_is_read() => Read("yоu may turn on the cam").Single().Folded.ShouldBe(["look-alikes"]);

    [Fact]
    public void Function_words_in_disguise_say_what_language_it_is()
    {
        Read("kind wha7 an").ShouldBeEmpty();
        new Told().Says("ann", "t*e kind wh4t").Codes("m1").ShouldContain("secrecy");
    }

    [Fact]
    public void An_amount_whose_money_is_in_disguise_is_an_amount()
    {
        var offer = Read("i give you 30 eur0").Single();
        (offer.Code, offer.Folded.Single(), offer.Attributes.Single(a => a.Name == "amount").Value).ShouldBe(("payment.offer", "leet", "30"));
    }

    [Fact]
    public void An_emoji_beside_an_answer_is_not_said() =>
        new Told().Says("ann", "asl?").Says("bob", "14 \U0001F600\u2764\uFE0F").Codes("m2").ShouldContain("age.stated");

    // A sign stands for one letter or for none; the first and the last are shown, and at least as many as are hidden where a list does not say otherwise.
    [Theory]
    [InlineData("can you turn on your c**m")]
    [InlineData("can you turn on your cm")]
    [InlineData("can you turn on your c m")]
    [InlineData("can you turn on your c-m")]
    [InlineData("can you turn on your c.m")]
    [InlineData("can you t***n on your cam")]
    [InlineData("can you turn on your c****m")]
    [InlineData("can you turn on your *am and ca*")]
    [InlineData("can you turn on your webcon**dcam")]
    public void What_is_no_mask_of_a_word_stays_what_it_is(string text) => Read(text).ShouldBeEmpty();

    // Nothing harmless folds into something harmful: words that hold none of the terms, however put together, fire nothing.
    [Fact]
    public void Harmless_words_put_together_fire_nothing() =>
        Gen.Int[0, Harmless.Length - 1].Array[1, 30].Sample(words =>
            !new Told().Says("ann", "you " + string.Join(' ', words.Select(w => Harmless[w]))).Indicators.Any(i => i.Folded.Count > 0));

    [Fact]
    public void A_hundred_thousand_hidden_letters_are_read_in_linear_time()
    {
        new Told().Says("ann", string.Concat(Enumerable.Repeat("t*e y*u s**w ", 10_000))).Findings.ShouldBeEmpty();
        var text = string.Concat(Enumerable.Repeat("c 4 m ", 10_000)) + string.Concat(Enumerable.Repeat("с", 20_000)) + new string('a', 20_000);
        new Told().Says("ann", text).Findings.ShouldBeEmpty();
    }
}
