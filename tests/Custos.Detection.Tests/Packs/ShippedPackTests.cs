using Custos.Fixtures;

namespace Custos.Detection.Tests;

public class ShippedPackTests
{
    static readonly string Packs = Path.Combine(Checkout.Root, "packs");

    [Fact]
    public void Every_example_fires_and_no_counter_example_does()
    {
        var problems = PackLint.Check(Packs);
        string.Join("\n", problems).ShouldBe("");
    }

    [Fact]
    public void Every_language_has_rules_for_every_code_that_is_said()
    {
        var pack = Pack.Load(Packs);
        pack.Languages.Select(l => l.Language).Order(StringComparer.Ordinal).ShouldBe(["de", "en", "es", "fr", "nl", "tl"]);
        var said = IndicatorCatalogue.All.Where(d => !d.IsDerived).Select(d => d.Code).ToList();
        List<string> missing = [.. from language in pack.Languages from code in said where !language.Rules.Any(r => r.Code == code) select $"{language.Language}: {code}"];
        missing.ShouldBeEmpty();
    }
}
