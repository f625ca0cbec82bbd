using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BlazorTranscode.Aws;

/// <summary>
/// Signature version 4, written from "Create a signed AWS API request" in the IAM user guide and checked against the examples that AWS
/// publishes. For every service but S3, which escapes paths differently and has an SDK here.
/// </summary>
internal static class SignatureV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The value of the Authorization header.</summary>
    /// <param name="path">As it is sent, escaped once; <c>/</c> if empty.</param>
    /// <param name="query">As it is sent, escaped, without the question mark.</param>
    /// <param name="headers">What is signed; <c>host</c> and <c>x-amz-date</c> must be among them.</param>
    /// <param name="bodyHash">SHA-256 of the body, lower-case hexadecimal.</param>
    /// <param name="scope">Day, region and service that the key is derived for.</param>
    /// <param name="date">The value of <c>x-amz-date</c>.</param>
    public static string Authorization(
        string method, string path, string query, IReadOnlyDictionary<string, string> headers, string bodyHash, SigningScope scope, string date,
        string accessKey, string secretKey)
    {
        var signed = headers.Select(h => (Name: h.Key.ToLowerInvariant(), Value: Squeeze(h.Value))).OrderBy(h => h.Name, StringComparer.Ordinal).ToList();
        var names = string.Join(';', signed.Select(h => h.Name));
        var request = string.Join('\n', [method, EscapePath(path), SortQuery(query), .. signed.Select(h => $"{h.Name}:{h.Value}"), "", names, bodyHash]);
        var text = string.Join('\n', Algorithm, date, scope.ToString(), Hash(Encoding.UTF8.GetBytes(request)));
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var part in scope.ToString().Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return $"{Algorithm} Credential={accessKey}/{scope}, SignedHeaders={names}, Signature={signature}";
    }

    public static string Hash(byte[] body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>The value of <c>x-amz-date</c>.</summary>
    public static string Date(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The path is escaped a second time, as every service but S3 does it.</summary>
    private static string EscapePath(string path) => path.Length == 0 ? "/" : string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>By name, then by value, both as bytes of what is escaped; a name without a value gets an empty one.</summary>
    private static string SortQuery(string query) => string.Join('&', query
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Name: Normalize(pair[0]), Value: Normalize(pair.ElementAtOrDefault(1) ?? "")))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
        .Select(pair => $"{pair.Name}={pair.Value}"));

    private static string Normalize(string escaped) => Uri.EscapeDataString(Uri.UnescapeDataString(escaped));

    private static string Squeeze(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>What a signing key is good for.</summary>
/// <param name="Day">As <c>20150830</c>.</param>
internal readonly record struct SigningScope(string Day, string Region, string Service)
{
    public override string ToString() => $"{Day}/{Region}/{Service}/aws4_request";
}
