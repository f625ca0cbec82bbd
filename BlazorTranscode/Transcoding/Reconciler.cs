using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Asks an engine elsewhere about every job that is overdue, and applies the answer through the same door as a delivery. A webhook is
/// only a hint: this is why "ready" arrives even if no webhook ever does.
/// </summary>
internal sealed partial class Reconciler(
    IDbContextFactory<AppDbContext> databases, ITranscoder transcoder, JobReports reports, OutputCheck outputs, SubscriptionHealth subscription,
    TimeProvider time, ILogger<Reconciler> logger) : BackgroundService
{
    /// <summary>How long after its submission a job is first asked about.</summary>
    public static readonly TimeSpan FirstCheck = TimeSpan.FromSeconds(30);

    /// <summary>A job that its engine has not ended by then is given up.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UnhealthyPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private const int BatchSize = 100;

    /// <summary>Questions in a row without an answer, after which the engine as a whole is doubted.</summary>
    private const int MostSilences = 3;

    private int _silences;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReconcileAsync(stoppingToken);
                await CancelAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    /// <returns>How many jobs were asked about.</returns>
    public async Task<int> ReconcileAsync(CancellationToken cancellationToken)
    {
        var due = await DueJobsAsync(cancellationToken);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (job, token) => await ReconcileAsync(job, token));
        return due.Count;
    }

    private async Task<List<TranscodeJob>> DueJobsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var soon = now - FirstCheck + UnhealthyPause;
        var hurry = !subscription.IsHealthy;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var due = await db.TranscodeJobs.AsNoTracking()
            .Where(j => j.Engine == transcoder.Name && j.NextCheckAt != null && j.State < JobStates.FirstTerminal)
            .Where(j => j.NextCheckAt <= now || (hurry && j.Checks == 0 && j.StartedAt <= soon))
            .OrderBy(j => j.NextCheckAt).Take(BatchSize).ToListAsync(cancellationToken);
        // The day counts for all, whichever engine is configured, and even if a clock that was set back has moved the next question away.
        var begun = now - Deadline;
        var over = await db.TranscodeJobs.AsNoTracking()
            .Where(j => (j.State == JobState.Submitted || j.State == JobState.Running) && j.EngineJobId != null && j.StartedAt < begun)
            .Take(BatchSize).ToListAsync(cancellationToken);
        return [.. due.UnionBy(over, j => j.Id)];
    }

    private async Task ReconcileAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(job, cancellationToken);
        if (answer?.State.IsTerminal() != true && time.GetUtcNow() - job.StartedAt > Deadline)
        {
            LogGivenUp(job.Id, job.Engine, job.EngineJobId);
            answer = new(job.Id, job.Attempt, JobState.Failed) { Reason = "The conversion service has not finished it within a day.", IsGivenUp = true };
        }

        if (answer?.State is JobState.Succeeded)
            answer = await CheckAsync(answer, cancellationToken);
        if (answer is not null && await reports.ReportAsync(answer with { Source = ReportSource.Reconciler }, cancellationToken) && answer.State.IsTerminal())
            LogHealed(job.Id, answer.State);
        else
            await AskAgainLaterAsync(job, cancellationToken);
    }

    private async Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        if (job.Engine != transcoder.Name)
            return null;
        try
        {
            var answer = await transcoder.AskAsync(job, cancellationToken);
            CrashPoint.Pass("engine-asked");
            Volatile.Write(ref _silences, 0);
            return answer;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoAnswer(job.Id, job.EngineJobId, e);
            if (Interlocked.Increment(ref _silences) >= MostSilences)
                transcoder.Doubt(e);
            return null;
        }
    }

    /// <returns>Null if the store does not answer, so that the report waits.</returns>
    private async Task<JobReport?> CheckAsync(JobReport report, CancellationToken cancellationToken)
    {
        try
        {
            return await outputs.CheckAsync(report, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotChecked(report.JobId, e);
            return null;
        }
    }

    private async Task AskAgainLaterAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        var pause = subscription.IsHealthy ? FirstCheck * Math.Min(Math.Pow(1.5, job.Checks), LongestPause / FirstCheck) : UnhealthyPause;
        var next = time.GetUtcNow() + pause * (0.8 + 0.4 * Random.Shared.NextDouble());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.TranscodeJobs.Where(j => j.Id == job.Id && j.Attempt == job.Attempt && j.State < JobStates.FirstTerminal)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.NextCheckAt, next)
                .SetProperty(j => j.Checks, j => j.Checks + 1), cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Job {JobId} is {State}: nobody had told us, so we asked")]
    private partial void LogHealed(Guid jobId, JobState state);

    [LoggerMessage(LogLevel.Warning, "The engine gave no answer about job {JobId} ({EngineJobId})")]
    private partial void LogNoAnswer(Guid jobId, string? engineJobId, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was not finished within a day by {Engine} ({EngineJobId}), and is given up")]
    private partial void LogGivenUp(Guid jobId, string? engine, string? engineJobId);

    [LoggerMessage(LogLevel.Warning, "The engine says that job {JobId} is done, but the media store does not tell whether the files are there; the report waits")]
    private partial void LogNotChecked(Guid jobId, Exception exception);

    [LoggerMessage(LogLevel.Error, "Asking about overdue jobs failed; the next round follows")]
    private partial void LogFailed(Exception exception);
}
