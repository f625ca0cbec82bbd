using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>What a sender may cost before it is known to be genuine, and under which names the webhook answers.</summary>
public sealed class WebhookGateTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_MoreThanMayBeReadAtOnce_ArePutOffAtOnce()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var gate = webhook.App.Get<WebhookGate>();
        var places = Enumerable.Range(0, WebhookGate.AtOnceOfOneNetwork + WebhookGate.Waiting)
            .Select(_ => gate.EnterAsync("127.0.0.1", Stop).AsTask()).ToList();
        using var content = new StringContent(webhook.Topic.Notification("hello").ToJson());
        using var answer = await webhook.Aws.Http.PostAsync(webhook.Endpoint, content, Stop);

        Assert.Equal(ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(1, webhook.Refused(Refusal.Busy));
        foreach (var place in places)
            (await place).Dispose();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
    }

    [Fact]
    public async Task Places_OfOneNetwork_AreNotAll()
    {
        using var gate = new WebhookGate();
        var slow = Enumerable.Range(0, WebhookGate.AtOnce + 20).Select(_ => gate.EnterAsync("203.0.113.9", Stop).AsTask()).ToList();
        Assert.Equal(WebhookGate.AtOnceOfOneNetwork, slow.Count(place => place.IsCompleted));
        using var other = await gate.EnterAsync("198.51.100.7", Stop);
        Assert.True(other.IsAcquired);
    }

    /// <summary>Fast enough for the server's least rate, but never done.</summary>
    [Fact]
    public async Task Body_ThatTakesForEver_IsPutOff()
    {
        await using var webhook = await WebhookApp.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", webhook.App.Address.Port, Stop);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"), Stop);
        var answer = new byte[12];
        var reading = stream.ReadExactlyAsync(answer, Stop).AsTask();
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!reading.IsCompleted && await timer.WaitForNextTickAsync(Stop))
        {
            Assert.True(watch.Elapsed < 2 * SnsEndpoint.BodyTime, "It is still being read.");
            await stream.WriteAsync(new byte[400], Stop);
        }

        await reading;
        Assert.Equal("HTTP/1.1 503", Encoding.ASCII.GetString(answer));
        Assert.Equal(1, webhook.Refused(Refusal.TooSlow));
    }

    [Fact]
    public async Task Host_OfTheAddressThatIsSubscribed_IsAnswered()
    {
        SignatureVerifier.BecomeItsIdentity();
        await using var webhook = await WebhookApp.StartWithAsync(aws => new()
        {
            ["Sns:SubscribeUrl"] = "https://hooks.example.org/webhooks/sns", ["Sns:SignedCalls"] = "true",
            ["Aws:Region"] = "eu-central-1", ["Aws:ServiceUrl"] = aws.Origin,
        });
        var body = Encoding.UTF8.GetBytes(webhook.Topic.Notification("hello").ToJson());
        Assert.Equal(OK, await webhook.PostAsync(body, ("Host", "hooks.example.org")));
        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(body, ("Host", "other.example.org")));
        Assert.Equal(1, webhook.Refused(Refusal.UnknownHost));
    }

    [Fact]
    public async Task Confirmation_WhileTheDatabaseCannotBeAsked_IsPutOff()
    {
        await using var webhook = await WebhookApp.StartAsync();
        await using var db = await webhook.App.OpenDatabaseAsync();
        await db.Database.ExecuteSqlRawAsync("ALTER TABLE Deliveries RENAME TO Gone", Stop);
        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(webhook.Topic.Confirmation("SubscriptionConfirmation")));
        Assert.Equal(1, webhook.Refused(Refusal.NotStored));
    }
}
