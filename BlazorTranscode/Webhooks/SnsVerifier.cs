using System.Buffers.Text;
using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Decides whether a message comes from one of our topics: cheap and offline checks first, and nothing touches the network before the
/// topic and the certificate's address are accepted. A valid signature alone says only that SNS sent it, to anybody's topic.
/// </summary>
internal sealed class SnsVerifier
{
    /// <summary>SNS tries for up to an hour and keeps the time of publishing; the rest is for clocks that differ.</summary>
    public static readonly TimeSpan OldestAge = TimeSpan.FromMinutes(75);

    public static readonly TimeSpan NewestAge = TimeSpan.FromMinutes(-10);

    private readonly FrozenDictionary<string, SnsTopic> _topics;
    private readonly SnsOptions _options;
    private readonly SigningCertificates _certificates;
    private readonly DeliveryClock _clock;
    private readonly TimeProvider _time;

    public SnsVerifier(IOptions<SnsOptions> options, SigningCertificates certificates, DeliveryClock clock, TimeProvider time)
    {
        (_options, _certificates, _clock, _time) = (options.Value, certificates, clock, time);
        _topics = _options.TopicArns.Distinct().Select(arn => SnsTopic.TryParse(arn, out var topic) ? topic : throw new FormatException(arn))
            .ToFrozenDictionary(t => t.Arn, StringComparer.Ordinal);
    }

    /// <summary>The topics that are listened to; none means that there is no webhook.</summary>
    public IReadOnlyCollection<SnsTopic> Topics => _topics.Values;

    /// <summary>Checks an envelope that is well formed.</summary>
    /// <param name="network">Where it came from.</param>
    /// <param name="anyAge">It comes from a queue, where it may have lain for days.</param>
    /// <returns>Null if it is genuine, else why it is refused.</returns>
    public async ValueTask<Refusal?> CheckAsync(SnsEnvelope envelope, string network, CancellationToken cancellationToken, bool anyAge = false)
    {
        if (!_topics.TryGetValue(envelope.TopicArn, out var topic))
            return Refusal.ForeignTopic;
        if (SentAt(envelope) is not { } sentAt)
            return Refusal.Malformed;
        if (AlgorithmOf(envelope.SignatureVersion) is not { } algorithm)
            return Refusal.SignatureVersion;
        if (!TryDecode(envelope.Signature, out var signature))
            return Refusal.SignatureShape;
        if (!SigningCertificateUrl.IsTrusted(envelope.SigningCertUrl, topic, _options.TestEndpoint))
            return Refusal.CertificateUrl;
        // 256 bytes is RSA of 2,048 bits, 1,024 of 8,192: what cannot be a signature needs no certificate.
        if (signature.Length is < 256 or > 1024)
            return Refusal.Signature;
        var found = await _certificates.GetAsync(envelope.SigningCertUrl, topic.CertificateName, network, cancellationToken);
        if (found.Key is not { } key)
            return found.IsUnfit ? Refusal.CertificateUnfit : Refusal.Certificate;
        if (!key.Key.VerifyData(envelope.SignedText(), signature, algorithm, RSASignaturePadding.Pkcs1))
            return Refusal.Signature;
        // By the time that is signed, because our own clock may be wrong.
        if (sentAt < key.From || sentAt > key.Until)
            return Refusal.CertificateUnfit;
        return CheckTime(sentAt, key, anyAge);
    }

    /// <summary>Last, because here the message is genuine, and an honest sender must not lose it to a wrong clock of ours.</summary>
    private Refusal? CheckTime(DateTimeOffset sentAt, SigningKey key, bool anyAge)
    {
        var now = _time.GetUtcNow();
        var age = now - sentAt;
        var isInWindow = age <= OldestAge && age >= NewestAge;
        if (!anyAge)
            _clock.Note(age, isInWindow);
        return (anyAge || isInWindow) && now >= key.From && now <= key.Until ? null : Refusal.OutsideWindow;
    }

    /// <summary>When the message was published, or null if that is not written as SNS writes it.</summary>
    public static DateTimeOffset? SentAt(SnsEnvelope envelope) =>
        DateTimeOffset.TryParseExact(envelope.Timestamp, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var sentAt) ? sentAt : null;

    private HashAlgorithmName? AlgorithmOf(string version) => version switch
    {
        "1" when _options.MinimumSignatureVersion <= 1 => HashAlgorithmName.SHA1,
        "2" => HashAlgorithmName.SHA256,
        _ => null,
    };

    /// <summary>Base64 without the white space that .NET would overlook.</summary>
    private static bool TryDecode(string text, out byte[] signature)
    {
        signature = [];
        if (text.AsSpan().ContainsAny(" \t\r\n"))
            return false;
        if (!Base64.IsValid(text, out var length))
            return false;
        signature = new byte[length];
        return Convert.TryFromBase64String(text, signature, out _);
    }
}
