using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Transcoding;

/// <summary>How many at once, and what becomes of jobs when the app or its engine goes away.</summary>
public sealed partial class TranscodeWorkerTests
{
    [Fact]
    public async Task MaxJobs_AreRunAtOnceAndNoMore()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        int running = 0, most = 0;
        engine.Work = async (order, _, _) =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            var report = await engine.SucceedAsync(order);
            await Eventually.TrueAsync(() => Volatile.Read(ref most) == 2); // so that two really do meet
            Interlocked.Decrement(ref running);
            return report;
        };

        foreach (var job in await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EnqueueAsync(app))))
            await EndsAsync(app, job.Id, JobState.Succeeded);

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task AGracefulStop_HandsTheJobBack_AndTheNextStartFinishesIt()
    {
        using var folder = new TempFolder();
        TranscodeJob job;
        await using (var app = StartApp(folder: folder))
        {
            Engine(app).Work = async (order, _, token) =>
            {
                await Task.Delay(Timeout.Infinite, token);
                throw new InvalidOperationException("not reached");
            };
            job = await EnqueueAsync(app);
            await Eventually.TrueAsync(() => Engine(app).Orders.Count == 1);
        }

        await using var again = StartApp(folder: folder);

        await EndsAsync(again, job.Id, JobState.Succeeded);
        await using var db = await again.OpenDatabaseAsync();
        Assert.Equal((2, 0), await db.TranscodeJobs.Select(j => ValueTuple.Create(j.Attempt, j.Failures)).SingleAsync(Token));
    }

    [Fact]
    public async Task Start_TakesUpWhatAKillLeftRunning_AndCountsNoFailure()
    {
        using var folder = new TempFolder();
        Guid left;
        await using (var app = StartApp(unavailable: "away", folder: folder))
        {
            await using var db = await app.OpenDatabaseAsync();
            left = (await db.AddJobAsync("anna", JobState.Running, attempt: 1)).Id;
        }

        await using var again = StartApp(folder: folder);

        await EndsAsync(again, left, JobState.Succeeded);
        var job = await JobAsync(again, left);
        Assert.Equal((2, 0, 1), (job.Attempt, job.Failures, job.Interruptions));
    }

    [Fact]
    public async Task Sweep_LeavesAloneWhatIsRunning()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        var release = new TaskCompletionSource();
        engine.Work = async (order, _, _) =>
        {
            await release.Task;
            return await engine.SucceedAsync(order);
        };
        var job = await EnqueueAsync(app);
        await Eventually.TrueAsync(() => engine.Orders.Count == 1);

        Assert.Equal(0, await ActivatorUtilities.CreateInstance<JobSweep>(app.Services).SweepAsync(Token));
        await app.Get<LeftJobs>().TakeBackAtStartAsync(Token);
        Assert.Equal((JobState.Running, 0), ((await JobAsync(app, job.Id)).State, (await JobAsync(app, job.Id)).Interruptions));

        release.SetResult();
        await EndsAsync(app, job.Id, JobState.Succeeded);
        Assert.Single(engine.Orders);
    }

    [Fact]
    public async Task AnUnavailableEngine_LetsTheJobWait_WithoutCountingAFailure()
    {
        await using var app = StartApp(unavailable: "There is no ffmpeg.");
        var job = await EnqueueAsync(app);
        await NoTicketIsLeftAsync(app);
        Assert.Equal((JobState.Queued, 0), ((await JobAsync(app, job.Id)).State, (await JobAsync(app, job.Id)).Attempt));

        Engine(app).Unavailable = null;

        await EndsAsync(app, job.Id, JobState.Succeeded);
        Assert.Equal(0, (await JobAsync(app, job.Id)).Failures);
    }
}
