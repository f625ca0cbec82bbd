namespace BlazorTranscode.Uploads;

/// <summary>The lock of one upload in one request's hands. Disposing gives it back.</summary>
internal sealed class UploadHold(UploadLocks locks, Guid uploadId, string? ownerId, TimeProvider time) : IDisposable
{
    /// <summary>A writer for which no byte has come for so long loses the lock to whoever continues the upload.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(10);

    /// <summary>A writer for which no byte has come for so long is ended in any case.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>The time stamp since which the body has brought nothing; 0 while nobody waits for it, because then the delay is the server's.</summary>
    private long _waitsSince;

    private volatile bool _isGivenUp;

    public Guid UploadId => uploadId;

    public string? OwnerId => ownerId;

    /// <summary>Says that the body must not be read any more: another connection goes on, or this one is dead.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether another connection goes on.</summary>
    public bool IsGivenUp => _isGivenUp;

    /// <summary>Ends when the lock is free.</summary>
    public Task Left => _left.Task;

    /// <summary>How long it takes at least until this writer counts as silent; zero or less if it does.</summary>
    public TimeSpan UntilSilent => Volatile.Read(ref _waitsSince) is not 0 and var since ? SilentAfter - time.GetElapsedTime(since) : SilentAfter;

    public void BeginToWait()
    {
        Volatile.Write(ref _waitsSince, Math.Max(1, time.GetTimestamp()));
        _ended.CancelAfter(DeadAfter);
    }

    public void EndToWait()
    {
        Volatile.Write(ref _waitsSince, 0);
        _ended.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void GiveUp()
    {
        _isGivenUp = true;
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just left by itself.
        }
    }

    public void Dispose()
    {
        locks.Leave(this);
        _ended.Dispose();
        _left.TrySetResult();
    }
}
