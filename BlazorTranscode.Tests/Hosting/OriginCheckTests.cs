using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

public sealed class OriginCheckTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private readonly Uri _address = shared.App.Address;

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://sibling.localhost:{port}")]
    [InlineData("http://localhost")]
    [InlineData("http://localhost:1")]
    [InlineData("https://localhost:{port}")]
    [InlineData("http://localhost:{port}.evil.example")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task Circuit_FromAPageOfSomebodyElse_IsRefused(string? origin)
    {
        var answer = await RawHttp.SendAsync(_address, RawHttp.Circuit(_address, Fill(origin), "Cookie: bt-session=x").Replace("Connection: Upgrade", "Connection: Upgrade, close", StringComparison.Ordinal));
        Assert.Equal(403, RawHttp.Status(answer));
    }

    [Theory]
    [InlineData("POST", "/_blazor/negotiate", "http://evil.example", 403)]
    [InlineData("POST", "/_blazor/negotiate", "null", 403)]
    [InlineData("POST", "/_blazor/negotiate", null, 403)]
    [InlineData("POST", "/_BLAZOR/negotiate", "http://evil.example", 403)]
    [InlineData("POST", "/_blazor/disconnect", "http://evil.example", 403)]
    [InlineData("GET", "/_blazor/initializers", "http://evil.example", 403)]
    [InlineData("GET", "/_blazor/initializers", null, 401)]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1", "http://localhost:{port}", 401)]
    public async Task Endpoint_OfCircuits_AnswersItsOwnPagesOnly(string method, string path, string? origin, int status)
    {
        var header = origin is null ? "" : $"Origin: {Fill(origin)}\r\n";
        var request = $"{method} {path} HTTP/1.1\r\nHost: {_address.Authority}\r\nConnection: close\r\nContent-Length: 0\r\n{header}\r\n";
        Assert.Equal(status, RawHttp.Status(await RawHttp.SendAsync(_address, request)));
    }

    [Fact]
    public async Task Circuit_FromOurOwnPage_IsOpenedWithoutCompression()
    {
        var user = await shared.App.CreateUserAsync($"opener{Guid.NewGuid():N}");
        var answer = await RawHttp.SendAsync(_address, RawHttp.Circuit(_address, Fill("http://localhost:{port}"), $"Cookie: {user.Cookies.GetCookieHeader(_address)}"));
        Assert.Equal(101, RawHttp.Status(answer));
        Assert.DoesNotContain("permessage-deflate", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Circuit_FromThePublicOrigin_IsOursBehindAProxyThatDoesTheTls()
    {
        await using var app = TestApp.Start(new() { ["PublicOrigin"] = "https://audio.example.org" });
        // 401 and not 403: nobody is signed in, but the origin is ours.
        var request = RawHttp.Circuit(app.Address, "https://audio.example.org").Replace("Connection: Upgrade", "Connection: Upgrade, close", StringComparison.Ordinal);
        Assert.Equal(401, RawHttp.Status(await RawHttp.SendAsync(app.Address, request)));
    }

    /// <summary>nginx with a fixed "Connection: upgrade" puts it on every request, and WebSocket's own header only where the browser had it.</summary>
    [Theory]
    [InlineData("GET /_blazor/initializers", "")]
    [InlineData("POST /_blazor/negotiate?negotiateVersion=1", "body")]
    public async Task Request_ThatOnlyCarriesConnectionUpgrade_IsAPlainOne(string line, string body)
    {
        var user = await shared.App.CreateUserAsync($"proxied{Guid.NewGuid():N}");
        var headers = $"Cookie: {user.Cookies.GetCookieHeader(_address)}\r\n" + (body.Length > 0 ? $"Origin: {Fill("http://localhost:{port}")}\r\n" : "");
        var request = $"{line} HTTP/1.1\r\nHost: {_address.Authority}\r\nConnection: upgrade, close\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";
        Assert.Equal(200, RawHttp.Status(await RawHttp.SendAsync(_address, request)));
    }

    private string? Fill(string? origin) => origin?.Replace("{port}", $"{_address.Port}", StringComparison.Ordinal);
}
