using System.Linq.Expressions;
using System.Text.Json;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// The one path from a report to an alert. Whoever hears from an engine (a worker here, a webhook, a queue, a question of ours) ends in
/// <see cref="ApplyAsync"/>: state, renditions and the owner's message change in one transaction, or not at all.
/// </summary>
internal sealed partial class JobReports(
    IDbContextFactory<AppDbContext> databases, JobDispatcher dispatcher, MessageFeed messages, JobFeed jobs,
    IOptions<TranscodingOptions> options, TimeProvider time, ILogger<JobReports> logger)
{
    /// <summary>Attempts that may end in a crash or a failure of the engine before the job is given up.</summary>
    public const int MaxFailures = 3;

    /// <summary>Applies one report in a transaction of its own and rings.</summary>
    /// <returns>False if it said nothing new.</returns>
    public async Task<bool> ReportAsync(JobReport report, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (Find(db, report.JobId) is not { } job || await ApplyAsync(db, job, report, cancellationToken) is not { } applied)
            return false;
        await transaction.CommitAsync(cancellationToken);
        Ring(applied);
        return true;
    }

    /// <summary>The job that a report names, inside the caller's transaction, with all that reports are held against; other columns are not read.</summary>
    public static TranscodeJob? Find(AppDbContext db, Guid jobId) => db.FirstPrepared(
        $"""
        SELECT "AudioFileId", "OwnerId", "PresetIds", "State", "Attempt", "Engine", "EngineJobId", "CreatedAt" FROM "TranscodeJobs" WHERE "Id" = {jobId}
        """,
        row => new TranscodeJob
        {
            Id = jobId, AudioFileId = row.GetGuid(0), OwnerId = row.GetString(1), PresetIds = JsonSerializer.Deserialize<List<string>>(row.GetString(2))!,
            State = (JobState)row.GetInt32(3), Attempt = row.GetInt32(4), Engine = row.GetNullableString(5), EngineJobId = row.GetNullableString(6),
            CreatedAt = new(row.GetInt64(7), TimeSpan.Zero),
        });

    /// <summary>
    /// Applies one report inside the caller's transaction. The caller calls <see cref="Ring"/> with the result after its commit.
    /// </summary>
    /// <remarks>
    /// An attempt that failed for a reason that may pass is followed by another, and nobody is told: news is what the job came to.
    /// </remarks>
    /// <param name="job">What <see cref="Find"/> gave for it in this transaction.</param>
    /// <returns>Null if the report is late, doubled or contradicts what is already final, and so changed nothing.</returns>
    public async Task<AppliedReport?> ApplyAsync(AppDbContext db, TranscodeJob job, JobReport report, CancellationToken cancellationToken)
    {
        if (report is { State: JobState.Failed, Retryable: true } && await RetryAsync(db, report, cancellationToken) is { } retried)
            return retried;
        var now = time.GetUtcNow();
        var reason = Shorten(report.Reason, 500);
        var detail = Shorten(report.Detail, 4000);
        DateTimeOffset? finishedAt = report.State.IsTerminal() ? now : null;
        ReportSource? heardBy = report.State.IsTerminal() ? report.Source : null;
        // Compare-and-set: the fence (attempt) and the order (state) are checked by the write itself.
        var moved = db.ExecutePrepared(
            $"""
            UPDATE "TranscodeJobs" SET "State" = {(int)report.State}, "FinishedAt" = {finishedAt}, "HeardBy" = {(int?)heardBy},
                "NextCheckAt" = CASE WHEN {finishedAt} IS NULL THEN "NextCheckAt" END, "Reason" = {reason}, "Detail" = {detail}
            WHERE "Id" = {report.JobId} AND "Attempt" = {report.Attempt} AND "State" < {(int)report.State}
                AND "State" IN ({(int)JobState.Submitted}, {(int)JobState.Running})
            """);
        if (moved == 0)
        {
            LogIgnored(report.JobId, report.Attempt, report.State);
            return null;
        }

        if (report.State is not (JobState.Succeeded or JobState.Failed))
            return new(job.OwnerId, report.JobId, null);

        var fileName = db.FirstPrepared($"""SELECT "Name" FROM "AudioFiles" WHERE "Id" = {job.AudioFileId}""", row => row.GetString(0));
        if (report.SourceDuration is { } duration)
            db.ExecutePrepared($"""UPDATE "AudioFiles" SET "Duration" = {duration} WHERE "Id" = {job.AudioFileId}""");
        foreach (var output in report.Outputs)
        {
            var rendition = new Rendition
            {
                Id = Guid.CreateVersion7(now), AudioFileId = job.AudioFileId, PresetId = output.PresetId, StorageKey = output.StorageKey,
                Length = output.Length ?? 0, Duration = output.Duration, CreatedAt = now,
            };
            db.Insert(rendition);
        }

        var (kind, text) = NewsOf(report.State, reason, fileName!);
        var message = new Message
        {
            Id = Guid.CreateVersion7(now), OwnerId = job.OwnerId, Kind = kind, Text = text, FileId = job.AudioFileId, JobId = report.JobId, CreatedAt = now,
        };
        return new(job.OwnerId, report.JobId, MessageStore.Add(db, message));
    }

    /// <summary>Keeps the id under which an engine elsewhere has taken an attempt; from then on its reports can be matched.</summary>
    /// <returns>False if the job was cancelled or overtaken meanwhile: the engine should be told to stop.</returns>
    public async Task<bool> AcceptedAsync(JobReport report, CancellationToken cancellationToken)
    {
        var firstCheck = time.GetUtcNow() + Reconciler.FirstCheck;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await db.TranscodeJobs.Where(UnderWay(report)).Where(j => j.EngineJobId == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.EngineJobId, report.EngineJobId)
                .SetProperty(j => j.NextCheckAt, firstCheck), cancellationToken);
        if (stored == 0)
            return false;
        var ownerId = await db.TranscodeJobs.Where(j => j.Id == report.JobId).Select(j => j.OwnerId).SingleAsync(cancellationToken);
        jobs.Changed(ownerId, report.JobId);
        return true;
    }

    /// <summary>Tells every tab of the owner; call it after the commit.</summary>
    public void Ring(AppliedReport applied)
    {
        jobs.Changed(applied.OwnerId, applied.JobId);
        if (applied.MailboxVersion is { } version)
            messages.Ring(applied.OwnerId, version);
    }

    private async Task<AppliedReport?> RetryAsync(AppDbContext db, JobReport report, CancellationToken cancellationToken)
    {
        var requeued = await db.TranscodeJobs.Where(UnderWay(report)).Where(j => report.Passing || j.Failures + 1 < MaxFailures)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.State, JobState.Queued)
                .SetProperty(j => j.Failures, j => report.Passing ? j.Failures : j.Failures + 1)
                .SetProperty(j => j.EngineJobId, (string?)null)
                .SetProperty(j => j.NextCheckAt, (DateTimeOffset?)null)
                .SetProperty(j => j.Checks, 0)
                .SetProperty(j => j.Detail, Shorten(report.Detail, 4000)), cancellationToken);
        if (requeued == 0)
            return null;
        var job = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.Id == report.JobId, cancellationToken);
        var delay = options.Value.RetryDelay * Math.Pow(2, Math.Max(0, job.Failures - 1));
        await dispatcher.ScheduleAsync(db, job.Id, job.Attempt, time.GetUtcNow() + delay, cancellationToken);
        LogRetry(job.Id, job.Attempt, report.Detail ?? report.Reason, delay);
        return new(job.OwnerId, job.Id, null);
    }

    /// <summary>The row that a report may still change: this attempt is the present one, has begun and has not ended.</summary>
    private static Expression<Func<TranscodeJob, bool>> UnderWay(JobReport report) =>
        j => j.Id == report.JobId && j.Attempt == report.Attempt && (j.State == JobState.Submitted || j.State == JobState.Running);

    private static (MessageKind Kind, string Text) NewsOf(JobState state, string? reason, string fileName) => (state, reason) switch
    {
        (JobState.Failed, _) => (MessageKind.Failed, $"“{fileName}” could not be converted. {reason}"),
        (_, { } warning) => (MessageKind.ReadyWithWarning, $"“{fileName}” is ready, with a warning. {warning}"),
        _ => (MessageKind.Ready, $"“{fileName}” is ready."),
    };

    private static string? Shorten(string? text, int length) => text?.Length > length ? text[..(length - 1)] + "…" : text;

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} at job {JobId} failed ({Reason}); the next begins in {Delay}")]
    private partial void LogRetry(Guid jobId, int attempt, string? reason, TimeSpan delay);

    [LoggerMessage(LogLevel.Debug, "A report of job {JobId}, attempt {Attempt}, state {State}, said nothing new")]
    private partial void LogIgnored(Guid jobId, int attempt, JobState state);
}

/// <summary>A report that changed something.</summary>
/// <param name="OwnerId">Whose job it is.</param>
/// <param name="JobId">The job.</param>
/// <param name="MailboxVersion">The owner's new version if a message was written.</param>
internal sealed record AppliedReport(string OwnerId, Guid JobId, long? MailboxVersion);
