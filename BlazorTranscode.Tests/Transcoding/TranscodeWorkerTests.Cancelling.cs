using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

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
        await Eventually.TrueAsync(async () => await IsGoneAsync(app, key));
        await using var db = await app.OpenDatabaseAsync();
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
}
