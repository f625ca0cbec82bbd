using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>The body of one delivery, field by field, so that a test can bend it before or after it is signed.</summary>
internal sealed class SnsMessage
{
    public Dictionary<string, string?> Fields { get; } = [];

    public string Id => Fields["MessageId"]!;

    public string? this[string field]
    {
        get => Fields.GetValueOrDefault(field);
        set => Fields[field] = value;
    }

    public static SnsMessage Of(string type, string topicArn, string message, DateTimeOffset at) => new()
    {
        ["Type"] = type,
        ["MessageId"] = Guid.NewGuid().ToString(),
        ["TopicArn"] = topicArn,
        ["Message"] = message,
        ["Timestamp"] = At(at),
    };

    public static string At(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Signs what the fields say now.</summary>
    public SnsMessage Sign(SnsSigner signer, string origin, string version = "2")
    {
        this["SignatureVersion"] = version;
        this["Signature"] = signer.Sign(Fields, version);
        this["SigningCertURL"] = origin + signer.Path;
        return this;
    }

    public SnsMessage Without(string field)
    {
        Fields.Remove(field);
        return this;
    }

    // As SNS escapes: a quote takes two bytes, not six.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ToJson() => JsonSerializer.Serialize(Fields, Json);
}
