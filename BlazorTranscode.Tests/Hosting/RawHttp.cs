using System.Net.Sockets;
using System.Text;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>Says to the server exactly what it is told to, byte by byte, as no decent client would.</summary>
internal static class RawHttp
{
    /// <summary>Sends the text as Latin-1 and reads until the server closes, or for a WebSocket until the headers of its answer are there.</summary>
    public static async Task<string> SendAsync(Uri address, string request)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", address.Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (!IsUpgraded(answer) && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException) when (answer.Length > 0)
        {
            // What we sent and nobody read makes the close a reset.
        }
        return answer.ToString();
    }

    /// <summary>The status code of what <see cref="SendAsync"/> returned.</summary>
    public static int Status(string answer) => int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A request without a body; further header lines as they are to stand there.</summary>
    public static string Get(Uri address, string path, params IEnumerable<string> headers) =>
        $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    /// <summary>The request that opens a circuit, from a page of this origin; null for none.</summary>
    public static string Circuit(Uri address, string? origin, params IEnumerable<string> headers) =>
        $"GET /_blazor HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + $"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n{(origin is null ? "" : $"Origin: {origin}\r\n")}"
        + $"{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    private static bool IsUpgraded(StringBuilder answer) =>
        answer.Length > 12 && answer.ToString(9, 3) == "101" && answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal);
}
