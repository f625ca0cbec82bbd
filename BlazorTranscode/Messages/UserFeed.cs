using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace BlazorTranscode.Messages;

/// <summary>
/// An in-process event keyed by user: ringing for one person touches nobody else's subscribers. Subscribers are called on the
/// publisher's thread and must only note that something happened.
/// </summary>
internal abstract class UserFeed<T>
{
    private readonly ConcurrentDictionary<string, ImmutableList<Subscription>> _subscriptions = new();

    /// <summary>The people somebody listens for at this moment.</summary>
    public ICollection<string> Users => _subscriptions.Keys;

    /// <summary>Calls <paramref name="handler"/> for everything published for this person until the result is disposed.</summary>
    public IDisposable Subscribe(string userId, Action<T> handler)
    {
        var subscription = new Subscription(this, userId, handler);
        _subscriptions.AddOrUpdate(userId, [subscription], (_, list) => list.Add(subscription));
        return subscription;
    }

    /// <summary>Never throws and never waits: one broken subscriber must cost neither the publisher nor its neighbours anything.</summary>
    protected void Publish(string userId, T item)
    {
        if (!_subscriptions.TryGetValue(userId, out var subscriptions))
            return;
        foreach (var subscription in subscriptions)
        {
            try
            {
                subscription.Handler(item);
            }
            catch (Exception e)
            {
                HandlerFailed(e);
            }
        }
    }

    protected abstract void HandlerFailed(Exception exception);

    private void Remove(Subscription subscription)
    {
        while (_subscriptions.TryGetValue(subscription.UserId, out var list))
        {
            var rest = list.Remove(subscription);
            var entry = KeyValuePair.Create(subscription.UserId, list);
            if (rest.IsEmpty ? _subscriptions.TryRemove(entry) : _subscriptions.TryUpdate(subscription.UserId, rest, list))
                return;
        }
    }

    private sealed class Subscription(UserFeed<T> feed, string userId, Action<T> handler) : IDisposable
    {
        private int _disposed;

        public string UserId => userId;
        public Action<T> Handler => handler;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                feed.Remove(this);
        }
    }
}
