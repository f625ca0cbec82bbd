using BlazorTranscode.Administration;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Administration;

public sealed class StoragePageTests : IDisposable
{
    private readonly TempFolder _data = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Page_ForAnybodyElse_IsClosed()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var answer = await ann.Client.GetAsync(new Uri("administration/storage", UriKind.Relative), Cancel);
        Assert.StartsWith("/account/access-denied", answer.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_IsListed_MovedToTheTrash_AndPutBack()
    {
        await using var app = TestApp.Start(folder: _data);
        var boss = await app.CreateUserAsync("boss", administrator: true);
        await app.AddFileAsync(boss, "known.wav");
        var (old, young) = ($"sources/{Guid.NewGuid():N}", $"renditions/{Guid.NewGuid():N}/1/audio.mp3");
        await app.StoreAsync(old, new byte[2048]);
        await app.StoreAsync(young, [1]);
        await app.StoreAsync("holiday.jpg", [1]);
        File.SetLastWriteTimeUtc(_data.File($"media/objects/{old}"), DateTime.UtcNow.AddDays(-2));
        var (context, page) = await OpenAsync(app, boss);
        await using var _ = context;
        await Expect(page.GetByText("Nothing.", new() { Exact = true })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Look through the store" }).ClickAsync();
        await Expect(page.GetByText("6 objects looked at. 2 are unknown, 2 KiB. 3 have names that this app never gives")).ToBeVisibleAsync();
        var unknown = page.GetByRole(AriaRole.Table, new() { Name = "Unknown objects 1 to 2 of 2" });
        await Expect(unknown.GetByRole(AriaRole.Row).Filter(new() { HasText = young })).ToContainTextAsync("(new)");
        await Expect(unknown.GetByRole(AriaRole.Row).Filter(new() { HasText = old })).ToContainTextAsync("2 KiB");

        await page.GetByRole(AriaRole.Button, new() { Name = "Move all older than a day to trash" }).ClickAsync();
        await Expect(page.GetByText("1 object was moved to the trash.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What is to be deleted" })).ToBeFocusedAsync();
        await using var db = await app.OpenDatabaseAsync();
        var row = await db.PendingDeletions.AsNoTracking().SingleAsync(Cancel);
        Assert.Equal((old, DeletionReason.MovedToTrash, 2048), (row.StorageKey, row.Reason, row.Length));
        Assert.InRange(row.DueAt, DateTimeOffset.UtcNow.AddDays(6.9), DateTimeOffset.UtcNow.AddDays(7.1));

        await page.GetByRole(AriaRole.Button, new() { Name = $"Put back {old}" }).ClickAsync();
        await Expect(page.GetByText("It was put back.")).ToBeVisibleAsync();
        Assert.Equal(0, await db.PendingDeletions.CountAsync(Cancel));

        await page.GetByRole(AriaRole.Button, new() { Name = "Look through the store" }).ClickAsync();
        await page.GetByLabel($"Select {young}").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Move selected to trash" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "To be deleted 1 to 1 of 1" })).ToContainTextAsync("In the trash");
        await Expect(page.GetByText("in 7 days", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Equal(young, (await db.PendingDeletions.AsNoTracking().SingleAsync(Cancel)).StorageKey);
        Assert.True(File.Exists(_data.File($"media/objects/{young}")));
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task ForeignStore_IsExplained_AndAdoptedAfterOneQuestion()
    {
        var app = await StartBesideForeignAudioAsync();
        await using var _ = app;
        var boss = await app.CreateUserAsync("boss", administrator: true);
        var (context, page) = await OpenAsync(app, boss);
        await using var __ = context;

        await Expect(page.GetByText("The media store belongs to another database")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Look through the store" }).ClickAsync();
        await Expect(page.GetByText("30 objects looked at. 30 are unknown")).ToBeVisibleAsync();
        await Expect(page.GetByText("Page 1 of 2")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Move selected to trash" })).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Adopt this store" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Leave it" }).ClickAsync();
        Assert.False(app.Get<StoreOwnership>().IsOurs);
        await page.GetByRole(AriaRole.Button, new() { Name = "Adopt this store" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Adopt", Exact = true }).ClickAsync();

        await Expect(page.GetByText("The store is this database's own now.")).ToBeVisibleAsync();
        await Expect(page.GetByText("The media store belongs to another database")).ToHaveCountAsync(0);
        Assert.True(app.Get<StoreOwnership>().IsOurs);
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task Page_InBothThemesAndOnAPhone_PassesAxe()
    {
        var app = await StartBesideForeignAudioAsync();
        await using var _ = app;
        var boss = await app.CreateUserAsync("boss", administrator: true);
        using var npm = new TempFolder();
        await npm.InstallAsync("axe-core@4.14.1");
        foreach (var (scheme, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 390) })
        {
            await using var context = await Browser.NewContextAsync(app.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 844 } });
            await context.SignInAsync(boss);
            var page = await context.OpenLiveAsync("administration/storage");
            await page.GetByRole(AriaRole.Button, new() { Name = "Look through the store" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Table)).ToBeVisibleAsync();
            await AssertAccessibleAsync(page, npm, $"foreign-{scheme}");
        }

        await app.Get<StoreOwnership>().AdoptAsync(Cancel);
        await using var db = await app.OpenDatabaseAsync();
        db.DeleteLater($"sources/{Guid.NewGuid():N}", DeletionReason.MovedToTrash, DateTimeOffset.UtcNow, Deletions.TrashStay, length: 12_345_678);
        db.DeleteLater($"sources/{Guid.NewGuid():N}", DeletionReason.UploadAbandoned, DateTimeOffset.UtcNow, Deletions.TrashStay, handle: Guid.NewGuid().ToString("N"));
        await db.SaveChangesAsync(Cancel);
        foreach (var (scheme, width) in new[] { (ColorScheme.Dark, 1280), (ColorScheme.Light, 390) })
        {
            await using var context = await Browser.NewContextAsync(app.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 844 } });
            await context.SignInAsync(boss);
            var page = await context.OpenLiveAsync("administration/storage");
            await page.GetByRole(AriaRole.Button, new() { Name = "Look through the store" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Table)).ToHaveCountAsync(2);
            await AssertAccessibleAsync(page, npm, $"ours-{scheme}");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), $"{scheme} is wider than {width}.");
        }
    }

    [Fact]
    public async Task Act_ByOneWhoIsNoAdministratorAnyMore_DoesNothing()
    {
        await using var app = TestApp.Start(folder: _data);
        var boss = await app.CreateUserAsync("boss", administrator: true);
        var key = $"sources/{Guid.NewGuid():N}";
        await app.StoreAsync(key, [1]);
        var stale = await UsersPageTests.PrincipalAsync(app, boss);
        await using var db = await app.OpenDatabaseAsync();
        var row = db.DeleteLater($"sources/{Guid.NewGuid():N}", DeletionReason.MovedToTrash, DateTimeOffset.UtcNow, Deletions.TrashStay);
        await db.SaveChangesAsync(Cancel);
        await db.UserRoles.ExecuteDeleteAsync(Cancel);
        var administration = app.Get<StoreAdministration>();

        Assert.Null(await administration.MoveToTrashAsync(stale, [new(key, null, default, 1)], Cancel));
        Assert.False(await administration.PutBackAsync(stale, row, Cancel));
        Assert.False(await administration.AdoptAsync(stale, Cancel));
        Assert.Equal(row.Id, (await db.PendingDeletions.AsNoTracking().SingleAsync(Cancel)).Id);
    }

    private async Task<TestApp> StartBesideForeignAudioAsync()
    {
        var sources = Directory.CreateDirectory(_data.File("media/objects/sources")).FullName;
        for (var n = 0; n < 30; n++)
            await File.WriteAllTextAsync(Path.Combine(sources, $"{Guid.NewGuid():N}"), "audio", Cancel);
        return TestApp.Start(folder: _data);
    }

    private static async Task<(IBrowserContext Context, IPage Page)> OpenAsync(TestApp app, TestUser boss)
    {
        var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(boss);
        return (context, await context.OpenLiveAsync("administration/storage"));
    }

    private static async Task AssertAccessibleAsync(IPage page, TempFolder npm, string name)
    {
        await page.LoadedAsync();
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        // By the debugger, because the page's policy lets no other script in.
        await page.EvaluateAsync(await File.ReadAllTextAsync(npm.File("node_modules/axe-core/axe.min.js"), Cancel));
        var violations = await page.EvaluateAsync<string[]>(
            "async () => (await axe.run()).violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html}`))");
        Assert.Empty(violations);
    }
}
