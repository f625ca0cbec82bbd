using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Flow;

/// <summary>The app is stopped as Docker or a service manager does it, while everything that takes long is under way.</summary>
public sealed class StopTests : IDisposable
{
    /// <summary>Twice what is promised, because other tests use the machine too.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TempFolder _files = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Stop_WithADownloadACircuitAnUploadAndAJobOpen_IsSoonOver_AndCostsTheJobNoTry()
    {
        using var app = await AppProcess.StartAsync(new() { ["Transcoding__MaxJobs"] = "1" });
        var anna = await app.RegisterAsync("anna");
        var tus = new TusClient(anna);
        // Larger than what the sockets hold, so that the server cannot get rid of it.
        var large = await tus.UploadAsync(await File.ReadAllBytesAsync(await _files.ToneAsync("large.wav", 400), Token), "large.wav", "opus");
        await JobsAsync(app, 1, JobState.Succeeded);
        var running = await tus.UploadAsync(await File.ReadAllBytesAsync(await _files.ToneAsync("long.flac", 900), Token), "long.flac", "mp3,m4a,opus");
        await JobsAsync(app, 1, JobState.Running);
        using var download = await anna.Client.GetAsync(new Uri($"files/{large}/source", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(anna);
        var page = await context.OpenLiveAsync("");
        // More than the store gathers before it writes.
        const int Sent = 600_000;
        var content = TusClient.Bytes(800_000);
        var url = await tus.CreateAsync(content.Length);
        var body = new BrokenContent(content, Sent);
        var patch = tus.PatchAsync(url, 0, body);
        await Eventually.TrueAsync(() => Arrived(app) > 0);
        var arrived = Arrived(app);

        Assert.Equal(0, await app.StopAsync(Deadline));

        Assert.True(!app.Log.Contains("    at ", StringComparison.Ordinal), app.Log);
        body.Cut();
        await patch.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result.StatusCode : default, Token, TaskContinuationOptions.None, TaskScheduler.Default);
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await using (var db = app.CreateDbContext())
        {
            var job = await db.TranscodeJobs.SingleAsync(j => j.AudioFileId == running, Token);
            Assert.Equal((JobState.Queued, 0), (job.State, job.Failures));
        }

        await app.StartAgainAsync();

        var offset = (int)await tus.OffsetAsync(url);
        Assert.InRange(offset, arrived, Sent);
        using (var rest = await tus.PatchAsync(url, offset, content[offset..]))
            Assert.True(rest.IsSuccessStatusCode);
        await JobsAsync(app, 2, JobState.Succeeded);
        await using (var db = app.CreateDbContext())
            Assert.Equal(0, (await db.TranscodeJobs.SingleAsync(j => j.AudioFileId == running, Token)).Failures);
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
    }

    /// <summary>Bytes of the one unfinished upload that are on the disk.</summary>
    private static int Arrived(AppProcess app) =>
        (int)Directory.EnumerateFiles(app.DataFolder, "*.part", SearchOption.AllDirectories).Sum(part => new FileInfo(part).Length);

    private static Task JobsAsync(AppProcess app, int count, JobState state) => Eventually.TrueAsync(
        async () =>
        {
            await using var db = app.CreateDbContext();
            return await db.TranscodeJobs.CountAsync(job => job.State == state, Token) == count;
        },
        TimeSpan.FromMinutes(3));
}
