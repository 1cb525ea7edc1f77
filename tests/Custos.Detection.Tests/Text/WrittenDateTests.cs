namespace Custos.Detection.Tests.Text;

public class WrittenDateTests
{
    [Theory]
    [InlineData("2026-03-14", "2026-03-14")]
    [InlineData("2026/3/4", "2026-03-04")]
    [InlineData("14.3.2026", "2026-03-14")]
    [InlineData("14-03-26", "2026-03-14")]
    [InlineData("4.3.26", "2026-03-04")]
    [InlineData("14/3/2026", "2026-03-14")]
    [InlineData("3/14/2026", "2026-03-14")]
    [InlineData("4/4/2026", "2026-04-04")]
    [InlineData("3/4/2026", null)]
    [InlineData("31.2.2026", null)]
    [InlineData("13/13/2026", null)]
    [InlineData("1.2", null)]
    public void A_date_is_read_where_it_can_be_only_one(string written, string? date) => WrittenDate.Read(written).ShouldBe(date);

    [Fact]
    public void A_meeting_carries_the_date_that_stands_in_its_line_and_is_a_dated_meeting()
    {
        var told = new Told().Says("bob", "hello").Says("ann", "can we meet on 14.3.2026?", at: "2026-03-01T10:00:00Z");
        told.Indicators.Single().Attributes.ShouldBe([new("date", "2026-03-14", false)]);
        told.Tracker.RiskFacts(new("net/#room", "t1", "ann", "bob")).Select(f => f.Code).ShouldBe(["meeting.request", "meeting.dated"]);
        new Told().Says("ann", "can we meet on 3/4/2026?").Indicators.Single().Attributes.ShouldBeEmpty();
    }

    [Fact]
    public void A_year_of_birth_is_an_age_to_a_year_and_only_where_the_year_of_the_line_is_known()
    {
        var told = new Told().Says("ann", "hi").Says("bob", "i was born in 2012", at: "2026-03-01T10:00:00Z");
        told.Indicators.First(i => i.Code == "age.stated").Attributes.ShouldBe([new("years", "14", true), new("exact", "false", false)]);
        told.Indicators.Select(i => i.Code).ShouldContain("peer.age");
        var unknown = new Told().Says("ann", "hi").Says("bob", "i was born in 2012");
        unknown.Indicators.Single().Attributes.ShouldBeEmpty();
        new Told().Says("bob", "born in 1940 she said", at: "2026-03-01T10:00:00Z").Indicators.First(i => i.Code == "age.stated").Attributes[0].Value.ShouldBe("86");
    }
}
