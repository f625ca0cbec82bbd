using System.Net.Sockets;
using System.Text;
using BlazorTranscode.Webhooks;
using static BlazorTranscode.Tests.Webhooks.RawHttp;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Rows H01 to H12: requests that no HTTP client would send, at the port of the running app.</summary>
public sealed class RawHttpTests(SharedWebhook shared) : IClassFixture<SharedWebhook>
{
    private const string Start = "POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\n";

    private Uri Address => shared.Webhook.Endpoint;

    [Fact]
    public async Task H01_LengthAndChunked_Is400() =>
        Assert.Equal(400, await StatusAsync(Address, Start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n")]
    public async Task H02_LengthThatIsNone_Is400(string header) => Assert.Equal(400, await StatusAsync(Address, Start + header + "\r\nhello"));

    [Fact]
    public async Task H03_BareLineFeedInAChunkExtension_Is400() =>
        Assert.Equal(400, await StatusAsync(Address, Start + "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\nab\r\n0\r\n\r\n"));

    [Theory]
    [InlineData("")]
    [InlineData("Host: localhost\r\nHost: localhost\r\n")]
    public async Task H04_NoHostOrTwo_Is400(string hosts) =>
        Assert.Equal(400, await StatusAsync(Address, $"POST /webhooks/sns HTTP/1.1\r\n{hosts}Content-Length: 2\r\n\r\n{{}}"));

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("169.254.169.254")]
    public async Task H05_HostThatIsNotOurs_IsPutOffAndCounted(string host)
    {
        var before = shared.Webhook.Refused(Refusal.UnknownHost);
        var body = shared.Topic.Notification("hello").ToJson();
        Assert.Equal(503, await StatusAsync(Address, $"POST /webhooks/sns HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        Assert.Equal(before + 1, shared.Webhook.Refused(Refusal.UnknownHost));
    }

    [Fact]
    public async Task H06_HugeHeadersOrMany_Is431()
    {
        Assert.Equal(431, await StatusAsync(Address, Start + $"X: {new string('x', 20_000)}\r\n\r\n"));
        Assert.Equal(431, await StatusAsync(Address, Start + string.Concat(Enumerable.Range(0, 100).Select(i => $"X{i}: x\r\n")) + "\r\n"));
    }

    [Fact]
    public async Task H07_HugeAddress_Is414() =>
        Assert.Equal(414, await StatusAsync(Address, $"POST /{new string('x', 9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"));

    [Fact]
    public async Task H08_NulInAHeader_Is400() => Assert.Equal(400, await StatusAsync(Address, Start + "X: a\0b\r\n\r\n"));

    [Fact]
    public async Task H09_OtherProtocols()
    {
        Assert.Equal(505, await StatusAsync(Address, "POST /webhooks/sns HTTP/9.9\r\nHost: localhost\r\n\r\n"));
        Assert.Equal(400, await StatusAsync(Address, "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003"));
    }

    [Fact]
    public async Task H10_HeadersThatNeverEnd_Are408() =>
        Assert.Equal(408, await StatusAsync(Address, Start + "X: "));

    /// <summary>T-WH-16 too: while fifty such senders hang on, a genuine message passes.</summary>
    [Fact]
    public async Task H11_BodyThatNeverComes_IsPutOffAndHoldsNobodyUp()
    {
        var slow = Enumerable.Range(0, 50).Select(_ => StatusAsync(Address, Start + "Content-Length: 1000\r\n\r\n{\"Type\":\"N")).ToList();
        // At once, so that they share commits and are done before anybody's patience with the slow ones ends, on a slow disk too.
        var genuine = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => shared.Webhook.PostAsync(shared.Topic.Notification("hello"))));
        Assert.DoesNotContain(slow, s => s.IsCompleted);
        Assert.All(genuine, status => Assert.Equal(200, (int)status));
        Assert.All(await Task.WhenAll(slow), status => Assert.Equal(503, status));
    }

    [Fact]
    public async Task H12_ForwardedHeadersOfAStranger_AreIgnored()
    {
        var message = shared.Topic.Notification("hello");
        Assert.Equal(200, (int)await shared.Webhook.PostAsync(Encoding.UTF8.GetBytes(message.ToJson()),
            ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example")));
        Assert.Equal("127.0.0.1", (await shared.Webhook.DeliveriesAsync()).Single(d => d.MessageId == message.Id).RemoteAddress);
    }

    [Fact]
    public async Task TWH17_FiveHundredSilentConnections_HoldNobodyUp()
    {
        var silent = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => ConnectAsync(Address)));
        Assert.Equal(200, (int)await shared.Webhook.PostAsync(shared.Topic.Notification("hello")));
        foreach (var connection in silent)
            connection.Dispose();
    }

    /// <summary>T-WH-18: two parsers that disagree on where a request ends. Whatever is wrong with the first, no second one is served.</summary>
    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n")]
    [InlineData("Content-Length: 0x4\r\n")]
    public async Task TWH18_SmuggledRequest_IsNotServed(string header)
    {
        var answer = await AnswerAsync(Address, Start + header + "\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (400|501) ", answer);
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
    }
}

/// <summary>Bytes to a port and back.</summary>
internal static class RawHttp
{
    public static async Task<TcpClient> ConnectAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", address.Port, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>The status of the first answer; 0 if the connection ended without one.</summary>
    public static async Task<int> StatusAsync(Uri address, string request)
    {
        var answer = await AnswerAsync(address, request);
        return answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Everything that comes back until the server closes the connection, or has answered once and says no more.</summary>
    public static async Task<string> AnswerAsync(Uri address, string request)
    {
        using var client = await ConnectAsync(address);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // reset by the server, with what it said before
        }

        return answer.ToString();
    }
}
