using CsCheck;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Detection.Tests.Text;

/// <summary>
/// Nothing harmless folds into something harmful, with the packs that ship. Harmless is, here: (a) words in which nothing is hidden, however they are put together, (b) what only looks like something hidden:
/// numbers, codes, names of files and of things, and (c) the packs' own counter-examples.
/// </summary>
public class NothingHarmlessFoldsTests
{
    static readonly Pack Shipped = Pack.Load(Path.Combine(Checkout.Root, "packs"));

    static readonly DetectionEngine Engine = DetectionEngine.Open(Shipped, DetectionModel.Builtin, new());

    static readonly Exhibit Exhibit = new ScratchLog(new FakeTimeProvider()).Append(new("chat", "test", ReadOnlyMemory<byte>.Empty));

    static MessageReading Read(string text) =>
        Engine.NewReader().Read(new(Exhibit, 0, 0, new(new("net/#room"), "t1", "m1", null, new("someone"), null, text, Direction.None)));

    static IEnumerable<Candidate> Folded(MessageReading reading) => reading.Candidates.Take(reading.Count).Where(c => c.Steps != FoldStep.None);

    static Gen<string> One(params string[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);

    static readonly Gen<char> Small = Gen.Int['a', 'z'].Select(c => (char)c);

    // Letters only, no letter three times in a row, no word of one letter: there is nothing to undo.
    static readonly Gen<string> PlainWord = Small.Array[2, 11].Select(letters =>
        new string([.. letters.Where((c, i) => i < 2 || c != letters[i - 1] || c != letters[i - 2])]));

    // (a) The folded channel reads nothing that the plain one did not, where nothing is hidden. Random letters make words of every pack now and then: those are the plain channel's.
    [Fact]
    public void Where_nothing_is_hidden_nothing_is_unfolded() =>
        Gen.Select(PlainWord.Array[1, 25], One(" ", ", ", ". ", "? ", " - ", "\n")).Sample((words, between) => Folded(Read(string.Join(between, words))).ShouldBeEmpty());

    static readonly Gen<string> Technical = Gen.OneOf(
        Gen.ULong.Select(n => n.ToString("x", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.UInt.Select(n => "0x" + n.ToString("X4", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Guid.Select(g => g.ToString()),
        Gen.Int[0, 99_999].Select(n => "IMG_" + n.ToString("D4", System.Globalization.CultureInfo.InvariantCulture) + ".jpg"),
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 40]).Select((a, b, c) => $"v{a}.{b}.{c}"),
        Gen.Select(Gen.Int[0, 23], Gen.Int[0, 59]).Select((h, m) => $"{h}:{m:D2}"),
        Gen.Select(Gen.Int[1, 5_000], One("mb", "kb", "ghz", "km", "kg", "mm", "fps", "px", "w", "v")).Select((n, unit) => $"{n}{unit}"),
        Gen.Select(PlainWord, PlainWord).Select((a, b) => $"{a}_{b}"),
        Gen.Select(PlainWord, Gen.Int[0, 999]).Select((a, n) => $"/usr/{a}/{n}"),
        Gen.Select(PlainWord, PlainWord).Select((a, b) => $"http://{a}.example/{b}?x=1"),
        One("**", "***", "#1", "#channel", "c++", "c#", "a) b) c)", "1. 2. 3.", "x * y", "p<0.05", "f(x)=2*x", "o.k.", "e.g.", "i.e.", "a.m.", "p.m.", "U.S.A.", "24/7", "3x4", "mp3", "h264", "b2b", "w3c", "utf8", "i18n", "k8s", "1st", "2nd", "a*b", "2*x", "char*p", "**bold**", "f14", "m17", "ps5", "i7", "cs50", "c4d5", "t.me", "youtu.be", "bit.ly", "a\U0001F600b"));

    // (b) Read alone or among such: no indicator of any kind, folded or not.
    [Fact]
    public void A_code_or_a_number_is_no_word_in_disguise() =>
        Technical.Array[1, 6].Sample(things => Folded(Read("so " + string.Join(" and ", things) + " works")).ShouldBeEmpty());

    // (c) What the packs say must not fire does not, when it is shouted, spread over lines or ended with dots.
    [Fact]
    public void A_counter_example_stays_one_however_it_is_written()
    {
        var examples = Shipped.Languages.SelectMany(language => language.Rules.SelectMany(rule => rule.CounterExamples.Select(example => (rule.Id, example.Text)))).Where(e => !e.Text.Contains('{', StringComparison.Ordinal)).ToArray();
        examples.Length.ShouldBeGreaterThan(100);
        foreach (var (rule, text) in examples)
        {
            foreach (var written in new[] { text.ToUpperInvariant(), text + "...", "\u200B" + text, text.Replace(" ", "  ", StringComparison.Ordinal) })
            {
                var reading = Read(written);
                reading.Candidates.Take(reading.Count).Where(c => c.Rule.Id == rule && c.Steps != FoldStep.None).ShouldBeEmpty(rule);
            }
        }
    }

    // Whatever a line holds, a citation lies in it, and is not empty.
    static readonly Gen<string> Piece = Gen.OneOf(
        One("how old are you", "im 14", "turn on your cam", "turn on your c4m", "c.a.m", "your сам", "sеnd me a pic", "$50", "5,50 euro", "14f", "add me on skype", "cáfé", "w*bcam"),
        Gen.Int[1, 0x10FFFF].Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32),
        One("\u200B", "\u0335", "\uFE0F", "👩‍👩‍👧", "🇳🇱🇧🇪🇩🇪", "\uD83D", "\uDE00", "\u00AD", "\u202E", "ﬁ", "Ⅷ", "㎏", "ẛ̣"));

    [Fact]
    public void Every_citation_lies_in_its_line_and_is_not_empty() =>
        Gen.Select(Piece.Array[1, 14], One("", " ")).Sample((pieces, between) =>
        {
            var text = string.Join(between, pieces);
            var reading = Read(text);
            // A lone surrogate is a code point of its own, as Python counts.
            var points = 0;
            for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
                points++;
            for (var i = 0; i < reading.Count; i++)
            {
                var c = reading.Candidates[i];
                (c.From >= 0 && c.From < c.To && c.To <= points).ShouldBeTrue($"{c.From} to {c.To} of {points}");
            }
        });

    // (d) What other languages write with accents is theirs.
    [Theory]
    [InlineData("cám ơn bạn, mình tắt máy đây")]
    [InlineData("přepni to na češtinu a pošli mi nové číslo verze")]
    [InlineData("wyślij mi proszę nową wersję, będę o ósmej")]
    [InlineData("não sei se a câmera está ligada, mãe")]
    [InlineData("kan du skru på kameraet på kontoret, jeg må gå nå")]
    [InlineData("şimdi kamerayı açın lütfen, toplantı başlıyor")]
    public void Another_languages_accents_hide_nothing(string said) => Folded(Read(said)).ShouldBeEmpty();
}
