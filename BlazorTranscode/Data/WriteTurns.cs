using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BlazorTranscode.Data;

/// <summary>
/// Sends each transaction, and each writing statement outside of one, through the <see cref="WriteGate"/>. Every transaction counts as a
/// writing one, because the provider begins it with SQLite's write lock.
/// </summary>
internal sealed class WriteTurns(WriteGate gate) : IDbTransactionInterceptor, IDbCommandInterceptor
{
    /// <summary>The provider compares the time that has passed with this many seconds: any negative number makes it ask once.</summary>
    public const int NoWait = -1;

    public async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        if (result.HasResult)
            return result;
        var sqlite = (SqliteConnection)connection;
        var (transaction, turn) = await gate.EnterAsync(
            sqlite, () => Task.FromResult<DbTransaction>(sqlite.BeginTransaction(eventData.IsolationLevel)), cancellationToken);
        TurnTransaction.Hold(sqlite, turn);
        return InterceptionResult<DbTransaction>.SuppressWithResult(transaction);
    }

    public async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        result.HasResult || !NeedsTurn(command, eventData)
            ? result
            : InterceptionResult<int>.SuppressWithResult(await RunAsync(command, () => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken));

    /// <remarks>SQLite does all changes of a statement that returns rows before it returns the first.</remarks>
    public async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        result.HasResult || !NeedsTurn(command, eventData)
            ? result
            : InterceptionResult<DbDataReader>.SuppressWithResult(await RunAsync(command, () => command.ExecuteReaderAsync(cancellationToken), cancellationToken));

    public InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result) =>
        TransactionStartingAsync(connection, eventData, result).AsTask().GetAwaiter().GetResult();

    public InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result) =>
        NonQueryExecutingAsync(command, eventData, result).AsTask().GetAwaiter().GetResult();

    public InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result) =>
        ReaderExecutingAsync(command, eventData, result).AsTask().GetAwaiter().GetResult();

    private async Task<T> RunAsync<T>(DbCommand command, Func<Task<T>> execute, CancellationToken cancellationToken)
    {
        var timeout = command.CommandTimeout;
        command.CommandTimeout = NoWait;
        try
        {
            var (result, turn) = await gate.EnterAsync((SqliteConnection)command.Connection!, execute, cancellationToken);
            turn.Dispose();
            return result;
        }
        finally
        {
            command.CommandTimeout = timeout;
        }
    }

    /// <summary>Inside a transaction the turn is held already. A query that EF Core wrote only reads; one that stands in our source reads if it says so.</summary>
    private static bool NeedsTurn(DbCommand command, CommandEventData eventData) =>
        command.Transaction is null && eventData.CommandSource is not (CommandSource.LinqQuery or CommandSource.ValueGenerator)
        && !command.CommandText.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
}
