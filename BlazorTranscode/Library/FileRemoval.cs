using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Library;

/// <summary>Deletes a file with everything that came of it: jobs, formats, messages, bytes.</summary>
internal sealed partial class FileRemoval(
    IDbContextFactory<AppDbContext> databases, JobQueue queue, MessageStore messages, MessageFeed messageFeed, JobFeed jobFeed, IMediaStore media,
    ILogger<FileRemoval> logger)
{
    /// <summary>False if there is no such file of this owner.</summary>
    public async Task<bool> DeleteAsync(string ownerId, Guid fileId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var jobs = await db.TranscodeJobs.Where(j => j.AudioFileId == fileId && j.OwnerId == ownerId).Select(j => j.Id).ToListAsync(cancellationToken);
        foreach (var job in jobs)
            await queue.CancelAsync(ownerId, job, cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var mine = db.AudioFiles.Where(f => f.Id == fileId && f.OwnerId == ownerId);
        var keys = await mine.Select(f => f.StorageKey).Concat(mine.SelectMany(f => f.Renditions).Select(r => r.StorageKey)).ToListAsync(cancellationToken);
        if (await mine.ExecuteDeleteAsync(cancellationToken) == 0)
            return false;
        var version = await messages.RemoveForFileAsync(db, ownerId, fileId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        foreach (var job in jobs)
            jobFeed.Changed(ownerId, job);
        messageFeed.Ring(ownerId, version);
        foreach (var key in keys)
            await RemoveBytesAsync(key);
        return true;
    }

    // No cancellation: the rows are gone, so nobody would ask again. What cannot be removed now is found by the sweep of unknown keys.
    private async Task RemoveBytesAsync(string key)
    {
        try
        {
            await media.DeleteAsync(key, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            LogLeftBehind(e, key);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Key} of a deleted file could not be removed from the media store")]
    private partial void LogLeftBehind(Exception exception, string key);
}
