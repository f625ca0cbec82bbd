using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Writes verified messages and does what they ask, in one transaction. Each has a savepoint of its own: one that cannot be applied is
/// undone and refused alone. One caller at a time.
/// </summary>
internal sealed partial class DeliveryWriter(
    IDbContextFactory<AppDbContext> databases, JobReports reports, DeliveredReports delivered, WaitingDeliveries waiting,
    ILogger<DeliveryWriter> logger) : IAsyncDisposable
{
    private static readonly Func<AppDbContext, List<Guid>, IAsyncEnumerable<TranscodeJob>> Jobs = EF.CompileAsyncQuery(
        (AppDbContext db, List<Guid> ids) => db.Set<TranscodeJob>().AsNoTracking().Where(j => ids.Contains(j.Id)));

    // Kept from batch to batch with its open connection and prepared statements, until something goes wrong.
    private AppDbContext? _db;

    /// <summary>Answers each of the batch after the commit; what it leaves unanswered, or all if it throws, was not written.</summary>
    public async Task WriteAsync(IReadOnlyList<PendingDelivery> batch, CancellationToken cancellationToken)
    {
        List<PendingDelivery> written = [];
        List<AppliedReport> applied = [];
        try
        {
            var db = _db ??= await OpenAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await ApplyAllAsync(db, batch, written, applied, cancellationToken);
            await Subscriptions.HeardAsync(db, [.. written.Select(p => p.Delivery)], cancellationToken);
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

        foreach (var news in applied)
            reports.Ring(news);
        foreach (var pending in written)
            pending.Accept();
        if (written.Exists(p => p.Delivery.Outcome == DeliveryOutcome.Waiting))
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

    private async Task ApplyAllAsync(
        AppDbContext db, IReadOnlyList<PendingDelivery> batch, List<PendingDelivery> written, List<AppliedReport> applied, CancellationToken cancellationToken)
    {
        var jobs = await Jobs(db, [.. batch.Select(p => p.Report?.JobId).OfType<Guid>()]).ToDictionaryAsync(j => j.Id, cancellationToken: cancellationToken);
        foreach (var pending in batch)
        {
            await db.ExecutePreparedAsync($"SAVEPOINT delivery", cancellationToken);
            try
            {
                if (await ApplyAsync(db, pending, jobs, cancellationToken) is { } news)
                    applied.Add(news);
                written.Add(pending);
            }
            catch (Exception e)
            {
                LogNotApplied(e, pending.Delivery.MessageId);
                await db.ExecutePreparedAsync($"ROLLBACK TO delivery", cancellationToken);
            }

            await db.ExecutePreparedAsync($"RELEASE delivery", cancellationToken);
        }
    }

    /// <summary>The row first: whether it is new is what makes a repeated message harmless.</summary>
    private async Task<AppliedReport?> ApplyAsync(
        AppDbContext db, PendingDelivery pending, Dictionary<Guid, TranscodeJob> jobs, CancellationToken cancellationToken)
    {
        var (delivery, report) = (pending.Delivery, pending.Report);
        var job = report?.JobId is { } id ? jobs.GetValueOrDefault(id) : null;
        if (delivery.Type == SnsType.Notification)
            DeliveredReports.Match(delivery, report, job);
        delivery.CutBody();
        if (!await db.TryInsertAsync(delivery, cancellationToken))
        {
            await db.ExecutePreparedAsync(
                $"""UPDATE "Deliveries" SET "Repeats" = "Repeats" + 1 WHERE "SentAt" = {delivery.SentAt} AND "MessageId" = {delivery.MessageId} AND "TopicArn" = {delivery.TopicArn}""",
                cancellationToken);
            return null;
        }

        if (delivery.Outcome != DeliveryOutcome.Applied)
            return null;
        var applied = await delivered.ApplyAsync(db, delivery, report!, job!, cancellationToken);
        if (applied is null)
        {
            await db.ExecutePreparedAsync(
                $"""UPDATE "Deliveries" SET "Outcome" = {(int)delivery.Outcome} WHERE "SentAt" = {delivery.SentAt} AND "MessageId" = {delivery.MessageId} AND "TopicArn" = {delivery.TopicArn}""",
                cancellationToken);
        }

        return applied;
    }

    [LoggerMessage(LogLevel.Error, "The delivery {MessageId} could not be applied; its sender is told to try again")]
    private partial void LogNotApplied(Exception exception, string messageId);
}
