using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Messages;

public sealed class MessagesPageTests : IAsyncLifetime
{
    private readonly TestApp _app = TestApp.Start();
    private TestUser _anna = default!;
    private IBrowserContext _context = default!;

    public async ValueTask InitializeAsync()
    {
        _anna = await _app.CreateUserAsync("anna");
        _context = await Browser.NewContextAsync(_app.Address);
        await _context.SignInAsync(_anna);
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Message_ComesLive_AndLeadsToItsFile()
    {
        var page = await _context.OpenLiveAsync("messages");
        await Expect(page.Locator("main")).ToContainTextAsync("No messages yet");
        var file = await _app.AddFileAsync(_anna, "song.wav");

        await _app.AddMessageAsync(_anna, file, MessageKind.Ready, "“song.wav” is ready.");

        await page.Locator("main li").GetByText("Open the file").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("song.wav");
    }

    [Fact]
    public async Task ReadAndUnread_AreSeenInEveryTab()
    {
        await SendAsync(1);
        var (here, there) = (await _context.OpenLiveAsync("messages"), await _context.OpenLiveAsync("messages"));

        await here.GetByLabel("Mark read:").ClickAsync();
        await Expect(there.Locator("main li.unread")).ToHaveCountAsync(0);
        await Expect(there.Locator(".mud-alert")).ToHaveCountAsync(0);
        await there.GetByLabel("Mark unread:").ClickAsync();

        await Expect(here.Locator("main li.unread")).ToHaveCountAsync(1);
        await Expect(here.Locator(".mud-alert")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task MarkAllRead_ReadsAll_AlsoWhatIsNotOnThePage()
    {
        await SendAsync(60);
        var page = await _context.OpenLiveAsync("messages");
        await Expect(page.Locator("main li")).ToHaveCountAsync(50);

        await page.Locator("main").GetByText("Mark all read").ClickAsync();

        await Expect(page.Locator(".badge")).ToHaveCountAsync(0);
        await page.GetByText("Show more").ClickAsync();
        await Expect(page.Locator("main li")).ToHaveCountAsync(60);
        await Expect(page.Locator("main li.unread")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Messages_OfSomebodyElse_AreNotHere()
    {
        var ben = await _app.CreateUserAsync("ben");
        await using var db = await _app.OpenDatabaseAsync();
        await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(ben.Id, "for Ben"));
        await SendAsync(1);

        var page = await _context.OpenLiveAsync("messages");

        await Expect(page.Locator("main li")).ToHaveCountAsync(1);
        Assert.DoesNotContain("for Ben", await page.ContentAsync(), StringComparison.Ordinal);
    }

    private async Task SendAsync(int count)
    {
        await using var db = await _app.OpenDatabaseAsync();
        for (var i = 0; i < count; i++)
            await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(_anna.Id, $"“{i}.mp3” is ready."));
    }
}
