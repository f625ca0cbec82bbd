using System.Globalization;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Fetches from the queue what SNS put there, and treats it like what SNS posts: the same check of the signature, the same row for each
/// message id, the same transaction. A message is deleted after the commit that holds it; until then it comes back.
/// </summary>
internal sealed partial class SqsReceiver(
    IAmazonSQS client, SnsVerifier verifier, DeliveryQueue queue, RefusedDeliveries refused, IOptions<SqsOptions> options, TimeProvider time,
    ILogger<SqsReceiver> logger) : BackgroundService
{
    /// <summary>Longer than the writing of a batch may take.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A queue with dead letters puts a bad message there long before; in one without, it would come back for days.</summary>
    private const int MostReceives = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReceiveAsync(stoppingToken);
                pause = TimeSpan.FromSeconds(1);
            }
            catch (Exception trouble) when (trouble is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogTrouble(trouble, options.Value.QueueUrl, Words(trouble), pause);
                await Task.Delay(pause, time, stoppingToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var answer = await client.ReceiveMessageAsync(
            new ReceiveMessageRequest
            {
                QueueUrl = options.Value.QueueUrl, WaitTimeSeconds = 20, MaxNumberOfMessages = 10, VisibilityTimeout = (int)Hidden.TotalSeconds,
                MessageSystemAttributeNames = ["ApproximateReceiveCount"],
            },
            cancellationToken);
        await Task.WhenAll((answer.Messages ?? []).Select(message => TakeAsync(message, cancellationToken)));
    }

    private async Task TakeAsync(Message message, CancellationToken cancellationToken)
    {
        var refusal = await CheckAndStoreAsync(message.Body, cancellationToken);
        var receives = int.Parse(message.Attributes?.GetValueOrDefault("ApproximateReceiveCount") ?? "1", CultureInfo.InvariantCulture);
        if (refusal is null || receives >= MostReceives)
        {
            await client.DeleteMessageAsync(options.Value.QueueUrl, message.ReceiptHandle, cancellationToken);
            return;
        }

        refused.Add(refusal.Value, "SQS");
        // What may pass is tried again soon, then later and later: each time counts towards the dead letters, and an outage may take hours.
        if (refusal.Value.MayPass())
            await client.ChangeMessageVisibilityAsync(options.Value.QueueUrl, message.ReceiptHandle, (int)Math.Min(15 * Math.Pow(2, receives), 900), cancellationToken);
    }

    private async Task<Refusal?> CheckAndStoreAsync(string body, CancellationToken cancellationToken)
    {
        if (SnsEnvelope.Read(Encoding.UTF8.GetBytes(body), out var envelope) is { } malformed)
            return malformed;
        // A queue is subscribed without being asked to confirm.
        if (envelope!.Type is not SnsType.Notification)
            return Refusal.UnknownType;
        return await verifier.CheckAsync(envelope, "the queue", cancellationToken, anyAge: true) ?? await queue.AddAsync(Delivery.Of(envelope, time.GetUtcNow(), null));
    }

    private static string Words(Exception trouble) => trouble switch
    {
        QueueDoesNotExistException => "Sqs:QueueUrl names a queue that does not exist there.",
        AmazonSQSException { StatusCode: System.Net.HttpStatusCode.Forbidden } refused =>
            $"{refused.Message} Check that the app's AWS identity may do sqs:ReceiveMessage, DeleteMessage and ChangeMessageVisibility.",
        _ => trouble.Message,
    };

    [LoggerMessage(LogLevel.Error, "The queue {QueueUrl} cannot be read: {Reason} Trying again in {Pause}")]
    private partial void LogTrouble(Exception exception, string queueUrl, string reason, TimeSpan pause);
}
