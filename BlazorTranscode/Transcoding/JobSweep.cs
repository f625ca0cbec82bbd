using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Sees to it that workers look for jobs while any are due, and takes back what was left behind: by a death of the app at start, and by
/// whatever else may have slipped through later. It is the one timer that looks whether what all jobs wait for is there again; while it is
/// not, nothing is written, however many jobs there are.
/// </summary>
internal sealed partial class JobSweep(
    IDbContextFactory<AppDbContext> databases, JobDispatcher dispatcher, TranscodeWorker worker, LeftJobs left, JobHold hold, JobFeed feed,
    IOptions<TranscodingOptions> options, TimeProvider time, ILogger<JobSweep> logger)
    : BackgroundService
{
    private static readonly TimeSpan LeftEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks once before the app listens: what it finds then is what was left, and nothing that is just being written.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryAsync(left.TakeBackAtStartAsync, cancellationToken);
        await TryAsync(SweepAsync, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromTicks(Math.Clamp(options.Value.RetryDelay.Ticks, ShortestPause.Ticks, LeftEvery.Ticks));
        using var timer = new PeriodicTimer(pause, time);
        var last = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (time.GetElapsedTime(last) >= LeftEvery)
            {
                last = time.GetTimestamp();
                await TryAsync(left.TakeBackAsync, stoppingToken);
            }

            await TryAsync(SweepAsync, stoppingToken);
        }
    }

    /// <summary>
    /// Has workers look for jobs if some are due and fewer workers than allowed are at work. Tickets are never counted, so a lost or late
    /// one does not matter.
    /// </summary>
    /// <returns>How many workers were asked to look.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        if (hold.Look())
            await TellWaitingAsync(cancellationToken);
        var idle = options.Value.EffectiveMaxJobs - worker.Active;
        if (!hold.Admits || idle <= 0)
            return 0;
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var due = await db.TranscodeJobs.WhereDue(now, options.Value.LongestDelay).OrderBy(j => j.Turn).Take(idle).CountAsync(cancellationToken);
        if (due == 0)
            return 0;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        for (var i = 0; i < due; i++)
            await dispatcher.ScheduleAsync(db, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due;
    }

    /// <summary>The pages of those who wait say why.</summary>
    private async Task TellWaitingAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await db.TranscodeJobs.Where(j => j.State == JobState.Queued)
            .GroupBy(j => j.OwnerId, (owner, jobs) => new { Owner = owner, JobId = jobs.Min(j => j.Id) }).ToListAsync(cancellationToken);
        foreach (var someone in waiting)
            feed.Changed(someone.Owner, someone.JobId);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogSweepFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "Looking for forgotten jobs failed; the next round follows")]
    private partial void LogSweepFailed(Exception exception);
}
