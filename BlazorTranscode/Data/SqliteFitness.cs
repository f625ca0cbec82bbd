using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Data;

/// <summary>Refuses to start on a SQLite, or a database file, that could lose what was promised.</summary>
internal static class SqliteFitness
{
    /// <summary>SQLITE_CORRUPT and SQLITE_NOTADB, https://sqlite.org/rescode.html</summary>
    public const int Corrupt = 11, NotADatabase = 26;

    /// <summary>Older ones can damage a WAL database when two connections checkpoint at once, https://sqlite.org/wal.html#walresetbug</summary>
    private static readonly Version Oldest = new(3, 51, 3);

    /// <summary>A start may take this much reading; a larger file is checked by its owner.</summary>
    private const long QuickCheckBytes = 256L << 20;

    public static async Task CheckVersionAsync(AppDbContext db, CancellationToken cancellationToken)
    {
        var version = Version.Parse(await ReadAsync(db, "SELECT sqlite_version()", cancellationToken));
        if (version < Oldest)
            throw new StartRefusedException($"SQLite {version} is loaded, but {Oldest} or newer is needed. Publish the app again.");
    }

    /// <summary>Is the file in WAL mode, and whole?</summary>
    public static async Task CheckFileAsync(AppDbContext db, CancellationToken cancellationToken)
    {
        if (await ReadAsync(db, "PRAGMA journal_mode", cancellationToken) is not "wal" and var mode)
            throw new StartRefusedException($"The database is in journal mode '{mode}' and does not change to 'wal'. Put Data__Folder on a local disk.");
        var file = new FileInfo(((SqliteConnection)db.Database.GetDbConnection()).DataSource);
        if (file.Length <= QuickCheckBytes && await ReadAsync(db, "PRAGMA quick_check(1)", cancellationToken) is not "ok" and var fault)
            throw Damaged(fault);
    }

    /// <summary>Whether it is no fault of the file: SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL or SQLITE_CANTOPEN.</summary>
    public static bool IsOfTheDisk(SqliteException failure) => failure.SqliteErrorCode is 8 or 10 or 13 or 14;

    public static StartRefusedException Damaged(string fault, Exception? inner = null) =>
        new($"The database file is damaged ({fault.ReplaceLineEndings(" ")}). Keep a copy of the data folder, and put back a copy of the database with ./run restore FILE.", inner);

    private static async Task<string> ReadAsync(AppDbContext db, string sql, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
