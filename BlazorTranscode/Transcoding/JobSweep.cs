using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Finds jobs that ought to be worked on and are not scheduled, and schedules them: what a kill or a stop left behind, at start, and
/// whatever else may have slipped through, every minute.
/// </summary>
internal sealed partial class JobSweep(IDbContextFactory<AppDbContext> databases, JobDispatcher dispatcher, TimeProvider time, ILogger<JobSweep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Looks once before the app listens: what it finds then is what was left, and nothing that is just being written.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TrySweepAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TrySweepAsync(stoppingToken);
    }

    /// <returns>How many jobs were found and scheduled.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        // The rows first: a job that is enqueued in between then has its schedule already when the schedules are read.
        var open = await OpenJobsAsync(cancellationToken);
        if (open.Count == 0)
            return 0;
        var scheduled = await dispatcher.ScheduledAsync(cancellationToken);
        var forgotten = open.Where(job => !scheduled.Contains(job.Id)).ToList();
        foreach (var job in forgotten)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await dispatcher.ScheduleAsync(db, job.Id, job.Attempt, time.GetUtcNow(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            LogScheduled(job.Id, job.State, job.Attempt);
        }

        return forgotten.Count;
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogSweepFailed(e);
        }
    }

    private async Task<List<OpenJob>> OpenJobsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.TranscodeJobs
            .Where(j => j.State < JobStates.FirstTerminal && j.EngineJobId == null)
            .OrderBy(j => j.CreatedAt)
            .Select(j => new OpenJob(j.Id, j.State, j.Attempt)).ToListAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Job {JobId} was left {State} after attempt {Attempt}; it is taken up again")]
    private partial void LogScheduled(Guid jobId, JobState state, int attempt);

    [LoggerMessage(LogLevel.Error, "Looking for forgotten jobs failed")]
    private partial void LogSweepFailed(Exception exception);

    private sealed record OpenJob(Guid Id, JobState State, int Attempt);
}
