using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BlazorTranscode.Data;

/// <summary>
/// Lets the writes of this process to SQLite begin one after another, first come, first served. SQLite itself wakes no waiter: each asks
/// again after a pause, so that one of them may starve, and it blocks its thread meanwhile, so that a few of them stop every request.
/// Here the waiters hold no thread, and only the first of them asks SQLite, whose lock another program may hold.
/// </summary>
/// <param name="time">The machine's clock: what is waited for is another thread or program, which no clock of a test moves.</param>
internal sealed partial class WriteGate(TimeProvider time, ILogger<WriteGate> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private bool _taken;

    /// <summary>How long a write may wait, for its turn and for SQLite's lock together.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the turn, then runs what takes SQLite's lock on this connection, again until it gets it.</summary>
    /// <param name="begin">Must fail at once with SQLITE_BUSY when the lock is taken.</param>
    /// <returns>The result, and the turn, which the caller ends.</returns>
    /// <exception cref="DatabaseBusyException">It did not happen within <see cref="Patience"/>.</exception>
    public async ValueTask<(T Result, Turn Turn)> EnterAsync<T>(SqliteConnection connection, Func<Task<T>> begin, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var turn = await TakeTurnAsync(cancellationToken);
        try
        {
            for (var pause = TimeSpan.FromMilliseconds(1); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                try
                {
                    return (await WithoutWaitingAsync(connection, begin), turn);
                }
                catch (SqliteException busy) when (busy.SqliteErrorCode == raw.SQLITE_BUSY)
                {
                    if (time.GetElapsedTime(asked) >= Patience)
                        throw GiveUp(busy);
                }

                await Task.Delay(pause, time, cancellationToken);
            }
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private async ValueTask<Turn> TakeTurnAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_lock)
        {
            if (!_taken)
            {
                _taken = true;
                return new(this);
            }

            // The one who leaves must not run on with the work of the next.
            waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter);
        }

        // A waiter that has gone is passed over when its turn comes.
        await using var cancelled = cancellationToken.Register(() => waiter.TrySetCanceled(cancellationToken));
        await using var patience = time.CreateTimer(_ => waiter.TrySetException(GiveUp(null)), null, Patience, Timeout.InfiniteTimeSpan);
        await waiter.Task;
        return new(this);
    }

    /// <summary>Otherwise SQLite's busy handler, and after it the provider's loop around each statement, sleep on the thread that asks.</summary>
    private static async Task<T> WithoutWaitingAsync<T>(SqliteConnection connection, Func<Task<T>> begin)
    {
        var patience = connection.DefaultTimeout;
        connection.DefaultTimeout = WriteTurns.NoWait;
        raw.sqlite3_busy_timeout(connection.Handle, 0);
        try
        {
            return await begin();
        }
        finally
        {
            connection.DefaultTimeout = patience;
            if (connection.Handle is { } handle)
                raw.sqlite3_busy_timeout(handle, SqlitePragmas.BusyMilliseconds);
        }
    }

    private DatabaseBusyException GiveUp(SqliteException? refusal)
    {
        LogGaveUp(Patience, refusal is null ? "other writes were before it" : "another program holds the lock");
        return new(refusal);
    }

    private void Leave()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                    return;
            }

            _taken = false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A write to the database was given up after {Patience}: {Reason}")]
    private partial void LogGaveUp(TimeSpan patience, string reason);

    /// <summary>The right to write. Ends once, however often it is told to.</summary>
    internal sealed class Turn(WriteGate gate) : IDisposable
    {
        private WriteGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
