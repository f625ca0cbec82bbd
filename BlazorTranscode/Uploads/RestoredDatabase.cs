using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Uploads;

/// <summary>
/// Finds out at start whether the database is an older one that was put back: the number of starts in the data folder is then higher
/// than its own. What it has on its list to be deleted was perhaps kept later, so those days begin anew, and so does the time of
/// unfinished uploads. Until that is done nothing is deleted.
/// </summary>
/// <remarks>
/// The number rises every hour too, because a copy that was made while the app ran is put back without a start in between. In the
/// hour before a copy no day can have run out that was set after it.
/// </remarks>
internal sealed partial class RestoredDatabase(
    IDbContextFactory<AppDbContext> databases, InstallationFile file, Deletions deletions, IOptions<UploadOptions> options, TimeProvider time,
    ILogger<RestoredDatabase> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    /// <summary>Whether the days in the database are those of its present.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Before the app listens and before anything is swept.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryCountAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Raises the number, and begins the days anew if the database is older than its folder.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var own = await db.Installations.Select(i => i.Starts).SingleAsync(cancellationToken);
        var folder = file.Read().Starts;
        var (deletionsMoved, uploadsMoved) = own < folder ? await BeginAnewAsync(db, cancellationToken) : default;
        var next = Math.Max(own, folder) + 1;
        await db.Installations.ExecuteUpdateAsync(set => set.SetProperty(i => i.Starts, next), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (own < folder)
            LogRestored(deletionsMoved, uploadsMoved);
        // The database first: a death in between leaves it higher than the folder, which is no sign of a restore.
        file.Write(starts: next);
        IsSettled = true;
        deletions.Allow();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(IsSettled ? Interval : Again, time, stoppingToken);
            await TryCountAsync(stoppingToken);
        }
    }

    private async Task TryCountAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CountAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    private async Task<(int Deletions, int Uploads)> BeginAnewAsync(AppDbContext db, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = now + Deletions.TrashStay;
        var expires = now + (options.Value.KeepUnfinished > Deletions.TrashStay ? options.Value.KeepUnfinished : Deletions.TrashStay);
        return (
            await db.PendingDeletions.Where(d => d.DueAt < due).ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, due), cancellationToken),
            await db.Uploads.Where(u => u.CompletedAt == null).ExecuteUpdateAsync(set => set.SetProperty(u => u.ExpiresAt, expires), cancellationToken));
    }

    [LoggerMessage(LogLevel.Warning,
        "This database is older than its data folder, so it was restored. The days of {Deletions} things to be deleted and of {Uploads} unfinished uploads begin anew; what it does not know in the media store is kept and listed under Administration, Storage")]
    private partial void LogRestored(int deletions, int uploads);

    [LoggerMessage(LogLevel.Error, "The number of this start could not be written; until it is, nothing is deleted")]
    private partial void LogFailed(Exception exception);
}
