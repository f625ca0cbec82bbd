namespace BlazorTranscode.Transcoding;

/// <summary>
/// Whether engines elsewhere can reach us of their own accord. The folder that listens says so here; who asks engines instead of waiting
/// asks more often while it is false.
/// </summary>
internal sealed class SubscriptionHealth
{
    private volatile bool _isHealthy;

    public bool IsHealthy
    {
        get => _isHealthy;
        set => _isHealthy = value;
    }
}
