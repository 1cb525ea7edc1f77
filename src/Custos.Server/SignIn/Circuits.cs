using Custos.Console.Reading;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Custos.Server.SignIn;

/// <summary>The sign-in behind a page's connection.</summary>
sealed class CircuitSessions(SignIns signIns, AuthenticationStateProvider states) : IReaderSessions
{
    public async ValueTask<ReaderSession?> CurrentAsync() => signIns.Touch(await IdAsync());

    internal async ValueTask<string?> IdAsync() => (await states.GetAuthenticationStateAsync()).User.FindFirst(CustosWeb.SessionClaim)?.Value;
}

/// <summary>What a reader does on a page counts as activity, and a page whose sign-in has ended does nothing more.</summary>
sealed class CircuitActivity(SignIns signIns, CircuitSessions sessions) : CircuitHandler
{
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        if (signIns.Touch(await sessions.IdAsync()) is not null)
            await next(context);
    };
}
