using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>A migrated SQLite database of its own, with the pragmas of the real one, for tests that need no app around it.</summary>
internal sealed class TestDatabase : IDbContextFactory<AppDbContext>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DbContextOptions<AppDbContext> _options;

    /// <param name="version">The migration up to which it is built; all if null.</param>
    public TestDatabase(string? version = null)
    {
        _options = DesignTimeDatabase.Options($"Data Source={_folder.File("test.db")};Default Timeout=60;Pooling=false")
            .AddInterceptors(new SqlitePragmas()).Options;
        using var db = CreateDbContext();
        db.Database.Migrate(version);
    }

    public AppDbContext CreateDbContext() => new(_options);

    public void Dispose() => _folder.Dispose();
}
