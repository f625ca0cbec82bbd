using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Transcoding;

public sealed partial class TranscodeWorkerTests
{
    private static readonly Dictionary<string, string?> Quick = new()
    {
        ["Transcoding:MaxJobs"] = "2", ["Transcoding:RetryDelay"] = "00:00:00.1",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enqueue_Committed_IsWorkedOnAndTold()
    {
        await using var app = StartApp();

        var job = await EnqueueAsync(app, presets: ["mp3", "flac"]);

        await EndsAsync(app, job.Id, JobState.Succeeded);
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(["flac", "mp3"], await db.Renditions.Select(r => r.PresetId).Order().ToListAsync(Token));
        Assert.Equal(MessageKind.Ready, (await db.Messages.SingleAsync(Token)).Kind);
    }

    [Fact]
    public async Task Enqueue_RolledBack_IsNeverWorkedOn()
    {
        await using var app = StartApp();
        await EnqueueAsync(app, commit: false);

        var second = await EnqueueAsync(app);

        await EndsAsync(app, second.Id, JobState.Succeeded);
        Assert.Equal(second.Id, Assert.Single(Engine(app).Orders).JobId);
    }

    [Fact]
    public async Task AnEngineThatThrowsTwice_SucceedsTheThirdTime_AndTellsOnce()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        engine.Work = (order, _, _) => order.Attempt < 3 ? throw new InvalidOperationException("no luck") : engine.SucceedAsync(order);

        var job = await EnqueueAsync(app);

        await EndsAsync(app, job.Id, JobState.Succeeded);
        Assert.Equal([1, 2, 3], engine.Orders.Select(o => o.Attempt));
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(1, await db.Messages.CountAsync(Token));
    }

    [Fact]
    public async Task ThreeFailures_GiveUpWithTheReason()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        engine.Work = (order, _, _) => Task.FromResult(ScriptedTranscoder.Fail(order, retryable: true));

        var job = await EnqueueAsync(app);

        await EndsAsync(app, job.Id, JobState.Failed);
        Assert.Equal(3, engine.Orders.Count);
        await using var db = await app.OpenDatabaseAsync();
        Assert.Contains("It broke.", (await db.Messages.SingleAsync(Token)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureThatCannotGetBetter_IsNotRepeated()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        engine.Work = (order, _, _) => Task.FromResult(ScriptedTranscoder.Fail(order, retryable: false));

        var job = await EnqueueAsync(app);

        await EndsAsync(app, job.Id, JobState.Failed);
        Assert.Single(engine.Orders);
    }

    [Fact]
    public async Task WhenAJobBegins_WhoeverWaitsHearsThatTheQueueHasMoved()
    {
        await using var app = StartApp(unavailable: "away");
        await EnqueueAsync(app);
        await using var db = await app.OpenDatabaseAsync();
        await db.AddJobAsync("ben", JobState.Queued);
        var heard = new TaskCompletionSource();
        using var listening = app.Get<JobFeed>().Subscribe("ben", _ => heard.TrySetResult());

        Engine(app).Unavailable = null;

        await heard.Task.WaitAsync(Eventually.Deadline, Token);
    }

    [Fact]
    public async Task Retry_AfterAFailure_IsANewJobWithItsOwnMessage()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        engine.Work = (order, _, _) => Task.FromResult(ScriptedTranscoder.Fail(order, retryable: false));
        var job = await EnqueueAsync(app);
        await EndsAsync(app, job.Id, JobState.Failed);
        engine.Work = null;

        Assert.False(await app.Get<JobQueue>().RetryAsync("ben", job.AudioFileId, Token));
        Assert.True(await app.Get<JobQueue>().RetryAsync("anna", job.AudioFileId, Token));

        await using var db = await app.OpenDatabaseAsync();
        await Eventually.TrueAsync(() => db.Messages.CountAsync(Token).ContinueWith(t => t.Result == 2, TaskScheduler.Default));
        Assert.False(await app.Get<JobQueue>().RetryAsync("anna", job.AudioFileId, Token));
    }

    private static TestApp StartApp(string? unavailable = null, TempFolder? folder = null) => TestApp.Start(Quick, services =>
        services.AddSingleton<ITranscoder>(provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>()) { Unavailable = unavailable }), folder);

    private static ScriptedTranscoder Engine(TestApp app) => (ScriptedTranscoder)app.Get<ITranscoder>();

    private static async Task<TranscodeJob> EnqueueAsync(TestApp app, bool commit = true, string[]? presets = null)
    {
        await using var db = await app.OpenDatabaseAsync();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        var file = new AudioFile
        {
            Id = Guid.CreateVersion7(), OwnerId = "anna", Name = "song.mp3", Length = 1, StorageKey = "sources/none", UploadedAt = DateTimeOffset.UtcNow,
        };
        db.Add(file);
        var job = await app.Get<JobQueue>().EnqueueAsync(db, file, presets ?? ["mp3"], Token);
        if (commit)
            await transaction.CommitAsync(Token);
        return job;
    }

    private static async Task<TranscodeJob> JobAsync(TestApp app, Guid jobId)
    {
        await using var db = await app.OpenDatabaseAsync();
        return await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.Id == jobId, Token);
    }

    private static Task EndsAsync(TestApp app, Guid jobId, JobState state) =>
        Eventually.TrueAsync(async () => (await JobAsync(app, jobId)).State == state);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
