using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding;

public sealed partial class ReconcilerTests : IAsyncDisposable
{
    // The rows are stamped by the app's own clock, a little after this one was set.
    private static readonly TimeSpan StartUp = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly TestApp _app;

    public ReconcilerTests()
    {
        _app = TestApp.Start(services: services =>
        {
            services.AddSingleton<ITranscoder>(provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>()));
            StoreProxy.Install(services);
        });
        _app.Get<SubscriptionHealth>().IsHealthy = true;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ScriptedTranscoder Engine => (ScriptedTranscoder)_app.Get<ITranscoder>();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task FiftyJobsNobodyReported_AreAllTold_OnceTheyAreDue()
    {
        for (var i = 0; i < 50; i++)
            await SubmitAsync($"user{i}");
        Engine.Answer = job => Done(job);
        await StoreOutputsAsync();
        Assert.Equal(0, await Reconciler().ReconcileAsync(Token));

        _time.SetUtcNow(DateTimeOffset.UtcNow); // so many rows may take more than a little
        _time.Advance(BlazorTranscode.Transcoding.Reconciler.FirstCheck + StartUp);
        Assert.Equal(50, await Reconciler().ReconcileAsync(Token));

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(50, await db.Messages.Select(m => m.OwnerId).Distinct().CountAsync(Token));
        Assert.All(await db.TranscodeJobs.ToListAsync(Token), job => Assert.Equal(ReportSource.Reconciler, job.HeardBy));
        Assert.Equal(0, await Reconciler().ReconcileAsync(Token));
    }

    [Fact]
    public async Task AJobStillRunning_IsAskedAboutAgain_LaterAndLater()
    {
        await SubmitAsync("anna");
        Engine.Answer = job => new(job.Id, job.Attempt, JobState.Running);
        _time.Advance(BlazorTranscode.Transcoding.Reconciler.FirstCheck + StartUp);
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(1, await Reconciler().ReconcileAsync(Token));
            var next = (await JobAsync()).NextCheckAt!.Value;
            pauses.Add(next - _time.GetUtcNow());
            _time.SetUtcNow(next);
        }

        Assert.InRange(pauses[0], TimeSpan.FromSeconds(24), TimeSpan.FromSeconds(36));
        Assert.InRange(pauses[^1], TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        Assert.Equal(JobState.Running, (await JobAsync()).State);
    }

    [Fact]
    public async Task WhileTheSubscriptionIsUnhealthy_ItAsksSooner()
    {
        await SubmitAsync("anna");
        Engine.Answer = job => Done(job);
        await StoreOutputsAsync();
        _app.Get<SubscriptionHealth>().IsHealthy = false;

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(1, await Reconciler().ReconcileAsync(Token));
        Assert.Equal(JobState.Succeeded, (await JobAsync()).State);
    }

    [Fact]
    public async Task AnEngineThatNeverAnswers_IsGivenUpAfterADay_WithAMessage()
    {
        await SubmitAsync("anna");
        Engine.Answer = _ => throw new HttpRequestException("unreachable");
        _time.Advance(TimeSpan.FromHours(23));
        await Reconciler().ReconcileAsync(Token);
        Assert.Equal(JobState.Submitted, (await JobAsync()).State);

        _time.Advance(TimeSpan.FromHours(2));
        await Reconciler().ReconcileAsync(Token);

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Contains("within a day", (await db.Messages.SingleAsync(Token)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACancelledJob_IsNotAskedAboutAgain()
    {
        await SubmitAsync("anna");
        Assert.True(await _app.Get<JobQueue>().CancelAsync("anna", (await JobAsync()).Id, Token));
        Assert.Null((await JobAsync()).NextCheckAt);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await Reconciler().ReconcileAsync(Token));
    }

    [Fact]
    public async Task AnEngineThatIsSilentAgainAndAgain_IsDoubtedAsAWhole()
    {
        for (var i = 0; i < 3; i++)
            await SubmitAsync($"user{i}");
        Engine.Answer = _ => throw new HttpRequestException("unreachable");
        _time.Advance(BlazorTranscode.Transcoding.Reconciler.FirstCheck + StartUp);

        await Reconciler().ReconcileAsync(Token);

        Assert.Single(Engine.Doubts);
    }

    private Reconciler Reconciler() => ActivatorUtilities.CreateInstance<Reconciler>(_app.Services, _time);

    private static JobReport Done(TranscodeJob job) => new(job.Id, job.Attempt, JobState.Succeeded)
    {
        Outputs = [new(Preset.Mp3.Id, $"renditions/{job.Id:N}", 1, TimeSpan.FromSeconds(1))],
    };

    private async Task<TranscodeJob> JobAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        return await db.TranscodeJobs.AsNoTracking().SingleAsync(Token);
    }

    private async Task StoreOutputsAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        foreach (var job in await db.TranscodeJobs.AsNoTracking().ToListAsync(Token))
            await _app.StoreAsync(Done(job).Outputs[0].StorageKey, [1]);
    }

    private async Task SubmitAsync(string ownerId, string engine = "scripted")
    {
        await using var db = await _app.OpenDatabaseAsync();
        var job = await db.AddJobAsync(ownerId, JobState.Submitted);
        var now = _time.GetUtcNow();
        await db.TranscodeJobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.Engine, engine).SetProperty(j => j.StartedAt, now), Token);
        Assert.True(await _app.Get<JobReports>().AcceptedAsync(
            new(job.Id, 1, JobState.Submitted) { EngineJobId = $"engine-{job.Id:N}" }, Token));
    }
}
