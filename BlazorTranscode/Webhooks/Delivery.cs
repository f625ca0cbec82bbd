using System.Globalization;
using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BlazorTranscode.Webhooks;

/// <summary>What became of a delivery that was accepted.</summary>
internal enum DeliveryOutcome
{
    /// <summary>It speaks of a job that we do not know yet, or whose engine's id we have not stored yet: kept, and applied when we have.</summary>
    Waiting = 1,

    /// <summary>It moved its job.</summary>
    Applied = 2,

    /// <summary>It said nothing new: late, or the job had ended already.</summary>
    NothingNew = 3,

    /// <summary>It names a job of ours together with an engine's id that is not that job's. Nothing was changed.</summary>
    OtherJob = 4,

    /// <summary>Our topic sent it, but it is in no format that we know.</summary>
    NotUnderstood = 5,

    /// <summary>A subscription was confirmed with it.</summary>
    Confirmed = 6,

    /// <summary>SNS did not accept the confirmation, for a reason that will not pass.</summary>
    ConfirmationRefused = 7,

    /// <summary>Somebody ended the subscription.</summary>
    Unsubscribed = 8,
}

/// <summary>
/// One message that a topic of ours sent and that we answered for. The row is written in the transaction that does what the message
/// asks, so a repeated one finds it and does nothing. Forged messages get no row: they could fill the disk and block genuine ids.
/// </summary>
internal sealed class Delivery
{
    /// <summary>The most characters of a message that are kept once nothing more is to be done with it.</summary>
    public const int KeptBody = 4000;

    public long Id { get; init; }

    public required string TopicArn { get; init; }

    /// <summary>The id that SNS gave it, the same each time it is sent; unique with the topic.</summary>
    public required string MessageId { get; init; }

    public required SnsType Type { get; init; }

    public required int SignatureVersion { get; init; }

    /// <summary>When it was published.</summary>
    public required DateTimeOffset SentAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The address that it came from; null if we fetched it from the queue.</summary>
    public required string? RemoteAddress { get; init; }

    public ReportSource Source => RemoteAddress is null ? ReportSource.Queue : ReportSource.Webhook;

    public DeliveryOutcome Outcome { get; set; }

    /// <summary>The job it speaks of, if it is a report that names one.</summary>
    public Guid? JobId { get; set; }

    /// <summary>The engine's id of the job it speaks of.</summary>
    public string? EngineJobId { get; set; }

    /// <summary>The published text: whole while <see cref="DeliveryOutcome.Waiting"/>, else its beginning.</summary>
    public required string Body { get; set; }

    /// <summary>How often it came again.</summary>
    public int Repeats { get; set; }

    /// <summary>When it was applied, if that was later than it came.</summary>
    public DateTimeOffset? AppliedAt { get; set; }

    /// <summary>The row of a message whose signature was checked.</summary>
    public static Delivery Of(SnsEnvelope envelope, DateTimeOffset receivedAt, string? remoteAddress) => new()
    {
        TopicArn = envelope.TopicArn, MessageId = envelope.MessageId, Type = envelope.Type,
        SignatureVersion = int.Parse(envelope.SignatureVersion, CultureInfo.InvariantCulture),
        SentAt = SnsVerifier.SentAt(envelope)!.Value, ReceivedAt = receivedAt, RemoteAddress = remoteAddress,
        Body = envelope.Message.Replace("\0", "\\u0000", StringComparison.Ordinal), // not every database can hold a NUL
    };

    /// <summary>Keeps only the beginning of the body, unless the rest is still needed.</summary>
    public void CutBody()
    {
        if (Outcome == DeliveryOutcome.Waiting || Body.Length <= KeptBody)
            return;
        Body = Body[..(char.IsHighSurrogate(Body[KeptBody - 1]) ? KeptBody - 1 : KeptBody)];
    }

    internal sealed class Configuration : IEntityTypeConfiguration<Delivery>
    {
        public void Configure(EntityTypeBuilder<Delivery> builder)
        {
            builder.ToTable("Deliveries");
            builder.HasKey(d => d.Id);
            builder.Property(d => d.TopicArn).HasMaxLength(256);
            builder.Property(d => d.MessageId).HasMaxLength(100);
            builder.Property(d => d.EngineJobId).HasMaxLength(100);
            builder.Property(d => d.RemoteAddress).HasMaxLength(64);
            // Unique on topic and message id: the time is signed with them, so it is the same each time a message is sent. It stands first
            // because ids are random, and an index on them would have to write a page of its own for nearly every row.
            builder.HasIndex(d => new { d.SentAt, d.MessageId, d.TopicArn }).IsUnique();
            builder.HasIndex(d => d.Outcome).HasFilter("\"Outcome\" = 1");
        }
    }
}

internal static class WebhookSets
{
    extension(AppDbContext db)
    {
        public DbSet<Delivery> Deliveries => db.Set<Delivery>();
        public DbSet<TopicSubscription> TopicSubscriptions => db.Set<TopicSubscription>();
    }
}
