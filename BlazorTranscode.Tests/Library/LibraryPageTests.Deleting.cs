using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Library;

public sealed partial class LibraryPageTests
{
    [Fact]
    public async Task Delete_AsksFirst_AndGoesFromEveryTab()
    {
        var file = await _app.AddFileAsync(_anna, "song.wav");
        await _app.AddFileAsync(_anna, "kept.wav");
        var (list, detail) = (await _context.OpenLiveAsync(""), await _context.OpenLiveAsync($"files/{file.Id}"));

        await list.GetByLabel("Delete song.wav").ClickAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Keep" }).ClickAsync();
        await list.GetByLabel("Delete song.wav").ClickAsync();
        // The key goes to what has the focus, which the dialog takes a moment after it shows.
        await Expect(list.GetByRole(AriaRole.Dialog).Locator(":focus")).ToHaveTextAsync("Keep");
        await list.Keyboard.PressAsync("Escape");
        await Expect(list.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(list.Locator("main li")).ToHaveCountAsync(2);
        await list.GetByLabel("Delete song.wav").ClickAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();

        await Expect(list.Locator("main li")).ToHaveCountAsync(1);
        await Expect(list.Locator("h1")).ToBeFocusedAsync();
        await Expect(detail.Locator("h1")).ToHaveTextAsync("This file has been deleted");
    }

    [Fact]
    public async Task Delete_ClickedTwice_AsksOnce_AndShowsAllOfALongName()
    {
        var name = new string('x', 196) + ".mp3";
        await _app.AddFileAsync(_anna, name);
        var page = await _context.OpenLiveAsync("");
        var dialog = page.GetByRole(AriaRole.Dialog);

        await page.GetByLabel($"Delete {name}").DblClickAsync();
        await Expect(dialog.Locator(":focus")).ToHaveTextAsync("Keep");
        await Expect(dialog).ToHaveCountAsync(1);

        Assert.True(await dialog.Locator(".mud-dialog-content").EvaluateAsync<bool>("element => element.scrollWidth <= element.clientWidth"));
        Assert.InRange((await dialog.BoundingBoxAsync())!.Width, 1, 600);
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.GetByLabel($"Delete {name}")).ToBeFocusedAsync();
    }
}
