using Microsoft.Data.Sqlite;

namespace BlazorTranscode.Data;

/// <summary>The log beside a database (<c>app.db-wal</c>), which holds what was committed last.</summary>
internal static class SqliteLog
{
    /// <summary>Moves all that is in the log into the database. The provider keeps connections open that nobody uses; they are closed first.</summary>
    public static void Empty(DataOptions data)
    {
        using (var pooled = new SqliteConnection(data.ConnectionString))
            SqliteConnection.ClearPool(pooled);
        // Not created anew if it was deleted under the app.
        using var connection = new SqliteConnection($"{data.ConnectionString};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA busy_timeout = {SqlitePragmas.BusyMilliseconds}; PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }
}
