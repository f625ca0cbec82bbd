using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Uploads;

/// <summary>A file on its way in. When it is whole it becomes an AudioFile with the same id, in one transaction with its job.</summary>
internal sealed class Upload
{
    public required Guid Id { get; init; }

    public required string OwnerId { get; init; }

    /// <summary>What the person called the file, cleaned for display.</summary>
    public required string Name { get; init; }

    /// <summary>Announced size in bytes.</summary>
    public required long Length { get; init; }

    public required List<string> PresetIds { get; init; }

    /// <summary>The metadata header as it came: the protocol wants it back on request.</summary>
    public required string Metadata { get; init; }

    public required string StorageKey { get; init; }

    /// <summary>The media store's handle of the unfinished object; null until the store has begun one, which comes after the row.</summary>
    public string? StorageHandle { get; set; }

    /// <summary>Checksums of what has arrived, so that it can be compared with a file before more is added; see <see cref="UploadChecksums"/>.</summary>
    public byte[] Checksums { get; set; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Set in the transaction that made the AudioFile, so that a client that lost the answer still gets one.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Upload>
    {
        public void Configure(EntityTypeBuilder<Upload> builder)
        {
            builder.ToTable("Uploads");
            builder.HasKey(u => u.Id);
            builder.Property(u => u.Id).ValueGeneratedNever();
            builder.Property(u => u.Name).HasMaxLength(DisplayName.MaxLength);
            builder.Property(u => u.Metadata).HasMaxLength(TusMetadata.MaxLength);
            builder.HasIndex(u => u.ExpiresAt);
            builder.HasIndex(u => u.OwnerId);
        }
    }
}

internal static class UploadSets
{
    extension(AppDbContext db)
    {
        public DbSet<Upload> Uploads => db.Set<Upload>();
    }
}
