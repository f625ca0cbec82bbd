namespace BlazorTranscode.Library;

/// <summary>Turns progress that comes as often as an engine likes into at most four beats a second.</summary>
internal sealed class ProgressPulse : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ITimer _timer;
    private readonly Action _beat;
    private int _noted;

    public ProgressPulse(TimeProvider time, Action beat)
    {
        _beat = beat;
        _timer = time.CreateTimer(_ => Beat(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>There is progress; from any thread.</summary>
    public void Note()
    {
        if (Interlocked.Exchange(ref _noted, 1) == 0)
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    private void Beat()
    {
        Volatile.Write(ref _noted, 0);
        _beat();
    }

    public void Dispose() => _timer.Dispose();
}
