using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>An app that is at home behind TLS, asked in another way.</summary>
public sealed class WrongAddressTests
{
    private const string Origin = "https://audio.example.org";

    [Theory]
    [InlineData("GET", "/account/login", "localhost", "Accept: text/html", 400)]
    [InlineData("GET", "/account/register", "127.0.0.1:5080", "Accept: text/html", 400)]
    [InlineData("GET", "/", "more.example.org", "Accept: text/html", 400)]
    [InlineData("POST", "/account/login", "localhost", "Accept: */*", 400)]
    [InlineData("GET", "/account/login", "evil.example", "Accept: text/html", 400)]
    [InlineData("GET", "/account/login", "127.0.0.1", "Accept: text/html\r\nX-Forwarded-Proto: https", 400)]
    [InlineData("GET", "/account/register", "audio.example.org", "Accept: text/html\r\nX-Forwarded-Proto: https", 200)]
    [InlineData("GET", "/account/register", "audio.example.org", "Accept: text/html", 200)]
    [InlineData("GET", "/account/register", "more.example.org", "Accept: text/html\r\nX-Forwarded-Proto: https", 200)]
    [InlineData("GET", Health.LivePath, "localhost", "Accept: text/html", 200)]
    [InlineData("POST", "/webhooks/sns", "localhost", "Accept: */*", 404)]
    public async Task Request_IsAnsweredAtTheOutsideAddress_AndToldOfItElsewhere(string method, string path, string host, string headers, int status)
    {
        using var logs = new LogCollector();
        await using var app = TestApp.Start(
            new() { ["PublicOrigin"] = Origin, ["AllowedHosts"] = "more.example.org", ["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1", ["ForwardedHeaders:KnownProxies:1"] = "::1" },
            logs.Install);

        var answer = await RawHttp.SendAsync(app.Address, $"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.Equal(status, RawHttp.Status(answer));
        Assert.Equal(status == 400, answer.Contains($"This app is at {Origin}.", StringComparison.Ordinal) && answer.Contains("proxy_set_header Host $http_host;", StringComparison.Ordinal));
        Assert.Empty(logs.Errors);
    }

    [Fact]
    public async Task Host_ThatIsUnknown_WithoutAnOutsideAddress_IsToldToSetOne()
    {
        await using var app = TestApp.Start();
        var answer = await RawHttp.SendAsync(app.Address, "GET / HTTP/1.1\r\nHost: audio.example.org\r\nConnection: close\r\n\r\n");
        Assert.Contains("Set PublicOrigin to the address that people type", answer, StringComparison.Ordinal);
    }
}
