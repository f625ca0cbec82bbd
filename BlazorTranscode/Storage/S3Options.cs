using System.Text.RegularExpressions;
using Amazon.Runtime;

namespace BlazorTranscode.Storage;

/// <summary>
/// Settings under <c>Storage:S3</c>. On AWS the bucket is enough where the region and the credentials come from the environment, a
/// profile, single sign-on or a role; another S3 needs its address and keys.
/// </summary>
internal sealed partial class S3Options
{
    public string Bucket { get; set; } = "";

    /// <summary>The bucket's region, such as <c>eu-central-1</c>; empty takes the one of the environment or profile.</summary>
    public string Region { get; set; } = "";

    /// <summary>The address of an S3 that is not Amazon's, such as <c>https://s3.example.com</c>; browsers must reach it too. Empty on AWS.</summary>
    public string ServiceUrl { get; set; } = "";

    /// <summary>Whether the bucket stands in the path instead of in the host name; most S3s that are not Amazon's want it.</summary>
    public bool ForcePathStyle { get; set; }

    /// <summary>With <see cref="SecretKey"/>; empty takes the credentials of the environment, a profile, single sign-on or a role.</summary>
    public string AccessKey { get; set; } = "";

    public string SecretKey { get; set; } = "";

    /// <summary>Everything that is wrong with these settings, one sentence each.</summary>
    public IEnumerable<string> Failures()
    {
        if (Bucket.Length == 0)
            yield return "Storage:S3:Bucket is missing: the name of the bucket that holds the media.";
        else if (!BucketName().IsMatch(Bucket))
            yield return $"Storage:S3:Bucket “{Bucket}” is not a bucket name (3 to 63 lower-case letters, digits, dots and hyphens; no ARN, no s3://).";
        if (ServiceUrl.Length > 0 && !IsAddress(ServiceUrl))
            yield return $"Storage:S3:ServiceUrl “{ServiceUrl}” is not an address such as https://s3.example.com (no path).";
        if (ServiceUrl.Length == 0 && Region.Length == 0 && FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false) is null)
            yield return "Storage:S3:Region is missing, and neither AWS_REGION nor an AWS profile names one.";
        if (AccessKey.Length == 0 != (SecretKey.Length == 0))
            yield return "Storage:S3:AccessKey and Storage:S3:SecretKey belong together: set both or neither.";
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery is "/" && uri.UserInfo is "";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
