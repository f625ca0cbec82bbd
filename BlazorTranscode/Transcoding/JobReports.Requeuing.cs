using System.Linq.Expressions;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <content>Attempts that an engine elsewhere has taken, and those that are followed by another.</content>
internal sealed partial class JobReports
{
    /// <summary>Keeps the id under which an engine elsewhere has taken an attempt; from then on its reports can be matched.</summary>
    /// <returns>False if the job was cancelled or overtaken meanwhile: then the engine will be told to stop.</returns>
    public async Task<bool> AcceptedAsync(JobReport report, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var firstCheck = now + Reconciler.FirstCheck;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var stored = await db.TranscodeJobs.Where(UnderWay(report)).Where(j => j.EngineJobId == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.EngineJobId, report.EngineJobId)
                .SetProperty(j => j.NextCheckAt, firstCheck), cancellationToken);
        if (stored == 0)
        {
            EngineCancellation.Add(db, report.JobId, transcoder.Name, report.EngineJobId!, now);
            AttemptOutputs.Release(db, report.JobId, report.Attempt, elsewhere: true, now);
        }

        var ownerId = stored == 0 ? null : await db.TranscodeJobs.Where(j => j.Id == report.JobId).Select(j => j.OwnerId).SingleAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (ownerId is not null)
            jobs.Changed(ownerId, report.JobId);
        return ownerId is not null;
    }

    /// <summary>Counts a failure, and has another attempt made after a while. Null if that was the last one.</summary>
    private async Task<AppliedReport?> RetryAsync(AppDbContext db, JobReport report, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var requeued = await db.TranscodeJobs.Where(UnderWay(report)).Where(j => j.Failures + 1 < MaxFailures)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.State, JobState.Queued)
                .SetProperty(j => j.Failures, j => j.Failures + 1)
                .SetProperty(j => j.EngineJobId, (string?)null)
                .SetProperty(j => j.NextCheckAt, (DateTimeOffset?)null)
                .SetProperty(j => j.Checks, 0)
                .SetProperty(j => j.Detail, Shorten(report.Detail, 4000)), cancellationToken);
        if (requeued == 0)
            return null;
        var job = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.Id == report.JobId, cancellationToken);
        var delay = options.Value.RetryDelay * Math.Pow(2, job.Failures - 1);
        db.ExecutePrepared($"""UPDATE "TranscodeJobs" SET "NotBefore" = {now + delay} WHERE "Id" = {job.Id}""");
        AttemptOutputs.Release(db, job.Id, report.Attempt, transcoder.IsRemote, now);
        await dispatcher.ScheduleAsync(db, job.Id, job.Attempt, now + delay, cancellationToken);
        LogRetry(job.Id, job.Attempt, report.Detail ?? report.Reason, delay);
        return new(job.OwnerId, job.Id, null);
    }

    /// <summary>The file was not at fault: the job goes back to the queue, and nothing is counted. JobSweep sees to it that it is taken up again.</summary>
    private AppliedReport? Postpone(AppDbContext db, TranscodeJob job, JobReport report, DateTimeOffset now)
    {
        var delay = options.Value.DelayAfter(report.Attempt);
        var requeued = db.ExecutePrepared(
            $"""
            UPDATE "TranscodeJobs" SET "State" = {(int)JobState.Queued}, "NotBefore" = {now + delay}, "EngineJobId" = NULL, "NextCheckAt" = NULL, "Checks" = 0,
                "Reason" = {Shorten(report.Reason, 500)}
            WHERE "Id" = {report.JobId} AND "Attempt" = {report.Attempt} AND "State" IN ({(int)JobState.Submitted}, {(int)JobState.Running})
            """);
        if (requeued == 0)
            return null;
        transcoder.Heard(report);
        AttemptOutputs.Release(db, report.JobId, report.Attempt, transcoder.IsRemote, now);
        LogPostponed(report.JobId, report.Attempt, report.Outage!);
        return new(job.OwnerId, report.JobId, null);
    }

    /// <summary>The row that a report may still change: this attempt is the present one, has begun and has not ended.</summary>
    private static Expression<Func<TranscodeJob, bool>> UnderWay(JobReport report) =>
        j => j.Id == report.JobId && j.Attempt == report.Attempt && (j.State == JobState.Submitted || j.State == JobState.Running);

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} at job {JobId} failed ({Reason}); the next begins in {Delay}")]
    private partial void LogRetry(Guid jobId, int attempt, string? reason, TimeSpan delay);

    [LoggerMessage(LogLevel.Information, "Job {JobId} waits again after attempt {Attempt}, for no fault of its own: {Outage}")]
    private partial void LogPostponed(Guid jobId, int attempt, string outage);
}
