using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>A migrated SQLite database of its own, with the pragmas of the real one, for tests that need no app around it.</summary>
internal sealed class TestDatabase : IDbContextFactory<AppDbContext>, IDisposable
{
    private static readonly Lazy<byte[]> Migrated = new(Migrate);

    private readonly TempFolder _folder = new();
    private readonly DbContextOptions<AppDbContext> _options;

    public WriteGate Gate { get; } = new(TimeProvider.System, NullLogger<WriteGate>.Instance) { Patience = Eventually.Deadline };

    public string Path => _folder.File("test.db");

    /// <param name="version">The migration up to which it is built; all if null.</param>
    public TestDatabase(string? version = null)
    {
        _options = (DbContextOptions<AppDbContext>)DesignTimeDatabase.Options($"Data Source={Path};Default Timeout=60;Pooling=false")
            .AddInterceptors(new SqlitePragmas()).UseTurns(new WriteTurns(Gate)).Options;
        if (version is null)
        {
            WriteTo(Path);
            return;
        }

        using var db = CreateDbContext();
        db.Database.Migrate(version);
    }

    /// <summary>Writes a database that is new: migrated, and without people. Hundreds of tests want one, so it is migrated once.</summary>
    public static void WriteTo(string path) => File.WriteAllBytes(path, Migrated.Value);

    public AppDbContext CreateDbContext() => new(_options);

    public void Dispose() => _folder.Dispose();

    private static byte[] Migrate()
    {
        using var folder = new TempFolder();
        using (var db = new AppDbContext(DesignTimeDatabase.Options($"Data Source={folder.File("new.db")};Pooling=false").Options))
            db.Database.Migrate();
        return File.ReadAllBytes(folder.File("new.db"));
    }
}
