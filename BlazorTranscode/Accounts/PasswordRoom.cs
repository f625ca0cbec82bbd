using System.Threading.RateLimiting;

namespace BlazorTranscode.Accounts;

/// <summary>
/// Where passwords are hashed: a check takes 0.2 s of a core on purpose, so only a few run at once, on threads of their own, and only a
/// few wait. Browsers and people that are known have a place apart, which the tries of strangers do not take.
/// </summary>
internal sealed class PasswordRoom : IDisposable
{
    /// <summary>How many may wait for each place.</summary>
    public const int Waiting = 16;

    /// <summary>Checks of strangers that run at once: half of the cores, at most two.</summary>
    public static readonly int AtOnce = Math.Clamp(Environment.ProcessorCount / 2, 1, 2);

    private readonly ConcurrencyLimiter _strangers = Limiter(AtOnce);
    private readonly ConcurrencyLimiter _known = Limiter(1);

    /// <exception cref="PasswordRoomFullException">As many wait as may.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, bool isKnown, CancellationToken cancellationToken)
    {
        using var place = await (isKnown ? _known : _strangers).AcquireAsync(1, cancellationToken);
        if (!place.IsAcquired)
            throw new PasswordRoomFullException();
        // Not on the pool, whose threads answer all other requests.
        return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void Dispose()
    {
        _strangers.Dispose();
        _known.Dispose();
    }

    private static ConcurrencyLimiter Limiter(int atOnce) =>
        new(new() { PermitLimit = atOnce, QueueLimit = Waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
}

/// <summary>Too many passwords wait to be checked.</summary>
internal sealed class PasswordRoomFullException() : Exception(AccountErrors.Busy.Description);
