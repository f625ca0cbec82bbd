using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Uploads;

/// <summary>
/// At start and every hour: finishes uploads whose last byte came just before the process died, gives up those that rest too long, and
/// what a death left unfinished of keys whose row says that they are done with. What no row knows stays.
/// </summary>
internal sealed partial class UploadSweep(
    IDbContextFactory<AppDbContext> databases, IMediaStore store, StoreOwnership ownership, Deletions deletions, RestoredDatabase restored,
    UploadIntake intake, UploadLocks locks, IHostApplicationLifetime app, TimeProvider time, ILogger<UploadSweep> logger)
    : BackgroundService
{
    // Long enough for the answer that a client has lost, and for an engine that still writes what nobody waits for.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        // In another store every upload looks lost, and in a database of another day every one looks expired.
        if (!ownership.IsOurs || !restored.IsSettled)
            return;
        await FinishOrExpireAsync(cancellationToken);
        await ForgetCompletedAsync(cancellationToken);
        await GiveUpRemainsAsync(cancellationToken);
        await deletions.WorkOffAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Finishing an upload schedules a job inside its transaction, and until the app has started nobody takes it.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = app.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task FinishOrExpireAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var upload in await db.Uploads.AsNoTracking().Where(u => u.CompletedAt == null).ToListAsync(cancellationToken))
        {
            using var hold = locks.TryTake(upload.Id);
            if (hold is null)
                continue;
            try
            {
                if (upload.StorageHandle is not null && await intake.OffsetAsync(upload, cancellationToken) == upload.Length)
                    await intake.FinishAsync(upload, cancellationToken);
                else
                    await ExpireAsync(upload, cancellationToken);
            }
            catch (UploadRefusedException)
            {
                // Its owner is disabled.
                if (upload.ExpiresAt <= time.GetUtcNow())
                    await intake.DiscardAsync(upload, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogUploadFailed(e, upload.Id); // One that cannot be finished must not keep the others waiting.
            }
        }
    }

    /// <summary>Whether it has expired is asked in the deletion itself: it may have moved since the rows were read.</summary>
    private async Task ExpireAsync(Upload upload, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Uploads.Where(u => u.Id == upload.Id && u.ExpiresAt <= now && u.CompletedAt == null).ExecuteDeleteAsync(cancellationToken) == 0)
            return;
        if (upload.StorageHandle is { } handle)
            db.DeleteLater(upload.StorageKey, DeletionReason.UploadAbandoned, now, handle: handle, ownerId: upload.OwnerId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ForgetCompletedAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Grace;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Uploads.Where(u => u.CompletedAt < before).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// A death between the store's beginning and ours to remember it leaves an unfinished object that nobody goes on with. It goes if a
    /// row says so: the upload of that key is complete, or the attempt at the job of that key has been over for a day.
    /// </summary>
    private async Task GiveUpRemainsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var batch in store.ListUnfinishedAsync(cancellationToken).Chunk(500).WithCancellation(cancellationToken))
        {
            var keys = batch.Select(o => o.Key).ToList();
            HashSet<string> over = [.. await db.Uploads.Where(u => u.CompletedAt != null && keys.Contains(u.StorageKey)).Select(u => u.StorageKey).ToListAsync(cancellationToken)];
            over.UnionWith(await OfPastAttemptsAsync(db, batch.Where(o => o.Modified < now - Grace).Select(o => o.Key), cancellationToken));
            HashSet<string> listed = [.. await db.PendingDeletions.Where(d => keys.Contains(d.StorageKey)).Select(d => d.StorageHandle!).ToListAsync(cancellationToken)];
            foreach (var remains in batch.Where(o => over.Contains(o.Key) && !listed.Contains(o.Handle)))
            {
                LogRemains(remains.Key);
                var isOutput = KeysOfRows.IdIn(remains.Key, "renditions") is not null;
                db.DeleteLater(remains.Key, isOutput ? DeletionReason.OutputOfAttempt : DeletionReason.UploadAbandoned, now, handle: remains.Handle);
            }

            await db.SaveChangesAsync(cancellationToken);
        }
    }

    private static async Task<IEnumerable<string>> OfPastAttemptsAsync(AppDbContext db, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var attempts = keys.Select(key => (Key: key, Job: KeysOfRows.IdIn(key, "renditions"), Attempt: int.TryParse(key.Split('/').ElementAtOrDefault(2), out var n) ? n : int.MaxValue))
            .Where(a => a.Job is not null).ToList();
        var ids = attempts.Select(a => a.Job!.Value).Distinct().ToList();
        var jobs = await db.TranscodeJobs.Where(j => ids.Contains(j.Id)).Select(j => new { j.Id, j.State, j.Attempt }).ToDictionaryAsync(j => j.Id, cancellationToken);
        return attempts.Where(a => jobs.TryGetValue(a.Job!.Value, out var job) && (a.Attempt < job.Attempt || (a.Attempt == job.Attempt && job.State.IsTerminal())))
            .Select(a => a.Key);
    }

    [LoggerMessage(LogLevel.Error, "The sweep of uploads failed and is tried again in an hour")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Upload {UploadId} could not be finished or given up")]
    private partial void LogUploadFailed(Exception exception, Guid uploadId);

    [LoggerMessage(LogLevel.Information, "What was left unfinished of {Key} is given up: its row says that it is done with")]
    private partial void LogRemains(string key);
}
