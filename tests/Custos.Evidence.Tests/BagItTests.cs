using CsCheck;

namespace Custos.Evidence.Tests;

/// <summary>The lines of a bag (RFC 8493): paths that leave it, and labels.</summary>
public class BagItTests
{
    [Fact]
    public void Any_path_is_the_same_after_it_was_written_and_read() =>
        Gen.String[Gen.OneOf(Gen.Char["%25250D0Aad/\r\n "], Gen.Char)].Sample(path => BagIt.Decode(BagIt.Encode(path)) == path && BagIt.Encode(path).IndexOfAny(['\r', '\n']) < 0);

    [Theory]
    [InlineData("data/a%b", "data/a%25b")]
    [InlineData("data/a\r\nb", "data/a%0D%0Ab")]
    [InlineData("data/%0A", "data/%250A")]
    public void Percent_and_line_ends_alone_are_encoded(string path, string encoded)
    {
        BagIt.Encode(path).ShouldBe(encoded);
        BagIt.Decode(encoded).ShouldBe(path);
        BagIt.Decode(encoded.Replace("%0D", "%0d", StringComparison.Ordinal).Replace("%0A", "%0a", StringComparison.Ordinal)).ShouldBe(path);
        BagIt.Line(new byte[2], path).ShouldBe($"0000  {encoded}\n");
    }

    [Theory]
    [InlineData("data/a", true, null)]
    [InlineData("data/a/b.txt", true, null)]
    [InlineData("data/..a", true, null)]
    [InlineData("data/a.", true, null)]
    [InlineData("bagit.txt", false, null)]
    [InlineData("a", false, null)]
    [InlineData("database/a", false, null)]
    [InlineData("", true, "not relative")]
    [InlineData("/data/a", true, "not relative")]
    [InlineData("~/data/a", true, "not relative")]
    [InlineData("\\data", true, "not relative")]
    [InlineData("data\\a", true, "not relative")]
    [InlineData("c:/data", true, "not relative")]
    [InlineData("data/../a", true, "no name")]
    [InlineData("../data/a", true, "no name")]
    [InlineData("data/..", true, "no name")]
    [InlineData("./data/a", true, "no name")]
    [InlineData("data//a", true, "no name")]
    [InlineData("data/", true, "no name")]
    [InlineData("bagit.txt", true, "outside data/")]
    [InlineData("database/a", true, "outside data/")]
    [InlineData("data/a", false, "payload file")]
    public void A_path_that_leaves_the_bag_or_its_place_is_refused(string path, bool payload, string? wrong)
    {
        if (wrong is null)
            BagIt.WrongPath(path, payload).ShouldBeNull();
        else
            BagIt.WrongPath(path, payload).ShouldNotBeNull().ShouldContain(wrong);
    }

    [Fact]
    public void Labels_and_values_are_read_with_their_further_lines()
    {
        BagIt.Info("A: 1\r\n\nB:2 : 3\n C\n\tD\nA: 4\n").ShouldBe([("A", "1"), ("B", "2 : 3 C D"), ("A", "4")]);
        BagIt.Info("").ShouldBe([]);
        BagIt.Info(" A: 1\n").ShouldBeNull();
        BagIt.Info("A 1\n").ShouldBeNull();
        BagIt.Info(": 1\n").ShouldBeNull();
        BagIt.Value(" a\r\nB: c ").ShouldBe("a  B: c", "a value cannot begin a line of its own");
    }
}
