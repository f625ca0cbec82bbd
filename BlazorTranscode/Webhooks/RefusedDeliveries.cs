using System.Collections.Concurrent;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// What was refused since the start, for the administrator and, at a bounded rate, for the log. Nothing that a stranger wrote is kept,
/// only the reason and the address that it came from.
/// </summary>
internal sealed partial class RefusedDeliveries(TimeProvider time, ILogger<RefusedDeliveries> logger)
{
    private const int Kept = 100;
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Refusal, Tally> _tallies = new();
    private readonly Queue<RefusedDelivery> _latest = new();

    /// <summary>How often each reason came up.</summary>
    public IReadOnlyDictionary<Refusal, long> Counts => _tallies.ToDictionary(t => t.Key, t => t.Value.Count);

    /// <summary>The last ones, newest first.</summary>
    public IReadOnlyList<RefusedDelivery> Latest
    {
        get
        {
            lock (_latest)
                return [.. _latest.Reverse()];
        }
    }

    public void Add(Refusal refusal, string? remoteAddress)
    {
        var now = time.GetUtcNow();
        lock (_latest)
        {
            while (_latest.Count >= Kept)
                _latest.Dequeue();
            _latest.Enqueue(new(now, refusal, remoteAddress));
        }

        if (_tallies.GetOrAdd(refusal, _ => new()).Add(now) is { } unlogged)
            LogRefused(refusal, remoteAddress, unlogged);
    }

    [LoggerMessage(LogLevel.Warning, "Webhook request refused: {Reason}, from {RemoteAddress} ({Count} since the last line like this)")]
    private partial void LogRefused(Refusal reason, string? remoteAddress, long count);

    private sealed class Tally
    {
        private readonly Lock _lock = new();
        private DateTimeOffset _logged = DateTimeOffset.MinValue;
        private long _count;
        private long _countLogged;

        public long Count
        {
            get
            {
                lock (_lock)
                    return _count;
            }
        }

        /// <summary>How many a log line would speak of, or null if it is too early for one.</summary>
        public long? Add(DateTimeOffset now)
        {
            lock (_lock)
            {
                _count++;
                if (now >= _logged && now - _logged < LogEvery)
                    return null;
                var unlogged = _count - _countLogged;
                (_logged, _countLogged) = (now, _count);
                return unlogged;
            }
        }
    }
}

/// <summary>One refused request.</summary>
internal sealed record RefusedDelivery(DateTimeOffset At, Refusal Reason, string? RemoteAddress);
