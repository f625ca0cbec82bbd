using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Uploads;

/// <summary>
/// At start and every hour: finishes uploads whose last byte came just before the process died, throws away those that rest too long,
/// and removes bytes that no row knows.
/// </summary>
internal sealed partial class UploadSweep(
    IDbContextFactory<AppDbContext> databases, IMediaStore store, UploadIntake intake, UploadLocks locks, IHostApplicationLifetime app, TimeProvider time,
    ILogger<UploadSweep> logger)
    : BackgroundService
{
    // Long enough for a row that is about to be written, and for the answer that a client has lost.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await FinishOrExpireAsync(cancellationToken);
        await ForgetCompletedAsync(cancellationToken);
        await RemoveOrphansAsync(cancellationToken);
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
                if (await intake.OffsetAsync(upload, cancellationToken) == upload.Length)
                    await intake.FinishAsync(upload, cancellationToken);
                else if (upload.ExpiresAt <= time.GetUtcNow())
                    await intake.DiscardAsync(upload, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogUploadFailed(e, upload.Id); // One that cannot be finished must not keep the others waiting.
            }
        }
    }

    private async Task ForgetCompletedAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Grace;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Uploads.Where(u => u.CompletedAt < before).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task RemoveOrphansAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Grace;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var batch in store.ListUnfinishedAsync(cancellationToken).Where(o => o.Modified < before).Chunk(500).WithCancellation(cancellationToken))
        {
            var handles = batch.Select(o => o.Handle).ToList();
            var known = await db.Uploads.Where(u => handles.Contains(u.StorageHandle!)).Select(u => u.StorageHandle!).ToListAsync(cancellationToken);
            foreach (var orphan in batch.Where(o => !known.Contains(o.Handle)))
            {
                LogOrphan(orphan.Key);
                await store.AbortAsync(orphan.Key, orphan.Handle, cancellationToken);
            }
        }

        await foreach (var batch in store.ListAsync(cancellationToken).Where(o => o.Modified < before).Chunk(500).WithCancellation(cancellationToken))
        {
            var known = await KnownAmongAsync(db, [.. batch.Select(o => o.Key)], cancellationToken);
            foreach (var orphan in batch.Where(o => !known.Contains(o.Key)))
            {
                LogOrphan(orphan.Key);
                await store.DeleteAsync(orphan.Key, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Which of these keys a row knows. A key holds the id of its upload or job, so that this costs a look-up each and no scan. What does not look like
    /// one of ours counts as known.
    /// </summary>
    private static async Task<HashSet<string>> KnownAmongAsync(AppDbContext db, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var ids = keys.Select(key => (Key: key, Folder: key.Split('/')[0], Id: Guid.TryParse(key.Split('/').ElementAtOrDefault(1), out var id) ? id : (Guid?)null))
            .ToList();
        var known = ids.Where(k => k.Id is null || k.Folder is not ("sources" or "renditions")).Select(k => k.Key).ToHashSet();

        var sources = ids.Where(k => k.Folder == "sources").Select(k => k.Id).OfType<Guid>().ToList();
        known.UnionWith(await db.AudioFiles.Where(f => sources.Contains(f.Id)).Select(f => f.StorageKey).ToListAsync(cancellationToken));
        known.UnionWith(await db.Uploads.Where(u => sources.Contains(u.Id)).Select(u => u.StorageKey).ToListAsync(cancellationToken));

        var jobs = ids.Where(k => k.Folder == "renditions").Select(k => k.Id).OfType<Guid>().ToList();
        var renditions = db.Renditions;
        known.UnionWith(await db.TranscodeJobs.Where(j => jobs.Contains(j.Id))
            .Join(renditions, j => j.AudioFileId, r => r.AudioFileId, (_, r) => r.StorageKey).ToListAsync(cancellationToken));
        return known;
    }

    [LoggerMessage(LogLevel.Error, "The sweep of uploads failed and is tried again in an hour")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Upload {UploadId} could not be finished or thrown away")]
    private partial void LogUploadFailed(Exception exception, Guid uploadId);

    [LoggerMessage(LogLevel.Information, "Removed {Key} from the media store: no row knows it")]
    private partial void LogOrphan(string key);
}
