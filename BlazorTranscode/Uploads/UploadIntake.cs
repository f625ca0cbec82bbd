using System.IO.Pipelines;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Uploads;

/// <summary>
/// An upload from its announcement to the file and the job it becomes. How many bytes are there is known to the store alone; the row
/// says whose they are and what they shall become.
/// </summary>
internal sealed partial class UploadIntake(
    IDbContextFactory<AppDbContext> databases, IMediaStore store, Deletions deletions, UploadRoom room, JobQueue queue, JobFeed feed,
    IOptions<UploadOptions> options, TimeProvider time, ILogger<UploadIntake> logger)
{
    private readonly UploadOptions _options = options.Value;

    /// <summary>Begins an upload of so many bytes.</summary>
    /// <exception cref="UploadRefusedException">Empty, too large, too many begun, or no room.</exception>
    public async Task<Upload> BeginAsync(
        string ownerId, string name, long length, List<string> presetIds, string metadata, CancellationToken cancellationToken)
    {
        if (length == 0)
            throw new UploadRefusedException(StatusCodes.Status400BadRequest, "This file is empty, so it is not audio.");
        var size = Measures.Size(length);
        if (length > _options.MaxBytes)
            throw new UploadRefusedException(StatusCodes.Status413PayloadTooLarge, $"This file has {size}; the limit is {Measures.Size(_options.MaxBytes)}.");
        if (store.FreeSpace < length)
            throw new UploadRefusedException(StatusCodes.Status507InsufficientStorage, $"The server has no room for {size}. Try again when room has been made.");

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var key = $"sources/{id:N}";
        var upload = new Upload
        {
            Id = id, OwnerId = ownerId, Name = name, Length = length, PresetIds = presetIds, Metadata = metadata, StorageKey = key,
            CreatedAt = now, ExpiresAt = now + _options.KeepUnfinished,
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await room.RequireAsync(db, ownerId, length, cancellationToken);
        if (await db.Uploads.CountAsync(u => u.OwnerId == ownerId && u.CompletedAt == null, cancellationToken) >= _options.MaxUnfinished)
        {
            throw new UploadRefusedException(
                StatusCodes.Status429TooManyRequests, $"You have {_options.MaxUnfinished} unfinished uploads. Finish or cancel one of them first.");
        }

        db.Uploads.Add(upload);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await BeginInStoreAsync(upload);
        return upload;
    }

    /// <summary>This person's upload.</summary>
    /// <exception cref="UploadRefusedException">Somebody else's, unknown or expired: all look the same.</exception>
    public async Task<Upload> FindAsync(string ownerId, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Uploads.AsNoTracking()
            .FirstOrDefaultAsync(u => u.Id == id && u.OwnerId == ownerId && (u.CompletedAt != null || u.ExpiresAt > now), cancellationToken)
            ?? throw UploadRefusedException.Unknown;
    }

    /// <summary>How many bytes have arrived for good.</summary>
    /// <exception cref="UploadRefusedException">The store has lost them.</exception>
    public async Task<long> OffsetAsync(Upload upload, CancellationToken cancellationToken)
    {
        try
        {
            if (upload.CompletedAt is not null)
                return upload.Length;
            return upload.StorageHandle is null ? 0 : await store.OffsetAsync(upload.StorageKey, upload.StorageHandle, cancellationToken);
        }
        catch (FileNotFoundException e)
        {
            LogLost(e, upload.Id);
            await DiscardAsync(upload, cancellationToken);
            throw UploadRefusedException.Unknown;
        }
    }

    /// <summary>Takes bytes from the body; the caller holds the upload's lock and has checked the offset.</summary>
    /// <returns>The new offset. When it is the length, the caller goes on with <see cref="FinishAsync"/>.</returns>
    public async Task<long> AppendAsync(Upload upload, long offset, PipeReader body, UploadHold hold, CancellationToken cancellationToken)
    {
        var handle = upload.StorageHandle ?? await TakeUpInStoreAsync(upload, cancellationToken);
        var checksums = await ChecksumsUpToAsync(upload, offset, cancellationToken);
        try
        {
            return await store.AppendAsync(
                upload.StorageKey, handle, offset, new UploadBody(body, hold, checksums), upload.Length - offset, cancellationToken);
        }
        finally
        {
            await RememberAsync(upload, checksums);
        }
    }

    /// <summary>
    /// Makes a whole upload the file and the job it was meant to be. It may be called again, also by two at once: there is one file and one
    /// job. That covers a death between the store and the database.
    /// </summary>
    public async Task FinishAsync(Upload upload, CancellationToken cancellationToken)
    {
        if (upload.CompletedAt is not null)
            return;
        await RefuseDisabledAsync(upload.OwnerId, cancellationToken);
        await store.CompleteAsync(upload.StorageKey, upload.StorageHandle!, upload.Length, cancellationToken);
        CrashPoint.Pass("upload-stored");
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var first = await db.Uploads.Where(u => u.Id == upload.Id && u.CompletedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.CompletedAt, now), cancellationToken);
        if (first == 0)
            return;
        var file = new AudioFile
        {
            Id = upload.Id, OwnerId = upload.OwnerId, Name = upload.Name, Length = upload.Length, StorageKey = upload.StorageKey, UploadedAt = now,
        };
        db.AudioFiles.Add(file);
        var job = await queue.EnqueueAsync(db, file, upload.PresetIds, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        CrashPoint.Pass("upload-committed");
        LogArrived(upload.Id, upload.Length);
        feed.Changed(upload.OwnerId, job.Id);
    }

    /// <summary>What a disabled person has sent does not become a file; the upload stays unfinished until it expires.</summary>
    private async Task RefuseDisabledAsync(string ownerId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Users.AnyAsync(user => user.Id == ownerId && user.Disabled, cancellationToken))
            throw new UploadRefusedException(StatusCodes.Status403Forbidden, "This account is disabled, so its upload is not taken. Ask the administrator of this server.");
    }

    /// <summary>
    /// Throws away an upload with its bytes. False if the row is not as it was read: the upload is finished and so is a file now, or it has
    /// moved, or is gone.
    /// </summary>
    public async Task<bool> DiscardAsync(Upload upload, CancellationToken cancellationToken)
    {
        var handle = upload.StorageHandle ?? await LeftInStoreAsync(upload.StorageKey, cancellationToken);
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = db.Uploads.Where(u =>
            u.Id == upload.Id && u.CompletedAt == null && u.ExpiresAt == upload.ExpiresAt && u.StorageHandle == upload.StorageHandle);
        if (await row.ExecuteDeleteAsync(cancellationToken) == 0)
            return false;
        List<Guid> rows = [];
        if (handle is not null)
        {
            // The whole object too: a store may have completed it before the row could say so.
            rows.Add(db.DeleteLater(upload.StorageKey, DeletionReason.UploadAbandoned, now, handle: handle, ownerId: upload.OwnerId).Id);
            rows.Add(db.DeleteLater(upload.StorageKey, DeletionReason.UploadAbandoned, now, ownerId: upload.OwnerId).Id);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await deletions.WorkOffAsync(rows, cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Upload {UploadId} has arrived, {Length} bytes")]
    private partial void LogArrived(Guid uploadId, long length);

    [LoggerMessage(LogLevel.Warning, "The media store has lost upload {UploadId}")]
    private partial void LogLost(Exception exception, Guid uploadId);
}
