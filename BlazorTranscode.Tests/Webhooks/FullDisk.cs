using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Lets SQLite's file grow no further than a little beyond the size that it had while it is "full"; the error is SQLite's own.</summary>
internal sealed class FullDisk : DbTransactionInterceptor
{
    private long? _limit;

    public bool IsFull { get; set; }

    public override async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = result;
        command.CommandText = "PRAGMA page_count";
        var pages = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        _limit = IsFull ? _limit ?? pages + 20 : null;
        command.CommandText = $"PRAGMA max_page_count = {_limit ?? 1_000_000}";
        await command.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }
}
