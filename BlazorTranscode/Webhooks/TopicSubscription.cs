using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Webhooks;

/// <summary>What we know of our subscription to one topic.</summary>
internal sealed class TopicSubscription
{
    public required string TopicArn { get; init; }

    /// <summary>False after somebody ended the subscription, until a message comes again.</summary>
    public bool IsActive { get; set; }

    /// <summary>When <see cref="IsActive"/> last changed, by the time of the message that changed it.</summary>
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>When the topic last sent anything genuine.</summary>
    public DateTimeOffset LastDeliveryAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TopicSubscription>
    {
        public void Configure(EntityTypeBuilder<TopicSubscription> builder)
        {
            builder.ToTable("TopicSubscriptions");
            builder.HasKey(s => s.TopicArn);
            builder.Property(s => s.TopicArn).HasMaxLength(256);
        }
    }
}
