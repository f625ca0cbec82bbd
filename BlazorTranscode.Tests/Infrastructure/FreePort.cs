using System.Net;
using System.Net.Sockets;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>
/// For a process of its own, which cannot tell us what it was given, and which keeps its port when it is started again. They lie below
/// those that Linux gives to whoever asks for any, so that nobody gets one in the meantime.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000, Count = 12_000;

    // Two runs at a time begin at different places.
    private static int _last = Environment.ProcessId * 100 % Count;

    /// <returns>A port that nobody listened on just now, and that is given out once.</returns>
    public static int Find()
    {
        while (true)
        {
            var port = First + Interlocked.Increment(ref _last) % Count;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken
            }
        }
    }
}
