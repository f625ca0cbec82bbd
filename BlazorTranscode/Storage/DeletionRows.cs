using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Storage;

/// <summary>How bytes are put on the list of what shall go, and taken off it again.</summary>
internal static class DeletionRows
{
    extension(AppDbContext db)
    {
        /// <summary>Adds a row; the caller saves it, in the transaction that gives the bytes up or before they are made.</summary>
        /// <param name="handle">The store's handle of an unfinished object; null for the whole one.</param>
        /// <param name="ownerId">Whose bytes they were; null if that is not known.</param>
        /// <param name="stay">How long they are kept; none makes them due at once.</param>
        public PendingDeletion DeleteLater(
            string key, DeletionReason reason, DateTimeOffset now, TimeSpan stay = default, string? handle = null, string? ownerId = null, long length = 0) =>
            db.PendingDeletions.Add(new()
            {
                Id = Guid.CreateVersion7(now), StorageKey = key, StorageHandle = handle, Reason = reason, OwnerId = ownerId, Length = length,
                CreatedAt = now, DueAt = now + stay,
            }).Entity;

        /// <summary>Keeps whole objects after all, in the transaction that makes them part of a file.</summary>
        /// <returns>How many rows are gone. One that is missing was worked off already, and with it the bytes.</returns>
        public Task<int> KeepAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
            db.PendingDeletions.Where(d => keys.Contains(d.StorageKey) && d.StorageHandle == null).ExecuteDeleteAsync(cancellationToken);
    }
}
