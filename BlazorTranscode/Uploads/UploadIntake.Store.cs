using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Uploads;

/// <content>
/// The unfinished object in the store, which begins after the row, and the checksums of its bytes. They are taken as the bytes pass and are
/// written when a request ends. After a death in between they are made up for by reading the bytes again where the store gives them back.
/// </content>
internal sealed partial class UploadIntake
{
    /// <summary>How long a request may take to read bytes again. What it has read is kept, so that the next one goes on from there.</summary>
    private static readonly TimeSpan ReadAgainFor = TimeSpan.FromSeconds(10);

    /// <summary>The checksums of the first <paramref name="offset"/> bytes; null if they are not known and cannot be made any more.</summary>
    /// <exception cref="UploadRefusedException">They are being made, which takes longer than one request.</exception>
    public async Task<UploadChecksums?> ChecksumsOfAsync(Upload upload, long offset, CancellationToken cancellationToken)
    {
        var checksums = UploadChecksums.Read(upload.Checksums);
        checksums.Cut(offset);
        if (checksums.Length == offset)
            return checksums;
        try
        {
            await ReadAgainAsync(upload, checksums, offset, cancellationToken);
        }
        finally
        {
            await RememberAsync(upload, checksums);
        }

        return checksums.Length == offset ? checksums : null;
    }

    /// <summary>
    /// The same before bytes are added: a gap within one block is closed at once, because in S3 it is out of reach when the next part is
    /// stored. A longer one is left until somebody asks.
    /// </summary>
    private async Task<UploadChecksums?> ChecksumsUpToAsync(Upload upload, long offset, CancellationToken cancellationToken)
    {
        var checksums = UploadChecksums.Read(upload.Checksums);
        checksums.Cut(offset);
        if (offset - checksums.Length is > 0 and < UploadChecksums.BlockLength)
            await ReadAgainAsync(upload, checksums, offset, cancellationToken);
        return checksums.Length == offset ? checksums : null;
    }

    private async Task ReadAgainAsync(Upload upload, UploadChecksums checksums, long offset, CancellationToken cancellationToken)
    {
        await using var bytes = await OpenAsync(upload, checksums.Length, cancellationToken);
        if (bytes is null)
            return;
        var start = time.GetTimestamp();
        var buffer = new byte[128 * 1024];
        while (checksums.Length < offset)
        {
            var wanted = (int)Math.Min(buffer.Length, offset - checksums.Length);
            var read = await bytes.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (read == 0)
                return;
            checksums.Add(buffer.AsSpan(0, read));
            if (time.GetElapsedTime(start) > ReadAgainFor)
            {
                throw new UploadRefusedException(
                    StatusCodes.Status503ServiceUnavailable, "What has arrived is being read again, to be compared with the file.", TimeSpan.FromSeconds(1));
            }
        }
    }

    private async Task<Stream?> OpenAsync(Upload upload, long offset, CancellationToken cancellationToken)
    {
        try
        {
            if (upload.CompletedAt is null)
                return await store.OpenUnfinishedAsync(upload.StorageKey, upload.StorageHandle!, offset, cancellationToken);
            var whole = await store.OpenAsync(upload.StorageKey, cancellationToken);
            whole.Position = offset;
            return whole;
        }
        catch (FileNotFoundException)
        {
            return null; // The file that it became was deleted.
        }
    }

    /// <summary>Writes the checksums down, also when the request has broken off. An upload that moves expires later.</summary>
    private async Task RememberAsync(Upload upload, UploadChecksums? checksums)
    {
        if (checksums is not null)
            upload.Checksums = checksums.ToBytes();
        upload.ExpiresAt = time.GetUtcNow() + _options.KeepUnfinished;
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await db.Uploads.Where(u => u.Id == upload.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.Checksums, upload.Checksums).SetProperty(u => u.ExpiresAt, upload.ExpiresAt), CancellationToken.None);
    }

    /// <summary>
    /// Begins the object of a row that was just written, whether or not the sender still listens. If the store does not answer, the first
    /// piece will begin it: a second row for the same file would only take another place.
    /// </summary>
    private async Task BeginInStoreAsync(Upload upload)
    {
        try
        {
            await KeepHandleAsync(upload, await store.BeginAsync(upload.StorageKey, upload.Length, CancellationToken.None));
        }
        catch (StorageFullException)
        {
            await DiscardAsync(upload, CancellationToken.None);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogBegunLater(e, upload.Id);
        }
    }

    /// <summary>Begins the object of a row that has none, or finds the one that was begun by a process that died before it could say so.</summary>
    private async Task<string> TakeUpInStoreAsync(Upload upload, CancellationToken cancellationToken) =>
        await KeepHandleAsync(
            upload, await LeftInStoreAsync(upload.StorageKey, cancellationToken)
            ?? await store.BeginAsync(upload.StorageKey, upload.Length, cancellationToken));

    private async Task<string> KeepHandleAsync(Upload upload, string handle)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var kept = await db.Uploads.Where(u => u.Id == upload.Id && u.StorageHandle == null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.StorageHandle, handle), CancellationToken.None);
        if (kept == 0)
        {
            await store.AbortAsync(upload.StorageKey, handle, CancellationToken.None);
            throw UploadRefusedException.Unknown;
        }

        return upload.StorageHandle = handle;
    }

    /// <summary>The store's handle of an object under this key that no row has, because the process died between the two.</summary>
    private async Task<string?> LeftInStoreAsync(string key, CancellationToken cancellationToken) =>
        (await store.ListUnfinishedAsync(cancellationToken).FirstOrDefaultAsync(left => left.Key == key, cancellationToken))?.Handle;

    [LoggerMessage(LogLevel.Warning, "The media store did not begin upload {UploadId}; the first piece of it tries again")]
    private partial void LogBegunLater(Exception exception, Guid uploadId);
}
