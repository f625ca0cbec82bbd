using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using BlazorTranscode.Aws;

namespace BlazorTranscode.Webhooks;

/// <summary>A topic that we listen to, and what follows from its name: which host speaks for it and which name that host's certificate bears.</summary>
internal sealed partial record SnsTopic
{
    /// <summary>The account that belongs to nobody at AWS: topics of the test endpoint bear it, and no others may be vouched for by it.</summary>
    public const string TestAccount = "000000000000";

    // The regions that were opened after 2019 sign with a certificate of their own; which, only the service's own clients tell.
    private static readonly HashSet<string> OwnCertificate =
    [
        "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
        "me-south-1", "me-central-1", "eu-south-1", "eu-south-2", "eu-central-2", "af-south-1", "il-central-1", "ca-west-1", "mx-central-1",
        "us-isof-east-1", "us-isof-south-1", "eu-isoe-west-1", "eusc-de-east-1",
    ];

    private SnsTopic(string arn, string account, string region, string domain) => (Arn, Account, Region, Domain) = (arn, account, region, domain);

    public string Arn { get; }

    public string Account { get; }

    public string Region { get; }

    private string Domain { get; }

    /// <summary>The regional endpoint of SNS: the only host whose certificates and answers count for this topic.</summary>
    public string Host => $"sns.{Region}.{Domain}";

    /// <summary>The DNS name in the signing certificate, which is not the name of the host that serves it.</summary>
    public string CertificateName => Region switch
    {
        _ when OwnCertificate.Contains(Region) => $"sns-signing.{Region}.{Domain}",
        _ when Region.StartsWith("cn-", StringComparison.Ordinal) => $"sns-{Region}.{Domain}",
        _ when Region.StartsWith("us-gov-", StringComparison.Ordinal) => $"sns-us-gov-west-1.{Domain}",
        _ when Region.StartsWith("us-iso", StringComparison.Ordinal) => $"sns-{Region}.{Domain}",
        _ => $"sns.{Domain}",
    };

    /// <summary>Reads <c>arn:partition:sns:region:account:name</c>.</summary>
    public static bool TryParse(string arn, [NotNullWhen(true)] out SnsTopic? topic)
    {
        topic = null;
        if (Pattern.Match(arn) is not { Success: true } match || AwsPartition.DomainOf(match.Groups["partition"].Value) is not { } domain)
            return false;
        topic = new(arn, match.Groups["account"].Value, match.Groups["region"].Value, domain);
        return true;
    }

    [GeneratedRegex(@"\Aarn:(?<partition>[a-z-]+):sns:(?<region>[a-z]{2,5}(-[a-z]+)+-[0-9]):(?<account>[0-9]{12}):[A-Za-z0-9_-]{1,256}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern { get; }
}
