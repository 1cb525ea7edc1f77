using System.Text.RegularExpressions;
using System.Xml.Linq;
using Custos.Fixtures;
using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

/// <summary>English stands in the pages; every other language is whole, or the build of its words is not finished.</summary>
public partial class WordsTests
{
    static readonly string Pages = Path.Combine(Checkout.Root, "src/Custos.Console");

    [Fact]
    public void Every_sentence_of_the_pages_is_there_in_Dutch()
    {
        var dutch = Dutch();
        var missing = Directory.EnumerateFiles(Pages, "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".razor" or ".cs")
            .SelectMany(file => Asked().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Where(sentence => !dutch.ContainsKey(sentence)).Distinct().ToList();
        missing.ShouldBeEmpty();
    }

    [Fact]
    public void A_translation_has_the_places_of_its_original()
    {
        foreach (var (english, dutch) in Dutch())
            Places().Matches(dutch).Select(m => m.Value).Order().ShouldBe(Places().Matches(english).Select(m => m.Value).Order(), $"in: {english}");
    }

    [Fact]
    public async Task A_Dutch_browser_reads_Dutch()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web, locale: "nl-NL");
        await visit.Page.GotoAsync(web.NewSignInLink().AbsoluteUri);
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Wachtrij", Exact = true }).WaitForAsync();
        (await visit.Page.Locator("html").GetAttributeAsync("lang")).ShouldBe("nl");
    }

    static Dictionary<string, string> Dutch() => XDocument.Load(Path.Combine(Pages, "Words.nl.resx")).Root!.Elements("data")
        .ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    [GeneratedRegex(@"\b(?:L|words)\[""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Asked();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Places();
}
