using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Storage;

/// <summary>
/// Bytes in the media store that shall go, and the day from which on they may. The program deletes what stands here and nothing else: that
/// a row is missing elsewhere proves nothing, because a restored database knows less than its store.
/// </summary>
/// <remarks>
/// The row is written before the bytes that it is about, or in the transaction that gives them up. Who keeps the bytes after all removes
/// the row in the transaction that makes them part of a file.
/// </remarks>
internal sealed class PendingDeletion
{
    public required Guid Id { get; init; }

    /// <summary>The key of the object, whole or unfinished.</summary>
    public required string StorageKey { get; init; }

    /// <summary>The store's handle if an unfinished object is meant; null if the whole one is.</summary>
    public string? StorageHandle { get; init; }

    /// <summary>Why it shall go.</summary>
    public required DeletionReason Reason { get; init; }

    /// <summary>Whose bytes they were, so that they still count for this person; null if that is not known.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Size in bytes, as far as it is known.</summary>
    public long Length { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not before this moment.</summary>
    public required DateTimeOffset DueAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<PendingDeletion>
    {
        public void Configure(EntityTypeBuilder<PendingDeletion> builder)
        {
            builder.ToTable("PendingDeletions");
            builder.HasKey(d => d.Id);
            builder.Property(d => d.Id).ValueGeneratedNever();
            builder.Property(d => d.StorageKey).HasMaxLength(200);
            builder.HasIndex(d => d.DueAt);
            builder.HasIndex(d => d.StorageKey);
            builder.HasIndex(d => d.OwnerId);
        }
    }
}

/// <summary>Why bytes are to be deleted. Stored as a number, so the order is for ever.</summary>
internal enum DeletionReason
{
    /// <summary>Their owner deleted the file.</summary>
    FileDeleted,

    /// <summary>The upload was cancelled, or has rested too long.</summary>
    UploadAbandoned,

    /// <summary>An attempt at a job makes them, and until its report is applied nobody knows whether they are wanted.</summary>
    OutputOfAttempt,

    /// <summary>An administrator moved what no row knows to the trash.</summary>
    MovedToTrash,
}

internal static class StorageSets
{
    extension(AppDbContext db)
    {
        public DbSet<PendingDeletion> PendingDeletions => db.Set<PendingDeletion>();
    }
}
