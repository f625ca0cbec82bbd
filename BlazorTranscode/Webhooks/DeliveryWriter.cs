using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Writes verified messages and does what they ask, in one transaction. Each has a savepoint of its own: one that cannot be applied is
/// undone and refused alone.
/// </summary>
internal sealed partial class DeliveryWriter(
    IDbContextFactory<AppDbContext> databases, JobReports reports, DeliveredReports delivered, WaitingDeliveries waiting,
    ILogger<DeliveryWriter> logger)
{
    /// <summary>Answers each of the batch after the commit; what it leaves unanswered, or all if it throws, was not written.</summary>
    public async Task WriteAsync(IReadOnlyList<PendingDelivery> batch, CancellationToken cancellationToken)
    {
        List<PendingDelivery> written = [];
        List<AppliedReport> applied = [];
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var known = await KnownAsync(db, batch, cancellationToken);
        var jobs = await JobsAsync(db, batch, cancellationToken);
        foreach (var pending in batch)
        {
            var isNew = known.Add(KeyOf(pending.Delivery));
            await db.ExecutePreparedAsync($"SAVEPOINT delivery", cancellationToken);
            try
            {
                if (!isNew)
                    await RepeatAsync(db, pending.Delivery, cancellationToken);
                else if (await ApplyAsync(db, pending, jobs, cancellationToken) is { } news)
                    applied.Add(news);
                written.Add(pending);
            }
            catch (Exception e)
            {
                LogNotApplied(e, pending.Delivery.MessageId);
                if (isNew)
                    known.Remove(KeyOf(pending.Delivery));
                await db.ExecutePreparedAsync($"ROLLBACK TO delivery", cancellationToken);
            }

            await db.ExecutePreparedAsync($"RELEASE delivery", cancellationToken);
        }

        await Subscriptions.HeardAsync(db, written.Select(p => p.Delivery), cancellationToken);
        CrashPoint.Pass("delivery-applied");
        await transaction.CommitAsync(cancellationToken);
        CrashPoint.Pass("delivery-committed");

        foreach (var news in applied)
            reports.Ring(news);
        foreach (var pending in written)
            pending.Accept();
        if (written.Exists(p => p.Delivery.Outcome == DeliveryOutcome.Waiting))
            waiting.Wake();
    }

    private async Task<AppliedReport?> ApplyAsync(
        AppDbContext db, PendingDelivery pending, Dictionary<Guid, TranscodeJob> jobs, CancellationToken cancellationToken)
    {
        var (delivery, report) = (pending.Delivery, pending.Report);
        var job = report?.JobId is { } id ? jobs.GetValueOrDefault(id) : null;
        var applied = delivery.Type == SnsType.Notification ? await delivered.ApplyAsync(db, delivery, report, job, cancellationToken) : null;
        delivery.CutBody();
        await db.InsertAsync(delivery, cancellationToken);
        return applied;
    }

    private static Task<int> RepeatAsync(AppDbContext db, Delivery delivery, CancellationToken cancellationToken) => db.ExecutePreparedAsync(
        $"""UPDATE "Deliveries" SET "Repeats" = "Repeats" + 1 WHERE "MessageId" = {delivery.MessageId} AND "TopicArn" = {delivery.TopicArn}""",
        cancellationToken);

    private static async Task<HashSet<(string, string)>> KnownAsync(AppDbContext db, IReadOnlyList<PendingDelivery> batch, CancellationToken cancellationToken)
    {
        var ids = batch.Select(p => p.Delivery.MessageId).ToList();
        var known = await db.Deliveries.Where(d => ids.Contains(d.MessageId)).Select(d => new { d.TopicArn, d.MessageId }).ToListAsync(cancellationToken);
        return [.. known.Select(d => (d.TopicArn, d.MessageId))];
    }

    private static Task<Dictionary<Guid, TranscodeJob>> JobsAsync(AppDbContext db, IReadOnlyList<PendingDelivery> batch, CancellationToken cancellationToken)
    {
        var ids = batch.Select(p => p.Report?.JobId).OfType<Guid>().ToList();
        return db.TranscodeJobs.AsNoTracking().Where(j => ids.Contains(j.Id)).ToDictionaryAsync(j => j.Id, cancellationToken);
    }

    private static (string, string) KeyOf(Delivery delivery) => (delivery.TopicArn, delivery.MessageId);

    [LoggerMessage(LogLevel.Error, "The delivery {MessageId} could not be applied; its sender is told to try again")]
    private partial void LogNotApplied(Exception exception, string messageId);
}
