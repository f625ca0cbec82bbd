using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Hosting;

public sealed class HostFilterTests
{
    [Theory]
    [InlineData("localhost", 302)]
    [InlineData("LOCALHOST:5080", 302)]
    [InlineData("127.0.0.1", 302)]
    [InlineData("[::1]:5080", 302)]
    [InlineData("audio.example.org", 302)]
    [InlineData("extra.example.org", 302)]
    [InlineData("a.wild.example.org", 302)]
    [InlineData("evil.example", 400)]
    [InlineData("wild.example.org", 400)]
    [InlineData("evilwild.example.org", 400)]
    [InlineData("audio.example.org.evil.example", 400)]
    [InlineData("", 400)]
    public async Task Host_Asked_IsAnsweredWhenItIsOurs(string host, int status)
    {
        await using var app = TestApp.Start(new()
        {
            ["PublicOrigin"] = "http://audio.example.org", ["AllowedHosts"] = "extra.example.org; *.wild.example.org",
        });
        Assert.Equal(status, await AskAsync(app, host, "/"));
    }

    [Theory]
    [InlineData("http://192.168.1.5:80", "192.168.1.5", 200)]
    [InlineData("http://192.168.1.5:80", "192.168.1.6", 400)]
    [InlineData("http://audio.local:80", "audio.local", 200)]
    [InlineData("http://*:80", "audio.local", 400)]
    [InlineData("http://+:80", "audio.local", 400)]
    [InlineData("http://[::]:80", "192.168.1.5", 400)]
    public async Task Host_ThatTheAppListensOn_IsAnswered(string address, string host, int status)
    {
        using var server = new SilentServer(address);
        var filter = new HostFilter(
            _ => Task.CompletedTask, Options.Create(new HostingOptions()), server, Options.Create(new SnsOptions()), new(TimeProvider.System, NullLogger<RefusedDeliveries>.Instance));
        var context = new DefaultHttpContext { Request = { Host = new(host), Path = "/" } };
        await filter.InvokeAsync(context);
        Assert.Equal(status, context.Response.StatusCode);
    }

    [Fact]
    public async Task Host_WithAStar_MayBeAny()
    {
        await using var app = TestApp.Start(new() { ["AllowedHosts"] = "*" });
        Assert.Equal(302, await AskAsync(app, "anything.example", "/"));
    }

    [Fact]
    public async Task Probe_ByIpAddress_IsAnswered()
    {
        await using var app = TestApp.Start();
        Assert.Equal(200, await AskAsync(app, "10.1.2.3:8080", Health.LivePath));
        Assert.Equal(400, await AskAsync(app, "10.1.2.3:8080", "/"));
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("Proto")]
    [InlineData("For")]
    public async Task ForwardedHeaders_FromAPeerThatIsNoKnownProxy_AreIgnored(string which)
    {
        await using var app = TestApp.Start();
        var value = which switch { "Host" => "evil.example", "Proto" => "https", _ => "203.0.113.9" };
        var origin = which == "Proto" ? "https://localhost:" + app.Address.Port : "http://evil.example";
        Assert.Equal(302, RawHttp.Status(await RawHttp.SendAsync(app.Address, RawHttp.Get(app.Address, "/", "Accept: text/html", $"X-Forwarded-{which}: {value}"))));
        Assert.Equal(403, RawHttp.Status(await RawHttp.SendAsync(app.Address, RawHttp.Get(app.Address, "/_blazor/initializers", $"X-Forwarded-{which}: {value}", $"Origin: {origin}"))));
    }

    [Fact]
    public async Task ForwardedHeaders_FromAKnownProxy_AreBelieved()
    {
        await using var app = TestApp.Start(new() { ["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1", ["ForwardedHeaders:KnownNetworks:0"] = "::1/128" });
        string[] forwarded = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", $"Origin: https://{app.Address.Authority}"];
        // 401 and not 403: the origin is ours.
        Assert.Equal(401, RawHttp.Status(await RawHttp.SendAsync(app.Address, RawHttp.Get(app.Address, "/_blazor/initializers", forwarded))));
        Assert.Equal(400, RawHttp.Status(await RawHttp.SendAsync(app.Address, RawHttp.Get(app.Address, "/", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil.example"))));
    }

    private static async Task<int> AskAsync(TestApp app, string host, string path) =>
        RawHttp.Status(await RawHttp.SendAsync(app.Address, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"));
}
