using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>One Chromium for the whole test run, started when the first test asks. Tests are kept apart by contexts, which are cheap.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly Lazy<Task<(IPlaywright Driver, IBrowser Chromium)>> Shared = new(LaunchAsync);

    /// <summary>
    /// A fresh browser profile whose relative addresses start at <paramref name="address"/>. Every console error, page error, broken
    /// Content-Security-Policy and request to another host is written down: see <see cref="BrowserTrouble"/>.
    /// </summary>
    public static async Task<IBrowserContext> NewContextAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = address.ToString();
        var context = await (await Shared.Value).Chromium.NewContextAsync(options);
        context.SetDefaultTimeout((float)Eventually.Deadline.TotalMilliseconds);
        BrowserTrouble.Watch(context, address);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Shared.IsValueCreated)
            return;
        var (driver, chromium) = await Shared.Value;
        await chromium.DisposeAsync();
        driver.Dispose();
    }

    private static async Task<(IPlaywright Driver, IBrowser Chromium)> LaunchAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Eventually.Deadline.TotalMilliseconds);
        var driver = await Playwright.CreateAsync();
        return (driver, await driver.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", $"--host-resolver-rules=MAP {ProxyServer.Host} 127.0.0.1",
            ],
        }));
    }
}
