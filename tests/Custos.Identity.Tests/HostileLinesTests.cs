using CsCheck;

namespace Custos.Identity.Tests;

public class HostileLinesTests
{
    // Invented to make a careless pattern go back and forth over the line.
    public static TheoryData<string, string> Patterns => new()
    {
        { "a@", "" }, { "a.", "@b" }, { "1 ", "" }, { "1-", "x" }, { "a at ", "b" }, { "a at b dot ", "" }, { "at at ", "" }, { "http://a.", "" }, { "www.", "" }, { "<a> ", "" },
        { "zero one ", "" }, { "snap ", "" }, { "snap is ", "" }, { "@ab ", "" }, { "NL91 ", "" }, { "i live in ", "" }, { "her number is ", "" }, { "12:34 ", "" }, { "(", ")" }, { "+", "1" },
        { "\u202E\u200B", "" }, { "\U0001F600", "" }, { "a-", "@b.org" }, { "t.me/", "" }, { "mail: ", "@" }, { " \t", "x@y.org" }, { "0", "" }, { "ab.", "org/x" }, { "what number? ", "" },
    };

    [Theory, MemberData(nameof(Patterns))]
    public void A_line_made_to_hold_up_the_reader_is_read(string unit, string end)
    {
        // A pattern that goes back and forth over such a line, or compares all that it finds with each other, would not come to its end.
        var text = string.Concat(Enumerable.Repeat(unit, 64_000 / unit.Length)) + end;
        var reading = Scene.Of(text, "NL");
        reading.Hits.ShouldAllBe(hit => hit.Where.Length <= 2_100);
    }

    [Fact]
    public void Any_text_is_read_without_an_error_and_every_span_lies_inside_it() => Gen.String[Gen.Char["@.+0123456789 abcxyz:/<>[]()-_\n\u0660\uFF10\u200B\uD83D\uDE00#$'\""], 0, 120].Sample(
        text =>
        {
            var scene = new Scene { Region = "NL" }.PersonaSays("what is your number, mail or snap?").Says(text);
            var length = text.EnumerateRunes().Count();
            return scene.Read().Hits.All(hit => hit.Where.Start >= 0 && hit.Where.Length > 0 && hit.Where.Start + hit.Where.Length <= length && text.Contains(hit.Selector.Raw, StringComparison.Ordinal));
        },
        iter: 20_000, seed: "0000KZ5e8Wy2");
}
