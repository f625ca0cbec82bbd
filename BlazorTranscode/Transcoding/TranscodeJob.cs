using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Transcoding;

/// <summary>The wish to have one file in some formats, and what became of it. This row says what is true; the queue only says who works when.</summary>
internal sealed class TranscodeJob
{
    public required Guid Id { get; init; }

    public required Guid AudioFileId { get; init; }

    public required string OwnerId { get; init; }

    /// <summary>The <see cref="Preset.Id"/>s asked for.</summary>
    public required List<string> PresetIds { get; init; }

    public JobState State { get; set; }

    /// <summary>
    /// How often an engine has begun. It is the fence: who began attempt n writes only where the row still says n, so a process that was
    /// thought dead can change nothing.
    /// </summary>
    public int Attempt { get; set; }

    /// <summary>Attempts that an engine ended by failing. Neither a stop nor a death of the app is one of them.</summary>
    public int Failures { get; set; }

    /// <summary>Attempts that ended because the app died. They are no fault of the file.</summary>
    public int Interruptions { get; set; }

    /// <summary>
    /// The place in line: the lowest goes first, and among equals the oldest. A person's next job stands one turn behind their last, so that
    /// people take turns and not files.
    /// </summary>
    public long Turn { get; set; }

    /// <summary>Not to be begun before this moment, because something failed that may pass; null if nothing speaks against it.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Bytes that its outputs may come to while it is worked on; they count for its owner. 0 when nobody works on it.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>The name of the <see cref="ITranscoder"/> that has it.</summary>
    public string? Engine { get; set; }

    /// <summary>The engine's own id of the job, where it has one.</summary>
    public string? EngineJobId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>How the end was heard of; null until then.</summary>
    public ReportSource? HeardBy { get; set; }

    /// <summary>When to ask the engine next, if it says nothing by itself; null for an engine in this process, and when the job has ended.</summary>
    public DateTimeOffset? NextCheckAt { get; set; }

    /// <summary>How often the engine was asked.</summary>
    public int Checks { get; set; }

    /// <summary>Why it failed, or what deserves a look although it succeeded: a sentence for its owner.</summary>
    public string? Reason { get; set; }

    /// <summary>The engine's own words (code, last lines of its log), for the file's page.</summary>
    public string? Detail { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TranscodeJob>
    {
        public void Configure(EntityTypeBuilder<TranscodeJob> builder)
        {
            builder.ToTable("TranscodeJobs");
            builder.HasKey(j => j.Id);
            builder.Property(j => j.Id).ValueGeneratedNever();
            builder.Property(j => j.Reason).HasMaxLength(500);
            builder.Property(j => j.Detail).HasMaxLength(4000);
            builder.HasOne<AudioFile>().WithMany().HasForeignKey(j => j.AudioFileId).OnDelete(DeleteBehavior.Cascade);
            builder.HasIndex(j => new { j.State, j.CreatedAt });
            builder.HasIndex(j => new { j.State, j.Turn, j.CreatedAt });
            builder.HasIndex(j => new { j.OwnerId, j.Turn });
            builder.HasIndex(j => j.AudioFileId);
            builder.HasIndex(j => new { j.Engine, j.NextCheckAt }).HasFilter("\"NextCheckAt\" IS NOT NULL");
            builder.HasIndex(j => new { j.Engine, j.EngineJobId }).IsUnique();
        }
    }
}

internal static class TranscodingSets
{
    extension(AppDbContext db)
    {
        public DbSet<TranscodeJob> TranscodeJobs => db.Set<TranscodeJob>();

        public DbSet<EngineCancellation> EngineCancellations => db.Set<EngineCancellation>();
    }
}
