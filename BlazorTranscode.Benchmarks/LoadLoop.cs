using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BlazorTranscode.Benchmarks;

/// <summary>
/// Sends each request once over a few connections that stay open, one at a time on each. One thread does it all, so that the client takes
/// no more than one core from the server that it measures.
/// </summary>
internal static class LoadLoop
{
    /// <returns>How long it took.</returns>
    /// <exception cref="InvalidOperationException">Something was answered with other than 200.</exception>
    public static TimeSpan Run(int port, List<byte[]> requests, int connections)
    {
        List<Socket> waiting = [];
        var buffer = new byte[4096];
        var next = 0;
        var watch = Stopwatch.StartNew();
        while (waiting.Count < Math.Min(connections, requests.Count))
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(requests[next++]);
            waiting.Add(socket);
        }

        while (waiting.Count > 0)
        {
            var answered = waiting.ToList();
            Socket.Select(answered, null, null, TimeSpan.FromSeconds(30));
            if (answered.Count == 0)
                throw new InvalidOperationException("No answer within 30 seconds.");
            foreach (var socket in answered)
            {
                ReadAnswer(socket, buffer);
                if (next < requests.Count)
                {
                    socket.Send(requests[next++]);
                    continue;
                }

                waiting.Remove(socket);
                socket.Dispose();
            }
        }

        return watch.Elapsed;
    }

    private static void ReadAnswer(Socket socket, byte[] buffer)
    {
        var length = 0;
        do
        {
            var read = socket.Receive(buffer.AsSpan(length));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection.");
            length += read;
        }
        while (!buffer.AsSpan(0, length).EndsWith("\r\n\r\nok\n"u8) && !buffer.AsSpan(0, length).EndsWith("again\n"u8));

        if (!buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException(Encoding.Latin1.GetString(buffer, 0, length));
    }
}
