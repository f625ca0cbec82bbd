using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Administration;

/// <summary>What came to the webhook and what became of it, for whoever asks why somebody was not told.</summary>
internal sealed class DeliveryLog(IDbContextFactory<AppDbContext> databases, SnsVerifier verifier)
{
    private const int Latest = 20;

    /// <summary>Deliveries newest first.</summary>
    /// <param name="text">An id of a message or job, ours or the engine's, or the beginning of one; empty for all.</param>
    /// <param name="outcome">Only with this outcome; null for any.</param>
    public async Task<(List<Delivery> Rows, int Total)> ListAsync(
        string text, DeliveryOutcome? outcome, int skip, int take, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = db.Deliveries.AsNoTracking().Where(d => outcome == null || d.Outcome == outcome);
        if (text.Trim() is { Length: > 0 } wanted)
        {
            var isId = Guid.TryParse(wanted, out var jobId);
            found = found.Where(d => (isId && d.JobId == jobId) || d.MessageId.StartsWith(wanted) || d.EngineJobId!.StartsWith(wanted));
        }

        var rows = await found.OrderByDescending(d => d.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);
        return (rows, await found.CountAsync(cancellationToken));
    }

    /// <summary>The configured topics, with what we know of each; null for one that has never sent anything.</summary>
    public async Task<List<(string TopicArn, TopicSubscription? State)>> SubscriptionsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.TopicSubscriptions.AsNoTracking().ToDictionaryAsync(s => s.TopicArn, cancellationToken);
        return [.. verifier.Topics.Select(t => (t.Arn, known.GetValueOrDefault(t.Arn))).OrderBy(t => t.Arn, StringComparer.Ordinal)];
    }

    /// <summary>The way from a report to the person: the job, its file and the message; null if the job is gone.</summary>
    public async Task<DeliveryPath?> PathAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var paths = await PathsAsync(db, db.TranscodeJobs.Where(j => j.Id == jobId), cancellationToken);
        return paths.Count == 1 ? paths[0] : null;
    }

    /// <summary>The last jobs whose end nobody had told us and we found out by asking.</summary>
    public async Task<List<DeliveryPath>> FoundByAskingAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await PathsAsync(db, db.TranscodeJobs.Where(j => j.HeardBy == ReportSource.Reconciler).OrderByDescending(j => j.FinishedAt).Take(Latest), cancellationToken);
    }

    private static async Task<List<DeliveryPath>> PathsAsync(AppDbContext db, IQueryable<TranscodeJob> jobs, CancellationToken cancellationToken)
    {
        var rows = await jobs.AsNoTracking().ToListAsync(cancellationToken);
        var ids = rows.Select(j => j.Id).ToList();
        var messages = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.JobId)).ToListAsync(cancellationToken);
        return [.. rows.Select(j => new DeliveryPath(j, messages.FirstOrDefault(m => m.JobId == j.Id)))];
    }
}

/// <summary>A job and the message that its owner got about it, if any yet.</summary>
internal sealed record DeliveryPath(TranscodeJob Job, Message? Message);
