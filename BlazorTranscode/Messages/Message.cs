using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Messages;

/// <summary>What a message tells, and so how its alert looks.</summary>
internal enum MessageKind
{
    /// <summary>The file is ready.</summary>
    Ready = 1,

    /// <summary>The file is ready, but something about it deserves a look.</summary>
    ReadyWithWarning = 2,

    /// <summary>The file could not be made; the text says why.</summary>
    Failed = 3,
}

/// <summary>One piece of news for one person. It becomes an alert until it is read (closed), and then waits in the history.</summary>
internal sealed class Message
{
    public required Guid Id { get; init; }

    public required string OwnerId { get; init; }

    public required MessageKind Kind { get; init; }

    /// <summary>Plain text; never markup.</summary>
    public required string Text { get; init; }

    /// <summary>The file it is about. An id only: the file may be gone.</summary>
    public required Guid FileId { get; init; }

    /// <summary>What happened once must be told once: unique with <see cref="Kind"/>.</summary>
    public required Guid JobId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>Set when the person or the file's deletion took it away; the row stays as a tombstone so that every tab hears of it.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    /// <summary>When a tab first had it on screen; null while nobody could see it.</summary>
    public DateTimeOffset? FirstShownAt { get; set; }

    /// <summary>How many tabs have had it on screen.</summary>
    public int ShownInTabs { get; set; }

    /// <summary>The owner's <see cref="Mailbox.Version"/> at the last change of this row.</summary>
    public long Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.ToTable("Messages");
            builder.HasKey(m => m.Id);
            builder.Property(m => m.Id).ValueGeneratedNever();
            builder.Property(m => m.Text).HasMaxLength(1000);
            builder.HasIndex(m => new { m.JobId, m.Kind }).IsUnique();
            // What changed is a range of it. What is unread is found by reading one person's part of it, without the rows: a second index for that
            // would cost every message more than it saves a page.
            builder.HasIndex(m => new { m.OwnerId, m.Version, m.ReadAt, m.RemovedAt });
        }
    }
}
