using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// An engine elsewhere is still to be told to stop a job. Written in the transaction that cancels the job, and worked off until the engine
/// has answered, because nobody who clicks shall wait for it, and a job that runs on costs money. It outlives the job's row.
/// </summary>
internal sealed class EngineCancellation
{
    public required Guid JobId { get; init; }

    /// <summary>The <see cref="ITranscoder.Name"/> that has it.</summary>
    public required string Engine { get; init; }

    public required string EngineJobId { get; init; }

    /// <summary>When the engine is told next.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>How often that has failed.</summary>
    public int Tries { get; set; }

    /// <summary>Notes inside the caller's transaction that an engine is to be told to stop.</summary>
    public static void Add(AppDbContext db, Guid jobId, string engine, string engineJobId, DateTimeOffset now) =>
        db.TryInsert(new EngineCancellation { JobId = jobId, Engine = engine, EngineJobId = engineJobId, DueAt = now });

    internal sealed class Configuration : IEntityTypeConfiguration<EngineCancellation>
    {
        public void Configure(EntityTypeBuilder<EngineCancellation> builder)
        {
            builder.ToTable("EngineCancellations");
            builder.HasKey(c => new { c.Engine, c.EngineJobId });
            builder.HasIndex(c => c.DueAt);
        }
    }
}
