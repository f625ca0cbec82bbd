using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>What a person can do with jobs: ask for one, stop it, try again.</summary>
internal sealed class JobQueue(
    IDbContextFactory<AppDbContext> databases, JobDispatcher dispatcher, TranscodeWorker worker, JobFeed feed, TimeProvider time)
{
    /// <summary>
    /// Adds a job for a file inside the caller's transaction; it is worked on if and only if that commits. The caller calls
    /// <see cref="JobFeed.Changed"/> afterwards.
    /// </summary>
    public async Task<TranscodeJob> EnqueueAsync(AppDbContext db, AudioFile file, IReadOnlyList<string> presetIds, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var job = new TranscodeJob
        {
            Id = Guid.CreateVersion7(now), AudioFileId = file.Id, OwnerId = file.OwnerId, PresetIds = [.. presetIds], CreatedAt = now,
            Turn = await JobOrder.NextTurnAsync(db, file.OwnerId, cancellationToken),
        };
        db.TranscodeJobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        await dispatcher.ScheduleAsync(db, job.Id, job.Attempt, now, cancellationToken);
        return job;
    }

    /// <summary>
    /// Stops a job that is not finished. False if there is none of this owner, or it is finished. An engine elsewhere is told later, by the
    /// row that is written here, so that the person waits for nothing but the database.
    /// </summary>
    public async Task<bool> CancelAsync(string ownerId, Guid jobId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var job = await db.TranscodeJobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == jobId && j.OwnerId == ownerId, cancellationToken);
        if (job is null || job.State.IsTerminal())
            return false;
        await db.TranscodeJobs.Where(j => j.Id == jobId)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.State, JobState.Cancelled)
                .SetProperty(j => j.FinishedAt, now)
                .SetProperty(j => j.NextCheckAt, (DateTimeOffset?)null), cancellationToken);
        if (job is { Engine: { } engine, EngineJobId: { } engineJobId })
        {
            EngineCancellation.Add(db, jobId, engine, engineJobId, now);
            AttemptOutputs.Release(db, jobId, job.Attempt, elsewhere: true, now);
        }

        await transaction.CommitAsync(cancellationToken);
        feed.Changed(ownerId, jobId);
        worker.Stop(jobId);
        return true;
    }

    /// <summary>A new job for a file whose last one failed or was cancelled. False if there is no such file or nothing to retry.</summary>
    public async Task<bool> RetryAsync(string ownerId, Guid fileId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var file = await db.AudioFiles.FirstOrDefaultAsync(f => f.Id == fileId && f.OwnerId == ownerId, cancellationToken);
        if (file is null)
            return false;
        var last = await db.TranscodeJobs.Where(j => j.AudioFileId == fileId).OrderByDescending(j => j.CreatedAt).FirstAsync(cancellationToken);
        if (last.State is not (JobState.Failed or JobState.Cancelled))
            return false;
        var job = await EnqueueAsync(db, file, last.PresetIds, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Changed(ownerId, job.Id);
        return true;
    }
}
