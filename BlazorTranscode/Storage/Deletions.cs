using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Storage;

/// <summary>
/// The one place that deletes from the media store: what <see cref="PendingDeletion"/> names and whose day has come. The row goes after
/// the bytes, so a death in between repeats what does no harm.
/// </summary>
internal sealed partial class Deletions(
    IDbContextFactory<AppDbContext> databases, IMediaStore store, StoreOwnership ownership, NamedKeys named, TimeProvider time, ILogger<Deletions> logger)
{
    /// <summary>The shortest time in the trash, and what is left of every row after an older database was put back.</summary>
    public static readonly TimeSpan TrashStay = TimeSpan.FromDays(7);

    private const int MostInARound = 10_000;
    private const int Batch = 50;

    private volatile bool _allowed;
    private volatile bool _failing;

    /// <summary>To be called once it is certain that the days in the table are those of this database's present.</summary>
    public void Allow() => _allowed = true;

    /// <summary>Works off all rows that are due. What the store does not do now stays for the next round.</summary>
    public async Task WorkOffAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await WorkOffAsync(
            await db.PendingDeletions.Where(d => d.DueAt <= now).OrderBy(d => d.DueAt).Select(d => d.Id).Take(MostInARound).ToListAsync(cancellationToken),
            cancellationToken);
    }

    /// <summary>Works off these rows, as far as they are due.</summary>
    public async Task WorkOffAsync(IReadOnlyCollection<Guid> rows, CancellationToken cancellationToken)
    {
        if (!_allowed || !ownership.IsOurs || rows.Count == 0)
            return;
        var (left, first) = (0, (Exception?)null);
        foreach (var batch in rows.Chunk(Batch))
        {
            var failures = await WorkOffBatchAsync(batch, cancellationToken);
            left += failures.Count;
            first ??= failures.FirstOrDefault();
            if (failures.Exists(failure => failure is StorageUnavailableException))
                break;
        }

        if (first is not null && !_failing)
            LogFailed(first, left);
        else if (first is null && _failing)
            LogRecovered();
        _failing = first is not null;
    }

    private async Task<List<Exception>> WorkOffBatchAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var due = db.PendingDeletions.AsNoTracking().Where(d => ids.Contains(d.Id) && d.DueAt <= now);
        var rows = await due.ToListAsync(cancellationToken);
        var inUse = await named.AmongAsync(db, [.. rows.Where(d => d.StorageHandle is null).Select(d => d.StorageKey)], cancellationToken);
        var arriving = await named.UnfinishedAmongAsync(db, [.. rows.Where(d => d.StorageHandle is not null).Select(d => d.StorageKey)], cancellationToken);

        List<Guid> done = [];
        List<Exception> failures = [];
        try
        {
            foreach (var row in rows)
            {
                // To abort one of two beginnings of an upload could take what the other has; it goes when the upload is over.
                if (row.StorageHandle is not null && arriving.Contains(row.StorageKey))
                    continue;
                if (row.StorageHandle is null && inUse.Contains(row.StorageKey))
                {
                    LogInUse(row.StorageKey, row.Reason);
                    done.Add(row.Id);
                    continue;
                }

                // Asked for each, because whoever keeps the bytes removes the row in the transaction that names them.
                if (!await due.AnyAsync(d => d.Id == row.Id, cancellationToken))
                    continue;
                if (await FailureAsync(row, cancellationToken) is not { } failure)
                {
                    done.Add(row.Id);
                    continue;
                }

                failures.Add(failure);
                if (failure is StorageUnavailableException)
                    break;
            }
        }
        finally
        {
            await db.PendingDeletions.Where(d => done.Contains(d.Id)).ExecuteDeleteAsync(CancellationToken.None);
        }

        return failures;
    }

    /// <summary>Removes the bytes; null if they are gone.</summary>
    private async Task<Exception?> FailureAsync(PendingDeletion row, CancellationToken cancellationToken)
    {
        try
        {
            await (row.StorageHandle is { } handle
                ? store.AbortAsync(row.StorageKey, handle, cancellationToken)
                : store.DeleteAsync(row.StorageKey, cancellationToken));
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return e;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Key} was to be deleted ({Reason}), but a row names it; it is kept")]
    private partial void LogInUse(string key, DeletionReason reason);

    [LoggerMessage(LogLevel.Warning, "{Count} objects could not be deleted from the media store; they are tried again every minute")]
    private partial void LogFailed(Exception exception, int count);

    [LoggerMessage(LogLevel.Information, "The media store deletes again")]
    private partial void LogRecovered();
}
