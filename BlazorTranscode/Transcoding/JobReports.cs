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
    IDbContextFactory<AppDbContext> databases, JobDispatcher dispatcher, ITranscoder transcoder, MessageFeed messages, JobFeed jobs,
    IOptions<TranscodingOptions> options, TimeProvider time, ILogger<JobReports> logger)
{
    /// <summary>Attempts that may end in a failure of the engine before the job is given up.</summary>
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
        var now = time.GetUtcNow();
        if (report is { State: JobState.Failed, Outage: not null })
            return Postpone(db, job, report, now);
        if (report is { State: JobState.Failed, Retryable: true } && await RetryAsync(db, report, now, cancellationToken) is { } retried)
            return retried;
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

        transcoder.Heard(report);
        if (report.State is not (JobState.Succeeded or JobState.Failed))
            return new(job.OwnerId, report.JobId, null);
        if (report.State is JobState.Failed)
            AttemptOutputs.Release(db, job.Id, report.Attempt, transcoder.IsRemote, now);
        if (report.IsGivenUp && job is { Engine: { } engine, EngineJobId: { } engineJobId })
            EngineCancellation.Add(db, job.Id, engine, engineJobId, now);

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
            AttemptOutputs.Keep(db, output.StorageKey);
        }

        var (kind, text) = NewsOf(report.State, reason, fileName!);
        var message = new Message
        {
            Id = Guid.CreateVersion7(now), OwnerId = job.OwnerId, Kind = kind, Text = text, FileId = job.AudioFileId, JobId = report.JobId, CreatedAt = now,
        };
        return new(job.OwnerId, report.JobId, MessageStore.Add(db, message));
    }

    /// <summary>Tells every tab of the owner; call it after the commit.</summary>
    public void Ring(AppliedReport applied)
    {
        jobs.Changed(applied.OwnerId, applied.JobId);
        if (applied.MailboxVersion is { } version)
            messages.Ring(applied.OwnerId, version);
    }

    private static (MessageKind Kind, string Text) NewsOf(JobState state, string? reason, string fileName) => (state, reason) switch
    {
        (JobState.Failed, _) => (MessageKind.Failed, $"“{fileName}” could not be converted. {reason}"),
        (_, { } warning) => (MessageKind.ReadyWithWarning, $"“{fileName}” is ready, with a warning. {warning}"),
        _ => (MessageKind.Ready, $"“{fileName}” is ready."),
    };

    private static string? Shorten(string? text, int length) => text?.Length > length ? text[..(length - 1)] + "…" : text;

    [LoggerMessage(LogLevel.Debug, "A report of job {JobId}, attempt {Attempt}, state {State}, said nothing new")]
    private partial void LogIgnored(Guid jobId, int attempt, JobState state);
}

/// <summary>A report that changed something.</summary>
/// <param name="OwnerId">Whose job it is.</param>
/// <param name="JobId">The job.</param>
/// <param name="MailboxVersion">The owner's new version if a message was written.</param>
internal sealed record AppliedReport(string OwnerId, Guid JobId, long? MailboxVersion);
