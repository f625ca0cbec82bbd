using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Audio;

/// <summary>One output of one file in one format, whole and in the media store.</summary>
internal sealed class Rendition
{
    public required Guid Id { get; init; }

    public required Guid AudioFileId { get; init; }

    /// <summary>The <see cref="Preset.Id"/> it was made with.</summary>
    public required string PresetId { get; init; }

    public required string StorageKey { get; init; }

    /// <summary>Size in bytes; 0 while nobody has said, as with engines elsewhere until the store was asked.</summary>
    public required long Length { get; init; }

    public required TimeSpan Duration { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<Rendition>
    {
        public void Configure(EntityTypeBuilder<Rendition> builder)
        {
            builder.ToTable("Renditions");
            builder.HasKey(r => r.Id);
            builder.Property(r => r.Id).ValueGeneratedNever();
            builder.Property(r => r.PresetId).HasMaxLength(20);
            builder.Property(r => r.StorageKey).HasMaxLength(200);
            builder.HasIndex(r => new { r.AudioFileId, r.PresetId }).IsUnique();
        }
    }
}
