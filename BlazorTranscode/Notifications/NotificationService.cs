using System.Collections.Immutable;
using System.Threading.Channels;
using BlazorTranscode.Messages;

namespace BlazorTranscode.Notifications;

/// <summary>
/// What one circuit knows of its user's unread messages. It listens first and reads then, so nothing falls in between; on every ring it
/// asks the database, as that user, for what changed after the version it has seen. Reading happens on a loop of its own: whoever rings
/// never waits for a circuit.
/// </summary>
internal sealed partial class NotificationService(MessageStore store, MessageFeed feed, ILogger<NotificationService> logger) : IDisposable
{
    private readonly Channel<bool> _rings = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _reading = new(1);
    private readonly HashSet<Guid> _shown = [];
    private ImmutableList<Message> _unread = [];
    private string? _userId;
    private long _seen = -1;
    private bool _listening;
    private IDisposable? _subscription;

    /// <summary>The unread messages as this circuit knows them, oldest first. A new list each time; safe to read from any thread.</summary>
    public IReadOnlyList<Message> Unread => _unread;

    /// <summary>How many there are, for those who need not know what a message is.</summary>
    public int UnreadCount => _unread.Count;

    /// <summary>Raised after <see cref="Unread"/> has changed, on any thread.</summary>
    public event Action? Changed;

    /// <summary>Reads what is unread now, without listening: enough for a page that is only rendered once.</summary>
    public async Task LoadAsync(string userId, CancellationToken cancellationToken)
    {
        _userId = userId;
        if (_seen < 0)
            await ReadAsync(cancellationToken);
    }

    /// <summary>
    /// Listens from now on, and reads what may have changed since <see cref="LoadAsync"/>. Every component that shows something calls this
    /// once, after it has subscribed to <see cref="Changed"/>: that is raised here too, since another component of the circuit may have
    /// brought news between this one's render and its subscription.
    /// </summary>
    public void Listen(string userId)
    {
        if (_closed.IsCancellationRequested)
            return;
        if (!_listening)
        {
            _listening = true;
            _userId = userId;
            _ = Task.Run(ReadOnRingsAsync);
            Wake();
        }

        Changed?.Invoke();
    }

    /// <summary>The connection is gone: nobody looks, so a ring must cost nothing here until it is back.</summary>
    public void Sleep()
    {
        _subscription?.Dispose();
        _subscription = null;
    }

    /// <summary>The connection is (again) there: listen, then catch up.</summary>
    public void Wake()
    {
        if (_userId is null || _closed.IsCancellationRequested)
            return;
        _subscription ??= feed.Subscribe(_userId, Rang);
        _rings.Writer.TryWrite(true);
    }

    /// <summary>Marks a message read and takes it away here at once; every other tab hears of it after the commit.</summary>
    public async Task CloseAsync(Guid messageId, CancellationToken cancellationToken)
    {
        if (_userId is null)
            return;
        await store.MarkReadAsync(_userId, messageId, cancellationToken);
        ImmutableInterlocked.Update(ref _unread, list => list.RemoveAll(m => m.Id == messageId));
        Changed?.Invoke();
    }

    /// <summary>Marks everything read.</summary>
    public async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        if (_userId is null)
            return;
        await store.MarkAllReadAsync(_userId, cancellationToken);
        await ReadAsync(cancellationToken);
    }

    /// <summary>Notes which messages this tab has on screen; each is noted once.</summary>
    public async Task RecordShownAsync(IEnumerable<Message> onScreen)
    {
        var fresh = onScreen.Select(m => m.Id).Where(_shown.Add).ToList();
        if (fresh.Count == 0 || _userId is null)
            return;
        try
        {
            await store.RecordShownAsync(_userId, fresh, _closed.Token);
        }
        catch (Exception e)
        {
            // A record for the curious: the alert itself is on screen.
            LogRecordFailed(e);
        }
    }

    public void Dispose()
    {
        if (_closed.IsCancellationRequested)
            return;
        Sleep();
        _closed.Cancel();
        _rings.Writer.TryComplete();
    }

    private void Rang(long version)
    {
        if (version > Volatile.Read(ref _seen))
            _rings.Writer.TryWrite(true);
    }

    private async Task ReadOnRingsAsync()
    {
        try
        {
            await foreach (var _ in _rings.Reader.ReadAllAsync(_closed.Token))
            {
                try
                {
                    await ReadAsync(_closed.Token);
                }
                catch (Exception e) when (e is not OperationCanceledException || !_closed.IsCancellationRequested)
                {
                    // The version has not moved, so the next ring or the sweep asks again.
                    LogReadFailed(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The circuit is gone.
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_seen < 0)
            {
                var all = await store.UnreadAsync(_userId!, cancellationToken);
                _unread = [.. all.Messages];
                Volatile.Write(ref _seen, all.Version);
            }
            else
            {
                var changes = await store.ChangesAsync(_userId!, _seen, cancellationToken);
                if (changes.Version == _seen)
                    return;
                ImmutableInterlocked.Update(ref _unread, list => Apply(list, changes.Messages));
                Volatile.Write(ref _seen, changes.Version);
            }
        }
        finally
        {
            _reading.Release();
        }

        Changed?.Invoke();
    }

    private static ImmutableList<Message> Apply(ImmutableList<Message> unread, IReadOnlyList<Message> changed)
    {
        var changedIds = changed.Select(m => m.Id).ToHashSet();
        return [.. unread.Where(m => !changedIds.Contains(m.Id))
            .Concat(changed.Where(m => m is { ReadAt: null, RemovedAt: null }))
            .OrderBy(m => m.CreatedAt)];
    }

    [LoggerMessage(LogLevel.Debug, "That a message was shown could not be recorded")]
    private partial void LogRecordFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The unread messages could not be read; they will be at the next ring")]
    private partial void LogReadFailed(Exception exception);
}
