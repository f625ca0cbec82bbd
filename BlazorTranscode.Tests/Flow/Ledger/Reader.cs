using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Flow.Ledger;

/// <summary>
/// A person in front of a browser who closes alerts and now and then deletes a file, and loads the page again when it is dead. What goes
/// from the page was acknowledged, because a circuit that is cut changes nothing on it.
/// </summary>
internal sealed class Reader(TestUser user, Uri address, Ledger ledger, int seed)
{
    private const float Patience = 10_000;

    private readonly Random _random = new(seed);

    public async Task RunAsync(CancellationToken stop)
    {
        await using var context = await Browser.NewContextAsync(address);
        context.SetDefaultTimeout(Patience);
        await context.SignInAsync(user);
        var page = await context.NewPageAsync();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await page.GotoAsync("");
                await page.Locator("[data-interactive=yes]").WaitForAsync();
                while (!stop.IsCancellationRequested)
                {
                    if (_random.Next(6) == 0)
                        await DeleteAsync(page);
                    else
                        await CloseAsync(page);
                }
            }
            catch (Exception dead) when (dead is PlaywrightException or TimeoutException)
            {
                // The app was killed, or there is nothing to do.
            }
        }
    }

    private async Task CloseAsync(IPage page)
    {
        var alert = page.Alerts().First;
        var id = Guid.Parse(await alert.GetAttributeAsync("data-message-id") ?? "");
        await page.Locator($"[data-message-id='{id}'] button").ClickAsync();
        await page.Locator($"[data-message-id='{id}']").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        ledger.Close(id);
    }

    private async Task DeleteAsync(IPage page)
    {
        var id = Guid.Parse(await page.Locator("main li[data-file]").Last.GetAttributeAsync("data-file") ?? "");
        await page.Locator($"[data-file='{id}'] button[title=Delete]").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await page.Locator($"[data-file='{id}']").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        ledger.Delete(id);
    }
}
