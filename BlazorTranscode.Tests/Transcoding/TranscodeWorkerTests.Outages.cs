using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Transcoding;

/// <summary>What is not the file's fault: it makes jobs wait, and counts for nothing.</summary>
public sealed partial class TranscodeWorkerTests
{
    public static TheoryData<Exception> PassingFaults { get; } =
    [
        new StorageUnavailableException("The S3 store at s3.example.org answered 503."), new HttpRequestException("refused"),
        new UnauthorizedAccessException("Access to the path '/srv/media' is denied."), new DirectoryNotFoundException("/srv/media"),
        new IOException("Input/output error", 5),
    ];

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task AStoreThatIsAwayForLong_CountsNoFailure_AndTheJobGoesOnByItself(Exception fault)
    {
        await using var app = StartApp();
        var engine = Engine(app);
        engine.Work = (order, _, _) => order.Attempt <= 4 ? throw fault : engine.SucceedAsync(order);

        var job = await EnqueueAsync(app);

        await EndsAsync(app, job.Id, JobState.Succeeded);
        var row = await JobAsync(app, job.Id);
        Assert.Equal((5, 0, null, null), (row.Attempt, row.Failures, row.Reason, row.Detail));
    }

    [Fact]
    public async Task AnEngineThatThrows_TellsTheOwnerNothingOfTheServer()
    {
        await using var app = StartApp();
        Engine(app).Work = (_, _, _) => throw new InvalidOperationException("/usr/bin/ffmpeg of arn:aws:iam::1:role/x");

        var job = await EnqueueAsync(app);

        await EndsAsync(app, job.Id, JobState.Failed);
        var row = await JobAsync(app, job.Id);
        Assert.Equal(("The converter stopped unexpectedly.", null), (row.Reason, row.Detail));
    }

    /// <summary>An outage with a long queue must not eat the machine: it is one cause, and looked at once.</summary>
    [Fact]
    public async Task WhileTheEngineIsUnavailable_AQueueCostsNoWrites()
    {
        await using var app = StartApp(unavailable: "away");
        await using (var db = await app.OpenDatabaseAsync())
        {
            for (var i = 0; i < 200; i++)
                await db.AddJobAsync("anna", JobState.Queued, attempt: 0);
        }

        await EnqueueAsync(app);
        await NoTicketIsLeftAsync(app);
        await using var watch = new SqliteConnection($"Data Source={Path.Combine(app.DataFolder, "app.db")}");
        await watch.OpenAsync(Token);
        var sweep = ActivatorUtilities.CreateInstance<JobSweep>(app.Services);
        var before = await VersionAsync();

        for (var round = 0; round < 30; round++)
            Assert.Equal(0, await sweep.SweepAsync(Token));
        await app.Get<TranscodeWorker>().RunAsync(Token); // a ticket that comes late

        Assert.Equal(before, await VersionAsync());
        Engine(app).Unavailable = null;
        await Eventually.TrueAsync(() => Engine(app).Orders.Count == 201);

        // Rises with each commit of anybody else.
        async Task<long> VersionAsync()
        {
            await using var command = watch.CreateCommand();
            command.CommandText = "PRAGMA data_version";
            return (long)(await command.ExecuteScalarAsync(Token))!;
        }
    }

    [Fact]
    public async Task ThreeDeathsOfTheApp_LetTheJobWaitForItsOwner_AndSayWhy()
    {
        using var folder = new TempFolder();
        Guid left;
        await using (var app = StartApp(unavailable: "away", folder: folder))
        {
            await using var db = await app.OpenDatabaseAsync();
            left = (await db.AddJobAsync("anna", JobState.Running, attempt: 3)).Id;
            await db.TranscodeJobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.Interruptions, 2), Token);
        }

        await using var again = StartApp(folder: folder);

        var job = await JobAsync(again, left);
        Assert.Equal((JobState.Failed, 0, 3), (job.State, job.Failures, job.Interruptions));
        Assert.Empty(Engine(again).Orders);
        await using var after = await again.OpenDatabaseAsync();
        Assert.Contains("The server was interrupted three times", (await after.Messages.SingleAsync(Token)).Text, StringComparison.Ordinal);
        Assert.True(await again.Get<JobQueue>().RetryAsync("anna", job.AudioFileId, Token));
    }

    [Fact]
    public async Task AJobWhoseEndCouldNotBeWritten_IsTakenBackAtTheSecondLook()
    {
        await using var app = StartApp(unavailable: "away");
        await using var db = await app.OpenDatabaseAsync();
        var job = await db.AddJobAsync("anna", JobState.Running);
        var left = app.Get<LeftJobs>();

        await left.TakeBackAsync(Token);
        Assert.Equal(JobState.Running, (await JobAsync(app, job.Id)).State);
        await left.TakeBackAsync(Token);

        Assert.Equal((JobState.Queued, 1), ((await JobAsync(app, job.Id)).State, (await JobAsync(app, job.Id)).Interruptions));
    }

    [Fact]
    public async Task ATicketForALaterTime_AsAClockThatWasSetBackLeavesIt_DelaysNothing()
    {
        await using var app = StartApp(unavailable: "away");
        await using (var db = await app.OpenDatabaseAsync())
        {
            var job = await db.AddJobAsync("anna", JobState.Queued, attempt: 0);
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            await app.Get<JobDispatcher>().ScheduleAsync(db, job.Id, 0, DateTimeOffset.UtcNow.AddHours(25), Token);
            var later = DateTimeOffset.UtcNow.AddHours(25);
            await db.TranscodeJobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.NotBefore, later), Token);
            await transaction.CommitAsync(Token);
        }

        Engine(app).Unavailable = null;

        await Eventually.TrueAsync(() => Engine(app).Orders.Count == 1);
    }

    [Fact]
    public async Task WhatAnAttemptMakes_IsNamedBeforeItIsMade_AndKeptOnlyByASuccess()
    {
        await using var app = StartApp();
        var engine = Engine(app);
        List<PendingDeletion> named = [];
        engine.Work = async (order, _, _) =>
        {
            await using var db = await app.OpenDatabaseAsync();
            named = await db.PendingDeletions.AsNoTracking().ToListAsync(Token);
            var report = await engine.SucceedAsync(order);
            return order.Attempt == 1 ? ScriptedTranscoder.Fail(order, retryable: true) : report;
        };

        var job = await EnqueueAsync(app, presets: ["mp3", "flac"]);

        await EndsAsync(app, job.Id, JobState.Succeeded);
        Assert.All(named, row => Assert.Equal((DeletionReason.OutputOfAttempt, "anna"), (row.Reason, row.OwnerId)));
        var (first, second) = (engine.Orders.First(), engine.Orders.Last());
        Assert.Equal(second.Presets.Select(second.OutputKey).Order(), named.Where(r => r.DueAt > DateTimeOffset.UtcNow.AddDays(6)).Select(r => r.StorageKey).Order());
        await using var after = await app.OpenDatabaseAsync();
        var left = await after.PendingDeletions.ToListAsync(Token);
        Assert.Equal(first.Presets.Select(first.OutputKey).Order(), left.Select(r => r.StorageKey).Order());
        Assert.All(left, row => Assert.InRange(row.DueAt, row.CreatedAt, DateTimeOffset.UtcNow));
    }

    /// <summary>A ticket that finds nothing it may do ends, and is not made again for each job.</summary>
    private static Task NoTicketIsLeftAsync(TestApp app) => Eventually.TrueAsync(async () =>
    {
        await using var db = await app.OpenDatabaseAsync();
        var left = await db.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM QRTZ_TRIGGERS").ToListAsync(Token);
        return left[0] == 0;
    });
}
