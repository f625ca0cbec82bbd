using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>What a person can do with jobs: ask for one, stop it, try again.</summary>
internal sealed class JobQueue(
    IDbContextFactory<AppDbContext> databases, JobDispatcher dispatcher, TranscodeWorker worker, ITranscoder transcoder, JobFeed feed, TimeProvider time)
{
    /// <summary>
    /// Adds a job for a file inside the caller's transaction; it is worked on if and only if that commits. The caller calls
    /// <see cref="JobFeed.Changed"/> afterwards.
    /// </summary>
    public async Task<TranscodeJob> EnqueueAsync(AppDbContext db, AudioFile file, IReadOnlyList<string> presetIds, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var job = new TranscodeJob { Id = Guid.CreateVersion7(now), AudioFileId = file.Id, OwnerId = file.OwnerId, PresetIds = [.. presetIds], CreatedAt = now };
        db.TranscodeJobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        await dispatcher.ScheduleAsync(db, job.Id, job.Attempt, now, cancellationToken);
        return job;
    }

    /// <summary>Stops a job that is not finished. False if there is none of this owner, or it is finished.</summary>
    public async Task<bool> CancelAsync(string ownerId, Guid jobId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var job = await db.TranscodeJobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == jobId && j.OwnerId == ownerId, cancellationToken);
        if (job is null)
            return false;
        var cancelled = await db.TranscodeJobs.Where(j => j.Id == jobId && j.State < JobStates.FirstTerminal)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.State, JobState.Cancelled)
                .SetProperty(j => j.FinishedAt, now)
                .SetProperty(j => j.NextCheckAt, (DateTimeOffset?)null), cancellationToken);
        if (cancelled == 0)
            return false;
        feed.Changed(ownerId, jobId);
        worker.Stop(jobId);
        if (job.EngineJobId is { } engineJobId)
            await transcoder.CancelAsync(jobId, engineJobId, cancellationToken);
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
