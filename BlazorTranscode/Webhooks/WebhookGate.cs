using System.Threading.RateLimiting;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// How many requests may be read and checked at once: each takes up to 1 MiB of memory before anything is known about its sender. One
/// network may not take all of the places, so that a stranger who sends slowly leaves some to SNS.
/// </summary>
internal sealed class WebhookGate : IDisposable
{
    public const int AtOnce = 64;
    public const int AtOnceOfOneNetwork = 56;

    /// <summary>How many wait for a place, altogether and of one network; further ones are refused.</summary>
    public const int Waiting = 256;

    private readonly PartitionedRateLimiter<string> _places = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<string, string>(network => RateLimitPartition.GetConcurrencyLimiter(network, _ => Places(AtOnceOfOneNetwork))),
        PartitionedRateLimiter.Create<string, string>(_ => RateLimitPartition.GetConcurrencyLimiter("", _ => Places(AtOnce))));

    /// <summary>A place, once one is free; its lease is not acquired if too many wait.</summary>
    public ValueTask<RateLimitLease> EnterAsync(string network, CancellationToken cancellationToken) => _places.AcquireAsync(network, 1, cancellationToken);

    public void Dispose() => _places.Dispose();

    private static ConcurrencyLimiterOptions Places(int atOnce) =>
        new() { PermitLimit = atOnce, QueueLimit = Waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };
}
