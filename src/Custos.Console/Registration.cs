using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace Custos.Console;

/// <summary>What the pages need of a host.</summary>
public static class ConsoleRegistration
{
    /// <summary>Adds the pages' own services. The host adds <see cref="Client.ICustosClient"/> and <see cref="Reading.IReaderSessions"/>, both for each sign-in.</summary>
    public static IServiceCollection AddConsolePages(this IServiceCollection services)
    {
        services.AddLocalization();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            mud.SnackbarConfiguration.VisibleStateDuration = 4_000;
        });
        return services;
    }
}
