using BlazorTranscode.Data;
using BlazorTranscode.Storage;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// The rows that name the outputs of an attempt before there are any, so that no bytes are ever made that no row knows. Everything here
/// runs inside the caller's transaction.
/// </summary>
internal static class AttemptOutputs
{
    /// <summary>Longer than any attempt takes, and than its report may be late.</summary>
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromDays(7);

    /// <summary>An engine elsewhere may write for that long after we have given up its job.</summary>
    private static readonly TimeSpan StillWritten = TimeSpan.FromDays(2);

    /// <summary>Names what an attempt is going to make.</summary>
    public static void Announce(AppDbContext db, TranscodeOrder order, string ownerId, DateTimeOffset now)
    {
        foreach (var preset in order.Presets)
        {
            db.Insert(new PendingDeletion
            {
                Id = Guid.CreateVersion7(now), StorageKey = order.OutputKey(preset), Reason = DeletionReason.OutputOfAttempt, OwnerId = ownerId,
                CreatedAt = now, DueAt = now + LongestAttempt,
            });
        }
    }

    /// <summary>An output has become part of a file.</summary>
    public static void Keep(AppDbContext db, string storageKey) =>
        db.ExecutePrepared($"""DELETE FROM "PendingDeletions" WHERE "StorageKey" = {storageKey} AND "Reason" = {(int)DeletionReason.OutputOfAttempt}""");

    /// <summary>An attempt has ended without a success: what it has made may go. Call it when nothing in this process writes for it any more.</summary>
    /// <param name="elsewhere">Whether an engine elsewhere made it, which may still write.</param>
    public static void Release(AppDbContext db, Guid jobId, int attempt, bool elsewhere, DateTimeOffset now)
    {
        var folder = TranscodeOrder.OutputFolder(jobId, attempt);
        var after = string.Concat(folder.AsSpan(0, folder.Length - 1), "0"); // the character that follows on the slash
        db.ExecutePrepared(
            $"""
            UPDATE "PendingDeletions" SET "DueAt" = {now + (elsewhere ? StillWritten : TimeSpan.Zero)}
            WHERE "StorageKey" >= {folder} AND "StorageKey" < {after} AND "Reason" = {(int)DeletionReason.OutputOfAttempt}
            """);
    }
}
