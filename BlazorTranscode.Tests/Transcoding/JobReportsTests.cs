using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Transcoding;

public sealed class JobReportsTests : IAsyncDisposable
{
    private readonly TestApp _app = TestApp.Start(
        new() { ["Transcoding:RetryDelay"] = "1.00:00:00" }, services => services.AddSingleton<ITranscoder, ScriptedTranscoder>());

    private JobReports Reports => _app.Get<JobReports>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Succeeded_WritesRenditionsAndOneMessageAndRingsItsOwner()
    {
        var job = await AddJobAsync();
        List<long> rings = [];
        using var listening = _app.Get<MessageFeed>().Subscribe("anna", rings.Add);

        Assert.True(await Reports.ReportAsync(Success(job), Token));

        await using var db = await _app.OpenDatabaseAsync();
        var message = await db.Messages.SingleAsync(Token);
        Assert.Equal(("anna", MessageKind.Ready, job.AudioFileId), (message.OwnerId, message.Kind, message.FileId));
        Assert.Equal(TimeSpan.FromSeconds(30), (await db.AudioFiles.SingleAsync(Token)).Duration);
        Assert.Equal("mp3", (await db.Renditions.SingleAsync(Token)).PresetId);
        Assert.Equal([1], rings);
    }

    [Fact]
    public async Task Failed_TellsTheReason()
    {
        var job = await AddJobAsync();

        await Reports.ReportAsync(new(job.Id, 1, JobState.Failed) { Reason = "It is not audio.", Detail = "exit code 1" }, Token);

        await using var db = await _app.OpenDatabaseAsync();
        var message = await db.Messages.SingleAsync(Token);
        Assert.Equal(MessageKind.Failed, message.Kind);
        Assert.Contains("song.mp3", message.Text, StringComparison.Ordinal);
        Assert.Contains("It is not audio.", message.Text, StringComparison.Ordinal);
        Assert.Equal("exit code 1", (await db.TranscodeJobs.SingleAsync(Token)).Detail);
    }

    [Fact]
    public async Task AnOlderAttempt_ChangesNothing()
    {
        var job = await AddJobAsync(attempt: 2);

        Assert.False(await Reports.ReportAsync(Success(job) with { Attempt = 1 }, Token));

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(JobState.Running, (await db.TranscodeJobs.SingleAsync(Token)).State);
        Assert.Empty(db.Messages);
    }

    [Fact]
    public async Task AfterCancel_NothingIsTold()
    {
        var job = await AddJobAsync(JobState.Cancelled);

        Assert.False(await Reports.ReportAsync(Success(job), Token));

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Empty(db.Messages);
        Assert.Empty(db.Renditions);
    }

    [Fact]
    public async Task Find_HasAllThatReportsAreHeldAgainst()
    {
        await using var db = await _app.OpenDatabaseAsync();
        var job = await db.AddJobAsync("anna", JobState.Submitted, attempt: 3, presets: ["mp3", "flac"]);
        (job.Engine, job.EngineJobId) = ("engine", "job-1");
        await db.SaveChangesAsync(Token);
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        Assert.Equivalent(job, JobReports.Find(db, job.Id), strict: true);
        Assert.Null(JobReports.Find(db, Guid.NewGuid()));
    }

    [Fact]
    public async Task AFailingCommit_LeavesNothingBehind()
    {
        var job = await AddJobAsync();
        await using (var db = await _app.OpenDatabaseAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            await Reports.ApplyAsync(db, JobReports.Find(db, job.Id)!, Success(job), Token);
            // No commit: as if the process had died here.
        }

        await using var after = await _app.OpenDatabaseAsync();
        Assert.Equal(JobState.Running, (await after.TranscodeJobs.SingleAsync(Token)).State);
        Assert.Empty(after.Messages);
        Assert.Empty(after.Mailboxes);
    }

    [Fact]
    public async Task AnyOrderAndAnyNumberOfDuplicates_EndsTheSame_WithOneMessage() =>
        await Gen.Select(Gen.Bool, Gen.Int[0, 1000], Gen.Int[1, 3]).SampleAsync(async (succeeds, seed, copies) =>
        {
            var job = await AddJobAsync(JobState.Submitted);
            JobReport last = succeeds ? Success(job) : new(job.Id, 1, JobState.Failed) { Reason = "No." };
            JobReport[] reports = [new(job.Id, 1, JobState.Submitted), new(job.Id, 1, JobState.Running), last];
            var deliveries = Enumerable.Repeat(reports, copies).SelectMany(r => r).ToArray();
            new Random(seed).Shuffle(deliveries);

            foreach (var report in deliveries)
                await Reports.ReportAsync(report, Token);

            await using var db = await _app.OpenDatabaseAsync();
            Assert.Equal(succeeds ? JobState.Succeeded : JobState.Failed, (await db.TranscodeJobs.SingleAsync(j => j.Id == job.Id)).State);
            Assert.Equal(1, await db.Messages.CountAsync(m => m.JobId == job.Id));
        }, iter: 60, threads: 1);

    [Fact]
    public async Task TheSameReportFromManySidesAtOnce_IsToldOnce()
    {
        var job = await AddJobAsync();

        var applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Reports.ReportAsync(Success(job), Token), Token)));

        Assert.Single(applied, true);
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(1, await db.Messages.CountAsync(Token));
        Assert.Equal(1, await db.Renditions.CountAsync(Token));
    }

    [Fact]
    public async Task AFailureThatMayPass_IsFollowedByAnotherAttempt_AndItsDuplicatesCountOnce()
    {
        var job = await AddJobAsync();
        var failure = new JobReport(job.Id, 1, JobState.Failed) { Reason = "Busy.", Retryable = true };

        Assert.True(await Reports.ReportAsync(failure, Token));
        Assert.False(await Reports.ReportAsync(failure, Token));

        await using var db = await _app.OpenDatabaseAsync();
        var row = await db.TranscodeJobs.SingleAsync(Token);
        Assert.Equal((JobState.Queued, 1), (row.State, row.Failures));
        Assert.Empty(db.Messages);
    }

    [Fact]
    public async Task TheThirdFailure_IsNews()
    {
        var job = await AddJobAsync(attempt: 3);
        await using var db = await _app.OpenDatabaseAsync();
        await db.TranscodeJobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.Failures, 2), Token);

        await Reports.ReportAsync(new(job.Id, 3, JobState.Failed) { Reason = "Busy.", Retryable = true }, Token);

        Assert.Equal(MessageKind.Failed, (await db.Messages.SingleAsync(Token)).Kind);
    }

    [Fact]
    public async Task AnOutage_IsNoFailure_HoweverOften()
    {
        var job = await AddJobAsync();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            Assert.True(await Reports.ReportAsync(new(job.Id, attempt, JobState.Failed) { Reason = "No.", Outage = "The role is wrong." }, Token));
            await using var again = await _app.OpenDatabaseAsync();
            Assert.Equal(1, await again.TranscodeJobs.Where(j => j.State == JobState.Queued && j.NotBefore != null && j.Failures == 0).ExecuteUpdateAsync(
                set => set.SetProperty(j => j.State, JobState.Running).SetProperty(j => j.Attempt, attempt + 1), Token));
        }

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Empty(db.Messages);
    }

    private static JobReport Success(TranscodeJob job) => new(job.Id, 1, JobState.Succeeded)
    {
        SourceDuration = TimeSpan.FromSeconds(30),
        Outputs = [new(Preset.Mp3.Id, "renditions/x", 10, TimeSpan.FromSeconds(30))],
    };

    private async Task<TranscodeJob> AddJobAsync(JobState state = JobState.Running, int attempt = 1)
    {
        await using var db = await _app.OpenDatabaseAsync();
        return await db.AddJobAsync("anna", state, attempt);
    }
}
