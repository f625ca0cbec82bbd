using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace BlazorTranscode.Data;

/// <summary>
/// Brings a database to the version of this program, in one transaction, so that a kill or a full disk leaves the old version. EF Core's own
/// way ends the transaction wherever it rebuilds a table, and takes a lock that outlives the process, so that the next start waits for ever;
/// here the lock of the data folder has already made sure that there is one process.
/// </summary>
internal sealed partial class DatabaseMigration(TimeProvider time, ILogger<DatabaseMigration> logger)
{
    /// <exception cref="StartRefusedException">The database is not one that this program can use.</exception>
    public async Task RunAsync(AppDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        List<string> known = [.. db.Database.GetMigrations()];
        var version = await DatabaseVersion.ReadAsync(connection, cancellationToken);
        if (version.Fault(known) is { } fault)
        {
            throw new StartRefusedException(
                $"The database {connection.DataSource} {fault}. Start the version that wrote it, or put back an older copy with ./run restore FILE.");
        }

        if (version.Applied.Count == known.Count)
            return;
        if (version.HasTables)
            LogCopied(await CopyAsync(connection, known[^1], cancellationToken));
        await ApplyAsync(db, known.Skip(version.Applied.Count), cancellationToken);
    }

    private static async Task ApplyAsync(AppDbContext db, IEnumerable<string> pending, CancellationToken cancellationToken)
    {
        // A table that is rebuilt is dropped for a moment. SQLite ignores this inside a transaction.
        await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = OFF", cancellationToken);
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = transaction.GetDbTransaction();
            foreach (var sql in Statements(db, pending))
            {
                command.CommandText = sql;
                await command.ExecuteNonQueryAsync(cancellationToken);
                CrashPoint.Pass("migrating");
            }

            command.CommandText = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
            if (await command.ExecuteScalarAsync(cancellationToken) is string broken)
                throw new StartRefusedException($"The database was left as it was: its new version would have rows in {broken} that belong to nothing.");
            await transaction.CommitAsync(cancellationToken);
        }
        finally
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = ON", CancellationToken.None);
        }
    }

    private static IEnumerable<string> Statements(AppDbContext db, IEnumerable<string> pending)
    {
        var (assembly, history) = (db.GetService<IMigrationsAssembly>(), db.GetService<IHistoryRepository>());
        yield return history.GetCreateIfNotExistsScript();
        foreach (var id in pending)
        {
            var migration = assembly.CreateMigration(assembly.Migrations[id], db.Database.ProviderName!);
            var model = db.GetService<IModelRuntimeInitializer>().Initialize(migration.TargetModel);
            // What must not run in a transaction is the pragma of above.
            foreach (var command in db.GetService<IMigrationsSqlGenerator>().Generate(migration.UpOperations, model).Where(c => !c.TransactionSuppressed))
                yield return command.CommandText;
            yield return history.GetInsertScript(new(id, ProductInfo.GetVersion()));
        }
    }

    /// <summary>Copies the database before it is changed. One that a start made which was then killed has the same bytes, and is enough.</summary>
    private async Task<string> CopyAsync(SqliteConnection connection, string last, CancellationToken cancellationToken)
    {
        var path = $"{connection.DataSource}.before-{last}";
        var earlier = File.Exists(path) ? path : null;
        if (earlier is not null)
            path += $"-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        try
        {
            await DatabaseCopy.WriteAsync(connection, path, cancellationToken);
            if (earlier is null || !await IsSameAsync(earlier, path, cancellationToken))
                return path;
            File.Delete(path);
            return earlier;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException || (failure is SqliteException sqlite && SqliteFitness.IsOfTheDisk(sqlite)))
        {
            throw new StartRefusedException(
                $"The database must be brought to the version of this program, and there is no room for a copy of it before ({failure.Message}). "
                + $"Nothing was changed. Make room for {new FileInfo(connection.DataSource).Length >> 20} MiB on the disk of {connection.DataSource} and start again.", failure);
        }
    }

    private static async Task<bool> IsSameAsync(string one, string other, CancellationToken cancellationToken) =>
        new FileInfo(one).Length == new FileInfo(other).Length
        && await HashAsync(one, cancellationToken) == await HashAsync(other, cancellationToken);

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(file, cancellationToken));
    }

    [LoggerMessage(LogLevel.Information, "The database is brought to the version of this program. As it was it is kept as {Path}, which an older version puts back with ./run restore")]
    private partial void LogCopied(string path);
}
