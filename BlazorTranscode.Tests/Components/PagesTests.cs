using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Components;

/// <summary>Every page of the frame and the library, filled as after some weeks of use, in both modes and on a phone.</summary>
public sealed class PagesTests
{
    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1280)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task EveryPage_IsAccessible_FitsAndLogsNoError(string theme, int width)
    {
        await using var app = TestApp.Start();
        var anna = await app.CreateUserAsync("anna", administrator: true);
        var ready = await app.FillAsync(anna);
        await using var context = await Browser.NewContextAsync(app.Address, new() { ViewportSize = new() { Width = width, Height = 844 } });
        await context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = app.Address.ToString() }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync("account/login");
        await CheckAsync(page, "login", theme, width);
        await context.SignInAsync(anna);
        foreach (var (name, address) in new[] { ("library", ""), ("file", $"files/{ready.Id}"), ("messages", "messages"), ("search", "?search=nothing%20like%20it"), ("upload", "upload"), ("account", "account/manage"), ("not-found", "not-found"), ("error", "error") })
        {
            await (name is "error" or "account" ? page.GotoAsync(address) : page.GotoLiveAsync(address));
            await CheckAsync(page, name, theme, width);
        }
        await page.GotoLiveAsync("");
        await page.GetByLabel("Delete voicemail.mp3").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Delete this file?");
        await CheckAsync(page, "dialog", theme, width);
        context.AssertNoTrouble();
    }

    private static async Task CheckAsync(IPage page, string name, string theme, int width)
    {
        await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync();
        await page.LoadedAsync();
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{theme}-{width}.png"), FullPage = true });
        Assert.Equal(theme, await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than the screen");
        var bad = (await page.RunAxe()).Violations.Where(v => v.Impact is "serious" or "critical");
        Assert.True(!bad.Any(), $"{name}, {theme}: " + string.Join('\n', bad.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}")));
    }
}
