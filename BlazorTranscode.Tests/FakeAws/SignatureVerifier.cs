using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// Checks signature version 4 as a service does: from the request as it arrived, written down anew from the documentation. It knows one
/// identity.
/// </summary>
internal sealed class SignatureVerifier(TimeProvider time)
{
    public const string AccessKey = "AKIASIMULATED";
    public const string SecretKey = "simulated/secret+key";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>The session token that must come along, if the identity is a role's.</summary>
    public string? SessionToken { get; set; }

    /// <summary>Makes this process find that identity where the SDK looks for credentials.</summary>
    public static void BecomeItsIdentity()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SecretKey);
    }

    /// <summary>Why the request is refused, in AWS's words; null if it is signed as it should be.</summary>
    public async Task<string?> MistakeAsync(HttpRequest request, string service)
    {
        request.EnableBuffering();
        using var copy = new MemoryStream();
        await request.Body.CopyToAsync(copy);
        request.Body.Position = 0;

        var parts = request.Headers.Authorization.ToString().Split(["AWS4-HMAC-SHA256 Credential=", ", SignedHeaders=", ", Signature="], StringSplitOptions.None);
        if (parts is not ["", var credential, var names, var signature] || credential.Split('/') is not [AccessKey, var day, var region, var signedFor, "aws4_request"])
            return "MissingAuthenticationTokenException";
        var date = request.Headers["x-amz-date"].ToString();
        if (!DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt) || !date.StartsWith(day, StringComparison.Ordinal))
            return "IncompleteSignatureException";
        if ((time.GetUtcNow() - signedAt).Duration() > Window)
            return "RequestExpired";
        var bodyHash = Hex(SHA256.HashData(copy.ToArray()));
        var required = new[] { "host", "x-amz-date", "x-amz-content-sha256" }.Concat(request.Headers.ContainsKey("content-type") ? ["content-type"] : []);
        if (signedFor != service || request.Headers["x-amz-content-sha256"] != bodyHash || required.Except(names.Split(';')).Any())
            return "InvalidSignatureException";
        if (SessionToken is not null && (request.Headers["x-amz-security-token"] != SessionToken || !names.Contains("x-amz-security-token", StringComparison.Ordinal)))
            return "UnrecognizedClientException";

        var canonical = new StringBuilder($"{request.Method}\n{Path(request)}\n{Query(request)}\n");
        foreach (var name in names.Split(';'))
            canonical.Append(CultureInfo.InvariantCulture, $"{name}:{request.Headers[name].ToString().Trim()}\n");
        canonical.Append(CultureInfo.InvariantCulture, $"\n{names}\n{bodyHash}");
        var scope = $"{day}/{region}/{service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{SecretKey}"), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) == signature ? null : "InvalidSignatureException";
    }

    /// <summary>Escaped twice: once as it was sent, once more for the signature.</summary>
    private static string Path(HttpRequest request) =>
        string.Concat(request.Path.ToUriComponent().SelectMany(c => c is '/' ? "/" : Escape(c.ToString())));

    private static string Query(HttpRequest request) => string.Join('&', request.Query
        .SelectMany(pair => pair.Value.Select(value => $"{Escape(pair.Key)}={Escape(value ?? "")}"))
        .Order(StringComparer.Ordinal));

    private static string Escape(string text) => string.Concat(Encoding.UTF8.GetBytes(text)
        .Select(b => char.IsAsciiLetterOrDigit((char)b) || "-._~".Contains((char)b, StringComparison.Ordinal) ? ((char)b).ToString() : $"%{b:X2}"));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
