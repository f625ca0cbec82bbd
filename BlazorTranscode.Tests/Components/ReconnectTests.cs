using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Components;

public sealed class ReconnectTests
{
    [Fact]
    public async Task CutConnection_TheDialogComesAndGoes_AndThePageShowsWhatItMissed()
    {
        await using var app = TestApp.Start();
        await using var link = new TcpLink(app.Address);
        var anna = await app.CreateUserAsync("anna");
        var file = await app.AddFileAsync(anna, "song.wav", JobState.Running);
        await using var context = await Browser.NewContextAsync(link.Address);
        await context.SignInAsync(anna);
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("");
        await page.EvaluateAsync("window.sameDocument = true");

        link.Cut();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await FinishAsync(app, anna, file.Id);
        link.Mend(app.Address);

        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await Expect(page.Locator("li .state")).ToContainTextAsync("Ready");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"), "The page was reloaded although its circuit was alive");
    }

    [Fact]
    public async Task RestartedServer_ThePageComesBackByItself()
    {
        using var folder = new TempFolder();
        TestUser anna;
        IBrowserContext context;
        IPage page;
        TcpLink link;
        await using (var first = TestApp.Start(folder: folder))
        {
            anna = await first.CreateUserAsync("anna");
            link = new TcpLink(first.Address);
            context = await Browser.NewContextAsync(link.Address);
            await context.SignInAsync(anna);
            page = await context.NewPageAsync();
            await page.GotoLiveAsync("messages");
            link.Cut();
        }
        await using var second = TestApp.Start(folder: folder);
        await using var _ = link;
        await using var __ = context;
        await using (var db = await second.OpenDatabaseAsync())
            await db.SendAsync(second.Get<MessageFeed>(), SampleRows.NewMessage(anna.Id, "“late.mp3” is ready."));

        link.Mend(second.Address);

        await Expect(page.Locator("main li")).ToContainTextAsync("late.mp3");
        await Expect(page.Locator("[data-interactive=yes]")).ToBeVisibleAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task RestartedServer_WhileAnUploadRuns_ThePageWaitsForItsEnd()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var first = UploadTestApp.Start(folder: folder);
        await using var link = new TcpLink(first.Address);
        await using var context = await Browser.NewContextAsync(link.Address);
        await context.SignInAsync(await first.CreateUserAsync("anna"));
        var page = await context.OpenLiveAsync("upload");
        var gate = await PatchGate.CloseAsync(page);
        await UploadSteps.ChooseAsync(page, UploadSteps.Make(files, "long.wav", 10_000_000));
        await gate.Reached;
        await page.EvaluateAsync(
            """
            window.sameDocument = true;
            document.getElementById("components-reconnect-modal")
              .addEventListener("components-reconnect-state-changed", event => window.lastState = event.detail.state);
            """);

        link.Cut();
        await first.DisposeAsync();
        await using var second = UploadTestApp.Start(folder: folder);
        link.Mend(second.Address);

        // Until the new server has said that it does not know the circuit, the page has no reason to load again.
        await Eventually.TrueAsync(() => page.EvaluateAsync<bool>("window.lastState === 'rejected'"));
        await Expect(page.GetByText("your upload goes on")).ToBeVisibleAsync();
        Assert.False(await page.EvaluateAsync<bool>("document.getElementById('components-reconnect-modal').matches(':modal')"));
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"), "The page was reloaded although an upload ran");
        await gate.OpenAsync();
        await page.WaitForFunctionAsync("() => window.sameDocument === undefined", options: new() { PollingInterval = 50 });
        await using var db = await second.OpenDatabaseAsync();
        Assert.Equal("long.wav", (await db.AudioFiles.SingleAsync(TestContext.Current.CancellationToken)).Name);
    }

    [Fact]
    public async Task ForgottenCircuit_IsResumed_WithoutAReload_AndIsLive()
    {
        await using var app = TestApp.Start(services: services => services.Configure<CircuitOptions>(circuits => circuits.DisconnectedCircuitMaxRetained = 0));
        await using var link = new TcpLink(app.Address);
        var anna = await app.CreateUserAsync("anna");
        var file = await app.AddFileAsync(anna, "song.wav", JobState.Running);
        await using var context = await Browser.NewContextAsync(link.Address);
        await context.SignInAsync(anna);
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("");
        await page.EvaluateAsync("window.sameDocument = true");
        await Eventually.TrueAsync(() => app.Get<JobFeed>().Users.Count == 1);

        link.Cut();
        await Eventually.TrueAsync(() => app.Get<JobFeed>().Users.Count == 0); // nobody listens: the circuit is gone
        link.Mend(app.Address);

        await Eventually.TrueAsync(() => app.Get<JobFeed>().Users.Count == 1);
        await FinishAsync(app, anna, file.Id);
        await Expect(page.Locator("li .state")).ToContainTextAsync("Ready");
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
    }

    private static async Task FinishAsync(TestApp app, TestUser owner, Guid file)
    {
        await using var db = await app.OpenDatabaseAsync();
        var jobs = db.TranscodeJobs.Where(job => job.AudioFileId == file);
        await jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.State, JobState.Succeeded), TestContext.Current.CancellationToken);
        app.Get<JobFeed>().Changed(owner.Id, await jobs.Select(job => job.Id).SingleAsync(TestContext.Current.CancellationToken));
    }
}
