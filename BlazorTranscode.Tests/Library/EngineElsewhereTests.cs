using BlazorTranscode.Audio;
using BlazorTranscode.Library;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Library;

/// <summary>What pages say of a job that an engine elsewhere has: it tells neither a percentage nor how large a format has become.</summary>
public sealed class EngineElsewhereTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogCollector _log = new();
    private readonly TestApp _app;
    private TestUser _anna = default!;
    private IBrowserContext _context = default!;

    public EngineElsewhereTests() => _app = TestApp.Start(services: services => services
        .AddSingleton<TimeProvider>(_time)
        .AddLogging(logging => logging.AddProvider(_log))
        .AddSingleton<ITranscoder>(provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>()) { IsRemote = true }));

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
        _log.Dispose();
    }

    [Fact]
    public async Task Estimate_IsLearned_AndBecomesLateWithoutAReload()
    {
        var finished = await AddTakenAsync("finished.wav", TimeSpan.FromHours(2));
        await FinishAsync(finished, TimeSpan.FromSeconds(100));
        var running = await AddTakenAsync("song.wav", TimeSpan.Zero);
        var (list, detail) = (await _context.OpenLiveAsync(""), await _context.OpenLiveAsync($"files/{running.AudioFileId}"));
        await BothSayAsync("Converting");

        foreach (var seconds in new[] { 125, 900 })
            await FinishAsync(await AddTakenAsync("more.wav", TimeSpan.FromHours(1)), TimeSpan.FromSeconds(seconds));
        await BothSayAsync("Converting, usually about 2 minutes");

        _time.Advance(TimeSpan.FromSeconds(249));
        _app.Get<JobFeed>().Changed(_anna.Id, running.Id);
        await BothSayAsync("Converting, usually about 2 minutes");
        _time.Advance(TimeSpan.FromSeconds(2));
        await BothSayAsync("Converting, later than usual");
        await FinishAsync(running, _time.GetUtcNow() - running.StartedAt!.Value);
        await BothSayAsync("Ready");
        _context.AssertNoTrouble();

        async Task BothSayAsync(string words)
        {
            await Expect(list.Locator("li", new() { HasText = "song.wav" }).Locator(".state")).ToHaveTextAsync(words);
            await Expect(detail.Locator("main .state")).ToHaveTextAsync(words);
        }
    }

    [Fact]
    public async Task Size_OfAFormat_IsAskedOfTheStore_WhenTheJobIsDone()
    {
        var job = await AddTakenAsync("song.wav", TimeSpan.Zero);
        var page = await _context.OpenLiveAsync($"files/{job.AudioFileId}");
        await _app.StoreAsync($"renditions/{job.Id:N}.mp3", LibrarySamples.Bytes);

        await ReportAsync(job, Preset.Mp3, Preset.Flac); // of the latter there are no bytes

        var notes = page.Locator("li .secondary");
        await Expect(notes.Nth(0)).ToHaveTextAsync($"{Measures.Size(1000)} · {Preset.Mp3.Note}");
        await Expect(notes.Nth(1)).ToHaveTextAsync(Preset.Flac.Note);
        await using var db = await _app.OpenDatabaseAsync();
        var lengths = await db.Renditions.ToDictionaryAsync(r => r.PresetId, r => r.Length, Stop);
        Assert.Equal((1000, 0), (lengths["mp3"], lengths["flac"]));
        Assert.Single(_log.Lines, line => line.Text.Contains($"The size of renditions/{job.Id:N}.flac could not be found out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Size_OfSomebodyElsesFormat_IsNotAsked()
    {
        var job = await AddTakenAsync("song.wav", TimeSpan.Zero);
        await _app.StoreAsync($"renditions/{job.Id:N}.mp3", LibrarySamples.Bytes);
        await ReportAsync(job, Preset.Mp3);
        var lengths = _app.Get<RenditionLengths>();

        Assert.False(await lengths.FillInAsync("ben", job.AudioFileId, Stop));
        Assert.True(await lengths.FillInAsync(_anna.Id, job.AudioFileId, Stop));
        Assert.False(await lengths.FillInAsync(_anna.Id, job.AudioFileId, Stop));
    }

    private async Task<TranscodeJob> AddTakenAsync(string name, TimeSpan ago)
    {
        var file = await _app.AddFileAsync(_anna, name, JobState.Running);
        var started = _time.GetUtcNow() - ago;
        await using var db = await _app.OpenDatabaseAsync();
        await db.TranscodeJobs.Where(j => j.AudioFileId == file.Id).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.Engine, "scripted").SetProperty(j => j.EngineJobId, $"engine-{file.Id:N}").SetProperty(j => j.StartedAt, started), Stop);
        return await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.AudioFileId == file.Id, Stop);
    }

    private async Task FinishAsync(TranscodeJob job, TimeSpan after)
    {
        var finished = job.StartedAt + after;
        await using var db = await _app.OpenDatabaseAsync();
        await db.TranscodeJobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.State, JobState.Succeeded).SetProperty(j => j.FinishedAt, finished), Stop);
        _app.Get<JobFeed>().Changed(_anna.Id, job.Id);
    }

    private async Task ReportAsync(TranscodeJob job, params Preset[] made) =>
        Assert.True(await _app.Get<JobReports>().ReportAsync(new(job.Id, job.Attempt, JobState.Succeeded)
        {
            Outputs = [.. made.Select(preset => new JobOutput(preset.Id, $"renditions/{job.Id:N}{preset.Extension}", null, TimeSpan.FromSeconds(1)))],
        }, Stop));
}
