namespace Custos.Detection.Tests.Rules;

public class MessageReaderTests
{
    static List<string> Codes(string text) => [.. new Told().Says("ann", text).Indicators.Select(i => i.Code)];

    [Theory]
    [InlineData("can you turn on your cam")]
    [InlineData("Turn ON your webcam, please")]
    [InlineData("could you switch on the video call")]
    public void A_first_part_and_what_follows_it_fire(string text) => Codes(text).ShouldBe(["camera.request"]);

    [Theory]
    [InlineData("turn on the cam")]
    [InlineData("your cam, turn on the light")]
    [InlineData("you should turn on the big old dusty cam")]
    [InlineData("you can turn on. the cam is nice")]
    [InlineData("you turn on camera")]
    [InlineData("your scam show")]
    public void Without_a_second_person_or_too_far_apart_nothing_fires(string text) => Codes(text).ShouldBeEmpty();

    [Theory]
    [InlineData("dont turn on your cam")]
    [InlineData("you should never ever turn on your cam")]
    [InlineData("\"can you turn on your cam\" is what it says")]
    [InlineData("“can you turn on your cam”")]
    [InlineData("> can you turn on your cam")]
    [InlineData("<bob> can you turn on your cam")]
    [InlineData("[19:04] <bob> can you turn on your cam")]
    [InlineData("19:04 bob: can you turn on your cam")]
    [InlineData("to turn on your cam install the linux driver")]
    public void What_is_denied_quoted_pasted_or_technical_is_not_said(string text) => Codes(text).ShouldBeEmpty();

    [Theory]
    [InlineData("i will not be home, turn on your cam")]
    [InlineData("it's 19:04, can you turn on your cam")]
    [InlineData("he said \"hi\" so turn on your cam you")]
    public void A_negation_or_a_mark_elsewhere_changes_nothing(string text) => Codes(text).ShouldBe(["camera.request"]);

    [Fact]
    public void A_third_person_without_a_second_is_reported()
    {
        Codes("she said turn on the cam").ShouldBeEmpty();
        Codes("she said you turn on the cam").ShouldBe(["camera.request"]);
    }

    [Fact]
    public void A_context_that_weakens_takes_a_third_of_the_weight()
    {
        var plain = new Told().Says("ann", "show me your cam you").Findings[0].Score!.Value.Millibits;
        var weak = new Told().Says("ann", "show me your cam you and the lens").Findings[0].Score!.Value.Millibits;
        plain.ShouldBe(3_965);
        weak.ShouldBeLessThan(plain / 2);
    }

    [Fact]
    public void A_span_is_counted_in_code_points()
    {
        var told = new Told().Says("ann", "😀😀 can you turn\u200B on your c\u200Bam 😀");
        told.Cited(told.Indicators.Single()).ShouldBe("turn\u200B on your c\u200Bam");
    }

    [Theory]
    [InlineData("im 14", 14)]
    [InlineData("i am fourteen", 14)]
    [InlineData("im only 13", 13)]
    [InlineData("im 9", 9)]
    [InlineData("im 14.", 14)]
    public void An_age_is_read(string text, int years)
    {
        var stated = new Told().Says("ann", text).Indicators.First(i => i.Code == "age.stated");
        stated.Attributes[0].ShouldBe(new("years", years.ToString(System.Globalization.CultureInfo.InvariantCulture), true));
    }

    [Theory]
    [InlineData("im 14 minutes late")]
    [InlineData("im 14% done")]
    [InlineData("im $14 short")]
    [InlineData("im at 14:30")]
    [InlineData("im v14.0.1")]
    [InlineData("im 140")]
    [InlineData("im 3")]
    [InlineData("i am 14 years ago")]
    [InlineData("im #14")]
    public void A_number_of_something_else_is_no_age(string text) => Codes(text).ShouldNotContain("age.stated");

    [Fact]
    public void Fourteen_f_stays_an_age()
    {
        var told = new Told().Says("ann", "asl?").Says("bob", "14/f").Says("ann", "asl").Says("bob", "f14").Says("ann", "asl?").Says("bob", "14f here");
        told.Indicators.Count(i => i.Code == "age.stated").ShouldBe(3);
        told.Cited(told.Indicators.First(i => i.Code == "age.stated")).ShouldBe("14/f");
    }

    [Theory]
    [InlineData("ill give you $50", "50", "USD", false)]
    [InlineData("i give you 5.000 €", "5000", "EUR", true)]
    [InlineData("i give you 1.000,50 euro", "1000.50", "EUR", false)]
    [InlineData("give you 300 pesos", "300", "PHP", false)]
    [InlineData("give you usd 20", "20", "USD", false)]
    public void An_amount_keeps_its_decimals_and_its_currency(string text, string amount, string currency, bool ambiguous)
    {
        var offer = new Told().Says("ann", text).Indicators.Single();
        offer.Attributes.ShouldContain(new IndicatorAttribute("amount", amount, true));
        offer.Attributes.ShouldContain(new IndicatorAttribute("currency", currency, false));
        offer.Attributes.Any(a => a.Name == "ambiguous").ShouldBe(ambiguous);
    }

    [Fact]
    public void A_channel_named_elsewhere_in_the_message_belongs_to_the_offer() =>
        new Told().Says("ann", "ill give you $50 on paypal").Indicators.Single().Attributes.ShouldContain(new IndicatorAttribute("channel", "paypal", false));

    [Fact]
    public void The_same_words_count_once_in_a_family() => Codes("can you switch on turn on your cam").Count.ShouldBe(1);

    [Fact]
    public void A_message_of_thousands_of_terms_has_256_indicators_and_the_rest_are_counted()
    {
        var told = new Told().Says("ann", string.Concat(Enumerable.Repeat("dont tell anyone. ", 5_000)));
        told.Indicators.Count().ShouldBe(256);
        told.Tracker.Cut.ShouldBe(4_744);
    }

    [Fact]
    public void What_kind_of_is_not_Dutch()
    {
        var told = new Told().Says("ann", "wat voor kind");
        told.Indicators.ShouldBeEmpty();
        new Told().Says("ann", "what a kind and gentle day").Indicators.Select(i => i.Code).ShouldBe(["secrecy"]);
        new Told().Says("ann", "the what and all").Says("ann", "kind").Indicators.Select(i => i.Code).ShouldBe(["secrecy"]);
    }

    [Fact]
    public void An_address_holds_no_word() => Codes("can you show https://example.org/cam and your things").ShouldBeEmpty();
}
