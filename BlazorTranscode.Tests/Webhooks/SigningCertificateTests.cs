using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;
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

    public static TheoryData<string> Unfit { get; } =
    [
        "expired", "not yet valid", "wrong name", "name in the subject only", "wildcard", "1024 bits", "elliptic curve", "two certificates", "key in front",
        "not PEM", "empty", "nonsense inside", "10 MB", "404", "204", "500", "cut off",
    ];

    /// <summary>All transient: the certificate is the host's matter, and a genuine message must not be lost to it.</summary>
    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task TWH06_UnfitCertificate_Is503(string kind)
    {
        await using var webhook = await StartAsync();
        var signer = webhook.Aws.Signer;
        var original = signer.Pem;
        using var rsa = RSA.Create(kind == "1024 bits" ? 1024 : 2048);
        var (served, status) = kind switch
        {
            "expired" => (Pem(rsa, "sns.amazonaws.com", -30, -1), 200),
            "not yet valid" => (Pem(rsa, "sns.amazonaws.com", 1, 30), 200),
            "wrong name" => (Pem(rsa, "sns.eu-central-1.amazonaws.com", -1, 30), 200),
            "name in the subject only" => (new CertificateRequest("CN=sns.amazonaws.com", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30)).ExportCertificatePem(), 200),
            "wildcard" => (Pem(rsa, "*.amazonaws.com", -1, 30), 200),
            "1024 bits" => (Pem(rsa, "sns.amazonaws.com", -1, 30), 200),
            "elliptic curve" => (EllipticPem(), 200),
            "two certificates" => (original + "\n" + original, 200),
            "key in front" => (rsa.ExportRSAPublicKeyPem() + "\n" + original, 200),
            "not PEM" => ("hello", 200),
            "empty" => ("", 200),
            "nonsense inside" => (PemEncoding.WriteString("CERTIFICATE", [1, 2, 3]), 200),
            "10 MB" => (original + new string('\n', 10_000_000), 200),
            "cut off" => (original[..(original.Length / 2)], 200),
            _ => (original, int.Parse(kind, System.Globalization.CultureInfo.InvariantCulture)),
        };
        webhook.Aws.Serve(signer.Path, async context =>
        {
            context.Response.StatusCode = status;
            if (status != 204)
                await context.Response.WriteAsync(served);
        });

        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        Assert.Equal(1, webhook.Refused(Refusal.Certificate));
        Assert.Empty(await webhook.DeliveriesAsync());
    }

    [Fact]
    public async Task TWH06_SlowCertificate_IsCutOffAndTheRequestAnswered()
    {
        await using var webhook = await StartAsync();
        webhook.Aws.Serve(webhook.Aws.Signer.Path, async context =>
        {
            await context.Response.WriteAsync("-----BEGIN", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        });
        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(webhook.Topic.Notification("hello")));
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
        Assert.Equal(2, webhook.Aws.CertificateRequests.Count);
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

    private static string Pem(RSA key, string name, int fromDays, int toDays)
    {
        using var certificate = SnsSigner.Certify(key, name, Now.AddDays(fromDays), Now.AddDays(toDays));
        return certificate.ExportCertificatePem();
    }

    private static string EllipticPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sns.amazonaws.com", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("sns.amazonaws.com");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
        return certificate.ExportCertificatePem();
    }
}
