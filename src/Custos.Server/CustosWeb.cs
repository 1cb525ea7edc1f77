using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Custos.Console;
using Custos.Console.Client;
using Custos.Console.Reading;
using Custos.Evidence;
using Custos.Server.SignIn;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Localization;

namespace Custos.Server;

/// <summary>How the console is served.</summary>
/// <param name="Actor">The reader's pseudonym in the log.</param>
/// <param name="Client">Makes the client of one sign-in.</param>
public sealed record CustosWebOptions(string Actor, Func<ReaderSession, ICustosClient> Client)
{
    /// <summary>The port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>A sign-in that does nothing for so long ends.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The clock of sign-ins.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the program's own log goes; it never holds words of a chat.</summary>
    public TextWriter Log { get; init; } = TextWriter.Null;
}

/// <summary>The console, served on this computer alone.</summary>
public sealed class CustosWeb : IAsyncDisposable
{
    internal const string SessionClaim = "custos/session";
    const string LanguageCookie = "custos-language";
    const string LivePath = "/_blazor";

    // style-src needs 'unsafe-inline': docs/decisions/2026-11-25-inline-styles-in-the-console.md. Scripts do not.
    const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    readonly WebApplication _app;
    readonly SignIns _signIns;

    CustosWeb(WebApplication app, SignIns signIns, Uri address)
    {
        _app = app;
        _signIns = signIns;
        Address = address;
    }

    /// <summary>Where it is served.</summary>
    public Uri Address { get; }

    /// <summary>Starts serving.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<CustosWeb> StartAsync(CustosWebOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var signIns = new SignIns(options.Actor, options.IdleLimit, options.Time);

        // Empty on purpose: no settings file and no environment variable can make it listen elsewhere or log more.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(CustosWeb).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        builder.Logging.AddProvider(new WordlessLog(options.Log, options.Time));

        // It warns that keys are stored unencrypted; they are not stored.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // A start that fails is the caller's to tell.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        AddServices(builder.Services, options, signIns);

        var app = builder.Build();
        app.Use(GuardAsync);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseRequestLocalization(Languages());
        app.Use(KeepLanguageAsync);
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        MapAssets(app);
        MapDoor(app, signIns);
        app.MapGet("/operations/{operation}/exhibits/{number}/proof", (string operation, string number, HttpContext http) => ProofAsync(operation, number, http, options, signIns));
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);

        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            signIns.Dispose();
            throw;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(app, signIns, new Uri(address + "/"));
    }

    /// <summary>Makes a link that signs in once; the one before it is void.</summary>
    public Uri NewSignInLink() => new(Address, "sign-in/" + _signIns.NewToken());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _signIns.Dispose();
    }

    static void AddServices(IServiceCollection services, CustosWebOptions options, SignIns signIns)
    {
        services.AddSingleton(options.Time);
        services.AddSingleton(signIns);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));

        // Keys in memory only: a restart ends every sign-in, and there is no key file to steal.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "custos-form";
            antiforgery.Cookie.HttpOnly = true;
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = "custos-session";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.IsEssential = true;
            cookie.TimeProvider = options.Time;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            cookie.SlidingExpiration = false;
            cookie.Events.OnValidatePrincipal = context =>
            {
                if (signIns.Touch(context.Principal?.FindFirst(SessionClaim)?.Value) is null)
                    context.RejectPrincipal();
                return Task.CompletedTask;
            };
            cookie.Events.OnRedirectToLogin = context =>
            {
                if (HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments(LivePath, StringComparison.Ordinal))
                    context.Response.Redirect("/signed-out");
                else
                    context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            };
        });
        services.AddAuthorization(authorization =>
            authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
        {
            circuit.DetailedErrors = false;
            circuit.DisconnectedCircuitMaxRetained = 8;
        });
        services.AddConsolePages();
        services.AddScoped<CircuitSessions>();
        services.AddScoped<IReaderSessions>(scope => scope.GetRequiredService<CircuitSessions>());
        services.AddScoped<CircuitHandler, CircuitActivity>();
        services.AddScoped(scope =>
        {
            // Known as soon as the connection is: the task is complete by the time a page is made.
            var state = scope.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync();
            var session = state.IsCompletedSuccessfully ? signIns.Touch(state.Result.User.FindFirst(SessionClaim)?.Value) : null;
            return options.Client(session ?? throw new RefusedException("The sign-in has ended. Nothing was changed; sign in again with a new link."));
        });
    }

    // The words follow the browser's language; numbers and dates are written one way everywhere, as in the dossier.
    static RequestLocalizationOptions Languages()
    {
        var languages = new List<CultureInfo> { CultureInfo.InvariantCulture };
        try
        {
            languages.Add(new("nl"));
        }
        catch (CultureNotFoundException)
        {
            // A host that knows the invariant culture alone shows English.
        }

        return new()
        {
            DefaultRequestCulture = new(CultureInfo.InvariantCulture),
            SupportedCultures = [CultureInfo.InvariantCulture],
            SupportedUICultures = languages,
            RequestCultureProviders = [new CustomRequestCultureProvider(http => http.Request.Path.StartsWithSegments(LivePath, StringComparison.Ordinal)
                ? new CookieRequestCultureProvider { CookieName = LanguageCookie }.DetermineProviderCultureResult(http)
                : Task.FromResult(Spoken(http)))],
        };
    }

    // By the language alone: without culture data nl-BE is not known to be a kind of nl.
    static ProviderCultureResult? Spoken(HttpContext http)
    {
        foreach (var range in http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(range => range.Quality ?? 1))
        {
            var language = range.Value.ToString().Split('-')[0];
            if (language is "nl" or "en")
                return new("", language == "nl" ? "nl" : "");
        }

        return null;
    }

    // A page's live connection need not say which language the browser reads; the page that opens it does, and leaves word here.
    static Task KeepLanguageAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            http.Response.Cookies.Append(
                LanguageCookie,
                CookieRequestCultureProvider.MakeCookieValue(new(CultureInfo.InvariantCulture, CultureInfo.CurrentUICulture)),
                new() { HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true });
        }

        return next(http);
    }

    // Only this computer's browser, asking for this address: a page elsewhere that points a name of its own at 127.0.0.1
    // is refused by the host, and one that posts or connects from elsewhere by the origin.
    static Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), display-capture=(), clipboard-read=()";
        headers.CacheControl = "no-store";

        var host = http.Request.Host;
        var local = host.Host is "127.0.0.1" or "localhost" && host.Port == http.Connection.LocalPort;
        var origin = http.Request.Headers.Origin;
        if (!local || (origin.Count > 0 && origin != $"http://{host}"))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }

        return next(http);
    }

    static void MapAssets(WebApplication app)
    {
        foreach (var asset in ConsoleAsset.All)
        {
            var bytes = asset.Read();
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";
            app.MapGet("/" + asset.Path, (HttpContext http) =>
            {
                // Asked again each time, answered in a few bytes: an upgrade shows at once.
                http.Response.Headers.CacheControl = "no-cache";
                http.Response.Headers.ETag = tag;
                return http.Request.Headers.IfNoneMatch == tag ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(bytes, asset.ContentType);
            }).AllowAnonymous();
        }
    }

    static void MapDoor(WebApplication app, SignIns signIns)
    {
        app.MapGet("/healthz", () => Results.Text("ok")).AllowAnonymous();
        app.MapGet("/signed-out", DoorPages.SignedOut).AllowAnonymous();
        app.MapGet("/sign-in/{token}", async (string token, HttpContext http) =>
        {
            var (id, refusal) = signIns.Use(token);
            if (id is null)
                return refusal == SignInRefusal.TooManyTries ? DoorPages.TooManyTries() : DoorPages.NotThisLink();
            var identity = new ClaimsIdentity([new Claim(SessionClaim, id)], CookieAuthenticationDefaults.AuthenticationScheme);
            await http.SignInAsync(new ClaimsPrincipal(identity));
            return DoorPages.Entered();
        }).AllowAnonymous();
        app.MapPost("/sign-out", async (HttpContext http, IAntiforgery antiforgery) =>
        {
            await antiforgery.ValidateRequestAsync(http);
            signIns.End(http.User.FindFirst(SessionClaim)?.Value);
            await http.SignOutAsync();
            return Results.Redirect("/signed-out");
        });
    }

    static async Task<IResult> ProofAsync(string operation, string number, HttpContext http, CustosWebOptions options, SignIns signIns)
    {
        if (signIns.Touch(http.User.FindFirst(SessionClaim)?.Value) is not { } session)
            return Results.Unauthorized();
        ExhibitAddress exhibit;
        try
        {
            exhibit = new(operation, ExhibitNumber.Parse(number));
        }
        catch (FormatException)
        {
            return Results.NotFound();
        }

        var proof = await options.Client(session).ProofAsync(exhibit, http.RequestAborted);
        return proof is null
            ? Results.NotFound()
            : Results.File(proof, "text/plain; charset=utf-8", string.Create(CultureInfo.InvariantCulture, $"{operation}-{exhibit.Number}.tlog-proof"));
    }
}
