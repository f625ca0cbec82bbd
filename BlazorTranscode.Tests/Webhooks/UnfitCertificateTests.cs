using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>T-WH-06: certificates that must not be trusted although they came from the right place.</summary>
public sealed class UnfitCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    private Task<WebhookApp> StartAsync(CountingSockets? sockets = null) => WebhookApp.StartAsync(time: _time, services: services =>
    {
        services.AddSingleton<TimeProvider>(_time);
        sockets?.Install(services);
    });

    public static TheoryData<string> Unfit { get; } =
    [
        "expired", "not yet valid", "wrong name", "name in the subject only", "wildcard", "1024 bits", "elliptic curve", "two certificates", "key in front",
        "not PEM", "empty", "nonsense inside", "10 MB", "404", "204", "500", "cut off",
    ];

    /// <summary>
    /// A certificate with another name, key or time is none of SNS, so what it signed is refused for good. What is no certificate at all
    /// may be the host's trouble, and a genuine message must not be lost to that.
    /// </summary>
    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task TWH06_UnfitCertificate_IsRefusedForGood_AndNoneIsPutOff(string kind)
    {
        await using var webhook = await StartAsync();
        var signer = webhook.Aws.Signer;
        var original = signer.Pem;
        using var rsa = RSA.Create(kind == "1024 bits" ? 1024 : 2048);
        var (served, status) = kind switch
        {
            "expired" => (signer.PemBetween(Now.AddDays(-30), Now.AddDays(-1)), 200),
            "not yet valid" => (signer.PemBetween(Now.AddDays(1), Now.AddDays(30)), 200),
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

        var (answer, refusal) = kind switch
        {
            "wrong name" or "name in the subject only" or "wildcard" or "1024 bits" or "elliptic curve" => (Forbidden, Refusal.CertificateUnfit),
            // The signature fits, so only the dates are wrong.
            "expired" or "not yet valid" => (Forbidden, Refusal.CertificateUnfit),
            _ => (ServiceUnavailable, Refusal.Certificate),
        };
        Assert.Equal(answer, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        Assert.Equal(1, webhook.Refused(refusal));
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
