using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using DbLoggerCategory = Microsoft.EntityFrameworkCore.DbLoggerCategory;

namespace BlazorTranscode.Data;

/// <summary>
/// A transaction that ends its writer's turn when it ends itself: EF Core tells no interceptor that one was disposed without a commit.
/// A connection that closes ends the turn too, for a transaction that was begun and never reached its owner.
/// </summary>
internal sealed class TurnTransaction(
    IRelationalConnection connection, DbTransaction transaction, Guid transactionId, IDiagnosticsLogger<DbLoggerCategory.Database.Transaction> logger,
    bool transactionOwned, ISqlGenerationHelper sql) : RelationalTransaction(connection, transaction, transactionId, logger, transactionOwned, sql)
{
    private static readonly ConditionalWeakTable<DbConnection, WriteGate.Turn> Turns = [];

    // Taken now, because the provider forgets the connection of a transaction that has ended.
    private readonly DbConnection _connection = connection.DbConnection;

    /// <summary>Ties the turn to the transaction that was just begun on this connection.</summary>
    public static void Hold(SqliteConnection connection, WriteGate.Turn turn)
    {
        Turns.Add(connection, turn);
        connection.StateChange += OnStateChange;
    }

    public override void Dispose()
    {
        try
        {
            base.Dispose();
        }
        finally
        {
            End(_connection);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            End(_connection);
        }
    }

    /// <summary>Runs after a commit or a rollback; after one that failed the transaction goes on until it is disposed.</summary>
    protected override void ClearTransaction()
    {
        End(_connection);
        base.ClearTransaction();
    }

    protected override Task ClearTransactionAsync(CancellationToken cancellationToken = default)
    {
        End(_connection);
        return base.ClearTransactionAsync(cancellationToken);
    }

    private static void OnStateChange(object sender, StateChangeEventArgs change)
    {
        if (change.CurrentState == ConnectionState.Closed)
            End((DbConnection)sender);
    }

    private static void End(DbConnection connection)
    {
        if (!Turns.TryGetValue(connection, out var turn) || !Turns.Remove(connection))
            return;
        connection.StateChange -= OnStateChange;
        turn.Dispose();
    }

    internal sealed class Factory(RelationalTransactionFactoryDependencies dependencies) : IRelationalTransactionFactory
    {
        public RelationalTransaction Create(
            IRelationalConnection connection, DbTransaction transaction, Guid transactionId,
            IDiagnosticsLogger<DbLoggerCategory.Database.Transaction> logger, bool transactionOwned) =>
            new TurnTransaction(connection, transaction, transactionId, logger, transactionOwned, dependencies.SqlGenerationHelper);
    }
}
