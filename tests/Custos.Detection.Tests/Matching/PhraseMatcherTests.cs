using System.Text;
using CsCheck;

namespace Custos.Detection.Tests.Matching;

public class PhraseMatcherTests
{
    static readonly string[] Vocabulary = ["a", "be", "cam", "do", "año", "longerthaneight", "longerthaneighu", "14", "x"];

    static readonly Gen<string> Phrase = Gen.Int[0, Vocabulary.Length - 1].Array[1, 4].Select(words => " " + string.Join(' ', words.Select(w => Vocabulary[w])) + " ");

    // The referee looks at bytes and knows nothing of words.
    [Fact]
    public void Phrases_are_found_where_their_bytes_are() =>
        Gen.Select(Phrase.Array[1, 30], Gen.Int[0, Vocabulary.Length].Array[0, 40]).Sample((phrases, said) =>
        {
            var text = NormalizedText.Of(string.Join(' ', said.Select(w => w == Vocabulary.Length ? "other" : Vocabulary[w])));
            var bytes = phrases.Select(Encoding.UTF8.GetBytes).ToArray();
            var numbers = new int[1];
            HitBuffer byWord = default, byByte = default;
            new PhraseMatcher(bytes).Find(text.Plain, text.Words, ref numbers, ref byWord);
            LiteralMatcher.Build(bytes).Find(text.Plain, ref byByte);
            var words = text.Words.ToArray();
            var expected = Enumerable.Range(0, byByte.Count).Select(i => (byByte[i].Start + 1, byByte[i].Term)).ToList();
            return Enumerable.Range(0, byWord.Count).Select(i => (words[byWord[i].Start].Start, byWord[i].Term)).SequenceEqual(expected);
        });

    [Fact]
    public void A_phrase_without_a_word_is_refused() =>
        Should.Throw<ArgumentException>(() => new PhraseMatcher([" a "u8.ToArray(), "  "u8.ToArray()])).Message.ShouldContain("Phrase 1");
}
