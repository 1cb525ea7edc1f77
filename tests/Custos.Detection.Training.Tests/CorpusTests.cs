using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class CorpusTests
{
    const string TwoConversations = """
        <?xml version="1.0" encoding="UTF-8"?>
        <conversations>
          <conversation id="c1">
            <message line="1"><author>aa</author><time>03:20</time><text>hello &amp; good day</text></message>
            <message line="2"><author>bb</author><time>03:19</time><text></text></message>
          </conversation>
          <conversation id="c2">
            <message line="1"><author>aa</author><time>25:99</time><text>alone &#x1; here</text></message>
            <message line="2"><author>aa</author></message>
          </conversation>
          <conversation id="c3"/>
        </conversations>
        """;

    [Fact]
    public void A_conversation_is_a_venue_and_a_thread_of_its_own_and_its_times_are_unknown()
    {
        var conversations = Read(TwoConversations);
        conversations.Select(c => c.Id).ShouldBe(["c1", "c2", "c3"]);
        var first = conversations[0].Messages[0];
        (first.Venue.Value, first.Thread, first.Id, first.From.Value, first.Text).ShouldBe(("pan12/c1", "c1", "1", "aa", "hello & good day"));
        conversations.SelectMany(c => c.Messages).ShouldAllBe(m => m.At == null && m.To == null);
        conversations[1].Messages.Count.ShouldBe(2);
        conversations[2].Messages.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("<conversations><conversation id='c'><message line='1'><author>a</author><text>cut")]
    [InlineData("<conversations><conversation id='c'><message line='1'><text>nobody</text></message></conversation></conversations>")]
    [InlineData("<conversations><conversation><message line='1'><author>a</author></message></conversation></conversations>")]
    [InlineData("<conversations><conversation id='c'><message><author>a</author></message></conversation></conversations>")]
    [InlineData("<html><body>words</body></html>")]
    [InlineData("not xml at all, words")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><conversations/>")]
    [InlineData("")]
    public void What_is_no_corpus_is_refused_by_line_and_without_its_words(string xml)
    {
        var refused = Should.Throw<CorpusException>(() => Read(xml));
        refused.Message.ShouldContain("(line ");
        refused.Message.ShouldNotContain("words");
        refused.Message.ShouldNotContain("passwd");
    }

    [Fact]
    public void A_diff_file_is_not_a_label_file()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["diff.txt"], "aa\nc1\t12\nc1\t13\n");
        var refused = Should.Throw<CorpusException>(() => PositiveAuthors.Read(folder["diff.txt"]));
        refused.Message.ShouldContain("2 of its lines");
        refused.Message.ShouldContain("line 2");
        refused.Message.ShouldContain("-diff");
    }

    [Fact]
    public void Positives_the_corpus_does_not_hold_are_refused_with_their_number_and_the_first_line()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["p.txt"], "aa\n\nzz\nyy\n");
        var positives = PositiveAuthors.Read(folder["p.txt"]);
        positives.Count.ShouldBe(3);
        var refused = Should.Throw<CorpusException>(() => positives.MustBeIn(id => id == "aa"));
        refused.Message.ShouldContain("2 of 3");
        refused.Message.ShouldContain("line 3");
        refused.Message.ShouldNotContain("zz");
    }

    static List<CorpusConversation> Read(string xml)
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["c.xml"], xml);
        return [.. Pan12Corpus.Open(folder["c.xml"]).Conversations()];
    }
}
