using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Custos.EndToEnd.Console;

/// <summary>The door without a browser: what plain requests get.</summary>
public class SignInTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static HttpClient Plain(Uri address) => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };

    [Fact]
    public async Task It_listens_on_loopback_alone_and_answers_healthz()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        IPAddress.Parse(web.Address.Host).ShouldBe(IPAddress.Loopback);
        using var http = Plain(web.Address);
        (await http.GetStringAsync("healthz", Cancel)).ShouldBe("ok");
    }

    [Fact]
    public async Task Every_answer_forbids_inline_script_framing_and_sniffing()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        using var http = Plain(web.Address);
        foreach (var path in new[] { "healthz", "signed-out", "", "assets/custos.js", "no-such" })
        {
            using var answer = await http.GetAsync(path, Cancel);
            var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
            policy.ShouldContain("script-src 'self';");
            policy.ShouldContain("default-src 'none'");
            policy.ShouldContain("frame-ancestors 'none'");
            answer.Headers.GetValues("X-Content-Type-Options").ShouldHaveSingleItem().ShouldBe("nosniff");
        }
    }

    [Fact]
    public async Task A_host_name_that_points_here_from_elsewhere_is_refused()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        using var http = Plain(web.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "signed-out") { Headers = { Host = $"elsewhere.example:{web.Address.Port}" } };
        using var answer = await http.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_request_from_another_origin_is_refused()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        using var http = Plain(web.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "sign-out");
        request.Headers.Add("Origin", "http://elsewhere.example");
        using var answer = await http.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_cookie_is_strict_and_out_of_reach_of_scripts()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        using var http = Plain(web.Address);
        using var answer = await http.GetAsync(web.NewSignInLink(), Cancel);
        var cookie = answer.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldContain("samesite=strict");
        cookie.ShouldContain("httponly");
    }

    [Fact]
    public async Task A_sign_out_without_the_forms_token_is_refused_and_changes_nothing()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = web.Address };
        (await http.GetAsync(web.NewSignInLink(), Cancel)).Dispose();
        using var refused = await http.PostAsync("sign-out", null, Cancel);
        refused.IsSuccessStatusCode.ShouldBeFalse();
        refused.StatusCode.ShouldNotBe(HttpStatusCode.Redirect);
        using var still = await http.GetAsync("logs", Cancel);
        still.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Guessing_links_is_slowed_and_a_minute_later_the_right_one_works()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        await using var web = await Serving.StartAsync(new InventedClient(), time: clock);
        using var http = Plain(web.Address);
        var link = web.NewSignInLink();
        for (var i = 0; i < 5; i++)
            (await http.GetAsync("sign-in/wrong", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await http.GetAsync(link, Cancel)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await http.GetAsync(link, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_link_is_void_after_an_hour_and_when_a_newer_one_is_made()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        await using var web = await Serving.StartAsync(new InventedClient(), time: clock);
        using var http = Plain(web.Address);
        var older = web.NewSignInLink();
        var newer = web.NewSignInLink();
        (await http.GetAsync(older, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        clock.Advance(TimeSpan.FromHours(1));
        (await http.GetAsync(newer, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_proof_is_given_only_to_a_sign_in()
    {
        await using var web = await Serving.StartAsync(new InventedClient());
        using var http = Plain(web.Address);
        using var answer = await http.GetAsync("operations/lantern/exhibits/EX-00000001/proof", Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe("/signed-out");
    }
}
