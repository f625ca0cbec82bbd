using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>One app for the many tests of a class that only knock at its door. It has one signing key in its cache.</summary>
public sealed class SharedWebhook : IAsyncLifetime
{
    internal WebhookApp Webhook { get; private set; } = default!;

    internal CountingSockets Sockets { get; } = new();

    internal LogCollector Logs { get; } = new();

    internal SimulatedTopic Topic => Webhook.Topic;

    public async ValueTask InitializeAsync()
    {
        Webhook = await WebhookApp.StartAsync(services: services =>
        {
            Sockets.Install(services);
            Logs.Install(services);
        });
        await Webhook.SubscribeAsync();
    }

    public ValueTask DisposeAsync() => Webhook.DisposeAsync();

    /// <summary>A genuine notification that means nothing, as bytes, with one piece of its text replaced after signing.</summary>
    internal byte[] Bent(string old, string replacement, string message = "hello")
    {
        var text = Topic.Notification(message).ToJson();
        Assert.Contains(old, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(old, replacement, StringComparison.Ordinal));
    }
}
