using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Transcoding;

public sealed partial class TranscodeWorkerTests
{
    [Fact]
    public async Task Cancel_WhileRunning_StopsTheEngineAndTellsNobody()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        var stopped = new TaskCompletionSource();
        engine.Work = async (order, _, token) =>
        {
            var report = await engine.SucceedAsync(order); // it had just finished when it was told to stop
            token.Register(stopped.SetResult);
            await stopped.Task;
            return report;
        };
        var job = await EnqueueAsync(app);
        await Eventually.TrueAsync(() => engine.Orders.Count == 1);

        Assert.True(await app.Get<JobQueue>().CancelAsync("anna", job.Id, Token));

        await stopped.Task.WaitAsync(Eventually.Deadline, Token);
        var key = engine.Orders.Single().OutputKey(Preset.Mp3);
        await using var db = await app.OpenDatabaseAsync();
        await Eventually.TrueAsync(() => Due(db).AnyAsync(d => d.StorageKey == key, Token));
        Assert.Equal(JobState.Cancelled, (await db.TranscodeJobs.SingleAsync(Token)).State);
        Assert.Empty(db.Messages);
        Assert.Empty(db.Renditions);
    }

    [Fact]
    public async Task Cancel_SomebodyElsesJob_IsRefused()
    {
        await using var app = StartApp(unavailable: "away");
        var job = await EnqueueAsync(app);

        Assert.False(await app.Get<JobQueue>().CancelAsync("ben", job.Id, Token));
        Assert.True(await app.Get<JobQueue>().CancelAsync("anna", job.Id, Token));
        Assert.False(await app.Get<JobQueue>().CancelAsync("anna", job.Id, Token));
    }

    [Fact]
    public async Task Stop_InTheMomentAJobEnds_IsHarmless()
    {
        await using var app = StartApp();
        var (engine, worker) = (Engine(app), app.Get<TranscodeWorker>());
        engine.Work = (order, _, _) => Task.FromResult(ScriptedTranscoder.Fail(order, retryable: false));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => EnqueueAsync(app)));
        var stopping = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                foreach (var job in jobs)
                    worker.Stop(job.Id);
            }
        })).ToList();

        await Eventually.TrueAsync(() => engine.Orders.Count >= jobs.Length);
        await done.CancelAsync();

        await Task.WhenAll(stopping);
    }

    /// <summary>Its answer tells the only name under which the order can be cancelled there.</summary>
    [Fact]
    public async Task Cancel_WhileAnOrderIsOnItsWay_CancelsWhatHasArrivedThere()
    {
        await using var app = TestApp.Start(Quick, services => services.AddSingleton<ITranscoder>(
            provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>()) { IsRemote = true }));
        var engine = Engine(app);
        var arrived = new TaskCompletionSource();
        engine.Work = async (order, _, token) =>
        {
            await arrived.Task.WaitAsync(token);
            return new(order.JobId, order.Attempt, JobState.Submitted) { EngineJobId = "there" };
        };
        var job = await EnqueueAsync(app);
        await Eventually.TrueAsync(() => engine.Orders.Count == 1);

        Assert.True(await app.Get<JobQueue>().CancelAsync("anna", job.Id, Token));
        arrived.SetResult();

        await using var db = await app.OpenDatabaseAsync();
        await Eventually.TrueAsync(() => db.EngineCancellations.AnyAsync(c => c.EngineJobId == "there" && c.JobId == job.Id, Token));
        Assert.Equal(JobState.Cancelled, (await JobAsync(app, job.Id)).State);
        Assert.True((await db.PendingDeletions.SingleAsync(Token)).DueAt > DateTimeOffset.UtcNow.AddDays(1)); // it may still write
    }

    private static IQueryable<PendingDeletion> Due(AppDbContext db)
    {
        var now = DateTimeOffset.UtcNow;
        return db.PendingDeletions.Where(d => d.DueAt <= now);
    }
}
