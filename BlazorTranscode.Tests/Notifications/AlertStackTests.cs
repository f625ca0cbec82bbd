using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Notifications;

/// <summary>Where a person sees what is new, however far the page is scrolled.</summary>
public sealed class AlertStackTests
{
    [Theory]
    [InlineData(1280, 700)]
    [InlineData(360, 640)]
    public async Task FourthAlert_StandsFirst_InSightOfAScrolledPage_BelowTheTopBar(int width, int height)
    {
        await using var app = TestApp.Start();
        var anna = await app.CreateUserAsync("anna");
        await using (var db = await app.OpenDatabaseAsync())
        {
            for (var i = 1; i <= 40; i++)
                await db.AddJobAsync(anna.Id, JobState.Succeeded, name: $"recording {i}.mp3");
        }
        await using var context = await Browser.NewContextAsync(app.Address, new() { ViewportSize = new() { Width = width, Height = height } });
        await context.SignInAsync(anna);
        var page = await context.OpenLiveAsync("");
        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight)");
        Assert.True(await page.EvaluateAsync<bool>("scrollY > 200"));

        foreach (var name in (string[])["one", "two", "three", "four"])
        {
            await using var db = await app.OpenDatabaseAsync();
            await db.SendAsync(app.Get<MessageFeed>(), SampleRows.NewMessage(anna.Id, $"“{name}.mp3” is ready."));
            await Expect(page.Alerts().First).ToContainTextAsync($"“{name}.mp3”");
        }

        await Expect(page.Alerts()).ToContainTextAsync(["four", "three", "two"]);
        await Expect(page.Locator(".message-alerts")).ToContainTextAsync("1 more unread");
        var bar = (await page.Locator(".top-bar").BoundingBoxAsync())!;
        var top = bar.Y + bar.Height;
        foreach (var alert in await page.Alerts().AllAsync())
        {
            var box = (await alert.BoundingBoxAsync())!;
            Assert.True(box.Y >= top && box.X >= 0 && box.X + box.Width <= width && box.Y + box.Height <= height, $"{box.X} {box.Y} {box.Width} {box.Height}");
            top = box.Y + box.Height;
            // Nothing lies over it.
            Assert.True(await alert.EvaluateAsync<bool>("a => { const b = a.getBoundingClientRect(); return a.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)); }"));
        }
        await page.GetByRole(AriaRole.Link, new() { Name = "Messages, 4 unread" }).ClickAsync(new() { Trial = true });
        context.AssertNoTrouble();
    }
}
