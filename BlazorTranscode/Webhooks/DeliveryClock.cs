namespace BlazorTranscode.Webhooks;

/// <summary>
/// Compares the clock of this machine with Amazon's, as far as genuine deliveries tell: one that comes outside the window was held up
/// for more than an hour, or one of the clocks is wrong. The next one inside the window ends the doubt, and so does an hour.
/// </summary>
internal sealed class DeliveryClock(TimeProvider time)
{
    private static readonly TimeSpan Doubt = TimeSpan.FromHours(1);

    private sealed record Reading(TimeSpan Age, DateTimeOffset At);

    private volatile Reading? _outside;

    /// <summary>What is wrong, in a sentence for the administrator; null if nothing is known to be.</summary>
    public string? Problem => _outside is { } reading && time.GetUtcNow() - reading.At is var since && since < Doubt && since > -Doubt
        ? $"The clock of this machine differs by {(int)Math.Round(Math.Abs(reading.Age.TotalMinutes))} min from Amazon's, by the last genuine delivery. "
            + "Such deliveries are put off; set the clock right, and they come again."
        : null;

    /// <summary>Notes how old a genuine message was when it came.</summary>
    public void Note(TimeSpan age, bool isInWindow)
    {
        if (!isInWindow)
            _outside = new(age, time.GetUtcNow());
        else if (_outside is not null)
            _outside = null;
    }
}
