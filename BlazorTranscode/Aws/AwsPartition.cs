namespace BlazorTranscode.Aws;

/// <summary>The separate clouds of AWS, as the second part of an ARN names them, and the domain that each lives under.</summary>
internal static class AwsPartition
{
    private static readonly Dictionary<string, string> Domains = new()
    {
        ["aws"] = "amazonaws.com",
        ["aws-us-gov"] = "amazonaws.com",
        ["aws-cn"] = "amazonaws.com.cn",
        ["aws-eusc"] = "amazonaws.eu",
        ["aws-iso"] = "c2s.ic.gov",
        ["aws-iso-b"] = "sc2s.sgov.gov",
        ["aws-iso-e"] = "cloud.adc-e.uk",
        ["aws-iso-f"] = "csp.hci.ic.gov",
    };

    /// <summary>The domain of a partition's service endpoints, or null if there is no such partition.</summary>
    public static string? DomainOf(string partition) => Domains.GetValueOrDefault(partition);
}
