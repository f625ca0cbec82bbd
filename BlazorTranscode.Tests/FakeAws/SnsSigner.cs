using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>One signing key of the simulated SNS with its certificate. What it signs is written down here anew, from the documentation.</summary>
internal sealed class SnsSigner : IDisposable
{
    private static readonly string[] OfNotification = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
    private static readonly string[] OfConfirmation = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

    private readonly RSA _key = RSA.Create(2048);

    public SnsSigner(DateTimeOffset now, string name = "sns.amazonaws.com")
    {
        using var certificate = Certify(_key, name, now.AddDays(-30), now.AddDays(300));
        Pem = certificate.ExportCertificatePem();
    }

    /// <summary>The file's name at the endpoint.</summary>
    public string Path { get; } = NewPath();

    public string Pem { get; }

    /// <summary>A certificate of the same key, valid at other times.</summary>
    public string PemBetween(DateTimeOffset from, DateTimeOffset to)
    {
        using var certificate = Certify(_key, "sns.amazonaws.com", from, to);
        return certificate.ExportCertificatePem();
    }

    public static string NewPath() => $"/SimpleNotificationService-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}.pem";

    public static X509Certificate2 Certify(RSA key, string name, DateTimeOffset from, DateTimeOffset to)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(from, to);
    }

    /// <summary>Signs by the fields that are there, with SHA-1 for version 1 and SHA-256 for version 2.</summary>
    public string Sign(IReadOnlyDictionary<string, string?> fields, string version)
    {
        var text = new StringBuilder();
        foreach (var name in fields.GetValueOrDefault("Type") == "Notification" ? OfNotification : OfConfirmation)
        {
            if (fields.TryGetValue(name, out var value) && value is not null)
                text.Append(name + "\n" + value + "\n");
        }

        var hash = version == "1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
        return Convert.ToBase64String(_key.SignData(Encoding.UTF8.GetBytes(text.ToString()), hash, RSASignaturePadding.Pkcs1));
    }

    public void Dispose() => _key.Dispose();
}
