using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BlazorTranscode.Data;

/// <summary>
/// Sets what SQLite forgets between connections. <c>synchronous=FULL</c> because a committed row is an acknowledged one (a webhook
/// was answered, an upload reported); no memory mapping because it turns an I/O error into a signal that kills the process.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    /// <summary>How long SQLite itself waits for a lock where <see cref="WriteGate"/> does not: a reader's, for as long as a log is recovered.</summary>
    public const int BusyMilliseconds = 2000;

    /// <summary>As one text, for each connection that is opened.</summary>
    public static readonly string Pragmas = $"""
        PRAGMA busy_timeout = {BusyMilliseconds};
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA wal_autocheckpoint = 10000;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -16000;
        PRAGMA mmap_size = 0;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        """;

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
