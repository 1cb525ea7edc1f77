using System.Collections.Concurrent;
using Custos.Console.Client;
using Custos.Server;
using Microsoft.Playwright;

namespace Custos.EndToEnd.Console;

/// <summary>Debian's Chromium, driven by the driver inside the Playwright package: nothing is downloaded.</summary>
sealed class Browser : IAsyncDisposable
{
    const string Chromium = "/usr/bin/chromium";
    const string Absent = "chromium is not installed (apt-get install chromium)";

    readonly IPlaywright _playwright;
    readonly IBrowser _browser;

    Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    internal static async Task<Browser> StartAsync()
    {
        if (!File.Exists(Chromium))
        {
            if (Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required")
                Assert.Fail(Absent);
            Assert.Skip(Absent);
        }

        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        // As long as its actions wait: a busy machine is not a broken page.
        Assertions.SetDefaultExpectTimeout(60_000);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage"],
        });
        return new(playwright, browser);
    }

    internal async Task<Visit> VisitAsync(CustosWeb web, ColorScheme scheme = ColorScheme.Light, string locale = "en-GB")
    {
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 }, ColorScheme = scheme, Locale = locale, ReducedMotion = ReducedMotion.Reduce, AcceptDownloads = true });
        return new(web, context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>One browser window, which notes every request it makes and every complaint it has.</summary>
sealed class Visit : IAsyncDisposable
{
    readonly CustosWeb _web;
    readonly IBrowserContext _context;
    readonly ConcurrentQueue<string> _requests = new();
    readonly ConcurrentQueue<string> _complaints = new();

    internal Visit(CustosWeb web, IBrowserContext context, IPage page)
    {
        _web = web;
        _context = context;
        Page = page;
        context.Request += (_, request) => _requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _requests.Enqueue(socket.Url);
        context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
    }

    internal IPage Page { get; }

    /// <summary>Hosts that the window asked.</summary>
    internal IReadOnlySet<string> Hosts => _requests.Where(u => !u.StartsWith("data:", StringComparison.Ordinal) && !u.StartsWith("blob:", StringComparison.Ordinal)).Select(u => new Uri(u).Authority).ToHashSet();

    /// <summary>Errors and warnings of the browser's console.</summary>
    internal IReadOnlyCollection<string> Complaints => _complaints;

    internal async Task SignInAsync()
    {
        await Page.GotoAsync(_web.NewSignInLink().AbsoluteUri);
        await Page.GetByRole(AriaRole.Heading, new() { Name = "Queue", Exact = true }).WaitForAsync();
    }

    internal async Task GoAsync(string path) => await Page.GotoAsync(new Uri(_web.Address, path).AbsoluteUri);

    /// <summary>Gives the reason that is asked once a sign-in.</summary>
    internal async Task GiveReasonAsync()
    {
        await Page.GetByLabel("Reason", new() { Exact = true }).FillAsync("Triage of the queue");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Open and record" }).ClickAsync();
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}

static class Serving
{
    internal static Task<CustosWeb> StartAsync(ICustosClient client, TextWriter? log = null, TimeProvider? time = null) =>
        CustosWeb.StartAsync(new("analyst", _ => client) { Log = log ?? TextWriter.Null, Time = time ?? TimeProvider.System }, TestContext.Current.CancellationToken);
}
