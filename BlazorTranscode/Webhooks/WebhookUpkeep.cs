using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>What must be looked at from time to time. One that fails is tried again, and never ends the others or the app.</summary>
internal sealed partial class WebhookUpkeep(
    IDbContextFactory<AppDbContext> databases, WaitingDeliveries waiting, Subscriptions subscriptions, IOptions<SnsOptions> options, TimeProvider time,
    ILogger<WebhookUpkeep> logger) : BackgroundService
{
    private const int HealthEvery = 10;
    private const int AllWaitingEvery = 60;
    private const int RetentionEvery = 3600;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.TopicArns.Count == 0)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        for (var second = 0; await timer.WaitForNextTickAsync(stoppingToken); second++)
        {
            await TryAsync(ct => waiting.ApplyAsync(second % AllWaitingEvery == 0, ct), stoppingToken);
            if (second % HealthEvery == 0)
                await TryAsync(subscriptions.CheckHealthAsync, stoppingToken);
            if (second % RetentionEvery == 0)
                await TryAsync(ForgetAsync, stoppingToken);
        }
    }

    /// <summary>Removes what is older than the retention. Ids rise with time, so no index on the time is needed.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().AddDays(-options.Value.RetentionDays);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        int removed;
        do
        {
            // In pieces: one long write would hold up everybody else's.
            var oldest = await db.Deliveries.OrderBy(d => d.Id).Take(500).Select(d => new { d.Id, d.ReceivedAt }).ToListAsync(cancellationToken);
            var last = oldest.TakeWhile(d => d.ReceivedAt < before).Select(d => d.Id).LastOrDefault();
            removed = last == 0 ? 0 : await db.Deliveries.Where(d => d.Id <= last).ExecuteDeleteAsync(cancellationToken);
        }
        while (removed == 500);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "Upkeep of the webhook failed and will be tried again")]
    private partial void LogFailed(Exception exception);
}
