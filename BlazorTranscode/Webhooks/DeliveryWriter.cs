using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Writes verified messages and does what they ask, in one transaction. One that cannot be applied is undone and refused alone.
/// One caller at a time.
/// </summary>
internal sealed partial class DeliveryWriter(
    IDbContextFactory<AppDbContext> databases, JobReports reports, DeliveredReports delivered, WaitingDeliveries waiting,
    ILogger<DeliveryWriter> logger) : IAsyncDisposable
{
    // Kept from batch to batch with its open connection and prepared statements, until something goes wrong.
    private AppDbContext? _db;

    /// <summary>Answers each of the batch after the commit; what it leaves unanswered, or all if it throws, was not written.</summary>
    public async Task WriteAsync(IReadOnlyList<PendingDelivery> batch, CancellationToken cancellationToken)
    {
        List<(PendingDelivery Pending, AppliedReport? News)> written = [];
        try
        {
            var db = _db ??= await OpenAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await ApplyAsync(db, [.. batch], written, cancellationToken);
            await Subscriptions.HeardAsync(db, [.. written.Select(w => w.Pending.Delivery)], cancellationToken);
            CrashPoint.Pass("delivery-applied");
            await transaction.CommitAsync(cancellationToken);
            CrashPoint.Pass("delivery-committed");
            db.ChangeTracker.Clear();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        foreach (var news in written.Select(w => w.News).OfType<AppliedReport>())
            reports.Ring(news);
        foreach (var (pending, _) in written)
            pending.Accept();
        if (written.Exists(w => w.Pending.Delivery.Outcome == DeliveryOutcome.Waiting))
            waiting.Wake();
    }

    public async ValueTask DisposeAsync()
    {
        if (_db is { } db)
            await db.DisposeAsync();
        _db = null;
    }

    private async Task<AppDbContext> OpenAsync(CancellationToken cancellationToken)
    {
        var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        return db;
    }

    /// <summary>All of them, or if that fails each half for itself, so that savepoints cost something only where something cannot be applied.</summary>
    private async Task ApplyAsync(
        AppDbContext db, PendingDelivery[] batch, List<(PendingDelivery, AppliedReport?)> written, CancellationToken cancellationToken)
    {
        var before = written.Count;
        db.ExecutePrepared($"SAVEPOINT deliveries");
        try
        {
            foreach (var pending in batch)
                written.Add((pending, await ApplyAsync(db, pending, cancellationToken)));
        }
        catch (Exception e)
        {
            db.ExecutePrepared($"ROLLBACK TO deliveries");
            db.ChangeTracker.Clear();
            written.RemoveRange(before, written.Count - before);
            if (batch.Length == 1)
            {
                LogNotApplied(e, batch[0].Delivery.MessageId);
            }
            else
            {
                await ApplyAsync(db, batch[..(batch.Length / 2)], written, cancellationToken);
                await ApplyAsync(db, batch[(batch.Length / 2)..], written, cancellationToken);
            }
        }

        db.ExecutePrepared($"RELEASE deliveries");
    }

    /// <summary>The row first: whether it is new is what makes a repeated message harmless.</summary>
    private async Task<AppliedReport?> ApplyAsync(AppDbContext db, PendingDelivery pending, CancellationToken cancellationToken)
    {
        var (delivery, report) = (pending.Delivery, pending.Report);
        var job = report?.JobId is { } id ? JobReports.Find(db, id) : null;
        if (delivery.Type == SnsType.Notification)
            DeliveredReports.Match(delivery, report, job);
        delivery.CutBody();
        if (!db.TryInsert(delivery))
        {
            db.ExecutePrepared(
                $"""UPDATE "Deliveries" SET "Repeats" = "Repeats" + 1 WHERE "SentAt" = {delivery.SentAt} AND "MessageId" = {delivery.MessageId} AND "TopicArn" = {delivery.TopicArn}""");
            return null;
        }

        if (delivery.Outcome != DeliveryOutcome.Applied)
            return null;
        var applied = await delivered.ApplyAsync(db, delivery, report!, job!, cancellationToken);
        if (applied is null)
        {
            db.ExecutePrepared(
                $"""UPDATE "Deliveries" SET "Outcome" = {(int)delivery.Outcome} WHERE "SentAt" = {delivery.SentAt} AND "MessageId" = {delivery.MessageId} AND "TopicArn" = {delivery.TopicArn}""");
        }

        return applied;
    }

    [LoggerMessage(LogLevel.Error, "The delivery {MessageId} could not be applied; its sender is told to try again")]
    private partial void LogNotApplied(Exception exception, string messageId);
}
