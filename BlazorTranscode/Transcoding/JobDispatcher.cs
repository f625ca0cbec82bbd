using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Quartz;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Says that there is work and when. Quartz does it, on our own database, and this is the only place that knows its types. A trigger is a
/// ticket: it lets a worker take jobs, and which ones is decided by their rows, so neither its name nor its time reorders anything.
/// </summary>
internal sealed class JobDispatcher(ISchedulerFactory schedulers)
{
    private static readonly JobKey WorkKey = new("transcode");

    /// <summary>
    /// Has a worker look for jobs from <paramref name="startAt"/> on, because of the next attempt at this one, if and only if the context's
    /// transaction commits. Asking twice for one attempt is harmless.
    /// </summary>
    /// <param name="attempt">The attempt that the row stands at.</param>
    public Task ScheduleAsync(AppDbContext db, Guid jobId, int attempt, DateTimeOffset startAt, CancellationToken cancellationToken) =>
        ScheduleAsync(db, $"{jobId:N}.{attempt}", startAt, cancellationToken);

    /// <summary>Has a worker look for jobs now, if and only if the context's transaction commits.</summary>
    public Task ScheduleAsync(AppDbContext db, DateTimeOffset now, CancellationToken cancellationToken) =>
        ScheduleAsync(db, Guid.NewGuid().ToString("N"), now, cancellationToken);

    private async Task ScheduleAsync(AppDbContext db, string name, DateTimeOffset startAt, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        using var enlistment = scheduler.EnlistTransaction(db.Database.CurrentTransaction!.GetDbTransaction());
        var trigger = TriggerBuilder.Create().ForJob(WorkKey).WithIdentity(name).StartAt(startAt).Build();
        try
        {
            // Whatever only reads (Exists), or keeps what is there, takes the store's lock, whose holder may be waiting for our transaction.
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Asked for before.
        }
    }

    /// <summary>Registers the scheduler. Its tables are made when they are missing.</summary>
    public static void Register(IServiceCollection services, string database, int maxJobs)
    {
        services.AddSingleton<JobDispatcher>();
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                // How long an idle scheduler may overlook what another process has added.
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);
                scheduler.MaxBatchSize = maxJobs;
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            quartz.UseDefaultThreadPool(maxJobs);
            quartz.AddJob<Work>(job => job.WithIdentity(WorkKey).StoreDurably());
            quartz.UsePersistentStore(store =>
            {
                store.UseSqlite($"Data Source={database};Default Timeout=5");
                store.ProvisionSchema();
                store.ConfigureStore(ado =>
                {
                    ado.AcceptEnlistedTransactions = true;
                    ado.LockOnInsert = false; // with the lock an insert inside our transaction waits for itself
                    ado.StoreJobDataAsStrings = true;
                    // A start that fails later, at a taken port say, must not leave a process that never ends.
                    ado.UseBackgroundThreads = true;
                });
            });
        });
        services.AddQuartzHostedService(hosted =>
        {
            hosted.WaitForJobsToComplete = true;
            // Its own tidying after a kill must be over before JobSweep looks.
            hosted.AwaitApplicationStarted = false;
        });
    }

    private sealed class Work(TranscodeWorker worker) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
            await worker.RunAsync(cancellationToken);
    }
}
