using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Library;

/// <summary>
/// A player in a real browser whose bytes come from a real S3, and a cable to the app: the links that were given out expire, the store or the
/// app goes away and comes back, and the sound goes on from where it was.
/// </summary>
public sealed class PlayerRenewalTests(Swift swift) : IAsyncLifetime
{
    private const int Seconds = 120;

    private readonly ConcurrentDictionary<string, bool> _expired = new();
    private readonly ConcurrentDictionary<string, bool> _given = new();
    private FaultyS3 _s3 = null!;
    private TestApp _app = null!;
    private TcpLink _cable = null!;
    private IBrowserContext _context = null!;
    private IPage _page = null!;
    private volatile bool _isAway;

    public async ValueTask InitializeAsync()
    {
        _s3 = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        _s3.Fault = FaultAsync;
        _app = TestApp.Start(Swift.SettingsFor(_s3.Bucket));
        _cable = new(_app.Address);
        var anna = await _app.CreateUserAsync("anna");
        var file = await _app.AddFileAsync(anna, "tone.wav", formats: [Preset.Wav]);
        await using (var db = await _app.OpenDatabaseAsync())
            await _app.StoreAsync(db.Renditions.Single().StorageKey, await ToneAsync());
        _context = await Browser.NewContextAsync(_cable.Address);
        await _context.SignInAsync(anna);
        _page = await _context.OpenLiveAsync($"files/{file.Id}");
        await _page.WaitForFunctionAsync("() => { const a = document.querySelector('audio'); a.muted = true; return a.readyState > 0; }");
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _cable.DisposeAsync();
        await _app.DisposeAsync();
        await _s3.DisposeAsync();
    }

    [Fact]
    public async Task Link_ThatExpiredInAPause_IsRenewed_AndAJumpEndsWhereItWasMeant()
    {
        await PlayAsync();
        await _page.EvaluateAsync("document.querySelector('audio').pause()");
        Expire();

        await _page.EvaluateAsync("document.querySelector('audio').currentTime = 90");

        await _page.WaitForFunctionAsync("() => { const a = document.querySelector('audio'); return !a.error && !a.seeking && a.readyState > 1 && Math.abs(a.currentTime - 90) < 1; }");
        Assert.True(await _page.EvaluateAsync<bool>("document.querySelector('audio').paused"));
        await PlayAsync(from: 90);
        Assert.NotEmpty(_expired);
    }

    [Fact]
    public async Task Link_ThatExpiredWhileItPlayed_IsRenewed_AndItPlaysOn()
    {
        await _page.EvaluateAsync("document.querySelector('audio').currentTime = 60");
        await PlayAsync(from: 60);
        Expire();

        await _page.EvaluateAsync("document.querySelector('audio').currentTime = 100");

        await PlaysAsync(from: 100);
    }

    [Fact]
    public async Task AppAndStore_AwayForAWhile_AreWaitedFor_ThenGivenUpInWords_AndTriedAgainByAClick()
    {
        await PlayAsync();
        await _page.EvaluateAsync("document.querySelector('.player').dataset.pauses = '0 0.2 0.2'");
        Expire();
        _isAway = true;
        await _page.EvaluateAsync("document.querySelector('audio').currentTime = 80");

        var again = _page.GetByRole(AriaRole.Button, new() { Name = "Try again" });
        await Expect(again).ToBeVisibleAsync();
        await Expect(_page.Locator(".player [role=status]")).ToHaveTextAsync("The sound cannot be reached. Check your connection, or try again in a minute.");
        _isAway = false;
        await again.ClickAsync();

        await PlaysAsync(from: 80);
        await Expect(again).ToBeHiddenAsync();
        await Expect(_page.Locator(".player [role=status]")).ToHaveTextAsync("");
    }

    [Fact]
    public async Task Download_WhileTheStoreIsAway_SaysSoInATabOfItsOwn_AndTheAppStays()
    {
        await _page.EvaluateAsync("window.isStillHere = true");
        _isAway = true;

        var tab = await _context.RunAndWaitForPageAsync(() => _page.Locator("a[href$='/wav']").ClickAsync());

        await Expect(tab.Locator("h1")).ToHaveTextAsync("Not just now");
        await Expect(tab.Locator("main")).ToContainTextAsync("The storage does not answer at the moment.");
        Assert.True(await _page.EvaluateAsync<bool>("window.isStillHere"));
    }

    /// <summary>Every link that has been given out so far, as six hours would do it.</summary>
    private void Expire()
    {
        foreach (var link in _given.Keys)
            _expired[link] = true;
    }

    private async Task<bool> FaultAsync(HttpContext context)
    {
        if (_isAway)
            return await FaultyS3.AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "SlowDown");
        if (context.Request.Query["X-Amz-Signature"].ToString() is not { Length: > 0 } link)
            return false;
        _given[link] = true;
        return _expired.ContainsKey(link) && await FaultyS3.AnswerAsync(context, HttpStatusCode.Forbidden, "AccessDenied");
    }

    private async Task PlayAsync(double from = 0)
    {
        await _page.EvaluateAsync("document.querySelector('audio').play().catch(() => {})");
        await PlaysAsync(from);
    }

    private Task<IJSHandle> PlaysAsync(double from) => _page.WaitForFunctionAsync(
        "from => { const a = document.querySelector('audio'); return !a.error && !a.paused && a.currentTime > from + 0.3 && a.currentTime < from + 20; }", from);

    /// <summary>Much longer than what a browser fetches ahead.</summary>
    private static async Task<byte[]> ToneAsync()
    {
        using var folder = new TempFolder();
        var path = folder.File("tone.wav");
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", $"sine=d={Seconds}:r=96000", "-ac", "2", "-c:a", "pcm_s24le", path]))!;
        await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }
}
