using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Data;

/// <summary>
/// The one database context. It names no feature: entity configurations are found by assembly scan, and each folder offers its
/// own sets as extension properties.
/// </summary>
internal sealed class AppDbContext : IdentityDbContext<AppUser>
{
    public AppDbContext(DbContextOptions<AppDbContext> options) : base(options) =>
        // Also for a single row, so that whatever is saved waits for its turn in one way: see WriteGate.
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(AppDbContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        // The same for a value that stands in a statement of our own.
        configurationBuilder.DefaultTypeMapping<DateTimeOffset>().HasConversion<UtcTicksConverter>();
    }
}
