using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace BlazorTranscode.Data;

/// <summary>
/// Lets <c>dotnet ef</c> build the model without starting the app. The schema version of Identity (3 has passkeys) is read from the
/// services and from nowhere else, so the tools need the one that Accounts sets.
/// </summary>
internal sealed class DesignTimeDatabase : IDesignTimeDbContextFactory<AppDbContext>
{
    public AppDbContext CreateDbContext(string[] args)
    {
        var services = new ServiceCollection()
            .Configure<IdentityOptions>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3)
            .BuildServiceProvider();
        return new(new DbContextOptionsBuilder<AppDbContext>()
            .UseSqlite("Data Source=design.db").UseApplicationServiceProvider(services).Options);
    }
}
