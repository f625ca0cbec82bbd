using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Data;

/// <summary>What this database knows of itself; one row, made by the migration.</summary>
internal sealed class Installation
{
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    /// <summary>The id that this database shares with its media store; null until the store is adopted.</summary>
    public Guid? StoreId { get; set; }

    /// <summary>
    /// Rises at every start and every hour, here and in a file of the data folder. A database whose number is lower than the file's was
    /// restored, and may not know what was stored since.
    /// </summary>
    public long Starts { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Installation>
    {
        public void Configure(EntityTypeBuilder<Installation> builder)
        {
            builder.ToTable("Installation");
            builder.HasKey(i => i.Id);
            builder.Property(i => i.Id).ValueGeneratedNever();
            builder.HasData(new Installation());
        }
    }
}

internal static class DataSets
{
    extension(AppDbContext db)
    {
        public DbSet<Installation> Installations => db.Set<Installation>();
    }
}
