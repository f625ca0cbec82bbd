using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>One topic with at most one subscriber, and SNS's manners towards it.</summary>
internal sealed class SimulatedTopic(AwsSimulator aws, string arn)
{
    private readonly string _subscriptionArn = $"{arn}:{Guid.NewGuid()}";
    private Uri? _endpoint;

    public string Arn => arn;

    /// <summary>The signature version that the topic is set to; a new topic has 1.</summary>
    public string SignatureVersion { get; set; } = "2";

    public RetryPolicy Policy { get; set; } = RetryPolicy.Default;

    public SnsFaults? Faults { get; set; }

    /// <summary>A queue that is subscribed too; faults do not touch it, as SNS tries that for weeks.</summary>
    public SimulatedQueue? Queue { get; set; }

    /// <summary>True once the subscriber has confirmed through the API.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>What the subscriber must send back to confirm.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Every delivery that was given up: SNS's dead letter queue.</summary>
    public ConcurrentQueue<SnsMessage> DeadLetters { get; } = new();

    /// <summary>Subscribes an endpoint: it is sent a token, and hears nothing else before it has confirmed.</summary>
    public Task<SnsOutcome> SubscribeAsync(Uri endpoint)
    {
        (_endpoint, IsConfirmed, Token) = (endpoint, false, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()));
        return SendAsync(Confirmation("SubscriptionConfirmation"));
    }

    /// <summary>Ends the subscription as an unauthenticated Unsubscribe does: the endpoint is told, and may come back with the token.</summary>
    public Task<SnsOutcome> UnsubscribeAsync()
    {
        IsConfirmed = false;
        return SendAsync(Confirmation("UnsubscribeConfirmation"));
    }

    /// <summary>Answers ConfirmSubscription.</summary>
    public bool Confirm(string token) => IsConfirmed |= Token.Length > 0 && token == Token;

    /// <summary>A signed notification that is not sent.</summary>
    public SnsMessage Notification(string message, string? subject = null)
    {
        var notification = SnsMessage.Of("Notification", arn, message, aws.Time.GetUtcNow());
        if (subject is not null)
            notification["Subject"] = subject;
        notification["UnsubscribeURL"] = $"{aws.Origin}/?Action=Unsubscribe&SubscriptionArn={_subscriptionArn}";
        return Sign(notification);
    }

    /// <summary>A signed confirmation that is not sent.</summary>
    public SnsMessage Confirmation(string type)
    {
        var confirmation = SnsMessage.Of(type, arn, $"You have chosen to subscribe to the topic {arn}.", aws.Time.GetUtcNow());
        confirmation["Token"] = Token;
        confirmation["SubscribeURL"] = $"{aws.Origin}/?Action=ConfirmSubscription&TopicArn={arn}&Token={Token}";
        return Sign(confirmation);
    }

    public SnsMessage Sign(SnsMessage message) => message.Sign(aws.Signer, aws.Origin, SignatureVersion);

    /// <summary>Publishes to the subscriber if it has confirmed, with whatever <see cref="Faults"/> do to it.</summary>
    public async Task<SnsOutcome> PublishAsync(string message, string? subject = null)
    {
        var notification = Notification(message, subject);
        Queue?.Send(notification.ToJson());
        if (!IsConfirmed || Faults is { } faults && Roll(faults, faults.Drop))
            return new([]);
        if (Faults is { } twice && Roll(twice, twice.Double))
            return (await Task.WhenAll(SendAsync(notification), SendAsync(notification)))[0];
        return await SendAsync(notification);
    }

    /// <summary>Delivers one message by the retry policy: 2xx is taken, 4xx (and 3xx) final, anything else tried again.</summary>
    public async Task<SnsOutcome> SendAsync(SnsMessage message)
    {
        List<int> statuses = [];
        for (var attempt = 0; attempt <= Policy.Retries; attempt++)
        {
            if (attempt > 0)
                await aws.Wait(Policy.Delay);
            statuses.Add(await PostAsync(message));
            if (statuses[^1] is >= 200 and < 300)
                return new(statuses);
            if (statuses[^1] is >= 300 and < 500)
                break;
        }

        DeadLetters.Enqueue(message);
        return new(statuses);
    }

    private async Task<int> PostAsync(SnsMessage message)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(message.ToJson()));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/plain; charset=UTF-8");
        using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = content };
        request.Headers.Add("x-amz-sns-message-type", message["Type"]);
        request.Headers.Add("x-amz-sns-message-id", message.Id);
        request.Headers.Add("x-amz-sns-topic-arn", arn);
        request.Headers.UserAgent.ParseAdd("Amazon Simple Notification Service Agent");
        using var timeout = new CancellationTokenSource(Policy.Timeout);
        try
        {
            using var response = await aws.Http.SendAsync(request, timeout.Token);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return 0;
        }
    }

    private static bool Roll(SnsFaults faults, double share)
    {
        lock (faults.Random)
            return faults.Random.NextDouble() < share;
    }
}
