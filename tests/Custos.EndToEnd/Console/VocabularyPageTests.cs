using Custos.Detection;
using Custos.Server.Workspaces;
using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

/// <summary>The page "Words and rules" in Debian's Chromium, over a real data folder: change, lint, shadow, publish.</summary>
public class VocabularyPageTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_sees_what_is_in_force_and_adds_a_term_that_counts_for_nobody_yet()
    {
        await using var browser = await Browser.StartAsync();
        await using var made = await RecordedFolder.MakeAsync();
        await using var web = await Serving.StartAsync(made.Client());
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Words and rules" }).ClickAsync();
        var inForce = page.GetByRole(AriaRole.Region, new() { Name = "In force", Exact = true });
        await Assertions.Expect(inForce).ToContainTextAsync(PackShelf.Shipped.Hash);
        await Assertions.Expect(inForce).ToContainTextAsync("it came with the program");
        await Assertions.Expect(inForce).ToContainTextAsync("nl:");

        await FindAsync(page, "cam-own", "nl");
        var list = page.GetByRole(AriaRole.Article, new() { Name = "{cam-own}" });
        await list.GetByLabel("New term for the list").FillAsync("heb je een lookie");
        await list.GetByLabel("New term for the list").PressAsync("Enter");
        await GiveAsync(page, "seen at night", "A. Analyst");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Written into the changed pack");
        var changed = page.GetByRole(AriaRole.Region, new() { Name = "Changed, and not in force" });
        await Assertions.Expect(changed.GetByRole(AriaRole.Row)).ToContainTextAsync(["What", "heb je een lookie"]);
        await Assertions.Expect(changed).ToContainTextAsync("seen at night");
        await Assertions.Expect(changed).ToContainTextAsync("A. Analyst");
        await Assertions.Expect(list).ToContainTextAsync("heb je een lookie");

        // It stands in a folder of its own; what is looked for is what it was.
        var shelf = new PackShelf(made.Folder);
        Pack.Load(shelf.Candidate).Languages.Single(l => l.Language == "nl").Lists["cam-own"].Terms.ShouldContain("heb je een lookie");
        shelf.InForce().Hash.ShouldBe(PackShelf.Shipped.Hash);
        visit.Hosts.ShouldBe([web.Address.Authority]);
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_lint_refuses_is_said_by_file_line_and_what_to_write_and_nothing_is_written()
    {
        await using var browser = await Browser.StartAsync();
        await using var made = await RecordedFolder.MakeAsync();
        await using var web = await Serving.StartAsync(made.Client());
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("words");
        await FindAsync(page, "cam-own", "nl");
        var list = page.GetByRole(AriaRole.Article, new() { Name = "{cam-own}" });
        await list.GetByLabel("New term for the list").FillAsync("{no-such-list} cam");
        await list.GetByLabel("New term for the list").PressAsync("Enter");
        await GiveAsync(page, "a mistake", "A. Analyst");
        var refusal = page.GetByRole(AriaRole.Alert);
        await Assertions.Expect(refusal).ToContainTextAsync("nothing was written");
        await Assertions.Expect(refusal).ToContainTextAsync("local/nl-001.yaml:5:13");
        await Assertions.Expect(refusal).ToContainTextAsync("There is no list 'no-such-list' in the pack 'nl'; add it under 'lists'.");
        Directory.Exists(new PackShelf(made.Folder).Candidate).ShouldBeFalse();
    }

    static async Task FindAsync(IPage page, string words, string language)
    {
        await page.GetByLabel("Word, list, rule or code").FillAsync(words);
        await page.GetByRole(AriaRole.Region, new() { Name = "Find a list or a rule" }).Locator("#find-language").SelectOptionAsync(language);
        await page.GetByRole(AriaRole.Button, new() { Name = "Find", Exact = true }).ClickAsync();
    }

    static async Task GiveAsync(IPage page, string reason, string name, string action = "Write the change")
    {
        await page.GetByLabel("Reason", new() { Exact = true }).FillAsync(reason);
        await page.GetByRole(AriaRole.Dialog).Locator("#name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = action }).ClickAsync();
    }
}
