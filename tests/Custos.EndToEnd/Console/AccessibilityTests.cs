using System.Text.Json;
using Custos.Detection;
using Custos.Fixtures;
using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

/// <summary>axe-core over every page, light and dark: WCAG 2.2, levels A and AA.</summary>
public class AccessibilityTests
{
    static readonly string Axe = Path.Combine(Checkout.Root, "tests/Custos.EndToEnd/Console/Vendored/axe.min.js");

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_has_a_barrier_that_axe_finds(ColorScheme scheme)
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web, scheme);
        var page = visit.Page;
        await visit.SignInAsync();
        await page.Locator("[data-row]").First.WaitForAsync();
        var barriers = new List<string>();
        await LookAsync(page, "queue", barriers);
        await page.Keyboard.PressAsync("?");
        await page.GetByText("Single keys are on").WaitForAsync();
        await LookAsync(page, "help", barriers);
        await page.Keyboard.PressAsync("Escape");

        await visit.GoAsync("operations/lantern/alerts/a-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" }).WaitForAsync();
        await LookAsync(page, "conversation, collapsed", barriers);
        await page.Keyboard.PressAsync("o");
        await page.GetByLabel("Reason", new() { Exact = true }).WaitForAsync();
        await LookAsync(page, "reason", barriers);
        await visit.GiveReasonAsync();
        await page.Locator("mark").First.WaitForAsync();
        await LookAsync(page, "conversation, revealed", barriers);

        foreach (var path in new[] { "subjects", "operations/lantern/subjects/p-1", "operations/lantern/exhibits/EX-00000106", "logs", "logs/lantern", "operations", "venues", "search", "signed-out" })
        {
            await visit.GoAsync(path);
            await page.Locator("main h1").First.WaitForAsync();
            await LookAsync(page, path, barriers);
        }

        barriers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Words_and_rules_has_no_barrier_that_axe_finds(ColorScheme scheme)
    {
        await using var browser = await Browser.StartAsync();
        await using var made = await RecordedFolder.MakeAsync();
        var client = made.Client();
        (await client.Packs.ChangeAsync(new("nl", [new("cam-own", "heb je een lookie")], [], [new("nl.camera.own.child", RuleStrength.Weak)], [], "seen at night", "A. Analyst"), TestContext.Current.CancellationToken)).Problems.ShouldBeEmpty();
        await using var web = await Serving.StartAsync(client);
        await using var visit = await browser.VisitAsync(web, scheme);
        var page = visit.Page;
        await visit.SignInAsync();
        var barriers = new List<string>();
        await visit.GoAsync("words");
        await page.GetByLabel("Word, list, rule or code").FillAsync("camera.request");
        await page.GetByLabel("Word, list, rule or code").PressAsync("Enter");
        await page.Locator("article.rule details summary").First.ClickAsync();
        await LookAsync(page, "words and rules", barriers);

        await page.GetByRole(AriaRole.Button, new() { Name = "Switch off" }).First.ClickAsync();
        await page.GetByLabel("Reason", new() { Exact = true }).WaitForAsync();
        await LookAsync(page, "reason and name", barriers);
        await page.Keyboard.PressAsync("Escape");

        await page.GetByRole(AriaRole.Button, new() { Name = "Try it in shadow" }).ClickAsync();
        await page.GetByText("Alerts with the change").WaitForAsync();
        await LookAsync(page, "after a trial", barriers);
        barriers.ShouldBeEmpty();
    }

    internal static async Task LookAsync(IPage page, string name, List<string> barriers)
    {
        // Evaluated by the debugger, not inserted into the page: the page's own policy would refuse it.
        if (!await page.EvaluateAsync<bool>("() => typeof axe === 'object'"))
            await page.EvaluateAsync(await File.ReadAllTextAsync(Axe, TestContext.Current.CancellationToken) + "\n;undefined");
        var found = await page.EvaluateAsync<JsonElement>(
            "async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations.map(v => v.id + ' (' + v.impact + '): ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | '))");
        barriers.AddRange(found.EnumerateArray().Select(v => $"{name}: {v.GetString()}"));
    }
}
