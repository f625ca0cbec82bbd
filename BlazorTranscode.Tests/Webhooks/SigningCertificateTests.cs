using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>T-WH-05, T-WH-06, T-WH-09, T-WH-21, F24, F25: the certificate that a signature is checked with.</summary>
public sealed class SigningCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    private Task<WebhookApp> StartAsync(CountingSockets? sockets = null) => WebhookApp.StartAsync(time: _time, services: services =>
    {
        services.AddSingleton<TimeProvider>(_time);
        sockets?.Install(services);
    });

    [Fact]
    public async Task TWH05_Redirect_IsNotFollowed()
    {
        using var metadata = new TcpListener(IPAddress.Loopback, 0);
        metadata.Start();
        await using var webhook = await StartAsync();
        webhook.Aws.Serve(webhook.Aws.Signer.Path, context =>
        {
            context.Response.Redirect($"http://{metadata.LocalEndpoint}{webhook.Aws.Signer.Path}");
            return Task.CompletedTask;
        });

        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        Assert.False(metadata.Pending());
    }

    [Fact]
    public async Task Fetch_HundredRequestsAtOnce_FetchOnceAndKeepIt()
    {
        var sockets = new CountingSockets();
        await using var webhook = await StartAsync(sockets);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => webhook.PostAsync(webhook.Topic.Notification("hello"))));
        Assert.All(answers, a => Assert.Equal(OK, a));
        Assert.Single(webhook.Aws.CertificateRequests);

        _time.AdjustTime(Now.AddHours(23));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        Assert.Single(webhook.Aws.CertificateRequests);
        _time.AdjustTime(Now.AddHours(25));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        await Eventually.TrueAsync(() => webhook.Aws.CertificateRequests.Count == 2);
    }

    [Fact]
    public async Task F24_CertificateHostDown_IsRememberedForAMinuteAndThenAskedAgain()
    {
        await using var webhook = await StartAsync();
        var (signer, down) = (webhook.Aws.Signer, true);
        webhook.Aws.Serve(signer.Path, context =>
        {
            context.Response.StatusCode = down ? 500 : 200;
            return context.Response.WriteAsync(signer.Pem);
        });

        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => webhook.PostAsync(webhook.Topic.Notification("hello")))))
            Assert.Equal(ServiceUnavailable, answer);
        Assert.Single(webhook.Aws.CertificateRequests);
        down = false;
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
    }

    [Fact]
    public async Task F24_CertificateHostDown_KeysThatAreKnownGoOn()
    {
        await using var webhook = await StartAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        webhook.Aws.Serve(webhook.Aws.Signer.Path, context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
    }

    [Fact]
    public async Task TWH09_FloodOfInventedCertificates_CostsSixFetchesAMinuteAndNoGenuineMessage()
    {
        await using var webhook = await StartAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        await Parallel.ForAsync(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var message = webhook.Topic.Notification("hello");
            if (i % 40 == 0)
            {
                Assert.Equal(OK, await webhook.PostAsync(message));
                return;
            }

            message["SigningCertURL"] = webhook.Aws.Origin + SnsSigner.NewPath();
            Assert.Equal(ServiceUnavailable, await webhook.PostAsync(message));
        });
        Assert.True(webhook.Aws.CertificateRequests.Count <= 6, $"{webhook.Aws.CertificateRequests.Count} fetches");
    }

    [Fact]
    public async Task TWH21_F25_TwentyRotationsUnderLoad_RefuseNothingGenuine()
    {
        await using var webhook = await StartAsync();
        for (var rotation = 0; rotation < 20; rotation++)
        {
            var old = webhook.Topic.Notification("hello");
            webhook.Aws.Rotate();
            var messages = Enumerable.Range(0, 10).Select(_ => webhook.Topic.Notification("hello")).Append(old);
            foreach (var answer in await Task.WhenAll(messages.Select(webhook.PostAsync)))
                Assert.Equal(OK, answer);
            _time.AdjustTime(_time.GetUtcNow().AddSeconds(20));
        }
    }
}
