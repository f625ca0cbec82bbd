using System.Text.RegularExpressions;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Components;

public sealed class FrameTests : IAsyncLifetime
{
    private readonly TestApp _app = TestApp.Start();
    private TestUser _anna = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _anna = await _app.CreateUserAsync("anna");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("dark", "<html lang=\"en\" data-theme=\"dark\">")]
    [InlineData("light", "<html lang=\"en\" data-theme=\"light\">")]
    [InlineData("auto", "<html lang=\"en\">")]
    [InlineData("\"><script>", "<html lang=\"en\">")]
    public async Task Theme_IsInTheFirstByte(string cookie, string html)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "");
        request.Headers.TryAddWithoutValidation("Cookie", "theme=" + cookie);

        var answer = await (await _anna.Client.SendAsync(request, Stop)).Content.ReadAsStringAsync(Stop);

        Assert.Contains(html, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThemeToggle_ChangesTheColoursAtOnce_AndIsRemembered()
    {
        await using var context = await OpenAsync(new() { ColorScheme = ColorScheme.Light });
        var page = await context.NewPageAsync();
        await page.GotoAsync("");
        var toggle = page.Locator("[data-theme-toggle]");
        Assert.Equal("rgb(245, 246, 250)", await GroundAsync(page));

        await toggle.ClickAsync(); // light
        await toggle.ClickAsync(); // dark

        Assert.Equal("rgb(16, 18, 25)", await GroundAsync(page));
        await page.ReloadAsync();
        Assert.Equal("rgb(16, 18, 25)", await GroundAsync(page));
        await toggle.ClickAsync(); // as the system
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal("rgb(16, 18, 25)", await GroundAsync(page));
    }

    [Fact]
    public async Task Keyboard_IsEnoughToSkipToOpenAndToLeave()
    {
        var file = await _app.AddFileAsync(_anna, "song.wav");
        await using var context = await OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("");

        await TabToAsync(page, page.GetByText("Skip to content"), "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#content")).ToBeFocusedAsync();
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "song.wav" }));
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAtAsync($"/files/{file.Id}");
        await Expect(page.Locator("h1")).ToBeFocusedAsync();

        await TabToAsync(page, page.GetByLabel("Account: anna@example.org"), "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }));
        await page.Keyboard.PressAsync("Enter");
        // The circuit hears of it too and goes there by itself: two ways to one page, and the slower is broken off.
        await Expect(page).ToHaveURLAsync(new Regex("/account/login"));
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task LoadedPage_TakesTheFocusFromNobodyWhoTypes()
    {
        await _app.AddFileAsync(_anna, "song.wav");
        await using var context = await OpenAsync();
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync("window.focused = []; addEventListener('focusin', event => focused.push(event.target.tagName))");
        await page.GotoLiveAsync("");

        await page.GetByLabel("Search by name").FillAsync("x");

        await Expect(page.Locator("main")).ToContainTextAsync("No file has “x”");
        Assert.Equal(["INPUT"], await page.EvaluateAsync<string[]>("focused"));
    }

    [Fact]
    public async Task Navigation_OnAPhone_OpensCoversAndCloses()
    {
        await using var db = await _app.OpenDatabaseAsync();
        await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(_anna.Id, $"“{new string('x', 196)}.mp3” is ready."));
        await using var context = await OpenAsync(new() { ViewportSize = new() { Width = 320, Height = 640 } });
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("");
        foreach (var button in new[] { "Menu", "Messages, 1 unread", "Account: anna@example.org", "Close" })
            await Expect(page.GetByLabel(button, new() { Exact = true })).ToBeInViewportAsync(new() { Ratio = 1 });
        var messages = page.Locator("nav").GetByRole(AriaRole.Link, new() { Name = "Messages" });
        await Expect(messages).ToBeHiddenAsync();

        await page.GetByLabel("Menu").ClickAsync();
        await messages.ClickAsync();

        await page.ArriveAtAsync("/messages");
        await Expect(messages).ToBeHiddenAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Messages");
    }

    [Fact]
    public async Task Badge_CountsWhatIsUnread_Live()
    {
        await using var context = await OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("");
        await Expect(page.Locator(".badge")).ToHaveCountAsync(0);

        await using var db = await _app.OpenDatabaseAsync();
        await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(_anna.Id));

        await Expect(page.Locator(".badge")).ToHaveTextAsync("1");
        await Expect(page.GetByLabel("Messages, 1 unread")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Title_CountsWhatIsUnread_OnWhicheverPage_UntilItIsClosed()
    {
        await _app.AddFileAsync(_anna, "song.wav");
        await using var db = await _app.OpenDatabaseAsync();
        await using var context = await OpenAsync();
        var (page, account) = (await context.OpenLiveAsync(""), await context.NewPageAsync());
        await account.GotoAsync("account/manage");
        await Expect(page).ToHaveTitleAsync("Library · BlazorTranscode");

        await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(_anna.Id));
        await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(_anna.Id));
        await Expect(page).ToHaveTitleAsync("(2) Library · BlazorTranscode");
        await Expect(account).ToHaveTitleAsync("(2) Your account · BlazorTranscode");
        await page.GetByRole(AriaRole.Link, new() { Name = "song.wav" }).ClickAsync();
        await Expect(page).ToHaveTitleAsync("(2) song.wav · BlazorTranscode");
        await page.GotoLiveAsync(page.Url);
        await Expect(page).ToHaveTitleAsync("(2) song.wav · BlazorTranscode");
        await page.GetByLabel("Close").First.ClickAsync();
        await Expect(page).ToHaveTitleAsync("(1) song.wav · BlazorTranscode");
        await page.GetByLabel("Close").ClickAsync();

        await Expect(page).ToHaveTitleAsync("song.wav · BlazorTranscode");
        await Expect(account).ToHaveTitleAsync("Your account · BlazorTranscode");
        await Expect(page.GetByLabel("Notifications")).ToBeFocusedAsync();
        await page.GoBackAsync();
        await Expect(page).ToHaveTitleAsync("Library · BlazorTranscode");
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task UnknownAddress_IsNotFound_InWords()
    {
        var answer = await _anna.Client.GetAsync(new Uri("no/such/page", UriKind.Relative), Stop);

        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Contains("There is nothing here", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignedOut_IsSentToTheSignIn_AndSeesNoFrameOfThePerson()
    {
        var (client, _) = _app.CreateBrowserlessClient();

        Assert.Equal(302, (int)(await client.GetAsync(new Uri("", UriKind.Relative), Stop)).StatusCode);
        Assert.DoesNotContain("account-menu", await client.GetStringAsync(new Uri("account/login", UriKind.Relative), Stop), StringComparison.Ordinal);
    }

    private async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions? options = null)
    {
        var context = await Browser.NewContextAsync(_app.Address, options);
        await context.SignInAsync(_anna);
        return context;
    }

    private static Task<string> GroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

    private static async Task TabToAsync(IPage page, ILocator target, string key = "Tab")
    {
        for (var i = 0; i < 40 && !await target.EvaluateAsync<bool>("element => element === document.activeElement"); i++)
            await page.Keyboard.PressAsync(key);
        await Expect(target).ToBeFocusedAsync();
    }
}
