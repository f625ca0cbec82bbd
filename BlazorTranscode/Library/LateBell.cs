namespace BlazorTranscode.Library;

/// <summary>Rings when the first of the jobs that a page shows becomes late, so that the page need not ask again and again.</summary>
internal sealed class LateBell(TimeProvider time, Action ring) : IDisposable
{
    // Timers keep milliseconds and their own clock, and may come a little early.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer = time.CreateTimer(_ => ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Forgets what it was set for before.</summary>
    public void SetFor(IEnumerable<LibraryItem> shown)
    {
        var next = shown.Min(item => item.Expected is { IsLate: false } expected ? expected.LateAt : (DateTimeOffset?)null);
        _timer.Change(next is { } at ? UntilAfter(at) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    // It may have passed while the page was read.
    private TimeSpan UntilAfter(DateTimeOffset moment) => moment - time.GetUtcNow() is { Ticks: > 0 } left ? left + Margin : Margin;

    public void Dispose() => _timer.Dispose();
}
