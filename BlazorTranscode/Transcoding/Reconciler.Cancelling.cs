using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <content>Tells engines elsewhere what was cancelled, until they have answered.</content>
internal sealed partial class Reconciler
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <returns>How many jobs the engine was told to stop.</returns>
    public async Task<int> CancelAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // A moment that is too far away comes from a clock that was set back.
        var never = now + LongestWait;
        var due = await db.EngineCancellations.AsNoTracking()
            .Where(c => c.Engine == transcoder.Name && (c.DueAt <= now || c.DueAt > never)).OrderBy(c => c.DueAt).Take(BatchSize).ToListAsync(cancellationToken);
        foreach (var cancellation in due)
            await CancelAsync(cancellation, cancellationToken);
        return due.Count;
    }

    private async Task CancelAsync(EngineCancellation cancellation, CancellationToken cancellationToken)
    {
        var answered = false;
        try
        {
            await transcoder.CancelAsync(cancellation.JobId, cancellation.EngineJobId, cancellationToken);
            answered = true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotCancelled(cancellation.JobId, cancellation.Engine, cancellation.EngineJobId, e);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = db.EngineCancellations.Where(c => c.Engine == cancellation.Engine && c.EngineJobId == cancellation.EngineJobId);
        if (answered)
        {
            await row.ExecuteDeleteAsync(cancellationToken);
            return;
        }

        var wait = ShortestWait * Math.Min(Math.Pow(2, cancellation.Tries), LongestWait / ShortestWait);
        var next = time.GetUtcNow() + wait;
        await row.ExecuteUpdateAsync(set => set.SetProperty(c => c.Tries, c => c.Tries + 1).SetProperty(c => c.DueAt, next), cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was cancelled, but {Engine} ({EngineJobId}) has not taken that yet; it is told again")]
    private partial void LogNotCancelled(Guid jobId, string engine, string engineJobId, Exception exception);
}
