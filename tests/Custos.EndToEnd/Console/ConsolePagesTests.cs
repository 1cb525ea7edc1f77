using System.Net;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

/// <summary>Every page in Debian's Chromium, over an invented client that notes what was opened.</summary>
public class ConsolePagesTests
{
    static readonly string[] Pages =
    [
        "", "subjects", "operations/lantern/subjects/p-1", "operations/lantern/alerts/a-1", "operations/lantern/exhibits/EX-00000106", "logs", "logs/lantern", "operations", "venues", "search",
    ];

    [Fact]
    public async Task A_sign_in_link_works_once_and_the_pages_are_closed_without_it()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        var link = web.NewSignInLink();
        await using (var stranger = await browser.VisitAsync(web))
        {
            await stranger.GoAsync("");
            await stranger.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        }

        await using var first = await browser.VisitAsync(web);
        await first.Page.GotoAsync(link.AbsoluteUri);
        await first.Page.GetByRole(AriaRole.Heading, new() { Name = "Queue", Exact = true }).WaitForAsync();

        await using var second = await browser.VisitAsync(web);
        var answer = await second.Page.GotoAsync(link.AbsoluteUri);
        answer!.Status.ShouldBe((int)HttpStatusCode.Forbidden);
        await second.GoAsync("subjects");
        await second.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
    }

    [Fact]
    public async Task The_queue_shows_the_most_urgent_first_with_reasons_and_what_speaks_for_the_account()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web);
        await visit.SignInAsync();
        var rows = visit.Page.Locator(".alert-row:not(.waiting)");
        await rows.First.WaitForAsync();
        (await rows.First.GetByRole(AriaRole.List, new() { Name = "Why it is here" }).InnerTextAsync()).ShouldContain("A meeting within 14 days");
        (await rows.First.GetByRole(AriaRole.List, new() { Name = "What speaks for the account" }).InnerTextAsync()).ShouldContain("Left when the age was stated");
        (await rows.First.GetAttributeAsync("aria-posinset")).ShouldBe("1");
        (await rows.CountAsync()).ShouldBeLessThan(60, "only what is in view is in the page");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "A child within reach" }).ClickAsync();
        await Assertions.Expect(rows.First).ToHaveAttributeAsync("aria-posinset", "4");
        await Assertions.Expect(rows.First).ToHaveAttributeAsync("aria-setsize", "21");
    }

    [Fact]
    public async Task The_keyboard_alone_leads_from_the_queue_to_the_words_and_their_opening_is_recorded_first()
    {
        await using var browser = await Browser.StartAsync();
        var client = new InventedClient();
        await using var web = await Serving.StartAsync(client);
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await page.Locator("[data-row]").First.WaitForAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "What was said" }).WaitForAsync();
        page.Url.ShouldEndWith("operations/lantern/alerts/a-1");

        (await page.Locator(".words").CountAsync()).ShouldBe(0, "collapsed until revealed");
        (await page.ContentAsync()).ShouldNotContain("turn on your cam");
        client.Custody.ShouldBeEmpty();

        await page.Keyboard.PressAsync("o");
        await Assertions.Expect(page.GetByLabel("Reason", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Triage of the queue");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("mark").First.WaitForAsync();
        client.Custody.ShouldHaveSingleItem().Why.ShouldBe("Triage of the queue");

        (await page.Locator("#line-6 ~ .said mark").InnerTextAsync()).Length.ShouldBe(24);
        (await page.Locator("#line-11 ~ .said .ctl").First.InnerTextAsync()).ShouldBe("U+202E", "a right-to-left override is visible");

        await page.Keyboard.PressAsync("o");
        await Assertions.Expect(page.Locator(".words")).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" })).ToBeVisibleAsync();
        client.Closed.ShouldBe(1);
        await page.Keyboard.PressAsync("u");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Queue", Exact = true }).WaitForAsync();

        // The reason was given; another conversation opens without asking, and is recorded as well.
        await page.Locator("[data-row]").Nth(1).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" }).ClickAsync();
        await page.Locator("mark").First.WaitForAsync();
        client.Custody.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_conversation_of_six_thousand_lines_holds_those_in_view_and_leads_to_any_other()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient { Repeats = 500 });
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("operations/lantern/alerts/a-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" }).ClickAsync();
        await visit.GiveReasonAsync();
        await page.Locator("mark").First.WaitForAsync();
        (await page.Locator(".spoken").CountAsync()).ShouldBeLessThan(300);
        (await page.Locator(".marks li").CountAsync()).ShouldBeLessThan(60);
        await page.Locator("table.conduct tr", new() { HasText = "Camera" }).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.Locator("#line-4806")).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("#line-4806")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task An_alert_is_dismissed_with_a_reason_and_reopened()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient { Alerts = 5 });
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("operations/lantern/alerts/a-1");
        await page.GetByRole(AriaRole.Heading, new() { Name = "What was said" }).WaitForAsync();
        await page.Keyboard.PressAsync("d");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fiction between adults" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dismiss and record" }).ClickAsync();
        await page.GetByText("dismissed: Fiction between adults").WaitForAsync();
        await page.Keyboard.PressAsync("u");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "All 4" })).ToBeVisibleAsync();
        await page.GetByLabel("Show").SelectOptionAsync("Dismissed");
        await Assertions.Expect(page.Locator("[data-row]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_judgement_on_a_proposal_is_recorded_and_taken_back()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("operations/lantern/subjects/p-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "The same person", Exact = true }).ClickAsync();
        await page.GetByLabel("Reason", new() { Exact = true }).FillAsync("same address, weeks apart");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record", Exact = true }).ClickAsync();
        await page.GetByText("accepted as one person").First.WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await page.GetByLabel("Reason", new() { Exact = true }).FillAsync("a shared family address");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record", Exact = true }).ClickAsync();
        await page.GetByText("undecided").First.WaitForAsync();
        (await page.Locator("table.custody tbody tr").CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_exhibit_is_collapsed_until_it_is_opened_and_its_proof_is_downloaded()
    {
        await using var browser = await Browser.StartAsync();
        var client = new InventedClient();
        await using var web = await Serving.StartAsync(client);
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("operations/lantern/exhibits/EX-00000106");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Custody" }).WaitForAsync();
        (await page.ContentAsync()).ShouldNotContain("PRIVMSG");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await visit.GiveReasonAsync();
        await page.GetByText("opening recorded as").WaitForAsync();
        client.Custody.Count.ShouldBe(1);
        await Assertions.Expect(page.Locator("table.custody tbody tr")).ToHaveCountAsync(2);

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Inclusion proof" }).ClickAsync());
        download.SuggestedFilename.ShouldBe("lantern-EX-00000106.tlog-proof");
        (await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken)).ShouldStartWith("c2sp.org/tlog-proof@v1\n");
    }

    [Fact]
    public async Task Log_health_says_what_is_missing_and_verifies_now()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web);
        await visit.SignInAsync();
        await visit.GoAsync("logs/lantern");
        await visit.Page.GetByText("No witness has cosigned").WaitForAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Verify now" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "The log holds" }).WaitForAsync();
    }

    [Fact]
    public async Task Words_that_are_searched_stay_out_of_the_address_and_the_answer_is_collapsed()
    {
        await using var browser = await Browser.StartAsync();
        var client = new InventedClient();
        await using var web = await Serving.StartAsync(client);
        await using var visit = await browser.VisitAsync(web);
        var page = visit.Page;
        await visit.SignInAsync();
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("keep this");
        await page.Keyboard.PressAsync("Enter");
        await visit.GiveReasonAsync();
        await page.GetByText("recorded as").WaitForAsync();
        page.Url.ShouldEndWith("/search");
        client.Custody.ShouldHaveSingleItem();
        (await page.Locator(".words").CountAsync()).ShouldBe(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" }).ClickAsync();
        await Assertions.Expect(page.Locator(".words")).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_asks_anyone_but_this_computer_or_breaks_the_content_security_policy(ColorScheme scheme)
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web, scheme);
        await visit.SignInAsync();
        foreach (var path in Pages)
        {
            await visit.GoAsync(path);
            await visit.Page.Locator("main h1").First.WaitForAsync();
        }

        visit.Hosts.ShouldBe([web.Address.Authority]);
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sign_in_that_is_idle_too_long_ends_and_takes_the_words_off_the_screen()
    {
        await using var browser = await Browser.StartAsync();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        await using var web = await Serving.StartAsync(new InventedClient(), time: clock);
        await using var visit = await browser.VisitAsync(web);
        await visit.SignInAsync();
        await visit.GoAsync("operations/lantern/alerts/a-1");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Reveal the words" }).ClickAsync();
        await visit.GiveReasonAsync();
        await visit.Page.Locator("mark").First.WaitForAsync();
        clock.Advance(TimeSpan.FromMinutes(31));
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        await visit.GoAsync("");
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
    }

    [Fact]
    public async Task Signing_out_closes_the_pages()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient());
        await using var visit = await browser.VisitAsync(web);
        await visit.SignInAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        await visit.GoAsync("logs");
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
    }

    [Fact]
    public async Task A_page_that_fails_says_so_and_the_programs_log_holds_no_words_of_a_chat()
    {
        await using var browser = await Browser.StartAsync();
        using var log = new StringWriter();
        await using var web = await Serving.StartAsync(new InventedClient { Breaks = true }, TextWriter.Synchronized(log));
        await using var visit = await browser.VisitAsync(web);
        await visit.SignInAsync();
        await visit.GoAsync("venues");
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "This page could not be shown" }).WaitForAsync();
        log.ToString().ShouldContain("InvalidOperationException");
        log.ToString().ShouldNotContain("turn on your cam");
        (await visit.Page.ContentAsync()).ShouldNotContain("turn on your cam");
    }

    [Fact]
    public async Task An_empty_console_says_what_to_do_next()
    {
        await using var browser = await Browser.StartAsync();
        await using var web = await Serving.StartAsync(new InventedClient { Alerts = 0 });
        await using var visit = await browser.VisitAsync(web);
        await visit.SignInAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "No operation yet" }).WaitForAsync();
        (await visit.Page.Locator("main").InnerTextAsync()).ShouldContain("custos import FILE");
    }
}
