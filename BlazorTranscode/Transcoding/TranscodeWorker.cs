using System.Collections.Concurrent;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Makes one attempt at one job: claims it, lets the engine work, and reports. Every write after the claim carries the attempt, so a
/// worker that has been overtaken (its process slept, its job was cancelled or given to another) changes nothing and tidies up.
/// </summary>
internal sealed partial class TranscodeWorker(
    IDbContextFactory<AppDbContext> databases, ITranscoder transcoder, JobDispatcher dispatcher, JobReports reports, JobFeed feed,
    IMediaStore store, IOptions<TranscodingOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<TranscodeWorker> logger)
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();

    /// <summary>Stops the work on a job in this process, if there is any. The row must say <see cref="JobState.Cancelled"/> already.</summary>
    public void Stop(Guid jobId)
    {
        if (_running.TryGetValue(jobId, out var stop))
            stop.Cancel();
    }

    /// <param name="stopping">The app is stopping: the job goes back to the queue and the attempt does not count as a failure.</param>
    public async Task RunAsync(Guid jobId, CancellationToken stopping)
    {
        if (transcoder.Unavailable is not null)
        {
            await PostponeAsync(jobId, stopping);
            return;
        }

        // Quartz is told to stop only after the web server, which may have used up the time by then.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, lifetime.ApplicationStopping);
        if (stop.IsCancellationRequested)
            return;
        // Before the claim, so that who cancels right after it finds somebody to stop.
        _running[jobId] = stop;
        try
        {
            if (await ClaimAsync(jobId, stopping) is { } claim)
                await RunAsync(claim, stop.Token);
        }
        finally
        {
            _running.TryRemove(jobId, out _);
        }
    }

    private async Task RunAsync(Claim claim, CancellationToken stop)
    {
        feed.Changed(claim.OwnerId, claim.Order.JobId);
        foreach (var waiting in claim.WaitingOwners)
            feed.Changed(waiting, claim.Order.JobId); // they have moved up
        try
        {
            await FinishAsync(claim, await WorkAsync(claim, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Cancelled by its owner: the row says so already, and the fence below finds nothing to hand back.
            await HandBackAsync(claim);
        }
    }

    private async Task<JobReport> WorkAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Failures >= JobReports.MaxFailures)
            return claim.Failed("The conversion was interrupted three times. The file may be too much for this server.");
        try
        {
            var progress = new Progress(share => feed.Progressed(claim.OwnerId, claim.Order.JobId, share));
            return await transcoder.StartAsync(claim.Order, progress, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogEngineFailed(claim.Order.JobId, claim.Order.Attempt, e);
            return claim.Failed("The converter stopped unexpectedly.") with { Retryable = true };
        }
    }

    /// <summary>Takes the job if it still waits, or was left behind by a process that died; the latter counts as a failure.</summary>
    private async Task<Claim?> ClaimAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var taken = transcoder.IsRemote ? JobState.Submitted : JobState.Running;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var claimed = await db.TranscodeJobs
            .Where(j => j.Id == jobId && j.State < JobStates.FirstTerminal && j.EngineJobId == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.Failures, j => j.State == JobState.Queued ? j.Failures : j.Failures + 1)
                .SetProperty(j => j.State, taken)
                .SetProperty(j => j.Attempt, j => j.Attempt + 1)
                .SetProperty(j => j.Engine, transcoder.Name)
                .SetProperty(j => j.StartedAt, now), cancellationToken);
        if (claimed == 0)
            return null;
        var job = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.Id == jobId, cancellationToken);
        var file = await db.AudioFiles.AsNoTracking().SingleAsync(f => f.Id == job.AudioFileId, cancellationToken);
        var waiting = await db.TranscodeJobs.Where(j => j.State == JobState.Queued).Select(j => j.OwnerId).Distinct().ToListAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(job.OwnerId, job.Failures, waiting, new(jobId, job.Attempt, file.StorageKey, file.Name, [.. job.PresetIds.Select(Preset.Find).OfType<Preset>()]));
    }

    private async Task FinishAsync(Claim claim, JobReport report)
    {
        // Not cancellable: what has been made is worth a moment of a stopping app.
        var mattered = report.State == JobState.Submitted
            ? await reports.AcceptedAsync(report, CancellationToken.None)
            : await reports.ReportAsync(report, CancellationToken.None);
        if (!mattered)
            await DiscardAsync(claim, report);
    }

    /// <summary>The next start finds a waiting job without a schedule and gives it one.</summary>
    private async Task HandBackAsync(Claim claim)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await Mine(db, claim).ExecuteUpdateAsync(set => set.SetProperty(j => j.State, JobState.Queued), CancellationToken.None);
        feed.Changed(claim.OwnerId, claim.Order.JobId);
    }

    private async Task PostponeAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The attempt rises so that the new schedule has a name of its own while this one is still being carried out.
        var waiting = await db.TranscodeJobs.Where(j => j.Id == jobId && j.State == JobState.Queued)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.Attempt, j => j.Attempt + 1), cancellationToken);
        if (waiting == 0)
            return;
        var attempt = await db.TranscodeJobs.Where(j => j.Id == jobId).Select(j => j.Attempt).SingleAsync(cancellationToken);
        await dispatcher.ScheduleAsync(db, jobId, attempt, time.GetUtcNow() + options.Value.RetryDelay, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Nobody will ever ask for this: the job was cancelled, deleted or overtaken while the engine worked.</summary>
    private async Task DiscardAsync(Claim claim, JobReport report)
    {
        if (report.State == JobState.Submitted)
            await transcoder.CancelAsync(claim.Order.JobId, report.EngineJobId!, CancellationToken.None);
        foreach (var output in report.Outputs)
            await store.DeleteAsync(output.StorageKey, CancellationToken.None);
    }

    private static IQueryable<TranscodeJob> Mine(AppDbContext db, Claim claim) =>
        db.TranscodeJobs.Where(j => j.Id == claim.Order.JobId && j.Attempt == claim.Order.Attempt && j.State < JobStates.FirstTerminal);

    [LoggerMessage(LogLevel.Error, "The engine failed at job {JobId}, attempt {Attempt}")]
    private partial void LogEngineFailed(Guid jobId, int attempt, Exception exception);

    private sealed record Claim(string OwnerId, int Failures, IReadOnlyList<string> WaitingOwners, TranscodeOrder Order)
    {
        public JobReport Failed(string reason) => new(Order.JobId, Order.Attempt, JobState.Failed) { Reason = reason };
    }

    private sealed class Progress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
