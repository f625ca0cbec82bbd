using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>Requests that no decent client sends. Each gets its answer, and the app goes on.</summary>
public sealed class HostileRequestTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private readonly Uri _address = shared.App.Address;

    public static TheoryData<string, int, string> Malformed => new()
    {
        { "length and chunks", 400, "POST /health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "two lengths", 400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello" },
        { "negative length", 400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n" },
        { "length of 20 digits", 400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n" },
        { "chunk extension ended by a bare line feed", 400, "POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;x\nA\r\n0\r\n\r\n" },
        { "no host", 400, "GET / HTTP/1.1\r\n\r\n" },
        { "two hosts", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n" },
        { "foreign host", 400, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n" },
        { "foreign host in the request line", 400, "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n" },
        { "no host on an old version", 400, "GET / HTTP/1.0\r\n\r\n" },
        { "a header of 20 KB", 431, $"GET / HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', 20_000)}\r\n\r\n" },
        { "70 headers", 431, $"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 70).Select(i => $"X{i}: 1\r\n"))}\r\n" },
        { "an address of 9 KB", 414, $"GET /{new string('x', 9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "NUL in a header", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n" },
        { "a version that does not exist", 505, "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n" },
        { "TLS on the plain port", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + new string('x', 100) + "\r\n\r\n" },
        { "headers that never end", 408, "GET / HTTP/1.1\r\nHost: localhost\r\nX" },
        { "a body that never comes", 503, "POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n0123456789" },
        { "a body over the limit", 413, $"POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Limits.RequestBodyBytes + 1}\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Request_Malformed_IsRefusedAndTheAppGoesOn(string what, int status, string request)
    {
        var answer = await RawHttp.SendAsync(_address, request);
        Assert.True(RawHttp.Status(answer) == status, $"{what}: {answer}");
        Assert.Equal(200, RawHttp.Status(await RawHttp.SendAsync(_address, RawHttp.Get(_address, Health.LivePath))));
    }

    [Fact]
    public void Server_OnceConfigured_WaitsForNobodyAndTakesNoMoreThanItMust()
    {
        var limits = shared.App.Get<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal((10, 30), (limits.RequestHeadersTimeout.TotalSeconds, limits.KeepAliveTimeout.TotalSeconds));
        Assert.Equal((1024, 5), (limits.MinRequestBodyDataRate!.BytesPerSecond, limits.MinRequestBodyDataRate.GracePeriod.TotalSeconds));
        Assert.Equal((5_000L, 2_000L), (limits.MaxConcurrentConnections, limits.MaxConcurrentUpgradedConnections));
        Assert.Equal((1 << 20, 50), (limits.MaxRequestBodySize, limits.Http2.MaxStreamsPerConnection));
        Assert.Equal(8, shared.App.Get<IOptions<HostOptions>>().Value.ShutdownTimeout.TotalSeconds);
    }

    [Fact]
    public async Task Answer_Always_NamesNoServer() =>
        Assert.DoesNotContain("\r\nServer:", await RawHttp.SendAsync(_address, RawHttp.Get(_address, "/")), StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData(8_000)]
    [InlineData(20)]
    public async Task Cookie_OfGarbage_MeansSignedOut(int length)
    {
        var answer = await RawHttp.SendAsync(_address, RawHttp.Get(_address, "/", "Accept: text/html", $"Cookie: bt-session={new string('x', length)}"));
        Assert.Equal(302, RawHttp.Status(answer));
        Assert.Contains("/account/login", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_OfAnotherInstallation_MeansSignedOut()
    {
        await using var other = TestApp.Start();
        var stranger = await other.CreateUserAsync("stranger");
        var cookie = stranger.Cookies.GetCookieHeader(other.Address);
        Assert.Equal(200, RawHttp.Status(await RawHttp.SendAsync(other.Address, RawHttp.Get(other.Address, "/", $"Cookie: {cookie}"))));
        Assert.Equal(302, RawHttp.Status(await RawHttp.SendAsync(_address, RawHttp.Get(_address, "/", "Accept: text/html", $"Cookie: {cookie}"))));
    }

    [Theory]
    [InlineData("bytes=9999999999-")]
    [InlineData("bytes=-0")]
    [InlineData("0-0")]
    [InlineData(null)]
    public async Task Ranges_ThatMakeNoSense_CostNoMoreThanTheFile(string? range)
    {
        using var client = new HttpClient { BaseAddress = _address };
        var whole = await client.GetByteArrayAsync(new Uri("/favicon.svg", UriKind.Relative), TestContext.Current.CancellationToken);
        range ??= "bytes=" + string.Join(',', Enumerable.Repeat("0-0", 1000));
        var answer = await RawHttp.SendAsync(_address, RawHttp.Get(_address, "/favicon.svg", $"Range: {range}"));
        Assert.Contains(RawHttp.Status(answer), new[] { 200, 206, 416 });
        Assert.InRange(answer.Length, 0, whole.Length + 2_000);
    }

    [Theory]
    [InlineData("/files/%2e%2e%2f")]
    [InlineData("/files/%00", 400)]
    [InlineData("/files/..%5c..%5capp.db")]
    [InlineData("/files/%252e%252e%252fapp.db")]
    [InlineData("/files/../../../../etc/passwd")]
    [InlineData("/_content/..%2f..%2f..%2fappsettings.json")]
    [InlineData("/appsettings.json")]
    public async Task Path_ThatClimbs_FindsNothing(string path, int status = 404)
    {
        var user = await shared.App.CreateUserAsync($"climber{Guid.NewGuid():N}");
        var answer = await RawHttp.SendAsync(_address, RawHttp.Get(_address, path, $"Cookie: {user.Cookies.GetCookieHeader(_address)}"));
        Assert.Equal(status, RawHttp.Status(answer));
    }
}
