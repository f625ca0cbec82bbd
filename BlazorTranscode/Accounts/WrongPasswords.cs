using System.Collections.Concurrent;

namespace BlazorTranscode.Accounts;

/// <summary>
/// Counts tries of passwords, in memory. What closes is never an account but the way from one source to one account, a source being a
/// network or a browser that has signed in to this account before: a stranger closes his own way only. Addresses that have no account
/// are counted alike, because a difference would tell which ones have.
/// </summary>
internal sealed class WrongPasswords(TimeProvider time)
{
    /// <summary>Wrong passwords of one source for one account, until its way is closed.</summary>
    public const int MostOfOneSource = 10;

    /// <summary>Wrong passwords of all unknown browsers for one account, until such tries are slowed down.</summary>
    public const int Unhurried = 100;

    /// <summary>How long a way stays closed, and after which pause its tries are forgotten.</summary>
    public static readonly TimeSpan Closed = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan KeepAccount = TimeSpan.FromHours(1);
    private static readonly TimeSpan SlowestTry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Account, string Source), Tally> _ways = new();
    private readonly ConcurrentDictionary<string, Tally> _accounts = new();
    private long _pruned = time.GetUtcNow().UtcTicks;

    /// <summary>Counts a try before the password is looked at, so that of a thousand at once ten are heard. False if the way is closed.</summary>
    public bool TryBegin(string account, string source)
    {
        var now = time.GetUtcNow();
        Prune(now);
        return _ways.GetOrAdd((account, source), _ => new()).TryAdd(now, Closed, MostOfOneSource);
    }

    /// <summary>Counts a try of an unknown browser for the account as a whole.</summary>
    /// <returns>How long the try shall wait before it is heard.</returns>
    public TimeSpan Slow(string account)
    {
        var tally = _accounts.GetOrAdd(account, _ => new());
        tally.TryAdd(time.GetUtcNow(), KeepAccount, int.MaxValue);
        var wait = TimeSpan.FromSeconds(2) * (tally.Count / Unhurried);
        return wait < SlowestTry ? wait : SlowestTry;
    }

    /// <summary>Takes back a try that was not heard.</summary>
    public void TakeBack(string account, string source)
    {
        if (_ways.TryGetValue((account, source), out var tally))
            tally.TakeBack();
    }

    /// <summary>The password was right.</summary>
    public void Forget(string account, string source)
    {
        _ways.TryRemove((account, source), out _);
        _accounts.TryRemove(account, out _);
    }

    /// <summary>The account has a new password.</summary>
    public void ForgetAll(string account)
    {
        foreach (var way in _ways.Keys.Where(way => way.Account == account))
            _ways.TryRemove(way, out _);
        _accounts.TryRemove(account, out _);
    }

    private void Prune(DateTimeOffset now)
    {
        var pruned = Volatile.Read(ref _pruned);
        if (now.UtcTicks - pruned < PruneEvery.Ticks || Interlocked.CompareExchange(ref _pruned, now.UtcTicks, pruned) != pruned)
            return;
        foreach (var way in _ways.Where(way => way.Value.IsOver(now, Closed)))
            _ways.TryRemove(way);
        foreach (var account in _accounts.Where(account => account.Value.IsOver(now, KeepAccount)))
            _accounts.TryRemove(account);
    }

    private sealed class Tally
    {
        private readonly Lock _lock = new();
        private DateTimeOffset _last = DateTimeOffset.MinValue;
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool TryAdd(DateTimeOffset now, TimeSpan keep, int most)
        {
            lock (_lock)
            {
                if (now - _last >= keep)
                    _count = 0;
                if (_count >= most)
                    return false;
                (_last, _count) = (now, _count + 1);
                return true;
            }
        }

        public void TakeBack()
        {
            lock (_lock)
                _count = Math.Max(0, _count - 1);
        }

        public bool IsOver(DateTimeOffset now, TimeSpan keep)
        {
            lock (_lock)
                return now - _last >= keep;
        }
    }
}
