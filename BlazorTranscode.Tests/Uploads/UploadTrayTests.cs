using BlazorTranscode.Tests.Infrastructure;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static BlazorTranscode.Tests.Uploads.UploadSteps;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Uploads;

public sealed class UploadTrayTests
{
    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Tray_WithRowsOfEveryKind_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        using var folder = new TempFolder();
        await using var app = UploadTestApp.Start();
        await using var context = await Browser.NewContextAsync(app.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 850 } });
        await context.SignInAsync(await app.CreateUserAsync("anna"));
        var page = await context.NewPageAsync();
        await page.GotoAsync("upload");
        var gate = await PatchGate.CloseAsync(page);

        await ChooseAsync(page, Make(folder, "a-long-name-".PadRight(150, 'x') + ".wav", 10_000_000), Make(folder, "short.mp3", 100), Make(folder, "empty.mp3", 0));
        await gate.Reached;
        await Expect(Row(page, "short.mp3")).ToContainTextAsync("Uploaded");
        await Expect(Row(page, "empty.mp3")).ToContainTextAsync("empty");

        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { } shots)
            await page.ScreenshotAsync(new() { Path = Path.Combine(shots, $"uploads-{scheme}-{width}.png") });
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        var bad = (await page.RunAxe()).Violations.Where(v => v.Impact is "serious" or "critical");
        Assert.Empty(bad.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
    }
}
