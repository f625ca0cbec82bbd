using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Data;

/// <summary>What a person with a shell on the machine may do with the whole database. What goes wrong is a <see cref="StartRefusedException"/>.</summary>
internal sealed class DatabaseCommands(
    DataFolder folder, IDbContextFactory<AppDbContext> databases, IOptions<DataOptions> options, TimeProvider time)
{
    private string Database => options.Value.Database;

    /// <summary>Copies the database, also beside a running app.</summary>
    /// <param name="target">The file to make, or a folder in which it gets a name with the time.</param>
    /// <returns>What was done, for the person.</returns>
    public async Task<string> BackupAsync(string target, CancellationToken cancellationToken)
    {
        if (!File.Exists(Database))
            throw new StartRefusedException($"There is no database {Database}. Name the folder of the app with Data__Folder.");
        var path = Path.GetFullPath(target);
        if (Directory.Exists(path))
            path = Path.Combine(path, $"app-{time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}.db");
        try
        {
            await using var connection = await OpenAsync(Database, cancellationToken);
            await DatabaseCopy.WriteAsync(connection, path, cancellationToken);
        }
        catch (Exception failure) when (IsOfAFile(failure))
        {
            throw new StartRefusedException($"The copy could not be made ({failure.Message}).", failure);
        }

        return $"""
            The database was copied to {path}; "restore {path}" puts it back.
            The audio is not in the copy, nor are the keys, without which everybody has to sign in again: copy {options.Value.Media} and {options.Value.Keys} after this, or look after the bucket.
            """;
    }

    /// <summary>Puts a copy in the place of the database. No app may run on the folder; what was there stays beside it.</summary>
    /// <returns>What was done and what comes next, for the person.</returns>
    public async Task<string> RestoreAsync(string source, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(source);
        if (!File.Exists(file))
            throw new StartRefusedException($"There is no file {file}.");
        if (file == Database)
            throw new StartRefusedException($"{file} is the database itself. Name the copy that shall take its place.");
        folder.Take();
        var draft = $"{Database}.restoring";
        try
        {
            DatabaseSwap.Finish(Database);
            Remove(draft);
            // With its log, if it was copied from a running app as it lay there.
            foreach (var end in DatabaseSwap.Ends.Where(end => end != "-shm" && File.Exists(file + end)))
                File.Copy(file + end, draft + end);
            var content = await CheckAsync(file, draft, cancellationToken);
            File.SetLastWriteTimeUtc(draft, time.GetUtcNow().UtcDateTime);
            DurableFile.Publish(draft, DatabaseSwap.Waiting(Database));
            CrashPoint.Pass("restore-waits");
            var aside = DatabaseSwap.Finish(Database);
            return $"""
                {file} ({content}) is now the database {Database}.
                {(aside is null ? "There was none before." : $"The one that was there is kept as {aside}; delete it when you miss nothing.")}
                No audio was touched. Start the app again: it keeps all audio that it finds, also what this database does not know, and people sign in with the passwords of that day.
                """;
        }
        catch (Exception failure) when (IsOfAFile(failure))
        {
            throw new StartRefusedException($"{file} could not be put back ({failure.Message}). The database is as it was.", failure);
        }
        finally
        {
            Remove(draft);
        }
    }

    /// <summary>Whether the copy is whole, ours and not newer than the program. Its log ends up in it.</summary>
    /// <returns>What is in it.</returns>
    private async Task<string> CheckAsync(string file, string draft, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(draft, cancellationToken);
            if (await ReadAsync(connection, "PRAGMA quick_check(1)", cancellationToken) is var found and not "ok")
                throw new StartRefusedException($"{file} is damaged ({found.ReplaceLineEndings(" ")}). The database is as it was. Choose another copy.");
            var version = await DatabaseVersion.ReadAsync(connection, cancellationToken);
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (version.Applied.Count == 0)
                throw new StartRefusedException($"{file} is no database of BlazorTranscode. The database is as it was.");
            if (version.Fault([.. db.Database.GetMigrations()]) is { } fault)
                throw new StartRefusedException($"{file} {fault}. The database is as it was. Restore with the version that wrote it, or choose another copy.");
            var content = await ReadAsync(connection, """
                SELECT (SELECT count(*) FROM "AspNetUsers") || ' accounts, ' || (SELECT count(*) FROM "AudioFiles") || ' files'
                """, cancellationToken);
            await ForgetStartsAsync(connection, cancellationToken);
            await ReadAsync(connection, "PRAGMA journal_mode = DELETE", cancellationToken);
            return content;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is SqliteFitness.NotADatabase or SqliteFitness.Corrupt)
        {
            throw new StartRefusedException($"{file} is damaged or no database ({failure.Message}). The database is as it was. Choose another copy.", failure);
        }
    }

    /// <summary>The next start takes a database that counts fewer starts than its folder for a restored one. A copy of this hour would count as many.</summary>
    private static async Task ForgetStartsAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        if (await ReadAsync(connection, "SELECT count(*) || '' FROM sqlite_schema WHERE name = 'Installation'", cancellationToken) == "0")
            return; // of a version that did not count
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE \"Installation\" SET \"Starts\" = 0";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static bool IsOfAFile(Exception failure) => failure is IOException or UnauthorizedAccessException or SqliteException;

    private static void Remove(string draft)
    {
        foreach (var end in DatabaseSwap.Ends)
            File.Delete(draft + end);
    }

    private static async Task<SqliteConnection> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task<string> ReadAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
