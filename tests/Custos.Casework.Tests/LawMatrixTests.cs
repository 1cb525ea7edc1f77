using System.Text;
using Custos.Detection;
using Custos.Fixtures;

namespace Custos.Casework.Tests;

public class LawMatrixTests
{
    static readonly ConductFacts Facts = new(new HashSet<string> { "sexual-communication", "solicitation-with-payment", "minor-or-believed-minor" }, 14, true, new DateOnly(2026, 3, 1));

    [Fact]
    public void The_matrix_holds_180_provisions_of_31_jurisdictions_with_their_honesty_labels()
    {
        LawMatrix.BuiltIn.Entries.Count.ShouldBe(180);
        LawMatrix.BuiltIn.Entries.Select(entry => entry.Jurisdiction).Distinct().Count().ShouldBe(31);
        LawMatrix.BuiltIn.Entries.Count(entry => entry.Label == LawLabel.TextRead).ShouldBe(136);
        LawMatrix.BuiltIn.Entries.Count(entry => entry.Label == LawLabel.NotVerified).ShouldBe(44);
        LawMatrix.BuiltIn.Entries.ShouldNotContain(entry => entry.Label == LawLabel.ConfirmedByCounsel);
    }

    [Fact]
    public void The_matrix_in_the_program_is_the_reference_data()
    {
        Assert.SkipWhen(Checkout.TestData is null, Checkout.NoTestData);
        File.ReadAllBytes(Path.Combine(Checkout.Root, "src", "Custos.Casework", "Law", "law.json")).ShouldBe(File.ReadAllBytes(Path.Combine(Checkout.TestData, "law", "law.json")));
    }

    [Fact]
    public void A_null_in_the_law_is_shown_as_unknown_and_never_counts_as_enough()
    {
        foreach (var entry in LawMatrix.BuiltIn.Entries.Where(entry => entry.BeliefSuffices is null))
        {
            foreach (var match in LawMatrix.BuiltIn.Match([entry.Jurisdiction], Facts).Where(match => match.Entry == entry))
                match.Comparisons.ShouldContain("whether belief is enough is unknown, which counts as not enough");
        }

        Match("DE", Facts).ShouldNotBeEmpty();
    }

    [Fact]
    public void A_persona_of_15_does_not_meet_a_text_that_protects_under_14()
    {
        var under14 = LawMatrix.BuiltIn.Entries.First(entry => entry.AgeThreshold == 14 && entry.Elements.Any(Facts.Elements.Contains) && entry.Elements.Contains("sexual-communication"));
        Sentence(under14, Facts with { StatedAge = 15 }).ShouldContain("age stated 15; protects under 14: not met");
        Sentence(under14, Facts with { StatedAge = 13 }).ShouldContain("age stated 13; protects under 14: met");
        Sentence(under14, Facts with { StatedAge = null }).ShouldContain("no age was stated; protects under 14");
    }

    [Fact]
    public void A_provision_without_a_date_is_not_counted_as_in_force_and_one_that_came_later_says_so()
    {
        Match("NL", Facts with { On = new DateOnly(2020, 1, 1) }).SelectMany(match => match.Comparisons).ShouldContain("in force since 2024-07-01, after the conduct");
        var undated = LawMatrix.BuiltIn.Entries.First(entry => entry.InForceFrom is null && entry.Elements.Contains("sexual-communication"));
        Sentence(undated, Facts).ShouldContain("date unknown, so not counted as in force");
    }

    [Fact]
    public void A_repealed_text_meets_conduct_of_its_own_time_once_counsel_says_until_when()
    {
        var repealed = LawMatrix.BuiltIn.Entries.First(entry => entry.Superseded && entry.InForceFrom == new DateOnly(2019, 3, 1));
        var facts = Facts with { Elements = repealed.Elements.ToHashSet(), On = new DateOnly(2020, 1, 1) };
        Sentence(repealed, facts).ShouldContain("until when it was in force is not given");
        var matrix = With($$"""[{"jurisdiction":"{{repealed.Jurisdiction}}","instrument":"{{repealed.Instrument}}","provision":"{{repealed.Provision}}","confirmed_by":"c","confirmed_on":"2026-10-01","in_force_to":"2024-06-30"}]""");
        string Said(DateOnly on) => string.Join("; ", matrix.Match([repealed.Jurisdiction], facts with { On = on }).Single(match => match.Entry.Provision == repealed.Provision).Comparisons);
        Said(new(2020, 1, 1)).ShouldContain("in force since 2019-03-01");
        Said(new(2026, 3, 1)).ShouldContain("in force 2019-03-01 to 2024-06-30, before the conduct");
    }

    [Fact]
    public void A_condition_alone_makes_no_match() =>
        LawMatrix.BuiltIn.Match(LawMatrix.BuiltIn.Entries.Select(entry => entry.Jurisdiction), Facts with { Elements = new HashSet<string> { "minor-or-believed-minor", "child-age-threshold" } }).ShouldBeEmpty();

    [Fact]
    public void A_text_that_was_not_read_cannot_be_cited()
    {
        var entry = LawMatrix.BuiltIn.Entries.First(entry => entry.Label == LawLabel.NotVerified && entry.Elements.Contains("enticement"));
        LawMatrix.BuiltIn.Match([entry.Jurisdiction], Facts with { Elements = new HashSet<string> { "enticement" } }).Single(match => match.Entry == entry)
            .Comparisons.ShouldContain("not verified: it cannot be cited until counsel confirms it");
        entry.LabelInWords.ShouldBe("not verified");
    }

    [Fact]
    public void Counsel_confirms_in_an_overlay_and_the_label_says_who_and_when()
    {
        var entry = LawMatrix.BuiltIn.Entries.First(entry => entry.Jurisdiction == "NL" && entry.BeliefSuffices == true);
        var matrix = With($$"""[{"jurisdiction":"NL","instrument":"{{entry.Instrument}}","provision":"{{entry.Provision}}","confirmed_by":"counsel-1","confirmed_on":"2026-10-01","persona_by":"police","in_force_to":"2030-01-01"}]""");
        var confirmed = matrix.Entries.Single(other => other.Label == LawLabel.ConfirmedByCounsel);
        confirmed.LabelInWords.ShouldBe("confirmed by counsel (counsel-1, 2026-10-01)");
        matrix.Match(["NL"], Facts with { Elements = confirmed.Elements.ToHashSet() }).Single(match => match.Entry == confirmed).Comparisons
            .ShouldContain("belief is enough, but only an officer's persona counts (counsel)");
    }

    [Theory]
    [InlineData("""[{"jurisdiction":"NL","instrument":"x","provision":"y","confirmed_by":"c","confirmed_on":"2026-10-01"}]""", "does not hold")]
    [InlineData("""[{"jurisdiction":"NL"}]""", "Entry 1")]
    [InlineData("""[{"jurisdiction":"NL","instrument":"x","provision":"y","confirmed_by":"c","confirmed_on":"soon"}]""", "Entry 1")]
    [InlineData("""[{"jurisdiction":"NL","instrument":"x","provision":"y","confirmed_by":"c","confirmed_on":"2026-10-01","persona_by":"all"}]""", "persona_by")]
    [InlineData("{}", "not a list")]
    [InlineData("nonsense", "not JSON")]
    public void An_overlay_that_cannot_be_meant_is_refused(string overlay, string problem) =>
        Should.Throw<FormatException>(() => With(overlay)).Message.ShouldContain(problem);

    [Fact]
    public void Every_indicator_touches_only_known_elements() =>
        IndicatorCatalogue.All.SelectMany(definition => LawMatrix.ElementsOf(definition.Code)).ShouldBeSubsetOf(LawMatrix.Elements);

    static IReadOnlyList<LawMatch> Match(string jurisdiction, ConductFacts facts) => LawMatrix.BuiltIn.Match([jurisdiction], facts);

    static string Sentence(LawEntry entry, ConductFacts facts) => string.Join("; ", Match(entry.Jurisdiction, facts).Single(match => match.Entry == entry).Comparisons);

    static LawMatrix With(string overlay)
    {
        using var law = File.OpenRead(Path.Combine(Checkout.Root, "src", "Custos.Casework", "Law", "law.json"));
        using var added = new MemoryStream(Encoding.UTF8.GetBytes(overlay));
        return LawMatrix.Load(law, added);
    }
}
