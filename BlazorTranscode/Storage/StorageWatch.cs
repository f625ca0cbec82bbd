namespace BlazorTranscode.Storage;

/// <summary>
/// Looks at the media store: thoroughly at start and while it cannot be used, lightly each minute while it can, and at once when somebody
/// doubts. A store that cannot be used does not keep the app from starting.
/// </summary>
internal sealed class StorageWatch(IMediaStore store, StorageHealth health, TimeProvider time) : BackgroundService
{
    /// <summary>Between two looks, and the longest pause while the store cannot be used.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The least pause, however many doubt, and the first one while the store cannot be used; each further is twice as long.</summary>
    internal static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(5);

    /// <summary>A store that has not answered by then counts as away.</summary>
    internal static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(30);

    /// <summary>Whether a look is under way.</summary>
    internal bool IsLooking => !_look.IsCompleted;

    private Task<StorageProblem?> _look = Task.FromResult<StorageProblem?>(null);

    /// <summary>A look that needs no network is over before the app answers its first request.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _look = LookAsync(isThorough: true, CancellationToken.None);
        if (_look.IsCompleted)
            health.Note(_look.Result);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; ; _look = LookAsync(isThorough: failures > 0, stoppingToken))
        {
            var problem = await _look.WaitAsync(stoppingToken);
            // The light look tells that something is wrong, the thorough one what.
            if (problem is not null && failures == 0)
                problem = await (_look = LookAsync(isThorough: true, stoppingToken));
            health.Note(problem);
            failures = problem is null ? 0 : failures + 1;
            await PauseAsync(failures, stoppingToken);
        }
    }

    private async Task PauseAsync(int failures, CancellationToken stoppingToken)
    {
        if (failures > 0)
        {
            await Task.Delay(TimeSpan.FromTicks(Math.Min(Interval.Ticks, LeastPause.Ticks << Math.Min(failures - 1, 10))), time, stoppingToken);
            return;
        }

        await Task.Delay(LeastPause, time, stoppingToken);
        using var clock = new CancellationTokenSource(Interval - LeastPause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, clock.Token);
        try
        {
            await health.DoubtedAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Nobody has doubted, and the time has come.
        }
    }

    private async Task<StorageProblem?> LookAsync(bool isThorough, CancellationToken stoppingToken)
    {
        using var clock = new CancellationTokenSource(LongestLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, clock.Token);
        try
        {
            return await store.LookAsync(isThorough, either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return new($"The media store did not answer within {LongestLook.TotalSeconds:0} s.", StorageHealth.Away);
        }
        catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
        {
            return new(fault.Message, StorageHealth.Away);
        }
    }
}
