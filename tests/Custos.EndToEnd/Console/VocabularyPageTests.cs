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

    [Fact]
    public async Task A_change_is_tried_in_shadow_and_counts_once_two_persons_have_published_it()
    {
        await using var browser = await Browser.StartAsync();
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        var alerts = (await client.QueueAsync(new(), 0, 1, Cancel)).Total;
        alerts.ShouldBeGreaterThan(0);
        var shelf = new PackShelf(made.Folder);
        await using var web = await Serving.StartAsync(client);
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("words");

        // Every rule that had a part in an alert is switched off: one on the page, the others at once.
        var all = await RulesOfAlertsAsync(made);
        await FindAsync(page, all[0], "");
        await Assertions.Expect(page.Locator("article.rule").First).ToContainTextAsync("of them were dismissed");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Switch off {all[0]}", Exact = true }).ClickAsync();
        await GiveAsync(page, "heard at the youth club", "A. Analyst");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Written into the changed pack");
        foreach (var language in all.Skip(1).GroupBy(rule => rule[..2]))
            (await client.Packs.ChangeAsync(new(language.Key, [], [], [], [.. language], "the same", "A. Analyst"), Cancel)).Problems.ShouldBeEmpty();
        await visit.GoAsync("words");
        var changed = page.GetByRole(AriaRole.Region, new() { Name = "Changed, and not in force" });
        await changed.GetByRole(AriaRole.Button, new() { Name = "Try it in shadow" }).ClickAsync();
        await Assertions.Expect(changed).ToContainTextAsync("Alerts with the change");
        var report = client.Packs.Trial!.Report!;
        report.Lost.ShouldNotBeEmpty();
        await Assertions.Expect(changed).ToContainTextAsync($"{report.Gained.Count} gained, {report.Lost.Count} lost");
        await Assertions.Expect(changed).ToContainTextAsync("not reached");
        await Assertions.Expect(changed.GetByRole(AriaRole.Rowheader, new() { Name = all[0], Exact = true })).ToBeVisibleAsync();
        (await client.QueueAsync(new(), 0, 1, Cancel)).Total.ShouldBe(alerts, "a trial reaches no queue");
        shelf.InForce().Hash.ShouldBe(PackShelf.Shipped.Hash);

        // One person is not enough.
        await changed.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        await GiveAsync(page, "too many at the youth club", "analyst", "Publish and record");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("two different persons");
        shelf.Published().ShouldBeEmpty();

        await changed.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        await GiveAsync(page, "too many at the youth club", "supervisor-2", "Publish and record");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Published and recorded");
        var published = shelf.Published().ShouldHaveSingleItem();
        var inForce = page.GetByRole(AriaRole.Region, new() { Name = "In force", Exact = true });
        await Assertions.Expect(inForce).ToContainTextAsync(published.Decision.Hash);
        await Assertions.Expect(inForce).ToContainTextAsync("published by analyst with supervisor-2");
        await Assertions.Expect(inForce).ToContainTextAsync($"unit/{published.Exhibit}");
        await Assertions.Expect(inForce).ToContainTextAsync("too many at the youth club");
        await Assertions.Expect(inForce).ToContainTextAsync($"lost: {report.Lost.Count}");
        await Assertions.Expect(changed).ToContainTextAsync("There is no change");

        // What is looked for now finds what the trial said; the pack that was in force is kept.
        await made.SettleAsync();
        (await client.QueueAsync(new(), 0, 1, Cancel)).Total.ShouldBe(alerts + report.Gained.Count - report.Lost.Count);
        Pack.Load(shelf.Kept(PackShelf.Shipped.Hash)).Hash.ShouldBe(PackShelf.Shipped.Hash);
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_strength_and_a_sign_are_changed_and_taken_back_with_the_keyboard()
    {
        await using var browser = await Browser.StartAsync();
        await using var made = await RecordedFolder.MakeAsync();
        await using var web = await Serving.StartAsync(made.Client());
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("words");
        await FindAsync(page, "nl.camera.own.child", "nl");
        var rule = page.GetByRole(AriaRole.Article, new() { Name = "nl.camera.own.child" });
        await Assertions.Expect(rule).ToContainTextAsync("A term of {cam-own}.");
        await rule.GetByLabel("Strength").SelectOptionAsync("Strong");
        await PressAsync(rule.GetByRole(AriaRole.Button, new() { Name = "Change the strength" }));
        await page.GetByLabel("Reason", new() { Exact = true }).FillAsync("rare and telling here");
        await page.Keyboard.PressAsync("Enter");
        var changed = page.GetByRole(AriaRole.Region, new() { Name = "Changed, and not in force" });
        await Assertions.Expect(changed.GetByRole(AriaRole.Row)).ToContainTextAsync(["What", "rare and telling here"]);
        await Assertions.Expect(changed).ToContainTextAsync("analyst", new() { IgnoreCase = false });
        await Assertions.Expect(rule).ToContainTextAsync("take that back above");

        await page.GetByLabel("Words", new() { Exact = true }).FillAsync("onze-club");
        await page.Locator("#sign-language").SelectOptionAsync("nl");
        await page.Locator("#sign-context").SelectOptionAsync("sport");
        await page.GetByLabel("Words", new() { Exact = true }).PressAsync("Enter");
        await page.GetByLabel("Reason", new() { Exact = true }).FillAsync("our sports club");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(changed.GetByRole(AriaRole.Row)).ToContainTextAsync(["What", "rare and telling here", "onze-club"]);
        var shelf = new PackShelf(made.Folder);
        var pack = Pack.Load(shelf.Candidate);
        pack.Rules.Single(r => r.Id == "nl.camera.own.child").Strength.ShouldBe(RuleStrength.Strong);
        pack.Languages.Single(l => l.Language == "nl").Contexts["sport"].ShouldContain("onze-club");

        await PressAsync(changed.GetByRole(AriaRole.Button, new() { Name = "Take back: nl.camera.own.child strong" }));
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Taken back");
        await PressAsync(changed.GetByRole(AriaRole.Button, new() { Name = "Take back: sport onze-club" }));
        await Assertions.Expect(changed).ToContainTextAsync("None of your own is left");
        Pack.HashOf(shelf.Candidate).ShouldBe(PackShelf.Shipped.Hash);
        await Assertions.Expect(changed.GetByRole(AriaRole.Button, new() { Name = "Publish" })).ToBeDisabledAsync();
    }

    [Fact]
    public async Task A_trial_says_how_far_it_is_and_is_stopped_on_the_page()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("words");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it in shadow" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar, new() { Name = "Reading lantern with both packs" })).ToHaveAttributeAsync("value", "400000");
        await Assertions.Expect(page.GetByText("400,000 of 1,000,000 exhibits")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Publish" })).ToBeDisabledAsync();
        var barriers = new List<string>();
        await AccessibilityTests.LookAsync(page, "a trial under way", barriers);
        barriers.ShouldBeEmpty();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the trial" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("nothing was compared");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try it in shadow" })).ToBeVisibleAsync();
    }

    internal static async Task<IReadOnlyList<string>> RulesOfAlertsAsync(RecordedFolder made) =>
        [.. (await made.Desk.AlertsAsync(RecordedFolder.Operation, Cancel)).SelectMany(alert => alert.Finding.Indicators).Select(i => i.Rule).Where(rule => !rule.StartsWith("derived/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];

    // A key is given to a button whether or not it takes one yet: what was chosen before must have arrived.
    static async Task PressAsync(ILocator button)
    {
        await Assertions.Expect(button).ToBeEnabledAsync();
        await button.PressAsync("Enter");
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
