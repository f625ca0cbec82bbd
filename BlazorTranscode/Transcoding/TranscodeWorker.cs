using System.Collections.Concurrent;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Makes attempts at jobs: takes the next one that is due, lets the engine work, and reports. Every write after the claim carries the
/// attempt, so a worker that has been overtaken (its process slept, its job was cancelled or given to another) changes nothing.
/// </summary>
internal sealed partial class TranscodeWorker(
    IDbContextFactory<AppDbContext> databases, ITranscoder transcoder, JobHold hold, StorageHealth storage, JobReports reports, JobFeed feed,
    IOptions<TranscodingOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<TranscodeWorker> logger)
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();
    private int _active;

    /// <summary>How many workers are taking and doing jobs now.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Whether this process works on the job.</summary>
    public bool IsAtWork(Guid jobId) => _running.ContainsKey(jobId);

    /// <summary>Stops the work on a job in this process, if there is any. The row must say <see cref="JobState.Cancelled"/> already.</summary>
    public void Stop(Guid jobId)
    {
        if (!_running.TryGetValue(jobId, out var stop))
            return;
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work has ended in this moment.
        }
    }

    /// <summary>Works on one job after the other until none is due, or something keeps them all waiting.</summary>
    /// <param name="stopping">The app is stopping: the job goes back to the queue and the attempt does not count as a failure.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        // Quartz is told to stop only after the web server, which may have used up the time by then.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, lifetime.ApplicationStopping);
        Interlocked.Increment(ref _active);
        try
        {
            while (!end.IsCancellationRequested && hold.Admits && await RunNextAsync(end.Token))
            {
            }
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    /// <returns>False if no job is due.</returns>
    private async Task<bool> RunNextAsync(CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (await ClaimAsync(stop, stopping) is not { } claim)
            return false;
        try
        {
            await RunAsync(claim, stop.Token, stopping);
            return true;
        }
        finally
        {
            _running.TryRemove(claim.Order.JobId, out _);
        }
    }

    private async Task RunAsync(Claim claim, CancellationToken stop, CancellationToken stopping)
    {
        feed.Changed(claim.OwnerId, claim.Order.JobId);
        foreach (var waiting in claim.WaitingOwners)
            feed.Changed(waiting, claim.Order.JobId); // they have moved up
        try
        {
            // An order that is on its way to an engine elsewhere is not torn off: only its answer tells what is to be cancelled there.
            await FinishAsync(claim, await WorkAsync(claim, transcoder.IsRemote ? stopping : stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Cancelled by its owner: the row says so already, and the fence below finds nothing to hand back.
            await HandBackAsync(claim);
        }
    }

    private async Task<JobReport> WorkAsync(Claim claim, CancellationToken cancellationToken)
    {
        try
        {
            var progress = new Progress(share => feed.Progressed(claim.OwnerId, claim.Order.JobId, share));
            return await transcoder.StartAsync(claim.Order, progress, cancellationToken);
        }
        catch (Exception e) when (StorageFaults.IsPassing(e))
        {
            storage.Report(e);
            return claim.Failed("The storage did not answer.") with { Outage = "The media store could not be used." };
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogEngineFailed(claim.Order.JobId, claim.Order.Attempt, e);
            return claim.Failed("The converter stopped unexpectedly.") with { Retryable = true };
        }
    }

    /// <summary>Takes the next job, in a transaction that also names what will be made of it.</summary>
    private async Task<Claim?> ClaimAsync(CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (JobOrder.TakeNext(db, transcoder, now, options.Value.LongestDelay) is not { } job)
            return null;
        var file = await db.AudioFiles.AsNoTracking().SingleAsync(f => f.Id == job.AudioFileId, cancellationToken);
        var order = new TranscodeOrder(job.Id, job.Attempt, file.StorageKey, file.Name, [.. job.PresetIds.Select(Preset.Find).OfType<Preset>()]);
        AttemptOutputs.Announce(db, order, job.OwnerId, now);
        var waiting = await db.TranscodeJobs.Where(j => j.State == JobState.Queued).Select(j => j.OwnerId).Distinct().ToListAsync(cancellationToken);
        _running[job.Id] = stop; // Before the commit, so that a person who cancels right after it finds something to stop.
        try
        {
            await transaction.CommitAsync(cancellationToken);
        }
        catch
        {
            _running.TryRemove(job.Id, out _);
            throw;
        }

        return new(job.OwnerId, waiting, order);
    }

    private async Task FinishAsync(Claim claim, JobReport report)
    {
        // Not cancellable: what has been made is worth a moment of a stopping app.
        var mattered = report.State == JobState.Submitted
            ? await reports.AcceptedAsync(report, CancellationToken.None)
            : await reports.ReportAsync(report, CancellationToken.None);
        if (!mattered && report.State != JobState.Submitted)
            await HandBackAsync(claim);
    }

    /// <summary>The attempt has ended without a result. The job waits again unless it was cancelled or overtaken, and what was made may go.</summary>
    private async Task HandBackAsync(Claim claim)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        await db.TranscodeJobs.Where(j => j.Id == claim.Order.JobId && j.Attempt == claim.Order.Attempt && j.State < JobStates.FirstTerminal)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.State, JobState.Queued), CancellationToken.None);
        AttemptOutputs.Release(db, claim.Order.JobId, claim.Order.Attempt, transcoder.IsRemote, time.GetUtcNow());
        await transaction.CommitAsync(CancellationToken.None);
        feed.Changed(claim.OwnerId, claim.Order.JobId);
    }

    [LoggerMessage(LogLevel.Error, "The engine failed at job {JobId}, attempt {Attempt}")]
    private partial void LogEngineFailed(Guid jobId, int attempt, Exception exception);

    private sealed record Claim(string OwnerId, IReadOnlyList<string> WaitingOwners, TranscodeOrder Order)
    {
        public JobReport Failed(string reason) => new(Order.JobId, Order.Attempt, JobState.Failed) { Reason = reason };
    }

    private sealed class Progress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
