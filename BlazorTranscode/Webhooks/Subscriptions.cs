using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>Our subscriptions to the configured topics: confirms them, and knows whether they live.</summary>
internal sealed partial class Subscriptions(
    IDbContextFactory<AppDbContext> databases, IHttpClientFactory http, IOptions<SnsOptions> options, SnsVerifier verifier, SubscriptionHealth health,
    ILogger<Subscriptions> logger)
{
    /// <summary>
    /// Confirms the subscription that a verified message offers, at the endpoint that we know, never at the address that it names.
    /// Confirming twice is harmless.
    /// </summary>
    /// <returns>Null if the endpoint cannot be reached now.</returns>
    public async Task<DeliveryOutcome?> ConfirmAsync(SnsEnvelope envelope, CancellationToken cancellationToken)
    {
        if (options.Value.SignedCalls)
            return await ConfirmSignedAsync(envelope, cancellationToken);
        var topic = verifier.Topics.Single(t => t.Arn == envelope.TopicArn);
        Dictionary<string, string> form = new()
        {
            ["Action"] = "ConfirmSubscription", ["Version"] = "2010-03-31", ["TopicArn"] = envelope.TopicArn, ["Token"] = envelope.Token!,
        };
        var origin = SigningCertificateUrl.OriginOf(topic, options.Value.TestEndpoint);
        try
        {
            using var client = http.CreateClient(SigningCertificates.Client);
            using var content = new FormUrlEncodedContent(form);
            using var response = await client.PostAsync(new Uri(origin), content, cancellationToken);
            LogConfirmed(envelope.TopicArn, (int)response.StatusCode);
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 => DeliveryOutcome.Confirmed,
                >= 400 and < 500 and not 429 => DeliveryOutcome.ConfirmationRefused,
                _ => null,
            };
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            LogNotConfirmed(e, envelope.TopicArn);
            return null;
        }
    }

    private async Task<DeliveryOutcome?> ConfirmSignedAsync(SnsEnvelope envelope, CancellationToken cancellationToken)
    {
        // SNS waits fifteen seconds for our answer.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            var client = new SimpleNotificationServiceClient(http.CreateClient(nameof(SimpleNotificationServiceClient)));
            await client.ConfirmSubscriptionAsync(envelope.TopicArn, envelope.Token!, patience.Token);
            LogConfirmed(envelope.TopicArn, 200);
            return DeliveryOutcome.Confirmed;
        }
        catch (AwsServiceException refused) when (refused.Status is 400 or 404)
        {
            LogConfirmed(envelope.TopicArn, refused.Status);
            return DeliveryOutcome.ConfirmationRefused;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Also a permission that is missing: an administrator may add it within the hour for which SNS tries.
            LogNotConfirmed(e, envelope.TopicArn);
            return null;
        }
    }

    /// <summary>Notes inside the caller's transaction that these have come, and what they say of the subscription itself.</summary>
    public static async Task HeardAsync(AppDbContext db, IReadOnlyCollection<Delivery> deliveries, CancellationToken cancellationToken)
    {
        foreach (var news in deliveries.GroupBy(d => d.TopicArn))
        {
            // Nearly always a subscription that lives goes on living.
            var latest = news.Max(d => d.ReceivedAt);
            if (news.All(d => d.Type == SnsType.Notification) && db.ExecutePrepared(
                $"""UPDATE "TopicSubscriptions" SET "LastDeliveryAt" = {latest} WHERE "TopicArn" = {news.Key} AND "IsActive" """) == 1)
            {
                continue;
            }

            var row = await db.TopicSubscriptions.FirstOrDefaultAsync(s => s.TopicArn == news.Key, cancellationToken);
            if (row is null)
                db.TopicSubscriptions.Add(row = new() { TopicArn = news.Key });
            row.LastDeliveryAt = latest;
            // In the order of sending: a notification that was sent before the end and comes after it is no sign of life.
            foreach (var delivery in news.Where(d => d.SentAt > row.ChangedAt).OrderBy(d => d.SentAt))
            {
                var active = delivery.Outcome is not (DeliveryOutcome.Unsubscribed or DeliveryOutcome.ConfirmationRefused);
                if (active != row.IsActive || !active)
                    (row.IsActive, row.ChangedAt) = (active, delivery.SentAt);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Tells whoever asks engines whether waiting for them is enough.</summary>
    public async Task CheckHealthAsync(CancellationToken cancellationToken)
    {
        var arns = verifier.Topics.Select(t => t.Arn).ToList();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var active = await db.TopicSubscriptions.CountAsync(s => s.IsActive && arns.Contains(s.TopicArn), cancellationToken);
        var healthy = arns.Count > 0 && active == arns.Count;
        if (healthy != health.IsHealthy)
            LogHealth(healthy, active, arns.Count);
        health.IsHealthy = healthy;
    }

    [LoggerMessage(LogLevel.Information, "Confirming the subscription to {TopicArn} was answered with {Status}")]
    private partial void LogConfirmed(string topicArn, int status);

    [LoggerMessage(LogLevel.Warning, "The subscription to {TopicArn} could not be confirmed now")]
    private partial void LogNotConfirmed(Exception exception, string topicArn);

    [LoggerMessage(LogLevel.Information, "Webhook healthy: {Healthy} ({Active} of {Topics} subscriptions are active)")]
    private partial void LogHealth(bool healthy, int active, int topics);
}
