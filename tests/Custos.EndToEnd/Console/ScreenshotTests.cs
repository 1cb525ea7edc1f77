using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

public class ScreenshotTests
{
    [Fact]
    public async Task Pictures()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CUSTOS_SCREENSHOTS") is null, "CUSTOS_SCREENSHOTS names no folder");
        var folder = Environment.GetEnvironmentVariable("CUSTOS_SCREENSHOTS")!;
        await using var browser = await Browser.StartAsync();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var web = await Serving.StartAsync(new InventedClient(), System.Console.Error);
            await using var visit = await browser.VisitAsync(web, scheme);
            var page = visit.Page;
            var n = 0;
            async Task Shot(string name) => await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{scheme}-{n++:D2}-{name}.png".ToLowerInvariant()) });
            await visit.SignInAsync();
            await page.Locator("[data-row]").First.WaitForAsync();
            await page.Keyboard.PressAsync("j");
            await page.Keyboard.PressAsync("j");
            await Shot("queue");
            await page.Keyboard.PressAsync("?");
            await page.GetByText("Single keys are on").WaitForAsync();
            await Shot("help");
            await page.Keyboard.PressAsync("Escape");
            await visit.GoAsync("operations/lantern/alerts/a-1");
            await page.GetByText("What was said").First.WaitForAsync();
            await Shot("conversation-collapsed");
            await page.Keyboard.PressAsync("o");
            await page.GetByLabel("Reason", new() { Exact = true }).WaitForAsync();
            await Shot("reason");
            await visit.GiveReasonAsync();
            await page.Locator("mark").First.WaitForAsync();
            await Shot("conversation-open");
            foreach (var (path, name, wait) in new[] { ("subjects", "subjects", "Subjects"), ("operations/lantern/subjects/p-1", "subject", "Why together"), ("operations/lantern/exhibits/EX-00000106", "exhibit", "Custody"),
                ("logs", "logs", "Log health"), ("logs/lantern", "health", "Checkpoint"), ("operations", "operations", "Operations"), ("venues", "venues", "Venues"), ("search", "search-empty", "Nothing was asked"), ("nowhere/at/all", "not-found", "No such page") })
            {
                await visit.GoAsync(path);
                await page.GetByRole(AriaRole.Heading, new() { Name = wait }).First.WaitForAsync();
                await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
                await Shot(name);
            }
            foreach (var complaint in visit.Complaints)
                System.Console.Error.WriteLine(complaint);
            System.Console.Error.WriteLine(string.Join(" ", visit.Hosts));
        }

        await using var empty = await Serving.StartAsync(new InventedClient { Alerts = 0 });
        await using var first = await browser.VisitAsync(empty);
        await first.SignInAsync();
        await first.Page.GetByText("No operation yet").WaitForAsync();
        await first.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, "empty.png") });
        await first.GoAsync("sign-in/wrong");
        await first.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, "door.png") });
    }
}
