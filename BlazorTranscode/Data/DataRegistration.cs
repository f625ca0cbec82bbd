using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace BlazorTranscode.Data;

internal static class DataRegistration
{
    /// <summary>The database, the key ring and the folder that both live in.</summary>
    public static void AddData(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<DataOptions>();
        builder.Services.AddSingleton<DataFolder>();
        builder.Services.AddSingleton<InstallationFile>();
        builder.Services.AddSingleton<SqlitePragmas>();
        builder.Services.AddSingleton(services => new WriteGate(TimeProvider.System, services.GetRequiredService<ILogger<WriteGate>>()));
        builder.Services.AddSingleton<WriteTurns>();
        builder.Services.AddSingleton<DatabaseMigration>();
        builder.Services.AddSingleton<DatabaseCommands>();
        ForgetMemoryStatistics();
        builder.Services.AddDbContextFactory<AppDbContext>((services, options) => options
            .UseSqlite(services.GetRequiredService<IOptions<DataOptions>>().Value.ConnectionString,
                // A list is one parameter, so that its length does not change the statement.
                sqlite => sqlite.UseParameterizedCollectionMode(ParameterTranslationMode.Parameter))
            .AddInterceptors(services.GetRequiredService<SqlitePragmas>())
            .UseTurns(services.GetRequiredService<WriteTurns>()));
        builder.Services.AddDataProtection().SetApplicationName("BlazorTranscode");
        builder.Services.AddSingleton(services => new KeyFolder(
            new DirectoryInfo(services.GetRequiredService<IOptions<DataOptions>>().Value.Keys), services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>()
            .Configure<KeyFolder>((keys, folder) => keys.XmlRepository = folder);
    }

    /// <summary>Has the writes of a context wait for their turn.</summary>
    public static DbContextOptionsBuilder UseTurns(this DbContextOptionsBuilder options, WriteTurns turns) =>
        options.AddInterceptors(turns).ReplaceService<IRelationalTransactionFactory, TurnTransaction.Factory>();

    /// <summary>
    /// SQLite counts its memory under a lock of the whole process, and nobody asks. It takes this only before its first connection, so in a
    /// process with several apps the first one decides for all; which they do alike.
    /// </summary>
    public static void ForgetMemoryStatistics()
    {
        Batteries_V2.Init();
        raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    /// <summary>Takes the data folder and brings the database to the version this program was built for. Runs before anything listens.</summary>
    /// <exception cref="StartRefusedException">The folder or the database is not fit for use.</exception>
    public static async Task MigrateAsync(this WebApplication app)
    {
        app.Services.GetRequiredService<DataFolder>().Open();
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<AppDbContext>>().CreateDbContextAsync();
        try
        {
            await SqliteFitness.CheckVersionAsync(db, CancellationToken.None);
            await SqliteFitness.CheckFileAsync(db, CancellationToken.None);
            await app.Services.GetRequiredService<DatabaseMigration>().RunAsync(db, CancellationToken.None);
        }
        catch (SqliteException damaged) when (damaged.SqliteErrorCode is SqliteFitness.Corrupt or SqliteFitness.NotADatabase)
        {
            throw SqliteFitness.Damaged(damaged.Message, damaged);
        }
        catch (SqliteException failure) when (SqliteFitness.IsOfTheDisk(failure))
        {
            throw new StartRefusedException(
                $"The database cannot be opened or written ({failure.Message}). Make room on the disk of Data__Folder, and let this user write there.", failure);
        }
    }
}
