using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Takes back jobs that are under way and that nothing works on: the app died during them, the engine that has them is no longer the
/// configured one, or their end could not be written.
/// </summary>
internal sealed partial class LeftJobs(
    IDbContextFactory<AppDbContext> databases, TranscodeWorker worker, ITranscoder transcoder, JobReports reports, TimeProvider time,
    ILogger<LeftJobs> logger)
{
    /// <summary>Attempts at one job that may end by a death of the app before it waits for its owner.</summary>
    public const int MaxInterruptions = 3;

    private const string Interrupted = "The server was interrupted three times while it converted this. Try again when it runs quietly.";

    private HashSet<(Guid Id, int Attempt)> _strays = [];

    /// <summary>Takes back everything that this process does not work on, and gives turns to what waits without.</summary>
    public async Task TakeBackAtStartAsync(CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            await JobOrder.SpreadAsync(db, cancellationToken);
        await TakeBackFromOthersAsync(cancellationToken);
        foreach (var job in await StraysAsync(cancellationToken))
            await TakeBackAsync(job, cancellationToken);
    }

    /// <summary>Takes back what this process does not work on now and did not when it was asked last.</summary>
    public async Task TakeBackAsync(CancellationToken cancellationToken)
    {
        var strays = await StraysAsync(cancellationToken);
        foreach (var job in strays.Where(job => _strays.Contains((job.Id, job.Attempt))))
            await TakeBackAsync(job, cancellationToken);
        _strays = [.. strays.Select(job => (job.Id, job.Attempt))];
    }

    /// <summary>An engine that is no longer configured is asked nothing, so its jobs would never end. It is told to stop if it ever is again.</summary>
    private async Task TakeBackFromOthersAsync(CancellationToken cancellationToken)
    {
        var (now, name) = (time.GetUtcNow(), transcoder.Name);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var theirs = await UnderWay(db).Where(j => j.EngineJobId != null && j.Engine != null && j.Engine != name).ToListAsync(cancellationToken);
        foreach (var job in theirs)
        {
            EngineCancellation.Add(db, job.Id, job.Engine!, job.EngineJobId!, now);
            AttemptOutputs.Release(db, job.Id, job.Attempt, elsewhere: true, now);
            await db.TranscodeJobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(set => set
                .SetProperty(j => j.State, JobState.Queued)
                .SetProperty(j => j.Attempt, j => j.Attempt + 1)
                .SetProperty(j => j.Engine, (string?)null)
                .SetProperty(j => j.EngineJobId, (string?)null)
                .SetProperty(j => j.NextCheckAt, (DateTimeOffset?)null)
                .SetProperty(j => j.Checks, 0), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        foreach (var job in theirs)
            LogOfAnother(job.Id, job.Engine!);
    }

    /// <summary>
    /// Jobs that were taken, are not at an engine elsewhere, and are not worked on here. The rows are read first: a job that begins
    /// meanwhile is not among them, and one that ends is no longer what was read, so that taking it back changes nothing.
    /// </summary>
    private async Task<List<TranscodeJob>> StraysAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var taken = await UnderWay(db).Where(j => j.EngineJobId == null).ToListAsync(cancellationToken);
        return taken.FindAll(job => !worker.IsAtWork(job.Id));
    }

    private async Task TakeBackAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var isLast = job.Interruptions + 1 >= MaxInterruptions;
            var taken = await UnderWay(db).Where(j => j.Id == job.Id && j.Attempt == job.Attempt)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(j => j.Interruptions, j => j.Interruptions + 1)
                    .SetProperty(j => j.State, j => isLast ? j.State : JobState.Queued), cancellationToken);
            if (taken == 0)
                return;
            AttemptOutputs.Release(db, job.Id, job.Attempt, transcoder.IsRemote, now);
            await transaction.CommitAsync(cancellationToken);
            LogTakenBack(job.Id, job.State, job.Attempt);
            if (!isLast)
                return;
        }

        await reports.ReportAsync(new(job.Id, job.Attempt, JobState.Failed) { Reason = Interrupted }, cancellationToken);
    }

    private static IQueryable<TranscodeJob> UnderWay(AppDbContext db) =>
        db.TranscodeJobs.AsNoTracking().Where(j => j.State == JobState.Submitted || j.State == JobState.Running);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was left {State} in attempt {Attempt}; it is taken up again")]
    private partial void LogTakenBack(Guid jobId, JobState state, int attempt);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was at {Engine}, which is no longer configured; it is converted again")]
    private partial void LogOfAnother(Guid jobId, string engine);
}
