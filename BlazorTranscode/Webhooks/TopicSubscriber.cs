using System.Text.Json;
using BlazorTranscode.Aws;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Subscribes our public address to the topics once the app listens: SNS asks at once for a confirmation. It tries until it has
/// succeeded; meanwhile the engines are asked instead.
/// </summary>
internal sealed partial class TopicSubscriber(
    SimpleNotificationServiceClient client, IOptions<SnsOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<TopicSubscriber> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>An hour, which is the most that SNS allows: quickly at first, then every minute.</summary>
    private static readonly string DeliveryPolicy = JsonSerializer.Serialize(new
    {
        healthyRetryPolicy = new
        {
            numRetries = 50, numNoDelayRetries = 3, numMinDelayRetries = 2, numMaxDelayRetries = 35, minDelayTarget = 1, maxDelayTarget = 60,
            backoffFunction = "exponential",
        },
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        foreach (var topicArn in options.Value.TopicArns)
        {
            while (!await SubscribeAsync(topicArn, stoppingToken))
                await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private async Task<bool> SubscribeAsync(string topicArn, CancellationToken cancellationToken)
    {
        Dictionary<string, string> attributes = new() { ["DeliveryPolicy"] = DeliveryPolicy };
        if (options.Value.DeadLetterArn.Length > 0)
            attributes["RedrivePolicy"] = JsonSerializer.Serialize(new { deadLetterTargetArn = options.Value.DeadLetterArn });
        try
        {
            await client.SubscribeAsync(topicArn, options.Value.SubscribeUrl, attributes, cancellationToken);
            LogSubscribed(options.Value.SubscribeUrl, topicArn);
            return true;
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogNotSubscribed(trouble, options.Value.SubscribeUrl, topicArn, trouble.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Asked SNS to deliver {TopicArn} to {Url}")]
    private partial void LogSubscribed(string url, string topicArn);

    [LoggerMessage(LogLevel.Error, "{Url} (Sns:SubscribeUrl) could not be subscribed to {TopicArn}: {Reason} The app's AWS identity needs sns:Subscribe on the topic")]
    private partial void LogNotSubscribed(Exception exception, string url, string topicArn, string reason);
}
