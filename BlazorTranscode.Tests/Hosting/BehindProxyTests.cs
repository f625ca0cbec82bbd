using System.Security.Cryptography;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>The proxies of README.md, as Debian has them, between a browser and the app.</summary>
public sealed class BehindProxyTests : IDisposable
{
    private readonly TempFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("caddy", null)]
    [InlineData("nginx", null)]
    [InlineData("nginx", "client_max_body_size 0;")]
    public async Task Recipe_OfTheReadme_CarriesSignInCircuitUploadAndDownload(string kind, string? without)
    {
        using var proxy = new ProxyServer(kind);
        await using var app = Start(proxy);
        await proxy.StartAsync(app.Address, without);
        await using var context = await Browser.NewContextAsync(new(proxy.Origin), new() { IgnoreHTTPSErrors = true });
        var page = await context.NewPageAsync();
        var sockets = new List<IWebSocket>();
        page.WebSocket += (_, socket) => sockets.Add(socket);

        await page.GotoAsync("account/register");
        await page.GetByLabel("E-mail address").FillAsync("anna@example.org");
        foreach (var password in await page.Locator("input[type=password]").AllAsync())
            await password.FillAsync(TestUsers.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make an account" }).ClickAsync();
        await page.ArriveAtAsync("/");
        Assert.All(await context.CookiesAsync(), cookie => Assert.StartsWith("__Host-", cookie.Name, StringComparison.Ordinal));

        await page.GotoLiveAsync("upload");
        Assert.Contains(sockets, socket => socket.Url.StartsWith($"wss://{ProxyServer.Host}", StringComparison.Ordinal) && !socket.IsClosed);
        var song = UploadSteps.Make(_files, "song.wav", 3_500_000);
        await UploadSteps.ChooseAsync(page, song);
        await Expect(page.Alerts()).ToContainTextAsync("“song.wav” is ready.");

        await page.Alerts().GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        var download = await page.DownloadAsync(page.Locator("a[href$='/source']"));
        Assert.Equal(SHA256.HashData(await File.ReadAllBytesAsync(song, TestContext.Current.CancellationToken)),
            SHA256.HashData(await File.ReadAllBytesAsync(await download.PathAsync(), TestContext.Current.CancellationToken)));
        // A piece that the proxy finds too large is refused once, which the browser writes into its console.
        Assert.DoesNotContain(context.Trouble, trouble => without is null || !trouble.Contains("413", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proxy_ThatKeepsTheHostToItself_IsNamedInsteadOfAnError()
    {
        using var proxy = new ProxyServer("nginx");
        await using var app = Start(proxy);
        await proxy.StartAsync(app.Address, "proxy_set_header Host $http_host;");
        await using var context = await Browser.NewContextAsync(new(proxy.Origin), new() { IgnoreHTTPSErrors = true });
        var page = await context.NewPageAsync();

        var answer = await page.GotoAsync("account/login");

        Assert.Equal(400, answer!.Status);
        await Expect(page.Locator("body")).ToContainTextAsync($"This app is at {proxy.Origin}.");
        await Expect(page.Locator("body")).ToContainTextAsync("proxy_set_header Host $http_host;");
    }

    private static TestApp Start(ProxyServer proxy) => TestApp.Start(
        new() { ["PublicOrigin"] = proxy.Origin, ["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1", ["Accounts:Registration"] = "Open" },
        services => services.AddSingleton<ITranscoder>(provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>())));
}
