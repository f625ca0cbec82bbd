using System.Net;
using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>A stranger who knows our topic names certificates that do not exist: fetching those must not keep us from the genuine one.</summary>
public sealed class CertificateFloodTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flood_WhenTheKeyIsDueAgain_CostsNoGenuineMessage()
    {
        await using var webhook = await StartAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        _time.AdjustTime(Now.AddHours(25));
        await FloodAsync(webhook);
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        await Eventually.TrueAsync(() => webhook.Aws.CertificateRequests.Count(path => path == webhook.Aws.Signer.Path) == 2);
    }

    [Fact]
    public async Task Renewal_ThatDoesNotEnd_OrFails_LeavesTheKeyInUse()
    {
        await using var webhook = await StartAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        var fail = new TaskCompletionSource();
        webhook.Aws.Serve(webhook.Aws.Signer.Path, async context =>
        {
            await fail.Task;
            context.Response.StatusCode = 500;
        });
        _time.AdjustTime(Now.AddHours(25));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        fail.SetResult();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        }

        // Not beyond the end of the certificate.
        _time.AdjustTime(Now.AddDays(301));
        Assert.Equal(Forbidden, await webhook.PostAsync(webhook.Topic.Notification("hello")));
    }

    [Fact]
    public async Task Flood_FromOneNetwork_LeavesANewCertificateItsFetch()
    {
        await using var webhook = await StartAsync(new() { ["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1", ["ForwardedHeaders:KnownProxies:1"] = "::1" });
        await FloodAsync(webhook, "203.0.113.9");
        Assert.Equal(OK, await webhook.PostAsync(Body(webhook.Topic.Notification("hello")), ("X-Forwarded-For", "198.51.100.7")));
    }

    [Fact]
    public async Task Flood_RightAfterARestart_LeavesTheKnownCertificateItsFetch()
    {
        using var folder = new TempFolder();
        await using var webhook = await StartAsync();
        var settings = new Dictionary<string, string?> { ["Sns:TopicArns:0"] = webhook.Topic.Arn, ["Sns:TestEndpoint"] = webhook.Aws.Origin };
        await using (var first = TestApp.Start(settings, services => services.AddSingleton<TimeProvider>(_time), folder))
            Assert.Equal(OK, await PostAsync(webhook, first, webhook.Topic.Notification("hello")));

        await using var second = TestApp.Start(settings, services => services.AddSingleton<TimeProvider>(_time), folder);
        for (var i = 0; i < 40; i++)
            Assert.Equal(ServiceUnavailable, await PostAsync(webhook, second, Invented(webhook)));
        Assert.Equal(OK, await PostAsync(webhook, second, webhook.Topic.Notification("hello")));
    }

    private Task<WebhookApp> StartAsync(Dictionary<string, string?>? settings = null) =>
        WebhookApp.StartAsync(settings, services => services.AddSingleton<TimeProvider>(_time), _time);

    private static async Task FloodAsync(WebhookApp webhook, string from = "203.0.113.9")
    {
        for (var i = 0; i < 40; i++)
            Assert.Equal(ServiceUnavailable, await webhook.PostAsync(Body(Invented(webhook)), ("X-Forwarded-For", from)));
    }

    private static SnsMessage Invented(WebhookApp webhook)
    {
        var message = webhook.Topic.Notification("hello");
        message["SigningCertURL"] = webhook.Aws.Origin + SnsSigner.NewPath();
        return message;
    }

    private static byte[] Body(SnsMessage message) => Encoding.UTF8.GetBytes(message.ToJson());

    private static async Task<HttpStatusCode> PostAsync(WebhookApp webhook, TestApp app, SnsMessage message)
    {
        using var content = new ByteArrayContent(Body(message));
        using var answer = await webhook.Aws.Http.PostAsync(new Uri(app.Address, SnsEndpoint.Path), content, Stop);
        return answer.StatusCode;
    }
}
