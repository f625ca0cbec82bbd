using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Reports that overtook us: an engine may publish before we have stored the id that it gave our job. They are looked at again every
/// second while they are young, and every minute after that.
/// </summary>
internal sealed class WaitingDeliveries(
    IDbContextFactory<AppDbContext> databases, DeliveredReports delivered, JobReports reports, OutputCheck outputs, TimeProvider time)
{
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(5);

    private volatile bool _someAreYoung = true;

    /// <summary>A delivery has begun to wait.</summary>
    public void Wake() => _someAreYoung = true;

    /// <summary>Applies what can be applied now.</summary>
    /// <param name="all">Also those that have waited long.</param>
    public async Task ApplyAsync(bool all, CancellationToken cancellationToken)
    {
        if (!_someAreYoung && !all)
            return;
        _someAreYoung = false; // before the query: who wakes us from here on is heard next time
        var since = all ? DateTimeOffset.MinValue : time.GetUtcNow() - Young;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var jobs = db.TranscodeJobs.Where(j => j.EngineJobId != null);
        var waiting = db.Deliveries.Where(d => d.Outcome == DeliveryOutcome.Waiting && d.ReceivedAt > since);
        foreach (var id in await waiting.Where(d => jobs.Any(j => j.Id == d.JobId)).OrderBy(d => d.Id).Select(d => d.Id).ToListAsync(cancellationToken))
            await ApplyAsync(id, cancellationToken);
        if (await waiting.AnyAsync(cancellationToken))
            _someAreYoung = true;
    }

    private async Task ApplyAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Before the transaction, because the store may take its time.
        var body = await db.Deliveries.Where(d => d.Id == id).Select(d => d.Body).FirstOrDefaultAsync(cancellationToken);
        var report = body is null ? null : await outputs.CheckAsync(DeliveredReports.Read(body), cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var delivery = await db.Deliveries.FirstOrDefaultAsync(d => d.Id == id && d.Outcome == DeliveryOutcome.Waiting, cancellationToken);
        if (delivery is null)
            return;
        var job = delivery.JobId is { } jobId ? JobReports.Find(db, jobId) : null;
        DeliveredReports.Match(delivery, report, job);
        if (delivery.Outcome == DeliveryOutcome.Waiting)
            return;
        var applied = delivery.Outcome == DeliveryOutcome.Applied ? await delivered.ApplyAsync(db, delivery, report!, job!, cancellationToken) : null;
        delivery.AppliedAt = time.GetUtcNow();
        delivery.CutBody();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (applied is not null)
            reports.Ring(applied);
    }
}
