using System.Collections.Concurrent;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quartz;

namespace BlazorTranscode.Tests.Transcoding;

public sealed class JobDispatcherTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// The scheduler takes a lock of its own and then waits for our transaction. If scheduling inside that waited for the scheduler's lock,
    /// both would stand still until SQLite tells one of them that the database is locked, and Quartz writes that down.
    /// </summary>
    [Fact]
    public async Task Schedule_WhileTheSchedulerWaitsForOurTransaction_DoesNotWaitForTheScheduler()
    {
        using var complaints = new Complaints();
        await using var app = TestApp.Start(
            new() { ["Logging:LogLevel:Quartz.Impl.AdoJobStore"] = "Warning" }, services => services.AddSingleton<ILoggerProvider>(complaints));
        var dispatcher = app.Get<JobDispatcher>();
        await using var db = await app.OpenDatabaseAsync();
        using var ready = new CountdownEvent(3);
        using var held = new ManualResetEventSlim();
        var waiting = Enumerable.Range(0, 3).Select(_ => Task.Run(
            () =>
            {
                ready.Signal();
                held.Wait(Stop);
                return TicketsAsync(app);
            },
            Stop)).ToList();
        ready.Wait(Stop);
        await using var transaction = await db.Database.BeginTransactionAsync(Stop);
        await db.Database.ExecuteSqlAsync($"DELETE FROM TranscodeJobs", Stop);
        held.Set();
        for (var i = 0; i < 100; i++) // Time for one of them to get the lock.
            await db.Users.CountAsync(Stop);

        await dispatcher.ScheduleAsync(db, Guid.NewGuid(), 0, DateTimeOffset.UtcNow.AddHours(1), Stop);
        await transaction.CommitAsync(Stop);

        await Task.WhenAll(waiting);
        Assert.Empty(complaints.Found);
    }

    [Fact]
    public async Task Schedule_TwiceForOneAttempt_IsHarmless()
    {
        await using var app = TestApp.Start();
        var (dispatcher, id) = (app.Get<JobDispatcher>(), Guid.NewGuid());
        await using var db = await app.OpenDatabaseAsync();
        await using var transaction = await db.Database.BeginTransactionAsync(Stop);
        await dispatcher.ScheduleAsync(db, id, 0, DateTimeOffset.UtcNow.AddHours(1), Stop);
        await dispatcher.ScheduleAsync(db, id, 0, DateTimeOffset.UtcNow.AddHours(1), Stop);
        await transaction.CommitAsync(Stop);

        Assert.Equal($"{id:N}.0", Assert.Single(await TicketsAsync(app)).Name);
    }

    // The scheduler takes its lock for this.
    private static async Task<List<TriggerKey>> TicketsAsync(TestApp app)
    {
        var scheduler = await app.Get<ISchedulerFactory>().GetScheduler(Stop);
        return [.. await scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.AnyGroup(), Stop)];
    }

    private sealed class Complaints : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Found { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = $"{formatter(state, exception)} {exception}";
            if (text.Contains("'database is locked'.", StringComparison.Ordinal))
                Found.Enqueue(text);
        }

        public void Dispose()
        {
        }
    }
}
