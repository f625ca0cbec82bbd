using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Library;

/// <summary>Deletes a file with everything that came of it: jobs, formats, messages, bytes.</summary>
internal sealed class FileRemoval(
    IDbContextFactory<AppDbContext> databases, JobQueue queue, MessageStore messages, MessageFeed messageFeed, JobFeed jobFeed, Deletions deletions,
    TimeProvider time)
{
    // The bytes go at once where the store answers. Whoever clicked does not wait longer for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>False if there is no such file of this owner.</summary>
    public async Task<bool> DeleteAsync(string ownerId, Guid fileId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var jobs = await db.TranscodeJobs.Where(j => j.AudioFileId == fileId && j.OwnerId == ownerId).Select(j => j.Id).ToListAsync(cancellationToken);
        foreach (var job in jobs)
            await queue.CancelAsync(ownerId, job, cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var mine = db.AudioFiles.Where(f => f.Id == fileId && f.OwnerId == ownerId);
        var objects = await mine.Select(f => new { f.StorageKey, f.Length })
            .Concat(mine.SelectMany(f => f.Renditions).Select(r => new { r.StorageKey, r.Length })).ToListAsync(cancellationToken);
        if (await mine.ExecuteDeleteAsync(cancellationToken) == 0)
            return false;
        var now = time.GetUtcNow();
        var rows = objects.ConvertAll(o => db.DeleteLater(o.StorageKey, DeletionReason.FileDeleted, now, ownerId: ownerId, length: o.Length).Id);
        await db.SaveChangesAsync(cancellationToken);
        var version = await messages.RemoveForFileAsync(db, ownerId, fileId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        foreach (var job in jobs)
            jobFeed.Changed(ownerId, job);
        messageFeed.Ring(ownerId, version);
        await RemoveBytesAsync(rows);
        return true;
    }

    private async Task RemoveBytesAsync(List<Guid> rows)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await deletions.WorkOffAsync(rows, patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or System.Data.Common.DbException)
        {
            // The rows stand and are worked off every minute.
        }
    }
}
