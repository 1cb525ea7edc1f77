namespace Custos.Identity.Tests;

public class CountryTests
{
    [Theory]
    [InlineData("i live in the Netherlands", "NL", CountryRole.Residence)]
    [InlineData("im from germany", "DE", CountryRole.Origin)]
    [InlineData("ik woon in België", "BE", CountryRole.Residence)]
    [InlineData("ich komme aus der Türkei", "TR", CountryRole.Origin)]
    [InlineData("j'habite en Suisse", "CH", CountryRole.Residence)]
    [InlineData("soy de México", "MX", CountryRole.Origin)]
    public void A_country_the_account_names_for_itself_is_claimed(string text, string code, CountryRole role)
    {
        var view = View(new Scene().Says(text));
        view.Claimed.Select(claim => (claim.Country, claim.Role)).ShouldBe([(code, role)]);
        view.Inferred.ShouldBeEmpty();
    }

    [Fact]
    public void A_bare_country_answers_the_question_before_it()
    {
        var claim = View(new Scene().PersonaSays("where are you from").Says("poland")).Claimed.Single();
        claim.Country.ShouldBe("PL");
        claim.AskedIn.ShouldNotBeNull().Exhibit.LeafIndex.ShouldBe(100);
    }

    [Theory]
    [InlineData("i like poland")]
    [InlineData("georgia is my sister")]
    [InlineData("i'm not from germany")]
    [InlineData("are you from france?")]
    [InlineData("> i live in france")]
    [InlineData("i am in love")]
    public void A_country_merely_named_is_not_claimed(string text) => View(new Scene().Says(text)).Unknown.ShouldBeTrue();

    [Fact]
    public void A_checked_number_in_international_form_infers_a_country_of_registration()
    {
        var view = View(new Scene().Says("+48 512 345 678"));
        var inference = view.Inferred.Single();
        inference.Country.ShouldBe("PL");
        inference.Role.ShouldBe(CountryRole.Registration);
        inference.Class.ShouldBe(InferenceClass.Medium);
        view.Claimed.ShouldBeEmpty();
    }

    [Fact]
    public void Claimed_and_inferred_countries_are_never_added_together_and_a_conflict_is_named()
    {
        var view = View(new Scene().Says("i live in the netherlands").Says("+48 512 345 678"));
        view.Claimed.Select(claim => claim.Country).ShouldBe(["NL"]);
        view.Inferred.Select(inference => inference.Country).ShouldBe(["PL"]);
        view.Conflicts.Single().Sentence.ShouldBe("It named Netherlands; its telephone number belongs to Poland.");
    }

    [Fact]
    public void A_number_read_with_a_hint_infers_no_country() =>
        View(new Scene { Region = "NL" }.Says("my number is 06 12345678")).Unknown.ShouldBeTrue();

    [Fact]
    public void Two_countries_of_residence_are_a_conflict() =>
        View(new Scene().Says("i live in france").Says("i live in spain")).Conflicts.Count.ShouldBe(1);

    [Fact]
    public void A_venues_country_is_never_a_persons() => View(new Scene { Region = "NL" }.Says("hello there")).Unknown.ShouldBeTrue();

    [Fact]
    public void Every_country_has_a_code_of_two_letters_and_a_name()
    {
        SelectorData.BuiltIn.CountryName("NL").ShouldBe("Netherlands");
        SelectorData.BuiltIn.CountryName("ZZ").ShouldBe("ZZ");
    }

    static CountryView View(Scene scene) => CountryReader.View([scene.Read()], SelectorData.BuiltIn);
}
