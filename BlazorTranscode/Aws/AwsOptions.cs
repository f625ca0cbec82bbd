using Amazon.Runtime;
using BlazorTranscode.Data;

namespace BlazorTranscode.Aws;

/// <summary>
/// Settings under <c>Aws</c>, read when something of AWS besides the bucket is in use. Credentials are never settings of this app: they
/// come from the environment, a profile, single sign-on or a role.
/// </summary>
[Settings("Aws")]
internal sealed class AwsOptions
{
    /// <summary>Such as <c>eu-central-1</c>; empty takes the one of the environment or profile.</summary>
    public string Region { get; set; } = "";

    /// <summary>An address that stands in for every AWS service, for trying without an account. Empty means AWS itself.</summary>
    public string ServiceUrl { get; set; } = "";

    /// <summary>Whether requests go to AWS itself.</summary>
    public bool IsAmazon => ServiceUrl.Length == 0 || new Uri(ServiceUrl).Host is var host
        && (host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase));

    /// <summary>The region in force, or null if nobody names one.</summary>
    public string? EffectiveRegion =>
        Region.Length > 0 ? Region : FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName;

    /// <summary>Where a service answers.</summary>
    /// <param name="service">The first part of its host name, such as <c>mediaconvert</c>.</param>
    public Uri Endpoint(string service)
    {
        if (ServiceUrl.Length > 0)
            return new(ServiceUrl);
        var region = EffectiveRegion!;
        var host = $"{service}.{region}.{Amazon.RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}";
        return new($"https://{((service, region) is ("mediaconvert", "cn-northwest-1") ? "subscribe." : "")}{host}");
    }

    /// <summary>Everything that is wrong with these settings, one sentence each.</summary>
    public IEnumerable<string> Failures()
    {
        if (EffectiveRegion is null)
            yield return "Aws:Region is missing, and neither AWS_REGION nor an AWS profile names one.";
        if (ServiceUrl.Length > 0 && !(Uri.TryCreate(ServiceUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery is "/"))
            yield return $"Aws:ServiceUrl “{ServiceUrl}” is not an address such as http://localhost:5090 (no path).";
    }
}
