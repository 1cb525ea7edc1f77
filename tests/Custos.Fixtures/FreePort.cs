using System.Net;
using System.Net.Sockets;

namespace Custos.Fixtures;

/// <summary>A port of this machine that nothing listens on.</summary>
public static class FreePort
{
    /// <summary>The next one the system gives out.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
