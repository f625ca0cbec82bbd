using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Audio;

/// <summary>One upload that arrived whole: the source that renditions are made from.</summary>
internal sealed class AudioFile
{
    /// <summary>Also the id of the upload it came from, which is what makes finishing an upload twice harmless.</summary>
    public required Guid Id { get; init; }

    public required string OwnerId { get; init; }

    /// <summary>What the person called it: for display and for the download's name, never a path.</summary>
    public required string Name { get; init; }

    /// <summary>Size of the source in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Where the source lies in the media store; generated, tells nothing.</summary>
    public required string StorageKey { get; init; }

    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>How long the source plays, as decoded; null until a transcode has found out.</summary>
    public TimeSpan? Duration { get; set; }

    public List<Rendition> Renditions { get; } = [];

    internal sealed class Configuration : IEntityTypeConfiguration<AudioFile>
    {
        public void Configure(EntityTypeBuilder<AudioFile> builder)
        {
            builder.ToTable("AudioFiles");
            builder.HasKey(f => f.Id);
            builder.Property(f => f.Id).ValueGeneratedNever();
            builder.Property(f => f.Name).HasMaxLength(200);
            builder.Property(f => f.StorageKey).HasMaxLength(200);
            builder.HasIndex(f => new { f.OwnerId, f.UploadedAt });
            builder.HasMany(f => f.Renditions).WithOne().HasForeignKey(r => r.AudioFileId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
