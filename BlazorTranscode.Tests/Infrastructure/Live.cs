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

    /// <summary>The alerts on top of a page, whichever page it is.</summary>
    public static ILocator Alerts(this IPage page) => page.Locator(".message-alerts [data-message-id]");
}
