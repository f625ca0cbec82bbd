using System.Diagnostics;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Library;

public sealed class PlayerTests
{
    [Theory]
    [InlineData("mp3")]
    [InlineData("m4a")]
    [InlineData("opus")]
    [InlineData("flac")]
    [InlineData("wav")]
    public async Task Format_PlaysAndSeeksOnItsPage(string format)
    {
        await using var app = TestApp.Start();
        var anna = await app.CreateUserAsync("anna");
        var preset = Preset.Find(format)!;
        var file = await app.AddFileAsync(anna, "tone.wav", formats: [preset]);
        await using (var db = await app.OpenDatabaseAsync())
            await app.StoreAsync(db.Renditions.Single().StorageKey, await ToneAsync(preset));
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(anna);
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync($"files/{file.Id}");

        // 4 is HAVE_ENOUGH_DATA.
        await page.WaitForFunctionAsync("() => { const a = document.querySelector('audio'); a.muted = true; a.preload = 'auto'; return a.readyState === 4; }");
        Assert.Equal(3, await page.EvaluateAsync<double>("document.querySelector('audio').duration"), 0.2);
        var reached = await page.EvaluateAsync<double>("""
            async () => {
              const audio = document.querySelector('audio');
              const seeked = new Promise(done => audio.addEventListener('seeked', done, { once: true }));
              audio.currentTime = 2;
              await seeked;
              await audio.play();
              await new Promise(done => audio.addEventListener('ended', done, { once: true }));
              return audio.currentTime;
            }
            """);
        Assert.Equal(3, reached, 0.2);
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task AppThatRestarts_WhileItPlays_IsWaitedFor_AndItPlaysOnFromThere()
    {
        using var folder = new TempFolder();
        var app = TestApp.Start(folder: folder);
        await using var cable = new TcpLink(app.Address);
        var anna = await app.CreateUserAsync("anna");
        var file = await app.AddFileAsync(anna, "tone.wav", formats: [Preset.Wav]);
        await using (var db = await app.OpenDatabaseAsync())
            await app.StoreAsync(db.Renditions.Single().StorageKey, await ToneAsync(Preset.Wav, seconds: 300));
        await using var context = await Browser.NewContextAsync(cable.Address);
        await context.SignInAsync(anna);
        var page = await context.OpenLiveAsync($"files/{file.Id}");
        await page.EvaluateAsync("() => { const a = document.querySelector('audio'); a.muted = true; return a.play(); }");
        await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.3");

        cable.Cut();
        await app.DisposeAsync();
        await page.EvaluateAsync("document.querySelector('audio').currentTime = 200");
        await page.WaitForFunctionAsync("() => document.querySelector('.player [role=status]').textContent !== ''");
        await using var again = TestApp.Start(folder: folder);
        cable.Mend(again.Address);

        await page.WaitForFunctionAsync("() => { const a = document.querySelector('audio'); return !a.error && !a.paused && a.currentTime > 200.3 && a.currentTime < 220; }");
    }

    private static async Task<byte[]> ToneAsync(Preset preset, int seconds = 3)
    {
        using var folder = new TempFolder();
        var path = folder.File("tone" + preset.Extension);
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", $"sine=d={seconds}:r=48000", path]))!;
        await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }
}
