using System.Buffers;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Decides where a signing certificate may come from. Text is compared, not a parsed address: two parsers that disagree are how such
/// rules are bypassed.
/// </summary>
internal static class SigningCertificateUrl
{
    private const string Name = "/SimpleNotificationService-";
    private const int HexDigits = 32;
    private const string Extension = ".pem";

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>True for the exact host of the topic's region, and there only for the one shape of path that SNS uses.</summary>
    public static bool IsTrusted(string url, SnsTopic topic, string? testEndpoint)
    {
        var origin = OriginOf(topic, testEndpoint);
        return url.Length == origin.Length + Name.Length + HexDigits + Extension.Length
            && url.StartsWith(origin, StringComparison.Ordinal)
            && url.AsSpan(origin.Length).StartsWith(Name)
            && url.EndsWith(Extension, StringComparison.Ordinal)
            && !url.AsSpan(origin.Length + Name.Length, HexDigits).ContainsAnyExcept(Hex);
    }

    /// <summary>The endpoint that speaks for a topic. The test endpoint stands in for topics of the test account only.</summary>
    public static string OriginOf(SnsTopic topic, string? testEndpoint) =>
        topic.Account == SnsTopic.TestAccount && testEndpoint is not null ? testEndpoint : $"https://{topic.Host}";
}
