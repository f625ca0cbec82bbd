using BlazorTranscode.Messages;

namespace BlazorTranscode.Notifications;

/// <summary>
/// Every ten seconds, with one query for everybody who has a tab open here, rings for the versions that stand in the database. A ring
/// that was lost on its way is so delayed, never missed; one that was heard is dropped by its receiver.
/// </summary>
internal sealed partial class MailboxSweep(MessageStore store, MessageFeed feed, TimeProvider time, ILogger<MailboxSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // So that many machines do not all ask at the same moment.
            timer.Period = Interval * (0.8 + 0.4 * Random.Shared.NextDouble());
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(e);
            }
        }
    }

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var users in feed.Users.Chunk(500))
        {
            foreach (var (userId, version) in await store.VersionsAsync(users, cancellationToken))
                feed.Ring(userId, version);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep over the mailboxes failed; the next one follows")]
    private partial void LogSweepFailed(Exception exception);
}
