using BlazorTranscode.Aws;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Webhooks;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Calls to SNS that are signed with our identity.</summary>
public sealed class TopicSubscriberTests
{
    [Fact]
    public async Task Confirmation_WithAnIdentity_IsSignedAndProtectsTheSubscription()
    {
        await using var webhook = await StartAsync([]);

        Assert.True((await webhook.Topic.SubscribeAsync(webhook.Endpoint)).Delivered);

        Assert.True(webhook.Topic.IsConfirmed);
        Assert.Equal("true", Assert.Single(webhook.Aws.Calls)["AuthenticateOnUnsubscribe"]);
    }

    [Fact]
    public async Task Confirmation_WithAnIdentityThatIsRefused_IsTriedAgainBySns()
    {
        await using var webhook = await StartAsync([]);
        webhook.Aws.Signatures.SessionToken = "a token that we do not send";

        var outcome = await webhook.Topic.SubscribeAsync(webhook.Endpoint);

        Assert.Equal([503, 503, 503, 503], outcome.Statuses);
        Assert.False(webhook.Topic.IsConfirmed);
    }

    [Fact]
    public async Task Start_AskedTo_SubscribesItself()
    {
        // The app's port is not known before it has started, so it names a stand-in, and the simulator is told where that leads.
        await using var webhook = await StartAsync(new() { ["Sns:SubscribeUrl"] = "https://audio.example.com/webhooks/sns", ["Sns:DeadLetterArn"] = "arn:aws:sqs:eu-central-1:000000000000:dead" });

        await Eventually.TrueAsync(() => !webhook.Aws.Calls.IsEmpty);
        var wish = webhook.Aws.Calls.First();

        Assert.Equal(("Subscribe", "https", "https://audio.example.com/webhooks/sns"), (wish["Action"], wish["Protocol"], wish["Endpoint"]));
        Assert.Equal("DeliveryPolicy", wish["Attributes.entry.1.key"]);
        Assert.Equal("{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-central-1:000000000000:dead\"}", wish["Attributes.entry.2.value"]);
    }

    [Fact]
    public void Settings_ThatCannotWork_AreListed()
    {
        var rules = new SnsOptionsRules(new HostingEnvironment { EnvironmentName = "Production" }, Options.Create(new AwsOptions { Region = "eu-west-1" }));

        var unsigned = rules.Validate(null, new() { SubscribeUrl = "nowhere" }).Failures!.ToList();
        var elsewhere = Assert.Single(rules.Validate(null, new() { SignedCalls = true, TopicArns = ["arn:aws:sns:eu-central-1:123456789012:t"] }).Failures!);

        Assert.Equal(2, unsigned.Count);
        Assert.Contains("is not in the region of Aws:Region", elsewhere, StringComparison.Ordinal);
    }

    private static Task<WebhookApp> StartAsync(Dictionary<string, string?> settings)
    {
        SignatureVerifier.BecomeItsIdentity();
        return WebhookApp.StartWithAsync(aws => new(settings) { ["Sns:SignedCalls"] = "true", ["Aws:ServiceUrl"] = aws.Origin, ["Aws:Region"] = "eu-central-1" });
    }
}
