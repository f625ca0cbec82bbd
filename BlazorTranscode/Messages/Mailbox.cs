using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Messages;

/// <summary>
/// One row per person whose version rises with every change to their messages, in the same transaction. The row is locked until the
/// commit, so for one person version order is commit order; ids and clocks give no such promise.
/// </summary>
internal sealed class Mailbox
{
    public required string UserId { get; init; }

    public long Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Mailbox>
    {
        public void Configure(EntityTypeBuilder<Mailbox> builder)
        {
            builder.ToTable("Mailboxes");
            builder.HasKey(m => m.UserId);
        }
    }
}

internal static class MessageSets
{
    extension(AppDbContext db)
    {
        public DbSet<Message> Messages => db.Set<Message>();
        public DbSet<Mailbox> Mailboxes => db.Set<Mailbox>();
    }
}
