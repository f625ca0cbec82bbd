using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static BlazorTranscode.Tests.Uploads.UploadSteps;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Whose upload it is, and of which file: in a real browser, with people and files that are easily mixed up.</summary>
public sealed class UploadIdentityTests : IAsyncDisposable
{
    private const int ThreePieces = 20_000_000;

    private readonly TempFolder _folder = new();
    private TestApp _app = default!;
    private TestUser _anna = default!;
    private IBrowserContext _context = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task AnotherPersonInTheSameBrowser_GetsNothingOfAnUpload_WhichGoesOnAfterItsOwnerSignsInAgain()
    {
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);
        var file = Make(_folder, "anna.wav", ThreePieces);
        await ChooseAsync(page, file);
        await gate.Reached;

        var ben = await _app.CreateUserAsync("ben");
        await _context.SignInAsync(ben);
        var other = await _context.OpenLiveAsync("upload");
        await gate.OpenAsync();

        await Expect(Row(page, "anna.wav")).ToContainTextAsync("Another person has signed in in this browser, so this upload has stopped.");
        await Expect(Row(page, "anna.wav").GetByRole(AriaRole.Link, new() { Name = "Sign in again as anna@example.org" })).ToBeVisibleAsync();
        await ChooseAsync(other, Make(_folder, "ben.wav", 1000));
        await Expect(Row(other, "ben.wav")).ToContainTextAsync("Uploaded");
        await Expect(other.GetByText("anna.wav")).ToHaveCountAsync(0);
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal([("ben.wav", ben.Id)], (await db.AudioFiles.ToListAsync(Stop)).Select(f => (f.Name, f.OwnerId)));
        Assert.Equal([("anna.wav", _anna.Id), ("ben.wav", ben.Id)], (await db.Uploads.ToListAsync(Stop)).Select(u => (u.Name, u.OwnerId)).Order());

        await other.GotoAsync("account/login?switch=true");
        await other.GetByLabel("E-mail address").FillAsync(_anna.Email);
        await other.GetByLabel("Password").FillAsync(_anna.Password);
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(other).Not.ToHaveURLAsync(new System.Text.RegularExpressions.Regex("login"));
        await page.EvaluateAsync("dispatchEvent(new Event('focus'))");

        await Expect(Row(page, "anna.wav")).ToContainTextAsync("Uploaded");
        var arrived = await db.AudioFiles.SingleAsync(f => f.OwnerId == _anna.Id, Stop);
        Assert.Equal(await File.ReadAllBytesAsync(file, Stop), await _app.ReadSourceAsync(arrived));
    }

    [Fact]
    public async Task TwoFiles_WithTheSameNameSizeAndTime_AreNeverOne()
    {
        var (one, two) = (Twin("one", ThreePieces), Twin("two", ThreePieces));
        var page = await OpenAsync();
        await LeaveAtTheSecondPieceAsync(page, one);

        await ChooseAsync(page, two);
        await Expect(Row(page, "twin.wav").Filter(new() { HasText = "Uploaded" })).ToBeVisibleAsync();
        await Expect(Row(page, "twin.wav").Filter(new() { HasText = "Stopped at 41 %" })).ToBeVisibleAsync();
        await AssertFilesAsync(two);

        var gate = await PatchGate.CloseAsync(page);
        await gate.OpenAsync();
        await ChooseAsync(page, one);
        await Expect(Row(page, "twin.wav").Filter(new() { HasText = "Uploaded" })).ToHaveCountAsync(2);
        await Expect(Row(page, "twin.wav")).ToHaveCountAsync(2);
        Assert.Equal(["8388608", "16777216"], gate.Offsets);
        await AssertFilesAsync(one, two);
    }

    [Fact]
    public async Task SecondChoice_WhileTheFirstIsUploaded_IsSaidIfItIsTheSameFile_AndUploadedIfItIsAnother()
    {
        var (one, two) = (Twin("one", ThreePieces), Twin("two", ThreePieces));
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);
        await ChooseAsync(page, one);
        await gate.Reached;

        await ChooseAsync(page, one);
        await Expect(Row(page, "twin.wav").Filter(new() { HasText = "This file is already being uploaded." })).ToBeVisibleAsync();
        await ChooseAsync(page, two);
        await Expect(Row(page, "twin.wav").Filter(new() { HasText = "41 %" })).ToHaveCountAsync(2);
        await gate.OpenAsync();

        await Expect(Row(page, "twin.wav").And(page.Locator("[data-state=finished]"))).ToHaveCountAsync(2);
        await AssertFilesAsync(one, two);
    }

    [Fact]
    public async Task SecondTab_WithTheSameFile_EndsInTheSameUpload()
    {
        var file = Twin("one", ThreePieces);
        var first = await OpenAsync();
        var gate = await PatchGate.CloseAsync(first);
        await ChooseAsync(first, file);
        await gate.Reached;

        var second = await _context.OpenLiveAsync("upload");
        await ChooseAsync(second, file);
        await Expect(Row(second, "twin.wav")).ToContainTextAsync("Uploaded");
        await gate.OpenAsync();

        await Expect(Row(first, "twin.wav")).ToContainTextAsync("Uploaded");
        await AssertFilesAsync(file);
    }

    [Fact]
    public async Task Interrupted_IsOfferedAsLongAsTheServerKeepsIt_AndToItsOwnerOnly()
    {
        var page = await OpenAsync(new() { ["Uploads:KeepUnfinished"] = "3.00:00:00" });
        await LeaveAtTheSecondPieceAsync(page, Twin("one", ThreePieces));
        await page.EvaluateAsync(
            """
            for (const key of Object.keys(localStorage).filter(key => key.startsWith("upload:"))) {
              const entry = JSON.parse(localStorage[key]);
              localStorage[key] = JSON.stringify({ ...entry, at: entry.at - 2 * 24 * 60 * 60 * 1000 });
              localStorage[key.replace(/:[^:]*:/, ":another-person:")] = JSON.stringify({ ...entry, name: "foreign.wav" });
            }
            """);

        await page.ReloadAsync();

        await Expect(Row(page, "twin.wav")).ToContainTextAsync("Stopped at 41 %");
        await Expect(page.GetByText("foreign.wav")).ToHaveCountAsync(0);
        Assert.Equal(2, await page.EvaluateAsync<int>("Object.keys(localStorage).filter(key => key.startsWith('upload:')).length"));
    }

    [Fact]
    public async Task FilePicker_NamesExtensions_BecauseIosKnowsNoAudioWithoutThem()
    {
        var page = await OpenAsync();
        var accept = (await page.Locator("input[type=file]").GetAttributeAsync("accept"))!.Split(',');
        Assert.Empty(((string[])["audio/*", ".mp3", ".wav", ".m4a", ".m4b", ".aac", ".ogg", ".opus", ".flac", ".aiff", ".aif", ".wma", ".mp4", ".mov", ".mka", ".webm"]).Except(accept));
    }

    private async Task<IPage> OpenAsync(Dictionary<string, string?>? settings = null)
    {
        _app = UploadTestApp.Start(settings);
        _anna = await _app.CreateUserAsync("anna");
        _context = await Browser.NewContextAsync(_app.Address);
        await _context.SignInAsync(_anna);
        return await _context.OpenLiveAsync("upload");
    }

    private static async Task LeaveAtTheSecondPieceAsync(IPage page, string file)
    {
        var gate = await PatchGate.CloseAsync(page);
        await ChooseAsync(page, file);
        await gate.Reached;
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.ReloadAsync();
        await gate.OpenAsync();
        await Expect(Row(page, "twin.wav")).ToContainTextAsync("Stopped at 41 %");
    }

    /// <summary>A file that only its bytes tell from its twin.</summary>
    private string Twin(string folder, int length)
    {
        var path = Path.Combine(Directory.CreateDirectory(_folder.File(folder)).FullName, "twin.wav");
        var bytes = new byte[length];
        new Random(folder[0]).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return path;
    }

    private async Task AssertFilesAsync(params string[] paths)
    {
        await using var db = await _app.OpenDatabaseAsync();
        List<string> found = [];
        foreach (var file in await db.AudioFiles.ToListAsync(Stop))
            found.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await _app.ReadSourceAsync(file))));
        Assert.Equal(
            paths.Select(path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))).Order(), found.Order());
    }
}
