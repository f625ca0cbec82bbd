using System.Net;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using static BlazorTranscode.Tests.Uploads.UploadSteps;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>What one person may fill, and what the disk can promise to all.</summary>
public sealed class UploadRoomTests : IAsyncDisposable
{
    private TempFolder? _folder;
    private TestApp? _app;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _folder?.Dispose();
    }

    [Fact]
    public async Task BytesOfOnePerson_Announced_StopExactlyAtTheLimit_WhoeverComesAtOnce()
    {
        var tus = await StartAsync(4 << 20);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tus.PostAsync(1 << 20, TusClient.Metadata("a.mp3"))));

        Assert.Equal(4, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Equal(16, answers.Count(a => a.StatusCode == HttpStatusCode.InsufficientStorage));
        Assert.Equal(4, _app!.Parts().Length);
        await using var db = await _app!.OpenDatabaseAsync();
        Assert.Equal(4, await db.Uploads.CountAsync(Stop));

        // Somebody else has room of their own.
        await new TusClient(await _app.CreateUserAsync("ben")).CreateAsync(4 << 20);
    }

    [Fact]
    public async Task FileWithoutRoom_IsRefusedWithTheFigure_UntilSomethingIsDeleted()
    {
        var tus = await StartAsync(4 << 20);
        var url = await tus.CreateAsync((3 << 20) + (1 << 19));

        await tus.PostAsync(1 << 20, TusClient.Metadata("a.mp3")).AssertRefusedAsync(
            HttpStatusCode.InsufficientStorage, "This file has 1 MiB, and you have used 3.5 of 4 MiB. Delete something first.");
        await tus.PostAsync(5 << 20, TusClient.Metadata("a.mp3")).AssertRefusedAsync(
            HttpStatusCode.InsufficientStorage, "This file has 5 MiB; all your files together may have 4 MiB.");

        await tus.DeleteAsync(url);
        await tus.CreateAsync(4 << 20);
    }

    [Fact]
    public async Task Administrator_HasNoLimit()
    {
        await StartAsync(1 << 20);
        await new TusClient(await _app!.CreateUserAsync("boss", administrator: true)).CreateAsync(5 << 20);
    }

    [Fact]
    public async Task HundredUploadsOfEverybody_AreNotPromisedMoreThanTheDiskHas()
    {
        var tus = await StartAsync(0);
        var third = _app!.Get<IMediaStore>().FreeSpace!.Value * 3 / 10;

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => tus.PostAsync(third, TusClient.Metadata("a.mp3"))));

        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Equal(97, answers.Count(a => a.StatusCode == HttpStatusCode.InsufficientStorage));
        Assert.Equal(3, _app.Parts().Length);
    }

    [Fact]
    public async Task PromisedRoom_OutlivesARestart()
    {
        _folder = new();
        var anna = await StartAppAsync();
        var tus = new TusClient(anna);
        var most = _app!.Get<IMediaStore>().FreeSpace!.Value * 6 / 10;
        var url = await tus.CreateAsync(most);
        await _app.DisposeAsync();

        _app = UploadTestApp.Start(Settings(0), _folder);
        tus = new(await _app.SignInAgainAsync(anna));
        using (var refused = await tus.PostAsync(most, TusClient.Metadata("a.mp3")))
            Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);

        await tus.DeleteAsync(url);
        await tus.CreateAsync(most);
    }

    [Fact]
    public async Task Person_SeesTheFigureOnThePage_AndTheRefusalBesideTheFile()
    {
        _folder = new();
        await (await StartAsync(4 << 20)).CreateAsync(3 << 20);
        await using var context = await Browser.NewContextAsync(_app!.Address);
        await context.SignInAsync(_user!);
        var page = await context.NewPageAsync();
        await page.GotoAsync("upload");

        await Expect(page.Locator(".room")).ToContainTextAsync("3 of 4 MiB used");
        await ChooseAsync(page, Make(_folder, "large.wav", 2 << 20));

        await Expect(Row(page, "large.wav")).ToContainTextAsync("This file has 2 MiB, and you have used 3 of 4 MiB. Delete something first.");
        await Expect(Row(page, "large.wav").GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        _app.Get<IOptions<StorageOptions>>().Value.MaxBytesPerPerson = 0;
        await page.ReloadAsync();
        await Expect(page.Locator(".room")).ToHaveTextAsync("3 MiB used");
    }

    private TestUser? _user;

    private static Dictionary<string, string?> Settings(long perPerson) => new()
    {
        ["Storage:MaxBytesPerPerson"] = $"{perPerson}", ["Uploads:MaxBytes"] = $"{long.MaxValue}", ["Storage:ReserveBytes"] = "0",
    };

    private async Task<TestUser> StartAppAsync(long perPerson = 0)
    {
        _app = UploadTestApp.Start(Settings(perPerson), _folder);
        return _user = await _app.CreateUserAsync("anna");
    }

    private async Task<TusClient> StartAsync(long perPerson) => new(await StartAppAsync(perPerson));
}
