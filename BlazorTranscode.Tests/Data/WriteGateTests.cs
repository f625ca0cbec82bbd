using BlazorTranscode.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Data;

/// <summary>Who waits for the turn to write, and goes or waits too long.</summary>
public sealed class WriteGateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waiter_WhoGoes_IsPassedOver()
    {
        await using var connection = await OpenAsync();
        var gate = new WriteGate(TimeProvider.System, NullLogger<WriteGate>.Instance);
        using var gone = new CancellationTokenSource();
        var (_, turn) = await EnterAsync(gate, connection, Token);
        var waiter = EnterAsync(gate, connection, gone.Token);
        var next = EnterAsync(gate, connection, Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
        Assert.False(next.IsCompleted);
        turn.Dispose();
        turn.Dispose(); // once too often, which must not let in two
        (_, turn) = await next;
        Assert.False(EnterAsync(gate, connection, Token).IsCompleted);
        turn.Dispose();
    }

    [Fact]
    public async Task Waiter_WhoseTurnDoesNotCome_IsToldThatTheDatabaseIsBusy()
    {
        await using var connection = await OpenAsync();
        var time = new FakeTimeProvider();
        var gate = new WriteGate(time, NullLogger<WriteGate>.Instance);
        var (_, turn) = await EnterAsync(gate, connection, Token);
        var waiter = EnterAsync(gate, connection, Token);
        time.Advance(gate.Patience - TimeSpan.FromSeconds(1));
        Assert.False(waiter.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<DatabaseBusyException>(() => waiter);
        turn.Dispose();
        (await EnterAsync(gate, connection, Token)).Turn.Dispose();
    }

    private static Task<(int Result, WriteGate.Turn Turn)> EnterAsync(WriteGate gate, SqliteConnection connection, CancellationToken cancellationToken) =>
        gate.EnterAsync(connection, () => Task.FromResult(0), cancellationToken).AsTask();

    private static async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(Token);
        return connection;
    }
}
