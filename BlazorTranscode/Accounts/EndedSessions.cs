using System.Collections.Concurrent;
using System.Security.Claims;
using BlazorTranscode.Data;

namespace BlazorTranscode.Accounts;

/// <summary>
/// The in-process news that sessions ended: it closes open tabs and voids cookies at once. Another node finds out by the security stamp
/// within a minute, so this one forgets after as long.
/// </summary>
internal sealed class EndedSessions(TimeProvider time)
{
    private readonly ConcurrentDictionary<Listener, Action<SessionEnd>> _listeners = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _recent = new();

    /// <summary>Calls <paramref name="ended"/> for each end, on the thread of who ends it.</summary>
    public IDisposable Listen(Action<SessionEnd> ended)
    {
        var listener = new Listener(_listeners);
        _listeners[listener] = ended;
        return listener;
    }

    public void Publish(SessionEnd end)
    {
        var now = time.GetUtcNow();
        foreach (var old in _recent.Where(entry => now - entry.Value > AccountsRegistration.StampCheck))
            _recent.TryRemove(old);
        _recent[end.SessionId ?? end.UserId] = now;
        foreach (var ended in _listeners.Values)
            ended(end);
    }

    /// <summary>Whether this very session was signed out a moment ago.</summary>
    public bool Has(ClaimsPrincipal? user) => user?.FindFirstValue(Sessions.IdClaim) is { } session && _recent.ContainsKey(session);

    /// <summary>Whether sessions of this person were ended a moment ago; the stamp tells whether this is one of them.</summary>
    public bool HasSomeOf(ClaimsPrincipal? user) => user?.UserId is { } userId && _recent.ContainsKey(userId);

    private sealed class Listener(ConcurrentDictionary<Listener, Action<SessionEnd>> listeners) : IDisposable
    {
        public void Dispose() => listeners.TryRemove(this, out _);
    }
}

/// <summary>The end of one session of a person, or of all.</summary>
internal sealed record SessionEnd(string UserId)
{
    /// <summary>The one that ended; null for all.</summary>
    public string? SessionId { get; init; }

    /// <summary>The one that asked for the end of all others: what it has running goes on.</summary>
    public string? Stays { get; init; }
}
