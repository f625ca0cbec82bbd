using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BlazorTranscode.Benchmarks;

/// <summary>Sends each request once over a few connections that stay open, one at a time on each, with as little work of its own as can be.</summary>
internal static class LoadLoop
{
    /// <returns>How long it took.</returns>
    /// <exception cref="InvalidOperationException">Something was answered with other than 200.</exception>
    public static async Task<TimeSpan> RunAsync(int port, IReadOnlyList<byte[]> requests, int connections)
    {
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            var buffer = new byte[4096];
            while (Interlocked.Increment(ref next) is var i && i < requests.Count)
            {
                await socket.SendAsync(requests[i]);
                await ReadAnswerAsync(socket, buffer);
            }
        })));
        return watch.Elapsed;
    }

    private static async Task ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        do
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection.");
            length += read;
        }
        while (!buffer.AsSpan(0, length).EndsWith("\r\n\r\nok\n"u8));

        if (!buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException(Encoding.Latin1.GetString(buffer, 0, length));
    }
}
