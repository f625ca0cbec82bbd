using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static BlazorTranscode.Tests.Uploads.UploadSteps;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>The page, the tray and the scripts behind them in a real browser. A piece has 8 MiB, so 20 MB go in three.</summary>
public sealed class UploadPageTests : IAsyncDisposable
{
    private const int ThreePieces = 20_000_000;

    private readonly TempFolder _folder = new();
    private TestApp? _app;
    private IBrowserContext? _context;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_context is not null)
            await _context.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ThreeFiles_AreUploadedInTheChosenFormats_WhichAreRemembered()
    {
        var page = await OpenAsync();
        await Expect(Box(page, "MP3")).ToBeCheckedAsync();
        await Expect(Box(page, "FLAC")).ToBeCheckedAsync();
        await Expect(Box(page, "WAV")).Not.ToBeCheckedAsync();
        await Box(page, "FLAC").UncheckAsync();
        await Box(page, "WAV").CheckAsync();

        await ChooseAsync(page, Make("one.mp3", 1000), Make("two.flac", ThreePieces), Make("<img src=x onerror=alert(1)>.wav", 5));

        await Expect(Tray(page).Locator("summary")).ToHaveTextAsync("3 files uploaded");
        await Expect(Row(page, "<img src=x onerror=alert(1)>.wav")).ToContainTextAsync("Uploaded");
        await using var db = await _app!.OpenDatabaseAsync();
        Assert.Equal(["<img src=x onerror=alert(1)>.wav", "one.mp3", "two.flac"], (await db.AudioFiles.Select(f => f.Name).ToListAsync(Stop)).Order(StringComparer.Ordinal));
        Assert.All(await db.Uploads.ToListAsync(Stop), upload => Assert.Equal(["mp3", "wav"], upload.PresetIds));

        await page.ReloadAsync();
        await Expect(Box(page, "WAV")).ToBeCheckedAsync();
        await Expect(Box(page, "FLAC")).Not.ToBeCheckedAsync();
        _context!.AssertNoTrouble();
    }

    [Fact]
    public async Task Cancel_RemovesOneUploadHereAndOnTheServer_AndTheOthersGoOn()
    {
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);

        await ChooseAsync(page, Make("long.wav", ThreePieces), Make("short.wav", 500));
        await gate.Reached;
        await Expect(Row(page, "short.wav")).ToContainTextAsync("Uploaded");
        await Expect(Row(page, "long.wav").GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("value", "41");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel long.wav" }).ClickAsync();

        await Expect(Row(page, "long.wav")).ToHaveCountAsync(0);
        await Eventually.TrueAsync(() => _app!.Parts().Length == 0);
        await using var db = await _app!.OpenDatabaseAsync();
        Assert.Equal("short.wav", (await db.AudioFiles.SingleAsync(Stop)).Name);
        Assert.Equal("short.wav", (await db.Uploads.SingleAsync(Stop)).Name);
    }

    [Fact]
    public async Task LostConnection_IsSaid_AndTheUploadGoesOnWhereItStopped()
    {
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);
        var file = Make("long.wav", ThreePieces);
        await ChooseAsync(page, file);
        await gate.Reached;

        await _context!.SetOfflineAsync(true);
        await gate.CutAsync();
        await Expect(Row(page, "long.wav")).ToContainTextAsync("The connection was lost. Trying again.");
        Assert.True(await page.EvaluateAsync<bool>("window.blazorTranscode.uploading"));
        await _context.SetOfflineAsync(false);

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Uploaded");
        Assert.False(await page.EvaluateAsync<bool>("window.blazorTranscode.uploading"));
        Assert.Equal(["0", "8388608", "8388608", "16777216"], gate.Offsets);
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task AnotherPage_DoesNotStopAnUpload()
    {
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);
        var file = Make("long.wav", ThreePieces);
        await ChooseAsync(page, file);
        await gate.Reached;

        await page.GetByRole(AriaRole.Link, new() { Name = "Library" }).ClickAsync();
        await Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("Library"));
        await Expect(Tray(page).Locator("summary")).ToHaveTextAsync("Uploading, 0 of 1 done, 41 %");
        await gate.OpenAsync();

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Uploaded");
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task Reload_LeavesAnUploadThatIsContinuedWhenTheFileIsChosenAgain()
    {
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);
        var file = Make("long.wav", ThreePieces);
        await ChooseAsync(page, file);
        await gate.Reached;
        List<string> asked = [];
        page.Dialog += (_, dialog) => asked.Add(dialog.Type);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.ReloadAsync();
        Assert.Equal(["beforeunload"], asked);
        await gate.OpenAsync();

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Stopped at 41 %. Choose the same file and formats again to go on.");
        await ChooseAsync(page, file);

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Uploaded");
        Assert.Equal(["0", "8388608", "8388608", "16777216"], gate.Offsets);
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task Refusals_StandNextToTheFile_AndTheLimitBeforeIt()
    {
        var page = await OpenAsync(new() { ["Uploads:MaxBytes"] = "3000", ["Storage:ReserveBytes"] = $"{long.MaxValue}" });
        await Expect(page.Locator(".drop-zone")).ToContainTextAsync("Up to 2.9 KiB a file and 20 files at a time.");

        await ChooseAsync(page, Make("large.wav", 3001), Make("empty.wav", 0), Make("fine.wav", 2000));

        await Expect(Row(page, "large.wav")).ToContainTextAsync("This file is too large; the limit is 2.9 KiB.");
        await Expect(Row(page, "empty.wav")).ToContainTextAsync("This file is empty, so it is not audio.");
        await Expect(Row(page, "fine.wav")).ToContainTextAsync("The server has no room for 2 KiB. Try again when room has been made.");
        await Expect(Row(page, "fine.wav").GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        await Box(page, "MP3").UncheckAsync();
        await Box(page, "FLAC").UncheckAsync();
        await ChooseAsync(page, Make("other.wav", 10));
        await Expect(page.Locator(".drop-zone [role=alert]")).ToHaveTextAsync("Choose at least one format first.");
    }

    [Fact]
    public async Task TooManyFilesAtOnce_AreCutOffInWords()
    {
        var page = await OpenAsync();
        await ChooseAsync(page, [.. Enumerable.Range(1, 22).Select(i => Make($"{i}.wav", 10 + i))]);
        await Expect(page.Locator(".drop-zone [role=alert]")).ToHaveTextAsync("Only the first 20 files were taken; add the rest afterwards.");
        await Expect(Tray(page).Locator("summary")).ToHaveTextAsync("20 files uploaded");
    }

    [Fact]
    public async Task Drop_AnywhereOnThePage_TakesTheFile()
    {
        var page = await OpenAsync();
        await Expect(page.Locator("input[type=file]")).ToBeEnabledAsync();
        var files = await page.EvaluateHandleAsync("() => { const t = new DataTransfer(); t.items.add(new File(['abc'], 'dropped.wav')); return t; }");

        await page.DispatchEventAsync("h1", "dragover", new { dataTransfer = files });
        await Expect(page.Locator(".drop-zone[data-over]")).ToBeVisibleAsync();
        await page.DispatchEventAsync("h1", "drop", new { dataTransfer = files });

        await Expect(Row(page, "dropped.wav")).ToContainTextAsync("Uploaded");
        await Expect(page.Locator(".drop-zone[data-over]")).ToHaveCountAsync(0);
    }

    private async Task<IPage> OpenAsync(Dictionary<string, string?>? settings = null)
    {
        _app = UploadTestApp.Start(settings);
        var user = await _app.CreateUserAsync("anna");
        _context = await Browser.NewContextAsync(_app.Address);
        await _context.SignInAsync(user);
        var page = await _context.NewPageAsync();
        await page.GotoAsync("upload");
        return page;
    }

    private string Make(string name, int length) => UploadSteps.Make(_folder, name, length);

    private async Task AssertArrivedAsync(string path)
    {
        await using var db = await _app!.OpenDatabaseAsync();
        var file = await db.AudioFiles.SingleAsync(Stop);
        Assert.Equal(await File.ReadAllBytesAsync(path, Stop), await _app!.ReadSourceAsync(file));
    }
}
