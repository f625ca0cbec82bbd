using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

public sealed class SecurityHeadersTests(SharedApp shared) : IClassFixture<SharedApp>
{
    [Theory]
    [InlineData("/account/login")]
    [InlineData("/not-found")]
    [InlineData("/nothing/here")]
    public async Task Page_Always_SaysWhatItMayLoad(string path)
    {
        using var answer = await GetAsync(shared.App, path);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; base-uri 'self'; script-src 'self' 'sha256-", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
    }

    [Theory]
    [InlineData("/account/login")]
    [InlineData(Health.LivePath)]
    [InlineData("/favicon.svg")]
    [InlineData("/")]
    public async Task Answer_OfAnyKind_IsGuarded(string path)
    {
        using var answer = await GetAsync(shared.App, path);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(answer.Headers.Contains("Permissions-Policy"));
    }

    [Fact]
    public async Task Page_ThatSetsNoAddressOutside_DoesNotForceHttps()
    {
        using var answer = await GetAsync(shared.App, "/account/login");
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.DoesNotContain("upgrade-insecure-requests", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://audio.example.org", "false", "max-age=31536000")]
    [InlineData("https://audio.example.org", "true", "max-age=31536000; includeSubDomains")]
    [InlineData("http://audio.example.org", "true", null)]
    public async Task PublicOrigin_OnHttps_AndOnlyThen_KeepsBrowsersThere(string origin, string subDomains, string? transport)
    {
        await using var app = TestApp.Start(new() { ["PublicOrigin"] = origin, ["HstsIncludeSubDomains"] = subDomains });
        using var answer = await GetAsync(app, "/not-found", "audio.example.org");
        var forces = transport is not null;
        Assert.Equal(transport, answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values.Single() : null);
        Assert.Equal(forces, answer.Headers.GetValues("Content-Security-Policy").Single().Contains("upgrade-insecure-requests", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> GetAsync(TestApp app, string path, string? host = null)
    {
        var (client, _) = app.CreateBrowserlessClient();
        client.DefaultRequestHeaders.Host = host;
        using (client)
            return await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
