using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace BlazorTranscode.Storage;

/// <summary>The one way in which this app talks to an S3, Amazon's or not.</summary>
internal static class S3ClientFactory
{
    public static AmazonS3Client Create(S3Options options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.ForcePathStyle,
            RetryMode = RequestRetryMode.Standard,
            // Few, because uploads and jobs wait for an outage themselves, and a person should learn of it soon.
            MaxErrorRetry = 2,
            // One part of 8 MiB, or the first byte of an answer.
            Timeout = TimeSpan.FromSeconds(60),
            // Parts and objects carry a Content-MD5, which every S3 checks, and no checksum of the SDK's own. By default the SDK adds a CRC32
            // to each part. Amazon's S3 then wants the algorithm named when the upload is created and each part's checksum named when it is
            // completed, and answers 400 InvalidPart to ETags alone (aws-sdk-go-v2#3005, aws-sdk-java-v2#6518); naming an algorithm would make
            // others refuse parts that come without its checksum (pgsty/silo#46), and many know no such checksums at all.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.ServiceUrl.Length > 0)
        {
            config.ServiceURL = options.ServiceUrl;
            config.AuthenticationRegion = options.Region.Length > 0 ? options.Region : "us-east-1";
        }
        else if (options.Region.Length > 0)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        return options.AccessKey.Length > 0
            ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
    }
}
