using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>How a subscription begins and ends, and that no address in a message is ever visited.</summary>
public sealed class SubscriptionTests
{
    [Fact]
    public async Task Confirmation_IsSentToTheEndpointThatWeKnowWithTheToken()
    {
        await using var webhook = await WebhookApp.StartAsync();
        Assert.Equal([200], (await webhook.Topic.SubscribeAsync(webhook.Endpoint)).Statuses);
        Assert.True(webhook.Topic.IsConfirmed);
        var call = Assert.Single(webhook.Aws.Calls);
        Assert.Equal(webhook.Topic.Token, call["Token"]);
        await Eventually.TrueAsync(() => webhook.App.Get<SubscriptionHealth>().IsHealthy);
    }

    /// <summary>T-WH-13 and W25: genuine messages whose addresses lead elsewhere.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:{0}/latest/meta-data/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("file:///etc/passwd")]
    public async Task W25_TWH13_SubscribeUrl_IsNeverVisited(string url)
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        url = url.Replace("{0}", $"{((IPEndPoint)trap.LocalEndpoint).Port}", StringComparison.Ordinal);
        var sockets = new CountingSockets();
        await using var webhook = await (await WebhookApp.StartAsync(services: services => sockets.Install(services))).SubscribeAsync();
        var before = sockets.Opened;
        foreach (var type in (string[])["SubscriptionConfirmation", "UnsubscribeConfirmation"])
        {
            var message = webhook.Topic.Confirmation(type);
            message["SubscribeURL"] = url;
            message["UnsubscribeURL"] = url;
            Assert.Equal(Forbidden, await webhook.PostAsync(message)); // not signed like this
            Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Sign(message)));
        }

        var news = webhook.Topic.Notification("hello");
        news["UnsubscribeURL"] = url;
        Assert.Equal(OK, await webhook.PostAsync(news));
        Assert.False(trap.Pending());
        Assert.Equal(before + 1, sockets.Opened); // the one confirmation, to the endpoint that we know
    }

    [Fact]
    public async Task EndpointDown_ConfirmationIs503AndTakenWhenItComesAgain()
    {
        await using var webhook = await WebhookApp.StartAsync();
        webhook.Aws.ApiFault = 500;
        webhook.Aws.Wait = _ =>
        {
            webhook.Aws.ApiFault = null;
            return Task.CompletedTask;
        };
        Assert.Equal([503, 200], (await webhook.Topic.SubscribeAsync(webhook.Endpoint)).Statuses);
        Assert.True(webhook.Topic.IsConfirmed);
        Assert.Equal(1, webhook.Refused(Refusal.NotConfirmed));
    }

    [Fact]
    public async Task TokenThatIsNoLongerGood_IsRecordedAndNotTriedAgain()
    {
        await using var webhook = await WebhookApp.StartAsync();
        webhook.Aws.ApiFault = 400;
        Assert.Equal([200], (await webhook.Topic.SubscribeAsync(webhook.Endpoint)).Statuses);
        Assert.Equal(DeliveryOutcome.ConfirmationRefused, Assert.Single(await webhook.DeliveriesAsync()).Outcome);
    }

    [Fact]
    public async Task ReplayedConfirmation_IsNotTakenUpAgain()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var offer = webhook.Topic.Confirmation("SubscriptionConfirmation");
        Assert.Equal(OK, await webhook.PostAsync(offer));
        Assert.Equal(OK, await webhook.PostAsync(offer));
        Assert.Single(webhook.Aws.Calls);
    }

    [Fact]
    public async Task UnsubscribeConfirmation_IsRecordedNeverActedOnAndMakesUsAskMore()
    {
        await using var webhook = await (await WebhookApp.StartAsync()).SubscribeAsync();
        await Eventually.TrueAsync(() => webhook.App.Get<SubscriptionHealth>().IsHealthy);
        Assert.Equal([200], (await webhook.Topic.UnsubscribeAsync()).Statuses);
        Assert.Equal(DeliveryOutcome.Unsubscribed, (await webhook.DeliveriesAsync())[^1].Outcome);
        Assert.Single(webhook.Aws.Calls);
        await webhook.App.Get<Subscriptions>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.False(webhook.App.Get<SubscriptionHealth>().IsHealthy);

        // A message that was on its way when the subscription ended is no sign of life; a later one is.
        Assert.Equal(OK, await webhook.PostAsync(Backdated(webhook, -1)));
        await webhook.App.Get<Subscriptions>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.False(webhook.App.Get<SubscriptionHealth>().IsHealthy);
        Assert.Equal(OK, await webhook.PostAsync(Backdated(webhook, 1)));
        await webhook.App.Get<Subscriptions>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.True(webhook.App.Get<SubscriptionHealth>().IsHealthy);
    }

    private static FakeAws.SnsMessage Backdated(WebhookApp webhook, int minutes)
    {
        var message = webhook.Topic.Notification("hello");
        message["Timestamp"] = FakeAws.SnsMessage.At(DateTimeOffset.UtcNow.AddMinutes(minutes));
        return webhook.Topic.Sign(message);
    }
}
