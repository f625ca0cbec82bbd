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
        foreach (var pending in batch)
        {
            await transaction.CreateSavepointAsync("delivery", cancellationToken);
            try
            {
                if (await ApplyAsync(db, pending.Delivery, cancellationToken) is { } news)
                    applied.Add(news);
                written.Add(pending);
            }
            catch (Exception e)
            {
                LogNotApplied(e, pending.Delivery.MessageId);
                await transaction.RollbackToSavepointAsync("delivery", cancellationToken);
            }

            await transaction.ReleaseSavepointAsync("delivery", cancellationToken);
            db.ChangeTracker.Clear();
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

    private async Task<AppliedReport?> ApplyAsync(AppDbContext db, Delivery delivery, CancellationToken cancellationToken)
    {
        var repeated = await db.Deliveries.Where(d => d.MessageId == delivery.MessageId && d.TopicArn == delivery.TopicArn)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.Repeats, d => d.Repeats + 1), cancellationToken);
        if (repeated > 0)
            return null;
        var applied = delivery.Type == SnsType.Notification ? await delivered.ApplyAsync(db, delivery, cancellationToken) : null;
        delivery.CutBody();
        db.Deliveries.Add(delivery);
        await db.SaveChangesAsync(cancellationToken);
        return applied;
    }

    [LoggerMessage(LogLevel.Error, "The delivery {MessageId} could not be applied; its sender is told to try again")]
    private partial void LogNotApplied(Exception exception, string messageId);
}
