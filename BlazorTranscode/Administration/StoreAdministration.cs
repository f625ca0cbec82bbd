using System.Security.Claims;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Administration;

/// <summary>What administrators see of the media store and do to it. Nothing here deletes: it writes the list of what shall go.</summary>
internal sealed partial class StoreAdministration(
    IServiceScopeFactory scopes, IDbContextFactory<AppDbContext> databases, IMediaStore store, StoreOwnership ownership, TimeProvider time,
    ILogger<StoreAdministration> logger)
{
    private const int Batch = 500;

    /// <summary>Looks through the whole store for what no row knows; on a thread of its own, because a folder is read without a pause.</summary>
    /// <param name="moved">Called now and then while it goes on.</param>
    public Task<StoreListing> ReadAsync(StoreListing listing, Action moved, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await listing.ReadAsync(store, db, moved, cancellationToken);
            return listing;
        },
        cancellationToken);

    /// <summary>What is on the list to go, what goes first first.</summary>
    public async Task<(List<PendingDeletion> Rows, int Total, long Bytes)> DeletionsAsync(int skip, int take, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.PendingDeletions.AsNoTracking().OrderBy(d => d.DueAt).ThenBy(d => d.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);
        return (rows, await db.PendingDeletions.CountAsync(cancellationToken), await db.PendingDeletions.SumAsync(d => d.Length, cancellationToken));
    }

    /// <summary>Puts on the list what still no row knows.</summary>
    /// <returns>How many objects; null when this was not allowed.</returns>
    public async Task<int?> MoveToTrashAsync(ClaimsPrincipal actor, IReadOnlyCollection<UnknownObject> objects, CancellationToken cancellationToken)
    {
        if (!ownership.IsOurs || !await MayAsync(actor))
            return null;
        var count = 0;
        foreach (var batch in objects.Chunk(Batch))
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var known = await KeysOfRows.KnownAmongAsync(db, [.. batch.Select(o => o.Key)], cancellationToken);
            foreach (var unknown in batch.Where(o => !known.Contains(o.Key)))
            {
                db.DeleteLater(unknown.Key, DeletionReason.MovedToTrash, time.GetUtcNow(), Deletions.TrashStay, unknown.Handle, length: unknown.Length ?? 0);
                count++;
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        LogMoved(logger, actor.UserId, count);
        return count;
    }

    /// <summary>Takes one object out of the trash. False if it is not there any more, or this was not allowed.</summary>
    public async Task<bool> PutBackAsync(ClaimsPrincipal actor, PendingDeletion row, CancellationToken cancellationToken)
    {
        if (!await MayAsync(actor))
            return false;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.PendingDeletions.Where(d => d.Id == row.Id && d.Reason == DeletionReason.MovedToTrash).ExecuteDeleteAsync(cancellationToken) == 0)
            return false;
        LogPutBack(logger, actor.UserId, row.StorageKey);
        return true;
    }

    /// <summary>Makes the store this database's own. False if this was not allowed or it is already.</summary>
    public async Task<bool> AdoptAsync(ClaimsPrincipal actor, CancellationToken cancellationToken)
    {
        if (ownership.IsOurs || !await MayAsync(actor))
            return false;
        LogAdopted(logger, actor.UserId);
        await ownership.AdoptAsync(cancellationToken);
        return true;
    }

    private async Task<bool> MayAsync(ClaimsPrincipal actor)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await UserAdministration.IsAdministratorAsync(scope.ServiceProvider, actor);
    }

    [LoggerMessage(LogLevel.Information, "Administrator {Actor} moved {Count} objects that no row knows to the trash")]
    private static partial void LogMoved(ILogger logger, string? actor, int count);

    [LoggerMessage(LogLevel.Information, "Administrator {Actor} took {Key} out of the trash")]
    private static partial void LogPutBack(ILogger logger, string? actor, string key);

    [LoggerMessage(LogLevel.Warning, "Administrator {Actor} adopts the media store")]
    private static partial void LogAdopted(ILogger logger, string? actor);
}
