namespace BlazorTranscode.Storage;

/// <summary>
/// Before the app listens, and every minute: is the store ours, and what is due to go from it. A store that does not answer holds up the
/// start for a moment only.
/// </summary>
internal sealed partial class StoreUpkeep(
    StoreOwnership ownership, Deletions deletions, IHostApplicationLifetime app, TimeProvider time, ILogger<StoreUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(ownership.LookAsync(cancellationToken), Task.Delay(Patience, cancellationToken));
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = app.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await ownership.LookAsync(stoppingToken);
                await deletions.WorkOffAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Error, "What is due to be deleted could not be worked off and is tried again in a minute")]
    private partial void LogFailed(Exception exception);
}
