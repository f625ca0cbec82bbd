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

    private static async Task<byte[]> ToneAsync(Preset preset)
    {
        using var folder = new TempFolder();
        var path = folder.File("tone" + preset.Extension);
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=d=3:r=48000", path]))!;
        await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }
}
