using Custos.Console.Client;
using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

/// <summary>The whole way in the browser over a real data folder: import, detection, index, pages, log.</summary>
public class ConsoleOverDataTests
{
    [Fact]
    public async Task From_the_queue_to_the_words_to_the_exhibit_every_step_is_in_the_log()
    {
        await using var browser = await Browser.StartAsync();
        await using var made = await RecordedFolder.MakeAsync();
        await using var web = await Serving.StartAsync(made.Client());
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await page.Locator("[data-row]").First.WaitForAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" }).WaitForAsync();
        await page.Keyboard.PressAsync("o");
        await visit.GiveReasonAsync();
        await page.Locator("mark").First.WaitForAsync();

        // Every highlighted stretch is as long as what the index cites.
        var alert = (await RecordedFolder.FirstAsync(made.Client())).Address;
        var review = (await made.Client().ConversationAsync(alert, TestContext.Current.CancellationToken))!;
        var marked = 0;
        foreach (var length in await page.Locator("mark").AllInnerTextsAsync())
            marked += length.EnumerateRunes().Count();
        marked.ShouldBe(review.Lines.Sum(Covered));

        await page.Locator(".spoken.found .cite").First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Custody" }).WaitForAsync();
        await Assertions.Expect(page.Locator("table.custody tbody")).ToContainTextAsync("Triage of the queue");
        await visit.GoAsync("logs/lantern");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify now" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "The log holds" }).WaitForAsync();
        visit.Hosts.ShouldBe([web.Address.Authority]);
        visit.Complaints.ShouldBeEmpty();
    }

    static int Covered(TranscriptLine line) => line.Spans.SelectMany(span => Enumerable.Range(span.Start, span.Length)).Distinct().Count();
}
