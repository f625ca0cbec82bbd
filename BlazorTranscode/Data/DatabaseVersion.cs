using Microsoft.Data.Sqlite;

namespace BlazorTranscode.Data;

/// <summary>Which migrations a database has had, as it says itself.</summary>
/// <param name="Applied">In the order of their ids, which is that of their making.</param>
/// <param name="HasTables">Whether there is anything in it besides EF Core's own tables.</param>
internal sealed record DatabaseVersion(IReadOnlyList<string> Applied, bool HasTables)
{
    private const string History = "__EFMigrationsHistory";

    public static async Task<DatabaseVersion> ReadAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var tables = await ReadAsync(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'", cancellationToken);
        var applied = tables.Contains(History)
            ? await ReadAsync(connection, $"""SELECT "MigrationId" FROM "{History}" ORDER BY "MigrationId" """, cancellationToken)
            : [];
        return new(applied, tables.Exists(table => !table.StartsWith("__EFMigrations", StringComparison.Ordinal)));
    }

    /// <summary>What keeps this program from using the database, as the end of a sentence; null if it can be used, or brought to its version.</summary>
    /// <param name="known">The migrations of this program.</param>
    public string? Fault(IReadOnlyList<string> known)
    {
        if (Applied.Except(known).LastOrDefault() is { } later)
            return $"was written by a newer version of BlazorTranscode ({later} is not known here)";
        if (HasTables && Applied.Count == 0)
            return $"has tables, but none of BlazorTranscode's versions stands in {History}";
        if (!Applied.SequenceEqual(known.Take(Applied.Count)))
            return $"misses versions in {History} that came before {Applied[^1]}";
        return null;
    }

    private static async Task<List<string>> ReadAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> rows = [];
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(reader.GetString(0));
        return rows;
    }
}
