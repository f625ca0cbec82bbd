using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace BlazorTranscode.Data;

/// <summary>
/// Lets <c>dotnet ef</c> build the model without starting the app. The schema version of Identity (3 has passkeys) is read from the
/// services and from nowhere else, so whoever builds a context without the app needs the one that Accounts sets.
/// </summary>
internal sealed class DesignTimeDatabase : IDesignTimeDbContextFactory<AppDbContext>
{
    public AppDbContext CreateDbContext(string[] args) => new(Options("Data Source=design.db").Options);

    public static DbContextOptionsBuilder<AppDbContext> Options(string connectionString) =>
        new DbContextOptionsBuilder<AppDbContext>().UseSqlite(connectionString).UseApplicationServiceProvider(new ServiceCollection()
            .Configure<IdentityOptions>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3)
            .BuildServiceProvider());
}
