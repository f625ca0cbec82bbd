using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Lets SQLite's file grow no further than a little beyond its present size while it is "full"; the error is SQLite's own.</summary>
internal sealed class FullDisk : DbTransactionInterceptor
{
    public bool IsFull { get; set; }

    public override async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = result;
        command.CommandText = "PRAGMA page_count";
        var pages = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        command.CommandText = $"PRAGMA max_page_count = {(IsFull ? pages + 20 : 1_000_000)}";
        await command.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }
}
