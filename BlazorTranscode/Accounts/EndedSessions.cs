using System.Collections.Concurrent;

namespace BlazorTranscode.Accounts;

/// <summary>
/// The in-process event that closes open tabs at once. A circuit on another node, or one that misses it, finds out by the security
/// stamp within a minute.
/// </summary>
internal sealed class EndedSessions
{
    private readonly ConcurrentDictionary<Listener, Action<string, string?>> _listeners = new();

    /// <summary>Calls <paramref name="ended"/> with a user id and the one session that ended, or null for all of theirs.</summary>
    public IDisposable Listen(Action<string, string?> ended)
    {
        var listener = new Listener(_listeners);
        _listeners[listener] = ended;
        return listener;
    }

    public void Publish(string userId, string? sessionId = null)
    {
        foreach (var ended in _listeners.Values)
            ended(userId, sessionId);
    }

    private sealed class Listener(ConcurrentDictionary<Listener, Action<string, string?>> listeners) : IDisposable
    {
        public void Dispose() => listeners.TryRemove(this, out _);
    }
}
