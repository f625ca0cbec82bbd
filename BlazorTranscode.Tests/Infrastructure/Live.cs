using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Infrastructure;

internal static class Live
{
    /// <summary>Goes to a page and waits until its circuit has taken over: before that a click does nothing.</summary>
    public static async Task GotoLiveAsync(this IPage page, string address)
    {
        await page.GotoAsync(address);
        await Assertions.Expect(page.Locator("[data-interactive=yes]")).ToBeVisibleAsync();
    }

    /// <summary>Opens a page in a new tab and waits until it is live.</summary>
    public static async Task<IPage> OpenLiveAsync(this IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync(address);
        return page;
    }

    /// <summary>
    /// Waits until a tab has gone to an address and loaded it. It asks the browser again and again, because Playwright's own wait can miss
    /// what happens while it begins to listen: https://github.com/microsoft/playwright-dotnet/issues/3364
    /// </summary>
    public static async Task ArriveAtAsync(this IPage page, string address)
    {
        await Assertions.Expect(page).ToHaveURLAsync(address);
        await page.LoadedAsync();
    }

    /// <summary>
    /// Follows a link to a file in the tab itself, because Playwright reports no download of a tab that the link opens and that has no opener.
    /// </summary>
    public static async Task<IDownload> DownloadAsync(this IPage page, ILocator link)
    {
        await Assertions.Expect(link).ToHaveAttributeAsync("target", "_blank");
        await link.EvaluateAsync("link => link.removeAttribute('target')");
        return await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
    }

    /// <summary>Waits until a tab has loaded all of its page and shows it without half of a transition.</summary>
    public static Task LoadedAsync(this IPage page) => page.WaitForFunctionAsync(
        """
        () => document.readyState === 'complete' && document.getAnimations().every(animation =>
          animation.playState !== 'running' || animation.effect.getComputedTiming().iterations === Infinity)
        """, options: new() { PollingInterval = 50 });

    /// <summary>The alerts on top of a page, whichever page it is.</summary>
    public static ILocator Alerts(this IPage page) => page.Locator(".message-alerts [data-message-id]");
}
