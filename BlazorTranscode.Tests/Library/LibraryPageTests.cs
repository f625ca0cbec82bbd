using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Library;

public sealed partial class LibraryPageTests : IAsyncLifetime
{
    // A tab that is closed too fast to say so is otherwise kept for a while, in case it comes back.
    private readonly TestApp _app = TestApp.Start(
        services: services => services.Configure<CircuitOptions>(circuits => circuits.DisconnectedCircuitMaxRetained = 0));

    private TestUser _anna = default!;
    private IBrowserContext _context = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
    public async Task NoFiles_InvitesToUpload()
    {
        var page = await _context.OpenLiveAsync("");

        await Expect(page.Locator("main")).ToContainTextAsync("Nothing here yet");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Upload audio" })).ToHaveAttributeAsync("href", "upload");
    }

    [Fact]
    public async Task Job_FromQueueToReady_IsSeenInEveryTabWithoutAReload()
    {
        var file = await _app.AddFileAsync(_anna, "song.wav", JobState.Queued);
        var job = await _app.JobOfAsync(file);
        var (list, detail) = (await _context.OpenLiveAsync(""), await _context.OpenLiveAsync($"files/{file.Id}"));
        await BothSayAsync("Next in line");

        await MoveAsync(job, JobState.Running);
        await BothSayAsync("Converting");
        _app.Get<JobFeed>().Progressed(_anna.Id, job, 0.5);
        await BothSayAsync("Converting, 50 %");
        await MoveAsync(job, JobState.Succeeded);
        await BothSayAsync("Ready");
        _context.AssertNoTrouble();

        async Task BothSayAsync(string words)
        {
            await Expect(list.Locator("li .state")).ToHaveTextAsync(words);
            await Expect(detail.Locator("main .state")).ToHaveTextAsync(words);
        }
    }

    [Fact]
    public async Task Cancel_ThenTryAgain()
    {
        await _app.AddFileAsync(_anna, "song.wav", JobState.Running);
        var page = await _context.OpenLiveAsync("");

        await page.GetByLabel("Cancel song.wav").ClickAsync();
        await Expect(page.Locator("li .state")).ToHaveTextAsync("Cancelled");
        await page.GetByLabel("Try song.wav again").ClickAsync();

        await Expect(page.Locator("li .state")).Not.ToHaveTextAsync("Cancelled");
    }

    [Fact]
    public async Task Search_NarrowsAsOneTypes_AndIsInTheAddress()
    {
        await _app.AddFileAsync(_anna, "nocturne.wav");
        await _app.AddFileAsync(_anna, "prelude.wav");
        var page = await _context.OpenLiveAsync("");

        await page.GetByLabel("Search by name").PressSequentiallyAsync("noct");

        await Expect(page.Locator("main li")).ToHaveCountAsync(1);
        await Expect(page.GetByLabel("Search by name")).ToBeFocusedAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("main li .name")).ToHaveTextAsync("nocturne.wav");
    }

    [Fact]
    public async Task Search_OverALongCable_KeepsEveryLetter_AndTheFocus()
    {
        await _app.AddFileAsync(_anna, "nocturne.wav");
        await using var link = new TcpLink(_app.Address, TimeSpan.FromMilliseconds(60));
        await using var context = await Browser.NewContextAsync(link.Address);
        await context.SignInAsync(_anna);
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("");
        var search = page.GetByLabel("Search by name");

        await search.PressSequentiallyAsync("nocturne in", new() { Delay = 40 });
        await Expect(page.Locator("main")).ToContainTextAsync("No file has “nocturne in” in its name.");
        await Expect(search).ToHaveValueAsync("nocturne in");
        await search.ClearAsync();

        await Expect(page.Locator("main li .name")).ToHaveTextAsync("nocturne.wav");
        await Expect(search).ToBeFocusedAsync();
        await search.PressSequentiallyAsync("x");
        await Expect(page.Locator("main li")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Library" }).ClickAsync();
        await Expect(search).ToHaveValueAsync("");
        await Expect(page.Locator("main li .name")).ToHaveTextAsync("nocturne.wav");
    }

    [Fact]
    public async Task HostileName_IsText()
    {
        const string Name = "<img src=x onerror=\"document.title='stolen'\">.wav";
        var file = await _app.AddFileAsync(_anna, Name, JobState.Failed, "<b>bold</b>", detail: "<script>document.title='stolen'</script>");
        await _app.AddMessageAsync(_anna, file, MessageKind.Failed, $"“{Name}” could not be converted.");

        foreach (var address in new[] { "", $"files/{file.Id}", "messages" })
        {
            var page = await _context.OpenLiveAsync(address);
            await Expect(page.Locator("main")).ToContainTextAsync(Name);
            Assert.DoesNotContain("stolen", address.StartsWith("files", StringComparison.Ordinal) ? "" : await page.TitleAsync(), StringComparison.Ordinal);
            await Expect(page.Locator("main img")).ToHaveCountAsync(0);
        }
        _context.AssertNoTrouble();
    }

    [Fact]
    public async Task FileOfSomebodyElse_IsNotFound_AndSoIsGarbage()
    {
        var ben = await _app.CreateUserAsync("ben");
        var his = await _app.AddFileAsync(ben, "his.wav");

        foreach (var id in new[] { his.Id.ToString(), Guid.Empty.ToString(), "garbage" })
        {
            var answer = await _anna.Client.GetAsync(new Uri($"files/{id}", UriKind.Relative), Stop);
            Assert.Equal(404, (int)answer.StatusCode);
            Assert.Contains("There is nothing here", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ClosedTab_LeavesNoSubscriber()
    {
        await _anna.Client.GetStringAsync(new Uri("", UriKind.Relative), Stop);
        Assert.Empty(_app.Get<JobFeed>().Users);
        var page = await _context.OpenLiveAsync("");
        await Eventually.TrueAsync(() => _app.Get<JobFeed>().Users.Count == 1);

        await page.CloseAsync();

        await Eventually.TrueAsync(() => _app.Get<JobFeed>().Users.Count == 0);
    }

    private async Task MoveAsync(Guid job, JobState state)
    {
        await using var db = await _app.OpenDatabaseAsync();
        await db.TranscodeJobs.Where(j => j.Id == job).ExecuteUpdateAsync(set => set.SetProperty(j => j.State, state), Stop);
        _app.Get<JobFeed>().Changed(_anna.Id, job);
    }
}
