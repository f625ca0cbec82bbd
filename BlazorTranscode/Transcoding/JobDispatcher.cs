using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Quartz;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Says who works on what and when. Quartz does it, on our own database, and this is the only place that knows its types; what is true
/// of a job stands in its row, never here.
/// </summary>
internal sealed class JobDispatcher(ISchedulerFactory schedulers)
{
    private static readonly JobKey WorkKey = new("transcode");

    /// <summary>
    /// Has the next attempt at a job made, from <paramref name="startAt"/> on, if and only if the context's transaction commits. Asking
    /// twice for one attempt is harmless.
    /// </summary>
    /// <param name="attempt">The attempt that the row stands at.</param>
    public async Task ScheduleAsync(AppDbContext db, Guid jobId, int attempt, DateTimeOffset startAt, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        using var enlistment = scheduler.EnlistTransaction(db.Database.CurrentTransaction!.GetDbTransaction());
        var trigger = TriggerBuilder.Create().ForJob(WorkKey).WithIdentity($"{jobId:N}.{attempt}").StartAt(startAt).Build();
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

    /// <summary>The jobs that wait for their time or are being worked on.</summary>
    public async Task<HashSet<Guid>> ScheduledAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var keys = await scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.AnyGroup(), cancellationToken);
        return [.. keys.Select(JobIdOf)];
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

    private static Guid JobIdOf(TriggerKey key) => Guid.Parse(key.Name.AsSpan(0, 32));

    private sealed class Work(TranscodeWorker worker) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
            await worker.RunAsync(JobIdOf(context.Trigger.Key), cancellationToken);
    }
}
