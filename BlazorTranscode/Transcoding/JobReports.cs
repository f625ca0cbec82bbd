using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// The one path from a report to an alert. Whoever hears from an engine (a worker here, a webhook, a queue, a question of ours) ends in
/// <see cref="ApplyAsync"/>: state, renditions and the owner's message change in one transaction, or not at all.
/// </summary>
internal sealed partial class JobReports(
    IDbContextFactory<AppDbContext> databases, MessageFeed messages, JobFeed jobs, TimeProvider time, ILogger<JobReports> logger)
{
    /// <summary>Applies one report in a transaction of its own and rings.</summary>
    /// <returns>False if it said nothing new.</returns>
    public async Task<bool> ReportAsync(JobReport report, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var applied = await ApplyAsync(db, report, cancellationToken);
        if (applied is null)
            return false;
        await transaction.CommitAsync(cancellationToken);
        Ring(applied);
        return true;
    }

    /// <summary>
    /// Applies one report inside the caller's transaction. The caller calls <see cref="Ring"/> with the result after its commit.
    /// </summary>
    /// <returns>Null if the report is late, doubled or contradicts what is already final, and so changed nothing.</returns>
    public async Task<AppliedReport?> ApplyAsync(AppDbContext db, JobReport report, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var reason = Shorten(report.Reason, 500);
        var detail = Shorten(report.Detail, 4000);
        DateTimeOffset? finishedAt = report.State.IsTerminal() ? now : null;
        ReportSource? heardBy = report.State.IsTerminal() ? report.Source : null;
        // Compare-and-set: the fence (attempt) and the order (state) are checked by the write itself.
        var changed = await db.TranscodeJobs
            .Where(j => j.Id == report.JobId && j.Attempt == report.Attempt && j.State < JobStates.FirstTerminal && j.State < report.State)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.State, report.State)
                .SetProperty(j => j.EngineJobId, j => report.EngineJobId ?? j.EngineJobId)
                .SetProperty(j => j.FinishedAt, finishedAt)
                .SetProperty(j => j.HeardBy, heardBy)
                .SetProperty(j => j.Reason, reason)
                .SetProperty(j => j.Detail, detail), cancellationToken);
        if (changed == 0)
        {
            LogIgnored(report.JobId, report.Attempt, report.State);
            return null;
        }

        var job = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.Id == report.JobId, cancellationToken);
        if (report.State is not (JobState.Succeeded or JobState.Failed))
            return new(job.OwnerId, job.Id, null);

        var file = await db.AudioFiles.SingleAsync(f => f.Id == job.AudioFileId, cancellationToken);
        file.Duration = report.SourceDuration ?? file.Duration;
        foreach (var output in report.Outputs)
        {
            db.Renditions.Add(new Rendition
            {
                Id = Guid.CreateVersion7(now), AudioFileId = file.Id, PresetId = output.PresetId, StorageKey = output.StorageKey,
                Length = output.Length ?? 0, Duration = output.Duration, CreatedAt = now,
            });
        }

        var version = await MessageStore.AddAsync(db, NewsOf(job, file, now), cancellationToken);
        return new(job.OwnerId, job.Id, version);
    }

    /// <summary>Tells every tab of the owner; call it after the commit.</summary>
    public void Ring(AppliedReport applied)
    {
        jobs.Changed(applied.OwnerId, applied.JobId);
        if (applied.MailboxVersion is { } version)
            messages.Ring(applied.OwnerId, version);
    }

    private static Message NewsOf(TranscodeJob job, AudioFile file, DateTimeOffset now)
    {
        var (kind, text) = job switch
        {
            { State: JobState.Failed } => (MessageKind.Failed, $"“{file.Name}” could not be converted. {job.Reason}"),
            { Reason: { } warning } => (MessageKind.ReadyWithWarning, $"“{file.Name}” is ready, with a warning. {warning}"),
            _ => (MessageKind.Ready, $"“{file.Name}” is ready."),
        };
        return new()
        {
            Id = Guid.CreateVersion7(now), OwnerId = job.OwnerId, Kind = kind, Text = text, FileId = file.Id, JobId = job.Id, CreatedAt = now,
        };
    }

    private static string? Shorten(string? text, int length) => text?.Length > length ? text[..(length - 1)] + "…" : text;

    [LoggerMessage(LogLevel.Debug, "A report of job {JobId}, attempt {Attempt}, state {State}, said nothing new")]
    private partial void LogIgnored(Guid jobId, int attempt, JobState state);
}

/// <summary>A report that changed something.</summary>
/// <param name="OwnerId">Whose job it is.</param>
/// <param name="JobId">The job.</param>
/// <param name="MailboxVersion">The owner's new version if a message was written.</param>
internal sealed record AppliedReport(string OwnerId, Guid JobId, long? MailboxVersion);
