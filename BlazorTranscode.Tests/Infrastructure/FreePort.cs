using System.Net;
using System.Net.Sockets;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>For a process of its own, which cannot tell us what it was given.</summary>
internal static class FreePort
{
    /// <returns>A port that nobody listened on just now.</returns>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
