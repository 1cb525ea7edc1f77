using System.Text.Encodings.Web;

namespace Custos.Server.SignIn;

/// <summary>The few pages outside the sign-in: plain HTML, no script.</summary>
static class DoorPages
{
    internal static IResult Entered() => Page(StatusCodes.Status200OK, "Signed in", "<p>The queue opens.</p><p><a href=\"/\">Go to the queue</a></p>",
        // Not a redirect: the cookie is SameSite=Strict, and a browser that came here from another program's link
        // would not send it along a chain that began elsewhere. This page begins a new one.
        "<meta http-equiv=\"refresh\" content=\"0;url=/\" />");

    internal static IResult NotThisLink() => Page(StatusCodes.Status403Forbidden, "This link does not open anything",
        "<p>A sign-in link works once, for an hour, and only the newest one. This one was used, is older, or was not copied whole.</p>" + Again);

    internal static IResult TooManyTries() => Page(StatusCodes.Status429TooManyRequests, "Too many wrong links",
        "<p>Five links in a minute were wrong. Wait a minute, then use the one that the terminal shows.</p>");

    internal static IResult SignedOut() => Page(StatusCodes.Status200OK, "You are signed out",
        "<p>The sign-in ended: you signed out, were away longer than the idle limit, or the program was started again. What was recorded is safe.</p>" + Again);

    const string Again = "<p>For a new link, press Enter in the terminal where <code>custos serve</code> runs.</p>";

    static IResult Page(int status, string title, string body, string head = "") => Results.Content(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\" /><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />" +
        $"<title>{HtmlEncoder.Default.Encode(title)} · Custos</title><link rel=\"icon\" href=\"/assets/custos.svg\" /><link rel=\"stylesheet\" href=\"/assets/custos.css\" />" +
        $"<script src=\"/assets/custos.js\"></script>{head}</head><body><main class=\"door\"><h1><img src=\"/assets/custos.svg\" alt=\"\" width=\"32\" height=\"32\" />{HtmlEncoder.Default.Encode(title)}</h1>{body}</main></body></html>",
        "text/html; charset=utf-8", statusCode: status);
}
